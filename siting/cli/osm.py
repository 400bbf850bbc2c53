"""What `siting data osm` prints: how many of what there are, and what was dropped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.errors import ConfigError
from siting.inputs.osm import OsmTables, read_osm_file, read_osm_place, write_osm

if TYPE_CHECKING:
    import pandas as pd

KM = 1000.0
CURE = 'give one of --place "Town, Country", --pbf FILE, --xml FILE'


def import_osm(sources: dict[str, str | Path | None], servers: dict[str, Any], level: int | None) -> OsmTables:
    """Read the one source that is given; `sources` by option, `servers` as `read_osm_place` takes them.

    Raises
    ------
    ConfigError
        If none or several are given, or servers with a file.
    """
    given = {option: source for option, source in sources.items() if source is not None}
    if len(given) != 1:
        raise ConfigError(f"{' and '.join(given) or 'no source'}: {CURE}, and only one")
    option, source = next(iter(given.items()))
    if option == "--place":
        return read_osm_place(str(source), admin_level=level, **servers)
    asked = [f"--{name}" for name, value in servers.items() if value is not None]
    if asked:
        raise ConfigError(f"{', '.join(asked)}: a file is read without a network; leave it out, or give --place")
    return read_osm_file(Path(str(source)), admin_level=level)


def write_and_report(tables: OsmTables, folder: Path, console: Console) -> None:
    """Write the folder, then print what is in it."""
    write_osm(tables, folder)
    console.print(_counts(tables))
    if tables.notes:
        console.print("Dropped or odd:")
    for note in tables.notes:
        console.print(Text(f"  - {note}"), soft_wrap=True)
    console.print(f"Tables: {folder}", soft_wrap=True)


def _counts(tables: OsmTables) -> Table:
    table = Table(title=tables.origin, title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("number", justify="right")
    for what, number in _rows(tables):
        table.add_row(what, f"{number:,.0f}")
    return table


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
    """Rows by the values of the columns."""
    if not len(frame):
        return [(label, 0)]
    counts = frame.groupby(columns).size()
    names = [key if isinstance(key, tuple) else (key,) for key in counts.index]
    return [(f"{label}: {', '.join(name).replace('_', ' ')}", float(n)) for name, n in zip(names, counts, strict=True)]
