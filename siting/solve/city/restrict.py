"""A small program inside a large one: some columns free, all others held where they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.model.linear import LinearModel
from siting.solve.highs import Answer, Program, run_highs

SLACK = 1e-9
"""Rows give way by this much, relative to 1, and by what is violated already: rounding in what is held can neither make
a part infeasible nor add up."""
MOST_VIOLATED = 1e-4
"""More than this is not rounding: such a row must be repaired."""
ROW_TOLERANCE = 1e-6
LEAST_TOLERANCE = 5e-6
"""Rows may be missed by the first times their activity, or by the second: the finished plan is settled exactly."""
TOLERANCES: dict[str, object] = {"primal_feasibility_tolerance": 1e-8, "mip_feasibility_tolerance": 1e-8}


@dataclass(frozen=True)
class Holder:
    """A model ready for restrictions: its matrix by columns too."""

    model: LinearModel
    by_column: sparse.csc_array

    @classmethod
    def of(cls, model: LinearModel) -> Holder:
        """Prepare `model`."""
        return cls(model, sparse.csc_array(model.matrix))

    def restricted(self, values: Floats, free: Ints, is_integer: Bools | None, *, is_strict: bool = False) -> Program:
        """Return the program of the `free` columns, with all others at `values` (n_columns,).

        `is_integer` (n_columns,) marks what must be whole. `is_strict`: rows give way by nothing.
        """
        model = self.model
        part = self.by_column[:, free]
        rows = np.unique(part.indices).astype(np.int64)
        own = sparse.csr_array(part)[rows]
        activity = (model.matrix @ values)[rows]
        shift = activity - own @ values[free]
        lower, upper = model.row_lower[rows], model.row_upper[rows]
        violated = np.maximum(0.0, np.maximum(lower - activity, activity - upper))
        slack = SLACK * np.maximum(1.0, np.abs(shift)) + np.where(violated < MOST_VIOLATED, violated, 0.0)
        slack = np.zeros(len(rows)) if is_strict else slack
        most = np.minimum(model.column_upper[free], _most_to_pass_on(model, rows, own, shift + slack))
        return Program(
            cost=model.cost[free],
            lower=model.column_lower[free],
            upper=model.column_upper[free],
            matrix=own if is_integer is None else _tightened(model, rows, own, most),
            row_lower=lower - shift - slack,
            row_upper=upper - shift + slack,
            is_integer=None if is_integer is None else is_integer[free],
        )

    def resolve(  # noqa: PLR0913 - the settings of a solve, by keyword
        self,
        values: Floats,
        free: Ints,
        *,
        is_integer: Bools | None,
        time_limit_s: float,
        work: float = math.inf,
        gap: float = 0.0,
        presolve: str = "choose",
        has_start: bool = False,
        is_strict: bool = False,
    ) -> tuple[Floats | None, Answer]:
        """Solve for the free columns with the others fixed at `values`; None where no plan is found within the limits.

        `gap` is relative to what the free choices cost at `values`: flows through them would drown it.
        """
        program = self.restricted(values, free, is_integer, is_strict=is_strict)
        start = values[free] if has_start else None
        options = TOLERANCES | {"presolve": presolve, "threads": 1}
        if program.is_integer is not None:
            at_stake = float(np.abs(program.cost * values[free])[program.is_integer].sum())
            options |= {"mip_rel_gap": 0.0, "mip_abs_gap": gap * at_stake}
        answer = run_highs(program, time_limit_s=time_limit_s, work=work, options=options, start=start, is_held=True)
        if answer.values is None:
            return None, answer
        changed = values.copy()
        decided = np.clip(answer.values, program.lower, program.upper)
        if program.is_integer is not None:
            decided[program.is_integer] = np.round(decided[program.is_integer])
        changed[free] = decided
        return changed, answer


def holds(holder: Holder, values: Floats) -> bool:
    """Return whether column values meet every row of the holder's model."""
    model = holder.model
    activity = model.matrix @ values
    slack = np.maximum(LEAST_TOLERANCE, ROW_TOLERANCE * np.abs(activity))
    return bool((activity >= model.row_lower - slack).all() and (activity <= model.row_upper + slack).all())


def _most_to_pass_on(model: LinearModel, rows: Ints, own: sparse.csr_array, held: Floats) -> Floats:
    """Return the most of each free column (n_free,) where all that it could pass on is held; infinite elsewhere."""
    is_conserved = np.zeros(model.n_rows, dtype=bool)
    is_conserved[model.rows_of("conserve_material")] = True
    entries = own.tocoo()
    brought = np.bincount(entries.row[entries.data > 0], minlength=len(rows)) > 0
    leaves = (is_conserved[rows] & ~brought)[entries.row]
    most = np.full(own.shape[1], np.inf)
    np.minimum.at(most, entries.col[leaves], np.maximum(0.0, held[entries.row[leaves]]) / -entries.data[leaves])
    return most


def _tightened(model: LinearModel, rows: Ints, own: sparse.csr_array, most: Floats) -> sparse.csr_array:
    """Return the rows tightened at open sites to existing flow: integer plans stay, fractional ones cost more."""
    is_link = np.zeros(model.n_rows, dtype=bool)
    is_link[model.rows_of("direct_to_open", "haul_to_open")] = True
    row = np.repeat(np.arange(len(rows)), np.diff(own.indptr))
    flow = is_link[rows][row] & (own.data > 0)
    limit = np.full(len(rows), np.inf)
    limit[row[flow]] = most[own.indices[flow]] * own.data[flow]
    least = np.where(is_link[rows][row] & (own.data < 0), -limit[row], -np.inf)
    return sparse.csr_array((np.maximum(own.data, least), own.indices, own.indptr), shape=own.shape)
