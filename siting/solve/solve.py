"""One function in front of the engines: an instance in, a solution with a proven bound out."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from siting.certificate import certified_bound, certify, floor_bound, proven_bound, site_bound, with_proven
from siting.errors import InfeasibleError, OutOfTimeError, SolverError
from siting.instance import Floats, Instance
from siting.model import LinearModel, Whole, build_whole
from siting.model.columns import lay_out
from siting.model.figures import require_usable
from siting.model.target_rows import objective_scale, objective_unit
from siting.plan import Certificate, Solution, relative_gap
from siting.solve.city import solve_city
from siting.solve.city.compiling import compile_with_progress
from siting.solve.city.restrict import Holder
from siting.solve.city.settling import Carried
from siting.solve.clock import Record, Watch, stopping
from siting.solve.covers import find_covers, prices_of
from siting.solve.exact import Ended, offer_root, pulp_name, solve_exact
from siting.solve.floor import find_floor
from siting.solve.highs import MEMORY_CURE
from siting.solve.later_first import plan_later_first
from siting.solve.stages import solve_stages
from siting.solve.start import Start, carry_over, repair

EXACT_COLUMNS = 20_000
"""`engine: auto` takes the exact engine up to this many columns."""
BOTH_COLUMNS = 2_500
"""From so many on, the city engine plans beside it: solvers find few plans there, and late."""
CITY_SHARE = 0.5
"""Share of the work for the city engine where both engines run, one after the other."""
SETTLE_S = 30.0
"""The linear program of a plan's continuous columns is quick; this only keeps a sick one from hanging."""
COVER_SHARE = 0.1
"""Share of the limit to find cover rows, at most."""
MOST_THREADS = 16
"""Threads at most where work is counted, on any machine."""


def solve(  # noqa: PLR0913 - the settings of a solve, by keyword
    instance: Instance,
    *,
    engine: str = "auto",
    solver: str = "highs",
    time_limit_s: float = 600.0,
    work: float | None = None,
    gap: float = 0.005,
    threads: int = 2,
    seed: int = 1,
    watch: Watch | None = None,
    start: Start | None = None,
    multipliers: Floats | None = None,
    prices_links: bool = True,
) -> Solution:
    """Return the cheapest plan found for `instance` within the limits, and a bound that no plan can beat.

    `start` is the first incumbent; of a run of another instance what still fits is kept, what does not is repaired, and
    the progress says how much was. `multipliers` (n_rows,) are those of a model with the same rows, at other prices:
    any multipliers prove a bound, and these one that is near. Unless it `prices_links` that the model omits whenever a
    bound is found, they are priced into the last one only, and bounds told on the way hold without them.

    With `work` counted work ends the solve, a unit of which is about a second: instance, seed and threads then give the
    same plan on any machine of a kind, unless the time limit comes first.

    The time limit is for solving: machine code that a new machine compiles once, in a minute or so, is not counted.

    Raises
    ------
    InfeasibleError
        If it is proven that no plan meets the targets.
    OutOfTimeError
        If the time limit came before any plan.
    SolverError
        If `solver` cannot be used, or fails before any plan.
    DataError
        If a coefficient of the model is not finite, or too large for a solver.
    """
    work_limit = math.inf if work is None else work
    scale, unit = objective_scale(instance), objective_unit(instance)
    record = Record(time_limit_s, watch, scale=scale, unit=unit, work_limit=work_limit)
    whole = build_whole(instance)
    model = whole.model
    require_usable(model)
    refusal, chosen = _refusal_of_city(whole), engine_for(whole, engine)
    record.note(f"model of {model.n_columns:,} columns and {model.n_rows:,} rows")
    if chosen == "city" and refusal is not None:
        raise SolverError(refusal)
    takes_both = engine == "auto" and chosen == "exact" and refusal is None
    takes_both = takes_both and len(whole.parts) == 1 and model.n_columns > BOTH_COLUMNS
    if chosen == "city" or takes_both:
        _compile(record, assigns_nearest=instance.assigns_nearest)
    tight = _with_covers(whole, record) if chosen == "exact" or len(whole.parts) == 1 else whole
    record.prover = partial(proven_bound, tight) if instance.omits_links and prices_links else None
    runs = {
        "exact": partial(_solve_exact, tight, solver=solver),
        "city": partial(_solve_city, whole, tight.model),
        "both": partial(_solve_in_turn if record.counts_work else _solve_both, whole, tight.model, solver=solver),
    }
    run = runs["both" if takes_both else chosen]
    carried = None if start is None else carry_over(start, whole, record)
    if carried is not None and not carried.is_plan and (chosen == "exact" or model.n_columns <= EXACT_COLUMNS):
        carried = repair(carried, whole, record)
    if multipliers is not None and multipliers.shape == (model.n_rows,):
        _offer_bound_of(multipliers, tight, record, prices_links=prices_links)
    interrupted = is_infeasible = False
    workers = _usable_threads(threads, record)
    try:
        with threadpool_limits(1, "blas"):  # threads of products wait for each other where another engine has the core
            is_infeasible = run(record=record, gap=gap, threads=workers, seed=seed, start=carried).is_infeasible
    except (KeyboardInterrupt, SolverError, MemoryError) as error:
        if record.best_values is None and isinstance(error, MemoryError):
            raise SolverError(f"out of memory on a model of {model.n_columns:,} columns; {MEMORY_CURE}") from error
        if record.best_values is None:
            raise
        record.note(f"stopped ({_reason(error)}); the best plan so far is kept")
        interrupted = True
    if record.best_values is not None and chosen == "exact":
        _settle(model, record, record.best_values)
    if record.best_values is None:
        if is_infeasible and not instance.omits_links:
            raise InfeasibleError("no plan can meet the targets")
        ends_by_work = record.counts_work and not record.is_timed_out
        within = f"{work:,.0f} units of work" if ends_by_work else f"{time_limit_s:.0f} s"
        limit = "work (--work)" if ends_by_work else "time_limit_s (--time-limit)"
        cure = f"raise solve.{limit} or relax the targets"
        if is_infeasible:
            cure = "there is none with the hauls considered; raise `travel.stations_per_point` and its like"
        raise OutOfTimeError(f"no plan within {within}; {record.shortage or cure}")
    return _finished(instance, whole, record, _Ending(chosen, gap, is_interrupted=interrupted))


