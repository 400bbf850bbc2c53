"""Tables of the one model as tables of Rich."""

from __future__ import annotations

from rich.cells import cell_len
from rich.table import Table as RichTable
from rich.text import Text

from siting.language import spoken
from siting.render.table import Section, Table, Total, cell_text, cells_of

STYLES = {
    "": "", "strong": "bold", "holds": "green", "missed": "bold red", "soft": "red", "caution": "bold yellow",
    "dim": "dim",
}  # fmt: skip


def rich_table(table: Table, *, show_header: bool = True) -> RichTable:
    """Return a table as Rich prints it, in the language of the reader.

    Units stand below the heads; totals and headings are set apart.
    """
    made = RichTable(title=spoken(table.title), title_justify="left", show_header=show_header)
    for place, column in enumerate(table.columns):
        head = "\n".join(filter(None, (spoken(one) for one in (column.label, column.unit))))
        if column.is_number:
            most = _width(table, place, head) if table.is_wide else None
            made.add_column(Text(head), justify="right", max_width=most)
        else:
            made.add_column(Text(head), overflow="fold")
    for row in table.rows:
        if isinstance(row, Section | Total):
            made.add_section()
        pairs = zip(cells_of(row), table.columns, strict=not isinstance(row, Section))
        made.add_row(*(Text(spoken(cell_text(one, column)), STYLES[one.tone]) for one, column in pairs))
    return made


def _width(table: Table, place: int, head: str) -> int:
    """Return the width of a column of numbers, at which none is cut; its head is broken at spaces."""
    rows = (cells_of(row)[place] for row in table.rows if not isinstance(row, Section))
    cells = (spoken(cell_text(cell, table.columns[place])) for cell in rows)
    return max(map(cell_len, (*cells, *head.split())), default=1)
