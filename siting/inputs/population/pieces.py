"""Weights gathered by piece: the part of a cell that lies in one district.

A cell crossed by a border is cut along it, so that nobody is moved to the neighbouring district.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from siting.inputs.population.cells import Cells

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
NOWHERE = -1


def district_of(lon: FloatArray, lat: FloatArray, districts: gpd.GeoDataFrame) -> IntArray:
    """The row of the district that each place lies in, −1 for none; the first on a border."""
    found = np.full(len(lon), NOWHERE, dtype=np.int64)
    for row, outline in enumerate(districts.geometry):
        west, south, east, north = outline.bounds
        may = np.flatnonzero((found == NOWHERE) & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        if len(may):
            shapely.prepare(outline)
            found[may[shapely.intersects_xy(outline, lon[may], lat[may])]] = row
    return found


def gather(lon: FloatArray, lat: FloatArray, weight: FloatArray, *, rows: IntArray, cells: Cells) -> pd.DataFrame:
    """Weights by piece.

    Parameters
    ----------
    lon, lat, weight
        Shape `(n,)`: weighted places, weights > 0.
    rows
        Shape `(n,)`: the row of the district of each.
    cells
        Which cells.

    Returns
    -------
    pieces
        One row for each cell (`label`) and district (`row`): `weight`, its sums `by_lon` and `by_lat` times lon and
        lat, and the heaviest place in it (`top`, `top_lon`, `top_lat`).
    """
    frame = pd.DataFrame({"label": cells.labels(lon, lat), "row": rows, "weight": weight})
    frame = frame.assign(by_lon=weight * lon, by_lat=weight * lat, top=weight, top_lon=lon, top_lat=lat)
    return merge_pieces([frame])


def merge_pieces(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Pieces that were gathered part by part, each once; the order of the parts and of their rows does not matter."""
    frame = pd.concat(parts, ignore_index=True)
    order = ["label", "row", "top", "top_lon", "top_lat", "weight"]
    groups = frame.sort_values(order).groupby(["label", "row"], sort=True)
    sums, tops = groups[["weight", "by_lon", "by_lat"]].sum(), groups[["top", "top_lon", "top_lat"]].last()
    return sums.join(tops).reset_index()
