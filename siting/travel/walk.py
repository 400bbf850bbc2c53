"""Who can walk where: all pairs of places within a walking cut-off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from siting.errors import DataError
from siting.travel.access import Access
from siting.travel.network import BoolArray, FloatArray, IntArray, Network
from siting.travel.pairs import Pairs, SnapReport, sorted_pairs
from siting.travel.paths import distance_blocks
from siting.travel.reach import Reach, reach, report

SNAP_LIMIT_M = 500.0
ACCESS_DETOUR = 1.2
NEAR_M = 150.0
NEAR_DETOUR = 1.3
TILE_CUTOFFS = 3.0  # side of a tile in cut-off distances


@dataclass(frozen=True)
class _Placed:
    """Places by their access and their coordinates, shape `(n, 2)`, m."""

    access: Access
    xy_m: FloatArray


def walk_pairs(
    network: Network,
    origin_xy_m: FloatArray,
    destination_xy_m: FloatArray,
    *,
    cutoff_m: float,
    snap_limit_m: float = SNAP_LIMIT_M,
    access_detour: float = ACCESS_DETOUR,
    near_m: float = NEAR_M,
    near_detour: float = NEAR_DETOUR,
) -> tuple[Pairs, SnapReport]:
    """Measure the walk between all origins and destinations at most `cutoff_m` apart.

    A walk is the access leg of the origin, the shortest path on walkable edges, and the access leg of the destination.
    The access leg is the straight line to the nearest point on the nearest walkable edge times `access_detour`. Between
    two places on one edge the path runs along the edge.

    Where a network holds named roads only, footpaths are missing, and two places that see each other may seem a long
    way apart. So for places at most `near_m` apart the straight line times `near_detour` counts if it is shorter, or if
    there is no path at all; never where the line crosses a motorway or ramp. Other obstacles (a railway, a canal, a
    wall) are not known to the network, and there this rule is too kind; `SnapReport.n_straight_pairs` says how many
    pairs rest on it, and `near_m=0` switches it off.

    Parameters
    ----------
    network
        Motorways and ramps are not walked on.
    origin_xy_m, destination_xy_m
        Shapes `(n_origins, 2)` and `(n_destinations, 2)`, m.
    cutoff_m
        Longest walk, m, > 0; access legs count.
    snap_limit_m
        A place farther than this from the network is listed in the report; it still counts, with its long leg.
    access_detour, near_detour
        Walk over straight line, ≥ 1.
    near_m
        Longest straight line for the rule above, m, ≥ 0.

    Raises
    ------
    DataError
        If a coordinate or a parameter is out of range.
    """
    _check(cutoff_m, access_detour, near_m, near_detour)
    ends = reach(network, origin_xy_m, destination_xy_m, is_driven=False, access_detour=access_detour)
    on_network = _network_pairs(ends, cutoff_m)
    pairs, is_straight = _with_nearby(
        network, ends, on_network, cutoff_m=cutoff_m, near_m=near_m, near_detour=near_detour
    )
    return pairs, report(ends, pairs, snap_limit_m=snap_limit_m, is_straight=is_straight)


def _check(cutoff_m: float, access_detour: float, near_m: float, near_detour: float) -> None:
    if not cutoff_m > 0:
        raise DataError(f"walking cut-off: {cutoff_m} m; give a number of metres above 0")
    if not (access_detour >= 1 and near_detour >= 1):
        raise DataError(f"detour factors: {access_detour} and {near_detour}; give 1 or more")
    if not near_m >= 0:
        raise DataError(f"near distance: {near_m} m; give 0 or more metres")


def _network_pairs(ends: Reach, cutoff_m: float) -> Pairs:
    origins = _Placed(ends.origins, ends.origin_xy_m)
    destinations = _Placed(ends.destinations, ends.destination_xy_m)
    node_xy_m = ends.chains.node_xy_m
    if len(ends.origins) <= len(ends.destinations):
        return sorted_pairs(*_pairs_within(ends.links, node_xy_m, origins, destinations, cutoff_m))
    destination, origin, distance_m = _pairs_within(ends.links, node_xy_m, destinations, origins, cutoff_m)
    return sorted_pairs(origin, destination, distance_m)


def _with_nearby(
    network: Network, ends: Reach, on_network: Pairs, *, cutoff_m: float, near_m: float, near_detour: float
) -> tuple[Pairs, BoolArray]:
    """Add the straight walks between near places and tell which pairs rest on them."""
    origin, destination, straight_m = _pairs_nearby(network, ends.origin_xy_m, ends.destination_xy_m, near_m)
    walk_m = straight_m * near_detour
    is_within = walk_m <= cutoff_m
    near = sorted_pairs(origin[is_within], destination[is_within], walk_m[is_within])
    pairs = sorted_pairs(
        np.concatenate([on_network.origin, near.origin]),
        np.concatenate([on_network.destination, near.destination]),
        np.concatenate([on_network.distance_m, near.distance_m]),
    )
    return pairs, _is_new(pairs, on_network, len(ends.destinations))


def _is_new(pairs: Pairs, before: Pairs, n_destinations: int) -> BoolArray:
    """Tell which pairs were not there before, or were longer."""
    keys = pairs.origin.astype(np.int64) * n_destinations + pairs.destination
    old = before.origin.astype(np.int64) * n_destinations + before.destination
    before_m = np.full(len(pairs), np.inf)
    before_m[np.searchsorted(keys, old)] = before.distance_m
    return np.asarray(pairs.distance_m < before_m)


def _pairs_nearby(
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


def _pairs_within(
    links: csr_array,
    node_xy_m: FloatArray,
    sources: _Placed,
    targets: _Placed,
    cutoff_m: float,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Find every source and target whose network distance is at most `cutoff_m`.

    As no distance is below the straight line, the sources of a tile need only the nodes and targets in the box around
    them widened by `cutoff_m`. The sources should be the fewer.

    Returns
    -------
    source, target, distance_m
        One row a pair, in no particular order, shape `(n_pairs,)`.
    """
    found = []
    for rows in _tiles(sources.xy_m, TILE_CUTOFFS * cutoff_m):
        low_m, high_m = sources.xy_m[rows].min(axis=0) - cutoff_m, sources.xy_m[rows].max(axis=0) + cutoff_m
        nodes = np.flatnonzero(_is_inside(node_xy_m, low_m, high_m))
        near = np.flatnonzero(_is_inside(targets.xy_m, low_m, high_m))
        number = np.full(len(node_xy_m), -1, dtype=np.int64)
        number[nodes] = np.arange(len(nodes))
        tile_sources, tile_targets = sources.access.take(rows, number), targets.access.take(near, number)
        tile_links = links[nodes][:, nodes]
        for batch, distance_m in distance_blocks(tile_links, tile_sources, tile_targets, limit_m=cutoff_m):
            source, target = np.nonzero((distance_m <= cutoff_m) & (distance_m < np.inf))
            found.append((rows[batch[source]], near[target], distance_m[source, target]))
    if not found:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    source, target, distance_m = (np.concatenate(column) for column in zip(*found, strict=True))
    return source, target, distance_m


def _tiles(xy_m: FloatArray, side_m: float) -> Iterator[IntArray]:
    """Yield the row numbers of the places of each square tile; one tile if the side is infinite."""
    if len(xy_m) == 0:
        return
    tile = np.floor((xy_m - xy_m.min(axis=0)) / side_m)
    order = np.lexsort((tile[:, 1], tile[:, 0]))
    is_next = (np.diff(tile[order], axis=0) != 0).any(axis=1)
    yield from np.split(order, np.flatnonzero(is_next) + 1)


def _is_inside(xy_m: FloatArray, low_m: FloatArray, high_m: FloatArray) -> BoolArray:
    x_m, y_m = xy_m[:, 0], xy_m[:, 1]
    return np.asarray((x_m >= low_m[0]) & (x_m <= high_m[0]) & (y_m >= low_m[1]) & (y_m <= high_m[1]))
