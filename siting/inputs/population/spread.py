"""Census totals spread over cells by weights."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import DataError
from siting.inputs.population.cells import Cells, located
from siting.inputs.population.census import match_census
from siting.inputs.population.people import PEOPLE, People, demand_of
from siting.inputs.population.pieces import NOWHERE, district_of, gather


def spread_census(
    census: pd.DataFrame | None,
    districts: gpd.GeoDataFrame,
    weights: gpd.GeoDataFrame,
    *,
    cells: Cells,
    people: People = PEOPLE,
) -> gpd.GeoDataFrame:
    """The demand table of docs/city-folder.md: the residents of each district spread over its cells by weight.

    A cell crossed by a border is cut along it. Residents are whole and sum to the census of each district exactly; the
    order of the rows of `weights` does not matter.

    Parameters
    ----------
    census
        `residents` by `code` or `name`, with `households` and `urban_share` if known; None: `districts.residents`.
    districts
        `code`, outlines in WGS-84.
    weights
        `weight` ≥ 0 and points in WGS-84, as `weigh_layers` makes them.
    cells, people
        Which cells, and how people are counted where the census does not say.

    Returns
    -------
    demand
        With the optional column `cell`, the outline of each hexagon or cut square (missing: the whole square), and
        sentences on what was left out in `attrs["notes"]`.

    Raises
    ------
    DataError
        If the census does not fit the districts, or a district has residents and nothing that weighs.
    """
    if weights.crs is None or "weight" not in weights:
        raise DataError("weights: need a column 'weight' and points with a CRS, as weigh_layers makes them")
    totals, cells = match_census(census, districts), located(cells, districts)
    points = weights[(weights["weight"] > 0) & weights.geometry.notna()].to_crs("EPSG:4326")
    lon, lat = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    rows = district_of(lon, lat, districts)
    home = rows != NOWHERE
    weight = points["weight"].to_numpy(dtype=np.float64)
    pieces = gather(lon[home], lat[home], weight[home], rows=rows[home], cells=cells)
    demand = demand_of(pieces, totals, districts, cells=cells, people=people)
    away = int((~home).sum())
    demand.attrs["notes"] = (
        [f"{away:,} of {len(home):,} weighted points lie in no district and weigh nothing"] if away else []
    )
    return demand
