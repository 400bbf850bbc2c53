"""The geometry of a source, wherever it stands: shapes of a layer, well-known text, or columns of coordinates."""

from __future__ import annotations

import re
import warnings

import numpy as np
import numpy.typing as npt
import shapely

from siting.errors import DataError
from siting.inputs.datums import CHOICES, Datum, needs_datum, parse_datum, undeclared
from siting.inputs.tables.numbers import is_missing, parse_number
from siting.inputs.tables.rows import Table
from siting.inputs.tables.shapes import Shapes, checked, converted, converted_from_crs, fitted, with_circles
from siting.inputs.tables.wording import plain

FloatArray = npt.NDArray[np.float64]
DATUM_WORDS = (
    *("高德", "腾讯", "火星", "gcj02", "gcj-02", "百度", "bd09", "bd-09"),
    *("wgs84", "wgs-84", "cgcs2000", "国家2000"),
)
PAIRS = (("lon", "lat"), ("x", "y"))


def geometry_of(table: Table, declared: str | None) -> Shapes:
    """Return one shape for each row, in WGS-84; `area_m2` of rows that are outlines is filled into the table's values.

    Raises
    ------
    DataError
        If the source says nowhere where its rows are, or must declare its datum and does not.
    """
    if table.grid.geometry is not None:
        shapes = _of_layer(table, declared)
    elif any(text is not None for text in table.values.get("wkt", ())):
        shapes = _of_texts(table, declared)
    else:
        shapes = _of_columns(table, declared)
    if not table.faults.by_column:
        shapes = checked(table, shapes)
    if table.faults.by_column:
        return shapes
    return fitted(table, with_circles(table, shapes) if table.kind.column("radius_m") is not None else shapes)


def is_declared(table: Table, declared: str | None) -> bool:
    """Return whether the datum is declared: by `declared`, by the file's CRS, or in a header."""
    if declared is not None or _said(table):
        return True
    return table.grid.geometry is not None and not table.grid.has_default_crs


def _of_layer(table: Table, declared: str | None) -> Shapes:
    """Return the shapes of a layer: in the declared datum, else in its own CRS."""
    grid = table.grid
    assert grid.geometry is not None
    shapes, crs = np.asarray(grid.geometry.to_numpy(), dtype=object), grid.geometry.crs
    if declared is not None:
        datum = parse_datum(declared)
        is_same = not datum.shift and crs is not None and crs.to_epsg() == int(datum.crs.removeprefix("EPSG:"))
        if crs is not None and not is_same:
            table.note(f"read as {datum.name}, as declared, not as its CRS {crs.name}")
        return converted(table, shapes, datum)
    if crs is None:
        what = "no .prj beside it that can be read" if grid.file.lower().endswith(".shp") else "no CRS in it"
        raise DataError(f"{grid.place}: {what}, so where it lies is not known; declare `datum:`, one of {CHOICES}")
    if grid.has_default_crs and needs_datum(*shapely.get_coordinates(shapes).T):
        raise DataError(f"{undeclared(grid.place)}; the file names no CRS, and that of its format is no declaration")
    if crs.to_epsg() is None:
        return converted_from_crs(table, shapes, crs)
    try:
        datum = parse_datum(f"EPSG:{crs.to_epsg()}")
    except ValueError as error:
        raise DataError(f"{grid.place}: {error}") from error
    return converted(table, shapes, datum)


def _of_texts(table: Table, declared: str | None) -> Shapes:
    """Return the shapes of the column of well-known text; rows without one take their coordinates."""
    texts = table.values["wkt"]
    shapes = np.full(len(texts), None, dtype=object)
    for row, text in enumerate(texts):
        if text is None:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                shapes[row] = shapely.from_wkt(str(text))
        except shapely.GEOSException:
            what = f"{str(text)[:40]!r} is not well-known text such as POINT (117.2 39.1); copy it again"
            table.fault("geometry", what, row=row, cell="wkt")
    datum = datum_of(table, declared, *shapely.get_coordinates(shapes).T)
    for row, text in enumerate(texts):
        lon, lat = (table.values[name][row] if name in table.values else None for name in ("lon", "lat"))
        if text is None and lon is not None and lat is not None:
            shapes[row] = shapely.Point(lon, lat)
    return converted(table, shapes, datum)


