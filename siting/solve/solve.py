"""One function in front of the engines: an instance in, a solution with a proven bound out."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from siting.certificate import certify, proven_bound
from siting.errors import InfeasibleError, OutOfTimeError, SolverError
from siting.instance import Floats, Instance
from siting.model import LinearModel, Whole, build_whole
from siting.model.columns import FOLLOWING, lay_out
from siting.model.target_rows import objective_scale
from siting.plan import Plan, Solution, Status, plan_shapes, relative_gap
from siting.solve.city import solve_city
from siting.solve.city.compiling import compile_ahead
from siting.solve.city.restrict import Holder, holds
from siting.solve.clock import Record, Watch, stopping
from siting.solve.exact import Ended, solve_exact
from siting.solve.stages import solve_stages

EXACT_COLUMNS = 20_000
"""`engine: auto` takes the exact engine up to this many columns."""
BOTH_COLUMNS = 2_500
"""From so many on, the city engine plans beside it: solvers find few plans there, and late."""
SETTLE_S = 30.0
"""The linear program of a plan's continuous columns is quick; this only keeps a sick one from hanging."""
SLACK = 1e-6
"""A start may exceed the bounds of a column by this: rounding in what was stored."""


def solve(  # noqa: PLR0913 - the settings of a solve, by keyword
    instance: Instance,
    *,
    engine: str = "auto",
    solver: str = "highs",
    time_limit_s: float = 600.0,
    gap: float = 0.005,
    threads: int = 2,
    seed: int = 1,
    watch: Watch | None = None,
    start: tuple[Plan, ...] | None = None,
    multipliers: Floats | None = None,
) -> Solution:
    """Return the cheapest plan found for `instance` within the limits, and a bound that no plan can beat.

    `start` holds a plan for each stage and is the first incumbent; where it is no plan of `instance`, it is ignored and
    the progress says so. `multipliers` (n_rows,) are those of a model with the same rows, at other prices: any
    multipliers prove a bound, and these one that is near.

    The time limit is for solving: machine code that a new machine compiles once, in 10 to 20 s, is not counted.

    Raises
    ------
    InfeasibleError
        If it is proven that no plan meets the targets.
    OutOfTimeError
        If the time limit came before any plan.
    SolverError
        If `solver` cannot be used.
    """
    record = Record(time_limit_s, watch, scale=objective_scale(instance))
    whole = build_whole(instance)
    model = whole.model
    refusal = _refusal_of_city(whole)
    is_exact = model.n_columns <= EXACT_COLUMNS or refusal is not None
    chosen = engine if engine != "auto" else ("exact" if is_exact else "city")
    record.note(f"model of {model.n_columns:,} columns and {model.n_rows:,} rows")
    if chosen == "city" and refusal is not None:
        raise SolverError(refusal)
    takes_both = engine == "auto" and chosen == "exact" and refusal is None
    takes_both = takes_both and len(whole.parts) == 1 and model.n_columns > BOTH_COLUMNS
    if chosen == "city" or takes_both:
        _compile(record, assigns_nearest=instance.assigns_nearest)
    runs = {
        "exact": partial(solve_exact, model, solver=solver),
        "city": partial(_solve_city, whole),
        "both": partial(_solve_both, whole, solver=solver),
    }
    run = runs["both" if takes_both else chosen]
    first = None if start is None else _offer_start(whole, start, record)
    if multipliers is not None and multipliers.shape == (model.n_rows,):
        record.offer_bound(proven_bound(whole, multipliers), "multipliers of the start", multipliers)
    interrupted = is_infeasible = False
    try:
        with threadpool_limits(1, "blas"):  # threads of products wait for each other where another engine has the core
            is_infeasible = run(record=record, gap=gap, threads=threads, seed=seed, start=first).is_infeasible
    except KeyboardInterrupt:
        if record.best_values is None:
            raise
        interrupted = True
    if record.best_values is not None and chosen == "exact":
        _settle(model, record, record.best_values)
    if record.best_values is None:
        if is_infeasible:
            raise InfeasibleError("no plan can meet the targets")
        cure = "raise solve.time_limit_s or relax the targets"
        raise OutOfTimeError(f"no plan within {time_limit_s:.0f} s; {record.shortage or cure}")
    return _solution(instance, whole, record, (chosen, gap, interrupted))


