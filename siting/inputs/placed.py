"""Facilities of a plan, of today or of a rival, as a file lists them: their sites, and type and size where it tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siting.errors import DataError, FileError, raise_faults
from siting.inputs.tables.grid import Grid
from siting.inputs.tables.source import open_source, sheet_grid
from siting.inputs.tables.wording import plain

LAYER, TABLE = "facilities", "facilities.csv"
HEADS = {
    "id": ("id", "编号", "site", "facility_id"),
    "type": ("type", "类型"),
    "size": ("size", "规模", "规格"),
    "action": ("action", "措施"),
}
"""Heads of the columns that are read, of which a workbook of a run has two in one cell."""
CLOSED = ("close", "关停")
"""Actions of facilities that are not open."""
MOST_ROWS_ABOVE = 12
"""A header is looked for in so many rows."""


@dataclass(frozen=True)
class Placed:
    """One facility: its site, its type and size as the file writes them (None: not told), and where it stands."""

    id: str
    type: str | None
    size: str | None
    where: str


def read_placed(path: str | Path) -> tuple[Placed, ...]:
    """Read the open facilities of a file: CSV, Excel, GeoPackage or another layer, a workbook of a run, or its folder.

    Raises
    ------
    FileError
        If the file cannot be read.
    DataError
        If it has no column of ids, an id twice, or no row.
    """
    path = Path(path)
    grid = _grid(path / TABLE if path.is_dir() else path)
    header = next((row for row in range(min(MOST_ROWS_ABOVE, len(grid.rows))) if "id" in _columns(grid, row)), None)
    if header is None:
        raise DataError(f"{grid.place}: no column `id` (编号) of sites; give the ids of candidates in one")
    columns = _columns(grid, header)
    placed = tuple(_rows(grid, header, columns))
    if not placed:
        raise DataError(f"{grid.place}: no open facility in it; give one row for each")
    first: dict[str, str] = {}
    faults = [
        f"{one.where}: site {one.id} stands in {first[one.id]} already; give each once"
        for one in placed
        if first.setdefault(one.id, one.where) != one.where
    ]
    raise_faults(faults, DataError)
    return placed


def _grid(path: Path) -> Grid:
    """Return the layer of facilities, or the sheet with ids and types, or the only one there is."""
    if path.suffix.lower() == ".gpkg":
        try:
            source = open_source(path, LAYER)
        except (DataError, FileError):
            source = open_source(path)
    else:
        source = open_source(path)
    if isinstance(source, Grid):
        return source
    grids = [sheet_grid(source, name) for name in source.sheets]
    wanted = [one for one in grids if _has(one, {"id", "type", "size"})] or [one for one in grids if _has(one, {"id"})]
    if not wanted:
        raise DataError(f"{path}: no sheet with a column `id` (编号) of sites")
    return wanted[0]


def _has(grid: Grid, names: set[str]) -> bool:
    return any(names <= _columns(grid, row).keys() for row in range(min(MOST_ROWS_ABOVE, len(grid.rows))))


def _columns(grid: Grid, row: int) -> dict[str, int]:
    """Return the columns that are read, by name, if `row` is the header."""
    found: dict[str, int] = {}
    for number, cell in enumerate(grid.rows[row]):
        parts = {plain(part) for part in str(cell or "").split("\n")}
        for name, heads in HEADS.items():
            if parts & {plain(head) for head in heads}:
                found.setdefault(name, number)
    return found


def _rows(grid: Grid, header: int, columns: dict[str, int]) -> Iterator[Placed]:
    for number in range(header + 1, len(grid.rows)):
        row = grid.rows[number]
        told = {name: _text(row[column]) for name, column in columns.items()}
        if told["id"] is None or any(plain(told.get("action")) == plain(word) for word in CLOSED):
            continue
        yield Placed(told["id"], told.get("type"), told.get("size"), grid.where(number))


def _text(cell: Any) -> str | None:
    text = "" if cell is None else str(cell).strip()
    return text or None
