"""Bounds for facility location with capacities from prices of serving nodes and of supplying sites.

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

from typing import NamedTuple

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.capacitated.facilities import FREE, MUST, NEVER, Facilities, Stages
from siting.machine_code import compiled


class Answer(NamedTuple):
    """What prices lead to: `worth` ρ and σ of facilities, which open, and the units missed.

    `missed` (n_nodes + n_sites,): demand not served, and what sites give out more than they are supplied with.
    """

    site_worth: Floats
    plant_worth: Floats
    site_opens: Bools
    plant_opens: Bools
    missed: Floats


@compiled
def filled(reduced: Floats, most: Floats, capacity: float, taken: Floats) -> float:
    """Least cost of taking up to `most` of each at a `reduced` cost a unit within `capacity`; put into `taken`."""
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
    """Least worth of some of the first q `items` that hold r units, (n_items + 1, missing + 1)."""
    table = np.full((len(items) + 1, missing + 1), np.inf)
    table[0, 0] = 0.0
    for q in range(len(items)):
        w, size = worth[items[q]], facilities.size[items[q]]
        for r in range(missing + 1):
            table[q + 1, r] = min(table[q, r], table[q, max(0, r - size)] + w)
    return table


@compiled
def cover(facilities: Facilities, worth: Floats, opens: Bools) -> float:
    """Least worth of facilities that hold all demand, as the rules allow; put into `opens`. inf where none can."""
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
    """The same with each free facility open, and with it closed, (n,) each; those with a rule are left as they are."""
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
    """L at `prices` (n_nodes + n_sites,), λ and then μ; inf where no plan is. What leads to it goes into `answer`."""
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
    """What facilities that open miss."""
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
