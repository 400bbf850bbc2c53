"""The p-median and the uncapacitated facility location problem: one search for both.

Prices give the bound, choices made from them the value; what both rule out leaves a small program for `siting.solve`.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Floats
from siting.locate.arcs import Arcs, as_arcs
from siting.locate.arguments import SiteRules, by_place, check_count, refuse_unreachable, site_rules
from siting.locate.point_instance import siting_instance
from siting.locate.solution import Located, status_of
from siting.locate.uncapacitated.incumbent import Best, compile_search, search
from siting.locate.uncapacitated.lagrangian import CEILING, Priced, Reduced, rule_out
from siting.locate.uncapacitated.selection import Siting, most_cost, nearest_open
from siting.locate.uncapacitated.solver import prove
from siting.solve.solve import solve

EXACT_ARCS = 100_000
"""The program that is left is solved exactly up to this many arcs."""


def p_median(
    distance: Any,
    weights: Any = None,
    p: int = 1,
    *,
    fixed: Any = None,
    forbidden: Any = None,
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
    """
    compile_search()
    started = time.monotonic()
    arcs = as_arcs(distance)
    rules = site_rules(arcs, fixed, forbidden)
    p = check_count(p, rules)
    weight = by_place(weights, arcs.node_id, "weights")
    siting = _siting(arcs, weight, rules, (np.zeros(arcs.n_sites), p, p))
    return _solve(siting, arcs, ("p-median", unit), (started, started + time_limit_s, gap))


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
    started = time.monotonic()
    arcs = as_arcs(cost)
    rules = site_rules(arcs, fixed, forbidden)
    opening = by_place(opening_cost, arcs.site_id, "opening cost", default=0.0)
    weight = by_place(weights, arcs.node_id, "weights")
    siting = _siting(arcs, weight, rules, (opening, 0, arcs.n_sites))
    return _solve(siting, arcs, ("UFLP", unit), (started, started + time_limit_s, gap))


def _siting(arcs: Arcs, weight: Floats, rules: SiteRules, asked: tuple[Floats, int, int]) -> Siting:
    """What is asked, with weighted costs, of the nodes that weigh anything and the sites that are allowed."""
    heavy = weight > 0
    refuse_unreachable(arcs.keep(~rules.is_forbidden[arcs.site]), heavy, "allow a site near it, or give it weight 0")
    kept = arcs.keep(heavy[arcs.node] & ~rules.is_forbidden[arcs.site])
    rows = np.flatnonzero(heavy)
    start = np.concatenate([[0], np.cumsum(np.diff(kept.start)[rows])])
    small = Arcs(start, kept.site, kept.cost, arcs.beyond[rows], arcs.node_id[rows], arcs.site_id)
    opening, least, most = asked
    return Siting(small.times(weight[rows]), rules, opening, least, most, np.full(len(rows), np.inf))


def _solve(siting: Siting, asked: Arcs, named: tuple[str, str], how: tuple[float, float, float]) -> Located:
    """The best choice; `how` is when it was begun, the deadline (both by `time.monotonic`) and the gap asked for."""
    started, deadline, gap = how
    best, priced = search(siting, deadline=deadline, gap=gap)
    if not best.is_proven:
        prove(best, priced, deadline=deadline)
    left_s = deadline - time.monotonic()
    if max(priced.bound, best.bound) > CEILING * most_cost(siting) + 1e-6:
        raise InfeasibleError(f"no {siting.most} sites reach every node; choose more, or allow more sites")
    if not best.is_proven and left_s > 0:
        _finish(siting, priced, best, left_s)
    if not np.isfinite(best.cost):
        raise OutOfTimeError(f"no {siting.most} sites found that reach every node; raise the time limit or allow more")
    return _located(siting, asked, best, named, (started, gap))


def _finish(siting: Siting, priced: Priced, best: Best, left_s: float) -> None:
    """Solve what prices and the best choice leave open; a choice that they rule out is no better than the best."""
    left = rule_out(siting, priced, best.cost) if np.isfinite(best.cost) else _everything(siting)
    if left.may_serve.sum() > EXACT_ARCS or np.isfinite(siting.arcs.beyond).any():
        return
    served = np.bincount(siting.arcs.node[left.may_serve], minlength=siting.arcs.n_nodes) > 0
    if left.must_open.sum() > siting.most or left.may_open.sum() < siting.least or not served.all():
        best.raise_bound(best.cost)
        return
    instance, site, scale = siting_instance(siting, left)
    try:
        solution = solve(instance, engine="exact", time_limit_s=left_s, gap=best.gap)
    except InfeasibleError:
        if not np.isfinite(best.cost):
            raise
        best.raise_bound(best.cost)
        return
    except OutOfTimeError:
        return
    is_open = np.zeros(siting.arcs.n_sites, dtype=bool)
    is_open[site[instance.options.site[solution.plan.is_open]]] = True
    best.offer(is_open)
    best.raise_bound(min(solution.bound / scale, best.cost))


def _everything(siting: Siting) -> Reduced:
    rules = siting.rules
    return Reduced(~rules.is_forbidden, rules.is_fixed, np.ones(len(siting.arcs.site), dtype=bool))


def _located(siting: Siting, asked: Arcs, best: Best, named: tuple[str, str], how: tuple[float, float]) -> Located:
    """The answer by the rows of the caller; nodes of weight 0 go to their nearest chosen site too."""
    is_open = best.is_open.copy()
    spare = np.flatnonzero(~is_open & siting.rules.is_free)
    is_open[spare[: max(0, siting.least - int(is_open.sum()))]] = True
    site, _ = nearest_open(asked, is_open)
    node = np.flatnonzero(site >= 0)
    problem, unit = named
    started, gap = how
    return Located(
        problem=problem,
        chosen=np.flatnonzero(is_open),
        node=node,
        site=site[node],
        share=np.ones(len(node)),
        value=best.cost,
        bound=best.bound,
        unit=unit,
        status=status_of(best.cost, best.bound, gap),
        seconds=time.monotonic() - started,
        node_id=asked.node_id,
        site_id=asked.site_id,
    )
