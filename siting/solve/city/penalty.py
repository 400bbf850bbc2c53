"""Coupling rows in a local search, in machine code: what a change adds, the penalty of missing them, and draws.

A change touches few rows, of which a city may have tens of thousands: only those that it touches are gone through.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from siting.instance import Bools, Floats, Ints
from siting.machine_code import borrowing, compiled

LEAST = 1e-9
"""Units, kt and costs of less are rounding."""
NEVER = 1e30
"""Cost of a choice that must not be made."""


class RowChange(NamedTuple):
    """Amounts that a change adds to coupling rows: `added` (n_rows,), 0 but for the first `n[0]` of `rows` (n_rows,).

    `is_listed` (n_rows,) marks these.
    """

    added: Floats
    rows: Ints
    is_listed: Bools
    n: Ints


@compiled
def no_change(n_rows: int) -> RowChange:
    """Return a change that touches none of so many rows yet."""
    return RowChange(np.zeros(n_rows), np.empty(n_rows, np.int64), np.zeros(n_rows, np.bool_), np.zeros(1, np.int64))


@borrowing
def add_to_row(change: RowChange, row: int, amount: float) -> None:
    """Add an amount to what a change adds to a row."""
    if not change.is_listed[row]:
        change.is_listed[row] = True
        change.rows[change.n[0]] = row
        change.n[0] += 1
    change.added[row] += amount


@borrowing
def forget(change: RowChange) -> int:
    """Make it a change that touches no row; return how many it touched."""
    n = int(change.n[0])
    for k in range(n):
        t = change.rows[k]
        change.added[t], change.is_listed[t] = 0.0, False
    change.n[0] = 0
    return n


@borrowing
def make(change: RowChange, reached: Floats) -> None:
    """Add a change to what the rows have reached, (n_rows,)."""
    for k in range(change.n[0]):
        t = change.rows[k]
        reached[t] += change.added[t]


@borrowing
def missed_cost(row_lower: Floats, row_upper: Floats, penalty: Floats, reached: Floats, change: RowChange) -> float:
    """Return by how much a change raises the penalties of rows that miss their sides; all arrays (n_rows,).

    `penalty` is paid for each unit by which `reached` lies outside of `row_lower` and `row_upper`.
    """
    cost = 0.0
    for k in range(change.n[0]):
        t = change.rows[k]
        before, after = reached[t], reached[t] + change.added[t]
        more = max(0.0, row_lower[t] - after) + max(0.0, after - row_upper[t])
        less = max(0.0, row_lower[t] - before) + max(0.0, before - row_upper[t])
        cost += penalty[t] * (more - less)
    return cost


@borrowing
def below(n: int, random: Generator) -> int:
    """Draw a whole number from 0 to `n` − 1; `Generator.integers` makes an array in machine code, each time."""
    return min(n - 1, int(random.random() * n))
