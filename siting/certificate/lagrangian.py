"""A lower bound from row multipliers: valid for any multipliers, however they were found."""

from __future__ import annotations

import numpy as np

from siting.instance import Floats
from siting.model.linear import LinearModel


def usable_multipliers(model: LinearModel, multipliers: Floats) -> Floats:
    """Return `multipliers` (n_rows,) with 0 for those whose sign belongs to a side that the row does not have."""
    y = np.where(np.isfinite(multipliers), multipliers, 0.0)
    y = np.where((y > 0) & ~np.isfinite(model.row_lower), 0.0, y)
    return np.where((y < 0) & ~np.isfinite(model.row_upper), 0.0, y)


def without_soft_targets(model: LinearModel, multipliers: Floats) -> Floats:
    """Return multipliers (n_rows,) with 0 for the rows of soft targets and of the dearest case.

    Omitted links could raise the shortfalls and the cost there above the bounds of their columns.
    """
    y = multipliers.copy()
    entries = model.matrix.tocsc()[:, model.columns_of("shortfall")].tocoo()
    y[entries.row] = 0.0
    y[model.rows_of("cover_case")] = 0.0
    return y


def reduced_costs(model: LinearModel, multipliers: Floats) -> Floats:
    """Return the cost − multipliers · matrix, (n_columns,)."""
    reduced: Floats = model.cost - model.matrix.T @ multipliers
    return reduced


def lagrangian_bound(model: LinearModel, multipliers: Floats) -> float:
    """Return the least of the Lagrangian over the bounds of the columns, in the model's cost unit.

    With all rows relaxed: sum of each multiplier times the side of its row that it prices, plus each column at the
    bound that its reduced cost prefers. No plan costs less (Geoffrion 1974, Lagrangean relaxation for integer
    programming). The last digits that rounding could reach are taken off.
    """
    y = usable_multipliers(model, multipliers)
    side = np.where(y > 0, model.row_lower, np.where(y < 0, model.row_upper, 0.0))
    reduced = reduced_costs(model, y)
    at_bound = np.where(reduced > 0, model.column_lower, model.column_upper)
    terms = np.concatenate([y * side, reduced * at_bound])
    return float(terms.sum() - 1e-12 * np.abs(terms).sum())
