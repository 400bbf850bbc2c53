"""The location set covering problem (LSCP) and the maximal covering location problem (MCLP)."""

from __future__ import annotations

from typing import Any

import numpy as np

from siting.locate.arcs import Arcs, as_arcs
from siting.locate.arguments import SiteRules, by_place, check_count, refuse_unreachable, site_rules
from siting.locate.coverage.maximal_covering import compile_ahead, cover_most
from siting.locate.coverage.set_cover import cover_all
from siting.locate.solution import Limits, Located, nearest_solution


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
    distance
        (n_nodes, n_sites): dense (inf: no way), scipy sparse (not stored: no way), or a table of `node`, `site`,
        `distance`.
    within
        Largest distance that counts as covered, in the unit of `distance`.
    site_cost
        Of each site, 1 where left out.
    fixed, forbidden
        Flags (n_sites,) or lists of sites; a fixed site counts in the value.
    time_limit_s, gap
        When to stop.

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
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
    unit: str = "weight covered",
) -> Located:
    """Choose `p` sites so that the weight of the nodes with one within the distance `within` is most.

    Church and ReVelle (1974), The maximal covering location problem.

    Parameters
    ----------
    distance, within, fixed, forbidden, time_limit_s, gap
        As in `lscp`.
    p
        Sites to choose, fixed ones among them.
    weights
        Of each node, ≥ 0; 1 where left out.
    unit
        What the value is called in outputs.

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
    is_open, bound = cover_most(near, rules, weight, p=p, deadline=limits.deadline, gap=gap)
    value = float(weight[np.unique(near.node[is_open[near.site]])].sum())
    return nearest_solution("MCLP", near, is_open, limits, value=value, bound=max(bound, value), unit=unit)


def _within(arcs: Arcs, within: float, rules: SiteRules) -> Arcs:
    """Arcs to allowed sites within the distance."""
    return arcs.keep((arcs.cost <= within) & ~rules.is_forbidden[arcs.site], beyond=np.full(arcs.n_nodes, np.inf))
