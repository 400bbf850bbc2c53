"""Generators that nobody has listed: declared tonnes spread over mapped places, each told to be synthetic."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from siting.errors import DataError, raise_faults
from siting.inputs.assemble.districts import located
from siting.inputs.assemble.gather import osm_told
from siting.inputs.assemble.parts import Part, listed
from siting.inputs.assemble.spec import SpreadGenerators
from siting.inputs.osm import OsmTables
from siting.inputs.population import Total, generators_from

LABEL = "sources.spread_generators"
PREFIX = "synthetic-"
MOST_KINDS = 20
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
