"""Residents by district spread over pieces of cells: whole numbers that sum to the census, households, settlement."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from siting.errors import DataError, raise_faults
from siting.inputs.apportion import densest_part, largest_remainder, share_out
from siting.inputs.arrays import WGS84, FloatArray, IntArray, Shapes
from siting.inputs.population.cells import (
    Cells,
    SquareCells,
    gather,
    in_metric,
    located,
)
from siting.inputs.population.census import match_census

COLUMNS = [
    *("id", "district", "settlement", "residents", "households", "cell_x_m", "cell_y_m", "cell_size_m"),
    *("generation_factor", "cell", "geometry"),
]
WHOLE = 0.999
"""A piece with this share of its cell counts as the whole cell."""


@dataclass(frozen=True)
class People:
    """Rules of counting where the census does not say.

    `urban_above_per_km2`: a cell with as many residents is urban, where the census gives no urban share. 1,500 is the
    density from which the Degree of Urbanisation (Eurostat and UN, 2020) calls a cell an urban centre's, and from which
    China's census of 2000 counted a city district as urban. `household_size`: residents of a household; 2.62 is the
    mean of the census of 2020. `most_per_km2`: no cell gets more than a cell of mean size at this density, where others
    of its district can take them. `urban_factor`, `rural_factor`: what a resident there makes, relative to the config's
    rate per resident.
    """

    urban_above_per_km2: float = 1500.0
    household_size: float = 2.62
    most_per_km2: float = 60_000.0
    urban_factor: float = 1.0
    rural_factor: float = 1.0


PEOPLE = People()


def demand_of(
    pieces: pd.DataFrame, census: pd.DataFrame, districts: gpd.GeoDataFrame, *, cells: Cells, people: People
) -> gpd.GeoDataFrame:
    """Return the demand table: one row for each inhabited piece; residents of a district sum to its census exactly.

    Parameters
    ----------
    pieces
        As `gather` makes them.
    census
        As `match_census` makes it.
    districts
        `code` and outlines in WGS-84, in the order of the census.
    cells, people
        Which cells, and how people are counted.

    Raises
    ------
    DataError
        If a district has residents and no piece.
    """
    empty = sorted(set(np.flatnonzero(census["residents"] > 0)) - set(pieces["row"]))
    faults = [
        f"district {districts['code'].iloc[row]}: {census['residents'].iloc[row]:,} residents and nothing that weighs"
        " in it; add roads, stops or buildings of it"
        for row in empty
    ]
    raise_faults(faults, DataError)
    pieces = pieces.sort_values(["row", "label"]).reset_index(drop=True)
    shapes, cell_m2 = _shapes(pieces, districts, cells)
    pieces = pieces.assign(area_m2=shapely.area(shapes), residents=_residents(pieces, shapes, census, people))
    pieces["households"] = _households(pieces, census, people)
    pieces["settlement"] = _settlement(pieces, cell_m2, census, people)
    pieces["generation_factor"] = np.where(pieces["settlement"] == "urban", people.urban_factor, people.rural_factor)
    pieces["district"] = districts["code"].astype(str).to_numpy()[pieces["row"]]
    pieces["id"] = _ids(pieces, cells)
    table = _with_shapes(pieces, shapes, cell_m2, cells)
    return table[table["residents"] > 0][COLUMNS].reset_index(drop=True)


def _shapes(pieces: pd.DataFrame, districts: gpd.GeoDataFrame, cells: Cells) -> tuple[Shapes, FloatArray]:
    """Return the outline of each piece (its largest part) and the area of its whole cell, in the metric CRS."""
    outlines = in_metric(np.asarray(districts.geometry), cells.crs_metric)
    whole = cells.outlines(pieces["label"].to_numpy())
    shapes = whole.copy()
    for row in np.unique(pieces["row"]):
        of_row = np.flatnonzero(pieces["row"] == row)
        shapely.prepare(outlines[row])
        cut = of_row[~shapely.contains_properly(outlines[row], whole[of_row])]
        shapes[cut] = [_largest(part) for part in shapely.intersection(whole[cut], outlines[row])]
    lost = shapely.is_empty(shapes)
    shapes[lost] = whole[lost]
    return shapes, np.asarray(shapely.area(whole), dtype=np.float64)


def _largest(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return max(parts, key=lambda part: float(part.area), default=shapely.Polygon())


def _residents(pieces: pd.DataFrame, shapes: Shapes, census: pd.DataFrame, people: People) -> IntArray:
    residents = np.zeros(len(pieces), dtype=np.int64)
    weight = pieces["weight"].to_numpy(dtype=np.float64)
    for row, total in enumerate(census["residents"]):
        mine = np.flatnonzero(pieces["row"] == row)
        if total > 0 and len(mine):
            most = people.most_per_km2 * float(shapely.area(shapes[mine]).mean()) / 1e6
            parts = share_out(weight[mine], float(total), min(most, float(total)))
            residents[mine] = largest_remainder(parts, int(total))
    return residents


def _households(pieces: pd.DataFrame, census: pd.DataFrame, people: People) -> FloatArray:
    size = (census["residents"] / census["households"]).where(census["households"] > 0)
    size = size.where(size > 0).fillna(census["household_size"]).fillna(people.household_size)
    households = pieces["residents"] / size.to_numpy()[pieces["row"]]
    return np.asarray(households.round(2).clip(lower=0.01), dtype=np.float64)


def _settlement(
    pieces: pd.DataFrame, cell_m2: FloatArray, census: pd.DataFrame, people: People
) -> npt.NDArray[np.str_]:
    """Return `urban` or `rural` for each piece: by the district's urban share where known, else by density."""
    of_cell = pieces.groupby("label")["residents"].transform("sum").to_numpy(dtype=np.float64)
    is_urban = of_cell / (cell_m2 / 1e6) >= people.urban_above_per_km2
    for row, share in enumerate(census["urban_share"]):
        mine = np.flatnonzero(pieces["row"] == row)
        if np.isfinite(share):
            is_urban[mine] = densest_part(pieces["residents"].to_numpy(dtype=np.float64)[mine], float(share))
    return np.where(is_urban, "urban", "rural")


