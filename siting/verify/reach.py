"""What a plan reaches of each target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siting.instance import Bools, Floats, Instance, Target
from siting.plan import Plan
from siting.verify.costs import avoided_kg, emit, running_terms, subsidy_cny
from siting.verify.result import TargetResult
from siting.verify.tonnage import Tonnage, counts_at_site, is_sorting, sum_by, trace_tonnage
from siting.vocabulary import OPERATION_TERMS, Measure

USED_RESIDENTS = 1e-3
"""A walk that fewer residents use is not used: rounding of shares."""


def measure_targets(
    instance: Instance, plan: Plan, *, tonnage: Tonnage, tolerance: float, before: Plan | None = None
) -> tuple[TargetResult, ...]:
    """What the plan reaches of each target of the instance, in their order.

    `before` is the plan of the year before: what is open or bought in it is not invested in again.
    """
    opened = plan.is_open if before is None else plan.is_open & ~before.is_open
    bought_t = plan.expanded_t if before is None else plan.expanded_t - before.expanded_t
    newly = replace(plan, is_open=opened, expanded_t=bought_t)
    return tuple(
        _result(
            target,
            _reached(instance, newly if target.measure is Measure.INVESTMENT else plan, target, tonnage),
            tolerance,
        )
        for target in instance.targets
    )


def reach(instance: Instance, plan: Plan, target: Target) -> float:
    """What a plan of one stage reaches of any measure, in its unit."""
    return _reached(instance, plan, target, trace_tonnage(instance, plan))


def _result(target: Target, reached: float, tolerance: float) -> TargetResult:
    margin = reached - target.value if target.is_at_least else target.value - reached
    return TargetResult(target, reached, margin, holds=margin >= -tolerance * max(1.0, abs(target.value)))


def _reached(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage) -> float:
    if target.measure in OF_OPTIONS:
        return _of_options(instance, plan, target)
    if target.measure in OF_CITY:
        return _of_city(instance, plan, target, tonnage)
    if target.measure.record.counted in ("residents", "districts"):
        return _of_residents(instance, plan, target, tonnage)
    if target.measure in (Measure.COLLECTED, Measure.SUBSIDY):
        given = tonnage.collected_t if target.measure is Measure.COLLECTED else subsidy_cny(instance, tonnage)
        return _counted_t(given, target.in_unit_demand, target)
    sorts_in_unit = target.in_unit_site & is_sorting(instance)
    counts_site = sorts_in_unit & counts_at_site(instance, tonnage, target.counts_type)
    return _counted_t(tonnage.inflow_t, counts_site, target)


OF_OPTIONS = (Measure.COUNT, Measure.CAPACITY, Measure.SHARED, Measure.VEHICLES, Measure.INVESTMENT)
OF_CITY = (Measure.COST, Measure.OPERATION, Measure.EMISSIONS, Measure.NET_EMISSIONS)


def _of_residents(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage) -> float:
    """Who is served, how far they walk, how far districts are apart."""
    if target.measure is Measure.COVERAGE:
        return _coverage_share(instance, plan, target, tonnage)
    if target.measure.record.counted == "districts":
        return _between_districts(instance, plan, target)
    return _walk_m(instance, plan, target)


def _of_options(instance: Instance, plan: Plan, target: Target) -> float:
    """What the open options that a target counts add up to; the value asked of a share where there are none."""
    counts, options = _counts_option(instance, target), instance.options
    counted = counts & plan.is_open
    if target.measure is Measure.SHARED:
        shared = instance.sites.is_shared[options.site[counted]]
        return float(shared.mean()) if shared.size else target.value
    worth = {
        Measure.COUNT: np.ones(instance.n_options),
        Measure.CAPACITY: options.capacity_t,
        Measure.VEHICLES: options.vehicles,
        Measure.INVESTMENT: options.capex_cny,
    }
    capex, nothing = instance.expansions.capex_cny_per_t, np.zeros(len(plan.expanded_t))
    a_tonne = {Measure.CAPACITY: nothing + 1, Measure.INVESTMENT: capex}.get(target.measure, nothing)
    bought_t = plan.expanded_t * counts[instance.expansions.option]
    return float(worth[target.measure] @ counted + bought_t @ a_tonne)


def _of_city(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage) -> float:
    """Money and emissions, which are those of the whole city."""
    if target.measure in (Measure.EMISSIONS, Measure.NET_EMISSIONS):
        saved_kg = avoided_kg(instance, tonnage) if target.measure is Measure.NET_EMISSIONS else 0.0
        return (sum(emit(instance, plan, tonnage=tonnage).values()) - saved_kg) / 1000
    terms_cny = running_terms(instance, plan, tonnage=tonnage)
    paid = OPERATION_TERMS if target.measure is Measure.OPERATION else tuple(terms_cny)
    return sum(terms_cny[term] for term in paid)


def _between_districts(instance: Instance, plan: Plan, target: Target) -> float:
    """Least coverage of the unit's districts, its range, or its Gini coefficient; the value asked without residents."""
    demand, walks = instance.demand, instance.walks
    residents = np.where(target.in_unit_demand, demand.residents, 0.0)
    within_m = np.inf if target.within_m is None else target.within_m
    near = walks.distance_m <= within_m
    n = len(instance.districts)
    total = sum_by(demand.district, residents, n)
    served = sum_by(demand.district[walks.demand], residents[walks.demand] * plan.assign * near, n)
    lived_in = total > 0
    if not lived_in.any():
        return target.value
    share, weight = served[lived_in] / total[lived_in], total[lived_in] / total.sum()
    if target.measure is Measure.LEAST_COVERAGE:
        return float(share.min())
    if target.measure is Measure.COVERAGE_RANGE:
        return float(share.max() - share.min())
    mean = float(weight @ share)
    apart = np.abs(share[:, None] - share[None, :])
    return float(weight @ apart @ weight) / 2 / mean if mean > 0 else 0.0


