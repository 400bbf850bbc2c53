"""Which closed facility a new one takes the place of."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from siting.instance import Floats

MOVE_WITHIN_M = {"point": 500.0, "transfer": 2000.0, "sorting": 5000.0, "base": 5000.0}
"""How far apart the closed and the new facility of a move are at most, straight, by echelon: a convention of ours."""


def find_moves(facilities: gpd.GeoDataFrame, crs_metric: str) -> dict[int, tuple[int, float]]:
    """New facility → (closed facility, straight distance in m), as rows of `facilities`, which has an index from 0.

    The two are of one echelon and one year, and near each other. The nearest pairs come first; none is in two moves.
    """
    is_new, is_closed = facilities["action"] == "build", facilities["action"] == "close"
    if not (is_new.any() and is_closed.any()):
        return {}
    xy_m = shapely.get_coordinates(facilities.geometry.to_crs(crs_metric).to_numpy())
    pairs = []
    for echelon, within_m in MOVE_WITHIN_M.items():
        of_echelon = facilities["echelon"] == echelon
        new, closed = (np.flatnonzero(of_echelon & some) for some in (is_new, is_closed))
        pairs += [(metres, int(new[i]), int(closed[j])) for i, j, metres in _near(xy_m[new], xy_m[closed], within_m)]
    opened, closed_by = facilities["opened"].tolist(), facilities["closed"].tolist()
    moves: dict[int, tuple[int, float]] = {}
    gone: set[int] = set()
    for metres, new_row, closed_row in sorted(pairs):
        if new_row not in moves and closed_row not in gone and opened[new_row] == closed_by[closed_row]:
            moves[new_row] = closed_row, metres
            gone.add(closed_row)
    return moves


def _near(a: Floats, b: Floats, within_m: float) -> list[tuple[int, int, float]]:
    """(row of a, row of b, distance) of all pairs within a distance; places are (n, 2)."""
    if not (len(a) and len(b)):
        return []
    found = cKDTree(a).sparse_distance_matrix(cKDTree(b), within_m, output_type="coo_matrix")
    return list(zip(found.row.tolist(), found.col.tolist(), found.data.tolist(), strict=True))