def _ids(pieces: pd.DataFrame, cells: Cells) -> list[str]:
    """Return the name of the cell, with the district behind it where several share the cell."""
    is_shared = pieces["label"].duplicated(keep=False)
    names = zip(cells.names(pieces["label"].to_numpy()), is_shared, pieces["district"], strict=True)
    return [f"{name}-{code}" if shared else name for name, shared, code in names]


def _with_shapes(pieces: pd.DataFrame, shapes: Shapes, cell_m2: FloatArray, cells: Cells) -> gpd.GeoDataFrame:
    """Return the point and outline of each piece, and the square that stands for it: its cell, or one as large."""
    degrees = np.asarray(gpd.GeoSeries(shapes, crs=cells.crs_metric).to_crs(WGS84))
    mean = np.asarray(shapely.points(pieces["by_lon"] / pieces["weight"], pieces["by_lat"] / pieces["weight"]))
    top = np.asarray(shapely.points(pieces["top_lon"], pieces["top_lat"]))
    points = np.where(shapely.contains_properly(degrees, mean), mean, top)
    if isinstance(cells, SquareCells):
        low = shapely.bounds(cells.outlines(pieces["label"].to_numpy()))[:, :2]
        side = np.full(len(pieces), cells.size_m)
        cell = degrees.copy()
        cell[pieces["area_m2"].to_numpy() >= WHOLE * cell_m2] = None
    else:
        side = np.sqrt(cell_m2)
        low = shapely.get_coordinates(shapely.centroid(shapes)) - side[:, None] / 2
        cell = degrees
    table = pieces.assign(cell_x_m=low[:, 0], cell_y_m=low[:, 1], cell_size_m=side)
    table["cell"] = gpd.GeoSeries(cell, index=pieces.index, crs=WGS84)
    return gpd.GeoDataFrame(table, geometry=points, crs=WGS84)


def spread_census(
    census: pd.DataFrame | None,
    districts: gpd.GeoDataFrame,
    weights: gpd.GeoDataFrame,
    *,
    cells: Cells,
    people: People = PEOPLE,
) -> gpd.GeoDataFrame:
    """Return the demand table of a city folder: the residents of each district spread over its cells by weight.

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
    points = weights[(weights["weight"] > 0) & weights.geometry.notna()].to_crs(WGS84)
    lon, lat = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    pieces, home = gather(lon, lat, points["weight"].to_numpy(dtype=np.float64), districts=districts, cells=cells)
    demand = demand_of(pieces, totals, districts, cells=cells, people=people)
    away = int((~home).sum())
    note = f"{away:,} of {len(home):,} weighted points lie in no district and weigh nothing"
    demand.attrs["notes"] = [note] if away else []
    return demand
