"""Tables before they are rendered: one model for the terminal (Rich), pages (Jinja2) and workbooks (xlsxwriter).

A renderer decides how a table looks, never what it says. `cell_text` writes a cell for the terminal and for pages; a
workbook keeps the number itself and writes it by the number format of its `Form`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from siting.language import Label, text

Value = str | float | int | bool | Label | None
Tone = Literal["", "strong", "holds", "missed", "soft", "caution", "dim"]
NOTHING = Label("", "")


@dataclass(frozen=True)
class Form:
    """Format of a number: that of Excel, and that of Python for the number times `scale`.

    A workbook stores the number rounded to an integer and divided by `kept_in`.
    """

    excel: str
    python: str = "{}"
    scale: float = 1.0
    kept_in: float = 1.0


FORMS = {
    "text": Form("General"),
    "long": Form("General"),
    "any": Form("General"),
    "year": Form("0"),
    "whole": Form("#,##0", "{:,.0f}"),
    "tenth": Form("#,##0.0", "{:,.1f}"),
    "hundredth": Form("#,##0.00", "{:,.2f}"),
    "thousandth": Form("0.000", "{:.3f}"),
    "money": Form("#,##0.00", "{:,.2f}", 1e-4, kept_in=1e4),
    "share": Form("0.0%", "{:.1f} %", 100.0),
    "fine share": Form("0.00%", "{:.2f} %", 100.0),
    "degrees": Form("0.000000", "{:.6f}"),
}
"""Forms by name. Values of `money` are in CNY and written in 10,000 CNY (万元); a `long` text breaks anywhere."""


@dataclass(frozen=True)
class Column:
    """A column: its head, and the form and unit of its numbers, which are set to the right.

    `width` in letters, None: as wide as the values need.
    """

    label: Label
    form: str = "text"
    unit: Label = NOTHING
    width: int | None = None

    @property
    def is_number(self) -> bool:
        """Return whether its values are set to the right."""
        return self.form not in ("text", "long")


@dataclass(frozen=True)
class Cell:
    """A value with a form of its own (empty: that of its column), a sign before it, a tone, or a link on pages."""

    value: Value
    form: str = ""
    sign: str = ""
    tone: Tone = ""
    link: str = ""


@dataclass(frozen=True)
class Section:
    """A row that is the heading of those below it."""

    label: Label


@dataclass(frozen=True)
class Total:
    """A row of sums below the others."""

    values: tuple[Value | Cell, ...]


Row = tuple[Value | Cell, ...] | Section | Total


@dataclass(frozen=True)
class Table:
    """A table: title, columns, rows in their order, and notes.

    `name` is that of its sheet in a workbook. `is_list`: rows are alike and can be filtered. The first `frozen` columns
    stay in sight. `is_wide`: set in smaller letters on a page.
    """

    title: Label
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Label, ...] = ()
    name: Label = field(default=NOTHING)
    is_list: bool = True
    frozen: int = 0
    is_wide: bool = False


def column(key: str, form: str = "text", unit: Label = NOTHING, **values: Any) -> Column:
    """Return a column whose head is the text `key` with its fields filled in by `values`."""
    return Column(text(key, **values), form, unit)


def columns(area: str, /, **forms: str) -> tuple[Column, ...]:
    """Return columns whose heads are the texts of `area` with these names, each of the form given for it."""
    return tuple(column(f"{area}.{name}", form) for name, form in forms.items())


def missed_if(is_missed: bool, value: Value, form: str = "", *, sign: str = "") -> Cell:
    """Return a cell that is marked where it `is_missed`."""
    return Cell(value, form, sign, "missed" if is_missed else "")


def cells_of(row: Row) -> tuple[Cell, ...]:
    """Return the cells of a row; those of a total are strong, a section has one."""
    if isinstance(row, Section):
        return (Cell(row.label, tone="strong"),)
    if isinstance(row, Total):
        return tuple(one if isinstance(one, Cell) else Cell(one, tone="strong") for one in row.values)
    return tuple(one if isinstance(one, Cell) else Cell(one) for one in row)


def cell_text(cell: Cell, column: Column | None = None) -> Label:
    """Return the text of a cell in both languages; empty if it has no value.

    Examples
    --------
    >>> cell_text(Cell(0.9, sign="≥"), Column(NOTHING, "share"))
    Label(en='≥ 90.0 %', zh='≥ 90.0 %')
    """
    value = cell.value
    if isinstance(value, bool):
        value = text("table.yes") if value else text("table.no")
    if isinstance(value, Label):
        return value
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return NOTHING
    form = FORMS[cell.form or (column.form if column else "text")]
    written = value if isinstance(value, str) else form.python.format(value * form.scale)
    written = f"{cell.sign} {written}".lstrip()
    return Label(written, written)
