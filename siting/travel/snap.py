"""Give each place its access: the nearest point on the nearest edge that has one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from siting.errors import DataError
from siting.travel.network import BoolArray, FloatArray, IntArray, Network, list_rows


@dataclass(frozen=True)
class Snap:
    """Where places reach the network; the edge is split there in thought only.

    Attributes
    ----------
    edge
        Shape `(n,)`, the edge of the access.
    share
        Shape `(n,)`, where on the edge, from 0 (its first node) to 1 (its second).
    straight_m
        Shape `(n,)`, straight line from the place to the access, m.
    """

    edge: IntArray
    share: FloatArray
    straight_m: FloatArray


def snap(network: Network, place_xy_m: FloatArray, has_access: BoolArray) -> Snap:
    """Project each place onto the nearest edge with access; of parallel edges the shortest has it.

    Parameters
    ----------
    network
        The full network.
    place_xy_m
        Shape `(n, 2)`, checked by `checked_places`, m.
    has_access
        Shape `(n_edges,)`: the edges on which a place may have its access; at least one.
    """
    open_edges = _edges_with_access(network, has_access)
    ends_m = network.node_xy_m[network.edge_nodes[open_edges]]
    edges = shapely.STRtree(np.asarray(shapely.linestrings(ends_m)))
    nearest = edges.query_nearest(shapely.points(place_xy_m), all_matches=False)[1].astype(np.int64)
    share, straight_m = _project(place_xy_m, ends_m[nearest, 0], ends_m[nearest, 1])
    return Snap(open_edges[nearest], share, straight_m)


def _edges_with_access(network: Network, has_access: BoolArray) -> IntArray:
    """Return the edges with access; of those between the same two nodes, drawn as one line, only the shortest."""
    rows = np.flatnonzero(has_access)
    order = rows[np.argsort(network.edge_length_m[rows], kind="stable")]
    _, first = np.unique(np.sort(network.edge_nodes[order], axis=1), axis=0, return_index=True)
    return np.sort(order[first])


def _project(xy_m: FloatArray, start_m: FloatArray, end_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the share of the segment at its point nearest to `xy_m`, and the distance to it in m."""
    along = end_m - start_m
    squared = (along**2).sum(axis=1)
    dot = ((xy_m - start_m) * along).sum(axis=1)
    share = np.clip(np.divide(dot, squared, out=np.zeros_like(dot), where=squared > 0), 0.0, 1.0)
    gap = xy_m - (start_m + share[:, None] * along)
    return share, np.hypot(gap[:, 0], gap[:, 1])


def checked_places(xy_m: FloatArray, role: str) -> FloatArray:
    """Return the coordinates as float64 of shape `(n, 2)`; none at all is allowed.

    Raises
    ------
    DataError
        If the shape is another one or a coordinate is not finite; `role` says which places are meant.
    """
    places = np.ascontiguousarray(xy_m, dtype=np.float64)
    if places.size == 0:
        return places.reshape(0, 2)
    if places.ndim != 2 or places.shape[1] != 2:
        raise DataError(f"{role}s: coordinates have the shape {places.shape}; give one row of x and y per place")
    bad = np.flatnonzero(~np.isfinite(places).all(axis=1))
    if bad.size:
        raise DataError(f"{role}s {list_rows(bad)}: x or y is not a finite number; correct or drop these places")
    return places
