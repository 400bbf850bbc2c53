"""Data of the page of a comparison: each run as columns; what runs share is stored once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from siting.instance import Floats
from siting.render.html.map import columns
from siting.render.html.map.basemap import road_paths, water_shapes
from siting.render.html.map.data import facility_types, uses_osm
from siting.results.comparison.comparison import Comparison, Pair
from siting.results.comparison.walks import walk_classes
from siting.results.results import Results
from siting.vocabulary import DemandKind

MARGIN_DEG = 0.01


def page_data(comparison: Comparison, results: Sequence[Results]) -> dict[str, Any]:
    """Return everything that the scripts of the page draw."""
    west, south, _, _ = results[0].run.geography.demand.total_bounds
    origin = np.array([west, south]).round(5)
    types = _merged_types(results)
    parts: list[Any] = []
    runs = [pooled(_run(one, origin, types), parts) for one in results]
    faces = [{"name": face.name, "title": face.title.as_dict(), "year": face.year} for face in comparison.runs]
    bounds = [_bounds(one) for one in results]
    return {
        "origin": origin.tolist(),
        "uses_osm": any(map(uses_osm, results)),
        "types": types,
        "parts": parts,
        "runs": [face | {"plan": plan, "bounds": box} for face, plan, box in zip(faces, runs, bounds, strict=True)],
        "pairs": [_pair(results, pair) for pair in comparison.pairs],
    }


def pooled(tables: Mapping[str, Any], parts: list[Any]) -> dict[str, Any]:
    """Return the tables with each of their columns as its number in `parts`, to which those that are new are added.

    >>> parts = [[1, 2]]
    >>> pooled({"cells": {"x": [1, 2], "walk_m": [7]}, "roads": []}, parts), parts
    ({'cells': {'x': 0, 'walk_m': 1}, 'roads': 2}, [[1, 2], [7], []])
    """
    known = {json.dumps(part, sort_keys=True): number for number, part in enumerate(parts)}

    def number(value: Any) -> int:
        text = json.dumps(value, sort_keys=True)
        if text not in known:
            known[text] = len(parts)
            parts.append(value)
        return known[text]

    return {
        name: {column: number(one) for column, one in value.items()} if isinstance(value, dict) else number(value)
        for name, value in tables.items()
    }


def _merged_types(results: Sequence[Results]) -> list[dict[str, Any]]:
    """Return the facility types of all runs, those of the first run first: one symbol for each type."""
    merged: dict[str, dict[str, Any]] = {}
    for row in (row for one in results for row in facility_types(one)):
        merged.setdefault(row["id"], row)
    return list(merged.values())


def _bounds(results: Results) -> list[list[float]]:
    table = results.open_facilities
    demand = results.run.geography.demand.total_bounds
    boxes = np.array([demand, table.total_bounds if len(table) else [np.nan] * 4])
    (west, south), (east, north) = np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)
    return [[south - MARGIN_DEG, west - MARGIN_DEG], [north + MARGIN_DEG, east + MARGIN_DEG]]


def _run(results: Results, origin: Floats, types: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    table, geography = results.open_facilities, results.run.geography
    number = {one["id"]: place for place, one in enumerate(types)}
    cells = results.demand[results.demand["kind"] == DemandKind.HOUSEHOLD.key]
    residents = columns.rounded_column(results.run.district_figures["residents"])
    return {
        "districts": columns.district_columns(results, origin) | {"figures": {"residents": residents}},
        "cells": {
            **columns.cell_columns(results, origin),
            "residents": columns.rounded_column(cells["residents"]),
            "walk_m": columns.rounded_column(cells["walk_m"]),
        },
        "facilities": {
            **columns.place_columns(table[["lon", "lat"]].to_numpy(), origin),
            "id": table["id"].tolist(),
            "name": table["name"].fillna("").tolist(),
            "echelon": columns.echelon_column(table["echelon"]),
            "type": [number[str(one)] for one in table["type"]],
            "size": columns.level_column(table["size"]),
            "action": [columns.ACTIONS.index(str(one)) for one in table["action"]],
            "capacity_t": columns.rounded_column(table["capacity_t"]),
            "throughput_t": columns.rounded_column(table["throughput_t"], 1),
            "residents": columns.rounded_column(table["residents_served"].fillna(0)),
        },
        "hauls": columns.haul_columns(results.last, table["id"].tolist()),
        "roads": road_paths(geography.roads, origin),
        "water": water_shapes(geography.water, origin),
    }


def _pair(results: Sequence[Results], pair: Pair) -> dict[str, Any]:
    verdict = None if pair.verdict is None else pair.verdict.sentence.as_dict()
    runs = results[pair.first].run, results[pair.second].run
    return {
        "first": pair.first,
        "second": pair.second,
        "verdict": verdict,
        "obstacles": [one.reason.as_dict() | {"blocks": bool(one.blocks)} for one in pair.obstacles],
        "sites": _sites(pair),
        "walks": None if pair.walks is None else walk_classes(*runs).tolist(),
    }


def _sites(pair: Pair) -> dict[str, Any] | None:
    """Return rows of the facilities of both runs; of a move with its distance, m."""
    if pair.sites is None:
        return None
    sites = pair.sites
    return {
        "both": [[one.first.row, one.second.row] for one in sites.both if not one.is_changed],
        "changed": [[one.first.row, one.second.row] for one in sites.changed],
        "moved": [[one.first.row, one.second.row, round(one.distance_m)] for one in sites.moved],
        "only_first": [one.row for one in sites.only_first],
        "only_second": [one.row for one in sites.only_second],
    }
