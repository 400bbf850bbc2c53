"""The workbook that a planner fills in: a guide, the city, and a sheet for each kind of table with drop-down lists."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting.errors import FileError
from siting.files import new_file
from siting.inputs.tables.describe import allowed, example_of, header_of, is_needed, unit_of
from siting.inputs.tables.schema import Column, Kind, definition
from siting.language import Language, text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

WIDEST = 60
LAST_ROW = 5000
LISTS = "lists"


@dataclass(frozen=True)
class Look:
    """Colours as hexadecimal RGB; no fill where it is empty."""

    ink: str = "000000"
    fill: str = ""
    is_bold: bool = False
    is_italic: bool = False


TITLE = Look(is_bold=True)
NEEDED = Look(ink="FFFFFF", fill="1F4E79", is_bold=True)
OPTIONAL = Look(fill="DDEBF7", is_bold=True)
EXAMPLE = Look(ink="808080", is_italic=True)
PLAIN = Look()


def style(cell: Any, look: Look) -> None:
    """Give a cell its look."""
    from openpyxl.styles import Alignment, Font, PatternFill

    cell.font = Font(color=look.ink, bold=look.is_bold, italic=look.is_italic)
    cell.alignment = Alignment(vertical="top", wrap_text=look == PLAIN)
    if look.fill:
        cell.fill = PatternFill("solid", start_color=look.fill)


def widen(sheet: Worksheet) -> None:
    """Make every column as wide as its longest text, within reason."""
    for cells in sheet.iter_cols():
        width = max((text_width(cell.value) for cell in cells if cell.value is not None), default=8)
        sheet.column_dimensions[cells[0].column_letter].width = min(max(width + 3, 11), WIDEST)


def text_width(value: object) -> int:
    """Return the width of a text in Latin letters; a Chinese letter is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in str(value))


def write_guide(sheet: Worksheet, language: Language) -> None:
    """Fill in the guide: what to know first, then every column of every sheet."""
    words = definition().workbook
    sheet.title = words.guide.of(language)
    sheet.append([words.guide.of(language)])
    style(sheet["A1"], TITLE)
    for number, line in enumerate(words.intro, start=1):
        sheet.append([f"{number}. {line.of(language)}"])
    sheet.append([])
    sheet.append([header.of(language) for header in words.guide_headers])
    head = sheet.max_row
    for cell in sheet[head]:
        style(cell, OPTIONAL)
    for column in definition().city:
        sheet.append(_guide_row(words.city.of(language), column, language, is_asked=True))
    for kind in definition().kinds.values():
        if kind.in_template:
            for row in _kind_rows(kind, language):
                sheet.append(row)
    for cells in sheet.iter_rows(min_row=head + 1):
        for cell in cells:
            style(cell, PLAIN)
    for letters, width in zip("ABCDEF", (20, 24, 14, 10, 44, 60), strict=True):
        sheet.column_dimensions[letters].width = width


def write_city(sheet: Worksheet, language: Language, *, source: str) -> None:
    """Fill in the sheet of the city: a row for each fact; `source` is where the list of datums stands."""
    from openpyxl.worksheet.datavalidation import DataValidation

    for row, column in enumerate(definition().city, start=1):
        style(sheet.cell(row, 1, header_of(column, language, is_needed=True)), NEEDED)
        sheet.cell(row, 3, column.help.of(language))
    rule = DataValidation(type="list", formula1=source, allow_blank=True)
    rule.errorStyle = "warning"
    rule.showErrorMessage = True
    rule.add(f"B{len(definition().city)}")
    sheet.add_data_validation(rule)
    widen(sheet)
    sheet.column_dimensions["B"].width = 34


def _guide_row(sheet: str, column: Column, language: Language, *, is_asked: bool) -> list[str]:
    needed = text("tables.needed" if is_asked else "tables.not_needed").in_language(language)
    texts = (column.header.of(language), unit_of(column, language), needed, allowed(column, language))
    return [sheet, *texts, column.help.of(language)]


def _kind_rows(kind: Kind, language: Language) -> list[list[str]]:
    """Return a row for the sheet, one for each of its columns, and one for those that may be added."""
    name = kind.sheet.of(language)
    rows = [
        [name, "", "", "", "", kind.row.of(language)],
        *(_guide_row(name, column, language, is_asked=is_needed(column, kind)) for column in kind.template_columns),
    ]
    hidden = [header_of(column, language) for column in kind.columns if column.key in kind.hidden]
    if not hidden:
        return rows
    return [*rows, [name, "", "", "", "", text("tables.may_be_added", columns=", ".join(hidden)).in_language(language)]]


Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows to fill in beforehand, by kind of table; a row has values by the name of their column."""


def write_template(path: Path, language: Language, rows: Rows | None = None) -> None:
    """Write the workbook to fill in, whole or not at all; `rows` stand in it already.

    Raises
    ------
    FileError
        If `path` is there already (it may be filled in), does not end in .xlsx, or cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise FileError(f"{path}: a workbook's name ends in .xlsx; give another --out")
    if path.exists():
        raise FileError(f"{path}: is there already and may be filled in; give another --out, or move it away")
    book = template_book(language, rows or {})
    with new_file(path, cure="give another --out") as partial:
        book.save(partial)


