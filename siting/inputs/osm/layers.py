"""Layers from features: candidates and facilities, waters, exclusion, buildings, stops, land use."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.inputs.osm.kinds import FACILITY_RULES, LAND_RULES, POINT_RULES, ObjectArray, Rule, by_rules, materials_of
from siting.inputs.osm.raw import FloatArray
from siting.inputs.osm.selection import WATER_LANDUSE
from siting.vocabulary import Echelon, EchelonName

WGS84 = "EPSG:4326"
# Land that a station or a centre needs; a comprehensive centre has more than 3,000 m² by the national standard.
LEAST_AREA_M2: dict[EchelonName, float] = {"transfer": 500.0, "sorting": 3000.0}
LEAST_PARKING_M2 = 1500.0
CANDIDATE_COLUMNS = ["id", "echelon", "kind", "osm_class", "name", "area_m2"]
FACILITY_COLUMNS = [*CANDIDATE_COLUMNS, "role", "materials", "existing_type", "existing_size", "capacity_t"]
ECHELON_OF: dict[str, EchelonName] = {
    "recycling_point": "point",
    "recycling_centre": "transfer",
    "transfer_station": "transfer",
    "scrap_yard": "sorting",
}
PROTECTED_RULES = (
    Rule("nature_reserve", "leisure", ("nature_reserve",)),
    Rule("protected_area", "boundary", ("protected_area", "national_park")),
)
WATER_RULES = (
    Rule("water", "natural", ("water",)),
    Rule("reservoir", "landuse", WATER_LANDUSE),
    Rule("river", "waterway", ("riverbank", "river")),
    Rule("canal", "waterway", ("canal",)),
    Rule("stream", "waterway", ("stream",)),
)
NO_FLOORS = ("no", "entrance", "roof", "ruins", "construction", "collapsed", "carport", "canopy")
HOMES = (
    *("apartments", "residential", "house", "detached", "semidetached_house", "terrace", "dormitory", "bungalow"),
    *("farm", "cabin", "block", "hut", "static_caravan", "houseboat"),
)
# Storeys where `building:levels` is not given: an assumption by class, 2 for any other.
LEVELS = {
    "apartments": 6.0, "residential": 5.0, "dormitory": 6.0, "block": 6.0, "office": 6.0, "hotel": 6.0, "hospital": 5.0,
    "university": 4.0, "school": 4.0, "public": 3.0, "commercial": 4.0, "yes": 3.0, "retail": 2.0, "house": 2.0,
    "terrace": 2.0, "industrial": 1.0, "warehouse": 1.0, "garage": 1.0, "garages": 1.0, "shed": 1.0, "hut": 1.0,
    "greenhouse": 1.0, "bungalow": 1.0, "kiosk": 1.0, "service": 1.0, "farm_auxiliary": 1.0, "barn": 1.0,
}  # fmt: skip
OTHER_LEVELS = 2.0
MOST_LEVELS = 130.0


def make_candidates(features: pd.DataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Points first, then land for transfer stations, then for sorting centres; and notes on what was left out.

    One piece of land may stand in all three echelons; the id of the latter two ends in `-transfer`, `-sorting`.
    """
    kind, value = by_rules(features, POINT_RULES)
    below = np.array([tags.get("parking") == "underground" for tags in features["tags"]], dtype=bool)
    is_underground = (kind == "parking") & below
    kind[is_underground] = None
    parts = [_rows(features, kind, value, Echelon.POINT.key), *_land(features, is_underground)]
    number = int(is_underground.sum())
    notes = [f"{number:,} underground car parks left out of the candidates"] if number else []
    return _on_map(pd.concat(parts, ignore_index=True), CANDIDATE_COLUMNS), notes


