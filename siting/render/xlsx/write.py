"""Writes pages as a workbook: the same pages, the same bytes. A text is never a formula, whatever it begins with."""

from __future__ import annotations

import datetime
import io
import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from siting.inputs.tables.look import text_width
from siting.language import Label
from siting.render.xlsx.page import FORMS, Column, Language, Page, Row, Section, Shown, Total, Value

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
"""Rows above the heads that may stay in sight with them; more would fill a screen."""
NARROWEST, WIDEST, SAMPLED = 7, 46, 2000
YES_NO = {True: Label(en="yes", zh="是"), False: Label(en="no", zh="否")}
FONT = "Microsoft YaHei"
"""Where it is missing, spreadsheets take another font that has Chinese letters."""
INK, HEAD, SOFT, LINE, MISSED = "#23211C", "#1F4E79", "#6A6558", "#D9D4C7", "#B2182B"


def workbook_bytes(pages: Iterable[Page], language: Language) -> bytes:
    """The pages as an .xlsx; heads are in both languages, cells that have both in `language`."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_numbers": False, "strings_to_urls": False})
    book.set_properties({"created": CREATED, "author": "siting"})
    looks = Looks(book)
    for page in pages:
        _write_page(book, looks, page, language)
    book.close()
    return stream.getvalue()


class Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def __call__(self, **properties: Any) -> Format:
        """The format with these properties of XlsxWriter."""
        key = tuple(properties.items())
        if key not in self._made:
            base = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "top"}
            self._made[key] = self._book.add_format(base | properties)
        return self._made[key]


def _write_page(book: Workbook, looks: Looks, page: Page, language: Language) -> None:
    sheet = book.add_worksheet(f"{page.name.zh} {page.name.en}"[:31])
    widths = [page.widths.get(place, width) for place, width in enumerate(_widths(page, language))]
    head = _write_top(sheet, looks, page, (language, widths))
    for place, column in enumerate(page.columns):
        sheet.write_string(head, place, head_text(column), _head_look(looks))
    sheet.set_row(head, 15 * max(head_text(column).count("\n") + 1 for column in page.columns) + 4)
    for number, row in enumerate(page.rows, start=head + 1):
        _write_row(sheet, looks, number, (page.columns, row, language))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    _set_up(sheet, page, head)


def _write_top(sheet: Worksheet, looks: Looks, page: Page, how: tuple[Language, list[int]]) -> int:
    """Title and notes above the table; returns the row of the heads. A note longer than the table is wide is broken."""
    language, widths = how
    first, second = (page.title.zh, page.title.en) if language == "zh" else (page.title.en, page.title.zh)
    sheet.write_string(0, 0, plain(first), looks(font_size=15, bold=True, font_color=HEAD))
    sheet.set_row(0, 24)
    lines = ([second] if second != first else []) + [_of(note, language) for note in page.notes]
    for number, line in enumerate(lines, start=1):
        n_lines = math.ceil(text_width(line) / (0.9 * sum(widths)))
        look = looks(font_color=SOFT, text_wrap=n_lines > 1, **_quoted(line))
        if n_lines > 1 and len(widths) > 1:
            sheet.merge_range(number, 0, number, len(widths) - 1, "", look)
            sheet.set_row(number, 15 * n_lines)
        sheet.write_string(number, 0, plain(line), look)
    return len(lines) + 1


def head_text(column: Column) -> str:
    """The head of a column, a line for each language, with the unit in brackets."""
    zh = column.label.zh + (f"（{column.unit.zh}）" if column.unit.zh else "")
    en = column.label.en + (f" ({column.unit.en})" if column.unit.en else "")
    return zh if zh == en else f"{zh}\n{en}"


def _head_look(looks: Looks) -> Format:
    return looks(
        bold=True, font_color="#FFFFFF", bg_color=HEAD, text_wrap=True, valign="vcenter", border=1, border_color=LINE
    )


def _write_row(sheet: Worksheet, looks: Looks, number: int, what: tuple[tuple[Column, ...], Row, Language]) -> None:
    columns, row, language = what
    if isinstance(row, Section):
        for place in range(len(columns)):
            text = _of(row.label, language) if place == 0 else ""
            sheet.write_string(number, place, text, looks(bold=True, font_color=HEAD, bg_color="#DDEBF7"))
        return
    is_total = isinstance(row, Total)
    for place, value in enumerate(row.values if isinstance(row, Total) else row):
        shown = value if isinstance(value, Shown) else Shown(value, columns[place].form)
        _write_value(sheet, looks, (number, place), (shown, language, is_total))


def _write_value(sheet: Worksheet, looks: Looks, at: tuple[int, int], what: tuple[Shown, Language, bool]) -> None:
    """Write one cell: a text as text, a number by its form, nothing where there is no value."""
    shown, language, is_total = what
    value = _of(shown.value, language)
    look: dict[str, Any] = {"bottom": 1, "bottom_color": LINE}
    if is_total:
        look |= {"bold": True, "top": 1, "top_color": INK}
    if shown.is_missed:
        look |= {"font_color": MISSED, "bold": True}
    if value is None:
        sheet.write_blank(*at, None, looks(**look))
    elif isinstance(value, str):
        text = plain(value)
        sheet.write_string(*at, text, looks(**look, text_wrap=text_width(text) > WIDEST, **_quoted(text)))
    else:
        form = FORMS[shown.form]
        sheet.write_number(*at, value, looks(**look, num_format=f'"{shown.sign} "{form}' if shown.sign else form))


def _of(value: Value, language: Language) -> Any:
    """What a cell holds: a text, a number, or None, also for what is no number."""
    if isinstance(value, bool):
        value = YES_NO[value]
    if isinstance(value, Label):
        value = value.zh if language == "zh" else value.en
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def plain(text: str) -> str:
    """A text that a cell can hold: no control letters, not longer than Excel takes."""
    return NO_TEXT.sub(" ", text)[:MOST_LETTERS]


def _quoted(text: str) -> dict[str, bool]:
    """Marks a text that would be read as a formula when it is edited."""
    return {"quote_prefix": True} if text.startswith(FORMULA_STARTS) else {}


def _widths(page: Page, language: Language) -> list[int]:
    """The width of each column, in letters: of its head and of its first values, within reason."""
    found = [max(text_width(line) for line in head_text(column).split("\n")) for column in page.columns]
    widths = [min(width, 24) for width in found]
    for row in page.rows[:SAMPLED]:
        if not isinstance(row, Section):
            for place, value in enumerate(row.values if isinstance(row, Total) else row):
                widths[place] = max(widths[place], _width(value, language))
    return [min(max(width + 2, NARROWEST), WIDEST) for width in widths]


def _width(value: Value | Shown, language: Language) -> int:
    cell = _of(value.value if isinstance(value, Shown) else value, language)
    if isinstance(cell, float):
        return len(f"{cell:,.2f}")
    return 0 if cell is None else text_width(cell)


def _set_up(sheet: Worksheet, page: Page, head: int) -> None:
    """Frozen heads where they leave room, a filter, and how it is printed: A4 across, heads on every page."""
    if head <= MOST_FROZEN:
        sheet.freeze_panes(head + 1, page.frozen)
    n_rows = sum(not isinstance(row, Total) for row in page.rows)
    if page.is_list and n_rows:
        sheet.autofilter(head, 0, head + n_rows, len(page.columns) - 1)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&C&9" + page.title.zh.replace("&", "&&")[:120] + "　&P / &N")
