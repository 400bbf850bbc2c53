"""What a plan reaches of each target."""

from __future__ import annotations

import numpy as np

from siting.instance import Bools, Floats, Instance, Measure, Target
from siting.plan import Plan
from siting.verify.result import TargetResult
from siting.verify.tonnage import Tonnage, counts_at_site, is_sorting


def measure_targets(instance: Instance, plan: Plan, *, tonnage: Tonnage, tolerance: float) -> tuple[TargetResult, ...]:
    """What the plan reaches of each target of the instance, in their order."""
    return tuple(_result(instance, plan, target, tonnage, tolerance) for target in instance.targets)


def _result(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage, tolerance: float) -> TargetResult:
    reached = _reached(instance, plan, target, tonnage)
    margin = reached - target.value if target.is_at_least else target.value - reached
    return TargetResult(target, reached, margin, holds=margin >= -tolerance * max(1.0, abs(target.value)))


def _reached(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage) -> float:
    match target.measure:
        case Measure.COUNT:
            return float(np.count_nonzero(_counted_options(instance, plan, target)))
        case Measure.CAPACITY:
            return float(instance.options.capacity_t @ _counted_options(instance, plan, target))
        case Measure.COVERAGE:
            return _coverage_share(instance, plan, target, tonnage)
        case Measure.COLLECTED:
            return _counted_t(tonnage.collected_t, target.in_unit_demand, target)
        case Measure.PROCESSED:
            sorts_in_unit = target.in_unit_site & is_sorting(instance)
            counts_site = sorts_in_unit & counts_at_site(instance, tonnage, target.counts_type)
            return _counted_t(tonnage.inflow_t, counts_site, target)


def _counted_options(instance: Instance, plan: Plan, target: Target) -> Bools:
    options = instance.options
    counts_option = target.in_unit_site[options.site] & target.counts_type[options.type] & plan.is_open
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