def engine_for(whole: Whole, engine: str) -> str:
    """Return the engine that solves `whole`, `exact` or `city`: the one that is asked for, unless that is `auto`."""
    if engine != "auto":
        return engine
    is_exact = whole.model.n_columns <= EXACT_COLUMNS or _refusal_of_city(whole) is not None
    return "exact" if is_exact else "city"


def _offer_bound_of(multipliers: Floats, tight: Whole, record: Record, *, prices_links: bool) -> None:
    """Offer the bound of given multipliers (n_rows of the model without covers,)."""
    given = np.append(multipliers, np.zeros(tight.model.n_rows - len(multipliers)))
    is_priced = prices_links or not tight.instance.omits_links  # pricing omitted links takes seconds
    bound = proven_bound(tight, given) if is_priced else site_bound(tight, given)
    record.offer_bound(bound, "multipliers of the start", given)


def _with_covers(whole: Whole, record: Record) -> Whole:
    """Return `whole` with the rows of the covers that are found, which are left in `record`."""
    record.covers = find_covers(whole, record, most=COVER_SHARE * record.limit)
    return with_proven(whole, record.covers)


def _compile(record: Record, *, assigns_nearest: bool) -> None:
    """Make the city engine's machine code ready while the clock stands still: it is compiled once on a machine."""
    begun = record.seconds

    def tell(line: str) -> None:
        record.started += record.seconds - begun
        record.note(line)

    compile_with_progress(tell, assigns_nearest=assigns_nearest)
    record.started += record.seconds - begun


def _refusal_of_city(whole: Whole) -> str | None:
    """Return why the city engine cannot take a problem, None where it can."""
    instance = whole.parts[0].instance
    if instance.assigns_whole:
        return "the city engine splits cells between points; take `engine: exact` for one point a cell"
    if len(whole.parts) > 1 and len(instance.expansions.option):
        return "the city engine plans capacity by the tonne in one year only; take `engine: exact`, or fixed sizes"
    return None


