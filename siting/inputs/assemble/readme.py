"""The README of an assembled city folder: what is in it, where it comes from, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from siting.inputs.assemble.choose import ECHELONS
from siting.inputs.assemble.spec import Assembly
from siting.inputs.assemble.tables import Tables


def readme_text(spec: Assembly, tables: Tables, attribution: str | None) -> str:
    """The whole README, in Markdown."""
    sections = (
        _head(spec, attribution),
        _files(tables),
        _flaws(tables),
        _notes(tables),
        _districts(tables),
        _kinds(tables),
    )
    return "\n".join(line for section in sections for line in section) + "\n"


def _head(spec: Assembly, attribution: str | None) -> Iterator[str]:
    yield f"# {spec.name_en} ({spec.name_zh})\n"
    yield "A city folder (`docs/city-folder.md`), made by `siting data build` from what `city-source.yaml` lists."
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


def _flaws(tables: Tables) -> Iterator[str]:
    yield "## Known flaws and assumptions\n"
    for stem, told in tables.told.items():
        yield from (f"- `{stem}`: {flaw}" for flaw in told.flaws)
    yield ""


def _notes(tables: Tables) -> Iterator[str]:
    yield "## What was left out or changed\n"
    yield from (f"- {note}" for note in tables.notes)
    yield ""


def _districts(tables: Tables) -> Iterator[str]:
    yield "## Districts\n"
    sites, cells = tables.frames["candidates"], tables.frames["demand"].groupby("district").size()
    counts = sites.groupby(["district", "echelon"]).size().unstack(fill_value=0)
    rows = []
    for row in tables.frames["districts"].itertuples():
        mine = [int(counts[echelon].get(row.code, 0)) if echelon in counts else 0 for echelon in ECHELONS]
        names = row.name_en if row.name_en == row.name_zh else f"{row.name_en} {row.name_zh}"
        shown = (row.residents, int(cells.get(row.code, 0)), *mine)
        rows.append((row.code, names, f"{row.area_km2:.2f}", *(f"{one:,}" for one in shown)))
    yield from _table(("code", "name", "km²", "residents", "cells", "points", "stations", "centres", "bases"), rows)


def _kinds(tables: Tables) -> Iterator[str]:
    yield "## Candidates by kind\n"
    counts = tables.frames["candidates"].groupby(["echelon", "kind", "role"]).size()
    yield from _table(("echelon", "kind", "role", "number"), ((*key, f"{number:,}") for key, number in counts.items()))
    km = tables.frames["road_edges"].groupby(["drivable", "walkable"])["length_m"].sum() / 1000
    yield "## Roads\n"
    drive, walk = (km[km.index.get_level_values(name)].sum() for name in ("drivable", "walkable"))
    yield f"{drive:,.1f} km can be driven on, {walk:,.1f} km walked on."


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    head = list(head)
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from (
        "| " + " | ".join(str(cell).replace("|", "/").replace("\n", " ") for cell in row) + " |" for row in rows
    )
    yield ""
