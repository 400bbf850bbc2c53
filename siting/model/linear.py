"""A mixed-integer linear model as arrays, with names: what every engine solves and `export` writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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
    column_families: tuple[Family, ...]
    row_families: tuple[Family, ...]

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.cost)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    def rows_of(self, *names: str) -> Ints:
        """Row numbers of the families with these names."""
        return _members(self.row_families, names)

    def columns_of(self, *names: str) -> Ints:
        """Return the numbers of all columns of the families `names`, in order."""
        return _members(self.column_families, names)


def _members(families: tuple[Family, ...], names: tuple[str, ...]) -> Ints:
    parts = [np.arange(family.start, family.stop) for family in families if family.name in names]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


@dataclass
class RowAssembler:
    """Collects row families as triplets and makes one sparse matrix of them."""

    n_columns: int
    _rows: list[Ints] = field(default_factory=list)
    _columns: list[Ints] = field(default_factory=list)
    _values: list[Floats] = field(default_factory=list)
    _lower: list[Floats] = field(default_factory=list)
    _upper: list[Floats] = field(default_factory=list)
    _families: list[Family] = field(default_factory=list)

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
        start = self._families[-1].stop if self._families else 0
        for rows, columns, values in terms:
            self._rows.append(start + np.asarray(rows, dtype=np.int64))
            self._columns.append(np.asarray(columns, dtype=np.int64))
            self._values.append(np.broadcast_to(np.asarray(values, dtype=float), np.shape(rows)))
        self._lower.append(np.broadcast_to(np.asarray(lower, dtype=float), n_rows))
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=float), n_rows))
        self._families.append(Family(name, start, start + n_rows))

    def families(self) -> tuple[Family, ...]:
        """The row families, in order; a name may stand for several blocks."""
        return tuple(self._families)

    def bounds(self) -> tuple[Floats, Floats]:
        """Lower and upper bounds of all rows."""
        if not self._families:
            return np.empty(0), np.empty(0)
        return np.concatenate(self._lower), np.concatenate(self._upper)

    def matrix(self) -> sparse.csr_array:
        """The coefficients, (n_rows, n_columns); zeros are dropped, repeated entries add up."""
        shape = (self._families[-1].stop if self._families else 0, self.n_columns)
        if not self._rows:
            return sparse.csr_array(shape)
        triplets = (np.concatenate(self._rows), np.concatenate(self._columns))
        matrix = sparse.csr_array(sparse.coo_array((np.concatenate(self._values), triplets), shape=shape))
        matrix.eliminate_zeros()
        return matrix
