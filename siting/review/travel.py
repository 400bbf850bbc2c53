"""Checks that need the roads: cells with no candidate in reach, sites far from a road, pieces that stand apart."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from siting.inputs.city import City
from siting.prepare.roads import network_of, xy_m
from siting.review.findings import PLANNED, Finding, Verdict, fine, odd
from siting.travel import Dropped, SnapReport, dropped_of, haul_pairs, largest_part, walk_pairs
from siting.vocabulary import Echelon

MANY_SHARE = 0.05
HALF = 0.5


def by_road(city: City, reach_m: float) -> Iterator[Finding]:
    """Every finding that needs the network; `reach_m` is how far residents walk, m."""
    network, dropped = network_of(city)
    yield _driving(dropped)
    yield _walking(city)
    sites = {one: city.candidates[city.candidates["echelon"] == one.key] for one in PLANNED}
    at = {echelon: xy_m(city, rows) for echelon, rows in sites.items()}
    _, report = walk_pairs(network, xy_m(city, city.demand), at[Echelon.POINT], cutoff_m=reach_m)
    yield _unreached(city, report, reach_m)
    yield from _far(city.demand["id"].to_numpy(), sites[Echelon.POINT]["id"].to_numpy(), report)
    for first, second in itertools.pairwise(PLANNED):
        if len(sites[first]) and len(sites[second]):
            _, hauls = haul_pairs(network, at[first], at[second], nearest=1)
            yield _cut_off(sites[first]["id"].to_numpy(), hauls, f"{first.key} sites", f"{second.short.en}s")


def _driving(dropped: Dropped) -> Finding:
    what = "roads, driving"
    if dropped.n_edges == 0:
        return fine(what, "one part: every street leads to every other and back")
    found = f"{dropped.length_km:,.1f} km ({100 * dropped.share:.1f} %) do not lead both in and out, and are left out"
    cure = "join these streets, or correct `oneway`" if dropped.share > MANY_SHARE else "none needed"
    return Finding(what, _by_share(dropped.share), found, dropped.n_edges, "", cure)


def _walking(city: City) -> Finding:
    edges = city.road_edges
    used = edges["walkable"].to_numpy(dtype=bool)
    ends = np.searchsorted(np.sort(city.road_nodes["node"].to_numpy()), edges[["u", "v"]].to_numpy())
    length_m = edges["length_m"].to_numpy(dtype=float)
    oneway = np.zeros(len(edges), dtype=bool)
    kept = largest_part(ends, length_m, is_used=used, is_oneway=oneway, n_nodes=len(city.road_nodes))
    lost = dropped_of(length_m, is_used=used, is_kept=kept)
    if lost.n_edges == 0:
        return fine("roads, walking", "one piece")
    found = f"{lost.length_km:,.1f} km ({100 * lost.share:.1f} %) are cut off from the largest piece"
    return Finding(
        "roads, walking", _by_share(lost.share), found, lost.n_edges, "", "join the pieces where one can walk"
    )


def _by_share(share: float) -> Verdict:
    if share > HALF:
        return Verdict.FAULT
    return Verdict.WARN if share > MANY_SHARE else Verdict.OK


def _unreached(city: City, report: SnapReport, reach_m: float) -> Finding:
    what, rows = "cells in reach", report.origins_without_pair
    if not len(rows):
        return fine(what, f"every cell has a candidate point within {reach_m:,.0f} m on foot")
    share = float(city.demand["residents"].to_numpy()[rows].sum() / city.demand["residents"].sum())
    found = f"no candidate point within {reach_m:,.0f} m on foot: {100 * share:.1f} % of the residents"
    cure = "add candidates there; otherwise nobody there can be covered"
    return odd(what, found, ids=city.demand["id"].to_numpy()[rows], cure=cure, is_fault=share > HALF)


def _far(cells: np.ndarray, points: np.ndarray, report: SnapReport) -> Iterator[Finding]:
    for what, ids, rows in (("cells", cells, report.far_origins), ("points", points, report.far_destinations)):
        name = f"{what} far from roads"
        if len(rows):
            cure = "check the datum, add the missing roads, or drop them"
            yield odd(name, f"over {report.snap_limit_m:.0f} m from a road", ids=ids[rows], cure=cure)
        else:
            yield fine(name, f"none over {report.snap_limit_m:.0f} m")


def _cut_off(ids: np.ndarray, report: SnapReport, what: str, words: str) -> Finding:
    rows = report.origins_without_pair
    if not len(rows):
        return fine(f"{what} to {words}", f"all reach one of the {words} by road")
    cure = "join their road to the others, or drop them"
    return odd(f"{what} to {words}", f"reach none of the {words} by road", ids=ids[rows], cure=cure, is_fault=True)
