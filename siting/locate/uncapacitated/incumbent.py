"""The search that p-median, facility location and maximal covering share.

Lagrangian multipliers give the bound; the sites that they open, improved by exchanges, give the incumbent.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np

from siting.instance import Bools
from siting.locate.arcs import as_arcs
from siting.locate.arguments import SiteRules
from siting.locate.solution import are_whole, whole_bound
from siting.locate.uncapacitated.lagrangian import Priced, Siting, climb, cost_of, first_prices, rule_out
from siting.locate.uncapacitated.vertex_substitution import near_of, substitute

MANY_NODES = 6_000
"""Above so many nodes a relaxation takes long, and the volume algorithm runs for longer before it."""
ROUNDS = {False: 1000, True: 3000}
TIME_SHARE = {False: 0.3, True: 0.6}
"""Steps of the volume algorithm and its share of the time, where there are few nodes and where there are many."""
NEAR_ARCS = 300_000
"""About so many arcs, the nearest of each node, are searched; the bound holds for all of them."""
SEARCH_SHARE = 0.5
"""Maximum share of the time so far for improving incumbents beside the volume algorithm."""
KICKS = 5
"""Minimum number of kicks between two looks at the clock; as many as sites are open where that is more."""
SPARE_GAP = 0.1
"""Share of the gap within which no better incumbent is looked for."""


def search(siting: Siting, *, deadline: float, gap: float) -> tuple[Best, Priced]:
    """Return the incumbent of the volume algorithm and exchanges, and the multipliers of the best bound."""
    has_many = siting.arcs.n_nodes > MANY_NODES
    best = Best(siting, nearest_arcs(siting), gap, deadline=deadline)
    best.wander(kicks=0)
    return best, best.climb(best.hear, rounds=ROUNDS[has_many], share=TIME_SHARE[has_many])


class Best:
    """The incumbent and the best bound so far."""

    def __init__(
        self,
        siting: Siting,
        near: Siting,
        gap: float,
        *,
        deadline: float,
        bettered: Callable[[Bools], Bools] | None = None,
    ) -> None:
        self.siting, self.near, self.gap, self.deadline = siting, near_of(near), gap, deadline
        self.bettered: Callable[[Bools], Bools] = bettered or self.exchanged
        self.is_open: Bools = siting.rules.is_fixed
        self.cost, self.bound, self.goal = np.inf, -np.inf, np.inf
        unserved = siting.unserved[np.isfinite(siting.unserved)]
        self.is_whole = all(are_whole(figures) for figures in (siting.arcs.cost, siting.opening, unserved))
        self.tried: set[bytes] = set()
        self.started, self.searched_s = time.monotonic(), 0.0
        self.rng = np.random.default_rng(1)

    def narrow(self, left: Siting) -> None:
        """Search among what is left only: no choice that is better needs more."""
        self.near = near_of(left)

    def exchanged(self, is_open: Bools, *, kicks: int = 0) -> Bools:
        """Return open sites, (n_sites,), after exchanges until none saves, and after so many kicks."""
        return substitute(self.near, is_open, kicks=kicks, rng=self.rng, deadline=self.deadline)[0]

    def wander(self, *, kicks: int) -> None:
        """Exchange and kick from the incumbent, or from no sites, and offer the result."""
        self.offer(self.exchanged(self.is_open, kicks=kicks))

    def climb(self, best_cost: Callable[[Priced], float], *, rounds: int, share: float) -> Priced:
        """Raise the bound by the volume algorithm in a share of the time left; return its best multipliers."""
        now = time.monotonic()
        priced = climb(
            self.siting,
            best_cost,
            rounds=rounds,
            until=self.is_enough,
            deadline=now + share * (self.deadline - now),
            start=first_prices(self.siting, self.is_open),
        )
        self.raise_bound(priced.bound)
        return priced

    def offer(self, is_open: Bools) -> None:
        """Make open sites, (n_sites,), the incumbent if they cost less."""
        cost = cost_of(self.siting, is_open)
        if cost < self.cost or not np.isfinite(self.cost):
            self.is_open, self.cost = is_open, cost

    def raise_bound(self, bound: float) -> None:
        """Keep a bound if it is the best; none is above the best cost."""
        self.bound = max(self.bound, min(whole_bound(bound, is_whole=self.is_whole), self.cost))

    def hear(self, priced: Priced) -> float:
        """Improve the sites that multipliers open and offer them; return the cost of the incumbent."""
        self.better(priced.is_open)
        return self.cost

    def better(self, is_open: Bools) -> None:
        """Improve open sites, (n_sites,), that were not tried before, while there is time, and offer them."""
        key, now = is_open.tobytes(), time.monotonic()
        if key not in self.tried and now < self.deadline and self.searched_s <= SEARCH_SHARE * (now - self.started):
            self.tried.add(key)
            self.offer(self.bettered(is_open))
            self.searched_s += time.monotonic() - now

    @property
    def cutoff(self) -> float:
        """Cost that a better incumbent must stay below, from the present one and `goal`."""
        if not np.isfinite(self.cost):
            return self.goal
        step = 1.0 - 2e-6 * max(1.0, 1e-3 * abs(self.cost)) if self.is_whole else 0.0
        return min(self.goal, self.cost - max(step, max(SPARE_GAP * self.gap, 1e-9) * abs(self.cost)))

    @property
    def is_proven(self) -> bool:
        """Return whether the gap is reached."""
        return self.is_enough(self.bound, self.cost)

    def is_enough(self, bound: float, cost: float) -> bool:
        """Return whether a bound proves a cost within the gap."""
        return bool(np.isfinite(cost)) and cost - whole_bound(bound, is_whole=self.is_whole) <= self.gap * abs(cost)


def compile_search() -> None:
    """Compile the machine code, or load it where it has been compiled before."""
    arcs, none = as_arcs(np.eye(3)), np.zeros(3, dtype=bool)
    siting = Siting(arcs, SiteRules(none, none), np.zeros(3), 1, 2, np.full(3, np.inf))
    best = Best(siting, siting, 0.0, deadline=np.inf)
    best.wander(kicks=1)
    rule_out(siting, best.climb(best.hear, rounds=1, share=1.0), best.cost)


def nearest_arcs(siting: Siting) -> Siting:
    """Return the problem with the nearest arcs of each node only, and a lower bound on all others as `beyond`."""
    arcs = siting.arcs
    n = max(NEAR_ARCS // max(1, arcs.n_nodes), 8 * arcs.n_sites // max(1, siting.most), 20)
    return siting if siting.least < siting.most else dataclasses.replace(siting, arcs=arcs.nearest(n))
