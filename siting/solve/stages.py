"""Several years or cases by the city engine: one stage after the other, tied by what is already decided.

Years are planned from the last to the first: what an earlier year may open is what the later one has open, and it keeps
whatever of today's network the later one still has. Cases share the plan that opens for one of them, the one with the
most demand first, with flows decided anew for the others. The bound is that of each stage by itself, by its weight: the
multipliers of all stages side by side are multipliers of the whole, those of the rows that tie them are 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from siting.certificate import proven_bound, with_proven
from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Floats, Instance, Target
from siting.model import LinearModel, Whole, build_model, build_whole, plan_of
from siting.model.columns import Columns, counted_options
from siting.plan import Plan
from siting.solve.city.ascent import UNTIL, ascend_twice, first_prices
from siting.solve.city.echelons import make_tiers
from siting.solve.city.restrict import Holder, holds
from siting.solve.city.settling import Carried
from siting.solve.city.sitewise import Sitewise
from siting.solve.clock import Record
from siting.solve.covers import find_covers, of_stage
from siting.solve.relaxation import relax
from siting.vocabulary import Measure

TOO_LARGE_M2 = 1e12
"""An area that no site has: an option that needs it stays closed."""
LARGE_COLUMNS = 20_000
"""The bound of a larger stage is found without a linear program."""
BOUND_SHARE = 0.3
"""Share of the limit, of time or of work, for the bounds of stages; the rest is for their plans."""
COVER_SHARE = 0.2
"""Share of what a stage has for its bound to find cover rows, at most."""
YEAR_SHARE = 0.5
"""Of what is left, what a year takes at least: the years before it have less to decide."""


SolveOne = Callable[[Instance, LinearModel, Record, Carried | None], bool]
"""Leaves a plan of one stage in its record, from what is known of one if there is any; says whether there is none."""


def solve_stages(whole: Whole, record: Record, solve_one: SolveOne, *, carried: Floats | None = None) -> None:
    """Leave a plan for all stages of `whole` and a certified bound in `record`.

    What `carried` (n_columns,) opens in each stage is kept as far as it can be; it need be no plan.

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
    values = plan(whole, record, solve_one, carried)
    if whole.stages.is_robust:
        values[-1] = max(whole.stage_costs(values))
    record.offer_plan(values, float(whole.model.cost @ values), "all stages")


def _bound_stages(whole: Whole, record: Record, weight: Floats) -> None:
    """Leave covers, multipliers and the bound of all stages side by side in `record`."""
    multipliers, prices = np.zeros(whole.model.n_rows), []
    most = BOUND_SHARE * record.limit / len(whole.parts)
    for number, (part, share) in enumerate(zip(whole.parts, weight, strict=True)):
        own = record.of_stage(_name(whole, number), most / UNTIL)
        found = _bounded(part.instance, own, most)
        record.add(own)
        if found is not None:
            n_rows = len(part.rows.members())
            multipliers[part.rows.members()] = share * found[:n_rows]
            prices.append(share * found[n_rows:])
            record.covers += tuple(of_stage(whole, number, cover) for cover in own.covers)
        record.note(f"{_name(whole, number)} bounded")
    worst = whole.model.rows_of("cover_case")
    multipliers[worst] = weight[: len(worst)]
    every = np.concatenate([multipliers, *prices])
    record.offer_bound(proven_bound(with_proven(whole, record.covers), every), "all stages bounded", every)


def _bounded(stage: Instance, own: Record, most: float) -> Floats | None:
    """Return the multipliers of one stage's rows and covers; None where time was too short."""
    alone = build_whole(stage)
    own.covers = find_covers(alone, own, most=COVER_SHARE * most)
    model, columns = with_proven(alone, own.covers).model, alone.parts[0].columns
    if model.n_columns > LARGE_COLUMNS:
        sitewise = Sitewise(stage, model, columns, make_tiers(stage, model, columns))
        ascended = ascend_twice(sitewise, first_prices(model, columns, stage), own, (None, None))
        own.wait_for(ascended.work)
        return ascended.multipliers
    allowed = own.allow(most)
    root = relax(model, time_limit_s=allowed.seconds, work=allowed.work, charged=own)
    return None if root is None else root.multipliers


def of_stages(whole: Whole, found: Callable[[int], Floats | None]) -> Floats:
    """Return multipliers of all rows (n_rows,) from those `found` for each stage by itself, if there are any."""
    weight = np.ones(1) if whole.stages is None else whole.stages.weight
    multipliers = np.zeros(whole.model.n_rows)
    for number, share in enumerate(weight):
        its = found(number)
        if its is not None:
            multipliers[whole.parts[number].rows.members()] = share * its
    worst = whole.model.rows_of("cover_case")
    multipliers[worst] = weight[: len(worst)]
    return multipliers


def _name(whole: Whole, number: int) -> str:
    assert whole.stages is not None
    return str(whole.stages.name[number])


