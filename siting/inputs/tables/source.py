"""Open a source by its content: a text table (UTF-8, else GB18030), a workbook, or a layer."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path

from siting.errors import DataError, FileError
from siting.inputs.tables.excel import Book, open_book
from siting.inputs.tables.grid import Grid, trimmed
from siting.inputs.tables.layers import read_layer
from siting.inputs.tables.wording import did_you_mean

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


def read_delimited(path: Path, content: bytes) -> Grid:
    """The rows of a CSV or TSV file; the delimiter is the one that stands in most of the first lines.

    Raises
    ------
    DataError
        If the text is in no known encoding, damaged, or not a table.
    """
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
    notes = () if encoding == "UTF-8" else (f"{path.name}: read as {encoding}, it is not in UTF-8",)
    return Grid(path.name, trimmed(rows), notes=notes)


def decoded(file: str, content: bytes) -> tuple[str, str]:
    """The text and the name of the encoding that it was in.

    Raises
    ------
    DataError
        If it is no text, UTF-8 with damaged places, or in an encoding that is not known.
    """
    if content.startswith(UTF16_MARKS):
        return _checked(file, content.decode("utf-16", errors="replace")), "UTF-16"
    try:
        return _checked(file, content.decode("utf-8-sig")), "UTF-8"
    except UnicodeDecodeError as error:
        reason = error
    loose = content.decode("utf-8", errors="replace")
    wide, damaged = sum(letter > "\x7f" for letter in loose), loose.count("\ufffd")
    if damaged < DAMAGED_SHARE * wide:
        line = content[: reason.start].count(b"\n") + 1
        raise DataError(f"{file}, row {line}: damaged UTF-8 text, perhaps cut off; save the table again")
    try:
        return _checked(file, content.decode("gb18030")), "GB18030"
    except UnicodeDecodeError:
        raise DataError(f"{file}: neither UTF-8 nor GB18030; save it again as 'CSV UTF-8'") from None


def _checked(file: str, text: str) -> str:
    if "\x00" in text:
        raise DataError(f"{file}: not a text file; give the table as CSV in UTF-8, or as .xlsx")
    return text


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
        return read_delimited(path, content)
    if suffix in BOOKS:
        if not content.startswith(ZIP):
            raise FileError(f"{path}: not an .xlsx workbook; if it is a text table, name it .csv")
        return open_book(path, content)
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
