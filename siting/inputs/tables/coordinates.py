"""Convert coordinate columns of any datum to WGS-84, and list every cell that cannot be converted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from siting.errors import DataError
from siting.inputs.datums import Datum, is_north_first, needs_datum, odd_coordinates, parse_datum, to_wgs84, undeclared
from siting.inputs.tables.faults import Faults
from siting.inputs.tables.grid import Grid
from siting.inputs.tables.header import Header
from siting.inputs.tables.numbers import is_missing, parse_number
from siting.inputs.tables.rows import Rows
from siting.inputs.tables.wording import plain

FloatArray = npt.NDArray[np.float64]
DATUM_WORDS = (
    "高德",
    "腾讯",
    "火星",
    "gcj02",
    "gcj-02",
    "百度",
    "bd09",
    "bd-09",
    "wgs84",
    "wgs-84",
    "cgcs2000",
    "国家2000",
)
PAIRS = (("lon", "lat"), ("x", "y"))


@dataclass(frozen=True)
class Table:
    """A table whose header and rows are known."""

    grid: Grid
    header: Header
    rows: Rows

    def column(self, name: str) -> int | None:
        """The place in the grid of the column called `name`."""
        return next((place for place, match in self.header.columns.items() if match.column.name == name), None)

    def where(self, name: str, row: int) -> str:
        """A cell of a column of the table (its row counted among the data rows) in words."""
        return self.grid.where(self.rows.numbers[row], self.column(name))


@dataclass(frozen=True)
class Coordinates:
    """East and north as they stand, NaN where they are wrong, and the column that they are in."""

    x: FloatArray
    y: FloatArray
    column: str


def coordinates(table: Table, values: dict[str, list[Any]], declared: str | None, faults: Faults) -> Coordinates | None:
    """Return the coordinates of a table; None without columns.

    Of a table with degrees and metres those are taken that the declared datum is in.
    """
    is_metric = declared is not None and not parse_datum(declared).is_degrees
    for east, north in reversed(PAIRS) if is_metric else PAIRS:
        if east in values and north in values:
            x, y = _numbers(values[east]), _numbers(values[north])
            _tell_missing(table, Coordinates(x, y, east), north, faults)
            return Coordinates(x, y, east)
    if "lonlat" in values:
        pairs = [_pair(table, row, text, faults) for row, text in enumerate(values["lonlat"])]
        return Coordinates(_numbers([pair[0] for pair in pairs]), _numbers([pair[1] for pair in pairs]), "lonlat")
    lone = [name for pair in PAIRS for name in pair if name in values]
    if lone:
        faults.add(
            "coordinates", f"{table.grid.place}: a column for {lone[0]} but none for its other half; add or map it"
        )
    return None


def degrees_of(
    table: Table, found: Coordinates, datum: Datum, faults: Faults
) -> tuple[FloatArray, FloatArray, list[str]]:
    """Lon and lat in WGS-84, NaN where a fault was found, and notes on what was assumed."""
    x, y, column = found.x, found.y, found.column
    odd = odd_coordinates(x, y, datum)
    for one in odd:
        for row in one.rows:
            faults.add("coordinates", f"{table.where(column, int(row))}: ({x[row]:.10g}, {y[row]:.10g}): {one.what}")
    if odd:
        return np.full_like(x, np.nan), np.full_like(y, np.nan), []
    notes = [] if datum.name == "wgs84" else [f"{table.grid.place}: coordinates converted from {datum.name} to WGS-84"]
    if is_north_first(x, y, datum):
        notes.append(f"{table.grid.place}: X holds northings and Y eastings, as surveyors write; read so")
    try:
        lon, lat = to_wgs84(x, y, datum)
    except DataError as error:
        faults.add("coordinates", f"{table.grid.place}: {error}")
        return np.full_like(x, np.nan), np.full_like(y, np.nan), []
    return lon, lat, notes


def datum_of(table: Table, declared: str | None, x: FloatArray, y: FloatArray) -> tuple[Datum, list[str]]:
    """The datum of a table's coordinates: as declared, as its headers say, or WGS-84 outside China.

    Raises
    ------
    DataError
        If the table must declare its datum and does not; the choices are listed.
    ConfigError
        If `declared` names no datum.
    """
    where = table.grid.place
    said = [
        parse_datum(word)
        for place, match in table.header.columns.items()
        for word in DATUM_WORDS
        if match.column.is_place and word in plain(table.header.texts.get(place, ""))
    ]
    if declared is not None:
        datum = parse_datum(declared)
        others = sorted({other.name for other in said} - {datum.name})
        return datum, [f"{where}: {datum.name} as declared, though a header says {others[0]}"] if others else []
    if said:
        return said[0], [f"{where}: {said[0].name}, as its header says"]
    if needs_datum(x, y):
        cell = table.grid.datum_cell
        raise DataError(undeclared(where) + (f"; choose it in {cell}" if cell else ""))
    return parse_datum("wgs84"), [f"{where}: no datum declared, taken as wgs84"]


def _numbers(values: list[Any]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _tell_missing(table: Table, found: Coordinates, north: str, faults: Faults) -> None:
    """Add a fault for each cell that is empty, and for zeros that stand for nothing."""
    x, y = found.x, found.y
    for name, numbers in ((found.column, x), (north, y)):
        place = table.column(name)
        cells = [] if place is None else table.rows.cells[place]
        for row in np.flatnonzero(np.isnan(numbers)):
            if place is None or is_missing(cells[row]):
                faults.add("coordinates", f"{table.where(name, int(row))}: no {name}; enter it, or take the row away")
    for row in np.flatnonzero((x == 0) & (y == 0)):
        faults.add(
            "coordinates", f"{table.where(found.column, int(row))}: 0, 0 is no place here; enter the coordinates"
        )
        x[row] = y[row] = np.nan


def _pair(table: Table, row: int, text: str | None, faults: Faults) -> tuple[float, float]:
    """Longitude and latitude of one cell; NaN with a fault if there are not two numbers in it."""
    where = table.where("lonlat", row)
    pieces = [piece for piece in re.split(r"[,，;；、\s]+", (text or "").strip("()（）[]")) if piece]
    if len(pieces) != 2:
        cure = "enter longitude and latitude with a comma between, as 117.2034,39.1305"
        faults.add("coordinates", f"{where}: {text!r} is not a pair; {cure}" if text else f"{where}: empty; {cure}")
        return np.nan, np.nan
    try:
        first, second = (parse_number(piece, "angle") for piece in pieces)
    except ValueError as error:
        faults.add("coordinates", f"{where}: {error}")
        return np.nan, np.nan
    return (second, first) if abs(first) <= 90 < abs(second) else (first, second)
