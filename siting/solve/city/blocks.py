"""A higher bound from the last echelons, decided whole.

Any multipliers split the Lagrangian into columns that are minimised one by one. A block of columns, with the rows that
touch nothing else, can be minimised together instead, and whole: what branch and bound proves for the block replaces
what its columns and rows gave one by one (Geoffrion 1974; Guignard and Kim 1987 on decomposition).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from siting.instance import Echelon, Floats, Ints
from siting.model.bound import lagrangian_bound, reduced_costs, usable_multipliers
from siting.model.linear import LinearModel
from siting.solve.city.tiers import Tier, columns_of
from siting.solve.highs import Program, run_highs

TRUSTED = 1e-6
"""Of what branch and bound proves, this share is taken off: its rows hold to a tolerance."""


def raised_bound(
    model: LinearModel,
    tiers: tuple[tuple[Echelon, Tier], ...],
    multipliers: Floats,
    *,
    time_limit_s: float,
    is_stopped: Callable[[], bool] = lambda: False,
) -> float:
    """The bound of these multipliers with sorting centres and bases, and what flows into them, decided whole together.

    In the model's cost unit; no less than the bound that the multipliers prove alone.
    """
    y = usable_multipliers(model, multipliers)
    bound = lagrangian_bound(model, y)
    last = [columns_of(tier) for echelon, tier in tiers if echelon >= Echelon.SORTING]
    if not last or time_limit_s <= 0:
        return bound
    return bound + max(0.0, _gain(model, y, np.concatenate(last), (time_limit_s, is_stopped)))


def _gain(model: LinearModel, y: Floats, block: Ints, until: tuple[float, Callable[[], bool]]) -> float:
    """By how much the least of the Lagrangian rises when the columns of the block are decided whole together."""
    reduced = reduced_costs(model, y)
    part = sparse.csr_array(sparse.csc_array(model.matrix)[:, block])
    inside = np.flatnonzero((np.diff(part.indptr) > 0) & (np.diff(part.indptr) == np.diff(model.matrix.indptr)))
    rows = part[inside]
    side = np.where(y > 0, model.row_lower, np.where(y < 0, model.row_upper, 0.0))[inside]
    at_bound = np.where(reduced > 0, model.column_lower, model.column_upper)[block]
    one_by_one = float(y[inside] @ side + reduced[block] @ at_bound)
    program = Program(
        cost=reduced[block] + rows.T @ y[inside],
        lower=model.column_lower[block],
        upper=model.column_upper[block],
        matrix=rows,
        row_lower=model.row_lower[inside],
        row_upper=model.row_upper[inside],
        is_integer=model.is_integer[block],
    )
    options = {"threads": 1, "mip_rel_gap": 1e-3}
    answer = run_highs(program, time_limit_s=until[0], options=options, is_stopped=until[1])
    if not np.isfinite(answer.bound):
        return 0.0
    return answer.bound - TRUSTED * max(1.0, abs(answer.bound)) - one_by_one
