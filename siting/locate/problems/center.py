"""The p-center problem: the farthest node as near as can be."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Bools, Floats
from siting.locate.arcs import Arcs, as_arcs
from siting.locate.arguments import SiteRules, check_count, refuse_unreachable, site_rules
from siting.locate.problems.covering import cover_all
from siting.locate.solution import Located, status_of
from siting.locate.uncapacitated.selection import nearest_open


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
    distance, fixed, forbidden
        As in `siting.locate.p_median`.
    p
        Sites to choose, fixed ones among them.
    time_limit_s, gap
        When to stop.
    unit
        What the value is called in outputs.

    Raises
    ------
    DataError
        If a figure cannot be used or `p` does not fit the sites.
    InfeasibleError
        If a node can reach no site, or no `p` sites reach all.
    OutOfTimeError
        If the time limit came before any choice that reaches all.

    >>> street = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    >>> p_center(street, p=2).value
    1.0
    """
    started = time.monotonic()
    arcs = as_arcs(distance)
    rules = site_rules(arcs, fixed, forbidden)
    p = check_count(p, rules)
    allowed = arcs.keep(~rules.is_forbidden[arcs.site])
    refuse_unreachable(allowed, np.ones(arcs.n_nodes, dtype=bool), "allow a site near it, or leave it out")
    is_open, value, bound = _bisect(allowed, rules, p, (started + time_limit_s, gap))
    spare = np.flatnonzero(rules.is_free & ~is_open)
    is_open[spare[: p - int(is_open.sum())]] = True
    site, reached = nearest_open(allowed, is_open)
    value = float(reached.max())
    return Located(
        problem="p-center",
        chosen=np.flatnonzero(is_open),
        node=np.arange(arcs.n_nodes),
        site=site,
        share=np.ones(arcs.n_nodes),
        value=value,
        bound=min(bound, value),
        unit=unit,
        status=status_of(value, min(bound, value), gap),
        seconds=time.monotonic() - started,
        node_id=arcs.node_id,
        site_id=arcs.site_id,
    )


def _bisect(arcs: Arcs, rules: SiteRules, p: int, until: tuple[float, float]) -> tuple[Bools, float, float]:
    """(choice, its largest distance, the least that is proven)."""
    deadline, gap = until
    first = arcs.start[:-1][np.diff(arcs.start) > 0]
    radii = np.unique(arcs.cost)
    low = int(np.searchsorted(radii, arcs.cost[first].max(initial=0.0)))  # every node needs its nearest site
    high, best = len(radii), rules.is_fixed.copy()
    while low < high and (high == len(radii) or radii[high] - radii[low] > gap * radii[high]):
        if time.monotonic() > deadline:
            break
        middle = (low + high) // 2
        found = _cover_within(arcs, rules, (float(radii[middle]), p), deadline)
        if found is None:
            break
        is_open, is_cover = found
        if is_cover:
            best = is_open
            high = int(np.searchsorted(radii, nearest_open(arcs, best)[1].max()))
        else:
            low = middle + 1
    if low >= len(radii):
        raise InfeasibleError(f"no {p} sites reach every node; choose more, or allow sites near the nodes cut off")
    if high == len(radii):
        raise OutOfTimeError(f"no {p} sites found that reach every node; raise the time limit")
    return best, float(radii[high]), float(radii[low])


def _cover_within(arcs: Arcs, rules: SiteRules, asked: tuple[float, int], deadline: float) -> tuple[Bools, bool] | None:
    """A cover within a radius, and whether it has at most p sites; None where time ran out before that was known."""
    radius, p = asked
    ones: Floats = np.ones(arcs.n_sites)
    is_open, bound = cover_all(arcs.keep(arcs.cost <= radius), rules, ones, deadline=deadline, gap=0.0, enough=float(p))
    if is_open.sum() <= p:
        return is_open, True
    return (is_open, False) if bound > p + 0.5 else None
