"""Recompute the value that a plan reaches for each target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from siting.instance import Bools, Floats, Instance, Target
from siting.plan import Plan
from siting.verify.costs import avoided_kg, emit, laden_t, moved_links, running_terms, subsidy_cny, visits_made
from siting.verify.result import TargetResult
from siting.verify.tonnage import Tonnage, counts_at_site, is_below_use, is_sorting, sum_by, trace_tonnage
from siting.vocabulary import LINK_CLASSES, OPERATION_TERMS, Measure

USED_RESIDENTS = 1e-3
"""A walk that fewer residents use is not used: rounding of shares."""


def measure_targets(
    instance: Instance, plan: Plan, *, tonnage: Tonnage, tolerance: float, before: Plan | None = None
) -> tuple[TargetResult, ...]:
    """Return the outcome of each target of the instance, in their order.

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
    """Return the value of any measure in a plan of one stage, in its unit."""
    return _reached(instance, plan, target, trace_tonnage(instance, plan))


def _result(target: Target, reached: float, tolerance: float) -> TargetResult:
    margin = reached - target.value if target.is_at_least else target.value - reached
    return TargetResult(target, reached, margin, holds=margin >= -tolerance * max(1.0, abs(target.value)))


def _reached(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage) -> float:
    return REACHED[target.measure](instance, plan, target, tonnage)


Reached = Callable[[Instance, Plan, Target, Tonnage], float]


def _of_options(
    worth: Callable[[Instance], Floats | float], bought: Callable[[Instance], Floats | float] = lambda _: 0.0
) -> Reached:
    """Return the sum of `worth` (n_options,) over counted open options and of `bought` (n_expansions,) over tonnes."""

    def reached(instance: Instance, plan: Plan, target: Target, _: Tonnage) -> float:
        counts = _counts_option(instance, target)
        bought_t = plan.expanded_t * counts[instance.expansions.option]
        return float(np.sum(worth(instance) * (counts & plan.is_open)) + np.sum(bought(instance) * bought_t))

    return reached


def _count(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage) -> float:
    """Return the number of open facilities; for a minimum only those that reach their minimum use or must take it."""
    counted = _counts_option(instance, target) & plan.is_open
    if target.is_at_least:
        counted &= ~is_below_use(instance, tonnage)
    return float(counted.sum())


def _shared_share(instance: Instance, plan: Plan, target: Target, _: Tonnage) -> float:
    """Return the share of open facilities at shared outlets of household waste; the required share if none is open."""
    counted = _counts_option(instance, target) & plan.is_open
    shared = instance.sites.is_shared[instance.options.site[counted]]
    return float(shared.mean()) if shared.size else target.asked


def _collected_t(_instance: Instance, _plan: Plan, target: Target, tonnage: Tonnage) -> float:
    return _counted_t(tonnage.collected_t, target.in_unit_demand, target)


def _of_arising(counted_t: Reached) -> Reached:
    """Divide tonnes by what arises in the unit of the materials that count; the value asked where nothing does."""

    def reached(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage) -> float:
        arising_t = _counted_t(instance.demand.tonnes, target.in_unit_demand, target)
        return counted_t(instance, plan, target, tonnage) / arising_t if arising_t > 0 else target.asked

    return reached


def _product_t(_instance: Instance, _plan: Plan, target: Target, tonnage: Tonnage) -> float:
    return float(tonnage.product_t[target.counts_material].sum())


def _subsidies_cny(instance: Instance, _plan: Plan, target: Target, tonnage: Tonnage) -> float:
    return _counted_t(subsidy_cny(instance, tonnage), target.in_unit_demand, target)


def _processed_t(instance: Instance, _plan: Plan, target: Target, tonnage: Tonnage) -> float:
    sorts_in_unit = target.in_unit_site & is_sorting(instance)
    counts_site = sorts_in_unit & counts_at_site(instance, tonnage, target.counts_type)
    return _counted_t(tonnage.inflow_t, counts_site, target)


