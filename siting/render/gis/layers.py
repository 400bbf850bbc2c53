"""The layers of a plan, from the ground up: their fields, and what must go with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import geopandas as gpd

from siting.inputs.datums import Datum
from siting.language import Label, text
from siting.language.catalogue import texts
from siting.results.results import Results
from siting.results.tables import district_layer, plan_tables

DATUM_NAMES = {
    "wgs84": "WGS-84 (EPSG:4326)",
    "cgcs2000": "CGCS2000 国家2000 (EPSG:4490)",
}
SHIFTED = {"gcj02": "GCJ-02", "bd09": "BD-09"}
"""Datums of web maps: WGS-84 with a shift."""
LONGEST = 10
"""Letters of the name of a field in formats that hold no more."""
SHORT_WORDS = {
    "assigned": "asg", "capacity": "cap", "closing": "clos", "collected": "coll", "distance": "dist",
    "district": "dist", "extended": "ext", "existing": "exist", "fixed": "fix", "generator": "gen",
    "household": "hh", "investment": "inv", "operation": "op", "participation": "part", "per": "p", "point": "pt",
    "processed": "proc", "residents": "res", "share": "shr", "sorting": "sort", "throughput": "thru",
    "transfer": "tran", "utilisation": "util", "within": "w", "year": "yr",
}  # fmt: skip

BY_ECHELON = ("open", "capacity", "throughput")


def plan_layers(results: Results, tables: Mapping[str, gpd.GeoDataFrame] | None = None) -> dict[str, gpd.GeoDataFrame]:
    """Return districts, assignments, flows and facilities by name, in WGS-84; `tables` are those of `plan_tables`."""
    tables = plan_tables(results) if tables is None else tables
    order = ("assignments", "flows", "facilities")
    return {"districts": district_layer(results)} | {name: tables[name] for name in order if name in tables}


def both(label: Label) -> str:
    """Return a label in both languages, for a legend that has no switch."""
    return label.zh if label.zh == label.en else f"{label.zh} {label.en}"


def about(results: Results, datum: Datum) -> dict[str, str]:
    """Return the texts that accompany the layers: title, datum, synthetic tables, credits."""
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


def meaning(column: str) -> Label:
    """Return the meaning of a column, with its unit; its name if the catalogue has no text.

    >>> meaning("residents_within_500_m").en
    'residents with an open point within 500 m'
    """
    known = texts("gis").get(f"gis.field.{column}")
    if known is not None:
        return known
    first, _, rest = column.partition("_")
    if column.startswith("residents_within_"):
        return text("gis.residents_within", distance_m=column.removeprefix("residents_within_").removesuffix("_m"))
    if first in BY_ECHELON:
        return text(f"gis.by_echelon.{first}", echelon=rest.removesuffix("_t"))
    return Label(column, column)


def short_names(columns: Iterable[str]) -> dict[str, str]:
    """Return names of at most ten letters, each of them once, by column.

    >>> list(short_names(["id", "residents_within_1000_m", "investment_cny", "investment_cny_per_year"]).values())
    ['id', 'res_w_1000', 'inv_cny', 'inv_cny_p']
    """
    names: dict[str, str] = {}
    for column in columns:
        words = [column] if len(column) <= LONGEST else [SHORT_WORDS.get(word, word) for word in column.split("_")]
        stem = name = "_".join(words)[:LONGEST].rstrip("_")
        number = 2
        while name in names.values():
            name = f"{stem[: LONGEST - len(str(number))]}{number}"
            number += 1
        names[column] = name
    return names
