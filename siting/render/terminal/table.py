"""Tables of the one model as tables of Rich."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table as RichTable
from rich.text import Text

from siting.language import Label, Language
from siting.render.table import Column, Row, Section, Table, Total, cell_text, cells_of

STYLES = {
    "": "", "strong": "bold", "holds": "green", "missed": "bold red", "soft": "red", "caution": "bold yellow",
    "dim": "dim",
}  # fmt: skip


def english_table(title: str, columns: Iterable[Column], rows: Iterable[Row]) -> Table:
    """Return a table of a command that writes English only."""
    return Table(Label(title, title), tuple(columns), tuple(rows))


def english_column(head: str, form: str = "text") -> Column:
    """Return a column of a table of a command that writes English only."""
    return Column(Label(head, head), form)


def rich_table(table: Table, language: Language = "en", *, show_header: bool = True) -> RichTable:
    """Return a table as Rich prints it; units stand below the heads, totals and headings are set apart."""
    made = RichTable(title=table.title.in_language(language), title_justify="left", show_header=show_header)
    for column in table.columns:
        head = "\n".join(filter(None, (one.in_language(language) for one in (column.label, column.unit))))
        made.add_column(Text(head), justify="right" if column.is_number else "left")
    for row in table.rows:
        if isinstance(row, Section | Total):
            made.add_section()
        pairs = zip(cells_of(row), table.columns, strict=not isinstance(row, Section))
        made.add_row(*(Text(cell_text(one, column).in_language(language), STYLES[one.tone]) for one, column in pairs))
    return made
