"""Who can walk and haul where in a made-up city: nearest places only, straight lines times a detour."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from siting.instance import Floats, Ints, Links, Walks
from siting.synthetic.figures import PARTICIPATION_AT_DOOR, PARTICIPATION_DECAY_M
from siting.synthetic.town import Town
from siting.vocabulary import LINK_CLASSES, Echelon

WALK_CUTOFF_M, LEAST_DETOUR, MOST_DETOUR = 1_000.0, 1.2, 1.5
POINTS_PER_CELL, STATIONS_PER_POINT, CENTRES_PER_STATION, CENTRES_PER_GENERATOR = 32, 6, 15, 12


def walks_of(rng: np.random.Generator, town: Town) -> Walks:
    """Walks from each cell to its nearest points within the cut-off, by cell and distance."""
    cells = np.flatnonzero(town.residents > 0)
    points = np.flatnonzero(town.echelon == Echelon.POINT)
    reach_m = WALK_CUTOFF_M / LEAST_DETOUR
    cell, point, metres = _nearest(town.node_m[cells], town.site_m[points], POINTS_PER_CELL, within_m=reach_m)
    metres = metres * rng.uniform(LEAST_DETOUR, MOST_DETOUR, len(metres))
    near = metres <= WALK_CUTOFF_M
    metres = np.round(metres[near], 1)
    share = PARTICIPATION_AT_DOOR * np.exp(-metres / PARTICIPATION_DECAY_M)
    return Walks(cells[cell[near]], points[point[near]], metres, share, np.zeros(len(metres)))


def haul_of(rng: np.random.Generator, town: Town) -> Links:
    """Haul from points to their nearest stations and from stations to their nearest centres."""
    points, stations, centres = (
        np.flatnonzero(town.echelon == echelon) for echelon in (Echelon.POINT, Echelon.TRANSFER, Echelon.SORTING)
    )
    first = _links(rng, (town.site_m, points), (town.site_m, stations), STATIONS_PER_POINT, "point_to_transfer")
    second = _links(rng, (town.site_m, stations), (town.site_m, centres), CENTRES_PER_STATION, "transfer_to_sorting")
    return Links(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in vars(first)))


def direct_of(rng: np.random.Generator, town: Town) -> Links:
    """Haul from generators to their nearest centres."""
    generators, centres = np.flatnonzero(town.residents == 0), np.flatnonzero(town.echelon == Echelon.SORTING)
    ends = (town.node_m, generators), (town.site_m, centres)
    return _links(rng, *ends, CENTRES_PER_GENERATOR, "generator_to_sorting")


def _links(
    rng: np.random.Generator, tails: tuple[Floats, Ints], heads: tuple[Floats, Ints], nearest: int, name: str
) -> Links:
    """Links of a class from each tail to its nearest heads; each end is (places in metres, rows that count)."""
    (tail_m, tail_row), (head_m, head_row) = tails, heads
    tail, head, metres = _nearest(tail_m[tail_row], head_m[head_row], nearest)
    detour = rng.uniform(LEAST_DETOUR, MOST_DETOUR, len(metres))
    number = LINK_CLASSES.index(name)
    return Links(
        tail=tail_row[tail],
        head=head_row[head],
        distance_m=np.round(metres * detour, 1),
        link_class=np.full(len(tail), number, dtype=np.int64),
        rate=np.full(len(tail), int(name != "point_to_transfer"), dtype=np.int64),
    )


def _nearest(from_m: Floats, to_m: Floats, most: int, *, within_m: float = np.inf) -> tuple[Ints, Ints, Floats]:
    """(row of `from_m`, row of `to_m`, straight metres) of the nearest pairs, by row and distance."""
    most = min(most, len(to_m))
    found = KDTree(to_m).query(from_m, k=np.arange(1, most + 1), distance_upper_bound=within_m)
    metres, to = np.asarray(found[0]), np.asarray(found[1], dtype=np.int64)
    row, rank = np.nonzero(np.isfinite(metres))
    return row.astype(np.int64), to[row, rank], metres[row, rank]
