"""The table `generators`: firms of all sources, and declared tonnes spread over mapped places (synthetic)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import DataError, raise_faults
from siting.inputs.apportion import largest_remainder, share_out
from siting.inputs.arrays import WGS84
from siting.inputs.assemble.districts import all_located, located
from siting.inputs.assemble.features import Scene
from siting.inputs.assemble.gather import osm_told
from siting.inputs.assemble.parts import NONE_GIVEN, Made, Part, listed, together, unique_ids
from siting.inputs.assemble.spec import SpreadGenerators
from siting.inputs.osm import OsmTables

LABEL = "sources.spread_generators"
MADE = (LABEL, "from_features.generators")
PREFIX = "synthetic-"
MOST_KINDS = 20
KG = 1000
GENERATOR_COLUMNS = ["id", "district", "area", "kind", "material", "tonnes", "geometry"]
METHOD = "Synthetic: declared tonnes spread over real places by the area of their outlines; sums are exact"


def spread_generators(
    osm: OsmTables | None, asked: Sequence[SpreadGenerators], districts: gpd.GeoDataFrame
) -> tuple[Part, ...]:
    """Return places of OpenStreetMap inside the districts with their share of the tonnes; empty if none are requested.

    Raises
    ------
    DataError
        If a kind has no place, or the places cannot take the tonnes.
    """
    if osm is None or not asked:
        return ()
    candidates = Part(osm.candidates, osm_told(osm, METHOD, "synthetic"), "OpenStreetMap")
    found = located(candidates, districts, [])
    # land that is a candidate of several echelons is one place: its ids differ only by their ending
    own = found["id"].astype(str).str.replace("-(?:transfer|sorting)$", "", regex=True)
    places = found[~(own + " " + found["kind"].astype(str)).duplicated()].reset_index(drop=True)
    flaws = (f"Ids that begin with {PREFIX}: the place is real, its tonnes are made up.", *map(_sentence, asked))
    told = osm_told(osm, METHOD, "synthetic", flaws)
    return (Part(generators_from(places, asked), told, LABEL, is_osm=True),)


def generators_from(places: gpd.GeoDataFrame, asked: Sequence[SpreadGenerators]) -> gpd.GeoDataFrame:
    """Spread each total by floor area to the kilogram, so that sums are exact: `id`, `name`, and the generators table.

    A place without an area counts as the median of its kind, and one too small for half a kilogram has no row.

    Parameters
    ----------
    places
        `kind`, `osm_class`, `area_m2` (floor area), `name` and `district`; geometry in WGS-84.
    asked
        Totals as declared, one for each kind and material.

    Raises
    ------
    DataError
        If a total is below a kilogram, none of the places is of its kinds, or they cannot take it all.
    """
    members = [places["kind"].isin(one.at) | places["osm_class"].isin(one.at) for one in asked]
    raise_faults(
        [fault for one, mine in zip(asked, members, strict=True) for fault in _faults(places, one, int(mine.sum()))],
        DataError,
    )
    table = pd.concat([_share(places[mine], one) for one, mine in zip(asked, members, strict=True)], ignore_index=True)
    return table.assign(id=[f"{PREFIX}G{number:05d}" for number in range(1, len(table) + 1)])


def _faults(places: gpd.GeoDataFrame, one: SpreadGenerators, number: int) -> Iterator[str]:
    who = f"{LABEL}: {one.material}"
    known = {str(kind) for column in ("kind", "osm_class") for kind in places[column].dropna()}
    missing = [kind for kind in one.at if kind not in known]
    there = listed(sorted(set(places["kind"].dropna())), MOST_KINDS)
    for kind in missing:
        yield f"{who}: at: OpenStreetMap has no place of {kind!r} in the districts; leave it out or choose from {there}"
    if round(one.tonnes * KG) == 0:
        yield f"{who}: {one.tonnes} t a year; give a kilogram at least, or leave the total out"
    elif not missing and one.largest_t is not None and one.largest_t * number < one.tonnes:
        yield f"{who}: {number} places of at most {one.largest_t:g} t cannot offer {one.tonnes:g} t; raise it"


def _share(places: gpd.GeoDataFrame, one: SpreadGenerators) -> gpd.GeoDataFrame:
    area_m2 = pd.to_numeric(places["area_m2"], errors="coerce")
    area_m2 = area_m2.where(area_m2 > 0)
    area_m2 = area_m2.fillna(area_m2.groupby(places["kind"]).transform("median")).fillna(area_m2.median()).fillna(1.0)
    tonnes = share_out(area_m2.to_numpy(dtype=np.float64), one.tonnes, min(one.largest_t or np.inf, one.tonnes))
    kilograms = largest_remainder(tonnes, round(one.tonnes * KG))
    rows = places.loc[kilograms > 0, ["district", "name", "geometry"]]
    rows = rows.assign(kind=one.kind, material=one.material, tonnes=kilograms[kilograms > 0] / KG)
    return rows.set_geometry(rows.geometry.representative_point())


def _sentence(one: SpreadGenerators) -> str:
    source = f"declared by {one.origin}" if one.origin else "nobody is named who declares them"
    return f"Assumption: {one.tonnes:,.10g} t of {one.material} ({one.kind}) at {', '.join(one.at)}; {source}."


def make_generators(scene: Scene, made: tuple[Part, ...]) -> Made:
    """Make the table of the generators of all sources, and of those that the build makes itself.

    Raises
    ------
    DataError
        If no row of a source lies in a district.
    """
    notes: list[str] = []
    spread = spread_generators(scene.gathered.osm, scene.spec.sources.spread_generators, scene.districts)
    parts = (*scene.gathered.generators, *spread, *made)
    rows = [part.frame for part in all_located(parts, scene.districts, notes)]
    if not rows:
        empty = pd.DataFrame({column: pd.Series(dtype=object) for column in GENERATOR_COLUMNS[:-1]})
        empty["tonnes"] = empty["tonnes"].astype(float)
        return Made(gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=WGS84)), NONE_GIVEN)
    frame = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), geometry="geometry", crs=WGS84)
    frame.geometry = frame.geometry.representative_point()
    frame["id"] = unique_ids(frame["id"], notes, "generators")
    frame["area"] = frame.get("area")
    methods = dict.fromkeys(part.told.method if part.label in MADE else "As in the sources" for part in parts)
    told = together([part.told for part in parts], method="; ".join(methods))
    return Made(frame[GENERATOR_COLUMNS], told, tuple(notes))
