"""p-median and facility location proven by the radius relaxation, rounded choices and branch and bound."""

from __future__ import annotations

import dataclasses
import time

import numpy as np

from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Floats
from siting.locate.arcs import Arcs
from siting.locate.arguments import SiteRules, refuse_unreachable
from siting.locate.solution import Limits, Located, nearest_solution
from siting.locate.uncapacitated.branch_and_bound import Tree, rounded
from siting.locate.uncapacitated.incumbent import KICKS, Best, nearest_arcs, search
from siting.locate.uncapacitated.lagrangian import CEILING, Priced, price, rule_out
from siting.locate.uncapacitated.radius_relaxation import RadiusProgram
from siting.locate.uncapacitated.selection import Siting, most_cost

MOST_ARCS = 2_000_000
"""With more arcs the relaxation is not begun: its first solve alone would outlast most time limits."""
ROOT_SHARE = 0.5
"""Share of the time that the relaxation of the whole may take."""
IDLE = 15
"""Searches, of as many kicks as sites are open, that better nothing before they end."""
SEARCH_SHARE, DRAW_SHARE = 0.1, 0.5
"""Share of the time left that searches may take before the relaxation, and after it."""


def weighted(arcs: Arcs, weight: Floats, rules: SiteRules, *, opening: Floats, least: int, most: int) -> Siting:
    """Return the problem of opening `least` to `most` sites, of nodes with weight > 0 and sites that are allowed.

    Raises
    ------
    InfeasibleError
        If such a node can reach no allowed site.
    """
    heavy = weight > 0
    refuse_unreachable(arcs.keep(~rules.is_forbidden[arcs.site]), heavy, "allow a site near it, or give it weight 0")
    kept = arcs.keep(heavy[arcs.node] & ~rules.is_forbidden[arcs.site])
    rows = np.flatnonzero(heavy)
    start = np.concatenate([[0], np.cumsum(np.diff(kept.start)[rows])])
    small = Arcs(start, kept.site, kept.cost, arcs.beyond[rows], arcs.node_id[rows], arcs.site_id)
    return Siting(small.times(weight[rows]), rules, opening, least, most, np.full(len(rows), np.inf))


def solve_siting(problem: str, siting: Siting, arcs: Arcs, limits: Limits, *, unit: str) -> Located:
    """Solve the problem; nodes of `arcs` that have weight 0 go to their nearest open site too.

    Raises
    ------
    InfeasibleError
        If no choice of sites serves every node.
    OutOfTimeError
        If none was found in time.
    """
    best, priced = search(siting, deadline=limits.deadline, gap=limits.gap)
    if not best.is_proven:
        prove(best, priced, deadline=limits.deadline)
    if max(priced.bound, best.bound) > CEILING * most_cost(siting) + 1e-6:
        raise InfeasibleError(f"no {siting.most} sites reach every node; choose more, or allow more sites")
    if not np.isfinite(best.cost):
        raise OutOfTimeError(f"no {siting.most} sites found that reach every node; raise the time limit or allow more")
    is_open = best.is_open.copy()
    spare = np.flatnonzero(~is_open & siting.rules.is_free)
    is_open[spare[: max(0, siting.least - int(is_open.sum()))]] = True
    return nearest_solution(problem, arcs, is_open, limits, value=best.cost, bound=best.bound, unit=unit)


def prove(best: Best, priced: Priced, *, deadline: float) -> None:
    """Raise the bound of `best`, and better its choice, until they meet or time is up.

    `priced` holds prices to begin with. Where the relaxation takes too long, exchanges have the rest of the time.
    """
    siting, share = best.siting, priced.is_open.astype(float)
    for part in (SEARCH_SHARE, DRAW_SHARE):
        _wander(best, share, until=time.monotonic() + part * (deadline - time.monotonic()))
        if time.monotonic() > deadline:
            return
        left = _left(best, siting, priced)
        if best.is_proven or left is None:
            best.raise_bound(best.cutoff if left is None else -np.inf)
            return
        siting = nearest_arcs(left)
        best.narrow(siting)
        if len(siting.arcs.site) > MOST_ARCS:
            break
        prices = np.minimum(priced.prices, np.minimum(siting.arcs.beyond, siting.unserved))
        program = RadiusProgram(siting, prices)
        if part == DRAW_SHARE:
            Tree(best, siting, program).grow(deadline=deadline)
            return
        now = time.monotonic()
        relaxed = program.solve(siting.rules, deadline=now + ROOT_SHARE * (deadline - now))
        if relaxed is None:
            break
        best.raise_bound(relaxed.bound if not np.isfinite(relaxed.bound) else relaxed.priced.bound)
        if not np.isfinite(relaxed.bound):
            return
        priced, share = max(relaxed.priced, price(siting, prices), key=lambda one: one.bound), relaxed.is_open
    _wander(best, share, until=deadline, patience=np.inf)


def _wander(best: Best, share: Floats, *, until: float, patience: float = IDLE) -> None:
    """Search from the best choice and, less often, from some that are drawn by `share` (n_sites,)."""
    kicks = max(KICKS, int(best.is_open.sum()))
    best.offer(best.exchanged(rounded(share)))
    idle = 0
    while idle < patience and not best.is_proven and time.monotonic() < until:
        before = best.cost
        best.wander(kicks=kicks)
        if idle % 3 == 2:
            drawn = rounded(share * best.rng.random(len(share)) ** 0.5, share.sum())
            best.offer(best.exchanged(drawn))
        idle = 0 if best.cost < before else idle + 1


def _left(best: Best, siting: Siting, priced: Priced) -> Siting | None:
    """The problem without the sites and arcs that no better choice uses; None where nothing is left of it."""
    kept = rule_out(siting, priced, best.cutoff)
    arcs = siting.arcs.keep(kept.may_serve, beyond=siting.arcs.beyond)
    rules = SiteRules(is_fixed=kept.must_open, is_forbidden=~kept.may_open)
    is_served = (np.diff(arcs.start) > 0) | np.isfinite(np.minimum(arcs.beyond, siting.unserved))
    if rules.is_fixed.sum() > siting.most or kept.may_open.sum() < siting.least or not is_served.all():
        return None
    return dataclasses.replace(siting, arcs=arcs, rules=rules)