def _walk_m(instance: Instance, plan: Plan, target: Target) -> float:
    """Mean or longest walk of the unit's residents who are assigned within the distance; the value where nobody is."""
    walks = instance.walks
    within_m = np.inf if target.within_m is None else target.within_m
    counts_walk = target.in_unit_demand[walks.demand] & (walks.distance_m <= within_m)
    served = (instance.demand.residents[walks.demand] * plan.assign)[counts_walk]
    if served.sum() <= 0:
        return target.value
    distance_m = walks.distance_m[counts_walk]
    if target.measure is Measure.WORST_WALK:
        return float(distance_m[served > USED_RESIDENTS].max(initial=0.0))
    return float(served @ distance_m / served.sum())


def _counts_option(instance: Instance, target: Target) -> Bools:
    """Options that a target counts where they are open, (n_options,)."""
    options = instance.options
    counts_option: Bools = target.in_unit_site[options.site] & target.counts_type[options.type]
    if target.echelon is None:
        return counts_option
    is_counted: Bools = counts_option & (instance.option_echelon() == target.echelon)
    return is_counted


def _coverage_share(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage) -> float:
    """Share of the unit's residents assigned within the distance; the value asked where the unit has no residents."""
    walks, residents = instance.walks, instance.demand.residents
    unit_residents = float(residents[target.in_unit_demand].sum())
    if unit_residents == 0:
        return target.value
    within_m = np.inf if target.within_m is None else target.within_m
    counts_walk = target.in_unit_demand[walks.demand] & (walks.distance_m <= within_m)
    if not target.counts_type.all():
        counts_walk &= counts_at_site(instance, tonnage, target.counts_type)[walks.site]
    return float((residents[walks.demand] * plan.assign)[counts_walk].sum()) / unit_residents


def _counted_t(tonnes: Floats, counts_row: Bools, target: Target) -> float:
    return float(tonnes[counts_row][:, target.counts_material].sum())
