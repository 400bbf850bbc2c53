"""Prices that bound best, found without a linear program: the volume algorithm on the bound site by site."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from siting.certificate.lagrangian import reduced_costs
from siting.instance import Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.linear import MODEL_T, LinearModel
from siting.solve.city.sitewise import Sitewise
from siting.solve.clock import Record
from siting.solve.volume import CHECK, LEAST_WEIGHT, Pace, Volume
from siting.vocabulary import Echelon

PACE = Pace(length=0.1, losses=3, weight=0.5)
"""First prices are far off: new answers must weigh much, and of steps that shorten late hundreds gain little."""
WITH_COVERS = Pace(length=0.1, losses=10, weight=0.1)
"""Where rows of whole facilities have prices to begin with, steps that shorten late reach more."""
STALLED = 2e-5
"""The ascent ends where `CHECK` steps gain less, relative, and answers weigh least."""
SOON = 200
"""Steps after which prices are good enough to place a plan."""
STEPS = 400, 2600
"""Most steps by single links, which take less time, and then by cells."""
UNTIL = 0.4
"""Share of the time limit after which no step is taken: plans need the rest."""
AIM = 0.02
"""The aim is at least this far above the bound, relative."""
LEAST_AIM = 1e-3
"""And at least this share of what is missed is worth."""


@dataclass(frozen=True)
class Ascended:
    """Prices of all rows (n_rows,), the bound that they prove, and the averaged, fractional plan (n_columns,).

    `work` is that of the solve when they were known.
    """

    multipliers: Floats
    bound: float
    values: Floats
    work: float


def ascend_twice(
    sitewise: Sitewise, start: Floats, record: Record, soon: Sequence[Future[Ascended] | None]
) -> Ascended:
    """Raise the bound by single links first, then by cells; each hands over early prices in one of `soon`."""
    first = ascend(sitewise.by_links(), start, record, steps=STEPS[0], soon=soon[0])
    return ascend(sitewise, first.multipliers, record, steps=STEPS[1], soon=soon[1], begun=first.work)


def ascend(
    sitewise: Sitewise,
    start: Floats,
    record: Record,
    *,
    steps: int,
    soon: Future[Ascended] | None = None,
    begun: float | None = None,
) -> Ascended:
    """Raise the bound from `start` (n_rows,) for up to so many steps, or until it stalls or the limit is near.

    `soon` is handed what is known after `SOON` steps, or at the end where that comes first. It may run beside other
    searches: its work is its own, from `begun` on, and is left to be waited for.
    """
    ascent = _Ascent(sitewise, start, record.work if begun is None else begun)
    volume = ascent.volume
    for number in range(1, steps + 1):
        ascent.step()
        if number == SOON and soon is not None:
            soon.set_result(ascent.ascended())
        if record.is_out_of_time() or ascent.spent(record) > UNTIL * record.limit:
            break
        if number % CHECK == 0:
            if record.prover is None:  # it takes seconds where there is one
                record.offer_bound(volume.bound, "prices", sitewise.all_rows(volume.prices))
            is_settled = volume.weight == LEAST_WEIGHT
            if volume.look() < STALLED and is_settled:
                break
    last = ascent.ascended()
    record.offer_bound(last.bound, "prices", last.multipliers)
    if soon is not None and not soon.done():
        soon.set_result(last)
    return last


class _Ascent:
    """Where an ascent stands: its `volume`, the `mean` (n_columns,) of all answers, and the `work` of the solve."""

    def __init__(self, sitewise: Sitewise, start: Floats, work: float) -> None:
        self.sitewise, self.work = sitewise, work
        self.worth = _worth(sitewise.model, sitewise.rows, start)
        prices = sitewise.usable(start[sitewise.rows])
        bound, self.mean = sitewise.least(prices)
        missed = sitewise.side - sitewise.matrix @ self.mean
        pace = WITH_COVERS if (start[sitewise.model.rows_of("cover")] > 0).any() else PACE
        self.volume = Volume(prices, bound, missed, pace, self.worth)

    def step(self) -> None:
        """Try prices further along what the average misses, and average their answer in."""
        sitewise, volume = self.sitewise, self.volume
        missed = self._missed()
        prices = sitewise.usable(volume.ahead(missed, self._aim(missed)))
        bound, values = sitewise.least(prices)
        share = volume.learn(prices, bound, sitewise.side - sitewise.matrix @ values)
        self.mean += share * (values - self.mean)
        self.work += sitewise.step_work

    def spent(self, record: Record) -> float:
        """Return the work of the solve so far, or seconds where work is not counted."""
        return self.work if record.counts_work else record.seconds

    def ascended(self) -> Ascended:
        """Return the bound, multipliers and averaged plan so far."""
        return Ascended(self.sitewise.all_rows(self.volume.prices), self.volume.bound, self.mean.copy(), self.work)

    def _missed(self) -> Floats:
        """Return the shortfall of the averaged plan in each row (rows,), where the price may follow."""
        prices, missed = self.volume.prices, self.volume.missed
        too_low = self.sitewise.only_up & (prices <= 0) & (missed < 0)
        too_high = self.sitewise.only_down & (prices >= 0) & (missed > 0)
        return np.where(too_low | too_high, 0.0, missed)

    def _aim(self, missed: Floats) -> float:
        """Return the rise of the bound to aim for."""
        bound = self.volume.bound
        room = float(self.sitewise.model.cost @ self.mean) - bound
        return max(room, AIM * abs(bound), LEAST_AIM * float(self.worth @ np.abs(missed)))


def _worth(model: LinearModel, rows: Ints, start: Floats) -> Floats:
    """Estimate the value of a unit of each row: the median over its columns of cost by entry, (rows,).

    Columns that cost nothing do not count; a row without others is worth as much as the middle one of the rows.
    """
    cost = np.abs(reduced_costs(model, start))
    entries = sparse.csr_array(model.matrix[rows]).tocoo()
    counts = cost[entries.col] > 0
    row, each = entries.row[counts], (cost[entries.col] / np.abs(entries.data))[counts]
    order = np.lexsort((each, row))
    ends = np.searchsorted(row[order], np.arange(len(rows) + 1), side="left")
    known = np.diff(ends) > 0
    if not known.any():
        return np.ones(len(rows))
    worth = np.zeros(len(rows))
    worth[known] = each[order][(ends[:-1] + ends[1:])[known] // 2]
    return np.where(known, worth, np.median(worth[known]))


def first_prices(model: LinearModel, columns: Columns, instance: Instance) -> Floats:
    """Return multipliers (n_rows,): at the outflow of a site, minus the cheapest cost of a kt to its end; others 0.

    What becomes of material on the way is left aside. Rows of whole facilities take as much of the cost of opening as
    leaves none below 0; the way costs the rest.
    """
    y = _first_of_covers(model)
    model = replace(model, cost=reduced_costs(model, y))
    haul, material = columns.haul_link, columns.haul_material
    if len(haul) == 0:
        return y
    here = _cost_at_site(model, columns, instance)
    tail, head = instance.haul.tail[haul], instance.haul.head[haul]
    beyond = np.zeros((instance.n_sites, instance.n_materials))
    beyond[tail, material] = np.inf
    way = model.cost[columns["haul"]]
    for _ in list(Echelon)[:-1]:  # each pass knows the way from one echelon more
        np.minimum.at(beyond, (tail, material), way + (here + beyond)[head, material])
    rows = model.rows_of("conserve_material")
    entries = sparse.csr_array(model.matrix[rows])[:, columns["haul"]].tocoo()
    onward = beyond[tail[entries.col], material[entries.col]]
    y[rows[entries.row]] = np.where(np.isfinite(onward), -onward, 0.0)
    return y


def _first_of_covers(model: LinearModel) -> Floats:
    """Return multipliers (n_rows,) of covers, one by one the largest that keeps all reduced costs at 0 or above."""
    y, cost = np.zeros(model.n_rows), np.maximum(0.0, model.cost)
    for row in model.rows_of("cover"):
        part = slice(model.matrix.indptr[row], model.matrix.indptr[row + 1])
        column, value = model.matrix.indices[part], model.matrix.data[part]
        y[row] = (cost[column] / value).min()
        cost[column] -= y[row] * value
    return y


def _cost_at_site(model: LinearModel, columns: Columns, instance: Instance) -> Floats:
    """Return the cost of a kt at each site in its cheapest full option, (n_sites, n_materials); inf if refused."""
    options = instance.options
    fits = model.column_upper[columns["open"]] > 0
    per_kt = model.cost[columns["open"]] / (options.usable_t / MODEL_T)
    load = np.zeros((instance.n_options, instance.n_materials))
    load[columns.load_option, columns.load_material] = model.cost[columns["load"]]
    here = np.full((instance.n_sites, instance.n_materials), np.inf)
    option, number = np.nonzero(fits[:, None] & options.accepts)
    np.minimum.at(here, (options.site[option], number), per_kt[option] + load[option, number])
    return here
