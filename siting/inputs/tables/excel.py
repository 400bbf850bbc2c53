"""Reads a sheet of an Excel workbook with its merged cells."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from siting.errors import DataError, FileError
from siting.inputs.tables.grid import Grid, Merge, trimmed
from siting.inputs.tables.wording import did_you_mean, plain

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

FORMULA = re.compile(rb"<f[ >/]")


@dataclass(frozen=True)
class Book:
    """A workbook that was opened: its computed values, and its formulas where it has any."""

    file: str
    values: Workbook
    formulas: Workbook | None

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets that are not hidden and hold something."""
        return [sheet.title for sheet in self.values.worksheets if sheet.sheet_state == "visible" and _has_cells(sheet)]


def open_book(path: Path, content: bytes) -> Book:
    """Open an .xlsx workbook.

    Raises
    ------
    FileError
        If it is damaged or no workbook.
    """
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = archive.namelist()
            has_formulas = any(
                FORMULA.search(archive.read(name)) is not None
                for name in inside
                if name.startswith("xl/worksheets/") and name.endswith(".xml")
            )
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise FileError(f"{path}: the workbook is damaged or cut off ({error}); copy it again") from error
    if "xl/workbook.xml" not in inside:
        raise FileError(f"{path}: a zip archive, not an Excel workbook; unpack it and give the table inside")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and lists that it does not keep
            values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(content)) if has_formulas else None
    except Exception as error:  # openpyxl raises what its XML and zip readers raise, of many kinds
        raise FileError(
            f"{path}: cannot be read as a workbook ({error}); open it in Excel or WPS and save it as .xlsx"
        ) from error
    return Book(path.name, values, formulas)


def check_sheet(book: Book, sheet: str) -> str:
    """The name of a sheet as the workbook writes it.

    Raises
    ------
    DataError
        If there is none; the message lists the sheets.
    """
    for name in book.values.sheetnames:
        if plain(name) == plain(sheet):
            return str(name)
    known = book.sheets
    raise DataError(f"{book.file}: no sheet {sheet!r}; {did_you_mean(sheet, known)}its sheets are {known}")


def sheet_grid(book: Book, sheet: str) -> Grid:
    """The cells of a sheet; one whose formula was never computed holds the formula's text."""
    page = book.values[sheet]
    rows = [list(row) for row in page.iter_rows(values_only=True)]
    for row, column, formula in _formulas(book, sheet):
        if rows[row][column] is None:
            rows[row][column] = formula
    merges = tuple(
        Merge(block.min_row - 1, block.min_col - 1, block.max_row - 1, block.max_col - 1)
        for block in page.merged_cells.ranges
    )
    return Grid(book.file, trimmed([tuple(row) for row in rows]), sheet=sheet, merges=merges)


def _formulas(book: Book, sheet: str) -> Iterator[tuple[int, int, str]]:
    """Row, column and text of every formula of a sheet."""
    if book.formulas is None:
        return
    for row in book.formulas[sheet].iter_rows():
        for cell in row:
            if cell.data_type == "f":
                yield cell.row - 1, cell.column - 1, str(cell.value) if isinstance(cell.value, str) else "={…}"


def _has_cells(sheet: Worksheet) -> bool:
    return any(cell is not None for row in sheet.iter_rows(values_only=True) for cell in row)
