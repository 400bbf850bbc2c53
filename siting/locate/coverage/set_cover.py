"""Set covering: reduction by dominance, a greedy cover, and branch and bound with one row a node.

Reductions (Toregas and ReVelle 1973, Binary logic solutions to a class of location problem): a site is dropped if
another, no dearer one covers all its nodes, a node if it is covered wherever another one is.
"""

from __future__ import annotations

import time

import numpy as np
from scipy import sparse

from siting.errors import InfeasibleError
from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import Arcs
from siting.locate.arguments import SiteRules
from siting.locate.solution import are_whole, whole_bound
from siting.solve.highs import Program, run_highs

MOST_WORK = 2e8
"""Pairs are compared only where that takes no more multiplications than this."""


def cover_all(
    near: Arcs, rules: SiteRules, cost: Floats, *, deadline: float, gap: float, enough: float = -np.inf
) -> tuple[Bools, float]:
    """Return a cover of all nodes, and what every cover costs at least; the search ends with one that costs `enough`.

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
    """Return the rows and columns that no other makes needless, looked for again while any falls away."""
    while True:
        before = (len(rows), len(columns))
        part = sparse.csr_array(covers[rows][:, columns])
        rows = rows[~covers_less(part, np.zeros(len(rows)), is_row=True)]
        part = sparse.csr_array(covers[rows][:, columns])
        columns = columns[~covers_less(part, cost[columns], is_row=False)]
        if (len(rows), len(columns)) == before:
            return rows, columns


def greedy_cover(matrix: sparse.csr_array, cost: Floats) -> Bools:
    """Return a greedy cover, most uncovered rows per cost (Chvátal 1979), without redundant columns."""
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


def covers_less(matrix: sparse.csr_array, cost: Floats, *, is_row: bool) -> Bools:
    """Return the columns that another, no dearer one covers for; or rows that hold wherever another row does.

    Column k makes column j needless where it has all rows of j and costs no more; row k makes row i needless where all
    columns of k are in i. Of those that are alike the first stays. (n_columns,) or (n_rows,).
    """
    own = sparse.csr_array(matrix if is_row else matrix.T)
    size = np.diff(own.indptr)
    work = float((np.diff(sparse.csr_array(own.T).indptr).astype(float) ** 2).sum())
    if work > MOST_WORK or own.nnz == 0:
        return np.zeros(own.shape[0], dtype=bool)
    shared = sparse.coo_array(own @ own.T)
    a, b, common = shared.row, shared.col, np.rint(shared.data)
    if is_row:  # a is redundant: it contains b
        needless = (common == size[b]) & (a != b) & ((size[a] > size[b]) | (a > b))
    else:  # a is redundant: b contains it
        alike = (size[a] == size[b]) & (cost[a] == cost[b])
        needless = (common == size[a]) & (a != b) & (cost[b] <= cost[a]) & (~alike | (a > b))
    found: Bools = np.zeros(own.shape[0], dtype=bool)
    found[a[needless]] = True
    return found | (size == 0) if not is_row else found
