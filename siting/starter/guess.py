"""What a first plan needs and a bare extract does not hold: residents by district, places for stations and centres."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.inputs.osm import OsmTables
from siting.inputs.population import DEFAULT_WEIGHTS, weigh_layers
from siting.travel import largest_part

TAGGED = "Population as tagged in OpenStreetMap"
GUESSED = "Assumption: residents by mapped roads, buildings and stops, where OpenStreetMap gives none; replace them"
LAND_M2 = {"transfer": 2500, "sorting": 30_000}
ENOUGH_M2 = {"transfer": 500, "sorting": 4500}
"""Land of the smallest station, and of a centre for 30,000 t a year."""
PER_ECHELON = 2
PLACE_COLUMNS = ["id", "name", "echelon", "kind", "area_m2", "lon", "lat"]


@dataclass(frozen=True)
class Residents:
    """`table` has `code`, `name`, `residents`; `method` and `nature` say where they come from."""

    table: pd.DataFrame
    method: str
    nature: str


def guess_residents(osm: OsmTables) -> Residents:
    """Residents of each district: as tagged, else what its roads, buildings and stops would lead one to expect."""
    districts = osm.districts
    tagged = pd.to_numeric(districts["residents"], errors="coerce")
    layers = {"roads": osm.road_edges, "buildings": osm.buildings, "stops": osm.stops, "landuse": osm.landuse}
    points = weigh_layers(layers, DEFAULT_WEIGHTS, crs_metric=str(districts.estimate_utm_crs()))
    found = points.sjoin(districts[["code", "geometry"]], predicate="intersects")
    expected = districts["code"].map(found.groupby("code")["weight"].sum()).fillna(0.0).round()
    table = pd.DataFrame(
        {
            "code": districts["code"],
            "name": districts["name_zh"].fillna(districts["name_en"]),
            "residents": tagged.fillna(expected).astype(np.int64),
        }
    )
    is_told = bool(tagged.notna().all())
    return Residents(table, TAGGED if is_told else GUESSED, "real" if is_told else "synthetic")


def placeholders(osm: OsmTables) -> pd.DataFrame:
    """Places on roads, far from each other, for echelons that the extract has no land for; may have no rows."""
    sites = osm.candidates
    land_m2 = sites["area_m2"].groupby(sites["echelon"]).max()
    missing = [echelon for echelon in LAND_M2 if not land_m2.get(echelon, 0.0) >= ENOUGH_M2[echelon]]
    if not missing:
        return pd.DataFrame(columns=PLACE_COLUMNS)
    at = _far_apart(_road_places(osm), PER_ECHELON * len(missing))
    rows = []
    for number, (lon, lat) in enumerate(at):
        echelon = missing[number % len(missing)]
        name = f"PLACEHOLDER {echelon} {number // len(missing) + 1}"
        land = (name, echelon, "placeholder", LAND_M2[echelon])
        rows.append((f"PLACEHOLDER-{number + 1}", *land, round(lon, 6), round(lat, 6)))
    return pd.DataFrame(rows, columns=PLACE_COLUMNS)


def _road_places(osm: OsmTables) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Nodes of what can be driven in and out, inside a district; shape `(n, 2)`, lon and lat."""
    edges = osm.road_edges
    ends = np.searchsorted(osm.road_nodes["node"].to_numpy(), edges[["u", "v"]].to_numpy())
    used = (edges["drivable"] & edges["walkable"]).to_numpy(dtype=bool)
    oneway, length_m = edges["oneway"].to_numpy(dtype=bool), edges["length_m"].to_numpy(dtype=float)
    kept = largest_part(ends, length_m, is_used=used, is_oneway=oneway, n_nodes=len(osm.road_nodes))
    nodes = osm.road_nodes.iloc[np.unique(ends[kept])]
    if len(osm.districts):
        nodes = gpd.GeoDataFrame(nodes[nodes.intersects(osm.districts.union_all())])
    return np.asarray(nodes.geometry.get_coordinates().to_numpy(), dtype=np.float64)


def _far_apart(places: np.ndarray, number: int) -> list[tuple[float, float]]:
    """The place farthest from the middle, then each time the one farthest from those chosen."""
    if not len(places):
        return []
    scale = np.array([np.cos(np.radians(places[:, 1].mean())), 1.0])
    flat = places * scale
    apart = np.hypot(*(flat - flat.mean(axis=0)).T)
    chosen: list[int] = []
    for _ in range(min(number, len(places))):
        chosen.append(int(np.argmax(apart)))
        distance = np.hypot(*(flat - flat[chosen[-1]]).T)
        apart = distance if len(chosen) == 1 else np.minimum(apart, distance)
    return [(float(places[row, 0]), float(places[row, 1])) for row in chosen]