def _offer_start(whole: Whole, plans: tuple[Plan, ...], record: Record) -> Floats | None:
    """Offer the column values of `plans` to the record and return them; None where they are no plan of the instance."""
    expected = [plan_shapes(part.instance) for part in whole.parts]
    found = [{name: getattr(plan, name).shape for name in vars(plan)} for plan in plans]
    if found != expected:
        record.note("start ignored: it is a plan of other sites, links or years")
        return None
    model, values = whole.model, whole.values_of(plans)
    free = model.columns_of(*FOLLOWING)
    holder = Holder.of(model)
    if free.size:
        told, _ = holder.resolve(values, free, is_integer=None, time_limit_s=SETTLE_S, is_strict=True)
        values = values if told is None else told
    within = (values >= model.column_lower - SLACK) & (values <= model.column_upper + SLACK)
    if not within.all() or not holds(holder, values):
        record.note("start ignored: it breaks a rule or a hard target of this instance")
        return None
    record.offer_plan(values, float(model.cost @ values), "start")
    return values


def _compile(record: Record, *, assigns_nearest: bool) -> None:
    """Make the city engine's machine code ready while the clock stands still: it is compiled once on a machine."""
    record.note("machine code loaded, or compiled where this is its first run")
    begun = record.seconds
    compile_ahead(assigns_nearest=assigns_nearest)
    record.started += record.seconds - begun


def _refusal_of_city(whole: Whole) -> str | None:
    """Return why the city engine cannot take a problem, None where it can."""
    instance = whole.parts[0].instance
    if instance.assigns_whole:
        return "the city engine splits cells between points; take `engine: exact` for one point a cell"
    if len(whole.parts) > 1 and len(instance.expansions.option):
        return "the city engine plans capacity by the tonne in one year only; take `engine: exact`, or fixed sizes"
    return None


def _solve_both(whole: Whole, record: Record, *, solver: str, threads: int, **how: Any) -> Ended:
    """Run the exact engine beside the city engine, on threads of their own: one proves, the other plans."""

    def prove() -> Ended:
        with stopping(record):
            ended = solve_exact(whole.model, record, solver=solver, threads=max(1, threads - 1), **how)
        record.is_stopped = record.is_stopped or ended.is_optimal or ended.is_infeasible
        return ended

    with ThreadPoolExecutor(1) as beside, stopping(record):
        proving = beside.submit(prove)
        _solve_city(whole, record, threads=1, **how)
        return proving.result()


def _settle(model: LinearModel, record: Record, found: Floats) -> None:
    """Decide the continuous columns of the plan found anew, to the last digit: solvers let rows give way a little."""
    values = np.where(model.is_integer, np.round(found), found)
    free = np.flatnonzero(~model.is_integer)
    settled, _ = Holder.of(model).resolve(values, free, is_integer=None, time_limit_s=SETTLE_S, is_strict=True)
    if settled is not None:
        record.best_values, record.best_cost = settled, float(model.cost @ settled)


def _solve_city(whole: Whole, record: Record, *, start: Floats | None, **how: Any) -> Ended:
    """Run the city engine, stage by stage where there are several."""
    if len(whole.parts) == 1:
        stage = whole.parts[0].instance, whole.parts[0].columns
        try:
            return solve_city(stage, whole.model, record, start=start, **how)
        finally:
            record.prove(partial(proven_bound, whole))

    def solve_one(instance: Instance, model: LinearModel, own: Record, start: Floats | None) -> bool:
        return solve_city((instance, lay_out(instance)), model, own, start=start, **how).is_infeasible

    solve_stages(whole, record, solve_one)
    return Ended(is_optimal=record.gap <= how["gap"], is_infeasible=False)


def _solution(instance: Instance, whole: Whole, record: Record, how: tuple[str, float, bool]) -> Solution:
    """The record's best plan, its cost taken again from the plan as it is handed over."""
    engine, gap, interrupted = how
    values = record.best_values if record.best_values is not None else np.zeros(whole.model.n_columns)
    model_value = float(whole.model.cost @ values)
    value, bound = (one * record.scale for one in (model_value, min(record.best_bound, model_value)))
    is_cost = instance.objective is None
    multipliers = record.best_multipliers
    certificate = None if multipliers is None else certify(instance, whole, multipliers)
    return Solution(
        plans=whole.plans_of(values),
        status=Status.of_gap(relative_gap(value, bound), gap, is_interrupted=interrupted),
        value=value,
        bound=bound,
        cost_cny=value if is_cost else whole.cost_cny(values),
        bound_cny=bound if is_cost else -math.inf,
        seconds=record.seconds,
        engine=engine,
        certificate=certificate,
        history=tuple(record.history),
    )
