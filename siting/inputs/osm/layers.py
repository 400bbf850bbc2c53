"""Layers from features: candidates and facilities, waters, exclusion, buildings, stops, land use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.inputs.arrays import WGS84, BoolArray, Shapes
from siting.inputs.osm.selection import PUBLIC_AMENITIES, RAILS, SCHOOLS, WATER_LANDUSE, Tags
from siting.inputs.osm.stops import join_stops
from siting.vocabulary import Echelon, EchelonName


class Rule(NamedTuple):
    """A feature is of this kind if its tag `key` has one of the values, or any where there are none."""

    kind: str
    key: str
    values: tuple[str, ...] = ()


# The first rule that fits counts.
POINT_RULES = (
    Rule("school", "amenity", SCHOOLS),
    Rule("hospital", "amenity", ("hospital",)),
    Rule("public", "amenity", PUBLIC_AMENITIES),
    Rule("public", "office", ("government", "administrative")),
    Rule("shop", "shop"),
    Rule("shop", "amenity", ("marketplace",)),
    Rule("office", "office"),
    Rule("transit_stop", "highway", ("bus_stop",)),
    Rule("transit_stop", "public_transport", ("platform", "station")),
    Rule("transit_stop", "railway", ("station", "halt", "tram_stop")),
    Rule("transit_stop", "amenity", ("bus_station",)),
    Rule("parking", "amenity", ("parking",)),
    Rule("sanitation", "amenity", ("waste_disposal",)),
    Rule("school", "building", (*SCHOOLS, "school")),
    Rule("public", "building", ("public", "government", "civic")),
    Rule("hospital", "building", ("hospital",)),
    Rule("office", "building", ("office",)),
    Rule("community", "building", ("apartments", "residential", "dormitory")),
    Rule("community", "landuse", ("residential",)),
)
LAND_RULES = (
    Rule("industrial_land", "landuse", ("industrial",)),
    Rule("warehouse", "building", ("warehouse",)),
    Rule("warehouse", "industrial", ("warehouse",)),
    Rule("factory", "building", ("industrial", "factory")),
    Rule("factory", "man_made", ("works",)),
    Rule("idle_land", "landuse", ("brownfield",)),
    Rule("parking", "amenity", ("parking",)),
)
FACILITY_RULES = (
    Rule("transfer_station", "amenity", ("waste_transfer_station",)),
    Rule("scrap_yard", "amenity", ("scrapyard",)),
    Rule("scrap_yard", "industrial", ("scrap_yard",)),
    Rule("landfill", "landuse", ("landfill",)),
    Rule("incinerator", "man_made", ("incinerator",)),
    Rule("incinerator", "amenity", ("incinerator",)),
    Rule("incinerator", "plant:source", ("waste",)),
    Rule("incinerator", "generator:source", ("waste",)),
    Rule("recycling_point", "amenity", ("recycling",)),
)
NOT_THERE = ("no", "vacant", "disused", "abandoned")
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
BARRIER_RULES = (
    *(rule for rule in WATER_RULES if rule.kind != "stream"),
    Rule("coastline", "natural", ("coastline",)),
    Rule("railway", "railway", RAILS),
)
LEAST_WATER_M2 = 2000.0
"""Smaller waters are walked around."""
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
MATERIALS = {
    "paper": (
        "paper",
        "cardboard",
        "newspaper",
        "magazines",
        "books",
        "paper_packaging",
        "cartons",
        "beverage_cartons",
    ),
    "plastic": ("plastic", "plastic_bottles", "plastic_packaging", "PET", "styrofoam", "polyester", "bottle_caps"),
    "glass": ("glass", "glass_bottles"),
    "metal": ("scrap_metal", "cans", "aluminium", "aluminum", "metal", "metal_packaging", "sheet_metal"),
    "textiles": ("clothes", "shoes", "belts", "textiles", "fabric", "clothing"),
    "electronics": (
        *("small_appliances", "electrical_appliances", "electrical_items", "white_goods", "computers", "mobile_phones"),
        *("printer_cartridges", "small_electrical_appliances", "fluorescent_tubes", "low_energy_bulbs", "light_bulbs"),
    ),
    "batteries": ("batteries", "car_batteries"),
    "wood": ("wood", "furniture"),
    "organic": ("organic", "green_waste", "garden_waste", "food_waste", "christmas_trees"),
    "rubber": ("tyres",),
}
MATERIAL_OF = {said: material for material, all_said in MATERIALS.items() for said in all_said}


def by_rules(frame: pd.DataFrame, rules: Iterable[Rule]) -> tuple[Shapes, Shapes]:
    """Return the kind of each feature, and the value of the tag that made it so; None where no rule fits.

    `frame` has a column for each selected key, missing where the tag is.
    """
    kind, value = np.full(len(frame), None, dtype=object), np.full(len(frame), None, dtype=object)
    for name, key, values in rules:
        column = frame[key]
        said = column.isin(values) if values else column.notna() & ~column.isin(NOT_THERE)
        fits = said.to_numpy() & pd.isna(kind)
        kind[fits] = name
        value[fits] = column.to_numpy()[fits]
    return kind, value


def materials_of(tags: Tags) -> str | None:
    """Return the materials that a recycling place takes, comma-separated, in groups; None if it says none.

    A `recycling:*` tag that belongs to no group stands under its own name.

    >>> materials_of({"recycling:glass_bottles": "yes", "recycling:paper": "yes", "recycling:cans": "no"})
    'glass,paper'
    """
    said = {
        key.removeprefix("recycling:") for key, value in tags.items() if key.startswith("recycling:") and value != "no"
    }
    return ",".join(sorted({MATERIAL_OF.get(one, one) for one in said})) or None


def make_candidates(features: pd.DataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return candidates for points, then for transfer stations, then for sorting centres; and notes on omissions.

    One piece of land may stand in all three echelons; the id of the latter two ends in `-transfer`, `-sorting`.
    """
    kind, value = by_rules(features, POINT_RULES)
    below = np.array([tags.get("parking") == "underground" for tags in features["tags"]], dtype=bool)
    is_underground = (kind == "parking") & below
    is_second, names = join_stops(features, kind == "transit_stop")
    kind[is_underground | is_second] = None
    parts = [_rows(features.assign(name=names), kind, value, Echelon.POINT.key)]
    kind, value = by_rules(features, LAND_RULES)
    area_m2 = features["area_m2"].to_numpy()
    kind[is_underground | ((kind == "parking") & ~(area_m2 >= LEAST_PARKING_M2))] = None
    for echelon, least_m2 in LEAST_AREA_M2.items():
        part = _rows(features, pd.Series(kind).where(area_m2 >= least_m2).to_numpy(), value, echelon)
        parts.append(part.assign(id=part["id"] + f"-{echelon}"))
    counts = {
        "underground car parks left out of the candidates": is_underground.sum(),
        "stops of public transport are mapped twice, as a node and as its platform or station; each counts once": (
            is_second.sum()
        ),
    }
    notes = [f"{number:,} {words}" for words, number in counts.items() if number]
    return _on_map(pd.concat(parts, ignore_index=True), CANDIDATE_COLUMNS), notes


