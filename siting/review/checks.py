"""Checks of a city folder: counts, extent, datum, duplicates, places outside, and those by road."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from siting.inputs.city import City, read_city
from siting.inputs.datums import suspicions
from siting.prepare.roads import xy_m
from siting.review.findings import PLANNED, Finding, Verdict, fine, odd
from siting.review.travel import by_road

SAME_PLACE_M = 1.0
OUTSIDE_SHARE = 0.01
PLACES = ("demand", "candidates", "generators")


def counts(city: City) -> Iterator[Finding]:
    """Count the rows of each table; an echelon without any place is a fault."""
    km = city.road_edges["length_m"].sum() / 1000
    residents = int(city.demand["residents"].sum())
    yield fine("districts", f"{len(city.districts):,}, {city.districts['residents'].sum():,} residents")
    yield fine("demand", f"{len(city.demand):,} cells, {residents:,} residents")
    yield fine("generators", f"{len(city.generators):,}, {city.generators['tonnes'].sum():,.0f} t a year")
    for echelon in PLANNED:
        name, mine = echelon.label.en, city.candidates[city.candidates["echelon"] == echelon.key]
        roles = ", ".join(f"{number:,} {role}" for role, number in mine["role"].value_counts().items())
        if mine.empty:
            cure = f"give candidates with echelon {echelon.key}: no plan can be made without"
            yield Finding(name, Verdict.FAULT, "none", 0, "", cure)
        else:
            yield fine(name, f"{len(mine):,} ({roles})")
    yield fine(
        "roads", f"{len(city.road_edges):,} edges, {km:,.0f} km, {int(city.road_edges['oneway'].sum()):,} one-way"
    )


def extent(city: City) -> Finding:
    """Return the position and size of the city."""
    west, south, east, north = city.districts.total_bounds
    low_x, low_y, high_x, high_y = city.districts.to_crs(city.crs_metric).total_bounds
    size = f"{(high_x - low_x) / 1000:,.1f} × {(high_y - low_y) / 1000:,.1f} km"
    return fine("extent", f"{west:.4f}–{east:.4f} E, {south:.4f}–{north:.4f} N, {size}, measured in {city.crs_metric}")


def datum(city: City) -> Iterator[Finding]:
    """Tables whose places look as if they were in another datum, or had lon and lat swapped."""
    was_accepted = any("accepted although" in str(note) for note in city.meta.get("notes") or ())
    clean = True
    for stem in PLACES:
        table = getattr(city, stem)
        if table.empty:
            continue
        at = table.geometry.get_coordinates().to_numpy()
        for line in suspicions(at, roads_lonlat=city.road_edges, districts=city.districts):
            clean = False
            verdict = Verdict.WARN if was_accepted else Verdict.FAULT
            evidence, _, cure = line.rpartition("; ")
            yield Finding(f"datum of {stem}", verdict, evidence, len(table), "", cure)
    if clean:
        yield fine("datum", "places agree with roads and districts")


def duplicates(city: City) -> Finding:
    """Candidates of one echelon on one spot."""
    ids: list[str] = []
    for echelon in PLANNED:
        mine = city.candidates[city.candidates["echelon"] == echelon.key].reset_index(drop=True)
        if len(mine) > 1:
            pairs = cKDTree(xy_m(city, mine)).query_pairs(SAME_PLACE_M, output_type="ndarray")
            ids += list(mine["id"].iloc[np.unique(pairs[:, 1])])
    if not ids:
        return fine("duplicates", f"no two candidates of one echelon within {SAME_PLACE_M:g} m")
    cure = "keep one of them, or give the build a least spacing (rules.least_spacing_m)"
    return odd("duplicates", f"candidates on the spot of another within {SAME_PLACE_M:g} m", ids=ids, cure=cure)


def outside(city: City) -> Iterator[Finding]:
    """Places outside of every district, and places in another district than their table says."""
    land = city.districts.union_all()
    shapely.prepare(land)
    for stem in PLACES:
        table = getattr(city, stem)
        if table.empty:
            continue
        lost = ~shapely.intersects(land, table.geometry.to_numpy())
        if lost.any():
            cure = "check the datum and that these rows are of this city, or drop them"
            many = float(lost.mean()) > OUTSIDE_SHARE
            yield odd(f"{stem} outside", "outside of every district", ids=table["id"][lost], cure=cure, is_fault=many)
        else:
            yield fine(f"{stem} outside", "all lie in a district")
        yield from _strays(city, stem, table, lost)


def _strays(city: City, stem: str, table: gpd.GeoDataFrame, lost: np.ndarray) -> Iterator[Finding]:
    outline = city.districts.set_index("code").geometry.reindex(table["district"]).to_numpy()
    stray = ~lost & ~shapely.intersects(outline, table.geometry.to_numpy())
    if stray.any():
        cure = "correct `district`, or the coordinates"
        yield odd(f"{stem} district", "in another district than the table says", ids=table["id"][stray], cure=cure)


def origins(city: City) -> Finding:
    """Tables that do not say where they come from or under which licence."""
    tables = city.meta["tables"]
    bare = [stem for stem, told in tables.items() if told.get("licence") in (None, "", "not stated")]
    if not bare:
        return fine("origins", "every table names its origin and licence")
    return odd("origins", "no licence stated", ids=bare, cure="add `licence` to these tables in city.yaml or the spec")


def look_over(folder: Path, *, reach_m: float) -> tuple[City, list[Finding]]:
    """Read the city folder and look at everything; `reach_m` is how far residents walk to a point, m.

    Raises
    ------
    FileError, DataError
        If it cannot be read, with every fault of its tables in one list.
    """
    city = read_city(folder)
    findings = [
        *counts(city),
        extent(city),
        *datum(city),
        duplicates(city),
        *outside(city),
        *by_road(city, reach_m),
        origins(city),
    ]
    return city, findings
