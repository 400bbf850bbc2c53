"""Finds the header of a table, over one row or several, and what each of its columns means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from siting.errors import ConfigError, DataError, raise_faults
from siting.inputs.tables.faults import raise_each
from siting.inputs.tables.grid import Cell, Grid, Merge, cell_name
from siting.inputs.tables.headerrows import rows_of_header, units_above
from siting.inputs.tables.match import Match, read_as, recognise
from siting.inputs.tables.schema import Kind
from siting.inputs.tables.wording import did_you_mean, plain

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
    """The header of a table of this kind; `mapping` is column name → header, or `=value` for the same in all rows.

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
    _check_names(kind, mapping)
    anchors = grid.anchors()
    top, bottom = (0, 0) if grid.is_layer else rows_of_header(grid, kind, mapping, anchors)
    parts = {column: _parts(grid, anchors, column, top=top, bottom=bottom) for column in range(grid.n_columns)}
    texts = {column: " ".join(pieces) for column, pieces in parts.items() if pieces}
    mapped, constants = _mapped(grid, kind, mapping, parts)
    meant = {column: _meaning(pieces, kind) for column, pieces in parts.items() if pieces and column not in mapped}
    found = {
        column: match for column, match in meant.items() if match is not None and _is_free(match, mapped, constants)
    }
    raise_each("header", _merge_faults(grid, anchors, bottom, mapped | found))
    chosen, notes = _one_of_each(grid, bottom, found, texts)
    return Header(bottom, mapped | chosen, texts, constants, units_above(grid, top), tuple(notes))


def _check_names(kind: Kind, mapping: Mapping[str, str]) -> None:
    names = [column.name for column in kind.columns]
    faults = [
        f"columns: {name!r} is no column of {kind.name}; {did_you_mean(name, names)}its columns are {names}"
        for name in mapping
        if name not in names
    ]
    raise_faults(faults, ConfigError)


def _parts(grid: Grid, anchors: Mapping[Cell, Merge], column: int, *, top: int, bottom: int) -> list[str]:
    """The texts of the header over a column, from the top down, each merge once."""
    pieces: list[str] = []
    seen: set[Merge] = set()
    for row in range(top, bottom + 1):
        merge = anchors.get((row, column))
        if merge is not None and merge in seen:
            continue
        if merge is not None:
            seen.add(merge)
        cell = grid.rows[row][column] if merge is None else grid.rows[merge.top][merge.left]
        if cell is not None and str(cell).strip():
            pieces.append(" ".join(str(cell).split()))
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
    """The columns and the constants of the user's mapping."""
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
    """Whether a column bears this header: whole, in its lowest row, or without what stands in brackets."""
    spellings = {plain("".join(pieces)), *(plain(piece) for piece in pieces[-1:])} if pieces else set()
    spellings |= {text.partition("(")[0] for text in spellings}
    return plain(header) in spellings


def _is_free(match: Match, mapped: Mapping[int, Match], constants: Mapping[str, str]) -> bool:
    """Whether the user has not given the column another header or a value."""
    return match.column.name not in {other.column.name for other in mapped.values()} | set(constants)


def _merge_faults(grid: Grid, anchors: Mapping[Cell, Merge], bottom: int, found: Mapping[int, Match]) -> list[str]:
    """Headers merged over several columns with nothing below that tells these apart."""
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
    """For each column of the kind the header that means it most surely; others are told, equals are faults."""
    chosen: dict[int, Match] = {}
    notes, faults = [], []
    by_column: dict[str, list[int]] = {}
    for place, match in found.items():
        by_column.setdefault(match.column.name, []).append(place)
    for name, places in by_column.items():
        first, *others = sorted(places, key=lambda place: _preference(found[place], texts[place]))
        chosen[first] = found[first]
        equal = [
            place
            for place in others
            if _preference(found[place], texts[place]) == _preference(found[first], texts[first])
        ]
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