def _tour_vehicles(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage) -> float:
    """Return the hours of visits and of ways to stations, for the unit's points and doors, by a vehicle's hours."""
    rates, options = instance.link_rates, instance.options
    hours = np.zeros(len(rates.vehicle))
    (points, to_points), (doors, to_doors) = visits_made(instance, plan, tonnage)
    for visits, made, counts in (
        (points, to_points, target.in_unit_site[options.site[points.at]]),
        (doors, to_doors, target.in_unit_demand[doors.at]),
    ):
        hours += sum_by(visits.rate, made * visits.h * counts, len(hours))
    for (links, flow_t), name, in_unit in zip(
        moved_links(instance, plan), ("door_to_transfer", "point_to_transfer"),
        (target.in_unit_demand, target.in_unit_site), strict=True,
    ):  # fmt: skip
        counts = (links.link_class == LINK_CLASSES.index(name)) & in_unit[links.tail]
        of_t = rates.unload_h_per_t[links.rate] + rates.h_per_tkm[links.rate] * links.distance_m / 1000
        hours += sum_by(links.rate, laden_t(instance, links, flow_t) * of_t * counts, len(hours))
    works = rates.hours_per_year > 0
    return float((hours[works] / rates.hours_per_year[works]).sum())


def _changed(instance: Instance, plan: Plan, _target: Target, _tonnage: Tonnage) -> float:
    """Number of sites with another facility than in the earlier plan, and of its facilities that are not here."""
    options, earlier, nothing = instance.options, instance.earlier, -1
    stood, stands = (np.full(instance.n_sites, nothing) for _ in range(2))
    for now, is_open in ((stood, earlier.is_open[0]), (stands, plan.is_open)):
        now[options.site[is_open]] = np.flatnonzero(is_open)
    return float(np.count_nonzero((stood != stands) | earlier.is_gone[0]) + earlier.elsewhere[0])


def _emitted_t(instance: Instance, plan: Plan, _: Target, tonnage: Tonnage) -> float:
    return sum(emit(instance, plan, tonnage=tonnage).values()) / 1000


def _net_emitted_t(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage) -> float:
    return _emitted_t(instance, plan, target, tonnage) - avoided_kg(instance, tonnage) / 1000


def _cost_cny(instance: Instance, plan: Plan, _: Target, tonnage: Tonnage) -> float:
    return sum(running_terms(instance, plan, tonnage=tonnage).values())


def _operation_cny(instance: Instance, plan: Plan, _: Target, tonnage: Tonnage) -> float:
    terms_cny = running_terms(instance, plan, tonnage=tonnage)
    return sum(terms_cny[term] for term in OPERATION_TERMS)


def _between_districts(measured: Callable[[Floats, Floats], float]) -> Reached:
    """Measure the coverage of the unit's districts and their parts of the residents; the value asked without any."""

    def reached(instance: Instance, plan: Plan, target: Target, _: Tonnage) -> float:
        demand, n = instance.demand, len(instance.districts)
        residents = np.where(target.in_unit_demand, demand.residents, 0.0)
        near = has_point(instance, plan, target.within_m, target.counts_type)
        total, with_point = (sum_by(demand.district, of, n) for of in (residents, residents * near))
        lived_in = total > 0
        if not lived_in.any():
            return target.asked
        return measured(with_point[lived_in] / total[lived_in], total[lived_in] / total.sum())

    return reached


def _gini(share: Floats, weight: Floats) -> float:
    mean = float(weight @ share)
    apart = np.abs(share[:, None] - share[None, :])
    return float(weight @ apart @ weight) / 2 / mean if mean > 0 else 0.0


def _served_within(instance: Instance, plan: Plan, target: Target) -> tuple[Floats, Floats]:
    """Return the residents of the unit on each walk within the distance, and its length, m."""
    walks = instance.walks
    within_m = np.inf if target.within_m is None else target.within_m
    counts_walk = target.in_unit_demand[walks.demand] & (walks.distance_m <= within_m)
    return (instance.demand.residents[walks.demand] * plan.assign)[counts_walk], walks.distance_m[counts_walk]


def _mean_walk_m(instance: Instance, plan: Plan, target: Target, _: Tonnage) -> float:
    """Return the mean walk of the residents who are assigned within the distance; the value asked where nobody is."""
    served, distance_m = _served_within(instance, plan, target)
    return float(served @ distance_m / served.sum()) if served.sum() > 0 else target.asked


