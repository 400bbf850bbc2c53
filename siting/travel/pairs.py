"""The result of a search: pairs of places with their distance, and a report of how they came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from siting.travel.network import BoolArray, FloatArray, IntArray, shortest
from siting.travel.reach import Reach, along_chain

PlaceArray = npt.NDArray[np.int32]
NO_PAIRS = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))
"""Rows of origins and destinations, and their distances: none."""


@dataclass(frozen=True)
class Pairs:
    """Origins and destinations within reach of each other, sorted by `(origin, destination)`, each pair once.

    Attributes
    ----------
    origin, destination
        Shape `(n_pairs,)`, row numbers of the places given.
    distance_m
        Shape `(n_pairs,)`, finite, ≥ 0, m.
    """

    origin: PlaceArray
    destination: PlaceArray
    distance_m: FloatArray

    def __len__(self) -> int:
        return len(self.origin)


@dataclass(frozen=True)
class SnapReport:
    """Report on snapping places to the network, so that every place without a route is listed.

    Attributes
    ----------
    snap_limit_m
        The straight distance to the network beyond which a place is listed as far, m.
    far_origins, far_destinations
        Row numbers of the places farther than that; they keep their long access leg.
    cut_off_origins, cut_off_destinations
        Row numbers of the places whose access is not on the longest connected piece of the network travelled on.
    origins_without_pair
        Row numbers of the origins that reach no destination.
    n_pieces
        Connected pieces of the network travelled on (for walking: without motorways); 1 if it is whole.
    n_network_pairs, n_along_pairs, n_straight_pairs
        Pairs whose distance is a path through a junction, runs along one stretch of road without passing a junction,
        or is the straight line times a detour factor (walking only). They sum to the number of pairs.
    """

    snap_limit_m: float
    far_origins: PlaceArray
    far_destinations: PlaceArray
    cut_off_origins: PlaceArray
    cut_off_destinations: PlaceArray
    origins_without_pair: PlaceArray
    n_pieces: int
    n_network_pairs: int
    n_along_pairs: int
    n_straight_pairs: int


def to_arrays(pairs: Pairs, report: SnapReport) -> dict[str, npt.NDArray[Any]]:
    """Return pairs and report as named arrays, for `cached`."""
    return {name: np.asarray(value) for part in (pairs, report) for name, value in asdict(part).items()}


def from_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[Pairs, SnapReport]:
    """Undo `to_arrays`."""
    values: dict[str, Any] = {name: array if array.ndim else array.item() for name, array in arrays.items()}
    pairs = Pairs(**{field.name: values[field.name] for field in fields(Pairs)})
    return pairs, SnapReport(**{field.name: values[field.name] for field in fields(SnapReport)})


def sorted_pairs(origin: IntArray, destination: IntArray, distance_m: FloatArray) -> tuple[Pairs, IntArray]:
    """Return the pairs and the row of each; of a pair that comes twice the shorter, else the first, stays."""
    rows = shortest(origin, destination, distance_m)
    return Pairs(origin[rows].astype(np.int32), destination[rows].astype(np.int32), distance_m[rows]), rows


def report(ends: Reach, pairs: Pairs, *, snap_limit_m: float, is_straight: BoolArray) -> SnapReport:
    """Report how the places met the network and which rule gave each pair.

    `is_straight` has the shape `(n_pairs,)`: the distance of the pair is the straight line times a detour factor.
    """
    piece = ends.chains.pieces()
    is_on_one = ends.origins.chain[pairs.origin] == ends.destinations.chain[pairs.destination]
    same = np.flatnonzero(is_on_one & ~is_straight)
    along_m = along_chain(ends.origins.take(pairs.origin[same]), ends.destinations.take(pairs.destination[same]))
    n_along = int(np.isclose(along_m, pairs.distance_m[same], rtol=0, atol=1e-6).sum())
    n_straight = int(is_straight.sum())
    reached = np.bincount(pairs.origin, minlength=len(ends.origins))
    return SnapReport(
        snap_limit_m=float(snap_limit_m),
        far_origins=_rows(ends.origins.straight_m > snap_limit_m),
        far_destinations=_rows(ends.destinations.straight_m > snap_limit_m),
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
