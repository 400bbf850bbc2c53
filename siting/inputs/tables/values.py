"""Turns cells into the values of the canonical columns, and lists every cell that cannot be turned."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from siting.inputs.tables.faults import Faults
from siting.inputs.tables.grid import Grid
from siting.inputs.tables.header import Header
from siting.inputs.tables.match import Match, scale_of
from siting.inputs.tables.numbers import NoUnitError, as_id, is_missing, parse_number, refuse_formula
from siting.inputs.tables.rows import Rows
from siting.inputs.tables.schema import Column
from siting.inputs.tables.wording import did_you_mean, tidy

SEPARATORS = re.compile(r"[,，、;；/|\n]+")


@dataclass
class Reader:
    """Reader of one column: its scale is found once, its faults and notes are gathered."""

    grid: Grid
    match: Match
    place: int
    text: str
    factor: float | None = 1.0
    unknown: set[str] = field(default_factory=set)
    n_rounded: int = 0
    n_bare: int = 0

    @property
    def column(self) -> Column:
        """The column that is read."""
        return self.match.column


def read_columns(grid: Grid, header: Header, rows: Rows, faults: Faults) -> tuple[dict[str, list[Any]], list[str]]:
    """Values by column name, one for each row, None where missing; and notes on what was converted or assumed."""
    values: dict[str, list[Any]] = {}
    notes: list[str] = []
    for place, match in header.columns.items():
        reader = Reader(grid, match, place, header.texts.get(place, match.column.name))
        try:
            reader.factor, assumed = scale_of(match, header.units)
        except ValueError as error:
            faults.add(match.column.name, f"{grid.where(header.bottom, place)} ({reader.text}): {error}")
            continue
        cells = zip(rows.numbers, rows.cells[place], strict=True)
        values[match.column.name] = [_value(reader, cell, row, faults) for row, cell in cells]
        notes += _notes(reader, assumed)
        if reader.n_bare > 1:
            faults.add(
                match.column.name, f"{grid.place}, column {reader.text}: {reader.n_bare - 1} more cells without unit"
            )
        faults.extend(match.column.name, _all_numbers(reader, values[match.column.name]))
    for name, value in header.constants.items():
        values[name] = [value] * len(rows.numbers)
    return values, notes


def _value(reader: Reader, cell: Any, row: int, faults: Faults) -> Any:
    if is_missing(cell):
        return None
    try:
        return _typed(reader, cell)
    except NoUnitError as error:
        reader.n_bare += 1
        faults.cells.add((reader.column.name, row))
        if reader.n_bare == 1:
            faults.add(reader.column.name, f"{reader.grid.where(row, reader.place)} ({reader.text}): {error}")
        return None
    except ValueError as error:
        faults.add(reader.column.name, f"{reader.grid.where(row, reader.place)} ({reader.text}): {error}", row=row)
        return None


def _typed(reader: Reader, cell: Any) -> Any:
    """The cell as the column's type; ValueError with the reason and the cure if it cannot be."""
    column = reader.column
    if column.is_number:
        return _number(reader, cell)
    if column.type == "wkt":
        return cell
    if column.type in ("id", "district", "pair"):
        return as_id(cell) if column.type == "id" else tidy(as_id(cell))
    text = tidy(as_id(cell)) if isinstance(cell, (int, float)) else tidy(cell)
    refuse_formula(text)
    if column.type == "list":
        return ",".join(_known(reader, piece) for piece in SEPARATORS.split(text) if piece.strip())
    return _known(reader, text) if column.values else text


def _number(reader: Reader, cell: Any) -> float:
    column = reader.column
    number = parse_number(cell, column.quantity, factor=reader.factor, period=reader.match.period)
    if column.range is not None and not column.range[0] <= number <= column.range[1]:
        swapped = "; are longitude and latitude exchanged?" if column.type in ("lon", "lat") else ""
        low, high = column.range
        raise ValueError(f"{cell} is out of range, {low:g} to {high:g} {column.unit or ''}".rstrip() + swapped)
    if column.type == "integer" and not number.is_integer():
        reader.n_rounded += 1
        return float(round(number))
    return number


def _known(reader: Reader, text: str) -> str:
    """The stored value of a word in either language."""
    column = reader.column
    stored = column.stored(text)
    if stored is not None:
        return stored
    if column.type != "choice":
        reader.unknown.add(text.strip())
        return text.strip()
    spoken = [f"{value.zh} ({stored})" for stored, value in column.values.items()]
    near = did_you_mean(text, [value.zh for value in column.values.values()] + list(column.values))
    raise ValueError(f"{text!r} is not known here; {near}choose from {', '.join(spoken)}")


def _notes(reader: Reader, assumed: str) -> list[str]:
    where = f"{reader.grid.place}: {reader.text!r} ({reader.column.name})"
    notes = [f"{where}: {assumed}"] if assumed else []
    if reader.factor not in (None, 1.0):
        notes.append(f"{where}: × {reader.factor:g} to {reader.column.unit}")
    if reader.n_rounded:
        notes.append(f"{where}: {reader.n_rounded} values rounded to whole numbers")
    if reader.unknown and reader.column.type == "label":
        kept = sorted(reader.unknown)
        notes.append(
            f"{where}: {len(kept)} words kept as they are: {', '.join(kept[:5])}{' …' if len(kept) > 5 else ''}"
        )
    return notes


def _all_numbers(reader: Reader, values: list[Any]) -> list[str]:
    """A column of words that holds numbers only was meant as another one."""
    written = [value for value in values if value is not None]
    if reader.column.type != "words" or not written or not all(re.fullmatch(r"[\d.,]+", value) for value in written):
        return []
    return [
        f"{reader.grid.place}, column {reader.text!r}: read as {reader.column.name}"
        f" ({reader.column.header.en.lower()}), but it holds numbers only; for an area of land write its unit into the"
        " header (area_m2, 面积(㎡))"
    ]