def _of_columns(table: Table, declared: str | None) -> Shapes:
    """Return the points of the columns of coordinates.

    Of a table with degrees and metres those are taken that the declared datum is in.
    """
    values = table.values
    is_metric = declared is not None and not parse_datum(declared).is_degrees
    pair = next((pair for pair in (reversed(PAIRS) if is_metric else PAIRS) if set(pair) <= set(values)), None)
    if pair is not None:
        x, y = (np.array([np.nan if cell is None else cell for cell in values[name]], dtype=float) for name in pair)
        _tell_missing(table, pair, x, y)
    elif "lonlat" in values:
        x, y = np.array([_pair(table, row, text) for row, text in enumerate(values["lonlat"])], dtype=float).T
    else:
        _tell_no_columns(table)
        return np.array([], dtype=object)
    datum = datum_of(table, declared, x, y)
    points = np.asarray(shapely.points(x, y))
    return converted(table, points, datum, column="coordinates", cell=pair[0] if pair else "lonlat")


def _tell_no_columns(table: Table) -> None:
    lone = [name for pair in PAIRS for name in pair if name in table.values]
    if lone:
        table.fault("coordinates", f"a column for {lone[0]} but none for its other half; add or map it")
    elif not table.faults.by_column:
        is_point = table.kind.shape == "point"
        ways = "经度 and 纬度, 经纬度, or X坐标 and Y坐标" if is_point else "几何WKT, or give a layer file"
        headers = list(table.header.texts.values())
        raise DataError(
            f"{table.grid.place}: nothing says where its rows are; add columns {ways}; the headers are {headers}"
        )


def datum_of(table: Table, declared: str | None, x: FloatArray, y: FloatArray) -> Datum:
    """Return the datum of a table's coordinates: as declared, as its headers say, or WGS-84 outside China.

    Raises
    ------
    DataError
        If the table must declare its datum and does not; the choices are listed.
    ConfigError
        If `declared` names no datum.
    """
    said = _said(table)
    if declared is not None:
        datum = parse_datum(declared)
        others = sorted({other.name for other in said} - {datum.name})
        if others:
            table.note(f"{datum.name} as declared, though a header says {others[0]}")
        return datum
    if said:
        table.note(f"{said[0].name}, as its header says")
        return said[0]
    if needs_datum(x, y):
        cell = table.grid.datum_cell
        raise DataError(undeclared(table.grid.place) + (f"; choose it in {cell}" if cell else ""))
    table.note("no datum declared, taken as wgs84")
    return parse_datum("wgs84")


def _said(table: Table) -> list[Datum]:
    """Return the datums that the headers of coordinates name."""
    return [
        parse_datum(word)
        for place, match in table.header.columns.items()
        for word in DATUM_WORDS
        if match.column.is_place and word in plain(table.header.texts.get(place, ""))
    ]


def _tell_missing(table: Table, pair: tuple[str, str], x: FloatArray, y: FloatArray) -> None:
    """Add a fault for each cell that is empty, and for zeros that stand for nothing."""
    for name, numbers in zip(pair, (x, y), strict=True):
        place = table.place_of(name)
        for row in np.flatnonzero(np.isnan(numbers)):
            if place is None or is_missing(table.cells[place][row]):
                table.fault("coordinates", f"no {name}; enter it, or take the row away", row=row, cell=name)
    for row in np.flatnonzero((x == 0) & (y == 0)):
        table.fault("coordinates", "0, 0 is no place here; enter the coordinates", row=row, cell=pair[0])
        x[row] = y[row] = np.nan


def _pair(table: Table, row: int, text: str | None) -> tuple[float, float]:
    """Return the longitude and latitude of one cell; NaN with a fault if there are not two numbers in it."""
    pieces = [piece for piece in re.split(r"[,，;；、\s]+", (text or "").strip("()（）[]")) if piece]
    try:
        if len(pieces) != 2:
            found = f"{text!r} is not a pair" if text else "empty"
            raise ValueError(f"{found}; enter longitude and latitude with a comma between, as 117.2034,39.1305")
        first, second = (parse_number(piece, "angle") for piece in pieces)
    except ValueError as error:
        table.fault("coordinates", str(error), row=row, cell="lonlat")
        return np.nan, np.nan
    return (second, first) if abs(first) <= 90 < abs(second) else (first, second)
