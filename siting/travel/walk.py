"""Who can walk where: all pairs of places within a walking cut-off."""

from __future__ import annotations

import numpy as np

from siting.errors import DataError
from siting.travel.nearby import pairs_nearby
from siting.travel.network import BoolArray, FloatArray, Network
from siting.travel.pairs import Pairs, SnapReport, sorted_pairs
from siting.travel.reach import Reach, reach, report
from siting.travel.tiles import pairs_within

SNAP_LIMIT_M = 500.0
ACCESS_DETOUR = 1.2
NEAR_M = 150.0
NEAR_DETOUR = 1.3


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
    ends = reach(
        network,
        origin_xy_m,
        destination_xy_m,
        is_driven=False,
        access_detour=access_detour,
    )
    on_network = _network_pairs(ends, cutoff_m)
    pairs, is_straight = _with_nearby(network, ends, on_network, (cutoff_m, near_m, near_detour))
    return pairs, report(ends, pairs, snap_limit_m=snap_limit_m, is_straight=is_straight)


def _check(cutoff_m: float, access_detour: float, near_m: float, near_detour: float) -> None:
    if not cutoff_m > 0:
        raise DataError(f"walking cut-off: {cutoff_m} m; give a number of metres above 0")
    if not (access_detour >= 1 and near_detour >= 1):
        raise DataError(f"detour factors: {access_detour} and {near_detour}; give 1 or more")
    if not near_m >= 0:
        raise DataError(f"near distance: {near_m} m; give 0 or more metres")


def _network_pairs(ends: Reach, cutoff_m: float) -> Pairs:
    origins, destinations = (ends.origins, ends.origin_xy_m), (ends.destinations, ends.destination_xy_m)
    if len(ends.origins) <= len(ends.destinations):
        origin, destination, distance_m = pairs_within(
            ends.links, ends.chains.node_xy_m, origins, destinations, cutoff_m
        )
    else:
        destination, origin, distance_m = pairs_within(
            ends.links, ends.chains.node_xy_m, destinations, origins, cutoff_m
        )
    return sorted_pairs(origin, destination, distance_m)


def _with_nearby(
    network: Network, ends: Reach, on_network: Pairs, rule: tuple[float, float, float]
) -> tuple[Pairs, BoolArray]:
    """Add the straight walks of the rule (cut-off, near distance, detour) and tell which pairs rest on them."""
    cutoff_m, near_m, near_detour = rule
    origin, destination, straight_m = pairs_nearby(network, ends.origin_xy_m, ends.destination_xy_m, near_m)
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
