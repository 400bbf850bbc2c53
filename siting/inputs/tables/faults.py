"""Gathers the faults of a source, so that all of them are told at once and no column hides another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from siting.errors import DataError

MOST_LISTED = 20


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

    def raise_any(self) -> None:
        """Raise every fault in one list, or do nothing when there are none.

        Of many, some of each column are shown and the rest counted.

        Raises
        ------
        DataError
            If there is a fault.
        """
        total = sum(len(faults) for faults in self.by_column.values())
        if total == 0:
            return
        shown = [fault for faults in self._shares() for fault in faults]
        if total == 1:
            raise DataError(shown[0])
        more = [f"  … and {total - len(shown)} more"] if total > len(shown) else []
        raise DataError("\n".join([f"{total} faults:", *(f"  - {fault}" for fault in shown), *more]))

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
