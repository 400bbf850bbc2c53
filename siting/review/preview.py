"""A city folder as one page that asks nothing of the network: what will be planned with, odd places in red."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np

from siting.inputs.city import City
from siting.instance import Floats
from siting.prepare.drawing import drawn_roads
from siting.render.html.elements import simple_page
from siting.render.html.map.basemap import outlines, road_paths, water_shapes
from siting.render.html.map.columns import place_columns, rounded_column
from siting.review.checks import PLANNED, Finding, Verdict


def draw_preview(city: City, findings: Iterable[Finding], odd_ids: frozenset[str] = frozenset()) -> str:
    """Return the page. `odd_ids` are cells and sites that are drawn in red."""
    west, south, east, north = city.districts.total_bounds
    origin = np.array([west, south]).round(5)
    sites, name_en, name_zh = city.candidates, city.meta["name_en"], city.meta["name_zh"]
    rings = zip(
        city.districts["name_en"], city.districts["name_zh"], outlines(city.districts.geometry, origin), strict=True
    )
    data = {
        "title": f"{name_zh} {name_en}",
        "origin": origin.tolist(),
        "bounds": [[south, west], [north, east]],
        "notes": [f"{one.what}: {one.found}" for one in findings if one.verdict is not Verdict.OK],
        "attribution": str(city.meta.get("attribution") or ""),
        "districts": [{"en": en, "zh": zh, "rings": of} for en, zh, of in rings],
        "roads": road_paths(drawn_roads(city), origin),
        "water": water_shapes(city.water, origin),
        "cells": {
            **_places(city.demand, origin, odd_ids),
            "residents": rounded_column(city.demand["residents"]),
        },
        "sites": {one.key: _sites(sites[sites["echelon"] == one.key], origin, odd_ids) for one in PLANNED},
        "generators": {
            **_places(city.generators, origin, odd_ids),
            "id": city.generators["id"].astype(str).tolist(),
            "tonnes": rounded_column(city.generators["tonnes"], 1),
        },
    }
    return simple_page("preview", title=f"{name_en} · {name_zh}", words="preview", data=data)


def _places(table: gpd.GeoDataFrame, origin: Floats, odd_ids: frozenset[str]) -> dict[str, Any]:
    at = np.column_stack([table.geometry.x, table.geometry.y]) if len(table) else np.empty((0, 2))
    return {**place_columns(at, origin), "odd": [int(str(one) in odd_ids) for one in table["id"]]}


def _sites(table: gpd.GeoDataFrame, origin: Floats, odd_ids: frozenset[str]) -> dict[str, Any]:
    texts = {name: table[name].fillna("").astype(str).tolist() for name in ("id", "name", "kind", "role")}
    return {**_places(table, origin, odd_ids), **texts}
