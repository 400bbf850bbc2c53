"""The sheets of the template that are no tables: how to fill it in, and the city."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.inputs.tables.describe import allowed, header_of, is_needed, unit_of
from siting.inputs.tables.look import NEEDED, OPTIONAL, PLAIN, TITLE, style, widen
from siting.inputs.tables.schema import Kind, Language, definition

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

YES: dict[Language, str] = {"en": "yes", "zh": "必填"}
NO: dict[Language, str] = {"en": "", "zh": "选填"}
ALSO: dict[Language, str] = {"en": "Columns that may be added: ", "zh": "可自行增加的列："}


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
    for row in _city_rows(language):
        sheet.append(row)
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


def _city_rows(language: Language) -> list[list[str]]:
    name = definition().workbook.city.of(language)
    return [
        [name, column.header.of(language), "", YES[language], allowed(column, language), column.help.of(language)]
        for column in definition().city
    ]


def _kind_rows(kind: Kind, language: Language) -> list[list[str]]:
    """A row for the sheet, one for each of its columns, and one for those that may be added."""
    name = kind.sheet.of(language)
    rows = [[name, "", "", "", "", kind.row.of(language)]]
    for column in kind.template_columns:
        needed = YES[language] if is_needed(column, kind) else NO[language]
        texts = [column.header.of(language), unit_of(column, language), needed, allowed(column, language)]
        rows.append([name, *texts, column.help.of(language)])
    hidden = [header_of(column, language) for column in kind.columns if column.key in kind.hidden]
    return [*rows, [name, "", "", "", "", ALSO[language] + ", ".join(hidden)]] if hidden else rows
