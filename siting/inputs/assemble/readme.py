"""The README of a city folder: what is in it, where it comes from, what is wrong with it, what was measured on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from siting.inputs.arrays import FloatArray
from siting.inputs.assemble.parts import Tables
from siting.inputs.assemble.spec import Assembly
from siting.inputs.spacing import distance_to_nearest
from siting.vocabulary import ECHELONS, Echelon

REACH_M = (500, 1000)
DISTRICT_COLUMNS = {
    "area_km2": ("km²", "{:,.2f}"),
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
    "base": ("bases", "{:,.0f}"),
    "generated_kt": ("generators, kt a year", "{:,.1f}"),
}


def readme_text(spec: Assembly, tables: Tables, attribution: str | None) -> str:
    """Return the whole README, in Markdown."""
    flaws = (f"`{stem}`: {flaw}" for stem, told in tables.told.items() for flaw in told.flaws)
    sections = (
        _head(spec, attribution),
        _files(tables),
        ["## Known flaws and assumptions\n", *(f"- {flaw}" for flaw in flaws), ""],
        ["## What was left out or changed\n", *(f"- {note}" for note in tables.notes), ""],
        _prices(spec),
        _districts(tables),
        _kinds(tables),
        _roads(tables.frames["road_edges"]),
    )
    return "\n".join(line for section in sections for line in section) + "\n"


def _head(spec: Assembly, attribution: str | None) -> Iterator[str]:
    yield f"# {spec.name_en} ({spec.name_zh})\n"
    yield "A city folder (`docs/reference/city-folder.md`), made by `siting data build` from `city-source.yaml`."
    yield "To change it, edit the spec and build again, or replace a table by your own.\n"
    if attribution:
        yield f"**{attribution}**\n"


def _files(tables: Tables) -> Iterator[str]:
    yield "## Files\n"
    rows = []
    for stem, frame in tables.frames.items():
        told = tables.told[stem]
        facts = (told.nature, told.origin, told.licence, told.date, told.method)
        rows.append((f"`{stem}.parquet`", f"{len(frame):,}", *facts))
    yield from _table(("file", "rows", "nature", "origin", "licence", "date", "method"), rows)
    yield f"Coordinates are WGS-84; figures in metres are measured in {tables.crs_metric}.\n"


def _prices(spec: Assembly) -> Iterator[str]:
    if not spec.zones:
        return
    yield "## Land prices, CNY/m²\n"
    rows = []
    for name, zone in spec.zones.items():
        prices = (zone.price_cny_per_m2, zone.price_low_cny_per_m2, zone.price_high_cny_per_m2)
        key = f"`{zone.price_key}`" if zone.price_key else ""
        rows.append((name, *(f"{price:,.0f}" for price in prices), key, zone.price_status, zone.price_source or ""))
    yield from _table(("zone", "middle", "low", "high", "parameter", "status", "source"), rows)


def _districts(tables: Tables) -> Iterator[str]:
    yield "## Measured per district\n"
    yield "Reach is the share of residents with a candidate point so near in a straight line, not along the roads.\n"
    figures = district_figures(tables.frames, tables.crs_metric)
    rows = []
    for row in tables.frames["districts"].itertuples():
        names = row.name_en if row.name_en == row.name_zh else f"{row.name_en} {row.name_zh}"
        shown = (form.format(figures.loc[row.code, column]) for column, (_, form) in DISTRICT_COLUMNS.items())
        rows.append((row.code, names, *shown))
    yield from _table(("code", "district", *(head for head, _ in DISTRICT_COLUMNS.values())), rows)


def district_figures(frames: dict[str, gpd.GeoDataFrame], crs_metric: str) -> pd.DataFrame:
    """Measure each district, by code: cells, residents, densities, reach, candidates by echelon, generators.

    `mean_per_km2` is over the whole district, `peak_per_km2` of its densest cell. `reach_500_share` is the share of
    residents whose cell's point has a candidate point, of any district, within 500 m in a straight line.
    """
    candidates, districts, demand = frames["candidates"], frames["districts"].set_index("code"), frames["demand"]
    points = candidates[candidates["echelon"] == Echelon.POINT.key]
    apart_m = distance_to_nearest(_metric(demand, crs_metric), _metric(points, crs_metric))
    cells = pd.DataFrame(demand[["district", "residents"]])
    cells["density"] = demand["residents"] / (demand["cell_size_m"] / 1000.0) ** 2
    cells["urban"] = demand["residents"].where(demand["settlement"] == "urban", 0)
    for reach_m in REACH_M:
        cells[f"near_{reach_m}"] = demand["residents"].where(apart_m <= reach_m, 0)
    by = cells.groupby("district")
    figures = pd.DataFrame({"residents": by["residents"].sum(), "cells": by.size()}, index=districts.index)
    figures["area_km2"] = districts["area_km2"]
    figures["urban_share"] = by["urban"].sum() / figures["residents"]
    figures["mean_per_km2"] = figures["residents"] / districts["area_km2"]
    figures["peak_per_km2"] = by["density"].max()
    for reach_m in REACH_M:
        figures[f"reach_{reach_m}_share"] = by[f"near_{reach_m}"].sum() / figures["residents"]
    for echelon in ECHELONS:
        figures[echelon] = candidates[candidates["echelon"] == echelon].groupby("district").size()
    figures["generated_kt"] = frames["generators"].groupby("district")["tonnes"].sum() / 1000.0
    return figures.astype(float).fillna(0.0)


def _metric(table: gpd.GeoDataFrame, crs_metric: str) -> FloatArray:
    return np.asarray(table.geometry.to_crs(crs_metric).get_coordinates().to_numpy(), dtype=np.float64)


def _kinds(tables: Tables) -> Iterator[str]:
    yield "## Candidates by kind\n"
    counts = tables.frames["candidates"].groupby(["echelon", "kind", "role"]).size()
    yield from _table(("echelon", "kind", "role", "number"), ((*key, f"{number:,}") for key, number in counts.items()))
    generators = tables.frames["generators"]
    if len(generators):
        yield "## Generators\n"
        sums = generators.groupby(["kind", "material"])["tonnes"].agg(["size", "sum", "max"])
        rows = ((*key, f"{n:,.0f}", f"{total:,.0f}", f"{most:,.0f}") for key, (n, total, most) in sums.iterrows())
        yield from _table(("kind", "material", "number", "t a year", "largest, t a year"), rows)


def _roads(edges: gpd.GeoDataFrame) -> Iterator[str]:
    length_m, walkable = edges["length_m"], edges["walkable"].to_numpy(dtype=bool)
    drivable = edges["drivable"].to_numpy(dtype=bool) if "drivable" in edges else np.ones(len(edges), dtype=bool)
    used, numbered = np.unique(edges.loc[walkable, ["u", "v"]], return_inverse=True)
    links = coo_matrix((np.ones(walkable.sum()), numbered.reshape(-1, 2).T), shape=(len(used), len(used)))
    pieces = np.sort(np.bincount(connected_components(links, directed=False)[1]))[::-1]
    yield "## Roads\n"
    drive_km, walk_km = length_m[drivable].sum() / 1000, length_m[walkable].sum() / 1000
    yield f"{drive_km:,.1f} km can be driven on, {walk_km:,.1f} km walked on."
    if len(pieces) > 1:
        shares = pieces / pieces.sum()
        yield f"On foot the network has {len(pieces):,} pieces: the largest holds {shares[0]:.1%} of the nodes on foot,"
        yield f"the second {shares[1]:.1%}."


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    lines = [[str(cell).replace("|", "/").replace("\n", " ") for cell in row] for row in (head, *rows)]
    yield "| " + " | ".join(lines[0]) + " |"
    yield "|" + "---|" * len(lines[0])
    yield from ("| " + " | ".join(line) + " |" for line in lines[1:])
    yield ""
