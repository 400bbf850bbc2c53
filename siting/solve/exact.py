"""The exact engine: the model in PuLP, handed to any solver that PuLP knows. The reference for every other engine."""

from __future__ import annotations

import threading
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pulp

from siting.errors import SolverError
from siting.instance import Floats, Ints
from siting.model.linear import LinearModel
from siting.model.pulp_model import to_pulp
from siting.solve.clock import Record
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


POLL_S = 0.1
"""How often the waiting thread looks up, so that Ctrl-C is heard."""
TELL_S = 1.0
"""Bounds between two better plans are told no more often than this."""

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
    start: Floats | None = None,  # noqa: ARG001
) -> Ended:
    """Solve `model` through PuLP, leaving plans and bounds in `record`.

    The bound is the larger of the solver's own, where it tells one, and that of the root relaxation. Ctrl-C stops
    HiGHS, keeps its plan and bound in `record`, and is raised again.

    Raises
    ------
    SolverError
        If the solver is not installed or fails.
    """
    root = relax(model, time_limit_s=record.seconds_left)
    if root is not None:
        record.offer_bound(root.bound, "relaxation", root.multipliers)
    problem, variables = to_pulp(model)
    listener = _Listener(model, record, _solver_order(problem, variables), gap)
    handle = _solver(solver, listener, gap=gap, threads=threads, seed=seed)
    run = _Run(problem, handle)
    try:
        run.wait()
    except KeyboardInterrupt:
        listener.is_stopped = True
        run.wait()
        _read(run, variables, (model, record), gap)
        raise
    if run.error is not None:
        raise SolverError(f"solver {solver}: {run.error}; try `solver: highs`, or run `siting doctor`") from run.error
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


def _solver_order(problem: Any, variables: list[Any]) -> Ints:
    """Where each of our columns stands among the variables as PuLP hands them to a solver, (n_columns,)."""
    in_order = getattr(problem, "exported_variables", problem.variables)()  # PuLP 4 drops the unused ones
    place = {variable.name: number for number, variable in enumerate(in_order)}
    return np.array([place[variable.name] for variable in variables], dtype=np.int64)


def _solver(name: str, listener: _Listener, *, gap: float, threads: int, seed: int) -> Any:
    """PuLP's handle of a solver, with limits set."""
    found = available_solvers()
    if name.lower() not in found:
        raise SolverError(f"solver {name!r} is not installed; available here: {', '.join(sorted(found)) or 'none'}")
    settings: dict[str, Any] = {"msg": False, "timeLimit": max(1.0, listener.record.seconds_left), "gapRel": gap}
    if name.lower() == "highs":
        import highspy

        settings |= {
            "threads": threads,
            "random_seed": seed,
            "callbackTuple": (listener, None),
            "callbacksToActivate": [
                highspy.cb.HighsCallbackType.kCallbackMipInterrupt,
                highspy.cb.HighsCallbackType.kCallbackMipImprovingSolution,
            ],
        }
    elif name.lower() != "glpk":
        settings["threads"] = threads
    with warnings.catch_warnings():
        # PuLP 3.3 says that its own CBC goes away in PuLP 4; there the same name of ours stands for another
        warnings.simplefilter("ignore", DeprecationWarning)
        return pulp.getSolver(found[name.lower()], **settings)


class _Listener:
    """HiGHS's callback: tells of better plans and bounds, and stops it on Ctrl-C, at the gap and when time is up."""

    def __init__(self, model: LinearModel, record: Record, order: Ints, gap: float) -> None:
        self.model, self.record, self.order, self.gap = model, record, order, gap
        self.is_stopped = False
        self.told_at = -np.inf
        self.lock = threading.Lock()

    def __call__(self, kind: Any, _message: str, out: Any, into: Any, _data: Any) -> None:
        import highspy

        with self.lock:
            if kind == highspy.cb.HighsCallbackType.kCallbackMipImprovingSolution:
                values = np.array(out.mip_solution)[self.order]
                self.record.offer_plan(values, float(self.model.cost @ values), "branch and bound")
            elif into is not None and (self.is_stopped or self.record.seconds_left == 0 or self.record.gap <= self.gap):
                into.user_interrupt = True
            if time.monotonic() - self.told_at >= TELL_S and np.isfinite(out.mip_dual_bound):
                self.told_at = time.monotonic()
                self.record.offer_bound(float(out.mip_dual_bound), "branch and bound")


def _read(run: _Run, variables: list[Any], into: tuple[LinearModel, Record], gap: float) -> Ended:
    """Status, plan and bound, as PuLP 3.3 and PuLP 4 each tell them."""
    problem, (model, record) = run.problem, into
    if run.answer is None:
        return Ended(is_optimal=False, is_infeasible=False)
    is_optimal, is_infeasible, has_solution = _status(problem, run.answer)
    cost = np.inf
    if has_solution and _is_readable(problem):
        values = np.array([variable.varValue or 0.0 for variable in variables])
        cost = float(model.cost @ values)
        record.offer_plan(values, cost, "branch and bound")
    bound = _highs_bound(problem)
    if bound is None:
        bound = _read_bound(run.answer)
    if bound is None and is_optimal:
        # all that such a solver says is that it stopped within the gap that it was asked for, of cost or bound
        bound = cost - abs(cost) * gap / (1 - gap)
    if bound is not None and np.isfinite(bound):
        record.offer_bound(float(bound), "branch and bound")
    return Ended(is_optimal, is_infeasible)


def _status(problem: Any, answer: Any) -> tuple[bool, bool, bool]:
    """Whether the plan is proven to be within the gap, whether none exists, and whether there is one to read."""
    if hasattr(answer, "has_solution"):  # PuLP 4
        statuses, has_solution = pulp.LpSolveStatus, bool(answer.has_solution)
        return answer.status == statuses.Optimal and has_solution, answer.status == statuses.Infeasible, has_solution
    is_optimal = problem.sol_status == pulp.LpSolutionOptimal
    has_solution = is_optimal or problem.sol_status == pulp.LpSolutionIntegerFeasible
    return is_optimal, problem.status == pulp.LpStatusInfeasible, has_solution


def _is_readable(problem: Any) -> bool:
    """Whether HiGHS holds a plan: PuLP 3.3 says so of one that was stopped before it had any."""
    highs: Any = getattr(problem, "solverModel", None)
    return not hasattr(highs, "getSolution") or bool(highs.getSolution().value_valid)


def _read_bound(answer: Any) -> float | None:
    """The bound that PuLP 4 reads from a solver's log, less what the digits shown there may have rounded up."""
    bound: float | None = getattr(answer, "best_bound", None)
    return None if bound is None else bound - LOG_ROUNDING * abs(bound)


def _highs_bound(problem: Any) -> float | None:
    """The bound that HiGHS proved, where PuLP leaves its model behind; None for other solvers."""
    highs: Any = getattr(problem, "solverModel", None)
    return float(highs.getInfo().mip_dual_bound) if hasattr(highs, "getInfo") else None
