"""Set covering (LSCP), maximal covering (MCLP), and the p-center problem, which is solved by covers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Bools
from siting.locate.arcs import Arcs, as_arcs, make_arcs, nearest_open
from siting.locate.arguments import SiteRules, by_place, check_count, refuse_unreachable, site_rules
from siting.locate.coverage.maximal_covering import compile_ahead, cover_most
from siting.locate.coverage.set_cover import cover_all
from siting.locate.problems.changes import Existing, Network, at_most_new
from siting.locate.solution import Limits, Located, nearest_solution
from siting.locate.uncapacitated.lagrangian import Siting


def lscp(
    distance: Any,
    within: float,
    *,
    site_cost: Any = None,
    fixed: Any = None,
    forbidden: Any = None,
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
) -> Located:
    """Choose the fewest sites (or the cheapest, by `site_cost`) so that every node has one within `within`.

    Toregas, Swain, ReVelle and Bergman (1971), The location of emergency service facilities.

    Parameters
    ----------
    distance, fixed, forbidden, time_limit_s, gap
        As in `siting.locate.p_median`; a fixed site counts in the value.
    within
        Largest distance that counts as covered, in the unit of `distance`.
    site_cost
        Of each site, 1 where left out.

    Raises
    ------
    DataError
        If a figure cannot be used.
    InfeasibleError
        If a node has no allowed site within the distance.
    OutOfTimeError
        If the time limit came before any cover.

    >>> street = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    >>> lscp(street, within=1.0).value
    2.0
    """
    limits = Limits.start(time_limit_s, gap)
    arcs = as_arcs(distance)
    rules = site_rules(arcs, fixed, forbidden)
    cost = by_place(site_cost, arcs.site_id, "site cost")
    near = _within(arcs, within, rules)
    refuse_unreachable(near, np.ones(arcs.n_nodes, dtype=bool), f"allow a site within {within:g} of it, or go farther")
    is_open, bound = cover_all(near, rules, cost, deadline=limits.deadline, gap=gap)
    value = float(cost[is_open].sum())
    unit = "sites" if site_cost is None else "cost"
    return nearest_solution("LSCP", near, is_open, limits, value=value, bound=min(bound, value), unit=unit)


def mclp(  # noqa: PLR0913 — what a caller may ask
    distance: Any,
    within: float,
    p: int,
    *,
    weights: Any = None,
    fixed: Any = None,
    forbidden: Any = None,
    existing: Any = None,
    most_new: int | None = None,
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
    unit: str = "weight covered",
) -> Located:
    """Choose `p` sites so that the weight of the nodes with one within the distance `within` is most.

    Church and ReVelle (1974), The maximal covering location problem.

    Parameters
    ----------
    distance, within
        As in `lscp`.
    p, weights, fixed, forbidden, existing, most_new, time_limit_s, gap, unit
        As in `siting.locate.p_median`.

    Raises
    ------
    DataError
        If a figure cannot be used or `p` does not fit the sites.

    >>> street = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    >>> mclp(street, within=1.0, p=1, weights=[5, 1, 1, 1, 2, 2]).value
    7.0
    """
    compile_ahead()
    limits = Limits.start(time_limit_s, gap)
    arcs = as_arcs(distance)
    rules = site_rules(arcs, fixed, forbidden)
    p = check_count(p, rules)
    weight = by_place(weights, arcs.node_id, "weights")
    near = _within(arcs, within, rules)
    if most_new is None:
        is_open, bound = cover_most(near, rules, weight, p=p, deadline=limits.deadline, gap=gap)
    else:
        uncovered = replace(near, cost=np.zeros(len(near.cost)))
        siting = Siting(uncovered, rules, np.zeros(arcs.n_sites), p, p, weight)
        is_open, bound = _cover_with_few_new(siting, Existing.of(existing, most_new, siting), limits)
    value = float(weight[np.unique(near.node[is_open[near.site]])].sum())
    return nearest_solution("MCLP", near, is_open, limits, value=value, bound=max(bound, value), unit=unit)


def _cover_with_few_new(siting: Siting, today: Existing, limits: Limits) -> tuple[Bools, float]:
    """Return sites that cover much weight, and the most that any choice with so few new sites covers.

    A price on each new site is what each existing one earns: a node that it alone covers, of that weight.
    """
    near, weight, p = siting.arcs, siting.unserved, siting.most
    existing = np.flatnonzero(today.is_existing & ~siting.rules.is_forbidden)

    def priced(price: float, part: Limits) -> Network:
        n_added = len(existing) if price > 0 else 0
        node = np.concatenate([near.node, near.n_nodes + np.arange(n_added)])
        site = np.concatenate([near.site, existing[:n_added]])
        both = make_arcs(node, site, np.zeros(len(node)), shape=(near.n_nodes + n_added, near.n_sites))
        weights = np.concatenate([weight, np.full(n_added, price)])
        is_open, most = cover_most(both, siting.rules, weights, p=p, deadline=part.deadline, gap=part.gap)
        return Network(is_open, float(weight.sum()) + price * p - most)

    found = at_most_new(siting, today, priced, limits)
    return found.is_open, float(weight.sum()) - found.bound


def _within(arcs: Arcs, within: float, rules: SiteRules) -> Arcs:
    return arcs.keep(arcs.within(within) & ~rules.is_forbidden[arcs.site], beyond=np.full(arcs.n_nodes, np.inf))


def p_center(
    distance: Any,
    p: int,
    *,
    fixed: Any = None,
    forbidden: Any = None,
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
    unit: str = "distance",
) -> Located:
    """Choose `p` sites so that the largest distance from a node to its nearest chosen site is least.

    Solved by bisection over the distances that occur: within each, is there a cover of at most `p` sites (Minieka 1970,
    The m-center problem)? That the problem is hard is due to Kariv and Hakimi (1979).

    Parameters
    ----------
    distance, p, fixed, forbidden, time_limit_s, gap, unit
        As in `siting.locate.p_median`.

    Raises
    ------
    DataError, InfeasibleError, OutOfTimeError
        As in `siting.locate.p_median`.

    >>> street = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    >>> p_center(street, p=2).value
    1.0
    """
    limits = Limits.start(time_limit_s, gap)
    arcs = as_arcs(distance)
    rules = site_rules(arcs, fixed, forbidden)
    p = check_count(p, rules)
    allowed = arcs.keep(~rules.is_forbidden[arcs.site])
    refuse_unreachable(allowed, np.ones(arcs.n_nodes, dtype=bool), "allow a site near it, or leave it out")
    is_open, bound = _bisect(allowed, rules, p, limits)
    spare = np.flatnonzero(rules.is_free & ~is_open)
    is_open[spare[: p - int(is_open.sum())]] = True
    value = float(nearest_open(allowed, is_open)[1].max())
    return nearest_solution("p-center", allowed, is_open, limits, value=value, bound=min(bound, value), unit=unit)


def _bisect(arcs: Arcs, rules: SiteRules, p: int, limits: Limits) -> tuple[Bools, float]:
    """Return the best choice of sites and the proven minimum of its longest distance."""
    first = arcs.start[:-1][np.diff(arcs.start) > 0]
    radii = np.unique(arcs.cost)
    low = int(np.searchsorted(radii, arcs.cost[first].max(initial=0.0)))  # every node needs its nearest site
    high, best = len(radii), rules.is_fixed.copy()
    while low < high and (high == len(radii) or radii[high] - radii[low] > limits.gap * radii[high]):
        if limits.left_s < 0:
            break
        middle = (low + high) // 2
        near, ones = arcs.keep(arcs.cost <= radii[middle]), np.ones(arcs.n_sites)
        is_open, bound = cover_all(near, rules, ones, deadline=limits.deadline, gap=0.0, enough=float(p))
        if is_open.sum() <= p:
            best = is_open
            high = int(np.searchsorted(radii, nearest_open(arcs, best)[1].max()))
        elif bound > p + 0.5:
            low = middle + 1
        else:  # time limit before the minimum was found
            break
    if low >= len(radii):
        raise InfeasibleError(f"no {p} sites reach every node; choose more, or allow sites near the nodes cut off")
    if high == len(radii):
        raise OutOfTimeError(f"no {p} sites found that reach every node; raise the time limit")
    return best, float(radii[low])
