"""Lagrangian bounds for facility location with capacities: nodes served and sites supplied are relaxed.

With a price λ[k] for a unit served at node k and μ[j] for a unit supplied to site j, each facility is a fractional
knapsack of its own, and which of them open is a knapsack to be covered, decided exactly (Nauss 1978; Beasley 1988;
Klose 2000 for two stages):

    ρ[j] = opening[j] + least of Σ_k (unit[j,k] + μ[j] − λ[k]) x[k] over 0 <= x <= demand, Σ_k x[k] <= capacity[j]
    σ[p] = opening[p] + least of Σ_j (unit[p,j] − μ[j]) s[j] over 0 <= s[j] <= capacity[j], Σ_j s[j] <= capacity[p]
    L(λ, μ) = Σ_k demand[k] λ[k] + least of Σ_j ρ[j] y[j] + Σ_p σ[p] z[p] over y, z in {0, 1}
              whose sites hold all demand, and whose plants do

is no more than the cost of any plan. Whole facilities in the cover make it better than the linear relaxation.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.capacitated.facilities import FREE, MUST, NEVER, Facilities, Stages, topped_up
from siting.machine_code import compiled
from siting.solve.volume import CHECK, Pace, Volume

PACE = Pace(length=0.05, losses=6, weight=0.1)
"""First prices are near the best: long first steps lose them, and a slow average leads on in a few hundred steps."""
AIM = 1e-4
"""The aim is at least this far above the bound, relative."""


class Answer(NamedTuple):
    """Solution of the Lagrangian at some multipliers: `worth` ρ and σ of facilities, which open, and the units missed.

    `missed` (n_nodes + n_sites,): demand not served, and what sites give out more than they are supplied with.
    """

    site_worth: Floats
    plant_worth: Floats
    site_opens: Bools
    plant_opens: Bools
    missed: Floats


@compiled
def filled(reduced: Floats, most: Floats, capacity: float, taken: Floats) -> float:
    """Return the minimum cost of at most `most` of each at `reduced` unit costs within `capacity`; fills `taken`."""
    gains = np.flatnonzero(reduced < 0)
    cost: float = 0.0
    room = capacity
    taken[:] = 0.0
    if np.sum(most[gains]) > capacity:
        gains = gains[np.argsort(reduced[gains])]
    for t in gains:
        taken[t] = min(most[t], room)
        room -= taken[t]
        cost += reduced[t] * taken[t]
        if room <= 0:
            break
    return cost


@compiled
def _tables(facilities: Facilities, worth: Floats, items: Ints, missing: int) -> Floats:
    """Return the least worth of some of the first q `items` that hold r units, (n_items + 1, missing + 1)."""
    table = np.full((len(items) + 1, missing + 1), np.inf)
    table[0, 0] = 0.0
    for q in range(len(items)):
        w, size = worth[items[q]], facilities.size[items[q]]
        for r in range(missing + 1):
            table[q + 1, r] = min(table[q, r], table[q, max(0, r - size)] + w)
    return table


@compiled
def cover(facilities: Facilities, worth: Floats, opens: Bools) -> float:
    """Return the minimum value of facilities that hold all demand under the rules, inf if none; fills `opens`."""
    total: float = 0.0
    missing = facilities.need
    items = np.empty(len(worth), np.int64)
    n = 0
    for f in range(len(worth)):
        opens[f] = facilities.rule[f] == MUST or (facilities.rule[f] == FREE and worth[f] <= 0)
        if opens[f]:
            total += worth[f]
            missing -= facilities.size[f]
        elif facilities.rule[f] == FREE:
            items[n] = f
            n += 1
    if missing <= 0:
        return total
    least, is_taken = np.full(missing + 1, np.inf), np.zeros((n, missing + 1), np.bool_)
    least[0] = 0.0
    for q in range(n):
        w, size = worth[items[q]], facilities.size[items[q]]
        for r in range(missing, 0, -1):
            tried = least[max(0, r - size)] + w
            if tried < least[r]:
                least[r], is_taken[q, r] = tried, True
    r = missing if np.isfinite(least[missing]) else 0
    for q in range(n - 1, -1, -1):
        if is_taken[q, r]:
            opens[items[q]] = True
            r = max(0, r - facilities.size[items[q]])
    total += least[missing]
    return total


@compiled
def forced(facilities: Facilities, worth: Floats, with_each: Floats, without: Floats) -> None:
    """Compute the minimum with each free facility open, and with it closed, into `with_each` and `without`, (n,)."""
    missing, total = facilities.need, 0.0
    items = np.flatnonzero(facilities.rule == FREE)
    for f in range(len(worth)):
        if facilities.rule[f] == MUST:
            total += worth[f]
            missing -= facilities.size[f]
    missing = max(0, missing)
    before = _tables(facilities, worth, items, missing)
    after = _tables(facilities, worth, items[::-1], missing)
    for q in range(len(items)):
        f = items[q]
        rest = after[len(items) - 1 - q]
        least = np.inf
        most = np.inf
        for r in range(missing + 1):
            least = min(least, before[q, r] + rest[missing - r])
            most = min(most, before[q, r] + rest[max(0, missing - r - facilities.size[f])])
        with_each[f] = total + most + worth[f]
        without[f] = total + least


@compiled
def bound_at(stages: Stages, prices: Floats, answer: Answer) -> float:
    """Return L at `prices` (n_nodes + n_sites,), λ and then μ; inf if there is no plan. Fills `answer`."""
    sites, plants, demand = stages.sites, stages.plants, stages.demand
    n, m = len(demand), len(sites.opening)
    served, supplied = np.zeros(sites.first[m]), np.zeros(plants.first[len(plants.opening)])
    for j in range(m):
        if sites.rule[j] != NEVER:
            a, b = sites.first[j], sites.first[j + 1]
            reduced = sites.unit[a:b] + prices[n + j] - prices[sites.head[a:b]]
            cost = filled(reduced, demand[sites.head[a:b]], sites.capacity[j], served[a:b])
            answer.site_worth[j] = sites.opening[j] + cost
    for p in range(len(plants.opening)):
        if plants.rule[p] != NEVER and stages.has_plants:
            a, b = plants.first[p], plants.first[p + 1]
            reduced = plants.unit[a:b] - prices[n + plants.head[a:b]]
            cost = filled(reduced, sites.capacity[plants.head[a:b]], plants.capacity[p], supplied[a:b])
            answer.plant_worth[p] = plants.opening[p] + cost
    bound = np.sum(demand * prices[:n])
    bound += cover(sites, answer.site_worth, answer.site_opens)
    bound += cover(plants, answer.plant_worth, answer.plant_opens)
    _miss(stages, served, supplied, answer)
    return bound


@compiled
def _miss(stages: Stages, served: Floats, supplied: Floats, answer: Answer) -> None:
    """Return the shortfall of the facilities that open."""
    sites, plants, n = stages.sites, stages.plants, len(stages.demand)
    answer.missed[:n] = stages.demand
    answer.missed[n:] = 0.0
    for j in range(len(sites.opening)):
        if answer.site_opens[j]:
            for a in range(sites.first[j], sites.first[j + 1]):
                answer.missed[sites.head[a]] -= served[a]
                answer.missed[n + j] += served[a]
    for p in range(len(plants.opening)):
        if answer.plant_opens[p]:
            for a in range(plants.first[p], plants.first[p + 1]):
                answer.missed[n + plants.head[a]] -= supplied[a]
    if not stages.has_plants:
        answer.missed[n:] = 0.0


def first_prices(stages: Stages) -> Floats:
    """Return the prices to begin with (n_nodes + n_sites,): what a unit costs at least if facilities are full."""
    supplied = np.zeros(len(stages.sites.opening))
    if stages.has_plants:
        supplied = _cheapest(stages.plants, len(supplied), np.zeros(len(stages.plants.opening)))
    return np.concatenate([_cheapest(stages.sites, len(stages.demand), supplied), supplied])


def _cheapest(facilities: Facilities, n_heads: int, before: Floats) -> Floats:
    """Return the least cost of a unit at each place, (n_heads,), when it costs `before` at the facility."""
    each = np.divide(facilities.opening, facilities.capacity, out=np.zeros(len(before)), where=facilities.capacity > 0)
    cheapest = np.full(n_heads, np.inf)
    np.minimum.at(cheapest, facilities.head, facilities.unit + np.repeat(before + each, np.diff(facilities.first)))
    return np.where(np.isfinite(cheapest), cheapest, 0.0)


class Ascent:
    """The best prices so far with their bound, and how far `sites` and `plants` are open in the average answer."""

    def __init__(self, stages: Stages, prices: Floats, weight: float = PACE.weight) -> None:
        self.stages = stages
        bound, self.answer = _bound_and_answer(stages, prices)
        self.volume = Volume(prices, bound, self.answer.missed, PACE._replace(weight=weight))
        self.sites, self.plants = self.answer.site_opens.astype(float), self.answer.plant_opens.astype(float)

    @property
    def prices(self) -> Floats:
        """The best prices (n_nodes + n_sites,)."""
        return self.volume.prices

    @property
    def bound(self) -> float:
        """Return the bound that they prove; inf where there is no plan."""
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


def _bound_and_answer(stages: Stages, prices: Floats) -> tuple[float, Answer]:
    m, k = len(stages.sites.opening), len(stages.plants.opening)
    none, no_plant = np.zeros(m, dtype=bool), np.zeros(k, dtype=bool)
    answer = Answer(np.zeros(m), np.zeros(k), none, no_plant, np.zeros(len(stages.demand) + m))
    return bound_at(stages, prices, answer), answer


def choice_at(stages: Stages, prices: Floats) -> tuple[Bools, Bools]:
    """Return the sites (n_sites,) and plants (n_plants,) that open at `prices`, enough of them to hold all demand."""
    _, answer = _bound_and_answer(stages, prices)
    total = float(stages.demand.sum())
    return topped_up(stages.sites, answer.site_opens, total), topped_up(stages.plants, answer.plant_opens, total)


def ruled_out(stages: Stages, prices: Floats, cost: float) -> tuple[Ints, Ints]:
    """Return the rules of sites (n_sites,) and plants (n_plants,) that every plan cheaper than `cost` keeps."""
    bound, answer = _bound_and_answer(stages, prices)
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
