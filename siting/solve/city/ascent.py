"""Prices that bound best, found without a linear program: the volume algorithm on the bound site by site.

Steps along what a running average of the answers leaves unmet, from the best prices so far (Barahona, Anbil 2000); the
average comes near the relaxation's fractional plan. Each price has a step of its own: what things cost in its row,
by how far the row has lately been missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.instance import Floats, Ints
from siting.model.bound import reduced_costs
from siting.model.linear import LinearModel
from siting.solve.city.sitewise import Sitewise
from siting.solve.clock import Record

STEP, LONGEST_STEP, LONGER, SHORTER = 0.5, 2.0, 1.1, 0.66
"""Share of the step that would reach the aim if the bound were flat: at first, at most, after a gain, after losses."""
LOSSES = 20
WEIGHT, LEAST_WEIGHT = 0.5, 1e-3
"""Most weight of a new answer in the average: at first, and at last."""
MEMORY = 0.98
"""Weight of what was missed before in how far a row has lately been missed."""
CHECK = 100
"""Steps between looks at what was gained."""
SLOW, STALLED = 1e-4, 2e-5
"""Gains of the bound over so many steps, relative, below which new answers weigh less; below which the ascent ends."""
SOON = 300
"""Steps after which prices are good enough to place a plan."""
STEPS = 800, 2200
"""Most steps by single links, which take less time, and then by cells."""
UNTIL = 0.4
"""Share of the time limit after which no step is taken: plans need the rest."""
AIM = 0.02
"""The aim is at least this far above the bound, relative."""
LEAST_AIM = 1e-3
"""And at least this share of what is missed is worth."""


@dataclass(frozen=True)
class Ascended:
    """Prices of all rows (n_rows,), the bound that they prove, and the averaged, fractional plan (n_columns,)."""

    multipliers: Floats
    bound: float
    values: Floats


def ascend_twice(
    sitewise: Sitewise, start: Floats, record: Record, soon: Sequence[Future[Ascended] | None]
) -> Ascended:
    """Raise the bound by single links first, then by cells; each hands over early prices in one of `soon`."""
    first = ascend(sitewise.by_links(), start, record, steps=STEPS[0], soon=soon[0])
    return ascend(sitewise, first.multipliers, record, steps=STEPS[1], soon=soon[1])


def ascend(
    sitewise: Sitewise,
    start: Floats,
    record: Record,
    *,
    steps: int,
    soon: Future[Ascended] | None = None,
) -> Ascended:
    """Raise the bound from `start` (n_rows,) for up to so many steps, or until it stalls or time is up.

    `soon` is handed what is known after `SOON` steps, or at the end where that comes first.
    """
    rows, side = sitewise.rows, sitewise.side
    worth = _worth(sitewise.model, rows, start)
    best = sitewise.usable(start[rows])
    bound, mean = sitewise.least(best)
    reached = sitewise.matrix @ mean
    lately = _at_first(side - reached)
    step, weight, losses, looked = STEP, WEIGHT, 0, bound
    for number in range(1, steps + 1):
        missed = side - reached
        missed[(sitewise.only_up & (best <= 0) & (missed < 0)) | (sitewise.only_down & (best >= 0) & (missed > 0))] = 0
        scale = worth / np.sqrt(lately)
        aim = max(
            float(sitewise.model.cost @ mean) - bound, AIM * abs(bound), LEAST_AIM * float(worth @ np.abs(missed))
        )
        size = step * aim / max(1e-12, float(scale @ missed**2))
        prices = sitewise.usable(best + size * scale * missed)
        found, values = sitewise.least(prices)
        here = sitewise.matrix @ values
        now = side - here
        lately = MEMORY * lately + (1 - MEMORY) * np.maximum(now**2, 1e-3 * lately)
        share = _share(missed, here - reached, scale, weight)
        mean += share * (values - mean)
        reached += share * (here - reached)
        losses += 1
        if found > bound:
            if float(scale @ (missed * now)) > 0:
                step = min(LONGEST_STEP, LONGER * step)
            bound, best, losses = found, prices, 0
        elif losses >= LOSSES:
            step, losses = SHORTER * step, 0
        if number == SOON and soon is not None:
            soon.set_result(Ascended(sitewise.all_rows(best), bound, mean.copy()))
        if number % CHECK == 0:
            gained, looked = bound - looked, bound
            record.offer_bound(bound, "prices", sitewise.all_rows(best))
            if gained < SLOW * abs(bound):
                weight = max(LEAST_WEIGHT, weight / 2)
            if gained < STALLED * abs(bound) and weight == LEAST_WEIGHT:
                break
        if record.seconds_left == 0 or record.seconds > UNTIL * record.time_limit_s:
            break
    record.offer_bound(bound, "prices", sitewise.all_rows(best))
    last = Ascended(sitewise.all_rows(best), bound, mean)
    if soon is not None and not soon.done():
        soon.set_result(last)
    return last


def _share(missed: Floats, change: Floats, scale: Floats, most: float) -> float:
    """The weight of a new answer that leaves least unmet on average, from a tenth of `most` to `most`."""
    square = float(scale @ change**2)
    share = float(scale @ (missed * change)) / square if square > 0 else most
    return min(most, max(most / 10, share))


def _at_first(missed: Floats) -> Floats:
    """Squares of what each row is missed by, none far below the mean."""
    squares: Floats = missed**2
    return np.asarray(np.maximum(squares, 0.1 * squares.mean() + 1e-12))


def _worth(model: LinearModel, rows: Ints, start: Floats) -> Floats:
    """What a unit of each row is about worth: the middle one of its columns' costs by their entries, (rows,).

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
