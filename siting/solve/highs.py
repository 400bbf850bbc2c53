"""HiGHS on the model's arrays: linear relaxations and small mixed-integer programs, with our clock kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats
from siting.model.linear import LinearModel

OVERRUN = 0.01
"""HiGHS looks at its clock rarely in its heuristics: it is cancelled this share of its limit later."""


SHORT_S = 5.0


@dataclass(frozen=True)
class Program:
    """Arrays of a program to minimise; `is_integer` None for a linear one. Shapes as in `LinearModel`."""

    cost: Floats
    lower: Floats
    upper: Floats
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    is_integer: Bools | None = None


def program_of(model: LinearModel, *, is_linear: bool) -> Program:
    """The whole model, or its relaxation."""
    return Program(
        model.cost,
        model.column_lower,
        model.column_upper,
        model.matrix,
        model.row_lower,
        model.row_upper,
        None if is_linear else model.is_integer,
    )


@dataclass(frozen=True)
class Answer:
    """What HiGHS found. `values` None where it has no feasible point; `bound` -inf where it proved none.

    `is_optimal`, `is_infeasible` say what is proven. `row_dual` (n_rows,) is only meaningful after a linear program.
    """

    values: Floats | None
    cost: float
    bound: float
    row_dual: Floats
    is_optimal: bool
    is_infeasible: bool


Improved = Callable[[Floats, float, float], None]
"""Called with (values, cost, bound) when HiGHS finds a better point."""


class WarmProgram:
    """A linear program that is solved again and again with other costs and row bounds, from the last basis."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.highs: Any = _new_highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.passModel(_as_lp(program))

    def add_rows(self, matrix: sparse.csr_array, lower: Floats, upper: Floats) -> None:
        """Add rows after those that are there."""
        self.highs.addRows(
            len(lower), lower, upper, matrix.nnz, matrix.indptr[:-1].astype(np.int32), matrix.indices, matrix.data
        )

    def run(self, *, time_limit_s: float) -> Answer:
        """Solve it as it stands."""
        self.highs.setOptionValue("time_limit", float(self.highs.getRunTime()) + max(0.1, time_limit_s))
        _run_cancellable(self.highs, time_limit_s)
        return _answer(self.highs, self.program)


def run_highs(
    program: Program,
    *,
    time_limit_s: float,
    options: Mapping[str, Any] | None = None,
    start: Floats | None = None,
    improved: Improved | None = None,
) -> Answer:
    """Solve `program`; `start` (n_columns,) is a feasible point to begin from. Ctrl-C stops it and is raised again."""
    highs: Any = _new_highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("time_limit", max(0.1, time_limit_s))
    for key, value in (options or {}).items():
        if highs.setOptionValue(key, value) != highspy.HighsStatus.kOk:
            raise ValueError(f"HiGHS does not take option {key} = {value!r}")
    highs.passModel(_as_lp(program))
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        highs.setSolution(solution)
    if improved is not None:
        highs.cbMipImprovingSolution.subscribe(
            lambda event: improved(
                np.array(event.data_out.mip_solution),
                event.data_out.objective_function_value,
                event.data_out.mip_dual_bound,
            )
        )
    _run_cancellable(highs, time_limit_s)
    return _answer(highs, program)


def _new_highs() -> Any:
    make: Any = highspy.Highs  # its constructor has no types
    return make()


def _run_cancellable(highs: Any, time_limit_s: float) -> None:
    """Run in a thread of its own, so that Ctrl-C and our own clock reach it.

    A short run is only waited for: the calls back that make it cancellable cost more than they save there.
    """
    highs.HandleUserInterrupt = time_limit_s > SHORT_S
    worker = threading.Thread(target=highs.run, daemon=True)
    worker.start()
    try:
        worker.join((1 + OVERRUN) * time_limit_s)
    finally:
        if worker.is_alive():
            highs.cancelSolve()
            worker.join()


def _as_lp(program: Program) -> Any:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.cost), len(program.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.matrix.indptr
    lp.a_matrix_.index_ = program.matrix.indices
    lp.a_matrix_.value_ = program.matrix.data
    if program.is_integer is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in program.is_integer]
    return lp


def _answer(highs: Any, program: Program) -> Answer:
    status, info, solution = highs.getModelStatus(), highs.getInfo(), highs.getSolution()
    is_mip = program.is_integer is not None and bool(program.is_integer.any())
    is_optimal = status == highspy.HighsModelStatus.kOptimal
    has_point = is_optimal or info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    bound = float(info.mip_dual_bound) if is_mip else (float(info.objective_function_value) if is_optimal else -np.inf)
    return Answer(
        values=np.array(solution.col_value) if has_point else None,
        cost=float(info.objective_function_value) if has_point else np.inf,
        bound=bound,
        row_dual=np.array(solution.row_dual),
        is_optimal=is_optimal,
        is_infeasible=status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible),
    )
