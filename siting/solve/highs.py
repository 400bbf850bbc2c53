"""The one driver of HiGHS: arrays in; incumbents and bounds streamed, point, bound and duals out."""

from __future__ import annotations

import ctypes
import functools
import os
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import highspy
import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats
from siting.model.linear import LinearModel

OVERRUN = 0.01
"""HiGHS looks at its clock rarely in its heuristics: it is cancelled this share of its limit later."""

POLL_S = 0.1
"""Interval in which the waiting thread wakes, so that Ctrl-C is heard."""
SHORT_S = 5.0
_FIRST = threading.Lock()


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
    """Result of a run of HiGHS. `values` None where it has no feasible point; `bound` -inf where it proved none.

    `is_optimal`, `is_infeasible` say what is proven. `row_dual` (n_rows,) is only meaningful after a linear program.
    """

    values: Floats | None
    cost: float
    bound: float
    row_dual: Floats
    is_optimal: bool
    is_infeasible: bool


class Listener(Protocol):
    """Follower of a branch and bound, called from the solver's threads."""

    def found(self, values: Floats) -> None:
        """Take a better point, (n_columns,)."""

    def proved(self, bound: float) -> None:
        """Take the bound proven so far."""

    def stops(self) -> bool:
        """Say whether the run should end now."""


def _new_highs() -> Any:
    """Return a HiGHS object; nothing reaches standard output, which programs read."""
    make: Any = highspy.Highs  # its constructor has no types
    with _FIRST:
        _swallow_banner(make)
    return make()


@functools.cache
def _swallow_banner(make: Any) -> None:
    """Make the first HiGHS object of the process, which prints a banner (highspy 1.16), with its output thrown away."""
    sys.stdout.flush()
    shown, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        make()
        if sys.platform != "win32":
            ctypes.CDLL(None).fflush(None)
    finally:
        os.dup2(shown, 1)
        os.close(shown)
        os.close(nowhere)


class HighsDriver:
    """One program in HiGHS, with our clock and Ctrl-C kept.

    It is run once, or again and again with other costs, row bounds and rows, from the last basis.
    """

    def __init__(
        self, program: Program, *, options: Mapping[str, Any] | None = None, listener: Listener | None = None
    ) -> None:
        self.program, self.highs = program, _new_highs()
        for key, value in {"output_flag": False, **(options or {})}.items():
            if self.highs.setOptionValue(key, value) != highspy.HighsStatus.kOk:
                raise ValueError(f"HiGHS does not take option {key} = {value!r}")
        self.highs.passModel(_as_lp(program))
        self.is_followed = listener is not None
        if listener is not None:
            self._follow(listener)

    def begin_at(self, values: Floats) -> None:
        """Start the next run from a feasible point, (n_columns,)."""
        solution = highspy.HighsSolution()
        solution.col_value = values.tolist()
        self.highs.setSolution(solution)

    def add_rows(self, matrix: sparse.csr_array, lower: Floats, upper: Floats) -> None:
        """Add rows after those that are there."""
        self.highs.addRows(
            len(lower), lower, upper, matrix.nnz, matrix.indptr[:-1].astype(np.int32), matrix.indices, matrix.data
        )

    def run(self, *, time_limit_s: float) -> Answer:
        """Solve the program as it stands; Ctrl-C stops HiGHS and is raised again, `answer` then gives what it has."""
        self.highs.setOptionValue("time_limit", float(self.highs.getRunTime()) + max(0.1, time_limit_s))
        # a short run is only waited for: the callbacks that make it cancellable cost more than they save there
        self.highs.HandleUserInterrupt = self.is_followed or time_limit_s > SHORT_S
        is_over = threading.Event()  # a `join` that Ctrl-C breaks takes the thread for dead (CPython 3.11)

        def work() -> None:
            try:
                self.highs.run()
            finally:
                is_over.set()

        threading.Thread(target=work, daemon=True).start()
        ends_at = time.monotonic() + (1 + OVERRUN) * time_limit_s
        try:
            while not is_over.is_set() and time.monotonic() < ends_at:
                is_over.wait(min(POLL_S, max(0.0, ends_at - time.monotonic())))
        finally:
            if not is_over.is_set():
                self.highs.cancelSolve()
                is_over.wait()
        return self.answer()

    def answer(self) -> Answer:
        """Return the point, bound and duals that HiGHS holds."""
        highs, program = self.highs, self.program
        status, info, solution = highs.getModelStatus(), highs.getInfo(), highs.getSolution()
        statuses = highspy.HighsModelStatus
        is_mip = program.is_integer is not None and bool(program.is_integer.any())
        is_optimal = status == statuses.kOptimal
        has_point = is_optimal or info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        cost = float(info.objective_function_value)
        return Answer(
            values=np.array(solution.col_value) if has_point else None,
            cost=cost if has_point else np.inf,
            bound=float(info.mip_dual_bound) if is_mip else (cost if is_optimal else -np.inf),
            row_dual=np.array(solution.row_dual),
            is_optimal=is_optimal,
            is_infeasible=status in (statuses.kInfeasible, statuses.kUnboundedOrInfeasible),
        )

    def _follow(self, listener: Listener) -> None:
        def improving(event: Any) -> None:
            listener.found(np.array(event.data_out.mip_solution))
            listener.proved(float(event.data_out.mip_dual_bound))

        def asking(event: Any) -> None:
            if listener.stops():
                event.interrupt()
            listener.proved(float(event.data_out.mip_dual_bound))

        self.highs.cbMipImprovingSolution.subscribe(improving)
        self.highs.cbMipInterrupt.subscribe(asking)


def run_highs(
    program: Program,
    *,
    time_limit_s: float,
    options: Mapping[str, Any] | None = None,
    start: Floats | None = None,
) -> Answer:
    """Solve `program` once; `start` (n_columns,) is a feasible point to begin from."""
    driver = HighsDriver(program, options=options)
    if start is not None:
        driver.begin_at(start)
    return driver.run(time_limit_s=time_limit_s)


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
