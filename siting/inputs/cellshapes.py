"""The outlines of demand cells: squares of the metric CRS, and any polygon that the column `cell` gives instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.inputs.arrays import WGS84, BoolArray, Shapes

MOST_LISTED = 5


def cell_outlines(demand: pd.DataFrame, crs_metric: str) -> gpd.GeoSeries:
    """Return the polygon of each cell, WGS-84: `cell`, or the square of `cell_x_m`, `cell_y_m` and `cell_size_m`."""
    x, y, side = demand["cell_x_m"], demand["cell_y_m"], demand["cell_size_m"]
    squares = gpd.GeoSeries(shapely.box(x, y, x + side, y + side), crs=crs_metric).to_crs(WGS84)
    outlines = np.asarray(squares)
    if "cell" in demand:
        own, _ = parsed(demand["cell"])
        outlines = np.where(shapely.is_missing(own), outlines, own)
    return gpd.GeoSeries(outlines, index=demand.index, crs=WGS84)


def cell_faults(where: str, demand: pd.DataFrame) -> Iterator[str]:
    """List the values of the column `cell` that are no polygons in lon/lat."""
    if "cell" not in demand:
        return
    shapes, is_bad = parsed(demand["cell"])
    bounds = shapely.bounds(shapes)
    is_bad |= ~shapely.is_missing(shapes) & (shapely.get_type_id(shapes) != shapely.GeometryType.POLYGON.value)
    is_bad |= (np.abs(bounds) > [180, 90, 180, 90]).any(axis=1) | shapely.is_empty(shapes)
    rows = np.flatnonzero(is_bad)
    if len(rows):
        shown = ", ".join(f"row {row}: {str(demand['cell'].iloc[row])[:40]!r}" for row in rows[:MOST_LISTED])
        yield (
            f"{where}.cell: {len(rows)} are no polygon in WGS-84 lon/lat (a geometry, WKB or WKT), {shown};"
            " leave them empty for squares"
        )


def parsed(column: pd.Series) -> tuple[Shapes, BoolArray]:
    """Parse a column of geometries, WKB or WKT (None where empty), and return the rows that cannot be read."""
    shapes = np.array([_shape(value) for value in column], dtype=object)
    values = column.astype(object)
    return shapes, (values.notna() & (values != "")).to_numpy() & shapely.is_missing(shapes)


def _shape(value: Any) -> shapely.Geometry | None:
    if isinstance(value, bytes):
        return shapely.from_wkb(value, on_invalid="ignore")
    if isinstance(value, str):
        return shapely.from_wkt(value, on_invalid="ignore")
    return value if isinstance(value, shapely.Geometry) else None
