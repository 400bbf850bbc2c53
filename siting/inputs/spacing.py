"""Choice among places: minimum spacing, and a greedy p-median."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siting.inputs.arrays import BoolArray, FloatArray, IntArray


def keep_spaced(places_m: FloatArray, spacing_m: float) -> BoolArray:
    """Return which places stay when each, in the given order, bars all later ones nearer than `spacing_m`.

    `places_m` has shape `(n, 2)`, m, the more wanted first.

    Returns
    -------
    keep
        Shape `(n,)`. No two kept places are nearer than `spacing_m`; every other one is that near to a kept one.

    Examples
    --------
    >>> keep_spaced(np.array([[0.0, 0.0], [20.0, 0.0], [40.0, 0.0]]), 30.0)
    array([ True, False,  True])
    """
    if not len(places_m):
        return np.zeros(0, dtype=bool)
    pairs = cKDTree(places_m).query_pairs(spacing_m, output_type="ndarray").astype(np.int64)
    gap_m = np.hypot(*(places_m[pairs[:, 0]] - places_m[pairs[:, 1]]).T)
    pairs = pairs[gap_m < spacing_m]
    keep = np.zeros(len(places_m), dtype=bool)
    is_open = np.ones(len(places_m), dtype=bool)
    while is_open.any():
        pairs = pairs[is_open[pairs].all(axis=1)]
        is_barred = np.zeros(len(places_m), dtype=bool)
        is_barred[pairs[:, 1]] = True  # pairs are (earlier, later)
        chosen = is_open & ~is_barred
        keep |= chosen
        is_open &= ~chosen
        is_open[pairs[chosen[pairs[:, 0]], 1]] = False
    return keep


def spread_by_demand(places_m: FloatArray, demand_m: FloatArray, weight: FloatArray, number: int) -> IntArray:
    """Return the rows of a greedy p-median: `number` places, each cutting the weighted distance to demand the most.

    Ties go to the first. All rows when there are no more than `number`.

    >>> ends = np.array([[0.0, 0.0], [10.0, 0.0], [5.0, 0.0]])
    >>> spread_by_demand(ends, ends[:2], np.ones(2), 2)
    array([0, 1])
    """
    if number >= len(places_m):
        return np.arange(len(places_m), dtype=np.int64)
    apart_m = np.hypot(*(places_m[:, None, :] - demand_m[None, :, :]).transpose(2, 0, 1)).astype(np.float64)
    reach_m = apart_m.max(axis=0)
    chosen = np.empty(number, dtype=np.int64)
    is_left = np.ones(len(places_m), dtype=bool)
    for turn in range(number):
        gain = np.maximum(reach_m - apart_m, 0.0) @ weight
        best = int(np.argmax(np.where(is_left, gain, -1.0)))
        chosen[turn], is_left[best] = best, False
        reach_m = np.minimum(reach_m, apart_m[best])
    return np.sort(chosen)


def distance_to_nearest(places_m: FloatArray, others_m: FloatArray) -> FloatArray:
    """Return the distance from each place to the nearest of the others, shape `(n,)`, m; infinite without any."""
    if not len(others_m):
        return np.full(len(places_m), np.inf)
    distance_m, _ = cKDTree(others_m).query(places_m)
    return np.asarray(distance_m, dtype=np.float64)


def xy_m(frame: pd.DataFrame) -> FloatArray:
    """Return the metric coordinates `x_m`, `y_m` of the rows, shape `(n, 2)`."""
    return frame[["x_m", "y_m"]].to_numpy(dtype=np.float64)
