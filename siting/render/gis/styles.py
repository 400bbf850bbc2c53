"""How QGIS draws each layer of a plan: the map's shapes and colours, flows as wide as they carry tonnes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import geopandas as gpd

from siting.language import Label
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
from siting.results.facilitynames import type_labels
from siting.results.record import RunRecord
from siting.results.rollout import stage_column
from siting.vocabulary import LINKS

SHAPES = {"triangle": "equilateral_triangle"}
"""Shapes that QGIS calls otherwise."""
MM_PER_PIXEL = 0.2646
WIDEST_MM, NARROWEST_MM = 1.6, 0.2
FARTHEST_M = 100_000.0


def layer_styles(run: RunRecord, layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, str]:
    """The QML of each layer by its name."""
    named_by = "name_zh" if layers["districts"]["name_zh"].any() else "name_en"
    makers = {
        "districts": lambda: single(_fill(GROUND, BORDER), label_by=named_by),
        "assignments": lambda: _assignments(run),
        "flows": lambda: _flows(run, layers["flows"]),
        "facilities": lambda: _facilities(run),
    }
    return {name: makers[name]() for name in layers}


def both(label: Label) -> str:
    """A label in both languages, for a legend that has no switch."""
    return label.zh if label.zh == label.en else f"{label.zh} {label.en}"


def _facilities(run: RunRecord) -> str:
    labels, symbols = type_labels(run.config), type_symbols(run.instance)
    classes = [Class(_marker(symbol), both(labels[name]), value=name) for name, symbol in symbols.items()]
    closed = Class(_marker(Symbol("cross2", CLOSED, 5.0)), "关停 closed", value="siting: closed")
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


def _of_last(run: RunRecord, column: str, otherwise: str) -> str:
    """A column of the last year or case alone: the rows of others are not drawn."""
    stage = stage_column(run)
    if run.rollout is None:
        return column
    last = str(run.rollout.stages.name[-1]).replace("'", "''")
    return f"if(to_string(\"{stage}\") = '{last}', {column}, {otherwise})"


def _flows(run: RunRecord, flows: gpd.GeoDataFrame) -> str:
    """Flows by class of link, as wide as the root of their tonnes."""
    most_t = max(float(flows["tonnes"].max()) if len(flows) else 0.0, 1e-9)
    width = f'{NARROWEST_MM} + {WIDEST_MM} * sqrt("tonnes" / {most_t:.6g})'
    classes = [
        Class(_line(flow_colour(name), 0.4, width_by=width, opacity=0.7), both(LINKS[name].label), value=name)
        for name in _in_order(flows["link_class"].unique(), LINKS)
    ]
    return categorised(_of_last(run, '"link_class"', "''"), classes)


def _in_order(found: Iterable[str], known: Iterable[str]) -> list[str]:
    here = set(found)
    return [name for name in known if name in here]


def _assignments(run: RunRecord) -> str:
    """Who walks where, by distance in the classes of the map."""
    ends = (0.0, *WALK_LIMITS_M, FARTHEST_M)
    classes = []
    for low, high, colour in zip(ends[:-1], ends[1:], WALK_COLOURS, strict=True):
        text = f"{low:g}–{high:g} m" if high < FARTHEST_M else f"> {low:g} m"
        classes.append(Class(_line(colour, 0.35), text, low=low, high=high))
    return graduated(_of_last(run, '"distance_m"', "NULL"), classes)
