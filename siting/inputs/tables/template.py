"""Writes the workbook that a planner fills in: one sheet for each kind of table, with lists to choose from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from siting.errors import FileError
from siting.files import new_file
from siting.inputs.tables.describe import allowed, example_mark, example_of, header_of, is_needed
from siting.inputs.tables.grid import column_letters
from siting.inputs.tables.guide import write_city, write_guide
from siting.inputs.tables.look import EXAMPLE, NEEDED, OPTIONAL, TEXT_FORMAT, style, widen
from siting.inputs.tables.schema import Column, Kind, Language, definition

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

LAST_ROW = 5000
LISTS = "lists"


def write_template(path: Path, language: Language) -> None:
    """Write the workbook to fill in, whole or not at all.

    Raises
    ------
    FileError
        If `path` is there already (it may be filled in), does not end in .xlsx, or cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise FileError(f"{path}: a workbook's name ends in .xlsx; give another --out")
    if path.exists():
        raise FileError(f"{path}: is there already and may be filled in; give another --out, or move it away")
    book = template_book(language)
    with new_file(path, cure="give another --out") as partial:
        book.save(partial)


def template_book(language: Language) -> Workbook:
    """The workbook: the guide, the city, a sheet for each kind, and the hidden lists."""
    import openpyxl

    book = openpyxl.Workbook()
    guide = book.active
    write_guide(guide, language)
    lists = book.create_sheet(LISTS)
    city = book.create_sheet(definition().workbook.city.of(language))
    write_city(city, language, source=_list(lists, definition().city[-1], language))
    for kind in definition().kinds.values():
        if kind.in_template:
            _write_kind(book.create_sheet(kind.sheet.of(language)), kind, language, lists)
    book.move_sheet(lists, offset=len(book.sheetnames))
    lists.sheet_state = "hidden"
    return book


def _write_kind(sheet: Worksheet, kind: Kind, language: Language, lists: Worksheet) -> None:
    """Headers, examples, drop-downs and a frozen header."""
    columns = kind.template_columns
    for place, column in enumerate(columns, start=1):
        needed = is_needed(column, kind)
        cell = sheet.cell(1, place, header_of(column, language, is_needed=needed))
        style(cell, NEEDED if needed else OPTIONAL)
        if column.type in ("id", "district", "text"):
            sheet.column_dimensions[column_letters(place - 1)].number_format = TEXT_FORMAT
        _add_choice(sheet, place, column, language, lists)
    for number, example in enumerate(kind.examples, start=1):
        for place, column in enumerate(columns, start=1):
            value = example_mark(number, language) if place == 1 else example_of(column, example, language)
            style(sheet.cell(number + 1, place, value), EXAMPLE)
    widen(sheet)
    sheet.freeze_panes = "B2"


def _add_choice(sheet: Worksheet, place: int, column: Column, language: Language, lists: Worksheet) -> None:
    """A drop-down, or the range of a number; what is no choice of an open list is asked about, not refused."""
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
    rule.add(f"{column_letters(place - 1)}2:{column_letters(place - 1)}{LAST_ROW}")
    sheet.add_data_validation(rule)


def _districts(language: Language) -> str:
    """The names in the sheet of districts, below its examples."""
    census = definition().kinds["census"]
    letters = column_letters([column.key for column in census.template_columns].index("district_name"))
    return f"'{census.sheet.of(language)}'!${letters}${2 + len(census.examples)}:${letters}$500"


def _list(lists: Worksheet, column: Column, language: Language) -> str:
    """The words of a column in the hidden sheet, and where they stand."""
    place = next((cell.column for cell in lists[1] if cell.value == column.key), None)
    if place is None:
        place = 1 if lists["A1"].value is None else lists.max_column + 1
        lists.cell(1, place, column.key)
        for row, value in enumerate(column.values.values(), start=2):
            lists.cell(row, place, value.of(language))
    letters = column_letters(place - 1)
    return f"'{LISTS}'!${letters}$2:${letters}${1 + len(column.values)}"