def _plan_years(whole: Whole, record: Record, solve_one: SolveOne, carried: Floats | None) -> Floats:
    """Return the column values of the whole, from the last year to the first."""
    values = np.zeros(whole.model.n_columns)
    later: Plan | None = None
    budgets = [_budgets(part.instance) for part in whole.parts]
    for number in reversed(range(len(whole.parts))):
        part = whole.parts[number]
        spent = {key: sum(one.get(key, np.inf) for one in budgets[: number + 1]) for key in budgets[number]}
        after = whole.parts[number + 1].instance.targets if later is not None else ()
        early = [target for before in whole.parts[:number] for target in before.instance.targets if _stays(target)]
        due = tuple(  # a yearly budget becomes what may be spent until then, all that is wanted where a year has none
            replace(target, value=spent[target.unit]) if _is_budget(target) else target
            for target in (*part.instance.targets, *early)
            if not _is_budget(target) or np.isfinite(spent[target.unit])
        )
        stage = _year_before(replace(part.instance, targets=due), later, after)
        own = record.of_stage(_name(whole, number), record.left * max(YEAR_SHARE, 1 / (number + 1)))
        start = None if later is None else _flows_at(stage, later.is_open.astype(float), own)
        known = _Known(start, None if carried is None else carried[part.column_in_whole])
        own.prover = _prover(stage, record)
        found = _solved(stage, own, solve_one, known, is_alone=later is None)
        record.add(own)
        values[part.column_in_whole] = found
        later = plan_of(stage, part.columns, found)
        record.note(f"{_name(whole, number)} decided")
    return values


def _plan_cases(whole: Whole, record: Record, solve_one: SolveOne, carried: Floats | None) -> Floats:
    """Return the column values of the whole: the facilities of one case that can serve them all."""
    order = np.argsort([-part.instance.demand.tonnes.sum() for part in whole.parts], kind="stable")
    for rank, number in enumerate(order):
        most = record.left / (len(order) - rank) / 1.2
        part = whole.parts[number]
        own = record.of_stage(_name(whole, number), most)
        known = _Known(None, None if carried is None else carried[part.column_in_whole])
        own.prover = _prover(part.instance, record)
        found = _solved(part.instance, own, solve_one, known, is_alone=True)
        record.add(own)
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
    """Return the column values with the same facilities in every case; None where a case cannot do with them."""
    values = np.zeros(whole.model.n_columns)
    for part in whole.parts:
        settled = _flows_at(part.instance, np.round(is_open), record)
        if settled is None:
            return None
        values[part.column_in_whole] = settled
    return values


def _flows_at(stage: Instance, is_open: Floats, record: Record) -> Floats | None:
    """Return the column values of a stage with these options open and all flows at their best; None where none fit."""
    model, columns = build_model(stage)
    start = np.zeros(columns.n)
    start[columns["open"]] = is_open
    free = np.flatnonzero(~model.is_integer)
    holder = Holder.of(model)
    allowed = record.allow(record.left)
    settled, answer = holder.resolve(
        start, free, is_integer=None, time_limit_s=allowed.seconds, work=allowed.work, is_strict=True
    )
    record.charge(answer.work, is_timed_out=answer.is_timed_out)
    return settled if settled is not None and holds(holder, settled) else None


@dataclass(frozen=True)
class _Known:
    """Column values known of a stage before it is solved: a plan of what is open later, and that of an earlier run."""

    later: Floats | None
    carried: Floats | None

    def offered(self, stage: Instance, model: LinearModel, columns: Columns, own: Record) -> Carried | None:
        """Return the cheaper plan, both offered to the record; where none is a plan, what the earlier run opened."""
        start: Carried | None = None
        if self.later is not None:
            own.offer_plan(self.later, float(model.cost @ self.later), f"what is open later serves {stage.year}")
            start = Carried(self.later, is_plan=True)
        if self.carried is None:
            return start
        allowed = np.minimum(self.carried, model.column_upper)
        settled = _flows_at(stage, allowed[columns["open"]], own)
        if settled is None:
            return start or Carried(allowed, is_plan=False)
        is_cheaper = own.offer_plan(settled, float(model.cost @ settled), "start")
        return Carried(settled, is_plan=True) if is_cheaper else start


def _prover(stage: Instance, record: Record) -> Callable[[Floats], float] | None:
    """Return what proves bounds of a stage, where the record of the whole prices omitted links into them."""
    return None if record.prover is None else partial(proven_bound, build_whole(stage))


def _solved(stage: Instance, own: Record, solve_one: SolveOne, known: _Known, *, is_alone: bool) -> Floats:
    """Return the column values of one stage; `is_alone` if no other is decided, so that infeasible is proven."""
    model, columns = build_model(stage)
    is_infeasible = solve_one(stage, model, own, known.offered(stage, model, columns, own))
    if own.best_values is not None:
        return own.best_values
    if is_infeasible and is_alone and not stage.omits_links:
        raise InfeasibleError(f"no plan can meet the targets of {stage.year}")
    cure = own.shortage or "raise solve.time_limit_s or relax its targets"
    raise OutOfTimeError(f"no plan for {stage.year} in time; {cure}")


def _stays(target: Target) -> bool:
    """Return whether what a year asks for must stand in later years too: what opens stays."""
    record = target.measure.record
    return target.is_hard and target.is_at_least and record.counted == "options" and not record.is_ratio


def _year_before(stage: Instance, later: Plan | None, after: tuple[Target, ...]) -> Instance:
    """Return the stage of a year whose next year is decided: it opens no more, and invests what the next year cannot.

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
    """Return the investment budget of a year by unit, CNY."""
    return {target.unit: target.asked for target in stage.targets if _is_budget(target)}


def _is_budget(target: Target) -> bool:
    return target.measure is Measure.INVESTMENT and target.is_hard and not target.is_at_least
