"""Tonnes of a plan: on each walk, from each demand node, into and out of each site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints
from siting.plan import Plan, open_option_of_site
from siting.vocabulary import LINK_CLASSES, DemandKind, Echelon

ROUNDING_T = 1e-3
"""Tonnes a year by which a load may miss its limits: a kilogram. Solvers count in kt, to some 1e-9 of them."""


@dataclass(frozen=True)
class Tonnage:
    """The tonnes a year of a plan, by material in the last axis.

    `walk_t` (n_walks, n_materials); `household_t` and `generator_t` (n_demand, n_materials), what each demand node
    gives; `inflow_t` and `outflow_t` (n_sites, n_materials), what is hauled on or disposed of, `due_t` what must leave
    each site for what enters it.
    `product_t` (n_materials,) is what ends at sorting centres, less residue, and at bases. `open_option` (n_sites,) is
    −1 where nothing is open.
    """

    walk_t: Floats
    household_t: Floats
    generator_t: Floats
    inflow_t: Floats
    outflow_t: Floats
    due_t: Floats
    product_t: Floats
    open_option: Ints

    @property
    def collected_t(self) -> Floats:
        """Return the tonnes a year from each demand node, (n_demand, n_materials)."""
        return self.household_t + self.generator_t


def trace_tonnage(instance: Instance, plan: Plan) -> Tonnage:
    """Follow the tonnes of a plan from the demand nodes to the sorting centres."""
    walks, direct, haul = instance.walks, instance.direct, instance.haul
    n_demand, n_sites = instance.n_demand, instance.n_sites
    walk_t = instance.demand.tonnes[walks.demand] * (walks.participation * plan.assign)[:, None]
    inflow_t = (
        sum_by(walks.site, walk_t, n_sites)
        + sum_by(direct.head, plan.direct_t, n_sites)
        + sum_by(haul.head, plan.haul_t, n_sites)
    )
    open_option = open_option_of_site(instance, plan)
    outflow_t = sum_by(haul.tail, plan.haul_t, n_sites)
    disposed_from = instance.options.site[instance.disposals.option]
    np.add.at(outflow_t, (disposed_from, instance.disposals.material), plan.disposed_t)
    due_t, ends = _leaving(instance, inflow_t, open_option)
    return Tonnage(
        walk_t=walk_t,
        household_t=sum_by(walks.demand, walk_t, n_demand),
        generator_t=sum_by(direct.tail, plan.direct_t, n_demand),
        inflow_t=inflow_t,
        outflow_t=outflow_t,
        due_t=due_t,
        product_t=_product_t(instance, np.where(ends, inflow_t, 0.0)),
        open_option=open_option,
    )


def by_giver(instance: Instance, tonnage: Tonnage) -> tuple[Floats, Floats]:
    """Return the tonnes a year that households and that generators give, (n_demand, n_materials) both.

    What households book for pick-up at the door is theirs.
    """
    at_door_t = np.where((instance.demand.kind == DemandKind.BOOKED)[:, None], tonnage.generator_t, 0.0)
    return tonnage.household_t + at_door_t, tonnage.generator_t - at_door_t


def _leaving(instance: Instance, inflow_t: Floats, open_option: Ints) -> tuple[Floats, Bools]:
    """Return tonnes that must leave each site for its inflow, and materials that end there, (n_sites, n_materials).

    By the conversions of the type that is open; without any, points and stations pass on what they take, the last
    echelon that has a site keeps all. What enters a closed site must leave it.
    """
    echelon, conversions = instance.sites.echelon, instance.conversions
    last = echelon.max(initial=0)
    type_of_site = np.where(open_option >= 0, instance.options.type[open_option], -1)
    converts = np.isin(type_of_site, conversions.type)
    keeps = ~converts & ((echelon == last) | (echelon >= Echelon.SORTING)) & (open_option >= 0)
    due_t = np.where((~converts & ~keeps)[:, None], inflow_t, 0.0)
    ends = np.repeat(keeps[:, None], instance.n_materials, axis=1)
    ends[converts] = True
    rows = zip(conversions.type, conversions.material, conversions.product, conversions.t_per_t, strict=True)
    for type_, material, product, t_per_t in rows:
        at = type_of_site == type_
        due_t[at, product] += inflow_t[at, material] * t_per_t
        ends[at, material] = ends[at, material] & (t_per_t == 0)
    return due_t, ends


def _product_t(instance: Instance, ending_t: Floats) -> Floats:
    """Return tonnes of each material that end as product: at a centre less residue, at a base all, (n_materials,)."""
    sorted_t = ending_t[is_sorting(instance)].sum(axis=0) * (1 - instance.materials.residue_share)
    processed_t = ending_t[instance.sites.echelon == Echelon.BASE].sum(axis=0)
    return np.asarray(sorted_t + processed_t)


def sum_by(group: Ints, values: Floats, n_groups: int) -> Floats:
    """Sum the rows of `values` that share a group, (n_groups,) or (n_groups, n_columns).

    >>> sum_by(np.array([0, 2, 2]), np.array([1.0, 2.0, 3.0]), 3)
    array([1., 0., 5.])
    """
    if values.ndim == 1:
        return np.bincount(group, weights=values, minlength=n_groups).astype(np.float64)
    columns = [np.bincount(group, weights=column, minlength=n_groups) for column in values.T]
    return np.stack(columns, axis=1).astype(np.float64) if columns else np.zeros((n_groups, 0))


def is_sorting(instance: Instance) -> Bools:
    """Return whether each site is for sorting, (n_sites,)."""
    return np.asarray(instance.sites.echelon == Echelon.SORTING)


def of_open_option(tonnage: Tonnage, option_values: Floats) -> Floats:
    """Return the value of the option that is open at each site, zero where none is, (n_sites, ...)."""
    site_values = np.zeros((len(tonnage.open_option), *option_values.shape[1:]))
    is_open = tonnage.open_option >= 0
    site_values[is_open] = option_values[tonnage.open_option[is_open]]
    return site_values


def counts_at_site(instance: Instance, tonnage: Tonnage, counts_type: Bools) -> Bools:
    """Return whether the open option of each site is of a type that counts, (n_sites,); False where nothing is open."""
    return of_open_option(tonnage, counts_type[instance.options.type].astype(float)) > 0


def is_below_use(instance: Instance, tonnage: Tonnage, tolerance: float = 1e-6) -> Bools:
    """Return whether each option is open and takes less than its least use, (n_options,)."""
    is_open = np.zeros(instance.n_options, dtype=bool)
    is_open[tonnage.open_option[tonnage.open_option >= 0]] = True
    load_t, least_t = tonnage.inflow_t.sum(axis=1)[instance.options.site], instance.options.least_use_t
    return np.asarray(is_open & (load_t < least_t - np.maximum(tolerance * least_t, ROUNDING_T)))


def link_tonnes(instance: Instance, plan: Plan) -> Floats:
    """Return the tonnes a year by class of link, (n_link_classes,)."""
    return _by_class(instance, plan.direct_t.sum(axis=1), plan.haul_t.sum(axis=1))


def link_tonne_km(instance: Instance, plan: Plan) -> Floats:
    """Return the tonne-kilometres a year by class of link, (n_link_classes,)."""
    direct_tkm = plan.direct_t.sum(axis=1) * instance.direct.distance_m / 1000
    haul_tkm = plan.haul_t.sum(axis=1) * instance.haul.distance_m / 1000
    return _by_class(instance, direct_tkm, haul_tkm)


def _by_class(instance: Instance, of_direct: Floats, of_haul: Floats) -> Floats:
    n_classes = len(LINK_CLASSES)
    direct_sum = sum_by(instance.direct.link_class, of_direct, n_classes)
    return direct_sum + sum_by(instance.haul.link_class, of_haul, n_classes)
