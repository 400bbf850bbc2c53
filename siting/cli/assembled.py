"""`siting data build`: from a spec to a city folder, and what is said of it."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.config.closed import parse_yaml, read_text
from siting.errors import ConfigError
from siting.inputs.assemble import Assembled, assemble_city
from siting.inputs.build import build_city


def build_folder(spec: Path, source: Path | None, out: Path, *, accept_suspicions: bool) -> Assembled | None:
    """Build by whichever of the two kinds of spec this is; None for the kind that names files by itself.

    Raises
    ------
    FileError
        If the spec cannot be read.
    ConfigError
        If it is no YAML, or needs a folder of raw sources and none is given, or the other way round.
    """
    raw, _ = parse_yaml(read_text(spec, "spec"), spec)
    if "sources" in raw:
        if source is not None:
            raise ConfigError(f"{spec}: names its sources itself, relative to its own folder; leave --source out")
        return assemble_city(spec, out, accept_suspicions=accept_suspicions)
    if source is None:
        raise ConfigError(f"{spec}: has no `sources:`, so it needs --source FOLDER, where the raw sources lie")
    build_city(spec, source, out)
    return None


def print_assembled(console: Console, built: Assembled) -> None:
    """Rows by table, and everything that was left out or changed."""
    table = Table(title=f"{built.residents:,} residents, {built.crs_metric}", title_justify="left", show_header=False)
    table.add_column("table")
    table.add_column("rows", justify="right")
    for stem, rows in built.rows.items():
        table.add_row(stem, f"{rows:,}")
    console.print(table)
    for doubt in built.doubts:
        console.print(Text(f"Accepted although it looks wrong: {doubt}", style="yellow"), soft_wrap=True)
    for note in built.notes:
        if not note.startswith("accepted although"):
            console.print(Text(f"- {note}", style="dim"), soft_wrap=True)
