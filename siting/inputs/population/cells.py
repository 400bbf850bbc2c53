"""The two kinds of cells that people are put in: squares of a metric CRS, and the hexagons of H3.

Each kind answers the same questions with whole numbers as labels: in which cell a place lies, what the cell is called,
and what its outline is. Weights are gathered by piece: the part of a cell that lies in one district. A cell crossed by
a border is cut along it, so that nobody is moved to the neighbouring district.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from siting.errors import DataError
from siting.inputs.arrays import WGS84, BoolArray, FloatArray, IntArray, Shapes

NOWHERE = -1
SHIFT = 2**30
FINEST, COARSEST = 11, 4


def district_of(lon: FloatArray, lat: FloatArray, districts: gpd.GeoDataFrame) -> IntArray:
    """Return the row of the district that each place lies in, −1 for none; the first on a border."""
    found = np.full(len(lon), NOWHERE, dtype=np.int64)
    for row, outline in enumerate(districts.geometry):
        west, south, east, north = outline.bounds
        may = np.flatnonzero((found == NOWHERE) & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        if len(may):
            shapely.prepare(outline)
            found[may[shapely.intersects_xy(outline, lon[may], lat[may])]] = row
    return found


def gather(
    lon: FloatArray, lat: FloatArray, weight: FloatArray, *, districts: gpd.GeoDataFrame, cells: Cells
) -> tuple[pd.DataFrame, BoolArray]:
    """Return the weights by piece, and which places lie in a district.

    Parameters
    ----------
    lon, lat, weight
        Shape `(n,)`: weighted places, weights > 0.
    districts, cells
        Outlines in WGS-84, and which cells.

    Returns
    -------
    pieces
        One row for each cell (`label`) and district (`row`): `weight`, its sums `by_lon` and `by_lat` times lon and
        lat, and the heaviest place in it (`top`, `top_lon`, `top_lat`).
    is_home
        Shape `(n,)`.
    """
    rows = district_of(lon, lat, districts)
    is_home = rows != NOWHERE
    lon, lat, weight = lon[is_home], lat[is_home], weight[is_home]
    frame = pd.DataFrame({"label": cells.labels(lon, lat), "row": rows[is_home], "weight": weight})
    frame = frame.assign(by_lon=weight * lon, by_lat=weight * lat, top=weight, top_lon=lon, top_lat=lat)
    return merge_pieces([frame]), is_home


def merge_pieces(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Remove duplicates from pieces gathered part by part; the order of parts and rows does not matter."""
    frame = pd.concat(parts, ignore_index=True)
    order = ["label", "row", "top", "top_lon", "top_lat", "weight"]
    groups = frame.sort_values(order).groupby(["label", "row"], sort=True)
    sums, tops = groups[["weight", "by_lon", "by_lat"]].sum(), groups[["top", "top_lon", "top_lat"]].last()
    return sums.join(tops).reset_index()


@dataclass(frozen=True)
class SquareCells:
    """Squares of `size_m`, counted from the origin of the CRS `crs_metric`."""

    size_m: float
    crs_metric: str

    def __post_init__(self) -> None:
        if not self.size_m >= 10:
            raise DataError(f"cells: a side of {self.size_m} m; choose 10 m or more (500 m is usual)")

    def labels(self, lon: FloatArray, lat: FloatArray) -> IntArray:
        """Return the cell of each place."""
        x, y = pyproj.Transformer.from_crs(WGS84, self.crs_metric, always_xy=True).transform(lon, lat)
        column, row = np.floor(x / self.size_m), np.floor(y / self.size_m)
        labels = (row.astype(np.int64) + SHIFT) * (2 * SHIFT) + column.astype(np.int64) + SHIFT
        return np.asarray(labels, dtype=np.int64)

    def names(self, labels: IntArray) -> list[str]:
        """Return `D`, column and row of each cell.

        >>> cells = SquareCells(500.0, "EPSG:32650")
        >>> cells.names(cells.labels(np.array([117.0]), np.array([39.0])))
        ['D1000-8633']
        """
        column, row = self._column_row(labels)
        return [f"D{c}-{r}" for c, r in zip(column, row, strict=True)]

    def outlines(self, labels: IntArray) -> Shapes:
        """Return the square of each cell in the metric CRS."""
        column, row = self._column_row(labels)
        x, y = column * self.size_m, row * self.size_m
        return np.asarray(shapely.box(x, y, x + self.size_m, y + self.size_m))

    def _column_row(self, labels: IntArray) -> tuple[IntArray, IntArray]:
        row, column = np.divmod(labels, 2 * SHIFT)
        return column - SHIFT, row - SHIFT


@dataclass(frozen=True)
class HexCells:
    """The hexagons of H3 at `resolution`: 8 is about 0.74 km², 9 about 0.11 km².

    Lengths are measured in `crs_metric`; empty: the UTM zone of the districts.
    """

    resolution: int
    crs_metric: str = ""

    def __post_init__(self) -> None:
        if not COARSEST <= self.resolution <= FINEST:
            raise DataError(f"cells: H3 resolution {self.resolution}; choose {COARSEST} to {FINEST} (8 is usual)")

    def labels(self, lon: FloatArray, lat: FloatArray) -> IntArray:
        """Return the cell of each place: the number of H3."""
        from h3.api import basic_int as h3

        pairs = zip(lat.tolist(), lon.tolist(), strict=True)
        return np.fromiter((h3.latlng_to_cell(y, x, self.resolution) for y, x in pairs), dtype=np.int64, count=len(lon))

    def names(self, labels: IntArray) -> list[str]:
        """Return `H` and the H3 index of each cell."""
        return [f"H{label:x}" for label in labels.tolist()]

    def outlines(self, labels: IntArray) -> Shapes:
        """Return the hexagon of each cell in the metric CRS."""
        from h3.api import basic_int as h3

        rings = [np.array(h3.cell_to_boundary(label))[:, ::-1] for label in labels.tolist()]
        degrees = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
        return in_metric(degrees, self.crs_metric)


Cells = SquareCells | HexCells


def located(cells: Cells, districts: gpd.GeoDataFrame) -> Cells:
    """Return the cells with a metric CRS, the UTM zone of `districts` where they have none."""
    return cells if cells.crs_metric else replace(cells, crs_metric=districts.estimate_utm_crs().to_string())


def in_metric(shapes: Shapes, crs_metric: str) -> Shapes:
    """Return the shapes in lon/lat, in the metric CRS."""
    return np.asarray(gpd.GeoSeries(shapes, crs=WGS84).to_crs(crs_metric))
