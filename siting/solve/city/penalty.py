"""Penalties of coupling rows in a local search, in machine code."""

from __future__ import annotations

from siting.instance import Floats
from siting.machine_code import compiled

LEAST = 1e-9
"""Units, kt and costs of less are rounding."""
NEVER = 1e30
"""Cost of a choice that must not be made."""


@compiled
def missed_cost(row_lower: Floats, row_upper: Floats, penalty: Floats, reached: Floats, change: Floats) -> float:
    """Return by how much a change raises the penalties of rows that miss their sides; all arrays (n_rows,).

    `penalty` is paid for each unit by which `reached` lies outside of `row_lower` and `row_upper`; `change` is what is
    added to `reached`.
    """
    cost = 0.0
    for t in range(len(change)):
        if change[t] != 0.0:
            before, after = reached[t], reached[t] + change[t]
            more = max(0.0, row_lower[t] - after) + max(0.0, after - row_upper[t])
            less = max(0.0, row_lower[t] - before) + max(0.0, before - row_upper[t])
            cost += penalty[t] * (more - less)
    return cost
