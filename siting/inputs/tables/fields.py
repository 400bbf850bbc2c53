"""Read a table or layer with all of its own columns, whatever they mean: places to locate, roads, shapes of a rule."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import DataError
from siting.inputs.arrays import WGS84
from siting.inputs.tables.geometry import geometry_of, is_declared
from siting.inputs.tables.grid import Grid
from siting.inputs.tables.header import find_header
from siting.inputs.tables.read import tell_repeated
from siting.inputs.tables.rows import Table, data_rows
from siting.inputs.tables.schema import Kind, Words, definition
from siting.inputs.tables.source import Book, decoded_rows, open_source, sheet_grid
from siting.inputs.tables.values import read_columns

PLACE_COLUMNS = ("lon", "lat", "x", "y", "lonlat", "wkt")
Shape = Literal["point", "any"]


def read_fields(
    path: str | Path,
    *,
    shape: Shape = "any",
    sheet: str | None = None,
    layer: str | None = None,
    datum: str | None = None,
    assumed: str | None = None,
) -> gpd.GeoDataFrame:
    """Read the rows of a table or layer in WGS-84, every column by its own header and with its cells as they are.

    Ids are texts; without a column of ids the rows are numbered from 1. `attrs["notes"]` tells what was dropped and
    assumed, `attrs["crs"]` is the CRS of a layer, and `attrs["is_declared"]` tells whether the source says its datum.

    Parameters
    ----------
    path
        As of `read_source`.
    shape
        `point` for places (of an outline a point within it), `any` for whatever shapes there are.
    sheet, layer, datum
        As of `read_source`.
    assumed
        Datum of a source that must declare one and does not; None refuses it.

    Raises
    ------
    FileError
        If the file is missing, damaged, or not what its name says.
    DataError
        If a row has no place, an id stands twice, there are several layers or sheets, or the datum is missing.
    """
    grid = _grid(open_source(Path(path), layer), sheet)
    kind = _kind(shape)
    table = data_rows(grid, find_header(grid, kind, {}), kind)
    read_columns(table)
    tell_repeated(table)
    table.faults.raise_any()
    declared = is_declared(table, datum)
    shapes = geometry_of(table, datum if datum or declared else assumed)
    table.faults.raise_any()
    frame = gpd.GeoDataFrame(_own_columns(table), geometry=list(shapes), crs=WGS84)
    crs = None if datum is not None or grid.geometry is None else grid.geometry.crs
    frame.attrs = {"notes": tuple(table.notes), "crs": crs, "is_declared": declared}
    return frame


def read_texts(path: Path) -> list[dict[str, str]]:
    """Read the rows of a CSV whose first line holds the names of its columns, every cell as text.

    Raises
    ------
    FileError, DataError
        If it cannot be read.
    """
    rows = decoded_rows(path)
    names, *lines = rows or ((),)
    return [dict(zip(map(str, names), (cell or "" for cell in line), strict=False)) for line in lines]


def _grid(source: Grid | Book, sheet: str | None) -> Grid:
    if isinstance(source, Grid):
        return source
    names = source.sheets
    if sheet is None and len(names) > 1:
        raise DataError(f"{source.file}: several sheets, {names}; keep one, or save it as CSV")
    if not names:
        raise DataError(f"{source.file}: every sheet is empty; enter a header and rows")
    return sheet_grid(source, sheet or names[0])


@functools.cache
def _kind(shape: Shape) -> Kind:
    """Return what is known of such a table: where its rows are, and the ids of places or the radii of zones."""
    column = {column.key: column for kind in definition().kinds.values() for column in kind.columns}
    keys = ("id", *PLACE_COLUMNS) if shape == "point" else (*PLACE_COLUMNS, "radius_m")
    words = Words(en="places", zh="点位") if shape == "point" else Words(en="shapes", zh="图形")
    columns = tuple(column[key] for key in keys)
    return Kind(name=words.en, sheet=words, row=words, columns=columns, required=(), shape=shape, letter="P")


def _own_columns(table: Table) -> pd.DataFrame:
    """Return every column under its own header; ids as the reader has them."""
    grid, header = table.grid, table.header
    columns: dict[str, Any] = {}
    for place, text in header.texts.items():
        columns.setdefault(text, [grid.rows[row][place] for row in table.numbers])
    numbers = [str(number + 1) for number in range(len(table.numbers))]
    columns["id"] = [numbers[row] if one is None else one for row, one in enumerate(table.values.get("id", numbers))]
    frame = pd.DataFrame(columns, dtype=object, index=np.arange(len(numbers)))
    return frame.drop(columns="geometry", errors="ignore").infer_objects()
