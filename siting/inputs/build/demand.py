"""Spreads each district's census population over its cells, so that every district sums to the census exactly.

Residents of a district are split into three groups by the census shares of settlement classes, and placed in three
groups of cells: isolated cells (few features around), the densest other cells, and those between. Inside a group
they follow the smoothed density of features to a power: steep in towns, flat among villages, even where isolated.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.errors import DataError, raise_faults
from siting.inputs.apportion import densest_part, largest_remainder, share_out
from siting.inputs.build.cells import make_cells
from siting.inputs.build.spec import Spread

FloatArray = npt.NDArray[np.float64]


def make_demand(
    features: pd.DataFrame, outlines: gpd.GeoDataFrame, census: pd.DataFrame, spread: Spread
) -> pd.DataFrame:
    """The demand table, without geometry: points as `x_m`, `y_m`.

    `features` have `layer`, `osm_class`, `district`, `x_m`, `y_m`; `outlines` have `code`, in the metric CRS; `census`
    has, by district code, `population_2020`, `urban_share`, `household_size` and the settlement shares of `spread`.

    Raises
    ------
    DataError
        If a district has residents but no cell.
    """
    cells = make_cells(features, outlines, spread)
    empty = sorted(set(census.index[census["population_2020"] > 0]) - set(cells["district"]))
    raise_faults(
        [f"district {code}: has residents but no feature with a weight; add features of it" for code in empty],
        DataError,
    )
    size_km2 = (spread.cell_size_m / 1000.0) ** 2
    parts = [
        _people(cells[cells["district"] == code], census.loc[code], spread, spread.max_residents_per_km2 * size_km2)
        for code in census.index
    ]
    demand = pd.concat(parts).sort_values(["row", "column"])
    demand = demand[demand["residents"] > 0].reset_index(drop=True)
    size = demand["district"].map(census["household_size"]).astype(float)
    demand["households"] = (demand["residents"] / size).round(2).clip(lower=0.01)
    demand["cell_size_m"] = spread.cell_size_m
    demand["id"] = "D" + demand["column"].astype(str) + "-" + demand["row"].astype(str)
    columns = ["id", "district", "settlement", "residents", "households", "cell_x_m", "cell_y_m", "cell_size_m"]
    return demand[[*columns, "x_m", "y_m"]]


def density_per_km2(demand: pd.DataFrame) -> FloatArray:
    """Residents per km² of each cell."""
    return np.asarray(demand["residents"] / (demand["cell_size_m"] / 1000.0) ** 2, dtype=np.float64)


def _people(cells: pd.DataFrame, census: Any, spread: Spread, most: float) -> pd.DataFrame:
    """The cells of one district with `residents` and `settlement`."""
    density = cells["density_per_km2"].to_numpy(dtype=np.float64)
    dense_share = float(sum(census[column] for column in spread.dense_shares))
    isolated_share = float(sum(census[column] for column in spread.isolated_shares))
    is_isolated = (density < spread.isolated_below_per_km2) & (isolated_share > 0)
    is_dense = densest_part(
        np.where(is_isolated, 0.0, density**spread.dense_power), dense_share / max(1.0 - isolated_share, 1e-9)
    )
    is_middle = ~is_dense & ~is_isolated
    total = int(census["population_2020"])
    groups = (
        (is_dense, dense_share, spread.dense_power),
        (is_middle, 1.0 - dense_share - isolated_share, spread.middle_power),
        (is_isolated, isolated_share, 0.0),
    )
    weights = np.zeros(len(cells))
    for members, share, power in groups:
        if members.any() and share > 0:
            weights[members] = share_out(density[members] ** power, share * total, most)
    residents = largest_remainder(weights, total)
    is_urban = densest_part(residents.astype(np.float64), float(census["urban_share"]))
    return cells.assign(residents=residents, settlement=np.where(is_urban, "urban", "rural"))
