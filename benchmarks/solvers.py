"""A city solved whole, each function by another solver: the rows of `benchmarks.peers`."""

from __future__ import annotations

import math
import re
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Row
from benchmarks.sources import instance_of
from siting.instance import Floats, Instance
from siting.model import Whole, build_whole
from siting.model.linear import MODEL_CNY
from siting.model.pulp_model import export_model, to_pulp
from siting.plan import Plan, relative_gap
from siting.verify import verify

HIGHS_LINE = re.compile(r"%\s+\S+\s+([-\d.e+]+)\s+\S+\s.*\s([\d.]+)s$", re.MULTILINE)
CBC_LINE = re.compile(r"^Cbc\d+I Integer solution of (\S+) found .*\(([\d.]+) seconds\)", re.MULTILINE)
"""Lines of logs that tell the value of the best plan, and when."""
CBC_BOUNDS = (r"^Lower bound:\s+(\S+)", r"^Continuous objective value is (\S+)")
"""Where CBC's log tells its bound; the relaxation's where it tells no better one."""


def by_siting(source: str, *, time_limit_s: float, gap: float, threads: int) -> Row:
    """The engine of this project."""
    from siting.solve.solve import solve

    instance = instance_of(source)
    found = solve(instance, time_limit_s=time_limit_s, gap=gap, threads=threads)
    row = _row(instance, found.plans, (found.value, found.bound), str(found.status))
    plans = [(line.seconds, line.cost_cny) for line in found.history if math.isfinite(line.cost_cny)]
    return row | {"solve_s": found.seconds, "plans": [*plans, (found.seconds, found.value)]}


def by_pulp_highs(source: str, *, time_limit_s: float, gap: float, threads: int) -> Row:
    """PuLP's model, PuLP's handle of HiGHS."""
    import pulp

    instance, whole, problem, variables, build_s = _in_pulp(source)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "highs.log"
        handle = pulp.HiGHS(timeLimit=time_limit_s, gapRel=gap, threads=threads, log_file=str(log))
        problem.solve(handle)
        text = log.read_text(encoding="utf-8")
    solve_s = time.perf_counter() - began
    highs = problem.solverModel
    values = np.array([one.varValue or 0.0 for one in variables]) if highs.getSolution().value_valid else None
    bound = float(highs.getInfo().mip_dual_bound)
    status = highs.modelStatusToString(highs.getModelStatus())
    times = {"build_s": build_s, "solve_s": solve_s, "plans": _plans_in(text, HIGHS_LINE)}
    return _solved(instance, whole, values, (bound, status)) | times


def by_pulp_cbc(source: str, *, time_limit_s: float, gap: float, threads: int) -> Row:
    """PuLP's model, the CBC that PuLP 3 brings or the one on the path."""
    import pulp

    instance, whole, problem, variables, build_s = _in_pulp(source)
    name = next((one for one in ("PULP_CBC_CMD", "COIN_CMD") if one in pulp.listSolvers(onlyAvailable=True)), None)
    if name is None:
        return {"status": "CBC is not installed"}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        log = Path(folder) / "cbc.log"
        handle = pulp.getSolver(name, timeLimit=time_limit_s, gapRel=gap, threads=threads, msg=False, logPath=str(log))
        problem.solve(handle)
        text = log.read_text(encoding="utf-8", errors="replace")
    solve_s = time.perf_counter() - began
    found = problem.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
    values = np.array([one.varValue or 0.0 for one in variables]) if found else None
    status = pulp.LpSolution[problem.sol_status]
    times = {"build_s": build_s, "solve_s": solve_s, "plans": _plans_in(text, CBC_LINE)}
    return _solved(instance, whole, values, (_cbc_bound(text), status)) | times


