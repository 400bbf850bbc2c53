"""The table `demand`: cells as somebody measured them, or a census spread by weights, or a population raster."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from siting.errors import DataError, raise_faults
from siting.inputs.assemble.districts import census_faults, located
from siting.inputs.assemble.features import Scene
from siting.inputs.assemble.gather import provenance_of
from siting.inputs.assemble.parts import Made, Part, column_of, listed, numbers_of, together, unique_ids
from siting.inputs.assemble.spec import AS_IS, Population, Provenance, Rules
from siting.inputs.features.density import spread_by_density
from siting.inputs.population.cells import HexCells, SquareCells
from siting.inputs.population.census import match_census
from siting.inputs.population.people import People, spread_census
from siting.inputs.population.raster import read_raster_cells
from siting.inputs.population.weights import DEFAULT_WEIGHTS, weigh_layers

COLUMNS = [
    *("id", "district", "settlement", "residents", "households", "cell_x_m", "cell_y_m", "cell_size_m"),
    *("area", "cell", "geometry"),
]
EXACT = ["x_m", "y_m"]
"""Points in the metric CRS before they were rounded, for what is placed by them; not written."""
SPREAD = "Residents of each district spread over cells by weights ({}); sums are exact"
RASTER = "Population raster cut to cells and rescaled to the residents of each district; sums are exact"
DENSITY = (
    "Residents of each district spread over the cells that hold a named feature, by smoothed feature density in three"
    " groups of cells that hold the census shares of settlement classes; sums are exact"
)
SPREAD_FLAWS = ("Where people live inside a district was not counted: it follows the weights.",)
OWN = "Residents as in the source, each row a cell of its own"


def make_demand(scene: Scene) -> Made:
    """Make the table of a source of its own, or spread the census over cells.

    Raises
    ------
    DataError
        If nobody says how many people live in a district, names of the census fit no district, or no row of the demand
        lies in one.
    """
    notes: list[str] = []
    gathered, rules = scene.gathered, scene.spec.rules
    if gathered.demand is not None:
        frame = _own(gathered.demand, rules, scene.districts, notes)
        _compare(frame, gathered.census, notes)
        told = together([gathered.demand.told], method=OWN)
    else:
        frame, told = _spread(scene)
        notes += list(frame.attrs.get("notes", ()))
    frame["id"] = unique_ids(frame["id"], notes, "demand")
    if rules.settlement is not None:
        frame["settlement"] = rules.settlement
    frame["area"] = frame.get("area")
    return Made(_with_cells(frame, scene.spec.sources.population, scene.crs_metric), told, tuple(notes))


def _own(part: Part, rules: Rules, districts: gpd.GeoDataFrame, notes: list[str]) -> gpd.GeoDataFrame:
    """Return the rows of a table of demand, inside a district and with somebody living there."""
    frame = located(part, districts, notes)
    residents = numbers_of(frame, "residents").round()
    empty = ~(residents > 0)
    if empty.any():
        notes.append(
            f"{part.label}: {int(empty.sum()):,} rows without residents left out: {listed(frame['id'][empty])}"
        )
    frame = frame.assign(residents=residents)[~empty].reset_index(drop=True)
    if frame.empty:
        raise DataError(f"{part.label}: no row with residents inside a district; fill in residents")
    frame["residents"] = frame["residents"].astype(np.int64)
    given, guess = numbers_of(frame, "households"), (frame["residents"] / rules.household_size).round(2)
    frame["households"] = given.where(given > 0).fillna(guess).clip(lower=0.01)
    frame["settlement"] = column_of(frame, "settlement").fillna("urban")
    frame.geometry = frame.geometry.representative_point()
    return frame


def _compare(frame: gpd.GeoDataFrame, census: Part | None, notes: list[str]) -> None:
    if census is None:
        return
    total, told = int(frame["residents"].sum()), float(numbers_of(census.frame, "residents").sum())
    if told and total != told:
        notes.append(
            f"demand sums to {total:,} residents, the census to {told:,.0f} ({100 * (total / told - 1):+.1f} %); the"
            " demand counts, and the residents of the districts are its sums"
        )


def _spread(scene: Scene) -> tuple[gpd.GeoDataFrame, Provenance]:
    """Spread the residents of districts over cells by a raster, by the density of named features, or by weights."""
    gathered, named, crs_metric = scene.gathered, scene.named, scene.crs_metric
    population = scene.spec.sources.population
    outlines = scene.districts.assign(residents=gathered.districts.frame.get("residents"))
    census = None if gathered.census is None else gathered.census.frame
    label = "districts" if gathered.census is None else gathered.census.label
    if census is not None:
        raise_faults(census_faults(census, outlines, label), DataError)
    elif not numbers_of(outlines, "residents").notna().all():
        raise DataError("sources: nobody says how many people live in each district; give `census:` or `demand:`")
    cells = (
        SquareCells(population.size_m, crs_metric)
        if population.cells == "square"
        else HexCells(population.resolution, crs_metric)
    )
    people = People(household_size=scene.spec.rules.household_size)
    people_told = (gathered.census or gathered.districts).told
    if population.density is not None and named is not None:
        shapes = outlines[["code", "geometry"]].to_crs(crs_metric).join(match_census(census, outlines))
        size_m = population.size_m
        frame = spread_by_density(named.features, shapes, population.density, size_m=size_m, people=people)
        return frame, together([people_told, named.told], method=DENSITY, nature="derived", flaws=SPREAD_FLAWS)
    if population.raster is not None:
        raster = population.raster
        path = scene.base / raster.file
        frame = read_raster_cells(
            path, outlines, cells=cells, census=census, people=people, band=raster.band, crs=raster.crs
        )
        of_raster = provenance_of(raster, path, nature="derived", method=RASTER)
        return frame, together([people_told, of_raster], method=RASTER, nature="derived")
    layers = {"roads": gathered.roads.frame}
    if gathered.osm is not None:
        layers |= {"buildings": gathered.osm.buildings, "stops": gathered.osm.stops, "landuse": gathered.osm.landuse}
    table = {**DEFAULT_WEIGHTS, **population.weights}
    points = weigh_layers(layers, {name: table[name] for name in table if name in layers}, crs_metric=crs_metric)
    frame = spread_census(census, outlines, points, cells=cells, people=people)
    method = SPREAD.format(", ".join(layers))
    if people_told.method != AS_IS:
        method = f"{people_told.method}. {method}"
    return frame, together([people_told, gathered.roads.told], method=method, nature="derived", flaws=SPREAD_FLAWS)


def _with_cells(frame: gpd.GeoDataFrame, population: Population, crs_metric: str) -> gpd.GeoDataFrame:
    """Return the squares that rows are drawn as: as given, else one around the point."""
    at = frame.geometry.to_crs(crs_metric)
    size = numbers_of(frame, "cell_size_m")
    size = size.where(size > 0).fillna(population.size_m)
    for column, middle in (("cell_x_m", at.x), ("cell_y_m", at.y)):
        frame[column] = numbers_of(frame, column).fillna(middle - size / 2)
    frame["cell_size_m"] = size
    return frame[[column for column in COLUMNS + EXACT if column in frame]].reset_index(drop=True)
