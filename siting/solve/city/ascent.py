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

STEP, LONGEST_STEP, LONGER, SHORTER = 0.1, 2.0, 1.1, 0.66
"""Share of the step that would reach the aim if the bound were flat: at first, at most, after a gain, after losses."""
LOSSES = 3
WEIGHT, LEAST_WEIGHT = 0.5, 1e-3
"""Most weight of a new answer in the average: at first, and at last."""
MEMORY = 0.98
"""Weight of what was missed before in how far a row has lately been missed."""
CHECK = 100
"""Steps between looks at what was gained."""
SLOW, STALLED = 1e-4, 2e-5
"""Gains of the bound over so many steps, relative, below which new answers weigh less; below which the ascent ends."""
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
    sitewise: Sitewise, start: Floats, record: Record, *, steps: int, soon: Future[Ascended] | None = None
) -> Ascended:
    """Raise the bound from `start` (n_rows,) for up to so many steps, or until it stalls or time is up.

    `soon` is handed what is known after `SOON` steps, or at the end where that comes first.
    """
    volume = _Volume(sitewise, start)
    looked = volume.bound
    for number in range(1, steps + 1):
        volume.step()
        if number == SOON and soon is not None:
            soon.set_result(volume.ascended())
        if record.seconds_left == 0 or record.seconds > UNTIL * record.time_limit_s:
            break
        if number % CHECK == 0:
            record.offer_bound(volume.bound, "prices", sitewise.all_rows(volume.best))
            gained, looked = volume.bound - looked, volume.bound
            if gained < STALLED * abs(looked) and volume.weight == LEAST_WEIGHT:
                break
            if gained < SLOW * abs(looked):
                volume.weight = max(LEAST_WEIGHT, volume.weight / 2)
    last = volume.ascended()
    record.offer_bound(last.bound, "prices", last.multipliers)
    if soon is not None and not soon.done():
        soon.set_result(last)
    return last


class _Volume:
    """Where an ascent stands: the `best` prices (rows,) with their `bound`, and the average of all answers so far.

    `mean` (n_columns,) is that average, `reached` (rows,) what it reaches of each row, `lately` (rows,) the square of
    what answers have lately missed.
    """

    def __init__(self, sitewise: Sitewise, start: Floats) -> None:
        self.sitewise = sitewise
        self.worth = _worth(sitewise.model, sitewise.rows, start)
        self.best = sitewise.usable(start[sitewise.rows])
        self.bound, self.mean = sitewise.least(self.best)
        self.reached = sitewise.matrix @ self.mean
        squares = (sitewise.side - self.reached) ** 2
        self.lately = np.maximum(squares, 0.1 * squares.mean() + 1e-12)
        self.length, self.weight, self.losses = STEP, WEIGHT, 0

    def step(self) -> None:
        """Try prices further along what the average misses, take them if they bound better, average their answer in."""
        sitewise = self.sitewise
        missed = self._missed()
        scale = self.worth / np.sqrt(self.lately)
        size = self.length * self._aim(missed) / max(1e-12, float(scale @ missed**2))
        prices = sitewise.usable(self.best + size * scale * missed)
        bound, values = sitewise.least(prices)
        reached = sitewise.matrix @ values
        now = sitewise.side - reached
        self.lately = MEMORY * self.lately + (1 - MEMORY) * np.maximum(now**2, 1e-3 * self.lately)
        share = _share(missed, reached - self.reached, scale, self.weight)
        self.mean += share * (values - self.mean)
        self.reached += share * (reached - self.reached)
        self._take(prices, bound, goes_on=float(scale @ (missed * now)) > 0)

    def ascended(self) -> Ascended:
        """What is known now."""
        return Ascended(self.sitewise.all_rows(self.best), self.bound, self.mean.copy())

    def _missed(self) -> Floats:
        """What the average misses of each row (rows,), where the price may follow."""
        sitewise = self.sitewise
        missed: Floats = sitewise.side - self.reached
        at_side = (sitewise.only_up & (self.best <= 0) & (missed < 0)) | (
            sitewise.only_down & (self.best >= 0) & (missed > 0)
        )
        return np.where(at_side, 0.0, missed)

    def _aim(self, missed: Floats) -> float:
        """By how much the bound is meant to rise."""
        room = float(self.sitewise.model.cost @ self.mean) - self.bound
        return max(room, AIM * abs(self.bound), LEAST_AIM * float(self.worth @ np.abs(missed)))

    def _take(self, prices: Floats, bound: float, *, goes_on: bool) -> None:
        """Keep prices that bound better; longer steps where the direction still gains there, shorter after losses."""
        self.losses += 1
        if bound > self.bound:
            self.length = min(LONGEST_STEP, LONGER * self.length) if goes_on else self.length
            self.bound, self.best, self.losses = bound, prices, 0
        elif self.losses >= LOSSES:
            self.length, self.losses = SHORTER * self.length, 0


def _share(missed: Floats, change: Floats, scale: Floats, most: float) -> float:
    """The weight of a new answer that leaves least unmet on average, from a tenth of `most` to `most`."""
    square = float(scale @ change**2)
    share = float(scale @ (missed * change)) / square if square > 0 else most
    return min(most, max(most / 10, share))


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
