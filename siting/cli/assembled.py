"""What `siting data build` says of the folder that it has written."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.inputs.assemble import Assembled


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
