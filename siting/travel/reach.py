"""Both ends of a search on the network: origins and destinations with their access, and the report on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from siting.errors import DataError
from siting.travel.access import Access, Snap, access, checked_places, snap
from siting.travel.chains import Chains, contract
from siting.travel.network import BoolArray, FloatArray, Network
from siting.travel.pairs import Pairs, PlaceArray, SnapReport
from siting.travel.paths import along_chain


@dataclass(frozen=True)
class Reach:
    """Origins and destinations on the chains of the network they travel on."""

    chains: Chains
    links: csr_array
    origin_xy_m: FloatArray
    destination_xy_m: FloatArray
    snapped_origins: Snap
    snapped_destinations: Snap
    origins: Access
    destinations: Access


def reach(
    network: Network,
    origin_xy_m: FloatArray,
    destination_xy_m: FloatArray,
    *,
    is_driven: bool,
    access_detour: float,
) -> Reach:
    """Check the places, snap them, and carry them over to the chains of the edges travelled on.

    Driving takes drivable edges in their direction and loads where one can also stand; walking takes walkable edges.

    Raises
    ------
    DataError
        If a coordinate is not finite, or every drivable edge is one where nobody stands.
    """
    origin_xy_m = checked_places(origin_xy_m, "origin")
    destination_xy_m = checked_places(destination_xy_m, "destination")
    if is_driven:
        chains = contract(network, network.edge_is_drivable, network.edge_is_oneway)
    else:
        chains = contract(network, network.edge_is_walkable)
    has_access = network.edge_is_walkable & (chains.edge_chain >= 0)
    if not has_access.any():
        raise DataError("road edges: no drivable edge is walkable, so nothing can be loaded; correct `walkable`")
    snapped_origins = snap(network, origin_xy_m, has_access)
    snapped_destinations = snap(network, destination_xy_m, has_access)
    return Reach(
        chains,
        chains.links(),
        origin_xy_m,
        destination_xy_m,
        snapped_origins,
        snapped_destinations,
        access(chains, snapped_origins, access_detour),
        access(chains, snapped_destinations, access_detour),
    )


def report(ends: Reach, pairs: Pairs, *, snap_limit_m: float, is_straight: BoolArray) -> SnapReport:
    """Say how the places met the network and by which rule the pairs came about.

    `is_straight` has the shape `(n_pairs,)`: the distance of the pair is the straight line times a detour factor.
    """
    piece = ends.chains.pieces()
    origins, destinations = ends.origins.take(pairs.origin), ends.destinations.take(pairs.destination)
    is_along = (origins.chain == destinations.chain) & ~is_straight
    is_along &= np.isclose(along_chain(origins, destinations), pairs.distance_m, rtol=0, atol=1e-6)
    n_along, n_straight = int(is_along.sum()), int(is_straight.sum())
    reached = np.bincount(pairs.origin, minlength=len(ends.origins))
    return SnapReport(
        snap_limit_m=float(snap_limit_m),
        far_origins=_rows(ends.snapped_origins.straight_m > snap_limit_m),
        far_destinations=_rows(ends.snapped_destinations.straight_m > snap_limit_m),
        cut_off_origins=_rows(piece[ends.origins.ends[:, 0]] > 0),
        cut_off_destinations=_rows(piece[ends.destinations.ends[:, 0]] > 0),
        origins_without_pair=_rows(reached == 0),
        n_pieces=int(piece.max()) + 1,
        n_network_pairs=len(pairs) - n_along - n_straight,
        n_along_pairs=n_along,
        n_straight_pairs=n_straight,
    )


def _rows(is_listed: BoolArray) -> PlaceArray:
    return np.flatnonzero(is_listed).astype(np.int32)
