"""The layers of a plan, from the ground up, and what must go with them."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd

from siting.inputs.datums import Datum
from siting.language import Label, text
from siting.results.results import Results
from siting.results.tables import district_layer, plan_tables

DATUM_NAMES = {
    "wgs84": "WGS-84 (EPSG:4326)",
    "cgcs2000": "CGCS2000 国家2000 (EPSG:4490)",
}
SHIFTED = {"gcj02": "GCJ-02", "bd09": "BD-09"}
"""Datums of web maps: WGS-84 with a shift."""


def plan_layers(results: Results, tables: Mapping[str, gpd.GeoDataFrame] | None = None) -> dict[str, gpd.GeoDataFrame]:
    """Return districts, assignments, flows and facilities by name, in WGS-84; `tables` are those of `plan_tables`."""
    tables = plan_tables(results) if tables is None else tables
    order = ("assignments", "flows", "facilities")
    return {"districts": district_layer(results)} | {name: tables[name] for name in order if name in tables}


def both(label: Label) -> str:
    """Return a label in both languages, for a legend that has no switch."""
    return label.zh if label.zh == label.en else f"{label.zh} {label.en}"


def about(results: Results, datum: Datum) -> dict[str, str]:
    """Return what must go with the layers: the plan's title, the datum, what is synthetic, whom to credit."""
    geography = results.run.geography
    return {
        "title": both(results.title),
        "datum": _datum_name(datum),
        "notes": "\n".join(geography.notes),
        "attributions": "\n".join(geography.attributions),
    }


def _datum_name(datum: Datum) -> str:
    if datum.name not in SHIFTED:
        return DATUM_NAMES.get(datum.name, datum.name)
    label = text(f"gis.datum.{datum.name}")
    return f"{SHIFTED[datum.name]}（{label.zh} / {label.en}）"
