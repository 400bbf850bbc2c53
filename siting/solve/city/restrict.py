"""A small program inside a large one: some columns free, all others held where they are."""

from __future__ import annotations

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
        """The program of the `free` columns, with all others at `values` (n_columns,).

        `is_integer` (n_columns,) marks what must be whole. `is_strict`: rows give way by nothing.
        """
        model = self.model
        part = self.by_column[:, free]
        rows = np.unique(part.indices)
        own = sparse.csr_array(part)[rows]
        activity = (model.matrix @ values)[rows]
        shift = activity - own @ values[free]
        lower, upper = model.row_lower[rows], model.row_upper[rows]
        violated = np.maximum(0.0, np.maximum(lower - activity, activity - upper))
        slack = SLACK * np.maximum(1.0, np.abs(shift)) + np.where(violated < MOST_VIOLATED, violated, 0.0)
        slack = np.zeros(len(rows)) if is_strict else slack
        return Program(
            cost=model.cost[free],
            lower=model.column_lower[free],
            upper=model.column_upper[free],
            matrix=own,
            row_lower=lower - shift - slack,
            row_upper=upper - shift + slack,
            is_integer=None if is_integer is None else is_integer[free],
        )

    def resolve(
        self,
        values: Floats,
        free: Ints,
        *,
        is_integer: Bools | None,
        time_limit_s: float,
        gap: float = 0.0,
        presolve: str = "choose",
        has_start: bool = False,
        is_strict: bool = False,
    ) -> tuple[Floats | None, Answer]:
        """`values` with the free columns decided anew, or None where the part has no solution within the limit.

        `gap` is relative to what the free choices cost at `values`: flows through them would drown it.
        """
        program = self.restricted(values, free, is_integer, is_strict=is_strict)
        start = values[free] if has_start else None
        options = TOLERANCES | {"presolve": presolve, "threads": 1}
        if program.is_integer is not None:
            at_stake = float(np.abs(program.cost * values[free])[program.is_integer].sum())
            options |= {"mip_rel_gap": 0.0, "mip_abs_gap": gap * at_stake}
        answer = run_highs(program, time_limit_s=time_limit_s, options=options, start=start)
        if answer.values is None:
            return None, answer
        changed = values.copy()
        decided = np.clip(answer.values, program.lower, program.upper)
        if program.is_integer is not None:
            decided[program.is_integer] = np.round(decided[program.is_integer])
        changed[free] = decided
        return changed, answer
