"""The volume algorithm: how prices of rows go up, whatever problem the priced rows leave.

Each step goes from the best prices so far along what a running average of the answers misses; the average comes near
the relaxation's fractional plan (Barahona, Anbil 2000). Each price has a step of its own: what things cost in its row,
by how far the row has lately been missed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from siting.instance import Floats

LONGEST, LONGER, SHORTER = 2.0, 1.1, 0.66
"""Length of a step at most; its factors after a gain and after losses."""
LEAST_WEIGHT = 1e-3
"""Most weight of a new answer in the average, when bounds no longer gain."""
MEMORY = 0.98
"""Weight of what was missed before in how far a row has lately been missed."""
CHECK, SLOW = 100, 1e-4
"""Steps between looks at what was gained; with less, relative, new answers weigh less."""


class Pace(NamedTuple):
    """Start of an ascent: step `length`, as a share of the step that would reach the aim if the bound were linear.

    It shortens after so many `losses` in a row. `weight` is the most that a new answer weighs in the average.
    """

    length: float
    losses: int
    weight: float


class Volume:
    """The best `prices` so far with their `bound`, and what the average of all answers has `missed`, (n_rows,) each.

    `lately` (n_rows,) is the square of what answers have lately missed; `worth` (n_rows,) is about what a unit of each
    row costs, where rows differ in that.
    """

    def __init__(self, prices: Floats, bound: float, missed: Floats, pace: Pace, worth: Floats | float = 1.0) -> None:
        self.prices, self.bound, self.missed, self.worth = prices, bound, missed.copy(), worth
        self.length, self.patience, self.weight = pace
        squares = missed**2
        self.lately = np.maximum(squares, 0.1 * squares.sum() / max(1, len(squares)) + 1e-12)
        self.losses, self.looked = 0, bound
        self.along = np.zeros_like(missed)

    def ahead(self, missed: Floats, aim: float) -> Floats:
        """Return the prices to try: along `missed` (n_rows,) of the average, by a step that aims at a rise by `aim`."""
        self.along = self.worth / np.sqrt(self.lately) * missed
        size = self.length * aim / max(1e-12, float(self.along @ missed))
        return self.prices + size * self.along

    def learn(self, prices: Floats, bound: float, missed: Floats) -> float:
        """Keep the tried prices if they bound better, and average in what their answer missed (n_rows,); its weight."""
        scale = self.worth / np.sqrt(self.lately)
        self.lately = MEMORY * self.lately + (1 - MEMORY) * np.maximum(missed**2, 1e-3 * self.lately)
        change = missed - self.missed
        square = float(scale * change @ change)
        least_missed = -float(self.along @ change) / square if square > 0 else self.weight
        share = min(self.weight, max(self.weight / 10, least_missed))
        self.missed += share * change
        self._take(prices, bound, goes_on=float(self.along @ missed) > 0)
        return share

    def _take(self, prices: Floats, bound: float, *, goes_on: bool) -> None:
        """Keep prices that bound better; longer steps where the direction still gains there, shorter after losses."""
        self.losses += 1
        if bound > self.bound:
            self.length = min(LONGEST, LONGER * self.length) if goes_on else self.length
            self.bound, self.prices, self.losses = bound, prices, 0
        elif self.losses >= self.patience:
            self.length, self.losses = SHORTER * self.length, 0

    def look(self) -> float:
        """Return the relative gain since the last look, every `CHECK` steps; halve the weight if it is slow."""
        gained = (self.bound - self.looked) / max(1e-12, abs(self.looked))
        self.looked = self.bound
        if gained < SLOW:
            self.weight = max(LEAST_WEIGHT, self.weight / 2)
        return gained
