"""What a covering problem can do without: rows that repeat others, rows and columns that others make needless."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Ints

MOST_WORK = 2e8
"""Pairs are compared only where that takes no more multiplications than this."""


def same_rows(matrix: sparse.csr_array) -> tuple[Ints, Ints]:
    """(group of each row, one row of each group): rows with the same columns are one group."""
    matrix.sort_indices()
    numbers: dict[bytes, int] = {}
    group = np.empty(matrix.shape[0], dtype=np.int64)
    for row in range(matrix.shape[0]):
        own = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tobytes()
        group[row] = numbers.setdefault(own, len(numbers))
    _, first = np.unique(group, return_index=True)
    return group, first


def covers_less(matrix: sparse.csr_array, cost: Floats, *, is_row: bool) -> Bools:
    """Columns that another, no dearer one covers for; or rows that hold wherever another row does.

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
    if is_row:  # a needless: all of b is in a
        needless = (common == size[b]) & (a != b) & ((size[a] > size[b]) | (a > b))
    else:  # a needless: all of a is in b
        alike = (size[a] == size[b]) & (cost[a] == cost[b])
        needless = (common == size[a]) & (a != b) & (cost[b] <= cost[a]) & (~alike | (a > b))
    found: Bools = np.zeros(own.shape[0], dtype=bool)
    found[a[needless]] = True
    return found | (size == 0) if not is_row else found
