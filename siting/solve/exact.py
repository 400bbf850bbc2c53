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
from siting.solve.leaves import grow_leaves
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

LEAST_WORK = 1.0
"""Work that branch and bound may do at least."""
LOG_ROUNDING = 1e-7
LEAF_SHARE = 0.1
"""Share of the limit for leaves with multipliers of their own, at most."""


@dataclass(frozen=True)
class Ended:
    """How the solver ended: whether optimality is proven, whether it says that no plan exists."""

    is_optimal: bool
    is_infeasible: bool


def available_solvers() -> dict[str, str]:
    """Return the solvers of `SOLVER_NAMES` that can be used here, by our name, with PuLP's name for each."""
    present = set(pulp.listSolvers(onlyAvailable=True))
    found = {name: [its for its in theirs if its in present] for name, theirs in SOLVER_NAMES.items()}
    return {name: theirs[0] for name, theirs in found.items() if theirs}


def pulp_name(solver: str) -> str:
    """Return PuLP's name of a solver.

    Raises
    ------
    SolverError
        If it is not installed.
    """
    found = available_solvers()
    if solver.lower() not in found:
        raise SolverError(f"solver {solver!r} is not installed; available here: {', '.join(sorted(found)) or 'none'}")
    return found[solver.lower()]


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
    theirs = pulp_name(solver)
    name = solver.lower()
    offer_root(model, record)
    if name == "highs":
        options = {"threads": 1 if record.counts_work else threads, "random_seed": seed}
        return _by_highs(model, record, gap=gap, options=options, start=start)
    if record.counts_work:
        raise SolverError(f"solver {name!r} tells of no work while it runs; take `solver: highs`, or no limit of work")
    settings: dict[str, Any] = {"msg": False, "timeLimit": max(1.0, record.seconds_left), "gapRel": gap}
    if name != "glpk":
        settings["threads"] = threads
    with warnings.catch_warnings():
        # PuLP 3.3 says that its own CBC goes away in PuLP 4; there the same name of ours stands for another
        warnings.simplefilter("ignore", DeprecationWarning)
        handle = pulp.getSolver(theirs, **settings)
    return _by_pulp(model, record, handle, gap=gap)


def offer_root(model: LinearModel, record: Record) -> None:
    """Offer the bound of the relaxation, once, and of its leaves, if it has rows of whole facilities."""
    if record.has_root:
        return
    record.has_root = True
    allowed = record.allow(record.left)
    root = relax(model, time_limit_s=allowed.seconds, work=allowed.work, charged=record)
    if root is not None:
        record.offer_bound(root.bound, "relaxation", root.multipliers)
        if record.prover is None:  # bounds of leaves are of the links that have columns
            grow_leaves(model, root, record, most=LEAF_SHARE * record.limit)


def _by_highs(
    model: LinearModel, record: Record, *, gap: float, options: dict[str, Any], start: Floats | None
) -> Ended:
    program = program_of(model, is_linear=False)
    listener = _Listener(model, record, gap)
    driver = HighsDriver(program, options={**options, "mip_rel_gap": gap}, listener=listener)
    if start is not None:
        driver.begin_at(start)
    try:
        allowed = record.allow(record.left)
        driver.run(time_limit_s=max(1.0, allowed.seconds), work=max(LEAST_WORK, allowed.work))
    finally:
        answer = driver.answer()
        if answer.values is not None:
            listener.found(answer.values)
        if np.isfinite(answer.bound):
            record.offer_bound(answer.bound, STAGE)
        record.charge(answer.work, is_timed_out=answer.is_timed_out)
    if answer.failure and answer.values is None:
        raise SolverError(
            f"HiGHS gave up: {answer.failure}; try another solver, `engine: city`, or other units of prices"
        )
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
        """Offer a bound to the record, at most so often."""
        with self.lock:
            if time.monotonic() - self.told_at >= TELL_S and np.isfinite(bound):
                self.told_at = time.monotonic()
                self.record.offer_bound(bound, STAGE)

    def stops(self) -> bool:
        """Return whether time is up or the gap is reached, also by a concurrent engine.

        Where work is counted only HiGHS itself sees the gap: what is told here comes by the clock.
        """
        record = self.record
        return record.is_out_of_time() or (not record.counts_work and record.gap <= self.gap)


def _by_pulp(model: LinearModel, record: Record, handle: Any, *, gap: float) -> Ended:
    """Pass the PuLP model to another solver, in a separate thread so that Ctrl-C is handled."""
    problem, variables = to_pulp(model)
    run = _Run(problem, handle)
    try:
        run.wait()
    except KeyboardInterrupt:
        run.wait()
        _read(run, variables, (model, record), gap)
        raise
    if run.error is not None:
        cause = str(run.error) or type(run.error).__name__
        raise SolverError(f"solver {handle.name}: {cause}; try `solver: highs`, or run `siting doctor`") from run.error
    return _read(run, variables, (model, record), gap)


class _Run:
    """A solve in a thread of its own: a solver's code does not hear Ctrl-C, the thread that waits for it does."""

    def __init__(self, problem: Any, handle: Any) -> None:
        self.problem, self.handle = problem, handle
        self.answer: Any = None
        self.error: Exception | None = None
        self.is_over = threading.Event()  # a `join` that Ctrl-C breaks takes the thread for dead (CPython 3.11)
        threading.Thread(target=self._solve, daemon=True).start()

    def _solve(self) -> None:
        try:
            self.answer = self.problem.solve(self.handle)
        except Exception as error:
            self.error = error
        finally:
            self.is_over.set()

    def wait(self) -> None:
        while not self.is_over.wait(POLL_S):
            pass


def _read(run: _Run, variables: list[Any], into: tuple[LinearModel, Record], gap: float) -> Ended:
    """Return the status, plan and bound, as PuLP 3.3 and PuLP 4 each tell them."""
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
    """Return whether the plan is proven to be within the gap, whether none exists, and whether there is one to read."""
    if hasattr(answer, "has_solution"):  # PuLP 4
        statuses, has_solution = pulp.LpSolveStatus, bool(answer.has_solution)
        return answer.status == statuses.Optimal and has_solution, answer.status == statuses.Infeasible, has_solution
    is_optimal = problem.sol_status == pulp.LpSolutionOptimal
    has_solution = is_optimal or problem.sol_status == pulp.LpSolutionIntegerFeasible
    return is_optimal, problem.status == pulp.LpStatusInfeasible, has_solution


def _read_bound(answer: Any) -> float | None:
    """Return the bound that PuLP 4 reads from a solver's log, less what the digits shown there may have rounded up."""
    bound: float | None = getattr(answer, "best_bound", None)
    return None if bound is None else bound - LOG_ROUNDING * abs(bound)
