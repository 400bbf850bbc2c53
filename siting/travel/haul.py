"""Haul links: the nearest destinations of each origin by road."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from siting.errors import DataError
from siting.travel.network import FloatArray, IntArray, Network
from siting.travel.pairs import NO_PAIRS, Pairs, SnapReport, report, sorted_pairs
from siting.travel.reach import ACCESS_DETOUR, SNAP_LIMIT_M, Reach, distance_blocks, reach


def haul_pairs(
    network: Network,
    origin_xy_m: FloatArray,
    destination_xy_m: FloatArray,
    *,
    nearest: int,
    cutoff_m: float = np.inf,
    snap_limit_m: float = SNAP_LIMIT_M,
    access_detour: float = ACCESS_DETOUR,
) -> tuple[Pairs, SnapReport]:
    """Find the `nearest` destinations of each origin by road, at most `cutoff_m` away.

    A haul is the access leg of the origin, the shortest path on drivable edges, one-way streets in their direction, and
    the access leg of the destination: from here to there, which may be longer than back. Places have their access on
    the nearest point of the nearest edge that is drivable and walkable: nobody loads on a motorway. The access leg is
    the straight line times `access_detour`. Of equally near destinations the one with the smaller row number comes
    first.

    Parameters
    ----------
    network
        Its drivable edges are travelled on.
    origin_xy_m, destination_xy_m
        Shapes `(n_origins, 2)` and `(n_destinations, 2)`, m.
    nearest
        Destinations kept for each origin, ≥ 1; all if there are no more than that.
    cutoff_m
        Longest haul, m, > 0; access legs count.
    snap_limit_m
        A place farther than this from the network is listed in the report; it still counts, with its long leg.
    access_detour
        Access leg over straight line, ≥ 1.

    Raises
    ------
    DataError
        If a coordinate or a parameter is out of range.
    """
    if nearest < 1:
        raise DataError(f"nearest destinations: {nearest}; keep 1 or more")
    if not (cutoff_m > 0 and access_detour >= 1):
        raise DataError(f"haul: cut-off {cutoff_m} m, detour {access_detour}; give more than 0 m and 1 or more")
    ends = reach(network, origin_xy_m, destination_xy_m, is_driven=True, access_detour=access_detour)
    search = _from_origins if len(ends.origins) <= len(ends.destinations) else _from_destinations
    found = [NO_PAIRS, *search(ends, nearest, cutoff_m)]
    origin, destination, distance_m = (np.concatenate(column) for column in zip(*found, strict=True))
    is_within = np.isfinite(distance_m) & (distance_m <= cutoff_m)
    pairs, _ = sorted_pairs(origin[is_within], destination[is_within], distance_m[is_within])
    is_straight = np.zeros(len(pairs), dtype=np.bool_)
    return pairs, report(ends, pairs, snap_limit_m=snap_limit_m, is_straight=is_straight)


Found = tuple[IntArray, IntArray, FloatArray]


def _from_origins(ends: Reach, nearest: int, cutoff_m: float) -> Iterator[Found]:
    numbers = np.arange(len(ends.destinations))
    for rows, distance_m in distance_blocks(ends.links, ends.origins, ends.destinations, limit_m=cutoff_m):
        kept_m, kept = _nearest(distance_m, np.broadcast_to(numbers, distance_m.shape), nearest)
        yield np.repeat(rows, kept.shape[1]), kept.ravel(), kept_m.ravel()


def _from_destinations(ends: Reach, nearest: int, cutoff_m: float) -> Iterator[Found]:
    n_origins = len(ends.origins)
    kept_m, kept = np.empty((n_origins, 0)), np.empty((n_origins, 0), dtype=np.int64)
    there, here = ends.destinations.turned(), ends.origins.turned()
    for rows, distance_m in distance_blocks(ends.links.T.tocsr(), there, here, limit_m=cutoff_m):
        numbers = np.hstack([kept, np.broadcast_to(rows, (n_origins, len(rows)))])
        kept_m, kept = _nearest(np.hstack([kept_m, distance_m.T]), numbers, nearest)
    yield np.repeat(np.arange(n_origins), kept.shape[1]), kept.ravel(), kept_m.ravel()


def _nearest(distance_m: FloatArray, number: IntArray, nearest: int) -> tuple[FloatArray, IntArray]:
    """Keep the `nearest` least distances of each row and their numbers; ties in the order of the columns."""
    if distance_m.shape[1] <= nearest:
        return distance_m, number
    order = np.argsort(distance_m, axis=1, kind="stable")[:, :nearest]
    return np.take_along_axis(distance_m, order, axis=1), np.take_along_axis(number, order, axis=1)
