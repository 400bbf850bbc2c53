"""Branch and bound on the sites of a siting problem, by its radius rows (`siting.locate.radius`).

What the best choice and the bound of a node rule out is fixed there; the node with the least bound is taken next.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import time
from dataclasses import dataclass, field

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.asked import SiteRules
from siting.locate.choice import Siting, greedy, improve
from siting.locate.lagrangian import Priced, price, rule_out
from siting.locate.radius import RadiusProgram
from siting.locate.search import Best

WHOLE = 1e-6
TRIED = 8
"""Sites of which so many are tried open and closed before one that is not known is branched on."""
FIXES = 4
"""Rounds of fixing and solving again at one node."""
MOST_ARCS = 2_000_000
"""With more arcs the relaxation is not begun: its first solve alone would outlast most time limits."""
ROOT_SHARE = 0.5
"""Share of the time that the relaxation of the whole may take."""
STEPS, IDLE = 200, 60
"""Exchanges that better one drawn choice; draws that better nothing before they end."""
DRAW_SHARE = 0.5
"""Share of the time left that draws may take."""


@dataclass(order=True)
class _Leaf:
    """A node of the tree that is still to be branched on."""

    bound: float
    number: int
    rules: SiteRules = field(compare=False)
    is_open: Floats = field(compare=False)


def prove(best: Best, priced: Priced, *, deadline: float) -> None:
    """Raise the bound of `best`, and better its choice, until they meet or time is up.

    `priced` holds prices to begin with.
    """
    now = time.monotonic()
    if len(best.near.arcs.site) > MOST_ARCS:
        return
    program = RadiusProgram(best.near, priced.prices)
    relaxed = program.solve(best.near.rules, deadline=now + ROOT_SHARE * (deadline - now))
    if relaxed is None:
        return
    if not np.isfinite(relaxed.bound):
        best.raise_bound(relaxed.bound)
        return
    priced = max(priced, price(best.near, relaxed.prices), key=lambda one: one.bound)
    best.raise_bound(priced.bound)
    _draw(best, relaxed.is_open, deadline=deadline)
    if best.is_proven:
        return
    left = _left(best, priced)
    if left is None:
        best.raise_bound(best.cutoff)
        return
    _Tree(best, left, priced.prices).grow(deadline=deadline)


def _draw(best: Best, share: Floats, *, deadline: float) -> None:
    """Offer choices drawn by the shares of the relaxation, and the best one with a few sites exchanged at random."""
    rng, near = np.random.default_rng(1), best.near
    until = time.monotonic() + DRAW_SHARE * (deadline - time.monotonic())
    best.offer(improve(near, _rounded(share), steps=STEPS, deadline=until))
    idle = number = 0
    while idle < IDLE and not best.is_proven and time.monotonic() < until:
        number += 1
        is_drawn = number % 3 == 1 or not best.is_open.any()
        tried = _rounded(share * rng.random(len(share)) ** 0.5, share.sum()) if is_drawn else _shaken(best, rng)
        before = best.cost
        best.offer(improve(near, tried, steps=STEPS, deadline=until))
        idle = 0 if best.cost < before else idle + 1


def _shaken(best: Best, rng: np.random.Generator) -> Bools:
    """The best choice with a few sites closed at random, and those that save most then opened."""
    is_open = best.is_open.copy()
    opened = np.flatnonzero(is_open & best.near.rules.is_free)
    n_closed = min(len(opened), int(rng.integers(2, 4 + len(opened) // 25)))
    is_open[rng.choice(opened, n_closed, replace=False)] = False
    return greedy(best.near, is_open)


def _rounded(share: Floats, n: float | None = None) -> Bools:
    """The sites of the largest shares, as many as the shares add up to where not `n`."""
    is_open = np.zeros(len(share), dtype=bool)
    is_open[np.argsort(-share, kind="stable")[: round(float(share.sum() if n is None else n))]] = True
    return is_open


def _left(best: Best, priced: Priced) -> Siting | None:
    """The problem without the sites and arcs that no better choice uses; None where nothing is left of it."""
    siting = best.siting
    kept = rule_out(siting, priced, best.cutoff)
    arcs = siting.arcs.keep(kept.may_serve, beyond=siting.arcs.beyond)
    rules = SiteRules(is_fixed=kept.must_open, is_forbidden=~kept.may_open)
    is_served = (np.diff(arcs.start) > 0) | np.isfinite(np.minimum(arcs.beyond, siting.unserved))
    if rules.is_fixed.sum() > siting.most or kept.may_open.sum() < siting.least or not is_served.all():
        return None
    return dataclasses.replace(siting, arcs=arcs, rules=rules)


class _Tree:
    """The leaves that may still hold a better choice, and what is known of branching on each site."""

    def __init__(self, best: Best, siting: Siting, prices: Floats) -> None:
        self.best, self.siting = best, siting
        self.program = RadiusProgram(siting, np.minimum(prices, np.minimum(siting.arcs.beyond, siting.unserved)))
        self.leaves: list[_Leaf] = []
        self.numbers = itertools.count()
        self.closed_at = np.inf
        """The least bound of a leaf that could not be branched on."""
        m = siting.arcs.n_sites
        self.gain, self.times = np.zeros((2, m)), np.zeros((2, m))

    def grow(self, *, deadline: float) -> None:
        """Branch until the best choice is proven or time is up; the bound goes to the best."""
        self._push(self._solved(self.siting.rules, deadline=deadline))
        while self.leaves and time.monotonic() < deadline and not self.best.is_proven:
            leaf = heapq.heappop(self.leaves)
            if leaf.bound < self.best.cutoff:
                for child in self._branched(leaf, deadline=deadline):
                    self._push(child)
            self._tell()
        self._tell()

    def _tell(self) -> None:
        """Raise the bound to that of the leaves that are left; nothing below the cutoff was thrown away."""
        least = self.leaves[0].bound if self.leaves else np.inf
        self.best.raise_bound(min(least, self.closed_at, self.best.cutoff))

    def _push(self, leaf: _Leaf | None) -> None:
        if leaf is None or leaf.bound >= self.best.cutoff:
            return
        if self._fractional(leaf).size:
            heapq.heappush(self.leaves, leaf)
            return
        self.best.offer(leaf.is_open > 0.5)
        if leaf.bound < self.best.cutoff:
            self.closed_at = min(self.closed_at, leaf.bound)

    def _solved(self, rules: SiteRules, *, deadline: float, above: float = -np.inf) -> _Leaf | None:
        """The leaf of these rules, with what its bound rules out fixed too; None where no better choice is in it."""
        share = np.full(len(rules.is_fixed), 0.5)
        for number in range(FIXES):
            relaxed = self.program.solve(rules, deadline=deadline, enough=self.best.cutoff)
            if relaxed is None:
                return _Leaf(above, next(self.numbers), rules, share)
            if not np.isfinite(relaxed.bound):
                return None
            part = dataclasses.replace(self.siting, rules=rules)
            priced, share = price(part, relaxed.prices), relaxed.is_open
            above = max(above, priced.bound)
            self.best.better(_rounded(share))
            if above >= self.best.cutoff:
                return None
            kept = rule_out(part, priced, self.best.cutoff)
            if kept.must_open.sum() > part.most or kept.may_open.sum() < part.least:
                return None
            is_broken = (share[~kept.may_open] > WHOLE).any()
            is_broken |= (share[kept.must_open] < 1 - WHOLE).any()
            if is_broken and number == FIXES - 1:
                break
            rules = SiteRules(is_fixed=kept.must_open, is_forbidden=~kept.may_open)
            if not is_broken:
                break
        return _Leaf(above, next(self.numbers), rules, share)

    def _fractional(self, leaf: _Leaf) -> Ints:
        """Sites that are neither open nor closed, the most undecided first."""
        undecided = np.abs(leaf.is_open - 0.5)
        sites = np.flatnonzero((undecided < 0.5 - WHOLE) & leaf.rules.is_free)
        return sites[np.argsort(undecided[sites], kind="stable")]

    def _branched(self, leaf: _Leaf, *, deadline: float) -> list[_Leaf | None]:
        """The two leaves of the site whose opening and closing lift the bound most."""
        best_score, chosen = -1.0, []
        unknown = 0
        for site in self._fractional(leaf):
            is_known = bool((self.times[:, site] > 0).all())
            share = leaf.is_open[site]
            if is_known:
                lift = self.gain[:, site] / self.times[:, site] * np.array([share, 1 - share])
                pair: list[_Leaf | None] = []
            elif unknown < TRIED:
                unknown += 1
                pair = [self._child(leaf, int(site), is_open, deadline=deadline) for is_open in (False, True)]
                bounds = np.array([self.best.cutoff if one is None else one.bound for one in pair])
                lift = np.maximum(bounds - leaf.bound, 0.0)
            else:
                continue
            score = float(np.prod(np.maximum(lift, 1e-6)))
            if score > best_score:
                best_score, best_site, chosen = score, int(site), pair
        return chosen or [self._child(leaf, best_site, is_open, deadline=deadline) for is_open in (False, True)]

    def _child(self, leaf: _Leaf, site: int, is_open: bool, *, deadline: float) -> _Leaf | None:
        """The leaf with the site open, or closed; what that lifts the bound by is remembered."""
        fixed, forbidden = leaf.rules.is_fixed.copy(), leaf.rules.is_forbidden.copy()
        (fixed if is_open else forbidden)[site] = True
        child = self._solved(SiteRules(fixed, forbidden), deadline=deadline, above=leaf.bound)
        bound = self.best.cutoff if child is None else child.bound
        moved = 1 - leaf.is_open[site] if is_open else leaf.is_open[site]
        self.gain[int(is_open), site] += max(bound - leaf.bound, 0.0) / max(moved, WHOLE)
        self.times[int(is_open), site] += 1
        return child