def _longest_walk_m(instance: Instance, plan: Plan, target: Target, _: Tonnage) -> float:
    """Return the longest walk of residents assigned within the distance; the target's value if there are none."""
    served, distance_m = _served_within(instance, plan, target)
    return float(distance_m[served > USED_RESIDENTS].max(initial=0.0)) if served.sum() > 0 else target.asked


def _counts_option(instance: Instance, target: Target) -> Bools:
    """Return the options that a target counts where they are open, (n_options,)."""
    options = instance.options
    counts_option: Bools = target.in_unit_site[options.site] & target.counts_type[options.type]
    if target.echelon is None:
        return counts_option
    is_counted: Bools = counts_option & (instance.option_echelon() == target.echelon)
    return is_counted


def has_point(instance: Instance, plan: Plan, within_m: float | None, counts_type: Bools | None = None) -> Bools:
    """Return whether each demand node has an open point of a counted type within a distance in m, (n_demand,)."""
    walks, options = instance.walks, instance.options
    counts_option = plan.is_open if counts_type is None else plan.is_open & counts_type[options.type]
    is_open = np.zeros(instance.n_sites, dtype=bool)
    is_open[options.site[counts_option]] = True
    is_near = is_open[walks.site] & (walks.distance_m <= (np.inf if within_m is None else within_m))
    has: Bools = np.zeros(instance.n_demand, dtype=bool)
    has[walks.demand[is_near]] = True
    return has


def _coverage_share(instance: Instance, plan: Plan, target: Target, _: Tonnage) -> float:
    """Return the share of residents with an open point within the distance; the target's value if there are none."""
    residents = np.where(target.in_unit_demand, instance.demand.residents, 0.0)
    if residents.sum() == 0:
        return target.asked
    return float(residents @ has_point(instance, plan, target.within_m, target.counts_type) / residents.sum())


def _served_share(instance: Instance, plan: Plan, target: Target, tonnage: Tonnage) -> float:
    """Return the share of residents assigned within the distance; the target's value if the unit has none."""
    walks, residents = instance.walks, instance.demand.residents
    unit_residents = float(residents[target.in_unit_demand].sum())
    if unit_residents == 0:
        return target.asked
    within_m = np.inf if target.within_m is None else target.within_m
    counts_walk = target.in_unit_demand[walks.demand] & (walks.distance_m <= within_m)
    if not target.counts_type.all():
        counts_walk &= counts_at_site(instance, tonnage, target.counts_type)[walks.site]
    return float((residents[walks.demand] * plan.assign)[counts_walk].sum()) / unit_residents


def _counted_t(tonnes: Floats, counts_row: Bools, target: Target) -> float:
    return float(tonnes[counts_row][:, target.counts_material].sum())


REACHED: dict[Measure, Reached] = {
    Measure.COUNT: _count,
    Measure.CAPACITY: _of_options(lambda instance: instance.options.capacity_t, lambda _: 1.0),
    Measure.SHARED: _shared_share,
    Measure.VEHICLES: _of_options(lambda instance: instance.options.vehicles),
    Measure.COLLECTION_VEHICLES: _tour_vehicles,
    Measure.CHANGES: _changed,
    Measure.INVESTMENT: _of_options(
        lambda instance: instance.options.capex_cny, lambda instance: instance.expansions.capex_cny_per_t
    ),
    Measure.COVERAGE: _coverage_share,
    Measure.SERVED: _served_share,
    Measure.WALK: _mean_walk_m,
    Measure.WORST_WALK: _longest_walk_m,
    Measure.LEAST_COVERAGE: _between_districts(lambda share, _: float(share.min())),
    Measure.COVERAGE_RANGE: _between_districts(lambda share, _: float(share.max() - share.min())),
    Measure.COVERAGE_GINI: _between_districts(_gini),
    Measure.COLLECTED: _collected_t,
    Measure.COLLECTED_SHARE: _of_arising(_collected_t),
    Measure.RECYCLED_SHARE: _of_arising(_product_t),
    Measure.PROCESSED: _processed_t,
    Measure.COST: _cost_cny,
    Measure.OPERATION: _operation_cny,
    Measure.SUBSIDY: _subsidies_cny,
    Measure.EMISSIONS: _emitted_t,
    Measure.NET_EMISSIONS: _net_emitted_t,
}
"""Measure → function that recomputes it from a plan, in its unit."""
