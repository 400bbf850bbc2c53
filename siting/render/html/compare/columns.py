"""What the page of a comparison knows of each run, and what runs share stands there once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from siting.instance import Floats
from siting.render.html.map.basemap import road_paths, water_shapes
from siting.render.html.map.columns import level_column, place_columns, rounded_column
from siting.render.html.map.data import district_columns
from siting.render.html.map.demand import cell_columns
from siting.render.html.map.facilities import ACTIONS
from siting.render.html.map.flows import haul_columns
from siting.results.comparison.comparison import Comparison, Pair
from siting.results.comparison.verdict import verdict_sentence
from siting.results.comparison.walks import cell_walks_m, walk_classes
from siting.results.demand import cell_rows
from siting.results.facilities import facility_table
from siting.results.record import RunRecord

MARGIN_DEG = 0.01


def page_data(comparison: Comparison, records: Sequence[RunRecord]) -> dict[str, Any]:
    """Everything that the scripts of the page draw."""
    west, south, _, _ = records[0].geography.demand.total_bounds
    origin = np.array([west, south]).round(5)
    types = _merged_types(records)
    parts: list[Any] = []
    runs = [pooled(_run(record, origin, types), parts) for record in records]
    faces = [{"name": face.name, "title": face.title.as_dict(), "year": face.year} for face in comparison.runs]
    bounds = [_bounds(record) for record in records]
    return {
        "origin": origin.tolist(),
        "uses_osm": any("openstreetmap" in text.lower() for one in records for text in one.geography.attributions),
        "types": types,
        "parts": parts,
        "runs": [face | {"plan": plan, "bounds": box} for face, plan, box in zip(faces, runs, bounds, strict=True)],
        "pairs": [_pair(comparison, records, pair) for pair in comparison.pairs],
    }


def pooled(tables: Mapping[str, Any], parts: list[Any]) -> dict[str, Any]:
    """The tables with each of their columns as its number in `parts`, to which those that are new are added.

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


def _merged_types(records: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """The facility types of all runs, those of the first run first, so that one symbol stands for one type."""
    merged: dict[str, dict[str, Any]] = {}
    for record in records:
        for name, echelon in zip(record.instance.facility_types, record.instance.type_echelon, strict=True):
            label = getattr(record.config.facilities, ECHELON_KEYS[int(echelon)])[str(name)].label
            merged.setdefault(str(name), {"id": str(name), "echelon": int(echelon), **label.as_dict()})
    return list(merged.values())


ECHELON_KEYS = ("point", "transfer", "sorting", "base")


def _bounds(record: RunRecord) -> list[list[float]]:
    """South-west and north-east of the demand and of what is open."""
    table = facility_table(record)
    boxes = np.array([record.geography.demand.total_bounds, table.total_bounds if len(table) else [np.nan] * 4])
    (west, south), (east, north) = np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)
    return [[south - MARGIN_DEG, west - MARGIN_DEG], [north + MARGIN_DEG, east + MARGIN_DEG]]


def _run(record: RunRecord, origin: Floats, types: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    table = facility_table(record)
    row_of_site = np.full(record.instance.n_sites, -1)
    row_of_site[table["site"]] = np.arange(len(table))
    number = {one["id"]: place for place, one in enumerate(types)}
    residents = rounded_column(record.district_figures["residents"])
    walks_m = np.nan_to_num(cell_walks_m(record), nan=-1.0)
    cells = cell_rows(record.instance)
    return {
        "districts": district_columns(record, origin) | {"figures": {"residents": residents}},
        "cells": {
            **cell_columns(record, origin),
            "residents": rounded_column(record.instance.demand.residents[cells]),
            "walk_m": rounded_column(walks_m),
        },
        "facilities": {
            **place_columns(table[["lon", "lat"]].to_numpy(), origin),
            "id": table["id"].tolist(),
            "name": table["name"].fillna("").tolist(),
            "echelon": record.instance.sites.echelon[table["site"]].tolist(),
            "type": [number[str(one)] for one in table["type"]],
            "size": level_column(table["size"]),
            "action": [ACTIONS.index(str(one)) for one in table["action"]],
            "capacity_t": rounded_column(table["capacity_t"]),
            "throughput_t": rounded_column(table["throughput_t"], 1),
            "residents": rounded_column(table["residents_served"].fillna(0)),
        },
        "hauls": haul_columns(record, row_of_site),
        "roads": road_paths(record.geography.roads, origin),
        "water": water_shapes(record.geography.water, origin),
    }


def _pair(comparison: Comparison, records: Sequence[RunRecord], pair: Pair) -> dict[str, Any]:
    first, second = comparison.runs[pair.first], comparison.runs[pair.second]
    told = None if pair.verdict is None else verdict_sentence(pair.verdict, first, second).as_dict()
    obstacles = [one.reason.as_dict() | {"blocks": bool(one.blocks)} for one in pair.obstacles]
    return {
        "first": pair.first,
        "second": pair.second,
        "verdict": told,
        "obstacles": obstacles,
        "sites": _sites(pair),
        "walks": None if pair.walks is None else walk_classes(records[pair.first], records[pair.second]).tolist(),
    }


def _sites(pair: Pair) -> dict[str, Any] | None:
    """Rows of the facilities of both runs; of a move with its distance, m."""
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
