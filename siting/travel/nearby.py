"""Very near places, for which the straight line is the better guess of a walk."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.spatial import KDTree

from siting.travel.network import BoolArray, FloatArray, IntArray, Network


def pairs_nearby(
    network: Network, origin_xy_m: FloatArray, destination_xy_m: FloatArray, near_m: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Find the pairs at most `near_m` apart whose straight line crosses no motorway or ramp.

    Returns
    -------
    origin, destination, straight_m
        One row a pair, in no particular order, shape `(n_pairs,)`.
    """
    if len(origin_xy_m) == 0 or len(destination_xy_m) == 0 or near_m <= 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    near = KDTree(origin_xy_m).sparse_distance_matrix(KDTree(destination_xy_m), near_m, output_type="ndarray")
    lines_m = np.stack([origin_xy_m[near["i"]], destination_xy_m[near["j"]]], axis=1)
    near = near[~_is_crossing(network, lines_m)]
    return near["i"].astype(np.int64), near["j"].astype(np.int64), near["v"].astype(np.float64)


def _is_crossing(network: Network, lines_m: FloatArray) -> BoolArray:
    """Tell which lines (shape `(n, 2, 2)`) cross an edge that is not walkable."""
    closed = network.edge_nodes[~network.edge_is_walkable]
    crossing = np.zeros(len(lines_m), dtype=np.bool_)
    tree = shapely.STRtree(np.asarray(shapely.linestrings(network.node_xy_m[closed])))
    crossing[tree.query(shapely.linestrings(lines_m), predicate="intersects")[0]] = True
    return crossing
