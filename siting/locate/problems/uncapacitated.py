"""The p-median problem and the uncapacitated facility location problem (UFLP).

Both are proven by the radius relaxation, rounded choices, and branch and bound.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np

from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Floats
from siting.locate.arcs import Arcs, as_arcs
from siting.locate.arguments import SiteRules, by_place, check_count, refuse_unreachable, site_rules
from siting.locate.problems.changes import Existing, Network, at_most_new
from siting.locate.solution import Limits, Located, nearest_solution
from siting.locate.uncapacitated.branch_and_bound import Tree, rounded
from siting.locate.uncapacitated.incumbent import KICKS, Best, compile_search, nearest_arcs, search
from siting.locate.uncapacitated.lagrangian import CEILING, Priced, Siting, cost_of, most_cost, price, rule_out
from siting.locate.uncapacitated.radius_relaxation import RadiusProgram

MOST_ARCS = 2_000_000
"""With more arcs the relaxation is not begun: its first solve alone would outlast most time limits."""
ROOT_SHARE = 0.5
"""Share of the time that the relaxation of the whole may take."""
IDLE = 15
"""Searches, of as many kicks as sites are open, that improve nothing before they end."""
SEARCH_SHARE, DRAW_SHARE = 0.1, 0.5
"""Share of the time left that searches may take before the relaxation, and after it."""


def p_median(  # noqa: PLR0913 — what a caller may ask
    distance: Any,
    weights: Any = None,
    p: int = 1,
    *,
    fixed: Any = None,
    forbidden: Any = None,
    existing: Any = None,
    most_new: int | None = None,
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
    unit: str = "distance",
) -> Located:
    """Choose `p` sites so that the sum of weight × distance to the nearest chosen site is least.

    Hakimi (1964), Optimum locations of switching centers and the absolute centers and medians of a graph; the integer
    program is that of ReVelle and Swain (1970), Central facilities location.

    Parameters
    ----------
    distance
        (n_nodes, n_sites): dense (inf: no way), scipy sparse (not stored: no way), or a table of `node`, `site`,
        `distance`.
    weights
        Of each node, ≥ 0; 1 where left out. A node of weight 0 need not be served.
    p
        Sites to choose, fixed ones among them.
    fixed, forbidden
        Flags (n_sites,) or lists of sites.
    existing, most_new
        Sites of today's network, likewise, and the maximum number of chosen sites that are not among them.
    time_limit_s, gap
        When to stop.
    unit
        What the value is called in outputs.

    Raises
    ------
    DataError
        If a figure cannot be used or `p` does not fit the sites.
    InfeasibleError
        If some node can reach no site, or no `p` sites reach all.
    OutOfTimeError
        If the time limit came before any choice that reaches all.

    >>> street = np.abs(np.subtract.outer(np.array([0.0, 1, 5, 6]), np.array([0.0, 1, 5, 6])))
    >>> both = p_median(street, p=2)
    >>> both.value, both.status.value
    (2.0, 'optimal')
    >>> p_median(street, p=2, fixed=[0], weights=[1, 9, 1, 1]).value  # 4 + 5 to the second house
    9.0
    >>> p_median(street, p=2, existing=[0, 1], most_new=1).chosen.tolist()
    [1, 2]
    """
    compile_search()
    limits = Limits.start(time_limit_s, gap)
    arcs = as_arcs(distance)
    rules = site_rules(arcs, fixed, forbidden)
    p = check_count(p, rules)
    weight = by_place(weights, arcs.node_id, "weights")
    siting = Siting(arcs, rules, np.zeros(arcs.n_sites), p, p, np.full(arcs.n_nodes, np.inf))
    if most_new is None:
        return _solve("p-median", siting, weight, limits, unit=unit)
    today = Existing.of(existing, most_new, siting)

    def priced(price: float, part: Limits) -> Network:
        return _choose(dataclasses.replace(siting, opening=np.where(today.is_existing, 0.0, price)), weight, part)

    found = at_most_new(_weighted(siting, weight), today, priced, limits)
    value = cost_of(_weighted(siting, weight), found.is_open)
    return nearest_solution("p-median", arcs, found.is_open, limits, value=value, bound=found.bound, unit=unit)


def uflp(
    cost: Any,
    opening_cost: Any,
    *,
    weights: Any = None,
    fixed: Any = None,
    forbidden: Any = None,
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
    unit: str = "cost",
) -> Located:
    """Choose any number of sites so that opening costs and the costs of serving every node are least.

    Balinski (1965), Integer programming: methods, uses, computation; Cornuéjols, Nemhauser and Wolsey (1990) for the
    problem's place in the literature.

    Parameters
    ----------
    cost
        Of serving a node wholly from a site, (n_nodes, n_sites), as in `p_median`.
    opening_cost
        Of each site; paid for fixed sites too.
    weights, fixed, forbidden, time_limit_s, gap, unit
        As in `p_median`.

    Raises
    ------
    DataError, InfeasibleError, OutOfTimeError
        As in `p_median`.

    >>> uflp([[1.0, 9.0], [9.0, 1.0]], [3.0, 3.0]).value  # both: 3 + 3 + 1 + 1; one: 3 + 1 + 9
    8.0
    """
    compile_search()
    limits = Limits.start(time_limit_s, gap)
    arcs = as_arcs(cost)
    rules = site_rules(arcs, fixed, forbidden)
    opening = by_place(opening_cost, arcs.site_id, "opening cost", default=0.0)
    weight = by_place(weights, arcs.node_id, "weights")
    siting = Siting(arcs, rules, opening, 0, arcs.n_sites, np.full(arcs.n_nodes, np.inf))
    return _solve("UFLP", siting, weight, limits, unit=unit)


def _solve(name: str, siting: Siting, weight: Floats, limits: Limits, *, unit: str) -> Located:
    """Solve a problem of nodes with `weight` (n_nodes,); those of weight 0 go to their nearest open site too."""
    found = _choose(siting, weight, limits)
    value = cost_of(_weighted(siting, weight), found.is_open)
    return nearest_solution(name, siting.arcs, found.is_open, limits, value=value, bound=found.bound, unit=unit)


def _weighted(siting: Siting, weight: Floats) -> Siting:
    """Return the problem of the nodes that have a weight, costs times their weight, without forbidden sites."""
    arcs, rows = siting.arcs.keep(~siting.rules.is_forbidden[siting.arcs.site]), np.flatnonzero(weight > 0)
    kept = arcs.keep(weight[arcs.node] > 0)
    start = np.concatenate([[0], np.cumsum(np.diff(kept.start)[rows])])
    heavy = Arcs(start, kept.site, kept.cost, arcs.beyond[rows], arcs.node_id[rows], arcs.site_id)
    return dataclasses.replace(siting, arcs=heavy.times(weight[rows]), unserved=siting.unserved[rows])


def _choose(siting: Siting, weight: Floats, limits: Limits) -> Network:
    """Return the open sites of the best solution found and the proven bound.

    Raises
    ------
    InfeasibleError, OutOfTimeError
        As in `p_median`.
    """
    allowed = siting.arcs.keep(~siting.rules.is_forbidden[siting.arcs.site])
    refuse_unreachable(allowed, weight > 0, "allow a site near it, or give it weight 0")
    siting = _weighted(siting, weight)
    best, priced = search(siting, deadline=limits.deadline, gap=limits.gap)
    if not best.is_proven:
        prove(best, priced)
    if max(priced.bound, best.bound) > CEILING * most_cost(siting) + 1e-6:
        raise InfeasibleError(f"no {siting.most} sites reach every node; choose more, or allow more sites")
    if not np.isfinite(best.cost):
        raise OutOfTimeError(f"no {siting.most} sites found that reach every node; raise the time limit or allow more")
    is_open = best.is_open.copy()
    spare = np.flatnonzero(~is_open & siting.rules.is_free)
    spare = spare[np.argsort(siting.opening[spare], kind="stable")]
    is_open[spare[: max(0, siting.least - int(is_open.sum()))]] = True
    return Network(is_open, best.bound)


def prove(best: Best, priced: Priced) -> None:
    """Raise the bound of `best`, and improve its incumbent, until they meet or time is up.

    `priced` holds the first multipliers. Where the relaxation takes too long, exchanges have the rest of the time.
    """
    siting, share, deadline = best.siting, priced.is_open.astype(float), best.deadline
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
            Tree(best, siting, program).grow()
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
    """Search from the incumbent and, less often, from sites that are drawn by `share` (n_sites,)."""
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
    """Return the problem without sites and arcs that no better incumbent uses; None where nothing is left of it."""
    kept = rule_out(siting, priced, best.cutoff)
    arcs = siting.arcs.keep(kept.may_serve, beyond=siting.arcs.beyond)
    rules = SiteRules(is_fixed=kept.must_open, is_forbidden=~kept.may_open)
    is_served = (np.diff(arcs.start) > 0) | np.isfinite(np.minimum(arcs.beyond, siting.unserved))
    if rules.is_fixed.sum() > siting.most or kept.may_open.sum() < siting.least or not is_served.all():
        return None
    return dataclasses.replace(siting, arcs=arcs, rules=rules)
