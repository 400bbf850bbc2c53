"""The figures of a plan by district: one recomputation for maps, reports and scorecards."""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Instance
from siting.plan import Plan, built_capacity_t
from siting.verify.reach import has_point
from siting.verify.tonnage import Tonnage, by_giver, is_sorting, sum_by, trace_tonnage
from siting.vocabulary import Echelon, Measure

DEFAULT_WITHIN_M = (500.0, 1000.0)


def district_figures(instance: Instance, plan: Plan) -> dict[str, Floats]:
    """Return the figures of a plan by district, each (n_districts,).

    Returns
    -------
    dict
        By the district of the cell or generator: `residents`; `residents_with_point`, who have an open point in reach;
        `residents_within_<distance>_m`, who have one within that distance, for 500 m, 1,000 m and each coverage target;
        `assigned_residents`;
        `mean_walk_m`, weighted by assigned residents, nan where there are none;
        `collected_household_t` (at points and at the door), `collected_generator_t`, `collected_t`.
        By the district of the site: `processed_t` (entering sorting centres); of what is open the number
        `open_<echelon>` and the capacity `capacity_<echelon>_t` for point, transfer and sorting; `investment_cny`,
        `land_cny`, `fixed_operation_cny`. Tonnes and money are a year.
    """
    tonnage = trace_tonnage(instance, plan)
    return {
        **_resident_figures(instance, plan),
        **_tonne_figures(instance, tonnage),
        **_facility_figures(instance, plan),
    }


def coverage_distances_m(instance: Instance) -> tuple[float, ...]:
    """Return 500 m, 1,000 m and the distances of the coverage targets, in ascending order."""
    asked_m = {t.within_m for t in instance.targets if t.measure is Measure.COVERAGE and t.within_m is not None}
    return tuple(sorted(asked_m | set(DEFAULT_WITHIN_M)))


def _resident_figures(instance: Instance, plan: Plan) -> dict[str, Floats]:
    demand, walks = instance.demand, instance.walks
    n_districts = len(instance.districts)
    district = demand.district[walks.demand]
    assigned = demand.residents[walks.demand] * plan.assign
    assigned_residents = sum_by(district, assigned, n_districts)
    walked_m = sum_by(district, assigned * walks.distance_m, n_districts)
    no_walk = np.full(n_districts, np.nan)
    within = {
        f"residents_within_{within_m:g}_m": sum_by(
            demand.district, demand.residents * has_point(instance, plan, within_m), n_districts
        )
        for within_m in coverage_distances_m(instance)
    }
    with_point = sum_by(demand.district, demand.residents * has_point(instance, plan, None), n_districts)
    return {
        "residents": sum_by(demand.district, demand.residents, n_districts),
        "residents_with_point": with_point,
        "assigned_residents": assigned_residents,
        **within,
        "mean_walk_m": np.divide(walked_m, assigned_residents, out=no_walk, where=assigned_residents > 0),
    }


def _tonne_figures(instance: Instance, tonnage: Tonnage) -> dict[str, Floats]:
    n_districts = len(instance.districts)
    given = by_giver(instance, tonnage)
    household_t, generator_t = (sum_by(instance.demand.district, of.sum(axis=1), n_districts) for of in given)
    sorted_t = np.where(is_sorting(instance), tonnage.inflow_t.sum(axis=1), 0.0)
    return {
        "collected_household_t": household_t,
        "collected_generator_t": generator_t,
        "collected_t": household_t + generator_t,
        "processed_t": sum_by(instance.sites.district, sorted_t, n_districts),
    }


def _facility_figures(instance: Instance, plan: Plan) -> dict[str, Floats]:
    options, n_districts = instance.options, len(instance.districts)
    district, is_open = instance.sites.district[options.site], plan.is_open.astype(float)
    capacity_t, figures = built_capacity_t(instance, plan), {}
    for echelon in (one for one in Echelon if (instance.sites.echelon == one).any()):
        opened = is_open * (instance.option_echelon() == echelon)
        figures[f"open_{echelon.name.lower()}"] = sum_by(district, opened, n_districts)
        figures[f"capacity_{echelon.name.lower()}_t"] = sum_by(district, opened * capacity_t, n_districts)
    for name in ("investment_cny", "land_cny", "fixed_operation_cny"):
        figures[name] = sum_by(district, is_open * getattr(options, name), n_districts)
    bought = instance.expansions
    for name, a_tonne in (
        ("investment_cny", bought.investment_cny_per_t),
        ("fixed_operation_cny", bought.operation_cny_per_t),
    ):
        figures[name] += sum_by(district[bought.option], plan.expanded_t * a_tonne, n_districts)
    return figures
