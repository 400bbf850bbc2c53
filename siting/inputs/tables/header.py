"""Find the header of a table, over one row or several, below titles, and the meaning of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from siting.errors import ConfigError, DataError, raise_faults
from siting.inputs.tables.faults import raise_each
from siting.inputs.tables.grid import Cell, Grid, Merge, cell_name
from siting.inputs.tables.match import Match, read_as, recognise
from siting.inputs.tables.schema import Kind
from siting.inputs.tables.units import is_unit
from siting.inputs.tables.wording import did_you_mean, plain

ROWS_LOOKED_AT = 40
LONGEST_HEADER = 60
MOST_HEADERS = 30
OTHER_NAMES = {"geometry": "wkt"}


@dataclass(frozen=True)
class Header:
    """A header: its last row (`bottom`), the meaning of its columns, and what was left aside.

    `constants` are the columns that the user gave one value for all rows; `units` the units that stand above the table.
    """

    bottom: int
    columns: dict[int, Match]
    texts: dict[int, str]
    constants: dict[str, str] = field(default_factory=dict)
    units: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_header(grid: Grid, kind: Kind, mapping: Mapping[str, str]) -> Header:
    """Find the header of a table of this kind; `mapping` is column name → header, or `=value` for a constant.

    Raises
    ------
    DataError
        If there is no header, a merged one cannot be understood, or two columns mean the same.
    ConfigError
        If the mapping names a column or header that does not exist.
    """
    if not grid.rows or (grid.is_layer and len(grid.rows) == 1):
        raise DataError(f"{grid.place}: empty; give a table with a header and at least one row")
    mapping = {OTHER_NAMES.get(name, name): header for name, header in mapping.items()}
    names = [column.name for column in kind.columns]
    unknown = [
        f"columns: {name!r} is no column of {kind.name}; {did_you_mean(name, names)}its columns are {names}"
        for name in mapping
        if name not in names
    ]
    raise_faults(unknown, ConfigError)
    anchors = grid.anchors()
    top, bottom = (0, 0) if grid.is_layer else _rows_of_header(grid, kind, mapping, anchors)
    parts = {column: _parts(grid, anchors, column, top=top, bottom=bottom) for column in range(grid.n_columns)}
    texts = {column: " ".join(pieces) for column, pieces in parts.items() if pieces}
    mapped, constants = _mapped(grid, kind, mapping, parts)
    given = {match.column.name for match in mapped.values()} | set(constants)
    meant = {column: _meaning(pieces, kind) for column, pieces in parts.items() if pieces and column not in mapped}
    found = {column: match for column, match in meant.items() if match is not None and match.column.name not in given}
    raise_each("header", _merge_faults(grid, anchors, bottom, mapped | found))
    units = tuple(
        unit for row in grid.rows[:top] for cell in row if isinstance(cell, str) for unit in _unit_lines(cell)
    )
    chosen, notes = _one_of_each(grid, bottom, found, texts)
    return Header(bottom, mapped | chosen, texts, constants, units, tuple(notes))


def _parts(grid: Grid, anchors: Mapping[Cell, Merge], column: int, *, top: int, bottom: int) -> list[str]:
    """Return the texts of the header over a column, from the top down, each merge once."""
    pieces: list[str] = []
    seen: set[Merge] = set()
    for row in range(top, bottom + 1):
        merge = anchors.get((row, column), Merge(row, column, row, column))
        cell = grid.rows[merge.top][merge.left]
        if merge not in seen and cell is not None and str(cell).strip():
            pieces.append(" ".join(str(cell).split()))
        seen.add(merge)
    return pieces


def _meaning(pieces: list[str], kind: Kind) -> Match | None:
    """Return the meaning of stacked headers: the lowest alone, with those above it, or the highest alone."""
    stacks = [pieces[-number:] for number in range(2, len(pieces) + 1)]
    joined = [text for stack in stacks for text in ("".join(stack), "".join(reversed(stack)))]
    for text in (pieces[-1], *joined, pieces[0]):
        match = recognise(text, kind)
        if match is None:
            continue
        if match.column.quantity and not match.unit and len(pieces) > 1:
            lent = read_as("".join(pieces), match.column)
            return replace(match, unit=lent.unit, period=match.period or lent.period)
        return match
    return None


def _mapped(
    grid: Grid, kind: Kind, mapping: Mapping[str, str], parts: Mapping[int, list[str]]
) -> tuple[dict[int, Match], dict[str, str]]:
    """Return the columns and the constants of the user's mapping."""
    columns, constants, faults = {}, {}, []
    for name, header in mapping.items():
        column = kind.column(name)
        assert column is not None
        if str(header).startswith("="):
            constants[name] = str(header)[1:]
            continue
        places = [place for place, pieces in parts.items() if _is_called(pieces, str(header))]
        if len(places) == 1:
            columns[places[0]] = read_as("".join(parts[places[0]]), column)
            continue
        known = [" ".join(pieces) for pieces in parts.values() if pieces][:MOST_HEADERS]
        what = "no column is headed so" if not places else f"{len(places)} columns are headed so"
        near = did_you_mean(str(header), [*known, *(piece for pieces in parts.values() for piece in pieces)])
        faults.append(f"{grid.place}: columns: {name}: {header!r}: {what}; {near}headers are {known}")
    raise_faults(faults, ConfigError)
    return columns, constants


