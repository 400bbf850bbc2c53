"""Sentences on broken rules: one for each place, the worst first, the rest counted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from siting.instance import Floats

SHOWN_PER_RULE = 20


def list_broken(excess: Floats, allowed: Floats | float, sentence: Callable[[int], str]) -> list[str]:
    """Return one sentence for each row whose excess is more than allowed, the worst first.

    Parameters
    ----------
    excess
        How far each row breaks the rule, (n_rows,), in the unit of the rule; nan breaks nothing.
    allowed
        How far a row may, from rounding, in the same unit.
    sentence
        What to say of a row, by its index.

    Examples
    --------
    >>> list_broken(np.array([0.0, 3.0, 5.0]), 1.0, lambda row: f"row {row} is wrong")
    ['row 2 is wrong', 'row 1 is wrong']
    """
    broken = np.flatnonzero(excess > allowed)
    worst_first = broken[np.argsort(-excess[broken], kind="stable")]
    faults = [sentence(int(row)) for row in worst_first[:SHOWN_PER_RULE]]
    n_more = len(broken) - len(faults)
    return [*faults, f"… and {n_more} more like the last"] if n_more else faults


def list_broken_cells(excess: Floats, allowed: Floats | float, sentence: Callable[[int, int], str]) -> list[str]:
    """Return the same for a table, (n_rows, n_columns); `sentence` takes the row and the column."""
    limit = np.broadcast_to(allowed, excess.shape).reshape(-1)
    return list_broken(excess.reshape(-1), limit, lambda cell: sentence(*divmod(cell, excess.shape[1])))


def allow(scale: Floats, tolerance: float) -> Floats:
    """Return the rounding allowed on figures of this scale: relative above 1, absolute below."""
    return np.asarray(tolerance * np.maximum(1.0, np.abs(scale)))
