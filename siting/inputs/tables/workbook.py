"""Read the whole workbook that a planner has filled in: the template, or another with such sheets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from siting.errors import DataError, FileError
from siting.inputs.tables.faults import Faults
from siting.inputs.tables.grid import Grid, cell_name
from siting.inputs.tables.header import find_header
from siting.inputs.tables.numbers import is_missing
from siting.inputs.tables.read import read_grid
from siting.inputs.tables.rows import NoRowsError, data_rows
from siting.inputs.tables.schema import definition
from siting.inputs.tables.source import Book, open_source, sheet_grid
from siting.inputs.tables.template import LISTS
from siting.inputs.tables.wording import plain, tidy


@dataclass(frozen=True)
class CityFacts:
    """Facts of the sheet of the city, each None where it is empty."""

    name_zh: str | None
    name_en: str | None
    datum: str | None


def read_workbook(path: str | Path, *, datum: str | None = None) -> dict[str, gpd.GeoDataFrame]:
    """Return every table of a city in a workbook by its kind, as `read_source` reads it; empty sheets are left out.

    Sheets are known by their names, English or Chinese. Coordinates are in `datum`, else in what the sheet of the city
    says. Districts that the sheet of districts does not have are faults.

    Raises
    ------
    FileError
        If it is no workbook.
    DataError
        If cells cannot be used, of every sheet at once, or no sheet is known.
    """
    book = _opened(Path(path))
    datum = datum or _city(book).datum
    of_plan = {kind: name for kind, name in _sheets(book).items() if definition().kinds[kind].is_plan}
    sheets, city = _sheets(book, is_plan=False), _city_sheet(book)
    datum_cell = "" if city is None else f"sheet {city}, cell {cell_name(len(definition().city) - 1, 1)}"
    frames: dict[str, gpd.GeoDataFrame] = {}
    faults = Faults()
    for kind, name in sheets.items():
        meaning = definition().kinds[kind]
        try:
            grid = replace(sheet_grid(book, name), datum_cell=datum_cell)
            frames[kind] = read_grid(grid, meaning, columns={}, datum=datum, districts=frames.get("census"))
        except NoRowsError:
            continue
        except DataError as error:
            faults.take(name, error)
    faults.raise_any()
    if not frames:
        raise DataError(f"{book.file}: no sheet has a row of data; fill in the sheets {list(sheets.values())}")
    _tell_unread(book, sheets | of_plan, frames)
    return frames


def read_city_facts(path: str | Path) -> CityFacts:
    """Return the names and datum of the city in a filled-in template; None where it says nothing.

    Raises
    ------
    FileError
        If it is no workbook.
    """
    return _city(_opened(Path(path)))


def _opened(path: Path) -> Book:
    source = open_source(path)
    if isinstance(source, Grid):
        raise FileError(f"{path}: not a workbook; give the filled-in template, an .xlsx")
    return source


def read_plan_sheets(path: str | Path) -> dict[str, pd.DataFrame]:
    """Read the sheets of a workbook that say what is planned, by kind; those without rows are left out.

    Raises
    ------
    FileError
        If it is no workbook.
    DataError
        If cells cannot be used, of every sheet at once.
    """
    book = _opened(Path(path))
    frames: dict[str, pd.DataFrame] = {}
    faults = Faults()
    for kind, name in _sheets(book, is_plan=True).items():
        try:
            frames[kind] = read_grid(sheet_grid(book, name), definition().kinds[kind], columns={}, datum=None)
        except NoRowsError:
            continue
        except DataError as error:
            faults.take(name, error)
    faults.raise_any()
    return frames


def has_city_rows(path: str | Path) -> bool:
    """Return whether a workbook has rows about the city, of whatever kind."""
    book = _opened(Path(path))
    for kind, name in _sheets(book, is_plan=False).items():
        meaning, grid = definition().kinds[kind], sheet_grid(book, name)
        try:
            data_rows(grid, find_header(grid, meaning, {}), meaning)
        except NoRowsError:
            continue
        return True
    return False


def _sheets(book: Book, *, is_plan: bool | None = None) -> dict[str, str]:
    """Return the sheet of each kind that the workbook has, the districts first; None: of city and plan."""
    found: dict[str, list[str]] = {}
    for kind in definition().kinds.values():
        taken = {name for names in found.values() for name in names}
        names = [name for name in book.sheets if kind.is_called(name) and name not in taken]
        if names:
            found[kind.name] = names
    double = {kind: names for kind, names in found.items() if len(names) > 1}
    if double:
        raise DataError(
            f"{book.file}: several sheets for one kind of table: {double}; keep one of each, rename the others"
        )
    if not found:
        known_names = [kind.sheet.zh for kind in definition().kinds.values() if kind.in_template]
        raise DataError(
            f"{book.file}: no sheet is called like one of the template; its sheets are {book.sheets}, the template's"
            f" {known_names}; rename them, or name each as a source with its kind"
        )
    kinds = definition().kinds
    return {kind: names[0] for kind, names in found.items() if is_plan is None or kinds[kind].is_plan == is_plan}


def _city(book: Book) -> CityFacts:
    name = _city_sheet(book)
    rows = () if name is None else sheet_grid(book, name).rows
    facts: dict[str, str | None] = {}
    for column in definition().city:
        headers = {plain(text) for text in (column.header.en, column.header.zh, column.name)}
        given = next((row[1] for row in rows if len(row) > 1 and plain(row[0]).rstrip(":") in headers), None)
        facts[column.key] = None if is_missing(given) else column.stored(tidy(given)) or tidy(given)
    return CityFacts(facts["city_name_zh"], facts["city_name_en"], facts["datum"])


def _city_sheet(book: Book) -> str | None:
    words = definition().workbook.city
    return next((name for name in book.sheets if plain(name) in (plain(words.en), plain(words.zh))), None)


def _tell_unread(book: Book, sheets: dict[str, str], frames: dict[str, gpd.GeoDataFrame]) -> None:
    """Note the sheets that are none of the template's on every frame."""
    words = definition().workbook
    own = {plain(text) for text in (words.city.en, words.city.zh, words.guide.en, words.guide.zh, LISTS)}
    unread = [name for name in book.sheets if name not in sheets.values() and plain(name) not in own]
    if unread:
        note = f"{book.file}: sheets not read: {', '.join(unread)}"
        for frame in frames.values():
            frame.attrs["notes"] = (*frame.attrs["notes"], note)
