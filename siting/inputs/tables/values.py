"""Convert cells to the values of the canonical columns, and list every cell that cannot be converted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from siting.inputs.tables.match import Match, scale_of
from siting.inputs.tables.numbers import NoUnitError, as_id, is_missing, parse_number, refuse_formula
from siting.inputs.tables.rows import Table
from siting.inputs.tables.schema import Column
from siting.inputs.tables.wording import did_you_mean, tidy

SEPARATORS = re.compile(r"[,，、;；/|\n]+")


@dataclass
class Reader:
    """Reader of one column: its scale is found once, its faults and notes are gathered."""

    table: Table
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

    def where(self, row: int) -> str:
        """Return a cell of the column in words, with its header."""
        return f"{self.table.grid.where(row, self.place)} ({self.text})"


def read_columns(table: Table) -> None:
    """Fill in the table's values, one for each row, None where missing; note what was converted or assumed."""
    for place, match in table.header.columns.items():
        column = match.column
        reader = Reader(table, match, place, table.header.texts.get(place, column.name))
        try:
            reader.factor, assumed = scale_of(match, table.header.units)
        except ValueError as error:
            table.faults.add(column.name, f"{reader.where(table.header.bottom)}: {error}")
            continue
        cells = zip(table.numbers, table.cells[place], strict=True)
        table.values[column.name] = [_value(reader, cell, row) for row, cell in cells]
        _note(reader, assumed)
        if reader.n_bare > 1:
            told = f"{table.grid.place}, column {reader.text}: {reader.n_bare - 1} more cells without unit"
            table.faults.add(column.name, told)
        _check_words(reader)
    for name, value in table.header.constants.items():
        table.values[name] = [value] * len(table.numbers)


def _value(reader: Reader, cell: Any, row: int) -> Any:
    if is_missing(cell):
        return None
    faults, name = reader.table.faults, reader.column.name
    try:
        return _typed(reader, cell)
    except NoUnitError as error:
        reader.n_bare += 1
        faults.cells.add((name, row))
        if reader.n_bare == 1:
            faults.add(name, f"{reader.where(row)}: {error}")
    except ValueError as error:
        faults.add(name, f"{reader.where(row)}: {error}", row=row)
    return None


def _typed(reader: Reader, cell: Any) -> Any:
    """Return the cell as the column's type; ValueError with the reason and the cure if it cannot be."""
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
    """Return the stored value of a word in either language."""
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


def _note(reader: Reader, assumed: str) -> None:
    where = f"{reader.text!r} ({reader.column.name})"
    if assumed:
        reader.table.note(f"{where}: {assumed}")
    if reader.factor not in (None, 1.0):
        reader.table.note(f"{where}: × {reader.factor:g} to {reader.column.unit}")
    if reader.n_rounded:
        reader.table.note(f"{where}: {reader.n_rounded} values rounded to whole numbers")
    if reader.unknown and reader.column.type == "label":
        kept = sorted(reader.unknown)
        more = " …" if len(kept) > 5 else ""
        reader.table.note(f"{where}: {len(kept)} words kept as they are: {', '.join(kept[:5])}{more}")


def _check_words(reader: Reader) -> None:
    """Add a fault for a column of words that holds numbers only: it was meant as another one."""
    column = reader.column
    written = [value for value in reader.table.values[column.name] if value is not None]
    if column.type == "words" and written and all(re.fullmatch(r"[\d.,]+", value) for value in written):
        reader.table.faults.add(
            column.name,
            f"{reader.table.grid.place}, column {reader.text!r}: read as {column.name} ({column.header.en.lower()}),"
            " but it holds numbers only; for an area of land write its unit into the header (area_m2, 面积(㎡))",
        )
