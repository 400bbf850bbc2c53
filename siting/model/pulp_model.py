"""The model as a PuLP problem, in the way that PuLP 3.3 and 4 share: the door to other solvers and to LP and MPS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pulp

from siting.errors import FileError
from siting.files import new_file
from siting.instance import Floats
from siting.model.linear import LinearModel


def to_pulp(model: LinearModel, name: str = "siting") -> tuple[Any, list[Any]]:
    """Return the model as a `pulp.LpProblem`, with its variables in column order.

    Columns are called `family_number` and rows `family_number` within their family, so that no place name can clash.
    """
    problem = pulp.LpProblem(name, pulp.LpMinimize)
    variables = [
        problem.add_variable(label, low, high, pulp.LpInteger if integer else pulp.LpContinuous)
        for label, low, high, integer in zip(
            model.column_families.labels(), model.column_lower, model.column_upper, model.is_integer, strict=True
        )
    ]
    paid = np.flatnonzero(model.cost)
    if not paid.size and model.n_columns:
        paid = np.array([0])  # with an empty objective PuLP adds a column, and solvers return columns in another order
    problem.setObjective(_expression(variables, paid, model.cost[paid]))
    matrix = model.matrix
    for number, label in enumerate(model.row_families.labels()):
        part = slice(matrix.indptr[number], matrix.indptr[number + 1])
        row = _expression(variables, matrix.indices[part], matrix.data[part])
        _add_row(problem, row, (model.row_lower[number], model.row_upper[number]), label)
    return problem, variables


def _expression(variables: list[Any], columns: Any, values: Floats) -> Any:
    pairs = zip(columns.tolist(), values.tolist(), strict=True)
    # PuLP 4 makes expressions from pairs by this function, PuLP 3.3 by the class itself
    from_pairs = getattr(pulp.LpAffineExpression, "from_list", pulp.LpAffineExpression)
    return from_pairs([(variables[column], value) for column, value in pairs])


def _add_row(problem: Any, row: Any, bounds: tuple[float, float], label: str) -> None:
    low, high = float(bounds[0]), float(bounds[1])
    if low == high:
        problem += (row == low, label)
        return
    if np.isfinite(low):
        problem += (row >= low, label if not np.isfinite(high) else f"{label}_low")
    if np.isfinite(high):
        problem += (row <= high, label if not np.isfinite(low) else f"{label}_high")


def export_model(model: LinearModel, path: Path) -> None:
    """Write the model as `.lp` or `.mps`, by the suffix of `path`.

    Raises
    ------
    FileError
        If the suffix is another one, or the file cannot be written; nothing is left behind then.
    """
    suffix = path.suffix.lower()
    if suffix not in (".lp", ".mps"):
        raise FileError(f"{path}: unknown format {suffix!r}; end the name in .lp or .mps")
    problem, _ = to_pulp(model)
    with new_file(path, cure="choose another folder") as partial:
        (problem.writeLP if suffix == ".lp" else problem.writeMPS)(str(partial))
