"""Give each place its access: the nearest point on the nearest edge that has one, and its way to the junctions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from siting.errors import DataError
from siting.travel.chains import Chains
from siting.travel.network import BoolArray, FloatArray, IntArray, Network, list_rows

AT_END_M = 1e-6


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


@dataclass(frozen=True)
class Access:
    """Places on the chains of a network.

    Attributes
    ----------
    chain
        Shape `(n,)`.
    ends
        Shape `(n, 2)`, the nodes at the two ends of the chain; −1 where a node is left out.
    along_m, rest_m
        Shape `(n,)`, length of the chain before and after the access, m.
    leg_m
        Shape `(n,)`, from the place to the access, detour included, m.
    way
        Shape `(n,)`: 0 where the chain is travelled both ways, 1 from its first node to its last only, −1 from its last
        to its first only.
    """

    chain: IntArray
    ends: IntArray
    along_m: FloatArray
    rest_m: FloatArray
    leg_m: FloatArray
    way: IntArray

    def __len__(self) -> int:
        return len(self.chain)

    @property
    def out_m(self) -> FloatArray:
        """Distance from the place to the two ends of its chain, shape `(n, 2)`, m; infinite against one-way.

        A place at the very end of its chain is at the junction and leaves it in any direction.
        """
        is_against = np.column_stack([self.way == 1, self.way == -1])
        end_m = np.column_stack([self.along_m, self.rest_m])
        return np.asarray(self.leg_m[:, None] + np.where(is_against & (end_m > AT_END_M), np.inf, end_m))

    @property
    def in_m(self) -> FloatArray:
        """Distance from the two ends of its chain to the place, shape `(n, 2)`, m; as `out_m`."""
        return self.turned().out_m

    def turned(self) -> Access:
        """Return the same places where every one-way street runs the other way."""
        return replace(self, way=-self.way)

    def take(self, rows: npt.NDArray[np.integer], node_number: IntArray | None = None) -> Access:
        """Return the access of some places; `node_number` renumbers the nodes (−1 leaves one out)."""
        ends = self.ends[rows] if node_number is None else node_number[self.ends[rows]]
        return Access(self.chain[rows], ends, self.along_m[rows], self.rest_m[rows], self.leg_m[rows], self.way[rows])


def access(chains: Chains, snapped: Snap, detour: float) -> Access:
    """Carry snapped places over to the chains; the leg is the straight line times `detour` (≥ 1)."""
    chain = chains.edge_chain[snapped.edge]
    from_m, to_m = chains.edge_from_m[snapped.edge], chains.edge_to_m[snapped.edge]
    along_m = from_m + snapped.share * (to_m - from_m)
    rest_m = np.maximum(chains.length_m[chain] - along_m, 0.0)
    way = chains.is_oneway[chain].astype(np.int64)
    return Access(chain, chains.ends[chain], along_m, rest_m, snapped.straight_m * detour, way)


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
