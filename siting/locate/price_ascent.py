"""Prices that bound facility location with capacities best, by the volume algorithm, and what they rule out.

Steps along what a running average of the answers misses, from the best prices so far (Barahona, Anbil 2000); the
average comes near the relaxation's fractional plan.
"""

from __future__ import annotations

import time

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.capacity_prices import Answer, bound_at, forced
from siting.locate.stages import FREE, MUST, NEVER, Facilities, Stages, topped_up

STEP, LONGEST_STEP, LONGER, SHORTER = 0.05, 2.0, 1.1, 0.66
"""Share of the step that would reach the aim if the bound were flat: at first, at most, after a gain, after losses."""
LOSSES = 6
WEIGHT, LEAST_WEIGHT = 0.1, 1e-3
"""Most weight of a new answer in the average: at first, and at last."""
MEMORY = 0.98
"""Weight of what was missed before in how far a row has lately been missed."""
AIM = 1e-4
"""The aim is at least this far above the bound, relative."""
CHECK, SLOW = 100, 1e-4
"""Steps between looks at what was gained; with less, relative, new answers weigh less."""


def first_prices(stages: Stages) -> Floats:
    """Prices to begin with (n_nodes + n_sites,): what a unit costs at least if facilities are full."""
    supplied = np.zeros(len(stages.sites.opening))
    if stages.has_plants:
        supplied = _cheapest(stages.plants, len(supplied), np.zeros(len(stages.plants.opening)))
    return np.concatenate([_cheapest(stages.sites, len(stages.demand), supplied), supplied])


def _cheapest(facilities: Facilities, n_heads: int, before: Floats) -> Floats:
    """Least cost of a unit at each place, (n_heads,), when it costs `before` at the facility."""
    each = np.divide(facilities.opening, facilities.capacity, out=np.zeros(len(before)), where=facilities.capacity > 0)
    cheapest = np.full(n_heads, np.inf)
    np.minimum.at(cheapest, facilities.head, facilities.unit + np.repeat(before + each, np.diff(facilities.first)))
    return np.where(np.isfinite(cheapest), cheapest, 0.0)


class Ascent:
    """The best prices so far with their `bound`, and the averages of the answers: what they miss, what they open."""

    def __init__(self, stages: Stages, prices: Floats, weight: float = WEIGHT) -> None:
        self.stages, self.prices = stages, prices
        self.answer = _no_answer(stages)
        self.bound = bound_at(stages, prices, self.answer)
        self.missed = self.answer.missed.copy()
        self.sites, self.plants = self.answer.site_opens.astype(float), self.answer.plant_opens.astype(float)
        squares = self.missed**2
        self.lately = np.maximum(squares, 0.1 * squares.mean() + 1e-12)
        self.length, self.weight, self.losses = STEP, weight, 0

    def climb(self, steps: int, *, cost: float, deadline: float) -> None:
        """Take so many steps towards the `cost` of a plan, or until no plan is cheaper, or time is up."""
        looked = self.bound
        for number in range(1, steps + 1):
            if self.bound >= cost or time.monotonic() > deadline:
                return
            self._step(cost)
            if number % CHECK == 0:
                if self.bound - looked < SLOW * abs(self.bound):
                    self.weight = max(LEAST_WEIGHT, self.weight / 2)
                looked = self.bound

    def _step(self, cost: float) -> None:
        """Try prices further along what the average misses, keep them if they bound better, average their answer in."""
        scale = 1 / np.sqrt(self.lately)
        along = scale * self.missed
        size = self.length * max(cost - self.bound, AIM * abs(self.bound)) / max(1e-12, float(along @ self.missed))
        prices = self.prices + size * along
        bound = bound_at(self.stages, prices, self.answer)
        if not np.isfinite(bound):
            self.bound = np.inf
            return
        now = self.answer.missed
        goes_on = float(along @ now) > 0
        self.lately = MEMORY * self.lately + (1 - MEMORY) * np.maximum(now**2, 1e-3 * self.lately)
        change = now - self.missed
        square = float((scale * change) @ change)
        share = -float(along @ change) / square if square > 0 else self.weight
        share = min(self.weight, max(self.weight / 10, share))
        self.missed += share * change
        self.sites += share * (self.answer.site_opens - self.sites)
        self.plants += share * (self.answer.plant_opens - self.plants)
        self._take(prices, bound, goes_on=goes_on)

    def _take(self, prices: Floats, bound: float, *, goes_on: bool) -> None:
        """Keep prices that bound better; longer steps where the direction still gains there, shorter after losses."""
        self.losses += 1
        if bound > self.bound:
            self.length = min(LONGEST_STEP, LONGER * self.length) if goes_on else self.length
            self.bound, self.prices, self.losses = bound, prices, 0
        elif self.losses >= LOSSES:
            self.length, self.losses = SHORTER * self.length, 0


def _no_answer(stages: Stages) -> Answer:
    m, k = len(stages.sites.opening), len(stages.plants.opening)
    none, no_plant = np.zeros(m, dtype=bool), np.zeros(k, dtype=bool)
    return Answer(np.zeros(m), np.zeros(k), none, no_plant, np.zeros(len(stages.demand) + m))


def choice_at(stages: Stages, prices: Floats) -> tuple[Bools, Bools]:
    """The sites (n_sites,) and plants (n_plants,) that open at `prices`, enough of them to hold all demand."""
    answer = _no_answer(stages)
    bound_at(stages, prices, answer)
    total = float(stages.demand.sum())
    return topped_up(stages.sites, answer.site_opens, total), topped_up(stages.plants, answer.plant_opens, total)


def ruled_out(stages: Stages, prices: Floats, cost: float) -> tuple[Ints, Ints]:
    """The rules of sites (n_sites,) and plants (n_plants,) that every plan cheaper than `cost` keeps."""
    answer = _no_answer(stages)
    bound = bound_at(stages, prices, answer)
    found = []
    pairs = (
        (stages.sites, answer.site_worth, answer.site_opens),
        (stages.plants, answer.plant_worth, answer.plant_opens),
    )
    for facilities, worth, opens in pairs:
        others = bound - float(worth[opens].sum())
        open_, closed = np.full(len(worth), np.inf), np.full(len(worth), np.inf)
        forced(facilities, worth, open_, closed)
        rule = facilities.rule.copy()
        is_free = rule == FREE
        rule[is_free & (others + open_ >= cost)] = NEVER
        rule[is_free & (others + closed >= cost)] = MUST
        found.append(rule)
    return found[0], found[1]