def _solve_both(
    whole: Whole, tight: LinearModel, record: Record, *, solver: str, threads: int, start: Carried | None, **how: Any
) -> Ended:
    """Run the exact engine beside the city engine, on threads of their own: one proves, the other plans."""

    def prove() -> Ended:
        try:
            with stopping(record, unless=(SolverError, MemoryError)):
                workers = max(1, threads - 1)
                ended = solve_exact(tight, record, solver=solver, threads=workers, start=_plan_in(start), **how)
        except (SolverError, MemoryError) as error:
            record.note(f"the exact engine stopped ({_reason(error)}); the city engine goes on")
            return Ended(is_optimal=False, is_infeasible=False)
        record.is_stopped = record.is_stopped or ended.is_optimal or ended.is_infeasible
        return ended

    pulp_name(solver)
    offer_root(tight, record)
    with ThreadPoolExecutor(1) as beside, stopping(record):
        proving = beside.submit(prove)
        _solve_city(whole, tight, record, threads=1, start=start, **how)
        return proving.result()


def _reason(error: BaseException) -> str:
    """Return why a solve ended early, in words."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return "out of memory" if isinstance(error, MemoryError) else str(error)


def _usable_threads(asked: int, record: Record) -> int:
    """Return the threads to use: no more than there are cores, for more only wait for each other."""
    if record.counts_work:  # what is asked for shapes the plan, so it must not depend on the machine
        return min(asked, MOST_THREADS)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if asked > cores:
        record.note(f"{asked:,} threads asked for; {cores} used, one for each core of this machine")
    return min(asked, cores)


def _solve_in_turn(
    whole: Whole, tight: LinearModel, record: Record, *, solver: str, start: Carried | None, **how: Any
) -> Ended:
    """Run the city engine, then the exact engine from its plan: side by side the clock would decide who is heard."""
    pulp_name(solver)
    offer_root(tight, record)
    part = record.of_stage("plan", CITY_SHARE * record.left)
    part.covers, part.leaves = record.covers, record.leaves
    part.offer_bound(record.best_bound, "known", record.best_multipliers)
    try:
        _solve_city(whole, tight, part, start=start, **how)
    finally:
        record.add(part)
        if part.best_values is not None:
            record.offer_plan(part.best_values, part.best_cost, "city engine")
        record.offer_bound(part.best_bound, "city engine", part.best_multipliers)
    if record.gap <= how["gap"]:
        return Ended(is_optimal=True, is_infeasible=False)
    return solve_exact(tight, record, solver=solver, start=record.best_values, **how)


def _settle(model: LinearModel, record: Record, found: Floats) -> None:
    """Decide the continuous columns of the plan found anew, to the last digit: solvers let rows give way a little."""
    values = np.where(model.is_integer, np.round(found), found)
    free = np.flatnonzero(~model.is_integer)
    settled, _ = Holder.of(model).resolve(values, free, is_integer=None, time_limit_s=SETTLE_S, is_strict=True)
    if settled is not None:
        record.best_values, record.best_cost = settled, float(model.cost @ settled)


def _solve_exact(whole: Whole, record: Record, *, solver: str, start: Carried | None, **how: Any) -> Ended:
    """Run the exact engine from `start`, or from a plan of its own where solvers find few, and late.

    Not where the model omits links: it is solved again with those that matter, and its first plans come soon enough.
    """
    model, first = whole.model, _plan_in(start)
    pulp_name(solver)
    offer_root(model, record)
    is_late = model.n_columns > BOTH_COLUMNS and record.prover is None
    if first is None and is_late and solver.lower() == "highs":
        first = plan_later_first(whole, model, record, gap=how["gap"], seed=how["seed"])
    return solve_exact(model, record, solver=solver, start=first, **how)


def _plan_in(start: Carried | None) -> Floats | None:
    """Return the column values (n_columns,) of a start that is a plan, None of others."""
    return start.values if start is not None and start.is_plan else None


def _solve_city(whole: Whole, tight: LinearModel, record: Record, *, start: Carried | None, **how: Any) -> Ended:
    """Run the city engine, stage by stage where there are several; `tight` has the rows of covers too."""
    if len(whole.parts) == 1:
        stage = whole.parts[0].instance, whole.parts[0].columns
        return solve_city(stage, whole.model, record, tight=tight, start=start, **how)

    def solve_one(instance: Instance, model: LinearModel, own: Record, start: Carried | None) -> bool:
        return solve_city((instance, lay_out(instance)), model, own, start=start, **how).is_infeasible

    solve_stages(whole, record, solve_one, carried=None if start is None else start.values)
    return Ended(is_optimal=record.gap <= how["gap"], is_infeasible=False)


@dataclass(frozen=True)
class _Ending:
    """How a search ended: the engine, the relative gap at which it was to end, and whether it was interrupted."""

    engine: str
    gap: float
    is_interrupted: bool


def _finished(instance: Instance, whole: Whole, record: Record, ending: _Ending) -> Solution:
    """Return the solution; a Ctrl-C waits for it once, as pricing omitted links takes seconds."""
    try:
        return _solution(instance, whole, record, ending)
    except KeyboardInterrupt:
        record.note("stopping: the bound is recomputed first")
        return _solution(instance, whole, record, replace(ending, is_interrupted=True))


def _solution(instance: Instance, whole: Whole, record: Record, ending: _Ending) -> Solution:
    """Return the record's best plan with its recomputed cost and the bound of its certificate."""
    values = record.best_values if record.best_values is not None else np.zeros(whole.model.n_columns)
    model_value = float(whole.model.cost @ values)
    certificate = _certificate(instance, whole, record, _with_floor(whole, record))
    proven = min(certified_bound(whole, certificate), model_value)
    solver_bound = -math.inf if instance.omits_links else record.solver_bound  # solvers know of no omitted links
    bound = min(max(solver_bound, proven), model_value)
    floor = min(floor_bound(whole, certificate.floor_multipliers), model_value)
    value, bound, proven, floor = (one * record.scale for one in (model_value, bound, proven, floor))
    is_cost = instance.objective is None
    return Solution(
        plans=whole.plans_of(values),
        status=record.ending(relative_gap(value, bound), ending.gap, is_interrupted=ending.is_interrupted),
        value=value,
        bound=bound,
        cost_cny=value if is_cost else whole.cost_cny(values),
        bound_cny=bound if is_cost else -math.inf,
        seconds=record.seconds,
        engine=ending.engine,
        certificate=certificate,
        proven=proven,
        floor_cny=floor if is_cost else math.nan,
        history=tuple(record.history),
        work=record.work,
        work_limit=record.work_limit if record.counts_work else None,
        is_repeatable=record.counts_work and not record.is_timed_out and not ending.is_interrupted,
    )


def _with_floor(whole: Whole, record: Record) -> Floats:
    """Return multipliers of the floor (n_rows,), which are left in `record` where it has no better bound."""
    floor = find_floor(whole)
    if floor_bound(whole, floor) > record.best_bound:
        multipliers, worst = floor.copy(), whole.model.rows_of("cover_case")
        multipliers[worst] = 1.0 / max(1, len(worst))
        with_covers = np.append(multipliers, np.zeros(len(record.covers)))
        record.offer_bound(proven_bound(whole, multipliers), "floor", with_covers)
    return floor


def _certificate(instance: Instance, whole: Whole, record: Record, floor: Floats) -> Certificate:
    """Return the certificate of the record's multipliers; where there are none, of 0, which prove a bound too."""
    n_rows = whole.model.n_rows
    multipliers = np.zeros(n_rows + len(record.covers))
    if record.best_multipliers is not None:
        multipliers[: len(record.best_multipliers)] = record.best_multipliers
    if record.leaves and not instance.omits_links:  # leaves are of the links that have columns
        return certify(instance, whole, multipliers, record.covers, record.leaves, floor=floor)
    covers, multipliers = prices_of(record.covers, multipliers, n_rows)
    return certify(instance, whole, multipliers, covers, floor=floor)