def by_highspy(source: str, *, time_limit_s: float, gap: float, threads: int) -> Row:
    """HiGHS on this project's arrays: no PuLP between, its clock kept."""
    from siting.solve.highs import program_of, run_highs

    instance = instance_of(source)
    began = time.perf_counter()
    whole = build_whole(instance)
    model = whole.model
    program = program_of(model, is_linear=False)
    built = time.perf_counter()
    options = {"mip_rel_gap": gap, "threads": threads}
    answer = run_highs(program, time_limit_s=time_limit_s, options=options)
    times = {"build_s": built - began, "solve_s": time.perf_counter() - built}
    status = "optimal" if answer.is_optimal else "time limit"
    return _solved(instance, whole, answer.values, (answer.bound, status)) | times


def by_scip(source: str, *, time_limit_s: float, gap: float, threads: int) -> Row:
    """SCIP on the exported model; it uses one thread."""
    import pyscipopt

    del threads
    instance = instance_of(source)
    began = time.perf_counter()
    whole = build_whole(instance)
    scip = pyscipopt.Model()
    scip.hideOutput()
    with tempfile.TemporaryDirectory() as folder:
        export_model(whole.model, Path(folder) / "model.mps")
        scip.readProblem(str(Path(folder) / "model.mps"))
    scip.setParam("limits/time", time_limit_s)
    scip.setParam("limits/gap", gap)
    plans: list[tuple[float, float]] = []

    def better(model: Any, _: Any) -> None:
        plans.append((time.perf_counter() - built, MODEL_CNY * float(model.getPrimalbound())))

    scip.attachEventHandlerCallback(better, [pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND])
    built = time.perf_counter()
    scip.optimize()
    times = {"build_s": built - began, "solve_s": time.perf_counter() - built, "plans": plans}
    values = _scip_values(scip, whole) if scip.getNSols() else None
    return _solved(instance, whole, values, (float(scip.getDualbound()), str(scip.getStatus()))) | times


def _scip_values(scip: Any, whole: Whole) -> Floats:
    """Return what SCIP found, in our column order; a column that no row has is left out of the file."""
    best = scip.getBestSol()
    by_name = {variable.name: scip.getSolVal(best, variable) for variable in scip.getVars()}
    return np.array([by_name.get(name, 0.0) for name in whole.model.column_families.labels()])


def _in_pulp(source: str) -> tuple[Instance, Whole, Any, list[Any], float]:
    instance = instance_of(source)
    began = time.perf_counter()
    whole = build_whole(instance)
    problem, variables = to_pulp(whole.model)
    return instance, whole, problem, variables, time.perf_counter() - began


def _plans_in(log: str, line: re.Pattern[str]) -> list[tuple[float, float]]:
    """When each better plan was found, in seconds, and its value, CNY a year, as the lines of a log tell."""
    return [(float(seconds), MODEL_CNY * float(value)) for value, seconds in line.findall(log)]


def _cbc_bound(log: str) -> float:
    """The bound that CBC's log tells; that of the relaxation where it tells no other, −inf where none."""
    for pattern in CBC_BOUNDS:
        told = re.findall(pattern, log, flags=re.MULTILINE)
        if told:
            return float(told[-1])
    return -math.inf


def _solved(instance: Instance, whole: Whole, values: Floats | None, told: tuple[float, str]) -> Row:
    """The row of a solver that works on the whole model in its own units."""
    bound, status = told[0] * MODEL_CNY, told[1]
    if values is None:
        return _row(instance, (), (math.inf, bound), status)
    plans = whole.plans_of(values)
    return _row(instance, plans, (whole.cost_cny(values), bound), status)


def _row(instance: Instance, plans: tuple[Plan, ...], told: tuple[float, float], status: str) -> Row:
    """Value, bound and gap, and how many rules the plan breaks when it is verified; nothing that is not finite."""
    value, bound = told
    faults = [len(verify(instance.at_stage(n), plan).faults) for n, plan in enumerate(plans)]
    gap = relative_gap(value, min(bound, value))
    return {
        "problem": "city",
        "sign": 1,
        "value": value if math.isfinite(value) else None,
        "bound": bound if math.isfinite(bound) else None,
        "gap_percent": 100 * gap if math.isfinite(gap) else None,
        "faults": sum(faults) if plans else None,
        "status": status,
    }
