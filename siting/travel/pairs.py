"""What travel hands on: pairs of places with their distance, and a report of how they came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from siting.travel.network import FloatArray

PlaceArray = npt.NDArray[np.int32]


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
    """How places met the network, so that no demand is lost without a word.

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


def sorted_pairs(origin: npt.ArrayLike, destination: npt.ArrayLike, distance_m: npt.ArrayLike) -> Pairs:
    """Sort by `(origin, destination)`; of a pair that comes twice the shorter distance stays."""
    origins, destinations = np.asarray(origin, dtype=np.int32), np.asarray(destination, dtype=np.int32)
    lengths_m = np.asarray(distance_m, dtype=np.float64)
    order = np.lexsort((lengths_m, destinations, origins))
    origins, destinations, lengths_m = origins[order], destinations[order], lengths_m[order]
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = (np.diff(origins) != 0) | (np.diff(destinations) != 0)
    return Pairs(origins[is_first], destinations[is_first], lengths_m[is_first])
