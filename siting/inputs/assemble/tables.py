"""Every table of the city folder from the gathered sources, with what is to be told of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from siting.errors import ConfigError
from siting.inputs.assemble.choose import Ground
from siting.inputs.assemble.districts import make_districts
from siting.inputs.assemble.features import (
    Named,
    feature_candidates,
    feature_generators,
    ground_of,
    named_features,
    with_areas,
)
from siting.inputs.assemble.gather import Gathered
from siting.inputs.assemble.generators import make_generators, spread_generators
from siting.inputs.assemble.parts import NONE_GIVEN, WGS84, Part, Told, together
from siting.inputs.assemble.people import EXACT, make_demand
from siting.inputs.assemble.roads import Roads, connected_roads, without_defaults
from siting.inputs.assemble.sites import make_sites
from siting.inputs.assemble.spec import AS_IS, Assembly, Rules
from siting.inputs.datums import is_in_china
from siting.inputs.features.names import town_places
from siting.vocabulary import Echelon

TOWNS = "A street or town is placed at a stop of its own district that bears its name; others are left out"


@dataclass(frozen=True)
class Tables:
    """The tables by stem, what is to be told of each, the metric CRS, and sentences on what was done."""

    frames: dict[str, gpd.GeoDataFrame]
    told: dict[str, Told]
    crs_metric: str
    notes: tuple[str, ...]


def make_tables(gathered: Gathered, spec: Assembly, base: Path) -> Tables:
    """Make districts, demand, generators, candidates, roads, places and water, in that order.

    Raises
    ------
    DataError, ConfigError
        If a table cannot be made of its sources.
    """
    crs_metric = metric_crs(spec.crs_metric, gathered.districts.frame)
    districts = make_districts(gathered.districts, spec.zones, crs_metric)
    roads = connected_roads(Roads(gathered.road_nodes, gathered.roads.frame), spec.rules.walking)
    named = named_features(gathered.features, districts, crs_metric) if gathered.features else None
    demand, demand_told, demand_notes = make_demand(gathered, spec, districts, named, crs_metric=crs_metric, base=base)
    living = demand.groupby("district")["residents"].sum()
    districts["residents"] = districts["code"].map(living).fillna(0).astype("int64")
    ground = None if named is None else ground_of(named, demand, spec, crs_metric)
    made_sites = () if ground is None or named is None else feature_candidates(ground, named.told)
    made_generators = () if ground is None or named is None else feature_generators(ground, named.told)
    sites, site_notes = make_sites(gathered, made_sites, Ground(districts, roads, demand, crs_metric), spec)
    spread = spread_generators(gathered.osm, spec.sources.spread_generators, districts)
    generators, generators_told, generator_notes = make_generators(
        (*gathered.generators, *spread, *made_generators), districts
    )
    frames = {
        "districts": districts,
        "demand": with_areas(demand, ground, crs_metric).drop(columns=EXACT, errors="ignore"),
        "generators": with_areas(generators, ground, crs_metric),
        "candidates": with_areas(sites, ground, crs_metric),
        "road_nodes": roads.nodes,
        "road_edges": without_defaults(roads.edges),
        "places": _places(gathered, named, spec),
        "water": _water(gathered, named, districts),
    }
    people = [part.told for part in (gathered.census,) if part is not None]
    told = {
        "districts": together(
            [gathered.districts.told, *people], method="Outlines as given; residents: sums of demand"
        ),
        "demand": demand_told,
        "generators": generators_told,
        "candidates": _sites_told((*gathered.candidates, *made_sites, *gathered.facilities), spec.rules),
        "road_nodes": gathered.roads.told,
        "road_edges": together([gathered.roads.told], method=gathered.roads.told.method, flaws=roads.notes),
        "places": NONE_GIVEN if gathered.towns is None else together([gathered.towns.told], method=TOWNS),
        "water": _water_told(gathered, named),
    }
    if gathered.towns is None:
        del frames["places"], told["places"]
    told |= {stem: Told(**record.model_dump()) for stem, record in spec.tables.items() if stem in frames}
    notes = (*roads.notes, *(named.notes if named else ()), *demand_notes, *site_notes, *generator_notes)
    return Tables(frames, told, crs_metric, notes)


def metric_crs(asked: str, districts: gpd.GeoDataFrame) -> str:
    """Return the CRS asked for; for `auto` the 3° zone of CGCS2000 in China, elsewhere the UTM zone, by the middle.

    Raises
    ------
    ConfigError
        If what is asked for is not known or not in metres.
    """
    if asked == "auto":
        west, south, east, north = districts.total_bounds
        lon, lat = (west + east) / 2, (south + north) / 2
        if bool(is_in_china(lon, lat)):
            return f"EPSG:{4534 + round((lon - 75) / 3)}"
        return f"EPSG:{(32600 if lat >= 0 else 32700) + int((lon + 180) // 6) + 1}"
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(asked)
    except CRSError as error:
        raise ConfigError(f"crs_metric: {asked!r} is not known; give EPSG:n, or auto") from error
    if not crs.is_projected or crs.axis_info[0].unit_conversion_factor != 1.0:
        raise ConfigError(f"crs_metric: {asked} is not in metres; give a projected CRS, or auto")
    return asked


def _sites_told(parts: tuple[Part, ...], rules: Rules) -> Told:
    land = ", ".join(f"{one.key} {rules.area_of(one.key):,.0f} m²" for one in Echelon if one < Echelon.BASE)
    return together(
        [part.told for part in parts],
        method="Places of all sources inside a district and near a road, out of exclusion zones, at least spaced",
        flaws=(
            f"Assumption: land where none is known: {land}.",
            f"Assumption: land price where none is given: {rules.land_price_cny_per_m2:,.0f} CNY/m².",
        ),
    )


def _places(gathered: Gathered, named: Named | None, spec: Assembly) -> gpd.GeoDataFrame:
    """Return the towns that a stop is named after; no rows without a list of towns."""
    if gathered.towns is None or named is None:
        return gpd.GeoDataFrame({"name": pd.Series(dtype=object)}, geometry=gpd.GeoSeries([], crs=WGS84))
    return town_places(gathered.towns.frame, named.features, spec.from_features.towns)


def _water(gathered: Gathered, named: Named | None, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return waters around the districts; no rows where no source has any."""
    west, south, east, north = districts.total_bounds
    parts = [] if gathered.water is None else [gathered.water.frame.cx[west:east, south:north]]
    if named is not None:
        at = gpd.points_from_xy(named.waters["lon"], named.waters["lat"])
        parts.append(gpd.GeoDataFrame(named.waters.rename(columns={"osm_class": "kind"}), geometry=at, crs=WGS84))
    if not parts:
        facts = {"kind": pd.Series(dtype=object), "name": pd.Series(dtype=object)}
        return gpd.GeoDataFrame(facts, geometry=gpd.GeoSeries([], crs=WGS84))
    frames = [part[["kind", "name", "geometry"]] for part in parts]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=WGS84)


def _water_told(gathered: Gathered, named: Named | None) -> Told:
    told = [gathered.water.told] if gathered.water is not None else []
    told += [named.told] if named is not None and len(named.waters) else []
    return together(told, method=told[0].method or AS_IS) if told else NONE_GIVEN
