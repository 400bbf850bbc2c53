"""Census residents spread over the square cells that hold a weighted feature; every district sums to its census.

Residents of a district are split into three groups by the census shares of settlement classes, and placed in three
groups of cells: isolated cells (few features around), the densest other cells, and those between. Inside a group
they follow the smoothed density of features to a power.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer
from scipy.ndimage import gaussian_filter

from siting.errors import DataError, raise_faults
from siting.inputs.apportion import densest_part, largest_remainder, share_out
from siting.inputs.arrays import WGS84, FloatArray
from siting.inputs.features.schema import Density
from siting.inputs.population.people import People

MARGIN_M = 1.0
"""Distance of a point from the edge of its cell, m, so that rounding to 6 decimals of a degree cannot push it out."""
COLUMNS = ["id", "district", "settlement", "residents", "households", "cell_x_m", "cell_y_m", "cell_size_m"]


def spread_by_density(
    features: pd.DataFrame, districts: gpd.GeoDataFrame, rules: Density, *, size_m: float, people: People
) -> gpd.GeoDataFrame:
    """Return the demand table with points in WGS-84, and in the metric CRS before they were rounded: `x_m`, `y_m`.

    Parameters
    ----------
    features
        Named features, in any order.
    districts
        `code`, outlines in the metric CRS, `residents`, and `urban_share`, `household_size` and the settlement shares
        that `rules` name, each NaN where it is not known.
    rules, people
        How residents are spread, and how they are counted where the census does not say.
    size_m
        Side of a cell.

    Raises
    ------
    DataError
        If no feature has a weight, a district has residents but no cell, or a settlement share is missing.
    """
    census = pd.DataFrame(districts.drop(columns="geometry")).set_index("code")
    cells = make_cells(features, districts, rules, size_m)
    empty = sorted(set(census.index[census["residents"] > 0]) - set(cells["district"]))
    faults = [f"district {code}: has residents but no feature with a weight; add features of it" for code in empty]
    for column in (*rules.dense_shares, *rules.isolated_shares):
        missing = census.index[census[column].isna()]
        faults += [f"census: district {code}: no {column}; add it, or leave it out of the shares" for code in missing]
    raise_faults(faults, DataError)
    parts = [
        _people(cells[cells["district"] == code], census.loc[code], rules, size_m, people) for code in census.index
    ]
    demand = pd.concat(parts).sort_values(["row", "column"])
    demand = demand[demand["residents"] > 0].reset_index(drop=True)
    size = demand["district"].map(census["household_size"].fillna(people.household_size)).astype(float)
    demand["households"] = (demand["residents"] / size).round(2).clip(lower=0.01)
    demand["cell_size_m"] = size_m
    demand["id"] = "D" + demand["column"].astype(str) + "-" + demand["row"].astype(str)
    to_degrees = Transformer.from_crs(districts.crs, WGS84, always_xy=True)
    lon, lat = (np.round(axis, 6) for axis in to_degrees.transform(demand["x_m"], demand["y_m"]))
    return gpd.GeoDataFrame(demand[[*COLUMNS, "x_m", "y_m"]], geometry=gpd.points_from_xy(lon, lat), crs=WGS84)


def _people(cells: pd.DataFrame, census: Any, rules: Density, size_m: float, people: People) -> pd.DataFrame:
    """Return the cells of one district with `residents` and `settlement`."""
    size_km2 = (size_m / 1000.0) ** 2
    density = cells["density_per_km2"].to_numpy(dtype=np.float64)
    dense_share = float(sum(census[column] for column in rules.dense_shares))
    isolated_share = float(sum(census[column] for column in rules.isolated_shares))
    is_isolated = (density < rules.isolated_below_per_km2) & (isolated_share > 0)
    is_dense = densest_part(
        np.where(is_isolated, 0.0, density**rules.dense_power), dense_share / max(1.0 - isolated_share, 1e-9)
    )
    total = int(census["residents"])
    groups = (
        (is_dense, dense_share, rules.dense_power),
        (~is_dense & ~is_isolated, 1.0 - dense_share - isolated_share, rules.middle_power),
        (is_isolated, isolated_share, 0.0),
    )
    weights = np.zeros(len(cells))
    for members, share, power in groups:
        if members.any() and share > 0:
            weights[members] = share_out(
                density[members] ** power, share * total, rules.max_residents_per_km2 * size_km2
            )
    residents = largest_remainder(weights, total)
    if np.isnan(census["urban_share"]):
        is_urban = residents / size_km2 >= people.urban_above_per_km2
    else:
        is_urban = densest_part(residents.astype(np.float64), float(census["urban_share"]))
    return cells.assign(residents=residents, settlement=np.where(is_urban, "urban", "rural"))


def make_cells(features: pd.DataFrame, outlines: gpd.GeoDataFrame, rules: Density, size_m: float) -> pd.DataFrame:
    """Return the cells with a weighted feature, sorted by row and column.

    A cell crossed by a border belongs to the district with the most weight in it, and only the features of that
    district place its point.

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
    classes = zip(features["layer"], features["osm_class"], strict=True)
    weighted = features.assign(
        weight=[rules.class_weights.get(layer, {}).get(one, 0.0) for layer, one in classes],
        column=(features["x_m"] // size_m).astype(int),
        row=(features["y_m"] // size_m).astype(int),
    )
    weighted = weighted[weighted["weight"] > 0]
    if weighted.empty:
        raise DataError("population.density.class_weights: no feature has a weight; name some of their classes")
    parts = weighted.groupby(["row", "column", "district"])["weight"].sum().reset_index()
    parts = parts.sort_values(["row", "column", "weight", "district"], ascending=[True, True, False, True])
    cells = parts.drop_duplicates(["row", "column"]).reset_index(drop=True)
    cells["density_per_km2"] = _smoothed(weighted, cells, size_m, rules.kernel_m)
    cells["cell_x_m"], cells["cell_y_m"] = cells["column"] * size_m, cells["row"] * size_m
    return _placed(cells, weighted, outlines, size_m)


def _smoothed(weighted: pd.DataFrame, cells: pd.DataFrame, size_m: float, kernel_m: float) -> FloatArray:
    """Return the weight per km² at each cell, after a Gaussian kernel over the grid."""
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
    mean = gpd.GeoSeries.from_xy(own["mean_x_m"], own["mean_y_m"], crs=outlines.crs).buffer(MARGIN_M)
    is_home = mean.within(outlines.set_index("code").geometry.reindex(own["district"]).set_axis(own.index))
    for axis in ("x_m", "y_m"):
        own[axis] = own[f"mean_{axis}"].where(is_home, own[axis])
    cells = cells.merge(own[[*key, "x_m", "y_m"]], on=key, validate="one_to_one")
    for axis, corner in (("x_m", "cell_x_m"), ("y_m", "cell_y_m")):
        cells[axis] = np.clip(cells[axis], cells[corner] + MARGIN_M, cells[corner] + size_m - MARGIN_M)
    return cells