def _is_called(pieces: list[str], header: str) -> bool:
    """Return whether a column bears this header: whole, in its lowest row, or without what stands in brackets."""
    spellings = {plain("".join(pieces)), *(plain(piece) for piece in pieces[-1:])} if pieces else set()
    spellings |= {text.partition("(")[0] for text in spellings}
    return plain(header) in spellings


def _merge_faults(grid: Grid, anchors: Mapping[Cell, Merge], bottom: int, found: Mapping[int, Match]) -> list[str]:
    """Return the headers merged over several columns with nothing below that tells these apart."""
    wide = {anchors[bottom, column] for column in found if (bottom, column) in anchors}
    return [
        f"{grid.block(merge)}: header {grid.rows[merge.top][merge.left]!r} is merged over"
        f" {merge.right - merge.left + 1} columns and none has its own; unmerge it and give each column its header"
        for merge in sorted(wide, key=lambda merge: merge.left)
        if merge.right > merge.left
    ]


def _one_of_each(
    grid: Grid, bottom: int, found: Mapping[int, Match], texts: Mapping[int, str]
) -> tuple[dict[int, Match], list[str]]:
    """Return for each column the best matching header; report others, and ties as faults."""
    chosen: dict[int, Match] = {}
    notes, faults = [], []
    by_column: dict[str, list[int]] = {}
    for place, match in found.items():
        by_column.setdefault(match.column.name, []).append(place)
    for name, places in by_column.items():
        first, *others = sorted(places, key=lambda place: _preference(found[place], texts[place]))
        chosen[first] = found[first]
        best = _preference(found[first], texts[first])
        equal = [place for place in others if _preference(found[place], texts[place]) == best]
        if equal:
            cells = " and ".join(f"{cell_name(bottom, place)} {texts[place]!r}" for place in (first, *equal))
            faults.append(f"{grid.place}, cells {cells}: both mean {name}; say which in `columns: {{{name}: …}}`")
        notes += [f"{grid.place}: {name} is {texts[first]!r}; {texts[place]!r} not used" for place in others]
    raise_each("header", faults)
    return chosen, notes


def _preference(match: Match, text: str) -> tuple[int, int, str]:
    """Return the sort key of a match: the surest name first, then a figure by the year."""
    by_year = match.period == "year" or "年" in text or "year" in text.lower()
    return match.rank, 0 if by_year else 1, "" if match.column.quantity is None else match.unit


def is_headed(grid: Grid, kind: Kind) -> bool:
    """Return whether a grid has a header that fits the kind: what it requires, or three of its columns."""
    rows = (_known(row, kind) for row in grid.rows[:ROWS_LOOKED_AT])
    return any(len(found) >= 3 or bool(kind.required and set(kind.required) <= found) for found in rows)


def _known(row: tuple[Any, ...], kind: Kind) -> set[str]:
    """Return the keys of the columns that the cells of a row mean."""
    texts = (cell for cell in row if isinstance(cell, str) and len(cell) < LONGEST_HEADER)
    return {match.column.key for text in texts if (match := recognise(text, kind)) is not None}


def _rows_of_header(
    grid: Grid, kind: Kind, mapping: Mapping[str, str], anchors: Mapping[Cell, Merge]
) -> tuple[int, int]:
    """Return first and last row of the header: the row with the most matches and those that belong to it."""
    wanted = {plain(header) for header in mapping.values()}
    scores = [
        len(_known(row, kind)) + 2 * sum(isinstance(cell, str) and plain(cell) in wanted for cell in row)
        for row in grid.rows[:ROWS_LOOKED_AT]
    ]
    best = max(range(len(scores)), key=lambda row: scores[row])
    if scores[best] == 0:
        first = next((row for row in grid.rows if sum(cell is not None for cell in row) > 1), grid.rows[0])
        wanted_columns = ", ".join(f"{column.header.zh} ({column.name})" for column in kind.template_columns)
        raise DataError(
            f"{grid.place}: no header of a table of {kind.name} in the first {ROWS_LOOKED_AT} rows, the first row holds"
            f" {[str(cell) for cell in first if cell is not None][:8]}; head the columns {wanted_columns}, or map them"
            " with `columns:`"
        )
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


def _goes_on(grid: Grid, kind: Kind, row: int) -> bool:
    """Return whether the row below is part of the header: only headers or units, and a blank above one of them."""
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
    """Return whether a row above the header holds headers of groups of columns, not a title."""
    merges = [merge for column in range(grid.n_columns) if (merge := anchors.get((row, column))) is not None]
    if any(merge.right > merge.left and not _is_title(grid, merge) for merge in merges):
        return True
    texts = [cell for cell in grid.rows[row] if isinstance(cell, str)]
    return not grid.merges and len(texts) >= 2 and not any(_unit_lines(text) for text in texts)


def _is_title(grid: Grid, merge: Merge) -> bool:
    """Return whether a merge is as wide as most of the table."""
    return merge.right - merge.left + 1 > max(2, 0.7 * grid.n_columns)


def _unit_lines(text: str) -> list[str]:
    """Return the units of a line such as 单位：吨/年、万元."""
    before, colon, behind = plain(text).partition(":")
    if not colon or not before.endswith(("单位", "unit", "units")):
        return []
    return [piece.strip("()") for piece in behind.replace("、", ",").split(",") if piece.strip("()")]
