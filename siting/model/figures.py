"""The figures of a model: all finite, and no larger than solvers can take."""

from __future__ import annotations

import numpy as np

from siting.errors import DataError
from siting.instance import LARGEST, Bools, Floats
from siting.model.linear import LinearModel


def require_usable(model: LinearModel) -> None:
    """Refuse a model with a cost or coefficient that is not finite, or too large: solvers go on with it without end.

    Raises
    ------
    DataError
        With the first such column or row, by the name that it has in an exported model.
    """
    costs, entries = _is_usable(model.cost), _is_usable(model.matrix.data)
    if not costs.all():
        column = int(np.argmin(costs))
        raise DataError(_fault(f"cost of column {model.column_families.labels()[column]}", model.cost[column]))
    if not entries.all():
        entry = int(np.argmin(entries))
        row = int(np.searchsorted(model.matrix.indptr, entry, side="right")) - 1
        raise DataError(_fault(f"row {model.row_families.labels()[row]}: a coefficient", model.matrix.data[entry]))


def _is_usable(figures: Floats) -> Bools:
    return np.asarray(np.abs(figures) < LARGEST)


def _fault(where: str, figure: float) -> str:
    return (
        f"model: {where} is {figure:g}; it must be finite and below {LARGEST:g}: look for a price, capacity or tonnage"
        " in the wrong unit"
    )
