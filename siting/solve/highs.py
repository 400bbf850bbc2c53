"""The one driver of HiGHS: arrays in; incumbents and bounds streamed, point, bound and duals out."""

from __future__ import annotations

import ctypes
import functools
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import highspy
import numpy as np
from scipy import sparse

from siting.errors import SolverError
from siting.instance import Bools, Floats
from siting.model.linear import LinearModel

OVERRUN = 0.01
"""HiGHS looks at its clock rarely in its heuristics: it is cancelled this share of its limit later."""

WORK_AN_ENTRY = 5e-7
"""Work of a run for each entry of its matrix: what that takes in seconds, about."""
LINEAR_WORK, INTEGER_WORK = (1e-5, 3e-9), (1e-4, 2e-8)
"""Work of a simplex iteration, and for each entry of the matrix: of a linear program, and within branch and bound."""
HELD_LINEAR_WORK, HELD_INTEGER_WORK = (1e-5, 1e-10), (1e-4, 3e-9)
"""The same for a part of a plan whose rest is held: presolve leaves little of it."""
INTERIOR_WORK = 1e-6
"""Work of an iteration of an interior-point method for each entry of the matrix."""
ITERATIONS_A_CHECK = 250, 60
"""Iterations between two points where branch and bound can be ended, at the root and below: it tells of them late."""
POLL_S = 0.1
"""Interval in which the waiting thread wakes, so that Ctrl-C is heard."""
SHORT_S = 5.0
MEMORY_CURE = "free memory, lift the limit of the process, take `engine: city`, or plan a part of the city"
MOST_ITERATIONS = 2**31 - 1
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
    """Return the whole model, or its relaxation."""
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
    `failure` is the status in which HiGHS gave up by itself, empty where it did not.
    `work` is what the run took, counted by iterations; `is_timed_out` where the clock ended it.
    """

    values: Floats | None
    cost: float
    bound: float
    row_dual: Floats
    is_optimal: bool
    is_infeasible: bool
    work: float
    is_timed_out: bool
    failure: str = ""


class Listener(Protocol):
    """Follower of a branch and bound, called from the solver's threads."""

    def found(self, values: Floats) -> None:
        """Take a better point, (n_columns,)."""

    def proved(self, bound: float) -> None:
        """Take the bound proven so far."""

    def stops(self) -> bool:
        """Return whether the run should end now."""


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

    It is run once, or again and again with other costs, row bounds and rows, from the last basis. `is_held` as in
    `run_highs`.

    Raises
    ------
    SolverError
        If HiGHS does not take the program, runs out of memory or breaks off.
    """

    def __init__(
        self,
        program: Program,
        *,
        options: Mapping[str, Any] | None = None,
        listener: Listener | None = None,
        is_held: bool = False,
    ) -> None:
        self.program, self.highs = program, _new_highs()
        for key, value in {"output_flag": False, **(options or {})}.items():
            if self.highs.setOptionValue(key, value) != highspy.HighsStatus.kOk:
                raise ValueError(f"HiGHS does not take option {key} = {value!r}")
        if self.highs.passModel(_as_lp(program)) == highspy.HighsStatus.kError:
            raise SolverError(
                f"HiGHS does not take the {self._size}: a figure of it is not finite, or beyond 1e15; look for a price,"
                " capacity or tonnage of the wrong unit"
            )
        self.broken = list[Exception]()
        self.is_followed, self.is_late = listener is not None, False
        self.iterations = self.iterations_allowed = math.inf
        self.is_mip = program.is_integer is not None and bool(program.is_integer.any())
        linear, integer = (HELD_LINEAR_WORK, HELD_INTEGER_WORK) if is_held else (LINEAR_WORK, INTEGER_WORK)
        fixed, of_entry = integer if self.is_mip else linear
        self.iteration_work = fixed + of_entry * program.matrix.nnz
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

    def run(self, *, time_limit_s: float, work: float = math.inf) -> Answer:
        """Solve the program as it stands; Ctrl-C stops HiGHS and is raised again, `answer` then gives what it has.

        Where `work` is limited, a count ends the run: of iterations, or of checks within branch and bound.
        """
        self.highs.setOptionValue("time_limit", float(self.highs.getRunTime()) + max(0.1, time_limit_s))
        # a short run is only waited for: the callbacks that make it cancellable cost more than they save there
        self.highs.HandleUserInterrupt = self.is_followed or min(work, time_limit_s) > SHORT_S
        if math.isfinite(work):
            self._limit(work)
        is_over = threading.Event()  # a `join` that Ctrl-C breaks takes the thread for dead (CPython 3.11)

        def solve() -> None:
            try:
                self.highs.run()
            except Exception as error:
                self.broken.append(error)
            finally:
                is_over.set()

        try:
            threading.Thread(target=solve, daemon=True).start()
        except RuntimeError as error:  # how Python says that the system has no memory or number left for a thread
            raise SolverError(f"no thread could be started for HiGHS ({error}); {MEMORY_CURE}") from error
        ends_at = time.monotonic() + (1 + OVERRUN) * time_limit_s
        try:
            while not is_over.is_set() and time.monotonic() < ends_at:
                is_over.wait(min(POLL_S, max(0.0, ends_at - time.monotonic())))
        finally:
            if not is_over.is_set():
                self.is_late = True
                self.highs.cancelSolve()
                is_over.wait()
        self._raise_broken()
        return self.answer()

    def _raise_broken(self) -> None:
        """Raise what ended a run from within; a thread that dies says nothing by itself."""
        cause = self.broken[0] if self.broken else None
        if isinstance(cause, MemoryError) or self.highs.getModelStatus() == highspy.HighsModelStatus.kMemoryLimit:
            raise SolverError(f"HiGHS ran out of memory on a {self._size}; {MEMORY_CURE}") from cause
        if cause is not None:
            raise SolverError(f"HiGHS broke off on a {self._size}: {cause}") from cause

    @property
    def _size(self) -> str:
        return f"program of {len(self.program.cost):,} columns and {len(self.program.row_lower):,} rows"

    def answer(self) -> Answer:
        """Return the point, bound and duals that HiGHS holds."""
        highs = self.highs
        status, info, solution = highs.getModelStatus(), highs.getInfo(), highs.getSolution()
        statuses = highspy.HighsModelStatus
        is_optimal = status == statuses.kOptimal
        has_point = is_optimal or info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        cost = float(info.objective_function_value)
        return Answer(
            values=np.array(solution.col_value) if has_point else None,
            cost=cost if has_point else np.inf,
            bound=float(info.mip_dual_bound) if self.is_mip else (cost if is_optimal else -np.inf),
            row_dual=np.array(solution.row_dual),
            is_optimal=is_optimal,
            is_infeasible=status in (statuses.kInfeasible, statuses.kUnboundedOrInfeasible),
            failure=highs.modelStatusToString(status) if status in _failures() else "",
            work=self._work(info),
            is_timed_out=self.is_late or status == statuses.kTimeLimit,
        )

    def _work(self, info: Any) -> float:
        """Return the work of the last run."""
        nnz, interior = self.program.matrix.nnz, max(0, info.ipm_iteration_count)
        iterations = self.iteration_work * max(0, info.simplex_iteration_count)
        return float((WORK_AN_ENTRY + INTERIOR_WORK * interior) * nnz + iterations)

    def _limit(self, work: float) -> None:
        """End the next run by counts that about so much work makes."""
        iterations = max(1, int(work / self.iteration_work))
        if not self.is_mip:
            self.highs.setOptionValue("simplex_iteration_limit", min(iterations, MOST_ITERATIONS))
            most = max(1, int(work / (INTERIOR_WORK * max(1, self.program.matrix.nnz))))
            self.highs.setOptionValue("ipm_iteration_limit", min(most, MOST_ITERATIONS))
            return
        if math.isinf(self.iterations_allowed):
            self.highs.cbMipInterrupt.subscribe(self._check)
        self.iterations, self.iterations_allowed = 0, iterations

    def _check(self, event: Any) -> None:
        """End branch and bound after as many checks as the iterations allowed would take."""
        at_root, below = ITERATIONS_A_CHECK
        self.iterations += below if event.data_out.mip_node_count > 0 else at_root
        if self.iterations > self.iterations_allowed:
            event.interrupt()

    def _follow(self, listener: Listener) -> None:
        def improving(event: Any) -> None:
            listener.found(np.array(event.data_out.mip_solution))
            listener.proved(float(event.data_out.mip_dual_bound))

        def asking(event: Any) -> None:
            if self.broken or listener.stops():
                event.interrupt()
            listener.proved(float(event.data_out.mip_dual_bound))

        self.highs.cbMipImprovingSolution.subscribe(self._kept(improving))
        self.highs.cbMipInterrupt.subscribe(self._kept(asking))

    def _kept(self, callback: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return `callback` with its first failure kept for `run` to raise: HiGHS would only say that it gave up."""

        def call(event: Any) -> None:
            try:
                callback(event)
            except Exception as error:
                self.broken.append(error)

        return call


def run_highs(
    program: Program,
    *,
    time_limit_s: float,
    work: float = math.inf,
    options: Mapping[str, Any] | None = None,
    start: Floats | None = None,
    is_held: bool = False,
) -> Answer:
    """Solve `program` once; `start` (n_columns,) is a feasible point to begin from, `work` as in `HighsDriver.run`.

    `is_held`: it is a part of a plan, whose rest is held; less work is counted for that.
    """
    driver = HighsDriver(program, options=options, is_held=is_held)
    if start is not None:
        driver.begin_at(start)
    return driver.run(time_limit_s=time_limit_s, work=work)


def _failures() -> tuple[Any, ...]:
    """Return the statuses in which HiGHS gives up by itself."""
    statuses = highspy.HighsModelStatus
    return (
        statuses.kLoadError, statuses.kModelError, statuses.kPresolveError, statuses.kSolveError,
        statuses.kPostsolveError,
    )  # fmt: skip


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
