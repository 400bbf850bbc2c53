"""Every table of the city folder from the gathered sources, with what is to be told of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from siting.errors import ConfigError
from siting.inputs.arrays import WGS84
from siting.inputs.assemble.districts import make_districts
from siting.inputs.assemble.features import (
    Scene,
    feature_candidates,
    feature_generators,
    ground_of,
    named_features,
    with_areas,
)
from siting.inputs.assemble.gather import Gathered
from siting.inputs.assemble.generators import make_generators
from siting.inputs.assemble.parts import NONE_GIVEN, Made, Told, together
from siting.inputs.assemble.people import EXACT, make_demand
from siting.inputs.assemble.roads import Roads, connected_roads, without_defaults
from siting.inputs.assemble.sites import make_sites
from siting.inputs.assemble.spec import AS_IS, Assembly
from siting.inputs.datums import is_in_china
from siting.inputs.features.names import town_places

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
    scene = Scene(spec, base, gathered, districts, crs_metric, named)
    demand = make_demand(scene)
    living = demand.frame.groupby("district")["residents"].sum()
    districts["residents"] = districts["code"].map(living).fillna(0).astype("int64")
    ground = ground_of(scene, demand.frame)
    sites = make_sites(scene, feature_candidates(scene, ground), roads, demand.frame)
    generators = make_generators(scene, feature_generators(scene, ground))
    people = [gathered.census.told] if gathered.census is not None else []
    outlines = together([gathered.districts.told, *people], method="Outlines as given; residents: sums of demand")
    edges = together([gathered.roads.told], method=gathered.roads.told.method, flaws=roads.notes)
    cells = with_areas(demand.frame, ground, crs_metric).drop(columns=EXACT, errors="ignore")
    made = {
        "districts": Made(districts, outlines),
        "demand": Made(cells, demand.told),
        "generators": Made(with_areas(generators.frame, ground, crs_metric), generators.told),
        "candidates": Made(with_areas(sites.frame, ground, crs_metric), sites.told),
        "road_nodes": Made(roads.nodes, gathered.roads.told),
        "road_edges": Made(without_defaults(roads.edges), edges),
        **_places(scene),
        "water": _water(scene),
    }
    told = {stem: one.told for stem, one in made.items()}
    told |= {stem: Told(**record.model_dump()) for stem, record in spec.tables.items() if stem in made}
    notes = (*roads.notes, *(named.notes if named else ()), *demand.notes, *sites.notes, *generators.notes)
    return Tables({stem: one.frame for stem, one in made.items()}, told, crs_metric, notes)


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


def _places(scene: Scene) -> dict[str, Made]:
    """Return the table of towns that a stop is named after; none without a list of towns."""
    towns = scene.gathered.towns
    if towns is None or scene.named is None:
        return {}
    frame = town_places(towns.frame, scene.named.features, scene.spec.from_features.towns)
    return {"places": Made(frame, together([towns.told, scene.named.told], method=TOWNS))}


def _water(scene: Scene) -> Made:
    """Return waters around the districts; no rows where no source has any."""
    west, south, east, north = scene.districts.total_bounds
    own, named = scene.gathered.water, scene.named
    frames, told = [], []
    if own is not None:
        frames.append(own.frame.cx[west:east, south:north])
        told.append(own.told)
    if named is not None and len(named.waters):
        at = gpd.points_from_xy(named.waters["lon"], named.waters["lat"])
        frames.append(gpd.GeoDataFrame(named.waters.rename(columns={"osm_class": "kind"}), geometry=at, crs=WGS84))
        told.append(named.told)
    if not frames:
        facts = {"kind": pd.Series(dtype=object), "name": pd.Series(dtype=object)}
        return Made(gpd.GeoDataFrame(facts, geometry=gpd.GeoSeries([], crs=WGS84)), NONE_GIVEN)
    table = pd.concat([frame[["kind", "name", "geometry"]] for frame in frames], ignore_index=True)
    method = own.told.method if own is not None else AS_IS
    return Made(gpd.GeoDataFrame(table, geometry="geometry", crs=WGS84), together(told, method=method))
