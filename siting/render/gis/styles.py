"""QGIS styles of the layers of a plan: shapes and colours of the map, flows as wide as their tonnes."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd

from siting.language import text
from siting.render.gis.layers import both
from siting.render.gis.qml import Class, Look, categorised, graduated, rgba, single
from siting.render.palette import (
    BORDER,
    CLOSED,
    GROUND,
    WALK_COLOURS,
    WALK_LIMITS_M,
    Symbol,
    flow_colour,
    type_symbols,
)
from siting.results.results import Results
from siting.vocabulary import LINKS

SHAPES = {"triangle": "equilateral_triangle"}
"""Shapes that QGIS calls otherwise."""
MM_PER_PIXEL = 0.2646
WIDEST_MM, NARROWEST_MM = 1.6, 0.2
FARTHEST_M = 100_000.0


def layer_styles(results: Results, layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, str]:
    """Return the QML of each layer by its name."""
    named_by = "name_zh" if layers["districts"]["name_zh"].any() else "name_en"
    makers = {
        "districts": lambda: single(_fill(GROUND, BORDER), label_by=named_by),
        "assignments": lambda: _assignments(results),
        "flows": lambda: _flows(results, layers["flows"]),
        "facilities": lambda: _facilities(results),
    }
    return {name: makers[name]() for name in layers}


def _facilities(results: Results) -> str:
    labels, symbols = results.type_labels, type_symbols(results.run.instance)
    classes = [Class(_marker(symbol), both(labels[name]), value=name) for name, symbol in symbols.items()]
    closed = Class(_marker(Symbol("cross2", CLOSED, 5.0)), both(text("gis.closed")), value="siting: closed")
    return categorised("if(\"action\" = 'close', 'siting: closed', \"type\")", [*classes, closed])


def _marker(symbol: Symbol) -> Look:
    size_mm = 2 * symbol.radius * MM_PER_PIXEL
    return Look(
        "marker",
        "SimpleMarker",
        {
            "name": SHAPES.get(symbol.shape, symbol.shape),
            "color": rgba(symbol.colour),
            "outline_color": rgba("#ffffff" if symbol.shape == "circle" else "#222222"),
            "outline_style": "solid",
            "outline_width": "0.2",
            "outline_width_unit": "MM",
            "size": f"{size_mm:.2f}",
            "size_unit": "MM",
        },
    )


def _fill(colour: str, border: str) -> Look:
    properties = {"color": rgba(colour), "style": "solid", "outline_color": rgba(border), "outline_style": "dash"}
    return Look("fill", "SimpleFill", properties | {"outline_width": "0.3", "outline_width_unit": "MM"})


def _line(colour: str, width_mm: float, *, width_by: str = "", opacity: float = 1.0) -> Look:
    properties = {
        "line_color": rgba(colour), "line_width": f"{width_mm:g}", "line_width_unit": "MM", "line_style": "solid",
        "capstyle": "round", "joinstyle": "round",
    }  # fmt: skip
    return Look("line", "SimpleLine", properties, {"outlineWidth": width_by} if width_by else {}, opacity)


def _of_last(results: Results, column: str, otherwise: str) -> str:
    """Return a column of the last year or case alone: the rows of others are not drawn."""
    if not results.has_periods:
        return column
    last = results.last.period.replace("'", "''")
    return f"if(to_string(\"{results.period_column}\") = '{last}', {column}, {otherwise})"


def _flows(results: Results, flows: gpd.GeoDataFrame) -> str:
    """Return the style of flows by class of link, as wide as the root of their tonnes."""
    most_t = max(float(flows["tonnes"].max()) if len(flows) else 0.0, 1e-9)
    width = f'{NARROWEST_MM} + {WIDEST_MM} * sqrt("tonnes" / {most_t:.6g})'
    classes = [
        Class(_line(flow_colour(name), 0.4, width_by=width, opacity=0.7), both(LINKS[name].label), value=name)
        for name in LINKS
        if name in set(flows["link_class"])
    ]
    return categorised(_of_last(results, '"link_class"', "''"), classes)


def _assignments(results: Results) -> str:
    ends = (0.0, *WALK_LIMITS_M, FARTHEST_M)
    classes = []
    for low, high, colour in zip(ends[:-1], ends[1:], WALK_COLOURS, strict=True):
        text = f"{low:g}–{high:g} m" if high < FARTHEST_M else f"> {low:g} m"
        classes.append(Class(_line(colour, 0.35), text, low=low, high=high))
    return graduated(_of_last(results, '"distance_m"', "NULL"), classes)
