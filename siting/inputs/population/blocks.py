"""The part of a raster that lies over the districts, read in blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj

from siting.inputs.arrays import FloatArray

SIDE = 256
MOST_PEOPLE = 1e7
"""No pixel holds more; what does is a mark for no data that the raster does not declare."""


@dataclass(frozen=True)
class Counted:
    """Counts of a raster: pixels without data, not a number, negative; people in no district."""

    pixels: int = 0
    empty: int = 0
    odd: int = 0
    negative: int = 0
    away: float = 0.0

    def notes(self) -> Iterator[str]:
        """Tell the counts that are not zero, one sentence each."""
        if self.empty:
            yield f"{self.empty:,} of {self.pixels:,} pixels have no data and count as nobody"
        if self.odd:
            yield f"{self.odd:,} pixels hold no possible number of people and count as nobody"
        if self.negative:
            yield f"{self.negative:,} pixels are negative and count as nobody; is that value the raster's nodata?"
        if self.away >= 0.5:
            yield f"{self.away:,.0f} people of the raster live in no district and are left out"


def counted_in_all(counts: Iterable[Counted]) -> Counted:
    """The sum of what was met in each block."""
    return Counted(*(sum(column) for column in zip(*(astuple(counted) for counted in counts), strict=True)))


def windows_of(raster: Any, way: pyproj.Transformer, districts: gpd.GeoDataFrame) -> Iterator[Any]:
    """Windows of at most 256 × 256 pixels that together cover the districts, as far as the raster reaches."""
    from rasterio.windows import Window

    west, south, east, north = districts.total_bounds
    west, south, east, north = way.transform_bounds(west, south, east, north, densify_pts=51, direction="INVERSE")
    columns, rows = pixel_at(raster, np.array([west, west, east, east]), np.array([south, north, south, north]))
    first_row, last_row = _within(rows, raster.height)
    first_column, last_column = _within(columns, raster.width)
    for row in range(first_row, last_row, SIDE):
        for column in range(first_column, last_column, SIDE):
            yield Window(column, row, min(SIDE, last_column - column), min(SIDE, last_row - row))


def pixels_of(raster: Any, band: int, window: Any, *, split: int) -> tuple[FloatArray, FloatArray, FloatArray, Counted]:
    """The places and people of the pixels of a window that hold somebody, in the raster's CRS, and what was met.

    Each pixel stands as `split` × `split` places that share its people.
    """
    values = raster.read(band, window=window, masked=True)
    people, hidden = np.asarray(values.data, dtype=np.float64), np.ma.getmaskarray(values)
    is_odd = ~hidden & ~(np.abs(people) <= MOST_PEOPLE)
    is_negative = ~hidden & ~is_odd & (people < 0)
    counted = Counted(people.size, int(hidden.sum()), int(is_odd.sum()), int(is_negative.sum()))
    row, column = np.nonzero(~hidden & ~is_odd & (people > 0))
    at = (np.arange(split) + 0.5) / split
    down, right = (part.ravel() for part in np.meshgrid(at, at, indexing="ij"))
    rows = (row[:, None] + down + window.row_off).ravel()
    columns = (column[:, None] + right + window.col_off).ravel()
    x, y = place_of(raster, columns, rows)
    return x, y, np.repeat(people[row, column] / split**2, split**2), counted


def place_of(raster: Any, columns: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return places given in pixels in the raster's CRS."""
    t = raster.transform
    return t.a * columns + t.b * rows + t.c, t.d * columns + t.e * rows + t.f


def pixel_at(raster: Any, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The column and the row, with fractions, of places in the raster's CRS."""
    t = ~raster.transform
    return t.a * x + t.b * y + t.c, t.d * x + t.e * y + t.f


def _within(places: FloatArray, size: int) -> tuple[int, int]:
    """The first and the last pixel (not included) between the places."""
    if not np.isfinite(places).all():
        return 0, size
    return int(np.clip(np.floor(places.min()), 0, size)), int(np.clip(np.ceil(places.max()), 0, size))
