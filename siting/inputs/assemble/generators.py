"""The table `generators`: firms of all sources, and declared tonnes spread over mapped places (synthetic)."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import DataError, raise_faults
from siting.inputs.arrays import WGS84
from siting.inputs.assemble.districts import all_located, located
from siting.inputs.assemble.features import Scene
from siting.inputs.assemble.gather import osm_told
from siting.inputs.assemble.parts import NONE_GIVEN, Made, Part, listed, together, unique_ids
from siting.inputs.assemble.spec import SpreadGenerators
from siting.inputs.osm import OsmTables
from siting.inputs.population import Total, generators_from

LABEL = "sources.spread_generators"
MADE = (LABEL, "from_features.generators")
PREFIX = "synthetic-"
MOST_KINDS = 20
GENERATOR_COLUMNS = ["id", "district", "area", "kind", "material", "tonnes", "geometry"]
METHOD = "Synthetic: declared tonnes spread over real places by the area of their outlines; sums are exact"


def spread_generators(
    osm: OsmTables | None, asked: Sequence[SpreadGenerators], districts: gpd.GeoDataFrame
) -> tuple[Part, ...]:
    """The places of OpenStreetMap inside the districts with their share of the tonnes; nothing if none is asked for.

    Raises
    ------
    DataError
        If a kind has no place, or the places cannot take the tonnes.
    """
    if osm is None or not asked:
        return ()
    found = located(Part(osm.candidates, osm_told(osm, METHOD, "synthetic"), "OpenStreetMap"), districts).frame
    places = _each_once(found)
    raise_faults(_kinds_without_place(places, asked), DataError)
    totals = [
        Total(one.material, one.tonnes, one.at, kind=one.kind, largest_t=one.largest_t or np.inf) for one in asked
    ]
    frame = generators_from(places, totals)
    frame["id"] = PREFIX + frame["id"]
    flaws = (f"Ids that begin with {PREFIX}: the place is real, its tonnes are made up.", *map(_sentence, asked))
    return (Part(frame, osm_told(osm, METHOD, "synthetic", flaws), LABEL, is_osm=True),)


def _each_once(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Land that stands as a candidate of several echelons is one place: its ids differ by their ending alone."""
    own = places["id"].astype(str).str.replace("-(?:transfer|sorting)$", "", regex=True)
    return places[~(own + " " + places["kind"].astype(str)).duplicated()].reset_index(drop=True)


def _kinds_without_place(places: gpd.GeoDataFrame, asked: Sequence[SpreadGenerators]) -> list[str]:
    known = {str(one) for column in ("kind", "osm_class") for one in places[column].dropna()}
    there = listed(sorted(set(places["kind"].dropna())), MOST_KINDS)
    return [
        f"{LABEL}: {one.material}: at: OpenStreetMap has no place of {kind!r} in the districts; leave it out or choose"
        f" from {there}"
        for one in asked
        for kind in one.at
        if kind not in known
    ]


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