def template_book(language: Language, rows: Rows) -> Workbook:
    """Return the workbook: the guide, the city, a sheet for each kind, and the hidden lists."""
    import openpyxl

    book = openpyxl.Workbook()
    guide = book.active
    write_guide(guide, language)
    lists = book.create_sheet(LISTS)
    city = book.create_sheet(definition().workbook.city.of(language))
    write_city(city, language, source=_list(lists, definition().city[-1], language))
    for kind in definition().kinds.values():
        if kind.in_template:
            sheet = book.create_sheet(kind.sheet.of(language))
            _write_kind(sheet, kind, language, lists)
            _fill_in(sheet, kind, language, rows.get(kind.name, ()))
    book.move_sheet(lists, offset=len(book.sheetnames))
    lists.sheet_state = "hidden"
    return book


def _write_kind(sheet: Worksheet, kind: Kind, language: Language, lists: Worksheet) -> None:
    """Write headers, examples, drop-downs and a frozen header."""
    columns = kind.template_columns
    for place, column in enumerate(columns, start=1):
        needed = is_needed(column, kind)
        cell = sheet.cell(1, place, header_of(column, language, is_needed=needed))
        style(cell, NEEDED if needed else OPTIONAL)
        if column.type in ("id", "district", "text"):
            sheet.column_dimensions[cell.column_letter].number_format = "@"  # text
        _add_choice(sheet, cell.column_letter, column, language, lists)
    for number, example in enumerate(kind.examples, start=1):
        mark = text("tables.example", number=number).in_language(language)
        values = [mark, *(example_of(column, example, language) for column in columns[1:])]
        for place, value in enumerate(values, start=1):
            style(sheet.cell(number + 1, place, value), EXAMPLE)
    widen(sheet)
    sheet.freeze_panes = "B2"


def _fill_in(sheet: Worksheet, kind: Kind, language: Language, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows below the examples, words of lists in the language."""
    for at, row in enumerate(rows, start=len(kind.examples) + 2):
        for place, column in enumerate(kind.template_columns, start=1):
            value = row.get(column.name)
            known = column.values.get(value) if isinstance(value, str) else None
            sheet.cell(at, place, value if known is None else known.of(language))
    if rows:
        widen(sheet)


def _add_choice(sheet: Worksheet, letters: str, column: Column, language: Language, lists: Worksheet) -> None:
    """Add a drop-down list or a numeric range; an open list warns about other values."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if column.type in ("choice", "label"):
        rule = DataValidation(type="list", formula1=_list(lists, column, language), allow_blank=True)
    elif column.type == "district":
        rule = DataValidation(type="list", formula1=_districts(language), allow_blank=True)
    elif column.range is not None:
        low, high = column.range
        rule = DataValidation(
            type="decimal", operator="between", formula1=f"{low:g}", formula2=f"{high:.0f}", allow_blank=True
        )
    else:
        return
    rule.errorStyle = "stop" if column.type == "choice" else "warning"
    rule.error = allowed(column, language)[:250]
    rule.errorTitle = column.header.of(language)[:30]
    rule.showErrorMessage = True
    rule.add(f"{letters}2:{letters}{LAST_ROW}")
    sheet.add_data_validation(rule)


def _districts(language: Language) -> str:
    """Return the names in the sheet of districts, below its examples."""
    from openpyxl.utils import get_column_letter

    census = definition().kinds["census"]
    keys = [column.key for column in census.template_columns]
    letters = get_column_letter(1 + keys.index("district_name"))
    return f"'{census.sheet.of(language)}'!${letters}${2 + len(census.examples)}:${letters}$500"


def _list(lists: Worksheet, column: Column, language: Language) -> str:
    """Return the words of a column in the hidden sheet, and where they stand."""
    place = next((cell.column for cell in lists[1] if cell.value == column.key), None)
    if place is None:
        place = 1 if lists["A1"].value is None else lists.max_column + 1
        lists.cell(1, place, column.key)
        for row, value in enumerate(column.values.values(), start=2):
            lists.cell(row, place, value.of(language))
    letters = lists.cell(1, place).column_letter
    return f"'{LISTS}'!${letters}$2:${letters}${1 + len(column.values)}"
