"""Checks of a city folder: counts, extent, datum, duplicates, places outside, and those by road, each with its cure."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from siting.inputs.city import City, read_city
from siting.inputs.datums import outline_suspicions, suspicions
from siting.prepare.roads import network_of, xy_m
from siting.travel import Dropped, SnapReport, dropped_of, haul_pairs, largest_part, walk_pairs
from siting.vocabulary import Echelon

SAME_PLACE_M = 1.0
OUTSIDE_SHARE = 0.01
PLACES = ("demand", "candidates", "generators")
MANY_SHARE = 0.05
HALF = 0.5
MOST_LISTED = 5
PLANNED = (Echelon.POINT, Echelon.TRANSFER, Echelon.SORTING)
"""Echelons that every plan needs."""


class Verdict(enum.StrEnum):
    """Verdict of a check: in order, worth a look, or not to be planned with."""

    OK = "ok"
    WARN = "warn"
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """`ids` are all odd rows, `which` the first of them, `count` how many; the cure is empty where none is needed."""

    what: str
    verdict: Verdict
    found: str
    count: int = 0
    which: str = ""
    cure: str = ""
    ids: tuple[str, ...] = ()


def fine(what: str, found: str) -> Finding:
    """Return a finding with nothing odd."""
    return Finding(what, Verdict.OK, found)


def listed(what: str, ids: Iterable[Any], *, none: str, found: str, cure: str, is_fault: bool = False) -> Finding:
    """Return a finding with the first of the odd ids, or `none` if there are none."""
    texts = [str(one) for one in ids]
    if not texts:
        return fine(what, none)
    shown = ", ".join(texts[:MOST_LISTED]) + (" …" if len(texts) > MOST_LISTED else "")
    return Finding(what, Verdict.FAULT if is_fault else Verdict.WARN, found, len(texts), shown, cure, tuple(texts))


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
        if mine.empty and _has_bases_alone(city):
            yield fine(name, "none: a region of processing bases")
        elif mine.empty:
            cure = f"give candidates with echelon {echelon.key}: no plan can be made without"
            yield Finding(name, Verdict.FAULT, "none", 0, "", cure)
        else:
            yield fine(name, f"{len(mine):,} ({roles})")
    yield fine(
        "roads", f"{len(city.road_edges):,} edges, {km:,.0f} km, {int(city.road_edges['oneway'].sum()):,} one-way"
    )


def _has_bases_alone(city: City) -> bool:
    """Return whether every candidate is a processing base, as of a region whose cities are planned elsewhere."""
    return bool((city.candidates["echelon"] == Echelon.BASE.key).all())


def extent(city: City) -> Finding:
    """Return the position and size of the city."""
    west, south, east, north = city.districts.total_bounds
    low_x, low_y, high_x, high_y = city.districts.to_crs(city.crs_metric).total_bounds
    size = f"{(high_x - low_x) / 1000:,.1f} × {(high_y - low_y) / 1000:,.1f} km"
    return fine("extent", f"{west:.4f}–{east:.4f} E, {south:.4f}–{north:.4f} N, {size}, measured in {city.crs_metric}")


def datum(city: City) -> list[Finding]:
    """Return the tables whose places look as if they were in another datum, or had lon and lat swapped."""
    was_accepted = any("accepted although" in str(note) for note in city.meta.get("notes") or ())
    verdict, found = Verdict.WARN if was_accepted else Verdict.FAULT, []
    roads = city.road_edges.geometry.get_coordinates().to_numpy()
    outlines = outline_suspicions(city.districts, roads)
    for line in outlines:
        evidence, _, cure = line.rpartition("; ")
        found.append(Finding("datum of districts", verdict, evidence, len(city.districts), "", cure))
    land = None if outlines else city.districts
    for stem in PLACES:
        table = getattr(city, stem)
        at = table.geometry.get_coordinates().to_numpy()
        for line in suspicions(at, roads_lonlat=city.road_edges, districts=land):
            evidence, _, cure = line.rpartition("; ")
            found.append(Finding(f"datum of {stem}", verdict, evidence, len(table), "", cure))
    return found or [fine("datum", "places agree with roads and districts")]


def duplicates(city: City) -> Finding:
    """Return the candidates of one echelon on one spot."""
    ids: list[str] = []
    for echelon in PLANNED:
        mine = city.candidates[city.candidates["echelon"] == echelon.key].reset_index(drop=True)
        if len(mine) > 1:
            pairs = cKDTree(xy_m(city, mine)).query_pairs(SAME_PLACE_M, output_type="ndarray")
            ids += list(mine["id"].iloc[np.unique(pairs[:, 1])])
    return listed(
        "duplicates",
        ids,
        none=f"no two candidates of one echelon within {SAME_PLACE_M:g} m",
        found=f"candidates on the spot of another within {SAME_PLACE_M:g} m",
        cure="keep one of them, or give the build a least spacing (rules.least_spacing_m)",
    )


def outside(city: City) -> Iterator[Finding]:
    """Yield the places outside of every district, and places in another district than their table says."""
    land = city.districts.union_all()
    shapely.prepare(land)
    for stem in PLACES:
        table = getattr(city, stem)
        if table.empty:
            continue
        lost = ~shapely.intersects(land, table.geometry.to_numpy())
        yield listed(
            f"{stem} outside",
            table["id"][lost],
            none="all lie in a district",
            found="outside of every district",
            cure="check the datum and that these rows are of this city, or drop them",
            is_fault=float(lost.mean()) > OUTSIDE_SHARE,
        )
        outline = city.districts.set_index("code").geometry.reindex(table["district"]).to_numpy()
        stray = ~lost & ~shapely.intersects(outline, table.geometry.to_numpy())
        if stray.any():
            found, cure = "in another district than the table says", "correct `district`, or the coordinates"
            yield listed(f"{stem} district", table["id"][stray], none="", found=found, cure=cure)


def origins(city: City) -> Finding:
    """Return the tables that do not say where they come from or under which licence."""
    tables = city.meta["tables"]
    bare = [stem for stem, told in tables.items() if told.get("licence") in (None, "", "not stated")]
    none, cure = "every table names its origin and licence", "add `licence` to these tables in city.yaml or the spec"
    return listed("origins", bare, none=none, found="no licence stated", cure=cure)


def made_up(city: City) -> Finding:
    """Return the tables that nobody measured: made up, or assumed where nothing was known."""
    tables = city.meta["tables"]
    invented = [
        stem
        for stem, told in tables.items()
        if told.get("nature") == "synthetic" or "Assumption" in str(told.get("method") or "")
    ]
    return listed(
        "made up",
        invented,
        none="no table is made up or assumed",
        found="made up, or assumed where nothing was known",
        cure="replace them by real tables",
    )


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
        *_by_road(city, reach_m),
        origins(city),
        made_up(city),
    ]
    return city, findings


def _by_road(city: City, reach_m: float) -> Iterator[Finding]:
    """Yield every finding that needs the network; `reach_m` is how far residents walk, m."""
    network, dropped = network_of(city)
    yield _pieces(
        "roads, driving",
        dropped,
        none="one part: every street leads to every other and back",
        found="do not lead both in and out, and are left out",
        cure="join these streets, or correct `oneway`" if dropped.share > MANY_SHARE else "none needed",
    )
    yield _walking(city)
    if _has_bases_alone(city):
        return
    sites = {one: city.candidates[city.candidates["echelon"] == one.key] for one in PLANNED}
    at = {echelon: xy_m(city, rows) for echelon, rows in sites.items()}
    _, report = walk_pairs(network, xy_m(city, city.demand), at[Echelon.POINT], cutoff_m=reach_m)
    yield _unreached(city, report, reach_m)
    yield from _far(city.demand["id"].to_numpy(), sites[Echelon.POINT]["id"].to_numpy(), report)
    for first, second in itertools.pairwise(PLANNED):
        if len(sites[first]) and len(sites[second]):
            _, hauls = haul_pairs(network, at[first], at[second], nearest=1)
            yield _cut_off(sites[first]["id"].to_numpy(), hauls, f"{first.key} sites", f"{second.short.en}s")


def _pieces(what: str, dropped: Dropped, *, none: str, found: str, cure: str) -> Finding:
    if dropped.n_edges == 0:
        return fine(what, none)
    verdict = Verdict.WARN if dropped.share > MANY_SHARE else Verdict.OK
    told = f"{dropped.length_km:,.1f} km ({100 * dropped.share:.1f} %) {found}"
    return Finding(what, Verdict.FAULT if dropped.share > HALF else verdict, told, dropped.n_edges, "", cure)


def _walking(city: City) -> Finding:
    edges = city.road_edges
    used = edges["walkable"].to_numpy(dtype=bool)
    ends = np.searchsorted(np.sort(city.road_nodes["node"].to_numpy()), edges[["u", "v"]].to_numpy())
    length_m = edges["length_m"].to_numpy(dtype=float)
    oneway = np.zeros(len(edges), dtype=bool)
    kept = largest_part(ends, length_m, is_used=used, is_oneway=oneway, n_nodes=len(city.road_nodes))
    lost = dropped_of(length_m, is_used=used, is_kept=kept)
    cure = "join the pieces where one can walk"
    return _pieces("roads, walking", lost, none="one piece", found="are cut off from the largest piece", cure=cure)


def _unreached(city: City, report: SnapReport, reach_m: float) -> Finding:
    cells = city.demand.iloc[report.origins_without_pair]
    share = float(cells["residents"].sum() / max(city.demand["residents"].sum(), 1))
    return listed(
        "cells in reach",
        cells["id"],
        none=f"every cell has a candidate point within {reach_m:,.0f} m on foot",
        found=f"no candidate point within {reach_m:,.0f} m on foot: {100 * share:.1f} % of the residents",
        cure="add candidates there; otherwise nobody there can be covered",
        is_fault=share > HALF,
    )


def _far(cells: np.ndarray, points: np.ndarray, report: SnapReport) -> Iterator[Finding]:
    limit, cure = f"{report.snap_limit_m:.0f} m", "check the datum, add the missing roads, or drop them"
    for what, ids in (("cells", cells[report.far_origins]), ("points", points[report.far_destinations])):
        yield listed(
            f"{what} far from roads", ids, none=f"none over {limit}", found=f"over {limit} from a road", cure=cure
        )


def _cut_off(ids: np.ndarray, report: SnapReport, what: str, words: str) -> Finding:
    return listed(
        f"{what} to {words}",
        ids[report.origins_without_pair],
        none=f"all reach one of the {words} by road",
        found=f"reach none of the {words} by road",
        cure="join their road to the others, or drop them",
        is_fault=True,
    )
