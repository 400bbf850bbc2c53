"""Barriers that can be crossed only along a street: rivers, lakes, railways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
OPEN = -1


@dataclass(frozen=True)
class Barriers:
    """Straight pieces of barriers in metric coordinates.

    Attributes
    ----------
    xy_m
        Shape `(n, 2, 2)`, both ends of each piece, m.
    area
        Shape `(n,)`: number of the area whose shore the piece is, −1 for a line that is crossed at once. An area is
        crossed where its shore is met twice: who is on the water may land, and one may go on at the end of a bridge.
    """

    xy_m: FloatArray
    area: IntArray

    def crossed_by(self, lines_m: FloatArray) -> BoolArray:
        """Return which straight lines, shape `(n, 2, 2)`, cross a barrier.

        >>> canal = Barriers(np.array([[[0.0, 0.0], [0.0, 100.0]]]), np.array([-1]))
        >>> canal.crossed_by(np.array([[[-5.0, 50.0], [5.0, 50.0]], [[5.0, 50.0], [9.0, 50.0]]])).tolist()
        [True, False]
        """
        crossed = np.zeros(len(lines_m), dtype=np.bool_)
        if not len(self.area) or not len(lines_m):
            return crossed
        tree = shapely.STRtree(np.asarray(shapely.linestrings(self.xy_m)))
        line, piece = tree.query(np.asarray(shapely.linestrings(lines_m)), predicate="intersects")
        crossed[line[self.area[piece] == OPEN]] = True
        shore = self.area[piece] != OPEN
        met, times = np.unique(np.stack([line[shore], self.area[piece[shore]]]), axis=1, return_counts=True)
        crossed[met[0, times >= 2]] = True
        return crossed


def barriers_of(shapes: npt.NDArray[np.object_]) -> Barriers:
    """Return the pieces of lines and of the shores of areas, in metric coordinates; points are passed over."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    is_area = np.isin(shapely.get_type_id(parts), (3,))
    lines = np.where(is_area, shapely.boundary(parts), parts)
    rings, of_part = shapely.get_parts(lines, return_index=True)
    is_line = np.isin(shapely.get_type_id(rings), (1, 2))
    rings, of_part = rings[is_line], of_part[is_line]
    at, ring = shapely.get_coordinates(rings, return_index=True)
    follows = ring[1:] == ring[:-1]
    xy_m = np.stack([at[:-1][follows], at[1:][follows]], axis=1)
    part = of_part[ring[:-1][follows]]
    return Barriers(xy_m, np.where(is_area[part], owner[part], OPEN).astype(np.int64))
