"""The set covering location problem (LSCP) and the maximal covering location problem (MCLP).

Both need no assignment: a node is covered where a site within the service distance is open. So their program has one
row a node, after what can be left out: a site that covers nothing beyond what another does, a node that is covered
wherever another is, and nodes that the same sites cover (Toregas and ReVelle 1973, Binary logic solutions to a class
of location problem).
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from scipy import sparse

from siting.errors import InfeasibleError
from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import Arcs, as_arcs
from siting.locate.arguments import SiteRules, by_place, check_count, refuse_unreachable, site_rules
from siting.locate.coverage.dominance import covers_less, same_rows
from siting.locate.coverage.maximal_covering import compile_ahead, cover_best
from siting.locate.solution import Located, are_whole, status_of, whole_bound
from siting.locate.uncapacitated.selection import nearest_open
from siting.solve.highs import Program, run_highs


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
    started = time.monotonic()
    arcs = as_arcs(distance)
    rules = site_rules(arcs, fixed, forbidden)
    cost = by_place(site_cost, arcs.site_id, "site cost")
    near = _within(arcs, within, rules)
    refuse_unreachable(near, np.ones(arcs.n_nodes, dtype=bool), f"allow a site within {within:g} of it, or go farther")
    is_open, bound = cover_all(near, rules, cost, deadline=started + time_limit_s, gap=gap)
    value = float(cost[is_open].sum())
    unit = "sites" if site_cost is None else "cost"
    return _located("LSCP", near, (is_open, min(bound, value), value, unit), (started, gap))


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
    started = time.monotonic()
    arcs = as_arcs(distance)
    rules = site_rules(arcs, fixed, forbidden)
    p = check_count(p, rules)
    weight = by_place(weights, arcs.node_id, "weights")
    near = _within(arcs, within, rules)
    is_open, bound = cover_most(near, rules, weight, p=p, deadline=started + time_limit_s, gap=gap)
    value = covered(near, weight, is_open)
    return _located("MCLP", near, (is_open, max(bound, value), value, unit), (started, gap))


def _within(arcs: Arcs, within: float, rules: SiteRules) -> Arcs:
    """Arcs to allowed sites within the distance."""
    return arcs.keep((arcs.cost <= within) & ~rules.is_forbidden[arcs.site], beyond=np.full(arcs.n_nodes, np.inf))


def covered(near: Arcs, weight: Floats, is_open: Bools) -> float:
    """The weight of the nodes with an open site."""
    return float(weight[np.unique(near.node[is_open[near.site]])].sum())


def cover_all(
    near: Arcs, rules: SiteRules, cost: Floats, *, deadline: float, gap: float, enough: float = -np.inf
) -> tuple[Bools, float]:
    """A cover of all nodes, and what every cover costs at least; the search ends with one that costs `enough`.

    Raises
    ------
    InfeasibleError
        If there is none.
    OutOfTimeError
        If none was found in time.
    """
    covers = near.matrix()
    done = covers[:, rules.is_fixed].sum(axis=1) > 0
    rows, columns = _core(covers, np.flatnonzero(~done), np.flatnonzero(rules.is_free), cost)
    base = float(cost[rules.is_fixed].sum())
    is_open = rules.is_fixed.copy()
    if rows.size == 0:
        return is_open, base
    matrix = sparse.csr_array(covers[rows][:, columns])
    if (matrix.sum(axis=1) == 0).any():
        raise InfeasibleError("some node has no allowed site within the distance")
    own = cost[columns]
    first = greedy_cover(matrix, own)
    if base + own @ first <= enough:
        is_open[columns[first]] = True
        return is_open, base
    scale = 1.0 / max(float(own.mean()), 1e-12)
    ones = np.ones(len(rows))
    answer = run_highs(
        Program(own * scale, np.zeros(len(own)), np.ones(len(own)), matrix, ones, ones * np.inf, own >= 0),
        time_limit_s=max(0.5, deadline - time.monotonic()),
        options={"mip_rel_gap": gap, "objective_target": (enough - base) * scale + 1e-9},
        start=first.astype(float),
    )
    chosen = first if answer.values is None else answer.values > 0.5
    if own @ first < own @ chosen or (matrix @ chosen < 1).any():
        chosen = first
    is_open[columns[chosen]] = True
    bound = whole_bound(max(answer.bound, 0.0) / scale, is_whole=are_whole(own))
    return is_open, base + bound


def _core(covers: sparse.csr_array, rows: Ints, columns: Ints, cost: Floats) -> tuple[Ints, Ints]:
    """The rows and columns that no other makes needless, looked for again while any falls away."""
    while True:
        before = (len(rows), len(columns))
        part = sparse.csr_array(covers[rows][:, columns])
        rows = rows[~covers_less(part, np.zeros(len(rows)), is_row=True)]
        part = sparse.csr_array(covers[rows][:, columns])
        columns = columns[~covers_less(part, cost[columns], is_row=False)]
        if (len(rows), len(columns)) == before:
            return rows, columns


def greedy_cover(matrix: sparse.csr_array, cost: Floats) -> Bools:
    """A cover by the most uncovered rows a unit of cost (Chvátal 1979), less the columns that turn out needless."""
    columns = sparse.csc_array(matrix)
    left = np.ones(matrix.shape[0])
    chosen: Bools = np.zeros(matrix.shape[1], dtype=bool)
    while left.any():
        best = int(((columns.T @ left) / np.maximum(cost, 1e-12)).argmax())
        chosen[best] = True
        left[columns.indices[columns.indptr[best] : columns.indptr[best + 1]]] = 0.0
    times = matrix @ chosen.astype(float)
    for column in np.flatnonzero(chosen)[np.argsort(-cost[chosen], kind="stable")]:
        rows = columns.indices[columns.indptr[column] : columns.indptr[column + 1]]
        if (times[rows] > 1).all():
            chosen[column] = False
            times[rows] -= 1
    return chosen


def cover_most(
    near: Arcs, rules: SiteRules, weight: Floats, *, p: int, deadline: float, gap: float
) -> tuple[Bools, float]:
    """`p` sites that cover much weight, and the most that any `p` sites cover."""
    covers = near.matrix()
    done = covers[:, rules.is_fixed].sum(axis=1) > 0
    base = float(weight[done].sum())
    rows = np.flatnonzero(~done & (np.diff(covers.indptr) > 0) & (weight > 0))
    columns = np.flatnonzero(rules.is_free)
    part = sparse.csr_array(covers[rows][:, columns])
    merged, keep = same_rows(part)
    weights = np.bincount(merged, weight[rows], minlength=len(keep)).astype(float)
    part = sparse.csr_array(part[keep])
    useful = ~covers_less(part, np.zeros(len(columns)), is_row=False)
    n_more = p - int(rules.is_fixed.sum())
    is_open = rules.is_fixed.copy()
    bound = base
    if n_more and part.shape[0] and useful.any():
        columns, part = columns[useful], sparse.csr_array(part[:, useful])
        chosen, most = cover_best(part, weights, min(n_more, len(columns)), deadline=deadline, gap=gap)
        is_open[columns[chosen]] = True
        bound = base + most
    spare = np.flatnonzero(rules.is_free & ~is_open)
    is_open[spare[: p - int(is_open.sum())]] = True
    return is_open, bound


def _located(problem: str, near: Arcs, found: tuple[Bools, float, float, str], how: tuple[float, float]) -> Located:
    is_open, bound, value, unit = found
    site, _ = nearest_open(near, is_open)
    node = np.flatnonzero(site >= 0)
    started, gap = how
    return Located(
        problem=problem,
        chosen=np.flatnonzero(is_open),
        node=node,
        site=site[node],
        share=np.ones(len(node)),
        value=value,
        bound=bound,
        unit=unit,
        status=status_of(value, bound, gap),
        seconds=time.monotonic() - started,
        node_id=near.node_id,
        site_id=near.site_id,
    )
