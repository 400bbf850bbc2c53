"""The square cells that hold a weighted feature, and the density of features around each."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.ndimage import gaussian_filter

from siting.errors import DataError
from siting.inputs.build.spec import Spread

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
MARGIN_M = 1.0
"""How far inside its cell a point is kept, so that rounding to 6 decimals of a degree cannot push it out."""


def make_cells(features: pd.DataFrame, outlines: gpd.GeoDataFrame, spread: Spread) -> pd.DataFrame:
    """The cells with a weighted feature, sorted by row and column.

    A cell crossed by a border belongs to the district with the most weight in it, and only the features of that
    district place its point.

    `features` have `layer`, `osm_class`, `district`, `x_m`, `y_m`; `outlines` have `code`, in the metric CRS.

    Returns
    -------
    cells
        `column`, `row` (whole cells from the origin of the metric CRS), `district`, `weight` (> 0, of its own
        district), `density_per_km2` (weight of all districts, smoothed), `cell_x_m`, `cell_y_m` (lower left), `x_m`,
        `y_m` (where its features are).

    Raises
    ------
    DataError
        If no feature has a weight.
    """
    size_m = spread.cell_size_m
    weighted = features.assign(
        weight=_weight(features, spread),
        column=(features["x_m"] // size_m).astype(int),
        row=(features["y_m"] // size_m).astype(int),
    )
    weighted = weighted[weighted["weight"] > 0]
    if weighted.empty:
        raise DataError("demand.class_weights: no feature of the sources has a weight; name some of its OSM classes")
    cells = _own_cells(weighted)
    cells["density_per_km2"] = _smoothed(weighted, cells, size_m, spread.kernel_m)
    cells["cell_x_m"], cells["cell_y_m"] = cells["column"] * size_m, cells["row"] * size_m
    return _placed(cells, weighted, outlines, size_m)


def _weight(features: pd.DataFrame, spread: Spread) -> FloatArray:
    """The weight of each feature, 0 when its layer and class have none."""
    weight = np.zeros(len(features))
    for layer, weights in spread.class_weights.items():
        of_layer = (features["layer"] == layer).to_numpy()
        weight[of_layer] = features.loc[of_layer, "osm_class"].map(weights).fillna(0.0)
    return weight


def _own_cells(weighted: pd.DataFrame) -> pd.DataFrame:
    """One row a cell: its district is the one with the most weight, the lower code on a tie."""
    parts = weighted.groupby(["row", "column", "district"])["weight"].sum().reset_index()
    parts = parts.sort_values(["row", "column", "weight", "district"], ascending=[True, True, False, True])
    return parts.drop_duplicates(["row", "column"]).reset_index(drop=True)


def _smoothed(weighted: pd.DataFrame, cells: pd.DataFrame, size_m: float, kernel_m: float) -> FloatArray:
    """Weight per km² at each cell, after a Gaussian kernel over the grid."""
    columns, rows = weighted["column"].to_numpy(), weighted["row"].to_numpy()
    left, bottom = columns.min(), rows.min()
    grid = np.zeros((rows.max() - bottom + 1, columns.max() - left + 1))
    np.add.at(grid, (rows - bottom, columns - left), weighted["weight"].to_numpy())
    smooth = gaussian_filter(grid, sigma=kernel_m / size_m, mode="constant")
    density = smooth[cells["row"].to_numpy() - bottom, cells["column"].to_numpy() - left]
    return np.asarray(density / (size_m / 1000.0) ** 2, dtype=np.float64)


def _placed(cells: pd.DataFrame, weighted: pd.DataFrame, outlines: gpd.GeoDataFrame, size_m: float) -> pd.DataFrame:
    """Add the point of each cell: the weighted mean of its features, or the nearest of them if that is abroad."""
    key = ["row", "column", "district"]
    own = weighted.merge(cells[key], on=key)
    total = own.groupby(key)["weight"].transform("sum")
    for axis in ("x_m", "y_m"):
        parts = own.assign(part=own[axis] * own["weight"] / total)
        own[f"mean_{axis}"] = parts.groupby(key)["part"].transform("sum").round(3)
    own["off_m"] = np.hypot(own["x_m"] - own["mean_x_m"], own["y_m"] - own["mean_y_m"]).round(3)
    own = own.sort_values([*key, "off_m", "x_m", "y_m"]).drop_duplicates(key)
    is_home = _is_inside(own, outlines)
    for axis in ("x_m", "y_m"):
        own[axis] = own[f"mean_{axis}"].where(is_home, own[axis])
    cells = cells.merge(own[[*key, "x_m", "y_m"]], on=key, validate="one_to_one")
    for axis, corner in (("x_m", "cell_x_m"), ("y_m", "cell_y_m")):
        cells[axis] = np.clip(cells[axis], cells[corner] + MARGIN_M, cells[corner] + size_m - MARGIN_M)
    return cells


def _is_inside(own: pd.DataFrame, outlines: gpd.GeoDataFrame) -> BoolArray:
    """Whether the mean of each row lies in its own district, not on its border nor within the margin of it."""
    at = gpd.GeoSeries.from_xy(own["mean_x_m"], own["mean_y_m"], crs=outlines.crs).buffer(MARGIN_M)
    home = outlines.set_index("code").geometry.reindex(own["district"]).set_axis(own.index)
    return np.asarray(at.within(home), dtype=bool)
