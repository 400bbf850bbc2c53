"""Collect the faults of a source, so that all are reported at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from siting.errors import DataError

MOST_LISTED = 20


class TableError(DataError):
    """Faults of a table, collected so that those of several sheets are reported together."""

    def __init__(self, text: str, faults: Faults) -> None:
        super().__init__(text)
        self.faults = faults


@dataclass
class Faults:
    """Faults by column, in the order of finding; `cells` are the (column, row of the grid) that have one."""

    by_column: dict[str, list[str]] = field(default_factory=dict)
    cells: set[tuple[str, int]] = field(default_factory=set)

    def add(self, column: str, fault: str, *, row: int | None = None) -> None:
        """Take one fault of a column, of the cell in `row` of the grid if it is one cell's."""
        self.by_column.setdefault(column, []).append(fault)
        if row is not None:
            self.cells.add((column, row))

    def extend(self, column: str, faults: Iterable[str]) -> None:
        """Take several faults of a column."""
        for fault in faults:
            self.add(column, fault)

    def take(self, sheet: str, error: DataError) -> None:
        """Take every fault that kept a sheet from being read."""
        if isinstance(error, TableError):
            for column, faults in error.faults.by_column.items():
                self.extend(f"{sheet}: {column}", faults)
        else:
            self.add(sheet, str(error))

    def raise_any(self) -> None:
        """Raise every fault in one list, or do nothing when there are none.

        Of many, as many as fit are shown, the columns in turn, and the rest counted.

        Raises
        ------
        TableError
            If there is a fault.
        """
        total = sum(len(faults) for faults in self.by_column.values())
        if total == 0:
            return
        columns = list(self.by_column.values())
        in_turn = sorted((number, place) for place, faults in enumerate(columns) for number in range(len(faults)))
        shown = [columns[place][number] for number, place in sorted(in_turn[:MOST_LISTED], key=lambda one: one[::-1])]
        if total == 1:
            raise TableError(shown[0], self)
        more = [f"  … and {total - len(shown)} more"] if total > len(shown) else []
        raise TableError("\n".join([f"{total} faults:", *(f"  - {fault}" for fault in shown), *more]), self)


def raise_each(what: str, faults: Iterable[str]) -> None:
    """Raise faults of one sort in one list, or do nothing when there are none.

    Raises
    ------
    TableError
        If there is a fault.
    """
    gathered = Faults()
    gathered.extend(what, faults)
    gathered.raise_any()
