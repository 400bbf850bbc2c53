"""Select the data rows below a header: no totals, remarks, examples or blanks; merged cells filled down."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, SupportsIndex

from siting.errors import DataError
from siting.inputs.tables.describe import is_example
from siting.inputs.tables.faults import Faults, raise_each
from siting.inputs.tables.grid import Grid
from siting.inputs.tables.header import Header
from siting.inputs.tables.schema import Kind
from siting.inputs.tables.wording import plain

TOTALS = re.compile(r".{0,12}(合计|小计|总计|共计|总和|累计)|(grand|sub)?-?totals?(of.*)?")
REMARKS = re.compile(
    r"(注|备注|说明|附注|数据来源|资料来源|填表人|制表人|审核人|填报人|联系人|单位负责人|填报日期|note|notes|source|sources)\d*:.*"
)
EXAMPLES = re.compile(r"(示例|example)\d*")
NAMING_TYPES = ("id", "text", "words", "district", "label", "choice")
NOT_FILLED = ("id", "number", "integer")


@dataclass(frozen=True)
class Table:
    """A table whose header and data rows are known, and what is gathered while it is read.

    `numbers` are the rows of the grid that hold data, `cells` their cells by column of the grid, and `values` what they
    mean by column of the kind, None where missing.
    """

    grid: Grid
    header: Header
    kind: Kind
    numbers: tuple[int, ...]
    cells: dict[int, list[Any]]
    values: dict[str, list[Any]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    notes: list[str] = field(default_factory=list)

    def place_of(self, name: str) -> int | None:
        """Return the column of the grid that holds the column called `name`, None without one."""
        return next((place for place, match in self.header.columns.items() if match.column.name == name), None)

    def where(self, row: int, name: str) -> str:
        """Return a cell of a data row in words, or the row where no column is called `name`."""
        return self.grid.where(self.numbers[row], self.place_of(name))

    def fault(self, column: str, text: str, *, row: SupportsIndex | None = None, cell: str = "") -> None:
        """Add a fault of the table, or of one of its data rows in the column `cell`, else `column`."""
        place = self.grid.place if row is None else self.where(int(row), cell or column)
        self.faults.add(column, f"{place}: {text}")

    def note(self, text: str) -> None:
        """Add a note on the table."""
        self.notes.append(f"{self.grid.place}: {text}")


class NoRowsError(DataError):
    """A table without a row of data: a sheet of the template may hold its examples only."""


def data_rows(grid: Grid, header: Header, kind: Kind) -> Table:
    """Return the data rows below the header.

    Raises
    ------
    DataError
        If one number or id is merged over several rows, or an example was written over.
    NoRowsError
        If no row is left.
    """
    raise_each("examples", _written_over(grid, header, kind))
    numbers: list[int] = []
    dropped: Counter[str] = Counter()
    for row in range(header.bottom + 1, len(grid.rows)):
        reason = None if grid.is_layer else _why_no_data(grid, header, row)
        if reason is None:
            numbers.append(row)
        elif reason:
            dropped[reason] += 1
    if not numbers:
        told = "".join(f" ({count} {reason})" for reason, count in dropped.items())
        raise NoRowsError(f"{grid.place}: no rows of data below the header{told}; enter at least one")
    cells = {column: [grid.rows[row][column] for row in numbers] for column in header.columns}
    n_filled = _fill_down(grid, header, numbers, cells)
    table = Table(grid, header, kind, tuple(numbers), cells, notes=[*grid.notes, *header.notes])
    for reason, count in dropped.items():
        table.note(f"{reason} dropped: {count}")
    if n_filled:
        table.note(f"cells filled from the merged cells above them: {n_filled}")
    return table


def _written_over(grid: Grid, header: Header, kind: Kind) -> Iterator[str]:
    """Yield the rows that are called examples and hold something else: somebody's data, which must not get lost."""
    for row in range(header.bottom + 1, len(grid.rows)):
        mark, *others = [value for value in grid.rows[row] if value is not None] or [None]
        if not grid.is_layer and EXAMPLES.fullmatch(plain(mark)) and not is_example(others, kind):
            yield f"{grid.where(row)}: called {mark!r}, but not the template's example; call it otherwise or clear it"


def _why_no_data(grid: Grid, header: Header, row: int) -> str | None:
    """Return why a row holds no data; empty for a blank row, None for data."""
    values = grid.rows[row]
    first = next((plain(value) for value in values if value is not None), "")
    if not first:
        return ""
    if EXAMPLES.fullmatch(first):
        return "example rows"
    if REMARKS.fullmatch(first):
        return "rows of remarks"
    names = [plain(values[column]) for column, match in header.columns.items() if match.column.type in NAMING_TYPES]
    if any(TOTALS.fullmatch(name.rstrip(":")) for name in (first, *names)):
        return "rows of totals"
    if all(
        plain(value) == plain(header.texts.get(column, "")) for column, value in enumerate(values) if value is not None
    ):
        return "repeated headers"
    return None


def _fill_down(grid: Grid, header: Header, numbers: list[int], cells: dict[int, list[Any]]) -> int:
    """Give every row of a block that is merged downwards the block's text; how many cells that were."""
    places = {row: place for place, row in enumerate(numbers)}
    faults, n_filled = [], 0
    for merge in grid.merges:
        rows = [row for row in range(merge.top, min(merge.bottom, len(grid.rows) - 1) + 1) if row in places]
        if merge.bottom == merge.top or merge.left not in header.columns or not rows or merge.top <= header.bottom:
            continue
        value = grid.rows[merge.top][merge.left]
        below = [row for row in rows if row != merge.top]
        if not below or value is None:
            continue
        if header.columns[merge.left].column.type in NOT_FILLED:
            what = "id" if header.columns[merge.left].column.type == "id" else "number"
            faults.append(
                f"{grid.block(merge)}: one {what} ({value!r}) is merged over {len(rows)} rows; unmerge it and give each"
                " row its own"
            )
            continue
        for row in below:
            cells[merge.left][places[row]] = value
        n_filled += len(below)
    raise_each("merges", faults)
    return n_filled
