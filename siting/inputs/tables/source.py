"""Open a source by its content: a text table (UTF-8, else GB18030), a workbook with its merged cells, or a layer."""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from siting.errors import DataError, FileError
from siting.inputs.tables.grid import Grid, Merge, trimmed
from siting.inputs.tables.layers import read_layer
from siting.inputs.tables.wording import did_you_mean

if TYPE_CHECKING:
    from openpyxl import Workbook

FORMULA = re.compile(rb"<f[ >/]")
DELIMITERS = ",\t;|"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LINES_LOOKED_AT = 30
DAMAGED_SHARE = 0.1
QUOTED = re.compile(r'"[^"]*"')
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TEXTS = (".csv", ".tsv", ".txt")
BOOKS = (".xlsx", ".xlsm")
LAYERS = (".gpkg", ".geojson", ".json", ".shp", ".zip", ".parquet", ".geoparquet")
READABLE = (*TEXTS, *BOOKS, *LAYERS)
OLD_BOOKS = (".xls", ".et", ".xlsb", ".ods")


def open_source(path: Path, layer: str | None = None) -> Grid | Book:
    """The rows of a text table or a layer, or a workbook whose sheet is still to be chosen.

    Raises
    ------
    FileError
        If the file is missing, empty, damaged, protected, or not what its name says.
    DataError
        If its kind cannot be read; the message says what to save it as.
    """
    suffix = path.suffix.lower()
    if suffix in (".dbf", ".shx", ".prj", ".cpg"):
        raise FileError(f"{path}: a part of a shapefile; give {path.stem}.shp")
    if path.is_dir():
        raise FileError(f"{path}: a folder; give a table or layer in it")
    content = _content(path, whole=suffix in (*TEXTS, *BOOKS))
    if content.startswith(OLE):
        raise FileError(
            f"{path}: an old Excel workbook, or one with a password; open it and save it as .xlsx without one"
        )
    if content.lstrip()[:9].lower().startswith((b"<html", b"<!doctype", b"<table", b"<?mso")) and suffix not in LAYERS:
        raise FileError(f"{path}: a web page named {suffix}; open it in Excel or WPS and save it as .xlsx")
    if suffix in OLD_BOOKS:
        raise FileError(f"{path}: {suffix} is not read; open it in Excel or WPS and save it as .xlsx")
    if suffix in TEXTS:
        if content.startswith(ZIP):
            raise FileError(
                f"{path}: a zip archive or .xlsx workbook named {suffix}; give it its own name or unpack it"
            )
        return _read_delimited(path, content)
    if suffix in BOOKS:
        if not content.startswith(ZIP):
            raise FileError(f"{path}: not an .xlsx workbook; if it is a text table, name it .csv")
        return _open_book(path, content)
    if suffix in LAYERS:
        return read_layer(path, layer)
    raise DataError(f"{path}: {suffix or 'no suffix'} is not read; give one of {', '.join(READABLE)}")


def _content(path: Path, *, whole: bool) -> bytes:
    """The bytes of the file, or the first of them."""
    try:
        with path.open("rb") as file:
            content = file.read() if whole else file.read(64)
    except FileNotFoundError:
        near = did_you_mean(path.name, [other.name for other in path.parent.iterdir()]) if path.parent.is_dir() else ""
        raise FileError(f"{path}: no such file; {near}check the path") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror})") from error
    if not content:
        raise FileError(f"{path}: an empty file of 0 bytes; copy it again")
    return content


def _read_delimited(path: Path, content: bytes) -> Grid:
    """The rows of a CSV or TSV file; the delimiter is the one that stands in most of the first lines."""
    text, encoding = _decoded(path.name, content)
    lines = [line for line in text.splitlines() if line.strip()][:LINES_LOOKED_AT]
    bare = [QUOTED.sub("", line) for line in lines]
    delimiter = max(
        DELIMITERS, key=lambda mark: (sum(mark in line for line in bare), sum(line.count(mark) for line in bare))
    )
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)]
    except csv.Error as error:
        raise DataError(f"{path.name}: not a table ({error}); save it again as CSV in UTF-8") from error
    notes = () if encoding == "UTF-8" else (f"{path.name}: read as {encoding}, it is not in UTF-8",)
    return Grid(path.name, trimmed(rows), notes=notes)


def _decoded(file: str, content: bytes) -> tuple[str, str]:
    """The text and the name of the encoding that it was in."""
    encoding = "UTF-8"
    if content.startswith(UTF16_MARKS):
        text, encoding = content.decode("utf-16", errors="replace"), "UTF-16"
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            loose = content.decode("utf-8", errors="replace")
            if loose.count("\ufffd") < DAMAGED_SHARE * sum(letter > "\x7f" for letter in loose):
                line = content[: error.start].count(b"\n") + 1
                told = f"{file}, row {line}: damaged UTF-8 text, perhaps cut off; save the table again"
                raise DataError(told) from None
            try:
                text, encoding = content.decode("gb18030"), "GB18030"
            except UnicodeDecodeError:
                raise DataError(f"{file}: neither UTF-8 nor GB18030; save it again as 'CSV UTF-8'") from None
    if "\x00" in text:
        raise DataError(f"{file}: not a text file; give the table as CSV in UTF-8, or as .xlsx")
    return text, encoding


@dataclass(frozen=True)
class Book:
    """A workbook that was opened: its computed values, and its formulas where it has any."""

    file: str
    values: Workbook
    formulas: Workbook | None

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets that are not hidden and hold something."""
        return [
            sheet.title
            for sheet in self.values.worksheets
            if sheet.sheet_state == "visible"
            and any(cell is not None for row in sheet.iter_rows(values_only=True) for cell in row)
        ]


def _open_book(path: Path, content: bytes) -> Book:
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


def sheet_grid(book: Book, sheet: str) -> Grid:
    """The cells of a sheet; one whose formula was never computed holds the formula's text."""
    page = book.values[sheet]
    rows = [list(row) for row in page.iter_rows(values_only=True)]
    formulas = () if book.formulas is None else book.formulas[sheet].iter_rows()
    for cell in (cell for row in formulas for cell in row if cell.data_type == "f"):
        if rows[cell.row - 1][cell.column - 1] is None:
            rows[cell.row - 1][cell.column - 1] = cell.value if isinstance(cell.value, str) else "={…}"
    merges = tuple(
        Merge(block.min_row - 1, block.min_col - 1, block.max_row - 1, block.max_col - 1)
        for block in page.merged_cells.ranges
    )
    return Grid(book.file, trimmed([tuple(row) for row in rows]), sheet=sheet, merges=merges)
