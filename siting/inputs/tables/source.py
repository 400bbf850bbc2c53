"""Open a source by its content: a text table (UTF-8, else GB18030), a workbook with its merged cells, or a layer."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting.encoding import decoded
from siting.errors import DataError, FileError
from siting.inputs.tables.grid import Grid, Merge, trimmed
from siting.inputs.tables.layers import read_layer
from siting.inputs.tables.numbers import with_decimal_points
from siting.inputs.tables.wording import did_you_mean

if TYPE_CHECKING:
    from openpyxl import Workbook

FORMULA = re.compile(rb"<f[ >/]")
EMPTY_CELLS = re.compile(rb"<c(?: [^<>]*)?(?:/>|></c>)")
EMPTY_ROWS = re.compile(rb"<row(?: [^<>]*)?(?:/>|>\s*</row>)")
MOST_BYTES = 1024**3
DELIMITERS = ",\t;|"
LINES_LOOKED_AT = 30
QUOTED = re.compile(r'"[^"]*"')
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TEXTS = (".csv", ".tsv", ".txt")
BOOKS = (".xlsx", ".xlsm")
LAYERS = (".gpkg", ".geojson", ".json", ".shp", ".zip", ".parquet", ".geoparquet")
READABLE = (*TEXTS, *BOOKS, *LAYERS)
OLD_BOOKS = (".xls", ".et", ".xlsb", ".ods")


def open_source(path: Path, layer: str | None = None) -> Grid | Book:
    """Return the rows of a text table or a layer, or a workbook whose sheet is still to be chosen.

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
    """Return the bytes of the file, or the first of them."""
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


def decoded_rows(path: Path) -> tuple[tuple[Any, ...], ...]:
    """Return the rows of a text table, its cells as they are; as `open_source`."""
    return _read_delimited(path, _content(path, whole=True)).rows


def _read_delimited(path: Path, content: bytes) -> Grid:
    """Return the rows of a CSV or TSV file; the delimiter is the one that stands in most of the first lines."""
    text, encoding = decoded(path.name, content)
    lines = [line for line in text.splitlines() if line.strip()][:LINES_LOOKED_AT]
    bare = [QUOTED.sub("", line) for line in lines]
    delimiter = max(
        DELIMITERS, key=lambda mark: (sum(mark in line for line in bare), sum(line.count(mark) for line in bare))
    )
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)]
    except csv.Error as error:
        raise DataError(f"{path.name}: not a table ({error}); save it again as CSV in UTF-8") from error
    notes: tuple[str, ...] = () if encoding == "UTF-8" else (f"{path.name}: read as {encoding}, it is not in UTF-8",)
    cells = trimmed(rows)
    if delimiter != ",":
        cells, told = with_decimal_points(path.name, cells)
        notes += told
    return Grid(path.name, cells, notes=notes)


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
        parts = _parts_of(path, content)
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise FileError(f"{path}: the workbook is damaged or cut off ({error}); copy it again") from error
    if "xl/workbook.xml" not in parts:
        raise FileError(f"{path}: a zip archive, not an Excel workbook; unpack it and give the table inside")
    if b"purl.oclc.org/ooxml" in parts["xl/workbook.xml"]:
        raise FileError(
            f"{path}: saved as 'Strict Open XML', which is not read; save it as plain Excel workbook, .xlsx"
        )
    has_formulas = any(FORMULA.search(part) is not None for name, part in parts.items() if _is_sheet(name))
    slim = _without_empty_cells(parts)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and lists that it does not keep
            values = openpyxl.load_workbook(io.BytesIO(slim), data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(slim)) if has_formulas else None
    except Exception as error:  # openpyxl raises what its XML and zip readers raise, of many kinds
        raise FileError(
            f"{path}: cannot be read as a workbook ({error}); open it in Excel or WPS and save it as .xlsx"
        ) from error
    return Book(path.name, values, formulas)


def _parts_of(path: Path, content: bytes) -> dict[str, bytes]:
    """Return the files in a workbook, by name.

    Raises
    ------
    FileError
        If they are larger than any table.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
            raise FileError(f"{path}: more than {MOST_BYTES // 1024**3} GB when unpacked; save the table alone, as CSV")
        return {info.filename: archive.read(info) for info in archive.infolist()}


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/") and name.endswith(".xml")


def _without_empty_cells(parts: dict[str, bytes]) -> bytes:
    """Return the workbook without cells and rows that carry only a format, of which there may be a million."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, EMPTY_ROWS.sub(b"", EMPTY_CELLS.sub(b"", part)) if _is_sheet(name) else part)
    return file.getvalue()


def _hidden_note(book: Book, sheet: str) -> tuple[str, ...]:
    """Return a note on rows that hold something and are hidden, by a filter or by hand."""
    page = book.values[sheet]
    hidden = [number for number, row in page.row_dimensions.items() if row.hidden and number <= page.max_row]
    filled = sum(any(cell.value is not None for cell in page[number]) for number in hidden)
    return (f"{book.file}, sheet {sheet}: {filled} hidden rows are read too",) if filled else ()


def sheet_grid(book: Book, sheet: str) -> Grid:
    """Return the cells of a sheet; one whose formula was never computed holds the formula's text."""
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
    cells = trimmed([tuple(row) for row in rows])
    return Grid(book.file, cells, sheet=sheet, merges=merges, notes=_hidden_note(book, sheet))
