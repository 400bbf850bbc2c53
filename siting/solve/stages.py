"""Several years or cases by the city engine: one stage after the other, tied by what is already decided.

Years are planned from the last to the first: what an earlier year may open is what the later one has open, and it keeps
whatever of today's network the later one still has. Cases share the plan that opens for one of them, the one with the
most demand first, with flows decided anew for the others. The bound is that of each stage by itself, by its weight: the
multipliers of all stages side by side are multipliers of the whole, those of the rows that tie them are 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from siting.certificate.decomposition import proven_bound
from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Floats, Instance, Target
from siting.model import LinearModel, Whole, build_model, plan_of
from siting.model.columns import counted_options
from siting.plan import Plan
from siting.solve.city.ascent import UNTIL, ascend_twice, first_prices
from siting.solve.city.echelons import make_tiers
from siting.solve.city.restrict import Holder, holds
from siting.solve.city.sitewise import Sitewise
from siting.solve.clock import Record
from siting.solve.relaxation import relax
from siting.vocabulary import Measure

TOO_LARGE_M2 = 1e12
"""An area that no site has: an option that needs it stays closed."""
LARGE_COLUMNS = 20_000
"""The bound of a larger stage is found without a linear program."""
BOUND_SHARE = 0.3
"""Share of the time for the bounds of stages; the rest is for their plans."""
YEAR_SHARE = 0.5
"""Of the time left, what a year takes at least: the years before it have less to decide."""

SolveOne = Callable[[Instance, LinearModel, Record, Floats | None], bool]
"""Leaves a plan of one stage in its record, from a plan to begin with if there is one; says whether there is none."""


def solve_stages(whole: Whole, record: Record, solve_one: SolveOne) -> None:
    """Leave a plan for all stages of `whole` and a certified bound in `record`.

    Raises
    ------
    InfeasibleError
        If a stage by itself is proven to have no plan.
    OutOfTimeError
        If no plan that fits all stages was found in time; not a proof that there is none.
    """
    assert whole.stages is not None
    _bound_stages(whole, record, whole.stages.weight)
    plan = _plan_years if whole.stages.is_nested else _plan_cases
    values = plan(whole, record, solve_one)
    if whole.stages.is_robust:
        values[-1] = max(whole.stage_costs(values))
    record.offer_plan(values, float(whole.model.cost @ values), "all stages")


def _bound_stages(whole: Whole, record: Record, weight: Floats) -> None:
    multipliers = np.zeros(whole.model.n_rows)
    seconds = BOUND_SHARE * record.time_limit_s / len(whole.parts)
    for number, (part, share) in enumerate(zip(whole.parts, weight, strict=True)):
        model, columns = build_model(part.instance)
        name = _name(whole, number)
        own = record.of_stage(name, seconds / UNTIL)
        if model.n_columns > LARGE_COLUMNS:
            sitewise = Sitewise(part.instance, model, columns, make_tiers(part.instance, model, columns))
            first = first_prices(model, columns, part.instance)
            found: Floats | None = ascend_twice(sitewise, first, own, (None, None)).multipliers
        else:
            root = relax(model, time_limit_s=seconds)
            found = None if root is None else root.multipliers
        if found is not None:
            multipliers[part.rows.members()] = share * found
        record.note(f"{name} bounded")
    worst = whole.model.rows_of("cover_case")
    multipliers[worst] = weight[: len(worst)]
    record.offer_bound(proven_bound(whole, multipliers), "all stages bounded", multipliers)


def _name(whole: Whole, number: int) -> str:
    assert whole.stages is not None
    return str(whole.stages.name[number])


def _plan_years(whole: Whole, record: Record, solve_one: SolveOne) -> Floats:
    """Column values of the whole, from the last year to the first."""
    values = np.zeros(whole.model.n_columns)
    later: Plan | None = None
    budgets = [_budgets(part.instance) for part in whole.parts]
    for number in reversed(range(len(whole.parts))):
        part = whole.parts[number]
        spent = {key: sum(one.get(key, np.inf) for one in budgets[: number + 1]) for key in budgets[number]}
        after = whole.parts[number + 1].instance.targets if later is not None else ()
        early = [target for before in whole.parts[:number] for target in before.instance.targets if _stays(target)]
        due = tuple(  # a yearly budget becomes what may be spent until then
            replace(target, value=spent[target.unit]) if _is_budget(target) else target
            for target in (*part.instance.targets, *early)
        )
        stage = _year_before(replace(part.instance, targets=due), later, after)
        own = record.of_stage(_name(whole, number), record.seconds_left * max(YEAR_SHARE, 1 / (number + 1)))
        start = None if later is None else _flows_at(stage, later.is_open.astype(float), own)
        found = _solved(stage, own, solve_one, start, is_alone=later is None)
        values[part.column_in_whole] = found
        later = plan_of(stage, part.columns, found)
        record.note(f"{_name(whole, number)} decided")
    return values


def _plan_cases(whole: Whole, record: Record, solve_one: SolveOne) -> Floats:
    """Column values of the whole: the facilities of one case that can serve them all."""
    order = np.argsort([-part.instance.demand.tonnes.sum() for part in whole.parts], kind="stable")
    for rank, number in enumerate(order):
        seconds = record.seconds_left / (len(order) - rank) / 1.2
        part = whole.parts[number]
        own = record.of_stage(_name(whole, number), seconds)
        found = _solved(part.instance, own, solve_one, None, is_alone=True)
        is_open = found[part.columns["open"]]
        values = _shared(whole, is_open, record)
        if values is not None:
            return values
        record.note(f"the facilities of {_name(whole, number)} do not serve all cases")
    raise OutOfTimeError(
        "the facilities that serve one case do not serve the others, for any of them; take `engine: exact`, or make"
        " targets soft"
    )


def _shared(whole: Whole, is_open: Floats, record: Record) -> Floats | None:
    """Column values with the same facilities in every case; None where a case cannot do with them."""
    values = np.zeros(whole.model.n_columns)
    for part in whole.parts:
        settled = _flows_at(part.instance, np.round(is_open), record)
        if settled is None:
            return None
        values[part.column_in_whole] = settled
    return values


def _flows_at(stage: Instance, is_open: Floats, record: Record) -> Floats | None:
    """Column values of a stage with these options open and all flows at their best; None where none fit."""
    model, columns = build_model(stage)
    start = np.zeros(columns.n)
    start[columns["open"]] = is_open
    free = np.flatnonzero(~model.is_integer)
    holder = Holder.of(model)
    settled, _ = holder.resolve(start, free, is_integer=None, time_limit_s=record.seconds_left, is_strict=True)
    return settled if settled is not None and holds(holder, settled) else None


def _solved(stage: Instance, own: Record, solve_one: SolveOne, start: Floats | None, *, is_alone: bool) -> Floats:
    """Column values of one stage; `is_alone` where no other stage has been decided, so that none means none at all."""
    model, _ = build_model(stage)
    if start is not None:
        own.offer_plan(start, float(model.cost @ start), f"what is open later serves {stage.year}")
    is_infeasible = solve_one(stage, model, own, start)
    if own.best_values is not None:
        return own.best_values
    if is_infeasible and is_alone:
        raise InfeasibleError(f"no plan can meet the targets of {stage.year}")
    cure = own.shortage or "raise solve.time_limit_s or relax its targets"
    raise OutOfTimeError(f"no plan for {stage.year} in time; {cure}")


def _stays(target: Target) -> bool:
    """Whether what a year asks for must stand in later years too: what opens stays."""
    record = target.measure.record
    return target.is_hard and target.is_at_least and record.counted == "options" and not record.is_ratio


def _year_before(stage: Instance, later: Plan | None, after: tuple[Target, ...]) -> Instance:
    """The stage of a year whose next year is decided: it opens no more, and invests what the next year cannot.

    `after` are the targets of that next year.
    """
    if later is None:
        return stage
    options, sites = stage.options, stage.sites
    kept = later.is_open & options.is_existing
    closed = ~options.is_existing & ~later.is_open
    keeps = np.zeros(stage.n_sites, dtype=bool)
    keeps[options.site[kept]] = True
    closed |= keeps[options.site] & ~kept
    narrower = replace(options, area_m2=np.where(closed, TOO_LARGE_M2, options.area_m2))
    early = tuple(
        replace(target, is_at_least=True, id=f"{target.id}-early", value=due)
        for target in after
        if _is_budget(target)
        and (due := float(options.capex_cny @ (later.is_open & counted_options(stage, target))) - target.asked) > 0
    )
    return replace(
        stage,
        options=narrower,
        sites=replace(sites, must_open=sites.must_open | keeps),
        targets=(*stage.targets, *early),
    )


def _budgets(stage: Instance) -> dict[str, float]:
    """Investment budget of a year by unit, CNY."""
    return {target.unit: target.asked for target in stage.targets if _is_budget(target)}


def _is_budget(target: Target) -> bool:
    return target.measure is Measure.INVESTMENT and target.is_hard and not target.is_at_least
