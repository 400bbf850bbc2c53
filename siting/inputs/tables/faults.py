"""Gathers the faults of a source, so that all of them are told at once and no column hides another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from siting.errors import DataError

MOST_LISTED = 20


class TableError(DataError):
    """Faults of a table, kept one by one so that those of several sheets can be told together."""

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

        Of many, some of each column are shown and the rest counted.

        Raises
        ------
        TableError
            If there is a fault.
        """
        total = sum(len(faults) for faults in self.by_column.values())
        if total == 0:
            return
        shown = [fault for faults in self._shares() for fault in faults]
        if total == 1:
            raise TableError(shown[0], self)
        more = [f"  … and {total - len(shown)} more"] if total > len(shown) else []
        raise TableError("\n".join([f"{total} faults:", *(f"  - {fault}" for fault in shown), *more]), self)

    def _shares(self) -> list[list[str]]:
        """The faults shown of each column: as many as fit, the columns in turn."""
        counts = dict.fromkeys(self.by_column, 0)
        left = MOST_LISTED
        while left:
            open_columns = [name for name, faults in self.by_column.items() if counts[name] < len(faults)]
            if not open_columns:
                break
            for name in open_columns[:left]:
                counts[name] += 1
            left -= min(left, len(open_columns))
        return [faults[: counts[name]] for name, faults in self.by_column.items()]


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
