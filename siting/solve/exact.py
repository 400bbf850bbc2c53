"""The exact engine, the reference for every other one: HiGHS on the arrays, or the model in PuLP for other solvers."""

from __future__ import annotations

import threading
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pulp

from siting.errors import SolverError
from siting.instance import Floats
from siting.model.linear import LinearModel
from siting.model.pulp_model import to_pulp
from siting.solve.clock import Record
from siting.solve.highs import POLL_S, HighsDriver, program_of
from siting.solve.relaxation import relax

SOLVER_NAMES = {
    "highs": ("HiGHS",),
    "cbc": ("PULP_CBC_CMD", "COIN_CMD"),
    "scip": ("SCIP_PY", "SCIP_CMD"),
    "gurobi": ("GUROBI", "GUROBI_CMD"),
    "cplex": ("CPLEX_PY", "CPLEX_CMD"),
    "copt": ("COPT",),
    "xpress": ("XPRESS_PY", "XPRESS"),
    "cuopt": ("CUOPT",),
    "glpk": ("GLPK_CMD",),
}


STAGE = "branch and bound"
TELL_S = 1.0
"""Bounds between two better plans are reported no more often than this."""

LOG_ROUNDING = 1e-7


@dataclass(frozen=True)
class Ended:
    """How the solver ended: whether optimality is proven, whether it says that no plan exists."""

    is_optimal: bool
    is_infeasible: bool


def available_solvers() -> dict[str, str]:
    """The solvers of `SOLVER_NAMES` that can be used here, by our name, with PuLP's name for each."""
    present = set(pulp.listSolvers(onlyAvailable=True))
    found = {name: [its for its in theirs if its in present] for name, theirs in SOLVER_NAMES.items()}
    return {name: theirs[0] for name, theirs in found.items() if theirs}


def solve_exact(
    model: LinearModel,
    record: Record,
    *,
    solver: str,
    gap: float,
    threads: int,
    seed: int,
    start: Floats | None = None,
) -> Ended:
    """Solve `model` by branch and bound, leaving plans and bounds in `record`.

    The bound is the larger of the solver's own, where it reports one, and that of the root relaxation. `start`
    (n_columns,) is a feasible point for HiGHS to begin from. Ctrl-C stops HiGHS, keeps its plan and bound in `record`,
    and is raised again.

    Raises
    ------
    SolverError
        If the solver is not installed or fails.
    """
    name = solver.lower()
    found = available_solvers()
    if name not in found:
        raise SolverError(f"solver {solver!r} is not installed; available here: {', '.join(sorted(found)) or 'none'}")
    root = relax(model, time_limit_s=record.seconds_left)
    if root is not None:
        record.offer_bound(root.bound, "relaxation", root.multipliers)
    if name == "highs":
        return _by_highs(model, record, gap=gap, options={"threads": threads, "random_seed": seed}, start=start)
    settings: dict[str, Any] = {"msg": False, "timeLimit": max(1.0, record.seconds_left), "gapRel": gap}
    if name != "glpk":
        settings["threads"] = threads
    with warnings.catch_warnings():
        # PuLP 3.3 says that its own CBC goes away in PuLP 4; there the same name of ours stands for another
        warnings.simplefilter("ignore", DeprecationWarning)
        handle = pulp.getSolver(found[name], **settings)
    return _by_pulp(model, record, handle, gap=gap)


def _by_highs(
    model: LinearModel, record: Record, *, gap: float, options: dict[str, Any], start: Floats | None
) -> Ended:
    program = program_of(model, is_linear=False)
    listener = _Listener(model, record, gap)
    driver = HighsDriver(program, options={**options, "mip_rel_gap": gap}, listener=listener)
    if start is not None:
        driver.begin_at(start)
    try:
        driver.run(time_limit_s=max(1.0, record.seconds_left))
    finally:
        answer = driver.answer()
        if answer.values is not None:
            listener.found(answer.values)
        if np.isfinite(answer.bound):
            record.offer_bound(answer.bound, STAGE)
    return Ended(answer.is_optimal, answer.is_infeasible)


