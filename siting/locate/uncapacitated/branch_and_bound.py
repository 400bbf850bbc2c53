"""Branch and bound on sites, for any relaxation.

Sites that the incumbent and the bound of a node rule out are fixed there; the node with the least bound is taken next.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import time
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.arguments import SiteRules
from siting.locate.uncapacitated.incumbent import Best
from siting.locate.uncapacitated.lagrangian import Siting, rule_out
from siting.locate.uncapacitated.radius_relaxation import Relaxed

WHOLE = 1e-6
TRIED = 8
"""Sites of which so many are tried open and closed before one that is not known is branched on."""
FIXES = 4
"""Rounds of fixing and solving again at one node."""


class Relaxation(Protocol):
    """A relaxation that is solved again and again with other sites forced open and closed."""

    def solve(self, rules: SiteRules, *, deadline: float, enough: float = ...) -> Relaxed | None:
        """Return the minimum with these sites open and closed, or a value ≥ `enough`; None where nothing is proven."""


@dataclass(order=True)
class _Leaf:
    """A node of the tree that is still to be branched on."""

    bound: float
    number: int
    rules: SiteRules = field(compare=False)
    is_open: Floats = field(compare=False)


class Tree:
    """The leaves that may still hold a better incumbent, and pseudo-costs of branching on each site."""

    def __init__(self, best: Best, siting: Siting, program: Relaxation) -> None:
        self.best, self.siting, self.program = best, siting, program
        self.leaves: list[_Leaf] = []
        self.numbers = itertools.count()
        self.closed_at = np.inf
        """The least bound of a leaf that could not be branched on."""
        m = siting.arcs.n_sites
        self.gain, self.times = np.zeros((2, m)), np.zeros((2, m))

    def grow(self) -> None:
        """Branch until the incumbent is proven or time is up, and raise its bound."""
        self._push(self._solved(self.siting.rules))
        while self.leaves and time.monotonic() < self.best.deadline and not self.best.is_proven:
            leaf = heapq.heappop(self.leaves)
            if leaf.bound < self.best.cutoff:
                for child in self._branched(leaf):
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

    def _solved(self, rules: SiteRules, above: float = -np.inf) -> _Leaf | None:
        """Return the leaf of these rules, reduced by its bound; None where it holds no better incumbent."""
        share = np.full(len(rules.is_fixed), 0.5)
        for number in range(FIXES):
            relaxed = self.program.solve(rules, deadline=self.best.deadline, enough=self.best.cutoff)
            if relaxed is None:
                return _Leaf(above, next(self.numbers), rules, share)
            if not np.isfinite(relaxed.bound):
                return None
            part = dataclasses.replace(self.siting, rules=rules)
            priced, share = relaxed.priced, relaxed.is_open
            above = max(above, priced.bound)
            self.best.better(rounded(share))
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
        """Return the sites that are neither open nor closed, the most undecided first."""
        undecided = np.abs(leaf.is_open - 0.5)
        sites = np.flatnonzero((undecided < 0.5 - WHOLE) & leaf.rules.is_free)
        return sites[np.argsort(undecided[sites], kind="stable")]

    def _branched(self, leaf: _Leaf) -> list[_Leaf | None]:
        """Return the two leaves of the site whose opening and closing raise the bound most."""
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
                pair = [self._child(leaf, int(site), is_open) for is_open in (False, True)]
                bounds = np.array([self.best.cutoff if one is None else one.bound for one in pair])
                lift = np.maximum(bounds - leaf.bound, 0.0)
            else:
                continue
            score = float(np.prod(np.maximum(lift, 1e-6)))
            if score > best_score:
                best_score, best_site, chosen = score, int(site), pair
        return chosen or [self._child(leaf, best_site, is_open) for is_open in (False, True)]

    def _child(self, leaf: _Leaf, site: int, is_open: bool) -> _Leaf | None:
        """Return the leaf with the site open, or closed, and update the pseudo-cost of that."""
        fixed, forbidden = leaf.rules.is_fixed.copy(), leaf.rules.is_forbidden.copy()
        (fixed if is_open else forbidden)[site] = True
        child = self._solved(SiteRules(fixed, forbidden), above=leaf.bound)
        bound = self.best.cutoff if child is None else child.bound
        moved = 1 - leaf.is_open[site] if is_open else leaf.is_open[site]
        self.gain[int(is_open), site] += max(bound - leaf.bound, 0.0) / max(moved, WHOLE)
        self.times[int(is_open), site] += 1
        return child


def rounded(share: Floats, n: float | None = None) -> Bools:
    """Return the sites of the largest shares, as many as the shares add up to where not `n`."""
    is_open = np.zeros(len(share), dtype=bool)
    is_open[np.argsort(-share, kind="stable")[: round(float(share.sum() if n is None else n))]] = True
    return is_open
