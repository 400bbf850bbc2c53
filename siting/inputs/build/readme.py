"""The README of a city folder: what is in it, where it comes from, what is wrong with it, and figures measured on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.inputs.build.demand import density_per_km2
from siting.inputs.build.roads import walkable_pieces
from siting.inputs.build.spacing import distance_to_nearest
from siting.inputs.build.spec import Spec
from siting.inputs.build.tables import Tables

REACH_M = (500, 1000)


def readme_text(tables: Tables, spec: Spec, dropped: int) -> str:
    """The whole README, in Markdown."""
    return "\n".join([*_head(spec), *_files(tables, spec), *_flaws(spec), *_measured(tables, spec, dropped), ""])


def district_figures(tables: Tables, crs_metric: str) -> pd.DataFrame:
    """Per district: cells, residents, densities, candidates by echelon, reach, generators; indexed by code.

    `reach_500_share` is the share of residents whose cell's point has a candidate point within 500 m, straight.
    """
    demand, candidates = tables["demand"], tables["candidates"]
    points = candidates[candidates["echelon"] == "point"]
    apart_m = distance_to_nearest(_metric(demand, crs_metric), _metric(points, crs_metric))
    cells = pd.DataFrame(demand.drop(columns="geometry")).assign(density=density_per_km2(demand))
    for reach_m in REACH_M:
        cells[f"near_{reach_m}"] = cells["residents"].where(apart_m <= reach_m, 0)
    by = cells.groupby("district")
    figures = pd.DataFrame({"cells": by.size(), "residents": by["residents"].sum(), "peak_per_km2": by["density"].max()})
    urban = cells["residents"].where(cells["settlement"] == "urban", 0).groupby(cells["district"]).sum()
    figures["urban_share"] = urban / figures["residents"]
    for reach_m in REACH_M:
        figures[f"reach_{reach_m}_share"] = by[f"near_{reach_m}"].sum() / figures["residents"]
    for echelon in ("point", "transfer", "sorting"):
        figures[echelon] = candidates[candidates["echelon"] == echelon].groupby("district").size()
    figures["generated_t"] = tables["generators"].groupby("district")["tonnes"].sum()
    return figures.fillna(0.0)


def _metric(table: gpd.GeoDataFrame, crs_metric: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    at = table.geometry.to_crs(crs_metric)
    return np.column_stack([at.x, at.y])


def _head(spec: Spec) -> Iterator[str]:
    yield f"# {spec.name_en} ({spec.name_zh})\n"
    yield "A city folder as described in `docs/city-folder.md`, made by `siting data build city-source.yaml --source … --out …`."
    yield "Do not edit the tables by hand: edit `city-source.yaml` and build again, or replace a table by your own.\n"
    yield f"**{spec.attribution}**\n"
    yield "**All candidate sites are real locations with a synthetic use; all generators are synthetic. Neither is a survey.**\n"


def _files(tables: Tables, spec: Spec) -> Iterator[str]:
    yield "## Files\n"
    yield from _table(
        ("file", "rows", "nature", "origin", "licence", "date", "method"),
        (
            (f"`{stem}.parquet`", f"{len(table):,}", source.nature, source.origin, source.licence, source.date, source.method)
            for stem, table in tables.items()
            for source in [spec.tables[stem]]
        ),
    )


def _flaws(spec: Spec) -> Iterator[str]:
    yield "## Known flaws\n"
    for stem, source in spec.tables.items():
        yield from (f"- `{stem}`: {flaw}" for flaw in source.flaws)
    yield ""
    yield "## Land prices (CNY/m²)\n"
    yield from _table(
        ("ring", "middle", "low", "high", "parameter", "status", "source"),
        (
            (ring, *(f"{price:,.0f}" for price in (facts.price_cny_per_m2, facts.price_low_cny_per_m2, facts.price_high_cny_per_m2)),
             f"`{facts.price_key}`", facts.price_status, facts.price_source)
            for ring, facts in spec.rings.items()
        ),
    )


def _measured(tables: Tables, spec: Spec, dropped: int) -> Iterator[str]:
    figures = district_figures(tables, spec.crs_metric)
    names = tables["districts"].set_index("code")
    yield "## Measured per district\n"
    yield "Reach: share of residents with a candidate point within 500 m and 1,000 m in a straight line (not along the roads).\n"
    yield from _table(
        ("district", "residents", "cells", "urban", "residents/km²: mean", "peak cell", "points", "reach 500 m", "reach 1,000 m",
         "transfer", "sorting", "generators kt/yr"),
        (
            (f"{names['name_en'][code]} {names['name_zh'][code]}", f"{row['residents']:,.0f}", f"{row['cells']:,.0f}",
             f"{row['urban_share']:.0%}", f"{row['residents'] / names['area_km2'][code]:,.0f}", f"{row['peak_per_km2']:,.0f}",
             f"{row['point']:,.0f}", f"{row['reach_500_share']:.1%}", f"{row['reach_1000_share']:.1%}",
             f"{row['transfer']:,.0f}", f"{row['sorting']:,.0f}", f"{row['generated_t'] / 1000:,.0f}")
            for code, row in figures.iterrows()
        ),
    )
    yield from _counts(tables, dropped)


def _counts(tables: Tables, dropped: int) -> Iterator[str]:
    candidates, generators = tables["candidates"], tables["generators"]
    yield "Candidates by kind:\n"
    counts = candidates.groupby(["echelon", "kind"]).size().reset_index(name="n")
    yield from _table(("echelon", "kind", "number"), ((row.echelon, row.kind, f"{row.n:,}") for row in counts.itertuples()))
    yield "Generators:\n"
    sums = generators.groupby(["kind", "material"])["tonnes"].agg(["size", "sum", "max"]).reset_index()
    yield from _table(
        ("kind", "material", "number", "t a year", "largest t a year"),
        ((kind, material, f"{n:,}", f"{total:,.0f}", f"{largest:,.0f}") for kind, material, n, total, largest in sums.itertuples(index=False)),
    )
    pieces = walkable_pieces(tables["road_edges"])
    km = tables["road_edges"]["length_m"].sum() / 1000
    yield f"Roads: {km:,.0f} km, one connected piece. Without motorways and ramps the network has {len(pieces):,} pieces;"
    yield f"the largest holds {pieces[0] / pieces.sum():.1%} of the nodes that are left, the second {pieces[1:2].sum() / pieces.sum():.1%}."
    yield f"{dropped} named features lie outside every district outline and were left out."


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = list(head)
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(row) + " |" for row in rows)
    yield ""
