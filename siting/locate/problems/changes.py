"""Networks that keep most of what exists: at most so many of the chosen sites are new.

With a price on each new site the problem is one that the engines solve. Every price π proves a bound: a network with at
most K new sites costs no less than the priced optimum minus π K (Everett 1963, "Generalized Lagrange multiplier method
for solving problems of optimum allocation of resources", Operations Research 11, 399–417). The price is the slope
between the best networks known with at most and with more than K new sites, until the engines find none below that
line: then no price proves more. Exchanges of one site for another then use up what is left of K.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from siting.errors import DataError
from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import two_nearest
from siting.locate.arguments import flags
from siting.locate.solution import Limits
from siting.locate.uncapacitated.lagrangian import Siting, cost_of

FIRST_SHARE, STEP_SHARE = 0.3, 0.25
"""Share of the time left for the network without a limit on new sites, and for each price."""
LEAST_GAIN = 1e-9
TRIED = 8
"""Sites, those that alone would gain most, whose exchange is tried."""


@dataclass(frozen=True)
class Network:
    """Open sites, (n_sites,), and a proven lower bound on the cost of the problem that it answers."""

    is_open: Bools
    bound: float


@dataclass(frozen=True)
class Existing:
    """Sites that exist, (n_sites,), and the maximum number of sites to be chosen that do not."""

    is_existing: Bools
    most_new: int

    @classmethod
    def of(cls, existing: Any, most_new: int, siting: Siting) -> Existing:
        """Check what a caller asks for.

        Raises
        ------
        DataError
            If the number is negative, or too small for the sites to choose and those fixed.
        """
        is_existing = flags(existing, siting.arcs.site_id, "existing")
        kept = int((is_existing & ~siting.rules.is_forbidden).sum())
        fixed_new = int((siting.rules.is_fixed & ~is_existing).sum())
        if int(most_new) != most_new or most_new < 0:
            raise DataError(f"most_new: {most_new}; give a whole number of sites, 0 or more")
        if siting.least > kept + most_new or fixed_new > most_new:
            raise DataError(
                f"most_new: {most_new} new sites at most, but of {siting.least} to choose {kept} exist and are allowed"
                f" and {fixed_new} new ones are fixed; raise most_new or lower p"
            )
        return cls(is_existing, int(most_new))

    def count_new(self, is_open: Bools) -> int:
        """Return the number of open sites that do not exist."""
        return int((is_open & ~self.is_existing).sum())


def at_most_new(
    siting: Siting, existing: Existing, solve: Callable[[float, Limits], Network], limits: Limits
) -> Network:
    """Return a network with at most so many new sites, and a proven bound on what any such network costs.

    Parameters
    ----------
    siting
        The problem, `least` = `most` sites to open; its opening costs are 0.
    existing
        Today's network, and the maximum number of new sites.
    solve
        Solves it with a price on each new site, within limits; the bound includes the price.
    limits
        When to stop.
    """
    most_new = existing.most_new
    many = solve(0.0, _part(limits, FIRST_SHARE))
    bound = many.bound
    if existing.count_new(many.is_open) <= most_new:
        return many
    exchanges = Exchanges.of(siting, existing)
    best = below = exchanges.improve(_kept(siting, existing), limits)
    while limits.left_s > 0 and _gap(siting, best, bound) > limits.gap:
        more_cost = cost_of(siting, below) - cost_of(siting, many.is_open)
        price = more_cost / (existing.count_new(many.is_open) - existing.count_new(below))
        if price <= 0:
            break
        found = solve(price, _part(limits, STEP_SHARE))
        bound = max(bound, found.bound - price * most_new)
        new = existing.count_new(found.is_open)
        line = cost_of(siting, below) + price * existing.count_new(below)
        if cost_of(siting, found.is_open) + price * new >= line - limits.gap * abs(line):
            break
        if new > most_new:
            many = found
            continue
        below = found.is_open
        best = min(best, exchanges.improve(below, limits), key=lambda one: cost_of(siting, one))
    return Network(best, bound)


def _part(limits: Limits, share: float) -> Limits:
    now = limits.deadline - limits.left_s
    return replace(limits, started=now, deadline=now + max(0.0, share * limits.left_s))


def _gap(siting: Siting, is_open: Bools, bound: float) -> float:
    cost = cost_of(siting, is_open)
    return (cost - bound) / max(abs(cost), 1e-12) if np.isfinite(cost) else np.inf


def _kept(siting: Siting, existing: Existing) -> Bools:
    """Return a network with as few new sites as can be: those that exist, the ones that serve most first."""
    arcs, rules = siting.arcs, siting.rules
    worth = np.bincount(arcs.site, weights=1.0 / (1.0 + arcs.cost), minlength=arcs.n_sites)
    rank = np.lexsort([-worth, ~existing.is_existing, ~rules.is_fixed, rules.is_forbidden])
    is_open = np.zeros(arcs.n_sites, dtype=bool)
    is_open[rank[: siting.least]] = True
    return is_open


@dataclass(frozen=True)
class Exchanges:
    """Exchanges of one open site for another; an unserved node costs `far`, (n_nodes,), which is finite."""

    siting: Siting
    existing: Existing
    far: Floats

    @classmethod
    def of(cls, siting: Siting, existing: Existing) -> Exchanges:
        """Take a large figure for nodes that must be served."""
        far = 2 * float(siting.arcs.cost.max(initial=0.0)) + 1
        return cls(siting, existing, np.where(np.isfinite(siting.unserved), siting.unserved, far))

    def improve(self, is_open: Bools, limits: Limits) -> Bools:
        """Return the network after exchanges, the largest gain first, while one gains and new sites are few enough."""
        arcs, now = self.siting.arcs, is_open
        while limits.left_s > 0:
            first, _, _ = self._node_costs(now)
            gain = np.bincount(arcs.site, np.maximum(0.0, first[arcs.node] - arcs.cost), arcs.n_sites)
            gain[now | self.siting.rules.is_forbidden] = 0.0
            steps = [self._exchange(now, int(site)) for site in np.argsort(-gain, kind="stable")[:TRIED]]
            cost, changed = min(steps, key=lambda step: step[0])
            if cost >= first.sum() - LEAST_GAIN * max(1.0, first.sum()):
                break
            now = changed
        return now

    def _exchange(self, is_open: Bools, opened: int) -> tuple[float, Bools]:
        """Return the least cost with `opened` in the place of an open site, and the network; inf where none may go."""
        changed = is_open.copy()
        changed[opened] = True
        first, second, site = self._node_costs(changed)
        loss = np.bincount(site[site >= 0], (second - first)[site >= 0], len(is_open))
        may_close = is_open & ~self.siting.rules.is_fixed
        if self.existing.count_new(changed) > self.existing.most_new:
            may_close &= ~self.existing.is_existing
        closing = np.flatnonzero(may_close)
        if is_open[opened] or self.siting.rules.is_forbidden[opened] or not len(closing):
            return np.inf, is_open
        closed = closing[np.argmin(loss[closing])]
        changed[closed] = False
        return float(first.sum() + loss[closed]), changed

    def _node_costs(self, is_open: Bools) -> tuple[Floats, Floats, Ints]:
        """Return the cost of each node at its nearest and second nearest open site, and the nearest site (−1: none)."""
        site, first, second = two_nearest(self.siting.arcs, is_open)
        return np.minimum(first, self.far), np.minimum(second, self.far), np.where(first < self.far, site, -1)
