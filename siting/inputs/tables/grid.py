"""A source as rows of cells, before anybody knows what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import geopandas as gpd

Cell = tuple[int, int]


@dataclass(frozen=True)
class Merge:
    """A block of merged cells, first and last row and column (from 0, both within)."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Grid:
    """Rows of cells, all of one length; an empty cell is None.

    Row 0 of a layer holds its field names and `geometry` has one shape for each further row, in the layer's own CRS,
    which may be None; `has_default_crs` tells that the file names none and has that of its format. `sheet` is the name
    of the sheet or layer, if the file has such. `notes` tell how it was read. `datum_cell` is where the file itself has
    room for its datum, if anywhere.
    """

    file: str
    rows: tuple[tuple[Any, ...], ...]
    sheet: str | None = None
    merges: tuple[Merge, ...] = ()
    geometry: gpd.GeoSeries | None = None
    is_layer: bool = False
    has_default_crs: bool = False
    notes: tuple[str, ...] = ()
    datum_cell: str = ""

    @property
    def place(self) -> str:
        """The source in words: the file and its sheet or layer."""
        if self.sheet is None:
            return self.file
        return f"{self.file}, {'layer' if self.is_layer else 'sheet'} {self.sheet}"

    @property
    def n_columns(self) -> int:
        """Columns of every row."""
        return len(self.rows[0]) if self.rows else 0

    def where(self, row: int, column: int | None = None) -> str:
        """Return a cell or a row in words, as Excel counts them; features of a layer count from 1."""
        if self.is_layer:
            field = "" if column is None else f", field {self.rows[0][column]}"
            return f"{self.place}, feature {row}{field}"
        return f"{self.place}, {f'row {row + 1}' if column is None else f'cell {cell_name(row, column)}'}"

    def block(self, merge: Merge) -> str:
        """Return the merged cells in words."""
        return f"{self.place}, cells {cell_name(merge.top, merge.left)}:{cell_name(merge.bottom, merge.right)}"

    def anchors(self) -> dict[Cell, Merge]:
        """Return the merge that each merged cell within the grid is in: a merge may cover whole columns of a sheet."""
        return {
            (row, column): merge
            for merge in self.merges
            for row in range(merge.top, min(merge.bottom + 1, len(self.rows)))
            for column in range(merge.left, min(merge.right + 1, self.n_columns))
        }


def cell_name(row: int, column: int) -> str:
    """Return a cell as Excel calls it.

    >>> cell_name(13, 2), cell_name(0, 27)
    ('C14', 'AB1')
    """
    letters, number = "", column + 1
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


def trimmed(rows: list[tuple[Any, ...]]) -> tuple[tuple[Any, ...], ...]:
    """Return the rows without trailing empty rows and columns, all of one length."""
    rows = [tuple(None if isinstance(cell, str) and not cell.strip() else cell for cell in row) for row in rows]
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    width = max((number + 1 for row in rows for number, cell in enumerate(row) if cell is not None), default=0)
    return tuple((*row[:width], *[None] * (width - len(row))) for row in rows)
