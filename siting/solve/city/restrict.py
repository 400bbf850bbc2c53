"""A small program inside a large one: some columns free, all others held where they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.model.linear import LinearModel
from siting.solve.highs import Answer, Program, run_highs

SLACK = 1e-9
"""Rows give way by this much, relative to 1, so that rounding in what is held cannot make a part infeasible."""


@dataclass(frozen=True)
class Holder:
    """A model ready for restrictions: its matrix by columns too."""

    model: LinearModel
    by_column: sparse.csc_array

    @classmethod
    def of(cls, model: LinearModel) -> Holder:
        """Prepare `model`."""
        return cls(model, sparse.csc_array(model.matrix))

    def restricted(self, values: Floats, free: Ints, is_integer: Bools | None) -> Program:
        """The program of the `free` columns, with all others at `values` (n_columns,); (n_columns,) integer marks."""
        model = self.model
        part = self.by_column[:, free]
        rows = np.unique(part.indices)
        held = values.copy()
        held[free] = 0.0
        shift = model.matrix[rows] @ held
        slack = SLACK * np.maximum(1.0, np.abs(shift))
        return Program(
            cost=model.cost[free],
            lower=model.column_lower[free],
            upper=model.column_upper[free],
            matrix=sparse.csr_array(part)[rows],
            row_lower=model.row_lower[rows] - shift - slack,
            row_upper=model.row_upper[rows] - shift + slack,
            is_integer=None if is_integer is None else is_integer[free],
        )

    def resolve(
        self,
        values: Floats,
        free: Ints,
        *,
        is_integer: Bools | None,
        time_limit_s: float,
        options: dict[str, object] | None = None,
        has_start: bool = False,
    ) -> tuple[Floats | None, Answer]:
        """`values` with the free columns decided anew, or None where the part has no solution within the limit."""
        program = self.restricted(values, free, is_integer)
        start = values[free] if has_start else None
        answer = run_highs(program, time_limit_s=time_limit_s, options=options, start=start)
        if answer.values is None:
            return None, answer
        changed = values.copy()
        decided = np.clip(answer.values, program.lower, program.upper)
        if program.is_integer is not None:
            decided[program.is_integer] = np.round(decided[program.is_integer])
        changed[free] = decided
        return changed, answer
