"""What a plan costs and emits, term by term.

investment         Σ open · investment_cny                                   land, fixed_operation alike
unit_operation     Σ inflow_t · unit_cny_per_t                               sites, materials
transport          Σ link_t · (cny_per_tkm · km + handling_cny_per_t)        direct and haul links
residue_disposal   Σ sorting inflow_t · residue_share · disposal_cny_per_t
carbon             carbon_cny_per_t / 1000 · kg CO2e of transport and operation
purchase           Σ collected_t · purchase_cny_per_t                        subsidy alike, negative
sales              − Σ sorting inflow_t · (1 − residue_share) · sales_cny_per_t
shortfall_penalty  Σ penalty_cny · amount missed                             soft targets
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siting.instance import Floats, Instance
from siting.plan import COST_TERMS, Plan
from siting.verify.result import TargetResult
from siting.verify.tonnage import Tonnage, is_sorting, link_tonne_km, link_tonnes, of_open_option


def price_terms(
    instance: Instance, plan: Plan, *, tonnage: Tonnage, targets: Sequence[TargetResult]
) -> dict[str, float]:
    """Cost of a plan by term in CNY a year, in the order of `COST_TERMS`; income is negative."""
    materials = instance.materials
    collected_t = tonnage.collected_t.sum(axis=0)
    emissions_kg = sum(emit(instance, plan, tonnage=tonnage).values())
    terms_cny = {
        **_fixed_terms(instance, plan),
        **_sorting_terms(instance, tonnage),
        "unit_operation": _per_inflow(tonnage, instance.options.unit_cny_per_t),
        "transport": _transport_cny(instance, plan),
        "carbon": emissions_kg * instance.rates.carbon_cny_per_t / 1000,
        "purchase": float(collected_t @ materials.purchase_cny_per_t),
        "subsidy": -float(collected_t @ materials.subsidy_cny_per_t),
        "shortfall_penalty": sum((_penalty_cny(result) for result in targets), start=0.0),
    }
    return {term: terms_cny[term] for term in COST_TERMS}


def emit(instance: Instance, plan: Plan, *, tonnage: Tonnage) -> dict[str, float]:
    """Emissions of transport and of operation, kg CO2e a year."""
    transport_kg = float(link_tonne_km(instance, plan) @ instance.link_rates.kg_co2e_per_tkm)
    options = instance.options
    electricity_kwh = float(options.fixed_kwh @ plan.is_open) + _per_inflow(tonnage, options.unit_kwh_per_t)
    return {"transport": transport_kg, "operation": electricity_kwh * instance.rates.grid_kg_co2e_per_kwh}


def _fixed_terms(instance: Instance, plan: Plan) -> dict[str, float]:
    options = instance.options
    return {
        "investment": float(options.investment_cny @ plan.is_open),
        "land": float(options.land_cny @ plan.is_open),
        "fixed_operation": float(options.fixed_operation_cny @ plan.is_open),
    }


def _sorting_terms(instance: Instance, tonnage: Tonnage) -> dict[str, float]:
    materials = instance.materials
    sorted_t = tonnage.inflow_t[is_sorting(instance)].sum(axis=0)
    residue_t = sorted_t * materials.residue_share
    return {
        "residue_disposal": float(residue_t.sum()) * instance.rates.disposal_cny_per_t,
        "sales": -float((sorted_t - residue_t) @ materials.sales_cny_per_t),
    }


def _per_inflow(tonnage: Tonnage, option_rate: Floats) -> float:
    return float(np.sum(tonnage.inflow_t * of_open_option(tonnage, option_rate)))


def _transport_cny(instance: Instance, plan: Plan) -> float:
    rates = instance.link_rates
    distance_cny = link_tonne_km(instance, plan) @ rates.cny_per_tkm
    return float(distance_cny + link_tonnes(instance, plan) @ rates.handling_cny_per_t)


def _penalty_cny(result: TargetResult) -> float:
    penalty_cny = result.target.penalty_cny
    return 0.0 if penalty_cny is None else penalty_cny * float(np.maximum(0.0, -result.margin))