def make_facilities(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the recycling places, transfer stations, scrap yards, landfills and incinerators that exist.

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


def _rows(features: pd.DataFrame, kind: Shapes, value: Shapes, echelon: str | None) -> pd.DataFrame:
    chosen = ~pd.isna(kind)
    rows: pd.DataFrame = features.loc[chosen, ["id", "name", "area_m2", "point", "tags"]].reset_index(drop=True)
    return rows.assign(echelon=echelon, kind=kind[chosen], osm_class=value[chosen])


def _on_map(rows: pd.DataFrame, columns: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows[columns], geometry=rows["point"].to_numpy(), crs=WGS84).reset_index(drop=True)


def make_water(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return waters: areas, and rivers, canals and streams as lines too; columns `kind`, `name`."""
    kind, _ = by_rules(features, WATER_RULES)
    kind[shapely.get_dimensions(features["geometry"].to_numpy()) < 1] = None
    return _layer(features, ~pd.isna(kind), kind=kind)


def make_barriers(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return barriers to walking: waters, coasts and railways on the ground; columns `kind`, `name`."""
    kind, _ = by_rules(features, BARRIER_RULES)
    shapes = features["geometry"].to_numpy().copy()
    is_area = shapely.get_dimensions(shapes) == 2
    is_coast = is_area & (kind == "coastline")
    shapes[is_coast] = shapely.boundary(shapes[is_coast])
    small = is_area & ~is_coast & ~(features["area_m2"].to_numpy(dtype=float) >= LEAST_WATER_M2)
    off_ground = np.array([_is_off_ground(tags) for tags in features["tags"]], dtype=bool)
    kind[small | off_ground | (shapely.get_dimensions(shapes) < 1)] = None
    layer = _layer(features.assign(geometry=shapes), ~pd.isna(kind), kind=kind)
    return layer[["id", "kind", "name", "geometry"]]


def _is_off_ground(tags: Tags) -> bool:
    """Return whether one passes over or under the feature: a tunnel, a culvert, a viaduct."""
    return any(tags.get(key, "no") != "no" for key in ("tunnel", "bridge", "covered"))


def make_exclusion(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the areas where no facility may stand: waters, protected areas, nature reserves: `kind`, `name`."""
    kind, _ = by_rules(features, (*PROTECTED_RULES, *(rule._replace(kind="water") for rule in WATER_RULES)))
    kind[~_is_area(features)] = None
    return _layer(features, ~pd.isna(kind), kind=kind)


def make_buildings(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return a point in each building: `osm_class`, `use`, `levels`, `floor_area_m2` (footprint × storeys).

    `use` is `home`, `other`, or `unknown` where the tag says no more than that there is a building. Storeys are as
    tagged if that is a number from 1 to 130, else usual of the class.
    """
    value = features["building"]
    chosen = (value.notna() & ~value.isin(NO_FLOORS)).to_numpy() & _is_area(features)
    rows = features[chosen]
    tagged = pd.to_numeric(pd.Series([tags.get("building:levels") for tags in rows["tags"]], dtype=object), "coerce")
    usual = rows["building"].map(LEVELS).fillna(OTHER_LEVELS).to_numpy(dtype=np.float64)
    levels = np.where(tagged.between(1, MOST_LEVELS), tagged, usual).astype(np.float64)
    use = np.where(rows["building"].isin(HOMES), "home", np.where(rows["building"] == "yes", "unknown", "other"))
    floor = (rows["area_m2"].to_numpy() * levels).round(1)
    facts = {"id": rows["id"], "osm_class": rows["building"], "use": use, "levels": levels, "floor_area_m2": floor}
    return gpd.GeoDataFrame(facts, geometry=rows["point"].to_numpy(), crs=WGS84).reset_index(drop=True)


def make_stops(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the stops of public transport among the candidates: `id`, `kind`, `osm_class`, `name`."""
    chosen = candidates["kind"] == "transit_stop"
    return candidates.loc[chosen, ["id", "kind", "osm_class", "name", "geometry"]].reset_index(drop=True)


def make_landuse(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the areas of land use: `id`, `osm_class`, `name`, `area_m2`."""
    chosen = features["landuse"].notna().to_numpy() & _is_area(features)
    layer = _layer(features, chosen, osm_class=features["landuse"].to_numpy())
    return layer[["id", "osm_class", "name", "area_m2", "geometry"]]


def residential_areas(features: pd.DataFrame) -> Shapes:
    """Return the areas of housing, as shapely objects."""
    chosen = (features["landuse"] == "residential").to_numpy() & _is_area(features)
    return np.asarray(features.loc[chosen, "geometry"], dtype=object)


def _is_area(features: pd.DataFrame) -> BoolArray:
    return np.asarray(shapely.get_dimensions(features["geometry"].to_numpy()) == 2)


def _layer(features: pd.DataFrame, chosen: object, **columns: Shapes) -> gpd.GeoDataFrame:
    rows = features.assign(**columns)[chosen]
    names = ["id", *columns, "name", "area_m2"]
    return gpd.GeoDataFrame(rows[names], geometry=rows["geometry"].to_numpy(), crs=WGS84).reset_index(drop=True)
