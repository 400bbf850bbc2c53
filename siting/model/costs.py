"""The objective: what one unit of each column costs, in the model's cost unit."""

from __future__ import annotations

import numpy as np

from siting.instance import Echelon, Floats, Instance, Links
from siting.model.columns import Columns
from siting.model.linear import MODEL_CNY, MODEL_T


def column_costs(instance: Instance, columns: Columns) -> Floats:
    """Cost of each column, (n_columns,), in 10^4 CNY."""
    cost_cny = np.zeros(columns.n)
    cost_cny[columns.open : columns.assign] = _open_cny(instance)
    cost_cny[columns.assign : columns.direct] = _assign_cny(instance, columns)
    direct = _haul_cny_per_t(instance, instance.direct) + _arrival_cny_per_t(instance, columns, instance.direct)
    direct += _collection_cny_per_t(instance)
    cost_cny[columns.direct : columns.haul] = direct[columns.direct_link, columns.direct_material] * MODEL_T
    haul = _haul_cny_per_t(instance, instance.haul) + _arrival_cny_per_t(instance, columns, instance.haul)
    cost_cny[columns.haul : columns.load] = haul[columns.haul_link, columns.haul_material] * MODEL_T
    load = _unit_cny_per_t(instance)[columns.load_option, columns.load_material]
    cost_cny[columns.load : columns.shortfall] = load * MODEL_T
    penalties = [instance.targets[number].penalty_cny or 0.0 for number in columns.soft_target]
    cost_cny[columns.shortfall :] = penalties
    return cost_cny / MODEL_CNY


def _carbon_cny_per_kwh(instance: Instance) -> float:
    return instance.rates.grid_kg_co2e_per_kwh * instance.rates.carbon_cny_per_t / 1000


def _open_cny(instance: Instance) -> Floats:
    options = instance.options
    energy = options.fixed_kwh * _carbon_cny_per_kwh(instance)
    return options.investment_cny + options.land_cny + options.fixed_operation_cny + energy


def _unit_cny_per_t(instance: Instance) -> Floats:
    """Operation and its carbon for each tonne that enters an option, (n_options, n_materials)."""
    options = instance.options
    return options.unit_cny_per_t + options.unit_kwh_per_t * _carbon_cny_per_kwh(instance)


def _collection_cny_per_t(instance: Instance) -> Floats:
    """Paid less received on each collected tonne, (n_materials,)."""
    return instance.materials.purchase_cny_per_t - instance.materials.subsidy_cny_per_t


def _entry_cny_per_t(instance: Instance, columns: Columns) -> Floats:
    """Operation for each tonne that enters a site, (n_sites, n_materials); 0 where load columns carry it."""
    entry = np.zeros((instance.n_sites, instance.n_materials))
    entry[instance.options.site] = _unit_cny_per_t(instance)
    entry[columns.is_split] = 0.0
    return entry


def _assign_cny(instance: Instance, columns: Columns) -> Floats:
    walks = instance.walks
    per_t = _entry_cny_per_t(instance, columns)[walks.site] + _collection_cny_per_t(instance)
    brought = instance.demand.tonnes[walks.demand] * walks.participation[:, None]
    cost: Floats = (brought * per_t).sum(axis=1)
    return cost


def _haul_cny_per_t(instance: Instance, links: Links) -> Floats:
    """Transport and its carbon on each link, (n_links, 1)."""
    rates, link_class = instance.link_rates, links.link_class
    carbon = rates.kg_co2e_per_tkm[link_class] * instance.rates.carbon_cny_per_t / 1000
    per_tkm = rates.cny_per_tkm[link_class] + carbon
    per_t: Floats = per_tkm * links.distance_m / 1000 + rates.handling_cny_per_t[link_class]
    return per_t[:, None]


def _arrival_cny_per_t(instance: Instance, columns: Columns, links: Links) -> Floats:
    """What a tonne costs on arrival: operation, at a centre also residue less sales, (n_links, n_materials)."""
    materials = instance.materials
    fate = materials.residue_share * instance.rates.disposal_cny_per_t
    fate = fate - (1 - materials.residue_share) * materials.sales_cny_per_t
    is_sorting = instance.sites.echelon[links.head] == Echelon.SORTING
    arrival: Floats = _entry_cny_per_t(instance, columns)[links.head] + is_sorting[:, None] * fate
    return arrival
