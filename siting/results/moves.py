"""Moves: pairs of one closed and one new facility, or of sites of two runs, that lie near each other."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from siting.instance import Floats

MOVE_WITHIN_M = {"point": 500.0, "transfer": 2000.0, "sorting": 5000.0, "base": 5000.0}
"""Largest straight distance of a move by echelon, m: a convention of this program."""


def find_moves(facilities: gpd.GeoDataFrame, crs_metric: str) -> dict[int, tuple[int, float]]:
    """Return new facility → (closed facility, straight distance in m), as rows of `facilities`, indexed from 0.

    The two are of one echelon and one year, and near each other. The nearest pairs come first; none is in two moves.
    """
    is_new, is_closed = facilities["action"] == "build", facilities["action"] == "close"
    if not (is_new.any() and is_closed.any()):
        return {}
    xy_m = shapely.get_coordinates(facilities.geometry.to_crs(crs_metric).to_numpy())
    year = facilities["opened"].where(is_new, facilities["closed"])
    moves = {}
    for (echelon, _), rows in facilities.groupby([facilities["echelon"], year]).groups.items():
        of_group = facilities.index.isin(rows)
        new, closed = (np.flatnonzero(of_group & some) for some in (is_new, is_closed))
        for i, j in nearest_pairs(xy_m[new], xy_m[closed], MOVE_WITHIN_M[str(echelon)]):
            moves[int(new[i])] = int(closed[j]), float(np.hypot(*(xy_m[new[i]] - xy_m[closed[j]])))
    return moves


def nearest_pairs(first_m: Floats, second_m: Floats, within_m: float) -> list[tuple[int, int]]:
    """Return pairs of places (n, 2) and (m, 2) within a distance: the nearest two first, each place once.

    >>> nearest_pairs(np.array([[0.0, 0], [10, 0]]), np.array([[9.0, 0], [100, 0]]), 50)
    [(1, 0)]
    """
    if not len(first_m) or not len(second_m):
        return []
    found = cKDTree(first_m).sparse_distance_matrix(cKDTree(second_m), within_m, output_type="ndarray")
    found = found[np.lexsort((found["j"], found["i"], found["v"]))]
    used_first, used_second, pairs = set[int](), set[int](), []
    for i, j in zip(found["i"].tolist(), found["j"].tolist(), strict=True):
        if i not in used_first and j not in used_second:
            used_first.add(i)
            used_second.add(j)
            pairs.append((i, j))
    return pairs
