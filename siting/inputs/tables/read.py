"""Read one table or layer of a planner into the canonical frame of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import ConfigError, DataError
from siting.inputs.tables.geometry import geometry_of
from siting.inputs.tables.grid import Grid
from siting.inputs.tables.header import find_header, is_headed
from siting.inputs.tables.names import district_codes
from siting.inputs.tables.rows import Table, data_rows
from siting.inputs.tables.schema import Column, Kind, kind_of
from siting.inputs.tables.source import Book, open_source, sheet_grid
from siting.inputs.tables.values import read_columns
from siting.inputs.tables.wording import did_you_mean, plain

WGS84 = "EPSG:4326"


def read_source(
    path: str | Path,
    kind: str,
    *,
    sheet: str | None = None,
    columns: Mapping[str, str] | None = None,
    datum: str | None = None,
    layer: str | None = None,
) -> gpd.GeoDataFrame:
    """Return the rows of a table or layer, in WGS-84, with every canonical column of its kind (missing: None or NaN).

    `attrs["notes"]` tells what was dropped, converted and assumed.

    Parameters
    ----------
    path
        CSV, TSV, Excel (.xlsx), GeoPackage, GeoJSON, Shapefile (also zipped) or GeoParquet.
    kind
        `demand`, `candidates`, `facilities`, `generators`, `exclusion`, `districts`, or `census`, which comes without
        geometry, as a plain frame.
    sheet, layer
        Which sheet of a workbook, which layer of a file with several; may be left out where it is clear.
    columns
        Name of a canonical column → header in the source, or `=value` for the same value in every row. Columns that
        are not named are found by their usual headers, English or Chinese.
    datum
        What the coordinates are in (see `siting.inputs.datums`); left out: what the file says, which a table of
        coordinates in China must.

    Raises
    ------
    FileError
        If the file is missing, damaged, or not what its name says.
    DataError
        If cells cannot be used: all of them in one list, with file, sheet and cell.
    ConfigError
        If the kind, a mapped column, or the datum is not known, or a sheet is named of a file without sheets.
    """
    meaning = kind_of(kind)
    source = open_source(Path(path), layer)
    if sheet is not None and isinstance(source, Grid):
        raise ConfigError(f"{source.file}: sheet {sheet!r}: only workbooks have sheets; take `sheet:` away")
    if layer is not None and not isinstance(source, Grid):
        raise ConfigError(f"{source.file}: layer {layer!r}: a workbook has sheets; name one with `sheet:`")
    grid = source if isinstance(source, Grid) else sheet_grid(source, _sheet(source, meaning, sheet))
    return read_grid(grid, meaning, columns=columns or {}, datum=datum)


def read_grid(
    grid: Grid, kind: Kind, *, columns: Mapping[str, str], datum: str | None, districts: pd.DataFrame | None = None
) -> gpd.GeoDataFrame:
    """Return the canonical frame of rows of cells; as `read_source`. A district that `districts` has not is a fault."""
    table = data_rows(grid, find_header(grid, kind, columns), kind)
    read_columns(table)
    _leave_out_empty_ids(table)
    tell_absent(table)
    tell_repeated(table)
    if districts is not None:
        tell_strangers(table, districts)
    shapes = geometry_of(table, datum) if kind.shape else None
    table.faults.raise_any()
    _tell_unused(table)
    frame = pd.DataFrame({column.name: _series(column, table) for column in kind.columns if not column.is_place})
    if kind.letter is not None and "id" not in table.values:
        frame["id"] = [f"{kind.letter}{number:05d}" for number in range(1, len(frame) + 1)]
        table.note(f"no column of ids; {frame['id'].iloc[0]} … {frame['id'].iloc[-1]} given")
    if kind.name == "facilities":
        frame["role"] = frame["role"].fillna("existing")
    if shapes is not None:
        frame = gpd.GeoDataFrame(frame, geometry=list(shapes), crs=WGS84)
    frame.attrs["notes"] = tuple(table.notes)
    return frame


def _leave_out_empty_ids(table: Table) -> None:
    """Take a column of ids in which no row has one, as in a template filled in without them, for no column."""
    is_faulty = any(column == "id" for column, _ in table.faults.cells)
    if table.kind.letter is not None and not is_faulty and all(one is None for one in table.values.get("id", [])):
        table.values.pop("id", None)


def _sheet(book: Book, kind: Kind, sheet: str | None) -> str:
    """Choose the sheet: the named one, the only one, the one named after the kind, or the only one with its header."""
    if sheet is not None:
        named = next((str(name) for name in book.values.sheetnames if plain(name) == plain(sheet)), None)
        if named is None:
            near = did_you_mean(sheet, book.sheets)
            raise DataError(f"{book.file}: no sheet {sheet!r}; {near}its sheets are {book.sheets}")
        return named
    if not book.sheets:
        raise DataError(f"{book.file}: every sheet is empty; enter a header and rows")
    if len(book.sheets) == 1:
        return book.sheets[0]
    fitting = [name for name in book.sheets if kind.is_called(name)] or [
        name for name in book.sheets if is_headed(sheet_grid(book, name), kind)
    ]
    if len(fitting) == 1:
        return fitting[0]
    raise DataError(f"{book.file}: which sheet holds {kind.name}? name it with `sheet:`, of {fitting or book.sheets}")


def _series(column: Column, table: Table) -> Any:
    """Return the values with their type: whole numbers only where none is missing."""
    cells = table.values.get(column.name, [None] * len(table.numbers))
    if not column.is_number:
        return pd.Series(cells, dtype=object)
    numbers = np.array([np.nan if cell is None else float(cell) for cell in cells], dtype=np.float64)
    if column.type == "integer" and not np.isnan(numbers).any():
        return numbers.astype(np.int64)
    return numbers


def _tell_unused(table: Table) -> None:
    """Note the columns that are not read."""
    used = table.header.columns
    texts = [text for place, text in table.header.texts.items() if place not in used]
    if table.grid.geometry is not None:
        texts += [match.column.header.zh for match in used.values() if match.column.is_place]
    if texts:
        table.note(f"columns not used: {', '.join(texts)}")


def tell_absent(table: Table) -> None:
    """Add a fault for every required column that is not there and every required cell that is empty."""
    kind, values = table.kind, table.values
    names = {column.key: column for column in kind.columns}
    texts = list(table.header.texts.values())
    needed = [(key,) for key in kind.required] + ([kind.one_of] if kind.one_of else [])
    needed += [(key,) for key in kind.asked if key not in kind.one_of and names[key].name in values]
    for choice in ([names[key] for key in keys] for keys in needed):
        spoken = " or ".join(f"{column.header.zh} ({column.name})" for column in choice)
        given = [column.name for column in choice if column.name in values]
        if not given and not any(column.name in table.faults.by_column for column in choice):
            near = did_you_mean(choice[0].header.zh, texts) or did_you_mean(choice[0].name, texts)
            cure = f"{near}map it with `columns: {{{choice[0].name}: …}}`; the headers are {texts}"
            table.fault(choice[0].name, f"no column for {spoken}; {cure}")
            continue
        for row, cells in enumerate(zip(*(values[name] for name in given), strict=True)):
            if all(cell is None for cell in cells) and (given[0], table.numbers[row]) not in table.faults.cells:
                table.fault(given[0], f"empty; {spoken} is needed in every row", row=row)


def tell_repeated(table: Table) -> None:
    """Add a fault for every id that is empty or given twice."""
    kind = table.kind
    column = next((column for column in kind.columns if column.type == "id"), None)
    if column is None or column.name not in table.values or (kind.letter is None and column.key not in kind.one_of):
        return
    name, seen = column.name, dict[str, int]()
    for row, value in enumerate(table.values[name]):
        if value is None:
            if kind.letter and (name, table.numbers[row]) not in table.faults.cells:
                table.fault(name, f"no {name}; give every row its own, or none at all", row=row)
        elif value in seen:
            first = table.where(seen[value], name).rpartition(", ")[2]
            table.fault(name, f"{name} {value!r} stands in {first} already; make them unique", row=row)
        else:
            seen[value] = row


def tell_strangers(table: Table, districts: pd.DataFrame) -> None:
    """Add a fault for every district that is not in the list of districts."""
    names = table.values.get("district", [])
    column = next((column for column in ("name_zh", "name", "name_en") if column in districts), "code")
    known = [str(one) for one in districts[column]]
    for row, (name, code) in enumerate(zip(names, district_codes(names, districts), strict=True)):
        if name is not None and code is None:
            told = f"{name!r} is no district; {did_you_mean(name, known)}choose from {', '.join(known)}"
            table.fault("district", told, row=row)
