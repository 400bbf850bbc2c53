"""The exact engine: the model in PuLP, handed to any solver that PuLP knows. The reference for every other engine."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import pulp

from siting.errors import SolverError
from siting.instance import Ints
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


def solve_exact(model: LinearModel, record: Record, *, solver: str, gap: float, threads: int, seed: int) -> Ended:
    """Solve `model` through PuLP, leaving plans and bounds in `record`.

    The bound is the larger of the solver's own, where it tells one, and that of the root relaxation.

    Raises
    ------
    SolverError
        If the solver is not installed or fails.
    """
    root = relax(model, time_limit_s=record.seconds_left)
    if root is not None:
        record.offer_bound(root.bound, "relaxation", root.multipliers)
    problem, variables = to_pulp(model)
    listener = _Listener(model, record, _solver_order(problem, variables))
    handle = _solver(solver, listener, gap=gap, threads=threads, seed=seed)
    try:
        answer = problem.solve(handle)
    except pulp.PulpSolverError as error:
        raise SolverError(f"solver {solver}: {error}; try `solver: highs`, or run `siting doctor`") from error
    return _read(problem, answer, variables, (model, record))


def _solver_order(problem: Any, variables: list[Any]) -> Ints:
    """Where each of our columns stands among the variables as PuLP hands them to a solver, (n_columns,)."""
    place = {variable.name: number for number, variable in enumerate(problem.variables())}
    return np.array([place[variable.name] for variable in variables], dtype=np.int64)


def _solver(name: str, listener: _Listener, *, gap: float, threads: int, seed: int) -> Any:
    """PuLP's handle of a solver, with limits set."""
    found = available_solvers()
    if name.lower() not in found:
        raise SolverError(f"solver {name!r} is not installed; available here: {', '.join(sorted(found)) or 'none'}")
    settings: dict[str, Any] = {"msg": False, "timeLimit": max(1.0, listener.record.seconds_left), "gapRel": gap}
    if name.lower() == "highs":
        import highspy

        kinds = highspy.cb.HighsCallbackType
        settings |= {
            "threads": threads,
            "random_seed": seed,
            "callbackTuple": (listener, None),
            "callbacksToActivate": [kinds.kCallbackMipInterrupt, kinds.kCallbackMipImprovingSolution],
        }
    elif name.lower() != "glpk":
        settings["threads"] = threads
    return pulp.getSolver(found[name.lower()], **settings)


class _Listener:
    """HiGHS's callback: tells of better plans and bounds, and stops it when the record's time is up."""

    def __init__(self, model: LinearModel, record: Record, order: Ints) -> None:
        self.model, self.record, self.order = model, record, order
        self.lock = threading.Lock()

    def __call__(self, kind: Any, _message: str, out: Any, into: Any, _data: Any) -> None:
        import highspy

        if kind == highspy.cb.HighsCallbackType.kCallbackMipInterrupt:
            if into is not None and self.record.seconds_left == 0:
                into.user_interrupt = True
            return
        with self.lock:
            values = np.array(out.mip_solution)[self.order]
            self.record.offer_plan(values, float(self.model.cost @ values), "branch and bound")


def _read(problem: Any, answer: Any, variables: list[Any], into: tuple[LinearModel, Record]) -> Ended:
    """Status, plan and bound, as PuLP 3.3 and PuLP 4 each tell them."""
    model, record = into
    if hasattr(answer, "has_solution"):  # PuLP 4
        status, has_solution, bound = answer.status, bool(answer.has_solution), answer.best_bound
        is_optimal = status == pulp.LpSolveStatus.Optimal
        is_infeasible = status == pulp.LpSolveStatus.Infeasible
    else:
        has_solution = problem.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
        is_optimal = problem.sol_status == pulp.LpSolutionOptimal
        is_infeasible = problem.status == pulp.LpStatusInfeasible
        bound = None
    if bound is None:
        bound = _highs_bound(problem)
    if bound is not None and np.isfinite(bound):
        record.offer_bound(float(bound), "branch and bound")
    if has_solution:
        values = np.array([variable.varValue or 0.0 for variable in variables])
        record.offer_plan(values, float(model.cost @ values), "branch and bound")
    return Ended(is_optimal and has_solution, is_infeasible)


def _highs_bound(problem: Any) -> float | None:
    """The bound that HiGHS proved, where PuLP leaves its model behind; None for other solvers."""
    highs: Any = getattr(problem, "solverModel", None)
    return float(highs.getInfo().mip_dual_bound) if hasattr(highs, "getInfo") else None
