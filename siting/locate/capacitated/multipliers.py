"""Prices that bound facility location with capacities best, by the volume algorithm, and what they rule out."""

from __future__ import annotations

import time

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.capacitated.facilities import FREE, MUST, NEVER, Facilities, Stages, topped_up
from siting.locate.capacitated.knapsack_bound import Answer, bound_at, forced
from siting.solve.volume import CHECK, Pace, Volume

PACE = Pace(length=0.05, losses=6, weight=0.1)
"""First prices are near the best: long first steps lose them, and a slow average leads on in a few hundred steps."""
AIM = 1e-4
"""The aim is at least this far above the bound, relative."""


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
    """The best prices so far with their bound, and how far `sites` and `plants` are open in the average answer."""

    def __init__(self, stages: Stages, prices: Floats, weight: float = PACE.weight) -> None:
        self.stages, self.answer = stages, _no_answer(stages)
        bound = bound_at(stages, prices, self.answer)
        self.volume = Volume(prices, bound, self.answer.missed, PACE._replace(weight=weight))
        self.sites, self.plants = self.answer.site_opens.astype(float), self.answer.plant_opens.astype(float)

    @property
    def prices(self) -> Floats:
        """The best prices (n_nodes + n_sites,)."""
        return self.volume.prices

    @property
    def bound(self) -> float:
        """What they prove; inf where there is no plan."""
        return self.volume.bound

    def climb(self, steps: int, *, cost: float, deadline: float) -> None:
        """Take so many steps towards the `cost` of a plan, or until no plan is cheaper, or time is up."""
        for number in range(1, steps + 1):
            if self.bound >= cost or time.monotonic() > deadline:
                return
            self._step(cost)
            if number % CHECK == 0:
                self.volume.look()

    def _step(self, cost: float) -> None:
        """Try prices further along what the average misses, and average their answer in."""
        volume, answer = self.volume, self.answer
        prices = volume.ahead(volume.missed, max(cost - volume.bound, AIM * abs(volume.bound)))
        bound = bound_at(self.stages, prices, answer)
        if not np.isfinite(bound):
            volume.bound = np.inf
            return
        share = volume.learn(prices, bound, answer.missed)
        self.sites += share * (answer.site_opens - self.sites)
        self.plants += share * (answer.plant_opens - self.plants)


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
