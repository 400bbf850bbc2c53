"""Cost and emissions of one unit of each column, term by term; the objective is their sum."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from siting.instance import Bools, Floats, Instance, Links
from siting.model.columns import Columns
from siting.model.linear import MODEL_CNY, MODEL_T
from siting.vocabulary import Echelon


def column_costs(instance: Instance, columns: Columns) -> Floats:
    """Return the cost of each column, (n_columns,), in 10^4 CNY."""
    return sum(cost_terms(instance, columns).values(), start=np.zeros(columns.n)) / MODEL_CNY


def cost_terms(instance: Instance, columns: Columns) -> dict[str, Floats]:
    """Return each term of the cost as CNY a year by unit of column, (n_columns,); income is negative."""
    options, materials, rates = instance.options, instance.materials, instance.link_rates
    sorts, residue, ends = _fate(instance)
    purchase = np.broadcast_to(materials.purchase_cny_per_t, materials.subsidy_cny_per_t.shape)
    access = np.zeros(columns.n)
    access[columns["assign"]] = instance.walks.cost_cny
    closing, penalty = np.zeros(columns.n), np.zeros(columns.n)
    closing[columns["close"]] = instance.sites.closing_cny[columns.close_site]
    penalties = [instance.targets[number].penalty_cny or 0.0 for number in columns.soft_target]
    penalty[columns["shortfall"]] = penalties
    bought, extended, disposed = np.zeros((3, columns.n))
    bought[columns["expand"]] = instance.expansions.investment_cny_per_t * MODEL_T
    extended[columns["expand"]] = instance.expansions.operation_cny_per_t * MODEL_T
    disposed[columns["dispose"]] = instance.disposals.cny_per_t * MODEL_T
    return {
        "investment": spread(instance, columns, opened=options.investment_cny) + bought,
        "land": spread(instance, columns, opened=options.land_cny),
        "closing": closing,
        "fixed_operation": spread(instance, columns, opened=options.fixed_operation_cny) + extended,
        "unit_operation": spread(instance, columns, entry=options.unit_cny_per_t),
        "transport": spread(instance, columns, per_tkm=rates.cny_per_tkm, per_t=rates.unload_cny_per_t),
        "collection": spread_visits(instance, columns, instance.visits.cny, instance.door_visits.cny),
        "access": access,
        "residue_disposal": spread(instance, columns, entry=sorts * residue * instance.rates.disposal_cny_per_t),
        "product_disposal": disposed,
        "carbon": emitted_kg(instance, columns) * instance.rates.carbon_cny_per_t / 1000,
        "avoided_carbon": -avoided_kg(instance, columns) * instance.rates.avoided_cny_per_t / 1000,
        "purchase": spread(instance, columns, given=purchase),
        "sales": spread(instance, columns, entry=-ends * materials.sales_cny_per_t),
        "subsidy": spread(instance, columns, given=-materials.subsidy_cny_per_t),
        "shortfall_penalty": penalty,
    }


def emitted_kg(instance: Instance, columns: Columns) -> Floats:
    """Return the emissions of transport and operation by unit of column, kg CO2e a year, (n_columns,)."""
    options, grid = instance.options, instance.rates.grid_kg_co2e_per_kwh
    visits = spread_visits(instance, columns, instance.visits.kg_co2e, instance.door_visits.kg_co2e)
    return visits + spread(
        instance,
        columns,
        opened=options.fixed_kwh * grid,
        entry=options.unit_kwh_per_t * grid,
        per_tkm=instance.link_rates.kg_co2e_per_tkm,
    )


def avoided_kg(instance: Instance, columns: Columns) -> Floats:
    """Return the emissions avoided by product that ends here, kg CO2e a year by unit of column, (n_columns,)."""
    _, _, ends = _fate(instance)
    return spread(instance, columns, entry=ends * instance.materials.avoided_kg_co2e_per_t)


def product_t(instance: Instance, columns: Columns, counts_material: Bools) -> Floats:
    """Return the product of the materials that count, t a year by unit of column, (n_columns,)."""
    _, _, ends = _fate(instance)
    return spread(instance, columns, entry=ends * counts_material)


def _fate(instance: Instance) -> tuple[Floats, Floats, Floats]:
    """Return (is a sorting centre, residue share, share of product that ends here) by option and material."""
    echelon = instance.option_echelon()[:, None]
    sorts = (echelon == Echelon.SORTING).astype(float)
    residue = np.broadcast_to(instance.materials.residue_share, (instance.n_options, instance.n_materials))
    is_last = (instance.passed_on() == 0).all(axis=2)[instance.options.type]
    ends = is_last * (echelon >= Echelon.SORTING) * (1 - sorts * residue)
    return sorts, residue, ends


def spread(
    instance: Instance,
    columns: Columns,
    *,
    opened: ArrayLike = 0.0,
    entry: ArrayLike = 0.0,
    per_tkm: ArrayLike = 0.0,
    per_t: ArrayLike = 0.0,
    given: ArrayLike = 0.0,
) -> Floats:
    """Return the rates as what one unit of each column adds a year, (n_columns,).

    `opened` (n_options,) is the rate of each open option, `entry` (n_options, n_materials) of each tonne that enters,
    `per_tkm` and `per_t` (n_rates,) of each tonne-kilometre and tonne on a link, `given` (n_districts, n_materials) of
    each tonne that a demand node of the district gives.
    """
    m, options = instance.n_materials, instance.options
    by_option = np.broadcast_to(np.asarray(entry, dtype=float), (instance.n_options, m))
    at_site = np.zeros((instance.n_sites, m))
    at_site[options.site] = by_option
    at_site[columns.is_split] = 0.0  # load columns have the cost at split sites
    from_district = np.broadcast_to(np.asarray(given, dtype=float), (len(instance.districts), m))
    from_node = from_district[instance.demand.district]
    walks = instance.walks
    direct = (
        at_site[instance.direct.head]
        + from_node[instance.direct.tail]
        + _on_link(instance, instance.direct, per_tkm, per_t)
    )
    haul = at_site[instance.haul.head] + _on_link(instance, instance.haul, per_tkm, per_t)
    added = np.zeros(columns.n)
    added[columns["open"]] = np.asarray(opened, dtype=float)
    brought_t = instance.brought_t()
    added[columns["assign"]] = (brought_t * (at_site[walks.site] + from_node[walks.demand])).sum(axis=1)
    added[columns["direct"]] = direct[columns.direct_link, columns.direct_material] * MODEL_T
    added[columns["haul"]] = haul[columns.haul_link, columns.haul_material] * MODEL_T
    added[columns["load"]] = by_option[columns.load_option, columns.load_material] * MODEL_T
    return added


def spread_visits(instance: Instance, columns: Columns, at_point: Floats, at_door: Floats) -> Floats:
    """Return the figures of one visit as what one unit of each column adds a year, (n_columns,).

    `at_point` and `at_door` have one for each row of `Instance.visits` and `Instance.door_visits`.
    """
    m = instance.n_materials
    opened, entry = instance.visits.spread(at_point, instance.n_options, m)
    added = spread(instance, columns, opened=opened, entry=entry)
    _, of_node = instance.door_visits.spread(at_door, instance.n_demand, m)
    added[columns["direct"]] += of_node[instance.direct.tail[columns.direct_link], columns.direct_material] * MODEL_T
    return added


def _on_link(instance: Instance, links: Links, per_tkm: ArrayLike, per_t: ArrayLike) -> Floats:
    """Return the rate of a tonne of each material on each link, (n_links, n_materials)."""
    if not (np.any(per_tkm) or np.any(per_t)):
        return np.zeros((len(links.rate), instance.n_materials))
    n_rates = len(instance.link_rates.vehicle)
    tkm, t = (np.broadcast_to(np.asarray(rate, dtype=float), n_rates) for rate in (per_tkm, per_t))
    of_link = tkm[links.rate] * links.distance_m / 1000 + t[links.rate]
    return np.asarray(of_link[:, None] * instance.link_rates.haul_factor[links.rate])
