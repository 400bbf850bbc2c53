"""Zero-half cuts (Caprara and Fischetti 1996): rows of whole numbers added up, halved and rounded.

For rows Σ a[i,j] x[j] >= b[i] of whole numbers ≥ 0 and x in {0, 1}, any sum of some of them can be made even by adding
x[j] >= 0 or x[j] <= 1 where a coefficient is odd, then halved, and its right side rounded up. That gains ½ where the
right side was odd, and costs half of the rows' slack and of min(x, 1 − x) of the odd columns: a cut is broken where
these add up to less than 1. Three nodes of which each two share a site, no site half open covering all three, are the
least case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.machine_code import compiled

BROKEN = 0.02
"""Least violation of a cut that is of use."""
LONGEST = 8
"""Most rows in a sum."""
USES = 2
"""Most cuts of one round that one row is part of."""
LARGEST = 20.0
"""Largest coefficient of a cut."""
MOST_FOUND = 50_000


@dataclass(frozen=True)
class Rows:
    """Rows `matrix` x >= `least` of whole numbers ≥ 0: (n_rows, n_columns) and (n_rows,)."""

    matrix: sparse.csr_array
    least: Floats

    def keep(self, wanted: Bools) -> Rows:
        """Return the rows that are `wanted` (n_rows,)."""
        return Rows(sparse.csr_array(self.matrix[np.flatnonzero(wanted)]), self.least[wanted])

    def and_also(self, other: Rows) -> Rows:
        """Return these rows followed by `others`."""
        matrix = sparse.csr_array(sparse.vstack([self.matrix, other.matrix]))
        return Rows(matrix, np.concatenate([self.least, other.least]))


def half_cuts(rows: Rows, x: Floats, *, most: int, width: int, first: int = 0) -> Rows:
    """Return at most `most` cuts violated by x, (n_columns,) in [0, 1], from sums of a few rows each.

    `width` is how many rows are tried to follow the first of a sum, which is one from row `first` on.
    """
    slack = np.maximum(rows.matrix @ x - rows.least, 0.0)
    tight = np.flatnonzero(slack < 1.0 - 2.0 * BROKEN)
    part = sparse.csr_array(rows.matrix[tight])
    part = sparse.csr_array((np.rint(part.data) % 2, part.indices, part.indptr), shape=part.shape)
    is_odd = (rows.least[tight] - part @ (x > 0.5)) % 2 == 1
    cost = np.minimum(x, 1.0 - x)
    split = np.flatnonzero(cost > 1e-7)
    part = sparse.csr_array(part[:, split])
    part.eliminate_zeros()
    part.sort_indices()
    across = sparse.csc_array(part)
    begins, columns = part.indptr.astype(np.int64), part.indices.astype(np.int64)
    ends = begins, columns, across.indptr.astype(np.int64), across.indices.astype(np.int64)
    parity = _Parity(*ends, cost[split], slack[tight], is_odd)
    sums, broken = _odd_sums(parity, width, int(np.searchsorted(tight, first)))
    if not len(sums):
        return rows.keep(np.zeros(len(slack), dtype=bool))
    picks = _picks(sums, broken, most, len(tight))
    return _halved(Rows(sparse.csr_array(picks @ rows.matrix[tight]), picks @ rows.least[tight]), x)


def _picks(sums: Ints, broken: Floats, most: int, n_rows: int) -> sparse.csr_array:
    """Return the sums that are broken most, few of which share a row, as a matrix (n_sums, n_rows) of ones."""
    uses, seen = np.zeros(n_rows, dtype=np.int64), set()
    chosen: list[Ints] = []
    for number in np.argsort(-broken, kind="stable"):
        members = sums[number][sums[number] >= 0]
        key = tuple(sorted(members))
        if key in seen or (uses[members] >= USES).any():
            continue
        seen.add(key)
        uses[members] += 1
        chosen.append(members)
        if len(chosen) == most:
            break
    start = np.concatenate([[0], np.cumsum([len(members) for members in chosen], dtype=np.int64)])
    member = np.concatenate([np.empty(0, dtype=np.int64), *chosen])
    return sparse.csr_array((np.ones(len(member)), member, start), shape=(len(chosen), n_rows))


def _halved(sums: Rows, x: Floats) -> Rows:
    """Return the sums made even, halved and rounded up; those that x breaks and that are not too large."""
    matrix = sparse.csr_array(sums.matrix)
    is_odd = np.rint(matrix.data) % 2 == 1
    is_down = is_odd & (x[matrix.indices] > 0.5)
    n_down = sparse.csr_array((is_down.astype(float), matrix.indices, matrix.indptr), shape=matrix.shape).sum(axis=1)
    half = (matrix.data + is_odd - 2.0 * is_down) / 2.0
    halves = sparse.csr_array((half, matrix.indices, matrix.indptr), shape=matrix.shape)
    halves.eliminate_zeros()
    least = np.ceil((sums.least - n_down) / 2.0)
    is_small = halves.max(axis=1).toarray().ravel() <= LARGEST
    return Rows(halves, least).keep(is_small & (least - halves @ x > BROKEN / 2.0))


class _Parity(NamedTuple):
    """Odd coefficients of the tight rows by row and by column, with the cost of each column that is left odd.

    Columns of row i are `column` from `start[i]` on, rows of column j `across` from `across_start[j]` on. `slack` and
    `is_odd`, whether the right side is odd, (n_rows,).
    """

    start: Ints
    column: Ints
    across_start: Ints
    across: Ints
    cost: Floats
    slack: Floats
    is_odd: Bools


@compiled
def _odd_sums(rows: _Parity, width: int, begin: int) -> tuple[Ints, Floats]:
    """Return odd row sums that cost less than 1: their rows (n_sums, LONGEST), −1 after the last, and violations.

    From each row from `begin` on, the column that costs most is made even by one of the few rows that leave least cost.
    """
    start, column, cost, slack, is_odd = rows.start, rows.column, rows.cost, rows.slack, rows.is_odd
    sums = np.full((MOST_FOUND, LONGEST), -1, dtype=np.int64)
    broken = np.zeros(MOST_FOUND)
    tried = np.empty((LONGEST, width), dtype=np.int64)
    n_tried, done = np.zeros(LONGEST, dtype=np.int64), np.zeros(LONGEST, dtype=np.int64)
    members = np.empty(LONGEST, dtype=np.int64)
    is_uneven = np.zeros(len(cost), dtype=np.bool_)
    found = 0
    for first in range(begin, len(slack)):
        depth, entering, total, parity = 0, first, 0.0, False
        while True:
            members[depth] = entering
            total += slack[entering] + _flipped(start, column, cost, is_uneven, entering)
            parity ^= is_odd[entering]
            n_tried[depth], done[depth] = 0, 0
            if depth > 0 and parity and total < 1.0 - 2.0 * BROKEN:
                if found < MOST_FOUND:
                    sums[found, : depth + 1] = members[: depth + 1]
                    broken[found] = (1.0 - total) / 2.0
                    found += 1
            elif depth < LONGEST - 1:
                n_tried[depth] = _followers(rows, is_uneven, members, depth, total, tried[depth])
            while depth >= 0 and done[depth] == n_tried[depth]:
                leaving = members[depth]
                total += _flipped(start, column, cost, is_uneven, leaving) - slack[leaving]
                parity ^= is_odd[leaving]
                depth -= 1
            if depth < 0:
                break
            entering = tried[depth, done[depth]]
            done[depth] += 1
            depth += 1
    return sums[:found], broken[:found]


@compiled
def _flipped(start: Ints, column: Ints, cost: Floats, is_uneven: Bools, row: int) -> float:
    """Add a row to a sum, or take it out; what its odd columns then cost more."""
    more = 0.0
    for a in range(start[row], start[row + 1]):
        j = column[a]
        more += -cost[j] if is_uneven[j] else cost[j]
        is_uneven[j] = not is_uneven[j]
    return more


@compiled
def _followers(rows: _Parity, is_uneven: Bools, members: Ints, depth: int, total: float, best: Ints) -> int:
    """Put into `best` the rows that make the dearest odd column even at minimum cost; return how many."""
    start, column, across_start, across = rows.start, rows.column, rows.across_start, rows.across
    cost, slack = rows.cost, rows.slack
    dearest = -1
    for row in members[: depth + 1]:
        for a in range(start[row], start[row + 1]):
            j = column[a]
            if is_uneven[j] and (dearest < 0 or cost[j] > cost[dearest]):
                dearest = j
    if dearest < 0:
        return 0
    room = max(len(best) >> depth, 1)
    left = np.empty(room)
    n = 0
    for b in range(across_start[dearest], across_start[dearest + 1]):
        row = across[b]
        after = total + slack[row]
        for member in members[: depth + 1]:
            if member == row:
                after = np.inf
        if after == np.inf:
            continue
        for a in range(start[row], start[row + 1]):
            j = column[a]
            after += -cost[j] if is_uneven[j] else cost[j]
        if n == room and after >= left[n - 1]:
            continue
        n = min(n + 1, room)
        at_place = n - 1
        while at_place > 0 and left[at_place - 1] > after:
            left[at_place], best[at_place] = left[at_place - 1], best[at_place - 1]
            at_place -= 1
        left[at_place], best[at_place] = after, row
    return n
