"""The geography of an instance: its rows as frames that can be drawn."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from siting.geography import Geography
from siting.inputs.arrays import WGS84
from siting.inputs.cellshapes import cell_outlines
from siting.inputs.city import City
from siting.prepare.scope import Places
from siting.vocabulary import DemandKind

MAIN_ROADS = ("motorway", "trunk", "primary", "secondary")
FEW_EDGES = 10_000


def geography_of(city: City, places: Places, nodes: pd.DataFrame) -> Geography:
    """Return the geometry of the rows of the instance, with the background of the map."""
    roads = drawn_roads(city)
    tables, line = city.meta["tables"], city.meta.get("attribution")
    origins = {str(table["origin"]) for table in tables.values() if table.get("origin")}
    return Geography(
        city_name_en=str(city.meta["name_en"]),
        city_name_zh=str(city.meta["name_zh"]),
        crs_metric=city.crs_metric,
        districts=places.districts,
        demand=_demand(city, places, nodes),
        sites=places.candidates[["id", "echelon", "kind", "osm_class", "name", "district", "geometry"]],
        roads=roads[["road_class", "geometry"]].reset_index(drop=True),
        water=city.water,
        notes=tuple(f"{stem}: {table['nature']}. {table.get('method', '')}".strip() for stem, table in tables.items()),
        attributions=(*([str(line)] if line else []), *sorted(origins)),  # the required line comes first
        places=city.places[["name", "geometry"]].reset_index(drop=True),
    )


def drawn_roads(city: City) -> gpd.GeoDataFrame:
    """Return the roads that a map shows: the main ones; all that is driven on where the city is small."""
    edges = city.road_edges
    is_main = edges["road_class"].astype(str).str.removesuffix("_link").isin(MAIN_ROADS)
    driven = edges[edges["drivable"] | is_main]
    return driven if len(driven) <= FEW_EDGES else edges[edges["road_class"].isin(MAIN_ROADS)]


def _demand(city: City, places: Places, nodes: pd.DataFrame) -> gpd.GeoDataFrame:
    cells, outlines = places.cells, cell_outlines(places.cells, city.crs_metric).to_numpy()
    columns = ["id", "kind", "district", "settlement", "residents", "cell_size_m", "cell", "geometry"]
    residential = cells.assign(kind="residential", cell=outlines)[columns]
    others = places.generators.assign(settlement=None, residents=0, cell_size_m=0.0, cell=None)[columns]
    booked = nodes[nodes["kind"] == DemandKind.BOOKED]
    cell = residential.iloc[booked["row"]]
    at_doors = cell.assign(id=booked["id"].to_numpy(), kind="door", residents=0, cell_size_m=0.0, cell=None)
    parts = [residential, *(part for part in (others, at_doors) if len(part))]
    rows = pd.concat(parts, ignore_index=True) if len(parts) > 1 else residential
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=WGS84)
