"""Whole numbers that sum to a given total: largest remainders, with an upper bound if wanted; and the densest part."""

from __future__ import annotations

import numpy as np

from siting.errors import DataError
from siting.inputs.arrays import BoolArray, FloatArray, IntArray


def largest_remainder(weights: FloatArray, total: int, least: int = 0) -> IntArray:
    """Split `total` into whole parts in proportion to `weights`.

    Every part is the exact share rounded down or up, and the parts sum to `total`. Ties go to the first.

    Parameters
    ----------
    weights
        Shape `(n,)`, ≥ 0, not all zero.
    total
        What is split, ≥ 0.
    least
        What every part gets before the rest is split.

    Raises
    ------
    DataError
        If there is no weight, or too little to give every part the least.

    Examples
    --------
    >>> largest_remainder(np.array([1.0, 1.0, 2.0]), 10)
    array([3, 2, 5])
    """
    weights = np.asarray(weights, dtype=np.float64)
    rest = total - least * len(weights)
    if rest < 0:
        raise DataError(f"{total} cannot be split into {len(weights)} parts of {least} or more; lower the least")
    if not weights.sum() > 0:
        raise DataError(f"{total} cannot be split: all {len(weights)} weights are zero; give some place a weight")
    exact = weights / weights.sum() * rest
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: rest - int(parts.sum())]] += 1
    return np.asarray(parts + least, dtype=np.int64)


def share_out(weights: FloatArray, total: float, most: float) -> FloatArray:
    """Split `total` in proportion to `weights`, no part above `most`; what is cut off goes to the others.

    When `most` is too small for the total, all parts are equal.

    >>> share_out(np.array([6.0, 1.0, 1.0]), 8.0, 4.0)
    array([4., 2., 2.])
    """
    weights = np.asarray(weights, dtype=np.float64)
    if most * len(weights) <= total:
        return np.full(len(weights), total / len(weights))
    is_full = np.zeros(len(weights), dtype=bool)
    while True:
        rest = total - most * is_full.sum()
        parts = np.where(is_full, most, weights * rest / max(weights[~is_full].sum(), np.finfo(float).tiny))
        over = (parts > most) & ~is_full
        if not over.any():
            return parts
        is_full |= over


def densest_part(density: FloatArray, share: float) -> BoolArray:
    """Return the densest cells that together hold `share` of the sum; the cell in which it is reached belongs to them.

    >>> densest_part(np.array([1.0, 5.0, 3.0, 1.0]), 0.8)
    array([False,  True,  True, False])
    """
    order = np.argsort(-density, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(density[order])[:-1]])
    part = np.zeros(len(density), dtype=bool)
    part[order] = before < share * density.sum() * (1.0 - 1e-12)
    return part
