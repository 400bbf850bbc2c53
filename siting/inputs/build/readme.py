"""The README of a city folder: what is in it, where it comes from, what is wrong with it, what was measured on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from siting.inputs.build.measure import district_figures
from siting.inputs.build.roads import walkable_pieces
from siting.inputs.build.spec import Spec
from siting.inputs.build.tables import Tables

DISTRICT_COLUMNS = {
    "residents": ("residents", "{:,.0f}"),
    "cells": ("cells", "{:,.0f}"),
    "urban_share": ("urban", "{:.0%}"),
    "mean_per_km2": ("residents/km²", "{:,.0f}"),
    "peak_per_km2": ("in densest cell", "{:,.0f}"),
    "point": ("points", "{:,.0f}"),
    "reach_500_share": ("reach 500 m", "{:.1%}"),
    "reach_1000_share": ("reach 1,000 m", "{:.1%}"),
    "transfer": ("stations", "{:,.0f}"),
    "sorting": ("centres", "{:,.0f}"),
    "generated_kt": ("generators, kt a year", "{:,.0f}"),
}


def readme_text(tables: Tables, spec: Spec, dropped: int) -> str:
    """The whole README, in Markdown; `dropped` is how many features lay outside every district."""
    sections = (
        _head(spec),
        _files(tables, spec),
        _flaws(spec),
        _prices(spec),
        _districts(tables, spec),
        _layers(tables),
        _roads(tables, dropped),
    )
    return "\n".join([line for section in sections for line in section]) + "\n"


def _head(spec: Spec) -> Iterator[str]:
    yield f"# {spec.name_en} ({spec.name_zh})\n"
    yield "A city folder (`docs/city-folder.md`), made by `siting data build city-source.yaml --source DIR --out DIR`."
    yield "To change it, edit `city-source.yaml` and build again, or replace a table by your own.\n"
    yield f"**{spec.attribution}**\n"
    yield "**Candidates are real locations with a synthetic use; generators are synthetic. Neither is a survey.**\n"


def _files(tables: Tables, spec: Spec) -> Iterator[str]:
    yield "## Files\n"
    rows = []
    for stem, table in tables.items():
        source = spec.tables[stem]
        facts = (source.nature, source.origin, source.licence, source.date, source.method)
        rows.append((f"`{stem}.parquet`", f"{len(table):,}", *facts))
    yield from _table(("file", "rows", "nature", "origin", "licence", "date", "method"), rows)
    yield "Coordinates are WGS-84, rounded to 6 decimals (0.1 m); every figure in metres is measured in"
    yield f"{spec.crs_metric}.\n"


def _flaws(spec: Spec) -> Iterator[str]:
    yield "## Known flaws\n"
    for stem, source in spec.tables.items():
        yield from (f"- `{stem}`: {flaw}" for flaw in source.flaws)
    yield ""


def _prices(spec: Spec) -> Iterator[str]:
    yield "## Land prices, CNY/m²\n"
    rows = []
    for name, ring in spec.rings.items():
        prices = (ring.price_cny_per_m2, ring.price_low_cny_per_m2, ring.price_high_cny_per_m2)
        facts = (f"`{ring.price_key}`", ring.price_status, ring.price_source)
        rows.append((name, *(f"{price:,.0f}" for price in prices), *facts))
    yield from _table(("ring", "middle", "low", "high", "parameter", "status", "source"), rows)


def _districts(tables: Tables, spec: Spec) -> Iterator[str]:
    yield "## Measured per district\n"
    yield "Reach is the share of residents with a candidate point so near in a straight line, not along the roads.\n"
    names = tables["districts"].set_index("code")
    rows = []
    for code, figures in district_figures(tables, spec.crs_metric).iterrows():
        shown = (form.format(figures[column]) for column, (_, form) in DISTRICT_COLUMNS.items())
        rows.append((f"{names['name_en'][code]} {names['name_zh'][code]}", *shown))
    yield from _table(("district", *(head for head, _ in DISTRICT_COLUMNS.values())), rows)


def _layers(tables: Tables) -> Iterator[str]:
    yield "## Candidates by kind\n"
    counts = tables["candidates"].groupby(["echelon", "kind"]).size()
    yield from _table(("echelon", "kind", "number"), ((*key, f"{number:,}") for key, number in counts.items()))
    yield "## Generators\n"
    sums = tables["generators"].groupby(["kind", "material"])["tonnes"].agg(["size", "sum", "max"])
    rows = ((*key, f"{n:,.0f}", f"{total:,.0f}", f"{most:,.0f}") for key, (n, total, most) in sums.iterrows())
    yield from _table(("kind", "material", "number", "t a year", "largest, t a year"), rows)


def _roads(tables: Tables, dropped: int) -> Iterator[str]:
    pieces = walkable_pieces(tables["road_edges"])
    shares = pieces / pieces.sum()
    km = tables["road_edges"]["length_m"].sum() / 1000
    yield "## Roads\n"
    yield f"{km:,.0f} km in one connected piece. On foot, without motorways and ramps, it has {len(pieces):,} pieces:"
    yield f"the largest holds {shares[0]:.1%} of the nodes that are left, the second {shares[1:2].sum():.1%}."
    yield f"{dropped} named features lie outside every district outline and were left out."


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = list(head)
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(row) + " |" for row in rows)
    yield ""
