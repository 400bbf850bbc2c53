"""Bounds for p-median and facility location by relaxing who is served, and what the bounds rule out.

With a price λ[i] for serving node i (Cornuéjols, Fisher and Nemhauser 1977; Beasley 1993):

    L(λ) = Σ_i λ[i] + least over y of Σ_j ρ[j] y[j],   ρ[j] = opening[j] + Σ_i min(0, cost[i,j] − λ[i])

is no more than the cost of any choice. Prices are kept at or below `beyond[i]` and what node i costs unserved, so that
pairs which are not listed add nothing: the bound holds for the whole problem, however few arcs are listed. Prices climb
by the volume algorithm (Barahona and Anbil 2000): from the best ones so far, along a running average of how often each
node is served too often or not at all. Since a node's arcs are sorted, a step looks only at those below its price.

The problem is the least of Σ opening + Σ cost to the nearest open site, or of leaving a node unserved, with at least
`least` and at most `most` sites open: the p-median (opening 0), uncapacitated facility location (no limits on the
number), and maximal covering (serving costs nothing, leaving a node unserved costs its weight).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import Arcs, nearest_open, two_nearest
from siting.locate.arguments import SiteRules
from siting.machine_code import compiled
from siting.solve.volume import CHECK, Pace, Volume

PACE = Pace(length=0.1, losses=12, weight=0.4)
"""Answers are few sites that serve whole regions: an average of many is slow, and a single loss says little."""
STALLED, SHORT = 0.01, 0.02
"""With less gained, as a share of what is left, and steps as short as that, prices have climbed enough."""
HEARD = 20
"""Least steps between two better prices that are told of."""
CEILING = 1.001
"""A bound so many times above what every choice costs says that there is none."""


@dataclass(frozen=True)
class Siting:
    """Problem of choosing between `least` and `most` sites so that the cost of opening and of assignment is minimal.

    Each node is assigned to its nearest open site. `opening` (n_sites,) is the opening cost, `unserved` (n_nodes,) the
    cost of a node that no site serves, inf if it must be served.
    """

    arcs: Arcs
    rules: SiteRules
    opening: Floats
    least: int
    most: int
    unserved: Floats


def cost_of(siting: Siting, is_open: Bools) -> float:
    """Return the opening cost of the open sites and the cost of the nodes; inf if a node cannot be served."""
    nodes = np.minimum(nearest_open(siting.arcs, is_open)[1], siting.unserved)
    return float(siting.opening[is_open].sum() + nodes.sum())


def most_cost(siting: Siting) -> float:
    """Return a cost that no choice serving everybody exceeds; a bound above it says that there is no such choice."""
    arcs = siting.arcs
    last = arcs.cost[np.maximum(arcs.start[1:] - 1, 0)] if arcs.cost.size else np.zeros(arcs.n_nodes)
    last = np.where(np.diff(arcs.start) > 0, last, 0.0)
    worst = np.where(np.isfinite(arcs.beyond), np.inf, last)
    worst = np.where(np.isfinite(siting.unserved), siting.unserved, worst)
    return float(siting.opening.sum() + worst.sum())


@dataclass(frozen=True)
class Priced:
    """L and what it came from: `prices` (n_nodes,), `worth` ρ and `is_open` (n_sites,)."""

    bound: float
    prices: Floats
    worth: Floats
    is_open: Bools


def price(siting: Siting, prices: Floats, reach: Ints | None = None) -> Priced:
    """Return L at `prices` (n_nodes,); store the first arc of each node that is not below its price in `reach`."""
    reach = np.empty(siting.arcs.n_nodes, dtype=np.int64) if reach is None else reach
    arcs, worth = siting.arcs, siting.opening.astype(float)
    _add_worth(arcs.start, arcs.site, arcs.cost, prices, worth, reach)
    is_open = cheapest(siting, worth)
    return Priced(float(prices.sum() + worth[is_open].sum()), prices, worth, is_open)


@compiled
def _add_worth(start: Ints, site: Ints, cost: Floats, prices: Floats, worth: Floats, reach: Ints) -> None:
    for i in range(len(prices)):
        a = start[i]
        while a < start[i + 1] and cost[a] < prices[i]:
            worth[site[a]] += cost[a] - prices[i]
            a += 1
        reach[i] = a


@compiled
def _count_unserved(start: Ints, site: Ints, reach: Ints, is_open: Bools, unserved: Floats) -> None:
    for i in range(len(reach)):
        unserved[i] = 1.0
        for a in range(start[i], reach[i]):
            if is_open[site[a]]:
                unserved[i] -= 1.0


def cheapest(siting: Siting, worth: Floats) -> Bools:
    """Return the choice of sites whose worth is least, within the numbers asked."""
    rules = siting.rules
    is_open = rules.is_fixed.copy()
    order = np.flatnonzero(rules.is_free)
    order = order[np.argsort(worth[order], kind="stable")]
    fixed = int(is_open.sum())
    n_gain = int((worth[order] < 0).sum())
    is_open[order[: max(siting.least - fixed, min(siting.most - fixed, n_gain))]] = True
    return is_open


def dearest(siting: Siting) -> Floats:
    """Return the highest useful price of each node: its cost beyond its arcs, or more than any choice costs."""
    return np.minimum(np.minimum(siting.arcs.beyond, siting.unserved), 1.01 * most_cost(siting) + 1e-6)


def first_prices(siting: Siting, is_open: Bools) -> Floats:
    """Return initial multipliers, (n_nodes,): half way from the nearest open site to the second or to unserved."""
    here, there = (np.minimum(cost, siting.unserved) for cost in two_nearest(siting.arcs, is_open)[1:])
    here = np.where(np.isfinite(here), here, least_costs(siting.arcs))
    return np.asarray(0.5 * (here + np.where(np.isfinite(there), there, here)))


def least_costs(arcs: Arcs) -> Floats:
    """Return the cost of each node at its nearest site, 0 where it has none, (n_nodes,)."""
    first = np.minimum(arcs.start[:-1], max(len(arcs.cost) - 1, 0))
    return np.where(np.diff(arcs.start) > 0, arcs.cost[first] if arcs.cost.size else 0.0, 0.0)


class _Climb:
    """The best prices so far, and the average of what the answers at all prices tried leave unserved."""

    def __init__(self, siting: Siting, start: Floats) -> None:
        self.siting, self.high = siting, dearest(siting)
        self.low = np.minimum(least_costs(siting.arcs), self.high)
        self.reach = np.empty(len(start), dtype=np.int64)
        self.best = price(siting, np.clip(start, self.low, self.high), self.reach)
        self.volume = Volume(self.best.prices, self.best.bound, self._unserved(self.best), PACE)

    def _unserved(self, at: Priced) -> Floats:
        """Return the subgradient at the last prices: 1 less the number of open sites that serve each node."""
        unserved = np.empty(len(at.prices))
        _count_unserved(self.siting.arcs.start, self.siting.arcs.site, self.reach, at.is_open, unserved)
        return unserved

    def step(self, aim: float) -> bool:
        """Try prices further along, keep them if they bound better, average their answer in; False at the top."""
        volume, prices = self.volume, self.best.prices
        unserved = volume.missed
        is_held = ((prices >= self.high) & (unserved > 0)) | ((prices <= self.low) & (unserved < 0))
        unserved = np.where(is_held, 0.0, unserved)
        if float(unserved @ unserved) < 1e-12:
            return False
        ahead = volume.ahead(unserved, max(aim - self.best.bound, 1e-9))
        tried = price(self.siting, np.clip(ahead, self.low, self.high), self.reach)
        volume.learn(tried.prices, tried.bound, self._unserved(tried))
        self.best = max(self.best, tried, key=lambda one: one.bound)
        return True


def climb(siting: Siting, best_cost: Callable[[Priced], float], *, rounds: int, until: Callable[[float, float], bool],
          deadline: float, start: Floats | None = None) -> Priced:  # fmt: skip
    """Return the best L found; `best_cost` hears of better ones and returns the cost of the best choice known.

    `until(bound, cost)` says when it is enough; `deadline` is by `time.monotonic`.
    """
    now = _Climb(siting, least_costs(siting.arcs) if start is None else start)
    heard, ceiling = now.best, most_cost(siting) * CEILING + 1e-6
    cost = best_cost(heard)
    for number in range(1, rounds + 1):
        bound = now.best.bound
        if until(bound, cost) or bound > ceiling or time.monotonic() > deadline:
            break
        if not now.step(cost if np.isfinite(cost) else bound + abs(bound) + 1):
            break
        if number % HEARD == 0 and now.best is not heard:
            heard = now.best
            cost = best_cost(heard)
        if number % CHECK == 0:
            gained = now.volume.look() * abs(now.best.bound)
            if gained < STALLED * (cost - now.best.bound) and now.volume.length < SHORT:
                break
    if now.best is not heard:
        best_cost(now.best)
    return now.best


@dataclass(frozen=True)
class Reduced:
    """Sites and arcs that may be part of a solution cheaper than the incumbent."""

    may_open: Bools
    must_open: Bools
    may_serve: Bools


def rule_out(siting: Siting, priced: Priced, cost: float) -> Reduced:
    """Return sites (n_sites,) and arcs (n_arcs,) that no choice below `cost` uses, and sites that all of them open."""
    arcs = siting.arcs
    spare = cost - priced.bound
    more, less = _exchange_costs(siting, priced)
    may_open = siting.rules.is_fixed | (~siting.rules.is_forbidden & (priced.is_open | (more <= spare)))
    must_open = siting.rules.is_fixed | (priced.is_open & (less > spare))
    opening = np.where(may_open, np.where(priced.is_open, 0.0, more), np.inf)
    may_serve = np.empty(len(arcs.site), dtype=np.bool_)
    _may_serve(arcs.start, arcs.site, arcs.cost, priced.prices, opening, spare, may_serve)
    return Reduced(may_open, must_open, may_serve)


@compiled
def _may_serve(
    start: Ints, site: Ints, cost: Floats, prices: Floats, opening: Floats, spare: float, may_serve: Bools
) -> None:
    for i in range(len(prices)):
        for a in range(start[i], start[i + 1]):
            above = max(cost[a] - prices[i], 0.0) + opening[site[a]]
            may_serve[a] = above < np.inf and above <= spare


def _exchange_costs(siting: Siting, priced: Priced) -> tuple[Floats, Floats]:
    """Return the rise of L if a closed site opens, or an open one closes, (n_sites,) each."""
    worth, is_open, free = priced.worth, priced.is_open, siting.rules.is_free
    n_open = int(is_open.sum())
    dearest = worth[is_open & free].max(initial=-np.inf)
    cheapest = worth[~is_open & free].min(initial=np.inf)
    makes_room = n_open < siting.most
    room = 0.0 if makes_room else -np.inf
    more = worth - max(room, dearest)  # replaces the most expensive open site, or opens in addition
    less = min(0.0 if n_open > siting.least else np.inf, cheapest) - worth
    return np.maximum(more, 0.0), np.maximum(less, 0.0)