class _Listener:
    """Keeps better plans and bounds in the record, and ends HiGHS at the gap and when time is up."""

    def __init__(self, model: LinearModel, record: Record, gap: float) -> None:
        self.model, self.record, self.gap = model, record, gap
        self.told_at = -np.inf
        self.lock = threading.Lock()

    def found(self, values: Floats) -> None:
        """Offer a plan to the record."""
        self.record.offer_plan(values, float(self.model.cost @ values), STAGE)

    def proved(self, bound: float) -> None:
        """Offer a bound to the record, not too often."""
        with self.lock:
            if time.monotonic() - self.told_at >= TELL_S and np.isfinite(bound):
                self.told_at = time.monotonic()
                self.record.offer_bound(bound, STAGE)

    def stops(self) -> bool:
        """Say whether time is up or the gap is reached, also by an engine beside."""
        return self.record.seconds_left == 0 or self.record.gap <= self.gap


def _by_pulp(model: LinearModel, record: Record, handle: Any, *, gap: float) -> Ended:
    """Hand the model in PuLP to another solver, in a thread of its own so that Ctrl-C is heard."""
    problem, variables = to_pulp(model)
    run = _Run(problem, handle)
    try:
        run.wait()
    except KeyboardInterrupt:
        run.wait()
        _read(run, variables, (model, record), gap)
        raise
    if run.error is not None:
        raise SolverError(
            f"solver {handle.name}: {run.error}; try `solver: highs`, or run `siting doctor`"
        ) from run.error
    return _read(run, variables, (model, record), gap)


class _Run:
    """A solve in a thread of its own: a solver's code does not hear Ctrl-C, the thread that waits for it does."""

    def __init__(self, problem: Any, handle: Any) -> None:
        self.problem, self.handle = problem, handle
        self.answer: Any = None
        self.error: pulp.PulpSolverError | None = None
        self.is_over = threading.Event()  # a `join` that Ctrl-C breaks takes the thread for dead (CPython 3.11)
        threading.Thread(target=self._solve, daemon=True).start()

    def _solve(self) -> None:
        try:
            self.answer = self.problem.solve(self.handle)
        except pulp.PulpSolverError as error:
            self.error = error
        finally:
            self.is_over.set()

    def wait(self) -> None:
        while not self.is_over.wait(POLL_S):
            pass


def _read(run: _Run, variables: list[Any], into: tuple[LinearModel, Record], gap: float) -> Ended:
    """Status, plan and bound, as PuLP 3.3 and PuLP 4 each tell them."""
    problem, (model, record) = run.problem, into
    if run.answer is None:
        return Ended(is_optimal=False, is_infeasible=False)
    is_optimal, is_infeasible, has_solution = _status(problem, run.answer)
    cost = np.inf
    if has_solution:
        values = np.array([variable.varValue or 0.0 for variable in variables])
        cost = float(model.cost @ values)
        record.offer_plan(values, cost, STAGE)
    bound = _read_bound(run.answer)
    if bound is None and is_optimal:
        # all that such a solver says is that it stopped within the gap that it was asked for, of cost or bound
        bound = cost - abs(cost) * gap / (1 - gap)
    if bound is not None and np.isfinite(bound):
        record.offer_bound(float(bound), STAGE)
    return Ended(is_optimal, is_infeasible)


def _status(problem: Any, answer: Any) -> tuple[bool, bool, bool]:
    """Whether the plan is proven to be within the gap, whether none exists, and whether there is one to read."""
    if hasattr(answer, "has_solution"):  # PuLP 4
        statuses, has_solution = pulp.LpSolveStatus, bool(answer.has_solution)
        return answer.status == statuses.Optimal and has_solution, answer.status == statuses.Infeasible, has_solution
    is_optimal = problem.sol_status == pulp.LpSolutionOptimal
    has_solution = is_optimal or problem.sol_status == pulp.LpSolutionIntegerFeasible
    return is_optimal, problem.status == pulp.LpStatusInfeasible, has_solution


def _read_bound(answer: Any) -> float | None:
    """The bound that PuLP 4 reads from a solver's log, less what the digits shown there may have rounded up."""
    bound: float | None = getattr(answer, "best_bound", None)
    return None if bound is None else bound - LOG_ROUNDING * abs(bound)
