"""Writes tables as a workbook: the same tables, the same bytes. A text is never a formula, whatever it begins with."""

from __future__ import annotations

import datetime
import io
import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from siting.inputs.tables.template import text_width
from siting.language import Label, Language
from siting.render.table import FORMS, Cell, Column, Row, Section, Table, Total, cell_text, cells_of

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

CREATED = datetime.datetime(2000, 1, 1)
"""A fixed date: when a workbook was written is no part of a plan."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
MOST_LETTERS = 32_767
MOST_FROZEN = 5
"""Maximum number of rows above the column heads that are frozen with them; more would fill a screen."""
NARROWEST, WIDEST, SAMPLED = 7, 46, 2000
FONT = "Microsoft YaHei"
"""If it is not installed, spreadsheets substitute a font that has Chinese characters."""
INK, HEAD, SOFT, LINE, MISSED = "#23211C", "#1F4E79", "#6A6558", "#D9D4C7", "#B2182B"


def workbook_bytes(tables: Iterable[Table], language: Language) -> bytes:
    """Return the tables as an .xlsx; heads are in both languages, cells that have both in `language`."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_numbers": False, "strings_to_urls": False})
    book.set_properties({"created": CREATED, "author": "siting"})
    looks = Looks(book)
    for table in tables:
        _write_table(book, looks, table, language)
    book.close()
    return stream.getvalue()


class Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def __call__(self, **properties: Any) -> Format:
        """Return the format with these properties of XlsxWriter."""
        key = tuple(properties.items())
        if key not in self._made:
            base = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "top"}
            self._made[key] = self._book.add_format(base | properties)
        return self._made[key]


def _write_table(book: Workbook, looks: Looks, table: Table, language: Language) -> None:
    sheet = book.add_worksheet(f"{table.name.zh} {table.name.en}"[:31])
    widths = _widths(table, language)
    head = _write_top(sheet, looks, table, language, sum(widths))
    head_look = {"bold": True, "font_color": "#FFFFFF", "bg_color": HEAD, "valign": "vcenter"}
    for place, column in enumerate(table.columns):
        look = looks(**head_look, text_wrap=True, border=1, border_color=LINE)
        sheet.write_string(head, place, head_text(column), look)
    sheet.set_row(head, 15 * max(head_text(column).count("\n") + 1 for column in table.columns) + 4)
    for number, row in enumerate(table.rows, start=head + 1):
        _write_row(sheet, looks, number, table, row, language)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    _set_up(sheet, table, head)


def _write_top(sheet: Worksheet, looks: Looks, table: Table, language: Language, width: int) -> int:
    """Write title and notes and return the row of the heads; a note longer than the table is wide is broken."""
    other: Language = "en" if language == "zh" else "zh"
    first, second = table.title.in_language(language), table.title.in_language(other)
    sheet.write_string(0, 0, plain(first), looks(font_size=15, bold=True, font_color=HEAD))
    sheet.set_row(0, 24)
    lines = ([second] if second != first else []) + [note.in_language(language) for note in table.notes]
    for number, line in enumerate(lines, start=1):
        n_lines = math.ceil(text_width(line) / (0.9 * width))
        look = looks(font_color=SOFT, text_wrap=n_lines > 1, **_quoted(line))
        if n_lines > 1 and len(table.columns) > 1:
            sheet.merge_range(number, 0, number, len(table.columns) - 1, "", look)
            sheet.set_row(number, 15 * n_lines)
        sheet.write_string(number, 0, plain(line), look)
    return len(lines) + 1


def head_text(column: Column) -> str:
    """Return the head of a column, a line for each language, with the unit in brackets."""
    zh = column.label.zh + (f"（{column.unit.zh}）" if column.unit.zh else "")
    en = column.label.en + (f" ({column.unit.en})" if column.unit.en else "")
    return zh if zh == en else f"{zh}\n{en}"


def _write_row(sheet: Worksheet, looks: Looks, number: int, table: Table, row: Row, language: Language) -> None:
    if isinstance(row, Section):
        for place in range(len(table.columns)):
            label = row.label.in_language(language) if place == 0 else ""
            sheet.write_string(number, place, label, looks(bold=True, font_color=HEAD, bg_color="#DDEBF7"))
        return
    frame = {"bottom": 1, "bottom_color": LINE}
    if isinstance(row, Total):
        frame |= {"bold": True, "top": 1, "top_color": INK}
    for place, (cell, column) in enumerate(zip(cells_of(row), table.columns, strict=True)):
        look = frame | ({"font_color": MISSED, "bold": True} if cell.tone == "missed" else {})
        value = _content(cell, column, language)
        if value is None:
            sheet.write_blank(number, place, None, looks(**look))
        elif isinstance(value, str):
            look |= {"text_wrap": text_width(value) > WIDEST} | _quoted(value)
            sheet.write_string(number, place, value, looks(**look))
        else:
            excel = FORMS[cell.form or column.form].excel
            look["num_format"] = f'"{cell.sign} "{excel}' if cell.sign else excel
            sheet.write_number(number, place, value, looks(**look))


def _content(cell: Cell, column: Column, language: Language) -> str | float | None:
    """Return the text or number of a workbook cell; nothing for nan."""
    value = cell.value
    if isinstance(value, bool | Label | str):
        return plain(cell_text(cell, column).in_language(language)) or None
    if value is None or not math.isfinite(value):
        return None
    kept_in = FORMS[cell.form or column.form].kept_in
    return round(value) / kept_in if kept_in != 1 else value


def plain(text: str) -> str:
    """Return a text that a cell can hold: no control letters, not longer than Excel takes."""
    return NO_TEXT.sub(" ", text)[:MOST_LETTERS]


def _quoted(text: str) -> dict[str, bool]:
    """Return a quote prefix for a text that would be read as a formula when it is edited."""
    return {"quote_prefix": True} if text.startswith(FORMULA_STARTS) else {}


def _widths(table: Table, language: Language) -> list[int]:
    """Return the width of each column, in letters: of its head and of its first values, within reason."""
    found = [max(text_width(line) for line in head_text(column).split("\n")) for column in table.columns]
    widths = [min(width, 24) for width in found]
    for row in table.rows[:SAMPLED]:
        if not isinstance(row, Section):
            for place, (cell, column) in enumerate(zip(cells_of(row), table.columns, strict=True)):
                value = _content(cell, column, language)
                letters = f"{value:,.2f}" if isinstance(value, float) else str(value or "")
                widths[place] = max(widths[place], text_width(letters))
    within = [min(max(width + 2, NARROWEST), WIDEST) for width in widths]
    return [column.width or width for column, width in zip(table.columns, within, strict=True)]


def _set_up(sheet: Worksheet, table: Table, head: int) -> None:
    """Freeze the heads where they leave room, add a filter, and set up printing: A4 across, heads on every page."""
    if head <= MOST_FROZEN:
        sheet.freeze_panes(head + 1, table.frozen)
    n_rows = sum(not isinstance(row, Total) for row in table.rows)
    if table.is_list and n_rows:
        sheet.autofilter(head, 0, head + n_rows, len(table.columns) - 1)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&C&9" + table.title.zh.replace("&", "&&")[:120] + "　&P / &N")
