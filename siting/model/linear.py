"""A mixed-integer linear model as arrays, with names: what every engine solves and `export` writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.instance import Bools, Floats, Ints

MODEL_CNY = 1e4
"""CNY in one cost unit of the model (万元): keeps coefficients between 1e-4 and 1e4."""
MODEL_T = 1e3
"""Tonnes in one mass unit of the model (kt)."""

Term = tuple[NDArray[Any], NDArray[Any], NDArray[Any] | float]
"""Entries of a row family: row within the family, column, coefficient (one for all or one each)."""


@dataclass(frozen=True)
class Family:
    """Rows or columns `start` to `stop` that one line of the algebra stands for."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class Families:
    """Addresses of rows or columns by name: the blocks one after the other.

    A name stands for several blocks where there is one for each target, year or case.
    """

    blocks: tuple[Family, ...] = ()

    @classmethod
    def of(cls, lengths: Mapping[str, int]) -> Families:
        """Lay out one block of each length, in their order."""
        return reduce(lambda families, one: families.and_also(*one), lengths.items(), cls())

    def __iter__(self) -> Iterator[Family]:
        return iter(self.blocks)

    def __getitem__(self, name: str) -> slice:
        """Return the one block `name` as a slice.

        Raises
        ------
        KeyError
            If there is none, or more than one.
        """
        found = [block for block in self.blocks if block.name == name]
        if len(found) != 1:
            raise KeyError(f"{name}: {len(found)} blocks of this name")
        return slice(found[0].start, found[0].stop)

    @property
    def n(self) -> int:
        """Number of rows or columns up to the end of the last block."""
        return self.blocks[-1].stop if self.blocks else 0

    def at(self, name: str, index: Ints) -> Ints:
        """Return the numbers of the members `index` of the one block `name`."""
        return np.asarray(self[name].start + index)

    def numbers(self, *names: str) -> Ints:
        """Return the numbers of all members of the families `names`, in order."""
        parts = [np.arange(block.start, block.stop) for block in self.blocks if block.name in names]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def members(self) -> Ints:
        """Return the numbers of all members of all families, in order."""
        return self.numbers(*{block.name for block in self.blocks})

    def and_also(self, name: str, n: int) -> Families:
        """Return these with a block of `n` more at the end."""
        return Families((*self.blocks, Family(name, self.n, self.n + n)))

    def shifted(self, by: int) -> Families:
        """Return the same blocks `by` places later."""
        return Families(tuple(Family(one.name, one.start + by, one.stop + by) for one in self.blocks))

    def labels(self) -> list[str]:
        """Return `name_0`, `name_1`, ... for each member in order; blocks of the same name count on."""
        used: dict[str, int] = {}
        labels = []
        for block in self.blocks:
            first = used.get(block.name, 0)
            used[block.name] = first + block.stop - block.start
            labels += [f"{block.name}_{number}" for number in range(first, used[block.name])]
        return labels


@dataclass(frozen=True)
class LinearModel:
    """Minimise `cost · x` over columns and rows within their bounds, the columns marked `is_integer` integer.

    `column_lower <= x <= column_upper` and `row_lower <= matrix x <= row_upper`. Every
    column has finite bounds, so that any row multipliers give a finite bound. `matrix` is CSR (n_rows, n_columns).
    """

    cost: Floats
    column_lower: Floats
    column_upper: Floats
    is_integer: Bools
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    column_families: Families
    row_families: Families

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.cost)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    def rows_of(self, *names: str) -> Ints:
        """Return the row numbers of the families with these names."""
        return self.row_families.numbers(*names)

    def columns_of(self, *names: str) -> Ints:
        """Return the numbers of all columns of the families `names`, in order."""
        return self.column_families.numbers(*names)


@dataclass
class RowAssembler:
    """Collects row families as triplets and makes one sparse matrix of them."""

    n_columns: int
    _rows: list[Ints] = field(default_factory=list)
    _columns: list[Ints] = field(default_factory=list)
    _values: list[Floats] = field(default_factory=list)
    _lower: list[Floats] = field(default_factory=list)
    _upper: list[Floats] = field(default_factory=list)
    families: Families = field(default_factory=Families)

    def add(
        self,
        name: str,
        terms: Sequence[Term],
        *,
        n_rows: int,
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
    ) -> None:
        """Add the family `name` of `n_rows` rows; no rows, no family."""
        if n_rows == 0:
            return
        start = self.families.n
        for rows, columns, values in terms:
            self._rows.append(start + np.asarray(rows, dtype=np.int64))
            self._columns.append(np.asarray(columns, dtype=np.int64))
            self._values.append(np.broadcast_to(np.asarray(values, dtype=float), np.shape(rows)))
        self._lower.append(np.broadcast_to(np.asarray(lower, dtype=float), n_rows))
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=float), n_rows))
        self.families = self.families.and_also(name, n_rows)

    def bounds(self) -> tuple[Floats, Floats]:
        """Return the lower and upper bounds of all rows."""
        if not self._lower:
            return np.empty(0), np.empty(0)
        return np.concatenate(self._lower), np.concatenate(self._upper)

    def matrix(self) -> sparse.csr_array:
        """Return the coefficients, (n_rows, n_columns); zeros are dropped, repeated entries add up."""
        shape = (self.families.n, self.n_columns)
        if not self._rows:
            return sparse.csr_array(shape)
        triplets = (np.concatenate(self._rows), np.concatenate(self._columns))
        matrix = sparse.csr_array(sparse.coo_array((np.concatenate(self._values), triplets), shape=shape))
        matrix.eliminate_zeros()
        return matrix
