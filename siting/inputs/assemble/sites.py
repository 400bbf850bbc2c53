"""The table `candidates`: places of all sources, their gaps filled, out of exclusion zones, and thinned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import DataError, raise_faults
from siting.inputs.arrays import WGS84, FloatArray, IntArray
from siting.inputs.assemble.districts import all_located
from siting.inputs.assemble.features import Scene
from siting.inputs.assemble.parts import Made, Part, column_of, listed, numbers_of, together, unique_ids
from siting.inputs.assemble.roads import Roads
from siting.inputs.assemble.spec import Provenance, Rules
from siting.inputs.features.candidates import zone_of
from siting.inputs.features.schema import Zone
from siting.inputs.spacing import keep_spaced, spread_by_demand
from siting.vocabulary import ECHELONS, Echelon, EchelonName

COLUMNS = [
    *("id", "district", "area", "echelon", "kind", "osm_class", "name", "area_m2"),
    *("land_price_cny_per_m2", "role", "existing_type", "existing_size", "geometry"),
]
FACILITY_COLUMNS = ("materials", "capacity_t")
MISSING_CURE = {
    Echelon.POINT: "take them from OpenStreetMap or give `candidates:`",
    Echelon.TRANSFER: "OpenStreetMap holds no land of 500 m² or more here; give `candidates:` with echelon transfer",
    Echelon.SORTING: "OpenStreetMap holds no land of 3,000 m² or more here; give `candidates:` with echelon sorting",
}
FIRST_KINDS = (
    "recycling_point",
    "sanitation",
    "community",
    "school",
    "public",
    "shop",
    "office",
    "transit_stop",
    "parking",
)
"""Kinds in the order in which they stay where two places of one source are too near to each other."""
FIXED = ("existing", "required")


def make_sites(scene: Scene, made: tuple[Part, ...], roads: Roads, demand: gpd.GeoDataFrame) -> Made:
    """Make the table of the candidates and facilities of all sources, and of those that the build makes itself.

    Raises
    ------
    DataError
        If no place of a source lies in a district, or an echelon ends up with none.
    """
    notes: list[str] = []
    gathered, rules = scene.gathered, scene.spec.rules
    candidates = (*gathered.candidates, *made)
    inside = all_located((*candidates, *gathered.facilities), scene.districts, notes)
    rows = [_candidates(part, rules) for part in inside[: len(candidates)]]
    rows += [_facilities(part, rules, notes) for part in inside[len(candidates) :]]
    _tell_missing(pd.concat(rows, ignore_index=True) if rows else pd.DataFrame({"echelon": []}))
    sites = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), geometry="geometry", crs=WGS84)
    sites.geometry = sites.geometry.representative_point()
    sites = _near_roads(sites, roads.edges, scene, notes)
    sites = _outside_zones(sites, scene, notes)
    sites["id"] = unique_ids(sites["id"], notes, "candidates")
    sites = _thinned(sites, demand, scene, notes)
    _tell_missing(sites)
    _give_prices(sites, scene)
    columns = [*COLUMNS, *(one for one in FACILITY_COLUMNS if one in sites)]
    told = _told((*candidates, *gathered.facilities), rules)
    return Made(sites[columns].reset_index(drop=True), told, tuple(notes))


def _candidates(part: Part, rules: Rules) -> pd.DataFrame:
    """Return the candidates of one source with every column filled."""
    frame = pd.DataFrame(part.frame)
    frame["echelon"] = column_of(frame, "echelon").fillna(Echelon.POINT.key)
    area_m2 = numbers_of(frame, "area_m2")
    if part.is_osm:  # the area of a shop or a school is not available for a recycling point
        area_m2 = area_m2.where(frame["echelon"] != Echelon.POINT.key)
    return _filled(frame, part, area_m2, rules).assign(
        role=column_of(frame, "role").fillna("candidate"), existing_type=None, existing_size=None
    )


def _facilities(part: Part, rules: Rules, notes: list[str]) -> pd.DataFrame:
    """Return the existing facilities; those of no known type stand as candidates, those of no echelon are left out."""
    frame = pd.DataFrame(part.frame)
    known = column_of(frame, "echelon").isin(ECHELONS)
    if (~known).any():
        kinds = sorted(set(column_of(frame, "kind")[~known].dropna().astype(str)))
        notes.append(f"{part.label}: {int((~known).sum()):,} facilities of no echelon left out: {listed(kinds)}")
    frame = frame[known].reset_index(drop=True)
    for column in ("type", "size"):
        fallback = frame["echelon"].map({echelon: getattr(one, column) for echelon, one in rules.existing.items()})
        frame[f"existing_{column}"] = column_of(frame, f"existing_{column}").fillna(fallback)
    role = column_of(frame, "role").fillna("existing")
    untold = (role == "existing") & (frame["existing_type"].isna() | frame["existing_size"].isna())
    if untold.any():
        notes.append(
            f"{part.label}: {int(untold.sum()):,} existing facilities stand as candidates, for nobody tells their"
            f" type and size: {listed(frame.loc[untold, 'id'])}; fill existing_type and existing_size,"
            " or give `rules.existing`"
        )
    area_m2 = numbers_of(frame, "area_m2")
    filled = _filled(frame, part, area_m2, rules).assign(role=role.where(~untold, "candidate"))
    filled.loc[untold, ["existing_type", "existing_size"]] = None
    return filled


def _filled(frame: pd.DataFrame, part: Part, area_m2: pd.Series, rules: Rules) -> pd.DataFrame:
    """Return the kind, class, land and price where the source does not give them."""
    return frame.assign(
        kind=column_of(frame, "kind").fillna("other"),
        osm_class=column_of(frame, "osm_class").fillna("own table" if not part.is_osm else "yes"),
        name=column_of(frame, "name"),
        area=column_of(frame, "area"),
        area_m2=area_m2.where(area_m2 > 0).fillna(frame["echelon"].map(rules.area_of)),
        land_price_cny_per_m2=numbers_of(frame, "land_price_cny_per_m2"),
        is_osm=part.is_osm,
    )


def _give_prices(sites: gpd.GeoDataFrame, scene: Scene) -> None:
    """Fill land prices that no source gives: by zone, each echelon ranked apart, else that of the rules."""
    price = sites["land_price_cny_per_m2"]
    for rows in sites.groupby("echelon").groups.values():
        by_zone = pd.Series(_zone_price(sites.loc[rows], scene.spec.zones, scene.crs_metric), index=rows)
        price = price.fillna(by_zone)
    sites["land_price_cny_per_m2"] = price.fillna(scene.spec.rules.land_price_cny_per_m2)


def _tell_missing(sites: pd.DataFrame) -> None:
    missing = [echelon for echelon in MISSING_CURE if not (sites["echelon"] == echelon.key).any()]
    raise_faults([f"candidates: none for {one.key}; {MISSING_CURE[one]}" for one in missing], DataError)


def _told(parts: tuple[Part, ...], rules: Rules) -> Provenance:
    """Return the provenance of the candidates of all sources, with the assumptions of the rules."""
    land = ", ".join(f"{one.key} {rules.area_of(one.key):,.0f} m²" for one in Echelon if one < Echelon.BASE)
    return together(
        [part.told for part in parts],
        method="Places of all sources inside a district and near a road, out of exclusion zones, at least spaced",
        flaws=(
            f"Assumption: land where none is known: {land}.",
            f"Assumption: land price where none is given: {rules.land_price_cny_per_m2:,.0f} CNY/m².",
        ),
    )


def _near_roads(sites: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, scene: Scene, notes: list[str]) -> gpd.GeoDataFrame:
    """Leave out what is too far from every road; existing and required places stay."""
    from_road_m = scene.spec.rules.from_road_m
    if from_road_m is None:
        return sites
    lines = edges[edges["drivable"] & edges["walkable"]].geometry.to_crs(scene.crs_metric).to_numpy()
    points = sites.geometry.to_crs(scene.crs_metric).to_numpy()
    is_far = shapely.distance(points, lines[shapely.STRtree(lines).nearest(points)]) > from_road_m
    lost = is_far & ~sites["role"].isin(FIXED).to_numpy()
    _note(notes, sites[lost], f"left out, more than {from_road_m:.0f} m from every road")
    return sites[~lost].reset_index(drop=True)


def _outside_zones(sites: gpd.GeoDataFrame, scene: Scene, notes: list[str]) -> gpd.GeoDataFrame:
    """Leave out, or mark as forbidden, what lies in an exclusion zone; existing and required places stay."""
    zones = [shape for part in scene.gathered.exclusion for shape in part.frame.geometry if shape is not None]
    inside = np.zeros(len(sites), dtype=bool)
    inside[shapely.STRtree(zones).query(sites.geometry.to_numpy(), predicate="intersects")[0]] = True
    fixed = sites["role"].isin(FIXED).to_numpy()
    lost, is_mark = inside & ~fixed, scene.spec.rules.exclusion == "mark"
    _note(notes, sites[inside & fixed], "existing or required places lie in an exclusion zone and were kept")
    _note(notes, sites[lost], f"in an exclusion zone {'marked as forbidden' if is_mark else 'left out'}")
    return (
        sites.assign(role=sites["role"].where(~lost, "forbidden")) if is_mark else sites[~lost].reset_index(drop=True)
    )


def _note(notes: list[str], places: pd.DataFrame, words: str) -> None:
    if len(places):
        notes.append(f"candidates: {len(places):,} {words}: {listed(places['id'])}")


def _thinned(sites: gpd.GeoDataFrame, demand: gpd.GeoDataFrame, scene: Scene, notes: list[str]) -> gpd.GeoDataFrame:
    """Keep the minimum spacing and the maximum number of each echelon; existing and required places always stay."""
    rules, metric = scene.spec.rules, sites.geometry.to_crs(scene.crs_metric)
    at = np.column_stack([metric.x, metric.y])
    fixed = sites["role"].isin(FIXED).to_numpy()
    kept = np.zeros(len(sites), dtype=bool)
    for echelon in get_args(EchelonName):
        mine = np.flatnonzero((sites["echelon"] == echelon).to_numpy())
        order = mine[_order(sites.iloc[mine])]
        spacing_m = rules.least_spacing_m.get(echelon, 0.0)
        stay = order[keep_spaced(at[order], spacing_m)] if spacing_m > 0 else order
        if len(stay) < len(mine):
            notes.append(
                f"candidates: of {len(mine):,} for {echelon}, {len(stay):,} stay at least {spacing_m:.0f} m apart"
            )
        most = rules.most.get(echelon)
        if most is not None and len(stay) > most:
            notes.append(f"candidates: of {len(stay):,} for {echelon}, the {most:,} nearest to residents are kept")
            cells = demand.geometry.to_crs(scene.crs_metric)
            weight = demand["residents"].to_numpy(dtype=float)
            stay = np.sort(stay)
            stay = stay[spread_by_demand(at[stay], np.column_stack([cells.x, cells.y]), weight, most)]
        kept[stay] = True
    return sites[kept | fixed].reset_index(drop=True)


def _order(sites: pd.DataFrame) -> IntArray:
    """Return the more wanted first: existing and required places, own tables, then kinds in their order."""
    rank = {kind: number for number, kind in enumerate(FIRST_KINDS)}
    kind = sites["kind"].map(rank).fillna(len(rank)).to_numpy()
    return np.lexsort((kind, sites["is_osm"].to_numpy(), ~sites["role"].isin(FIXED).to_numpy()))


def _zone_price(places: gpd.GeoDataFrame, zones: Mapping[str, Zone], crs_metric: str) -> FloatArray:
    """Return the price at each place, CNY/m², rounded to 1: from the low one at the edge of its zone to the high one.

    The places of a zone are ranked by distance to its centre; the middle one has the middle price, and prices run
    linearly with the rank on either side of it. NaN for a place in no zone.
    """
    price = np.full(len(places), np.nan)
    at, names = places.geometry.to_crs(crs_metric), zone_of(places["district"], zones).to_numpy()
    for name, zone in zones.items():
        rows = np.flatnonzero(names == name)
        centre = gpd.GeoSeries.from_xy([zone.centre[0]], [zone.centre[1]], crs=WGS84).to_crs(crs_metric).iloc[0]
        apart_m = np.hypot(at.x.to_numpy()[rows] - centre.x, at.y.to_numpy()[rows] - centre.y)
        rank = (pd.Series(-apart_m).rank(method="average") - 0.5) / max(len(rows), 1)
        levels = (zone.price_low_cny_per_m2, zone.price_cny_per_m2, zone.price_high_cny_per_m2)
        price[rows] = np.interp(rank, (0.0, 0.5, 1.0), levels)
    return price.round(0)
