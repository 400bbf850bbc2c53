"""Finds the rows of a header: below titles, over merged cells, with a row of units below or of groups above."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siting.errors import DataError
from siting.inputs.tables.grid import Cell, Grid, Merge
from siting.inputs.tables.match import recognise
from siting.inputs.tables.schema import Column, Kind
from siting.inputs.tables.units import is_unit
from siting.inputs.tables.wording import plain

ROWS_LOOKED_AT = 40


def is_headed(grid: Grid, kind: Kind) -> bool:
    """Whether a grid has a header that fits the kind: what it requires, or three of its columns."""
    rows = [
        {match.column.key for cell in row if isinstance(cell, str) and (match := recognise(cell, kind)) is not None}
        for row in grid.rows[:ROWS_LOOKED_AT]
    ]
    return any(len(found) >= 3 or bool(kind.required and set(kind.required) <= found) for found in rows)


def rows_of_header(
    grid: Grid, kind: Kind, mapping: Mapping[str, str], anchors: Mapping[Cell, Merge]
) -> tuple[int, int]:
    """First and last row of the header: the row that means most, and those that belong to it."""
    wanted = {plain(header) for header in mapping.values()}
    scores = [_score(row, kind, wanted) for row in grid.rows[:ROWS_LOOKED_AT]]
    best = max(range(len(scores)), key=lambda row: scores[row])
    if scores[best] == 0:
        raise DataError(_no_header(grid, kind))
    top = bottom = best
    for column in range(grid.n_columns):
        merge = anchors.get((best, column))
        if merge is not None and merge.bottom - merge.top < 4 and not _is_title(grid, merge):
            top, bottom = min(top, merge.top), max(bottom, min(merge.bottom, len(grid.rows) - 1))
    if bottom == best and _goes_on(grid, kind, best + 1):
        bottom = best + 1
    if top == best and best > 0 and _is_group_row(grid, best - 1, anchors):
        top = best - 1
    return top, bottom


def _score(row: tuple[Any, ...], kind: Kind, wanted: set[str]) -> int:
    texts = [cell for cell in row if isinstance(cell, str)]
    known = {match.column.name for text in texts if len(text) < 60 and (match := recognise(text, kind)) is not None}
    return len(known) + 2 * sum(plain(text) in wanted for text in texts)


def _goes_on(grid: Grid, kind: Kind, row: int) -> bool:
    """Whether the row below belongs to the header too: only headers or units in it, and a blank above one of them."""
    if row >= len(grid.rows):
        return False
    cells = [(column, cell) for column, cell in enumerate(grid.rows[row]) if cell is not None]
    if not cells or any(not isinstance(cell, str) for _, cell in cells):
        return False
    quantities = {column.quantity for column in kind.columns if column.quantity is not None}
    if all(any(is_unit(quantity, cell.strip("()（） ")) for quantity in quantities) for _, cell in cells):
        return True
    above = grid.rows[row - 1]
    known = [column for column, cell in cells if recognise(cell, kind) is not None]
    return len(known) >= 2 and len(known) == len(cells) and any(above[column] is None for column in known)


def _is_group_row(grid: Grid, row: int, anchors: Mapping[Cell, Merge]) -> bool:
    """Whether a row above the header holds headers of groups of columns, not a title."""
    merges = [merge for column in range(grid.n_columns) if (merge := anchors.get((row, column))) is not None]
    if any(merge.right > merge.left and not _is_title(grid, merge) for merge in merges):
        return True
    texts = [cell for cell in grid.rows[row] if isinstance(cell, str)]
    return not grid.merges and len(texts) >= 2 and not any(_unit_lines(text) for text in texts)


def _is_title(grid: Grid, merge: Merge) -> bool:
    """Whether a merge is as wide as most of the table."""
    return merge.right - merge.left + 1 > max(2, 0.7 * grid.n_columns)


def units_above(grid: Grid, top: int) -> tuple[str, ...]:
    """Units of a line such as 单位：吨/年、万元 above the header."""
    lines = [unit for row in grid.rows[:top] for cell in row if isinstance(cell, str) for unit in _unit_lines(cell)]
    return tuple(lines)


def _unit_lines(text: str) -> list[str]:
    before, colon, behind = plain(text).partition(":")
    if not colon or not before.endswith(("单位", "unit", "units")):
        return []
    return [piece.strip("()") for piece in behind.replace("、", ",").split(",") if piece.strip("()")]


def _no_header(grid: Grid, kind: Kind) -> str:
    first = next((row for row in grid.rows if sum(cell is not None for cell in row) > 1), grid.rows[0])
    seen = [str(cell) for cell in first if cell is not None][:8]
    wanted = ", ".join(_spoken(column) for column in kind.template_columns)
    return (
        f"{grid.place}: no header of a table of {kind.name} in the first {ROWS_LOOKED_AT} rows, the first row holds"
        f" {seen}; head the columns {wanted}, or map them with `columns:`"
    )


def _spoken(column: Column) -> str:
    return f"{column.header.zh} ({column.name})"
