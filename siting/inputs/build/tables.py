"""Makes every table of a city folder from its sources."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer

from siting.inputs.build.areas import area_of
from siting.inputs.build.demand import make_demand
from siting.inputs.build.generators import make_generators
from siting.inputs.build.land import land_price, ring_of
from siting.inputs.build.places import make_places
from siting.inputs.build.points import make_points
from siting.inputs.build.roads import make_edges, make_nodes
from siting.inputs.build.sites import make_sites
from siting.inputs.build.sources import WGS84, Sources
from siting.inputs.build.spec import Spec

Tables = dict[str, gpd.GeoDataFrame]
CANDIDATE_COLUMNS = [
    *("id", "district", "area", "echelon", "kind", "osm_class", "name", "area_m2"),
    *("land_price_cny_per_m2", "role", "existing_type", "existing_size", "geometry"),
]
ID_LETTER = {"point": "P", "transfer": "T", "sorting": "S"}


def make_tables(sources: Sources, spec: Spec) -> Tables:
    """Every table by its stem, in the order of docs/city-folder.md."""
    outlines = sources.districts.to_crs(spec.crs_metric)
    cells = _with_degrees(make_demand(sources.features, outlines, sources.census, spec.demand), spec)
    generators = make_generators(sources, cells, spec)
    nodes = make_nodes(sources.road_nodes)
    return {
        "districts": _districts(sources, spec),
        "demand": _demand(cells, sources, spec),
        "generators": _generators(generators, sources, spec),
        "candidates": _candidates(cells, sources, spec),
        "road_nodes": nodes,
        "road_edges": make_edges(sources.road_edges, nodes, spec.not_walkable_classes),
        "places": _on_map(make_places(sources, spec), ["code", "name", "district", "geometry"]),
        "water": _on_map(sources.waters.rename(columns={"osm_class": "kind"}), ["kind", "name", "geometry"]),
    }


def _with_degrees(places: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    lon, lat = Transformer.from_crs(spec.crs_metric, WGS84, always_xy=True).transform(places["x_m"], places["y_m"])
    return places.assign(lon=np.round(lon, 6), lat=np.round(lat, 6))


def _on_map(places: pd.DataFrame, columns: list[str]) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy(places["lon"], places["lat"])
    return gpd.GeoDataFrame(places, geometry=points, crs=WGS84)[columns].reset_index(drop=True)


def _districts(sources: Sources, spec: Spec) -> gpd.GeoDataFrame:
    outlines, census = sources.districts, sources.census.loc[sources.districts["code"]]
    facts: dict[str, Any] = {
        "code": outlines["code"].to_numpy(),
        "name_en": census["name_en"].to_numpy(),
        "name_zh": census["name"].to_numpy(),
        "ring": ring_of(outlines["code"], spec).to_numpy(),
        "residents": census["population_2020"].round().astype(np.int64).to_numpy(),
        "area_km2": (outlines.geometry.to_crs(spec.crs_metric).area / 1e6).round(3).to_numpy(),
    }
    return gpd.GeoDataFrame(facts, geometry=outlines.geometry.to_numpy(), crs=WGS84)


def _demand(cells: pd.DataFrame, sources: Sources, spec: Spec) -> gpd.GeoDataFrame:
    columns = ["id", "district", "settlement", "residents", "households", "cell_x_m", "cell_y_m", "cell_size_m"]
    cells = cells.assign(area=area_of(cells, sources.features, spec.areas))
    return _on_map(cells, [*columns, "area", "geometry"])


def _generators(generators: pd.DataFrame, sources: Sources, spec: Spec) -> gpd.GeoDataFrame:
    ids = [f"G{number:04d}" for number in range(1, len(generators) + 1)]
    generators = generators.assign(id=ids, area=area_of(generators, sources.features, spec.areas))
    return _on_map(generators, ["id", "district", "area", "kind", "material", "tonnes", "geometry"])


def _candidates(cells: pd.DataFrame, sources: Sources, spec: Spec) -> gpd.GeoDataFrame:
    layers = {
        "point": make_points(sources.features, cells, spec),
        "transfer": make_sites(sources, cells, spec.transfer, spec, stream=2),
        "sorting": make_sites(sources, cells, spec.sorting, spec, stream=3),
    }
    for echelon, places in layers.items():
        places["id"] = [f"{ID_LETTER[echelon]}{number:05d}" for number in range(1, len(places) + 1)]
        places["echelon"] = echelon
        places["land_price_cny_per_m2"] = land_price(places, spec)
    places = pd.concat(layers.values(), ignore_index=True)
    places["area"] = area_of(places, sources.features, spec.areas)
    places["name"] = places["name"].where(places["name"] != "", None)
    empty = dict.fromkeys(("existing_type", "existing_size"), pd.Series(None, index=places.index, dtype=object))
    return _on_map(places.assign(role="candidate", **empty), CANDIDATE_COLUMNS)
