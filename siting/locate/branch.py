"""p-median and facility location proven by radius rows (`siting.locate.radius`), choices drawn by them, and a tree."""

from __future__ import annotations

import dataclasses
import time

import numpy as np

from siting.instance import Bools, Floats
from siting.locate.asked import SiteRules
from siting.locate.choice import Siting, greedy, improve
from siting.locate.lagrangian import Priced, rule_out
from siting.locate.radius import RadiusProgram
from siting.locate.search import Best
from siting.locate.tree import Tree, rounded

MOST_ARCS = 2_000_000
"""With more arcs the relaxation is not begun: its first solve alone would outlast most time limits."""
ROOT_SHARE = 0.5
"""Share of the time that the relaxation of the whole may take."""
STEPS, IDLE = 200, 60
"""Exchanges that better one drawn choice; draws that better nothing before they end."""
DRAW_SHARE = 0.5
"""Share of the time left that draws may take."""


def prove(best: Best, priced: Priced, *, deadline: float) -> None:
    """Raise the bound of `best`, and better its choice, until they meet or time is up.

    `priced` holds prices to begin with. Where the relaxation takes too long, exchanges have the rest of the time.
    """
    relaxed = None
    if len(best.near.arcs.site) <= MOST_ARCS:
        now = time.monotonic()
        program = RadiusProgram(best.near, priced.prices)
        relaxed = program.solve(best.near.rules, deadline=now + ROOT_SHARE * (deadline - now))
    if relaxed is None:
        best.offer(improve(best.near, best.is_open, steps=20 * best.siting.most, deadline=deadline))
        return
    if not np.isfinite(relaxed.bound):
        best.raise_bound(relaxed.bound)
        return
    priced = max(priced, relaxed.priced, key=lambda one: one.bound)
    best.raise_bound(priced.bound)
    _draw(best, relaxed.is_open, deadline=deadline)
    if best.is_proven or time.monotonic() > deadline:
        return
    left = _left(best, priced)
    if left is None:
        best.raise_bound(best.cutoff)
        return
    prices = np.minimum(priced.prices, np.minimum(left.arcs.beyond, left.unserved))
    Tree(best, left, RadiusProgram(left, prices)).grow(deadline=deadline)


def _draw(best: Best, share: Floats, *, deadline: float) -> None:
    """Offer choices drawn by the shares of the relaxation, and the best one with a few sites exchanged at random."""
    rng, near = np.random.default_rng(1), best.near
    until = time.monotonic() + DRAW_SHARE * (deadline - time.monotonic())
    best.offer(improve(near, rounded(share), steps=STEPS, deadline=until))
    idle = number = 0
    while idle < IDLE and not best.is_proven and time.monotonic() < until:
        number += 1
        is_drawn = number % 3 == 1 or not best.is_open.any()
        tried = rounded(share * rng.random(len(share)) ** 0.5, share.sum()) if is_drawn else _shaken(best, rng)
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
