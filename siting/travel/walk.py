"""Walks: all pairs of a demand node and a site within the walking cut-off."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from scipy.spatial import KDTree

from siting.errors import DataError
from siting.travel.network import BoolArray, FloatArray, IntArray, Network
from siting.travel.pairs import NO_PAIRS, Pairs, SnapReport, report, sorted_pairs
from siting.travel.reach import ACCESS_DETOUR, SNAP_LIMIT_M, Reach, distance_blocks, reach

NEAR_M = 150.0
NEAR_DETOUR = 1.3
TILE_CUTOFFS = 3.0  # side of a tile in cut-off distances


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
    there is no path at all; never where the line crosses a motorway, a ramp, or one of the network's `barriers` (water,
    railways), which no access leg crosses either. Where the barriers are not known this rule is too kind;
    `SnapReport.n_straight_pairs` says how many pairs rest on it, and `near_m=0` switches it off.

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
    if not cutoff_m > 0:
        raise DataError(f"walking cut-off: {cutoff_m} m; give a number of metres above 0")
    if not (access_detour >= 1 and near_detour >= 1):
        raise DataError(f"detour factors: {access_detour} and {near_detour}; give 1 or more")
    if not near_m >= 0:
        raise DataError(f"near distance: {near_m} m; give 0 or more metres")
    ends = reach(network, origin_xy_m, destination_xy_m, is_driven=False, access_detour=access_detour)
    on_network = _pairs_within(ends, cutoff_m)
    origin, destination, straight_m = _pairs_nearby(network, ends, near_m)
    is_within = straight_m * near_detour <= cutoff_m
    nearby = origin[is_within], destination[is_within], straight_m[is_within] * near_detour
    pairs, rows = sorted_pairs(*(np.concatenate(both) for both in zip(on_network, nearby, strict=True)))
    is_straight = rows >= len(on_network[0])
    return pairs, report(ends, pairs, snap_limit_m=snap_limit_m, is_straight=is_straight)


def _pairs_nearby(network: Network, ends: Reach, near_m: float) -> tuple[IntArray, IntArray, FloatArray]:
    """Find the pairs at most `near_m` apart whose straight line crosses no motorway, ramp or barrier.

    Returns
    -------
    origin, destination, straight_m
        One row a pair, in no particular order, shape `(n_pairs,)`.
    """
    origin_xy_m, destination_xy_m = ends.origins.xy_m, ends.destinations.xy_m
    if len(origin_xy_m) == 0 or len(destination_xy_m) == 0 or near_m <= 0:
        return NO_PAIRS
    near = KDTree(origin_xy_m).sparse_distance_matrix(KDTree(destination_xy_m), near_m, output_type="ndarray")
    lines_m = np.stack([origin_xy_m[near["i"]], destination_xy_m[near["j"]]], axis=1)
    near = near[~_is_crossing(network, lines_m)]
    return near["i"].astype(np.int64), near["j"].astype(np.int64), near["v"].astype(np.float64)


def _is_crossing(network: Network, lines_m: FloatArray) -> BoolArray:
    """Return which lines, shape `(n, 2, 2)`, cross a barrier or an edge that is not walkable."""
    closed = network.edge_nodes[~network.edge_is_walkable]
    crossing = np.zeros(len(lines_m), dtype=np.bool_)
    if network.barriers is not None:
        crossing |= network.barriers.crossed_by(lines_m)
    tree = shapely.STRtree(np.asarray(shapely.linestrings(network.node_xy_m[closed])))
    crossing[tree.query(shapely.linestrings(lines_m), predicate="intersects")[0]] = True
    return crossing


def _pairs_within(ends: Reach, cutoff_m: float) -> tuple[IntArray, IntArray, FloatArray]:
    """Find every origin and destination whose network distance is at most `cutoff_m`; rows as of `_pairs_nearby`.

    As no distance is below the straight line, the sources of a tile need only the nodes and targets in the box around
    them widened by `cutoff_m`. The sources are the fewer of the two.
    """
    is_turned = len(ends.origins) > len(ends.destinations)
    sources, targets = (ends.destinations, ends.origins) if is_turned else (ends.origins, ends.destinations)
    node_xy_m, found = ends.chains.node_xy_m, [NO_PAIRS]
    for rows in _tiles(sources.xy_m, TILE_CUTOFFS * cutoff_m):
        low_m, high_m = sources.xy_m[rows].min(axis=0) - cutoff_m, sources.xy_m[rows].max(axis=0) + cutoff_m
        nodes, near = (
            np.flatnonzero(((xy_m >= low_m) & (xy_m <= high_m)).all(axis=1)) for xy_m in (node_xy_m, targets.xy_m)
        )
        number = np.full(len(node_xy_m), -1, dtype=np.int64)
        number[nodes] = np.arange(len(nodes))
        tile_sources, tile_targets = sources.take(rows, number), targets.take(near, number)
        tile_links = ends.links[nodes][:, nodes]
        for batch, distance_m in distance_blocks(tile_links, tile_sources, tile_targets, limit_m=cutoff_m):
            source, target = np.nonzero((distance_m <= cutoff_m) & (distance_m < np.inf))
            found.append((rows[batch[source]], near[target], distance_m[source, target]))
    source, target, distance_m = (np.concatenate(column) for column in zip(*found, strict=True))
    return (target, source, distance_m) if is_turned else (source, target, distance_m)


def _tiles(xy_m: FloatArray, side_m: float) -> Iterator[IntArray]:
    """Yield the row numbers of the places of each square tile; one tile if the side is infinite."""
    if len(xy_m) == 0:
        return
    tile = np.floor((xy_m - xy_m.min(axis=0)) / side_m)
    order = np.lexsort((tile[:, 1], tile[:, 0]))
    is_next = (np.diff(tile[order], axis=0) != 0).any(axis=1)
    yield from np.split(order, np.flatnonzero(is_next) + 1)
