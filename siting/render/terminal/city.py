"""City data on the terminal: tables built from sources, tables of OpenStreetMap."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.text import Text

from siting.inputs.assemble import Assembled
from siting.inputs.osm import OsmTables
from siting.language import Label, spoken, text
from siting.render.table import Table, columns
from siting.render.terminal.table import rich_table

KM = 1000.0


def print_assembled(console: Console, built: Assembled) -> None:
    """Print the rows by table, and everything that was left out or changed."""
    title = text("terminal.city.summary", residents=built.residents, crs=built.crs_metric)
    heads = columns("terminal.city", table="text", rows="whole")
    console.print(rich_table(Table(title, heads, tuple(built.rows.items())), show_header=False))
    for doubt in built.doubts:
        console.print(Text(spoken("terminal.city.accepted", doubt=doubt), style="yellow"), soft_wrap=True)
    for note in built.notes:
        if not note.startswith("accepted although"):
            console.print(Text(f"- {note}", style="dim"), soft_wrap=True)


def print_osm_tables(console: Console, tables: OsmTables) -> None:
    """Print the number of rows by kind, and what was dropped."""
    heads = columns("terminal.instance", what="text", number="whole")
    counts = Table(Label(tables.origin, tables.origin), heads, tuple(_rows(tables)))
    console.print(rich_table(counts, show_header=False))
    if tables.notes:
        console.print(spoken("terminal.city.dropped"))
    for note in tables.notes:
        console.print(Text(f"  - {note}"), soft_wrap=True)


def _rows(tables: OsmTables) -> list[tuple[str, float]]:
    edges, buildings = tables.road_edges, tables.buildings
    return [
        ("road nodes", len(tables.road_nodes)),
        ("road edges", len(edges)),
        ("km to drive", edges.loc[edges["drivable"], "length_m"].sum() / KM),
        ("km to walk", edges.loc[edges["walkable"], "length_m"].sum() / KM),
        ("one-way edges", edges["oneway"].sum()),
        *_by(tables.candidates, ["echelon", "kind"], "candidates"),
        *_by(tables.facilities, ["kind"], "existing"),
        ("districts", len(tables.districts)),
        *_by(tables.exclusion, ["kind"], "exclusion"),
        ("waters", len(tables.water)),
        ("buildings", len(buildings)),
        ("m² of floor", buildings["floor_area_m2"].sum()),
        ("stops", len(tables.stops)),
        ("areas of land use", len(tables.landuse)),
    ]


def _by(frame: pd.DataFrame, columns: list[str], label: str) -> list[tuple[str, float]]:
    if not len(frame):
        return [(label, 0)]
    counts = frame.groupby(columns).size()
    names = [key if isinstance(key, tuple) else (key,) for key in counts.index]
    return [(f"{label}: {', '.join(name).replace('_', ' ')}", float(n)) for name, n in zip(names, counts, strict=True)]
