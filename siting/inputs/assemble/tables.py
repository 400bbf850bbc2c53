"""Every table of the city folder from the gathered sources, with what is to be told of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from siting.errors import DataError, SitingError, raise_faults
from siting.inputs.assemble.choose import Ground
from siting.inputs.assemble.crs import metric_crs
from siting.inputs.assemble.districts import located, make_districts
from siting.inputs.assemble.gather import Gathered
from siting.inputs.assemble.ids import unique_ids
from siting.inputs.assemble.parts import WGS84, Part, Told, together
from siting.inputs.assemble.people import make_demand
from siting.inputs.assemble.roads import connected_roads
from siting.inputs.assemble.sites import make_sites
from siting.inputs.assemble.spec import Assembly, Rules
from siting.inputs.assemble.spread import LABEL, spread_generators

GENERATOR_COLUMNS = ["id", "district", "area", "kind", "material", "tonnes", "geometry"]
NONE_GIVEN = Told("none given", "none", "", "real", "No rows: no source was given", ())


@dataclass(frozen=True)
class Tables:
    """The tables by stem, what is to be told of each, the metric CRS, and sentences on what was done."""

    frames: dict[str, gpd.GeoDataFrame]
    told: dict[str, Told]
    crs_metric: str
    notes: tuple[str, ...]


def make_tables(gathered: Gathered, spec: Assembly, base: Path) -> Tables:
    """Districts, demand, generators, candidates, roads and water, in that order.

    Raises
    ------
    DataError, ConfigError
        If a table cannot be made of its sources.
    """
    crs_metric = metric_crs(spec.crs_metric, gathered.districts.frame)
    districts = make_districts(gathered.districts, crs_metric)
    roads = connected_roads(gathered.road_nodes, gathered.roads.frame)
    demand, demand_told, demand_notes = make_demand(gathered, spec, districts, crs_metric=crs_metric, base=base)
    living = demand.groupby("district")["residents"].sum()
    districts["residents"] = districts["code"].map(living).fillna(0).astype("int64")
    ground = Ground(districts, roads, demand, crs_metric)
    sites, site_notes = make_sites(gathered, ground, spec.rules)
    generators, generators_told, generator_notes = _generators(
        (*gathered.generators, *spread_generators(gathered.osm, spec.sources.spread_generators, districts)), districts
    )
    frames = {
        "districts": districts,
        "demand": demand,
        "generators": generators,
        "candidates": sites,
        "road_nodes": roads.nodes,
        "road_edges": roads.edges,
        "water": _water(gathered, districts),
    }
    people = [part.told for part in (gathered.census,) if part is not None]
    told = {
        "districts": together(
            [gathered.districts.told, *people], method="Outlines as given; residents: sums of demand"
        ),
        "demand": demand_told,
        "generators": generators_told,
        "candidates": _sites_told(gathered, spec.rules),
        "road_nodes": gathered.roads.told,
        "road_edges": together([gathered.roads.told], method=gathered.roads.told.method, flaws=roads.notes),
        "water": NONE_GIVEN if gathered.water is None else gathered.water.told,
    }
    return Tables(frames, told, crs_metric, (*roads.notes, *demand_notes, *site_notes, *generator_notes))


def _sites_told(gathered: Gathered, rules: Rules) -> Told:
    parts = [part.told for part in (*gathered.candidates, *gathered.facilities)]
    land = ", ".join(f"{echelon} {rules.area_of(echelon):,.0f} m²" for echelon in ("point", "transfer", "sorting"))
    return together(
        parts,
        method="Places of all sources inside a district and near a road, out of exclusion zones, at least spaced",
        flaws=(
            f"Assumption: land where none is known: {land}.",
            f"Assumption: land price where none is given: {rules.land_price_cny_per_m2:,.0f} CNY/m².",
        ),
    )


def _generators(parts: tuple[Part, ...], districts: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Told, list[str]]:
    notes: list[str] = []
    rows, faults = [], []
    for part in parts:
        try:
            inside = located(part, districts)
        except SitingError as error:
            faults.append(str(error))
            continue
        notes += inside.notes
        rows.append(inside.frame)
    raise_faults(faults, DataError)
    if not rows:
        empty = pd.DataFrame({column: pd.Series(dtype=object) for column in GENERATOR_COLUMNS[:-1]})
        empty["tonnes"] = empty["tonnes"].astype(float)
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=WGS84)), NONE_GIVEN, notes
    frame = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), geometry="geometry", crs=WGS84)
    frame.geometry = frame.geometry.representative_point()
    frame["id"] = unique_ids(frame["id"], notes, "generators")
    if "area" not in frame:
        frame["area"] = None
    methods = dict.fromkeys(part.told.method if part.label == LABEL else "As in the sources" for part in parts)
    told = together([part.told for part in parts], method="; ".join(methods))
    return frame[GENERATOR_COLUMNS], told, notes


def _water(gathered: Gathered, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Waters around the districts; no rows where no source has any."""
    if gathered.water is None:
        facts = {"kind": pd.Series(dtype=object), "name": pd.Series(dtype=object)}
        return gpd.GeoDataFrame(facts, geometry=gpd.GeoSeries([], crs=WGS84))
    west, south, east, north = districts.total_bounds
    return gathered.water.frame.cx[west:east, south:north][["kind", "name", "geometry"]].reset_index(drop=True)
