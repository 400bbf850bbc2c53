"""Cost and emissions of a plan, term by term.

investment         Σ open · investment_cny + Σ expanded_t · investment_cny_per_t     land, fixed_operation alike
closing            Σ closing_cny of sites with nothing open
unit_operation     Σ inflow_t · unit_cny_per_t                               sites, materials
transport          Σ link_t · haul_factor · (cny_per_tkm · km + unload_cny_per_t)   direct and haul links
collection         Σ visits · cny                                            open options, doors
access             Σ assign · cost_cny                                       walks
product_disposal   Σ disposed_t · cny_per_t                                  disposals
residue_disposal   Σ sorting inflow_t · residue_share · disposal_cny_per_t
carbon             carbon_cny_per_t / 1000 · kg CO2e of transport and operation
avoided_carbon     − avoided_cny_per_t / 1000 · Σ product_t · avoided_kg_co2e_per_t
purchase           Σ collected_t · purchase_cny_per_t                        subsidy alike, by district, negative
sales              − Σ product_t · sales_cny_per_t
shortfall_penalty  Σ penalty_cny · amount missed                             soft targets

product_t is what ends at sorting centres, less residue, and at processing bases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siting.instance import Floats, Instance, Links, Visits
from siting.plan import Plan
from siting.verify.result import TargetResult
from siting.verify.tonnage import Tonnage, is_sorting, of_open_option
from siting.vocabulary import COST_TERMS, PENALTY


def price_terms(
    instance: Instance, plan: Plan, *, tonnage: Tonnage, targets: Sequence[TargetResult]
) -> dict[str, float]:
    """Return the cost of a plan by term in CNY a year, in the order of `COST_TERMS`; income is negative."""
    penalties_cny = sum((penalty_cny(result) for result in targets), start=0.0)
    terms_cny = {**running_terms(instance, plan, tonnage=tonnage), PENALTY: penalties_cny}
    return {term: terms_cny[term] for term in COST_TERMS}


def running_terms(instance: Instance, plan: Plan, *, tonnage: Tonnage) -> dict[str, float]:
    """Return the cost of a plan by term in CNY a year, penalties for missed targets apart."""
    materials, rates = instance.materials, instance.rates
    collected_t = tonnage.collected_t.sum(axis=0)
    emissions_kg = sum(emit(instance, plan, tonnage=tonnage).values())
    residue_t = tonnage.inflow_t[is_sorting(instance)].sum(axis=0) * materials.residue_share
    return {
        **_fixed_terms(instance, plan, tonnage),
        "unit_operation": _per_inflow(tonnage, instance.options.unit_cny_per_t),
        "transport": _transport_cny(instance, plan),
        "collection": sum(float(made @ visits.cny) for visits, made in visits_made(instance, plan, tonnage)),
        "access": float(plan.assign @ instance.walks.cost_cny),
        "product_disposal": float(instance.disposals.cny_per_t @ plan.disposed_t),
        "residue_disposal": float(residue_t.sum()) * rates.disposal_cny_per_t,
        "carbon": emissions_kg * rates.carbon_cny_per_t / 1000,
        "avoided_carbon": -avoided_kg(instance, tonnage) * rates.avoided_cny_per_t / 1000,
        "purchase": float(collected_t @ materials.purchase_cny_per_t),
        "sales": -float(tonnage.product_t @ materials.sales_cny_per_t),
        "subsidy": -float(subsidy_cny(instance, tonnage).sum()),
    }


def subsidy_cny(instance: Instance, tonnage: Tonnage) -> Floats:
    """Return the subsidy for the material of each demand node, CNY a year, (n_demand, n_materials)."""
    return np.asarray(tonnage.collected_t * instance.materials.subsidy_cny_per_t[instance.demand.district])


def emit(instance: Instance, plan: Plan, *, tonnage: Tonnage) -> dict[str, float]:
    """Return the emissions of transport and of operation, kg CO2e a year."""
    rates = instance.link_rates
    transport_kg = sum(
        float((laden_t(instance, links, flow) * links.distance_m / 1000) @ rates.kg_co2e_per_tkm[links.rate])
        for links, flow in moved_links(instance, plan)
    )
    transport_kg += sum(float(made @ visits.kg_co2e) for visits, made in visits_made(instance, plan, tonnage))
    options = instance.options
    electricity_kwh = float(options.fixed_kwh @ plan.is_open) + _per_inflow(tonnage, options.unit_kwh_per_t)
    return {"transport": transport_kg, "operation": electricity_kwh * instance.rates.grid_kg_co2e_per_kwh}


def avoided_kg(instance: Instance, tonnage: Tonnage) -> float:
    """Return the emissions that the product of a plan avoids, kg CO2e a year."""
    return float(tonnage.product_t @ instance.materials.avoided_kg_co2e_per_t)


def _fixed_terms(instance: Instance, plan: Plan, tonnage: Tonnage) -> dict[str, float]:
    options, expansions = instance.options, instance.expansions
    bought_cny, run_cny = (
        float(rate @ plan.expanded_t) for rate in (expansions.investment_cny_per_t, expansions.operation_cny_per_t)
    )
    return {
        "investment": float(options.investment_cny @ plan.is_open) + bought_cny,
        "land": float(options.land_cny @ plan.is_open),
        "closing": float(instance.sites.closing_cny @ (tonnage.open_option < 0)),
        "fixed_operation": float(options.fixed_operation_cny @ plan.is_open) + run_cny,
    }


def _per_inflow(tonnage: Tonnage, option_rate: Floats) -> float:
    return float(np.sum(tonnage.inflow_t * of_open_option(tonnage, option_rate)))


def _transport_cny(instance: Instance, plan: Plan) -> float:
    rates, total = instance.link_rates, 0.0
    for links, flow in moved_links(instance, plan):
        km = links.distance_m / 1000
        per_t = rates.cny_per_tkm[links.rate] * km + rates.unload_cny_per_t[links.rate]
        total += float(laden_t(instance, links, flow) @ per_t)
    return total


def visits_made(
    instance: Instance, plan: Plan, tonnage: Tonnage
) -> tuple[tuple[Visits, Floats], tuple[Visits, Floats]]:
    """Return visits to points and to doors with how many of each a plan makes a year, (n_visits,)."""
    points, doors = instance.visits, instance.door_visits
    entering_t = tonnage.inflow_t[instance.options.site[points.at]]
    opened = plan.is_open[points.at]
    to_points = opened * points.per_year + np.where(opened, _by_row(points, entering_t), 0.0)
    return (points, to_points), (doors, _by_row(doors, tonnage.collected_t[doors.at]))


def _by_row(visits: Visits, tonnes: Floats) -> Floats:
    """Return the visits that tonnes (n_visits, n_materials) take, (n_visits,)."""
    return np.einsum("vm,vm->v", visits.per_t, tonnes) if len(visits.at) else np.zeros(0)


def moved_links(instance: Instance, plan: Plan) -> tuple[tuple[Links, Floats], tuple[Links, Floats]]:
    """Return the links of each kind with the tonnes on them, (n_links, n_materials)."""
    return (instance.direct, plan.direct_t), (instance.haul, plan.haul_t)


def laden_t(instance: Instance, links: Links, flow_t: Floats) -> Floats:
    """Return tonnes on each link, light material counted for the room it takes, (n_links,)."""
    return np.asarray((flow_t * instance.link_rates.haul_factor[links.rate]).sum(axis=1))


def penalty_cny(result: TargetResult) -> float:
    """Return the penalty for missing a soft target and its margin, CNY a year; 0 for a hard target."""
    each_cny = result.target.penalty_cny
    return 0.0 if each_cny is None else each_cny * float(np.maximum(0.0, result.target.margin - result.margin))
