"""Opens a source by what it is, not by what it is called."""

from __future__ import annotations

from pathlib import Path

from siting.errors import DataError, FileError
from siting.inputs.tables.delimited import read_delimited
from siting.inputs.tables.excel import Book, open_book
from siting.inputs.tables.grid import Grid
from siting.inputs.tables.layers import read_layer
from siting.inputs.tables.wording import did_you_mean

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