def make_facilities(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """Recycling places, transfer stations, scrap yards, landfills and incinerators that exist.

    A recycling centre counts as a transfer station: it takes from residents and passes on unsorted. A landfill and an
    incinerator belong to no echelon (missing).
    """
    kind, value = by_rules(features, FACILITY_RULES)
    is_centre = [tags.get("recycling_type") == "centre" for tags in features["tags"]]
    kind[(kind == "recycling_point") & np.array(is_centre, dtype=bool)] = "recycling_centre"
    rows = _rows(features, kind, value, None)
    rows["echelon"] = pd.Series([ECHELON_OF.get(one) for one in rows["kind"]], dtype=object)
    rows["role"] = "existing"
    rows["materials"] = pd.Series([materials_of(tags) for tags in rows["tags"]], dtype=object)
    for column in ("existing_type", "existing_size"):
        rows[column] = pd.Series(None, index=rows.index, dtype=object)
    rows["capacity_t"] = np.full(len(rows), np.nan)
    return _on_map(rows, FACILITY_COLUMNS)


def _land(features: pd.DataFrame, is_underground: np.ndarray[Any, Any]) -> list[pd.DataFrame]:
    """Industrial and idle land, warehouses, works and large car parks with enough area, for each echelon."""
    kind, value = by_rules(features, LAND_RULES)
    area = features["area_m2"].to_numpy()
    kind[is_underground | ((kind == "parking") & ~(area >= LEAST_PARKING_M2))] = None
    parts = []
    for echelon, least_m2 in LEAST_AREA_M2.items():
        enough = kind.copy()
        enough[~(area >= least_m2)] = None
        part = _rows(features, enough, value, echelon)
        parts.append(part.assign(id=part["id"] + f"-{echelon}"))
    return parts


def _rows(features: pd.DataFrame, kind: Any, value: Any, echelon: str | None) -> pd.DataFrame:
    """The features that have a kind."""
    chosen = ~pd.isna(kind)
    rows: pd.DataFrame = features.loc[chosen, ["id", "name", "area_m2", "point", "tags"]].reset_index(drop=True)
    return rows.assign(echelon=echelon, kind=kind[chosen], osm_class=value[chosen])


def _on_map(rows: pd.DataFrame, columns: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows[columns], geometry=rows["point"].to_numpy(), crs=WGS84).reset_index(drop=True)


def make_water(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """Waters as areas, rivers, canals and streams also as lines: `kind`, `name`."""
    kind, _ = by_rules(features, WATER_RULES)
    dimension = shapely.get_dimensions(features["geometry"].to_numpy())
    kind[dimension < 1] = None
    return _layer(features, ~pd.isna(kind), kind=kind)


def make_exclusion(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """Areas where no facility may stand: waters, protected areas, nature reserves: `kind`, `name`."""
    kind, _ = by_rules(features, (*PROTECTED_RULES, *(rule._replace(kind="water") for rule in WATER_RULES)))
    kind[~_is_area(features)] = None
    return _layer(features, ~pd.isna(kind), kind=kind)


def make_buildings(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """A point in each building: `osm_class`, `use`, `levels`, `floor_area_m2` (footprint × storeys).

    `use` is `home`, `other`, or `unknown` where the tag says no more than that there is a building.
    """
    value = features["building"]
    chosen = (value.notna() & ~value.isin(NO_FLOORS)).to_numpy() & _is_area(features)
    rows = features[chosen]
    levels = _levels(rows)
    use = np.where(rows["building"].isin(HOMES), "home", np.where(rows["building"] == "yes", "unknown", "other"))
    floor = (rows["area_m2"].to_numpy() * levels).round(1)
    facts = {"osm_class": rows["building"].to_numpy(), "use": use, "levels": levels, "floor_area_m2": floor}
    at = rows["point"].to_numpy()
    return gpd.GeoDataFrame({"id": rows["id"].to_numpy(), **facts}, geometry=at, crs=WGS84)


def make_stops(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The stops of public transport among the candidates: `id`, `kind`, `osm_class`, `name`."""
    chosen = candidates["kind"] == "transit_stop"
    return candidates.loc[chosen, ["id", "kind", "osm_class", "name", "geometry"]].reset_index(drop=True)


def make_landuse(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """Areas of land use: `id`, `osm_class`, `name`, `area_m2`."""
    chosen = features["landuse"].notna().to_numpy() & _is_area(features)
    layer = _layer(features, chosen, osm_class=features["landuse"].to_numpy())
    return layer[["id", "osm_class", "name", "area_m2", "geometry"]]


def _levels(rows: pd.DataFrame) -> FloatArray:
    """Storeys of each building: as tagged if that is a number from 1 to 130, else usual of its class."""
    said = pd.to_numeric([tags.get("building:levels") for tags in rows["tags"]], errors="coerce")
    tagged = np.asarray(said, dtype=np.float64)
    usual = rows["building"].map(LEVELS).fillna(OTHER_LEVELS).to_numpy(dtype=np.float64)
    return np.where((tagged >= 1) & (tagged <= MOST_LEVELS), tagged, usual)


def _is_area(features: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(shapely.get_dimensions(features["geometry"].to_numpy()) == 2)


def _layer(features: pd.DataFrame, chosen: object, **columns: ObjectArray) -> gpd.GeoDataFrame:
    rows = features.assign(**columns)[chosen]
    names = ["id", *columns, "name", "area_m2"]
    return gpd.GeoDataFrame(rows[names], geometry=rows["geometry"].to_numpy(), crs=WGS84).reset_index(drop=True)
