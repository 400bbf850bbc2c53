"""The decisions of the model as columns: which exist, where they stand, and what their values mean for a plan.

open[o]        binary      option o (a facility type in a size at a site) is open
assign[w]      [0, 1]      share of a cell that the point of walk w serves
direct[k,m]    [0, offer]  kt a year of material m on generator link k
haul[l,m]      [0, most]   kt a year of material m on haul link l
load[o,m]      [0, cap]    kt a year of material m that option o takes, at sites whose options differ
shortfall[t]   [0, most]   by how much soft target t is missed, in the unit of its row
close[j]       [0, 1]      nothing is left open at site j, where that costs something
expand[o]      [0, most]   kt a year by which the capacity of option o is extended
dispose[o,m]   [0, limit]  kt a year of material m that option o disposes of instead of hauling it on
in_use[o]      binary      option o, which must stay, takes its least use, where a target counts it
near[a,i]      [0, 1]      cell i has an open point within the distance of access a
covered[t,d]   [0, 1]      share of the residents of district d within the distance of fairness target t
apart[t,k]     [0, 1]      the least and greatest of these; for a Gini target how far the pair k of districts is apart
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints, Links, OmittedLinks, Target
from siting.model.access import Access, list_accesses, near_options
from siting.model.linear import MODEL_T, Families
from siting.plan import Plan, site_inflow_t
from siting.vocabulary import Echelon, Measure

INFLOWS = ("assign", "direct", "haul")
"""Families that bring material into a site."""
ROUNDING = 1e-9
"""A least use counts as reached when this share of it lacks."""
OF_SITES = ("open", *INFLOWS, "load", "close", "expand", "dispose")
"""Families of which each column belongs to one site."""
FOLLOWING = ("shortfall", "covered", "apart", "worst")
"""Families that follow from the decisions of a plan."""


@dataclass(frozen=True)
class Columns:
    """The column of each decision in the model.

    `columns["open"]` is the slice of a family. `expand` and `dispose` have a column for each row of `Expansions` and
    `Disposals`; flows exist only for materials that can arise and are accepted: `direct_link` and `direct_material`
    (n_direct_columns,) say which the columns `direct` stand for, and so for haul and load. `is_split` (n_sites,) marks
    the sites with load columns, `leaves` (n_sites, n_materials) what can leave each site.
    """

    families: Families
    direct_link: Ints
    direct_material: Ints
    haul_link: Ints
    haul_material: Ints
    load_option: Ints
    load_material: Ints
    soft_target: Ints
    close_site: Ints
    used_option: Ints
    covered_target: Ints
    covered_district: Ints
    apart_target: Ints
    is_split: Bools
    leaves: Bools
    accesses: tuple[Access, ...]

    def __getitem__(self, name: str) -> slice:
        """Return the columns of a family as a slice."""
        return self.families[name]

    @property
    def n(self) -> int:
        """Number of columns."""
        return self.families.n

    def at(self, name: str, index: Ints) -> Ints:
        """Return the columns of the members `index` of a family."""
        return self.families.at(name, index)

    def numbers(self, *names: str) -> Ints:
        """Return all columns of the families `names`."""
        return self.families.numbers(*names)

    @property
    def near_node(self) -> Ints:
        """Demand node of each column `near`, (n_near,)."""
        return np.concatenate([np.empty(0, dtype=np.int64), *(access.node for access in self.accesses)])

    def with_access(self) -> Iterator[tuple[Access, int]]:
        """Return each access with the number of its first column among the columns `near`."""
        first = 0
        for access in self.accesses:
            yield access, first
            first += len(access.node)


def lay_out(instance: Instance) -> Columns:
    """Return the columns that the model of `instance` needs."""
    accepts = site_accepts(instance)
    direct_link, direct_material = np.nonzero(
        (instance.demand.tonnes > 0)[instance.direct.tail] & accepts[instance.direct.head]
    )
    enters, leaves = _entering(instance, accepts)
    haul_link, haul_material = np.nonzero(leaves[instance.haul.tail] & accepts[instance.haul.head])
    is_split = _split_sites(instance)
    taken = instance.options.accepts & (is_split[:, None] & enters)[instance.options.site]
    load_option, load_material = np.nonzero(taken)
    soft = np.flatnonzero([not target.is_hard for target in instance.targets])
    closable = np.flatnonzero(instance.sites.closing_cny > 0)
    used_option = _used_options(instance)
    covered_target, covered_district = _compared(instance)
    apart_target = _apart(instance, covered_target)
    accesses = list_accesses(instance, goals_of(instance))
    lengths = {
        "open": instance.n_options,
        "assign": len(instance.walks.demand),
        "direct": len(direct_link),
        "haul": len(haul_link),
        "load": len(load_option),
        "shortfall": len(soft),
        "close": len(closable),
        "expand": len(instance.expansions.option),
        "dispose": len(instance.disposals.option),
        "in_use": len(used_option),
        "near": sum(len(access.node) for access in accesses),
        "covered": len(covered_target),
        "apart": len(apart_target),
    }
    return Columns(
        families=Families.of(lengths),
        direct_link=direct_link,
        direct_material=direct_material,
        haul_link=haul_link,
        haul_material=haul_material,
        load_option=load_option,
        load_material=load_material,
        soft_target=soft,
        close_site=closable,
        used_option=used_option,
        covered_target=covered_target,
        covered_district=covered_district,
        apart_target=apart_target,
        is_split=is_split,
        leaves=leaves,
        accesses=accesses,
    )


def goals_of(instance: Instance) -> tuple[Target, ...]:
    """Return the targets, and after them what is optimised where that is no cost."""
    return instance.targets if instance.objective is None else (*instance.targets, instance.objective)


def _used_options(instance: Instance) -> Ints:
    """Return the options that may be idle and that a target on a number of facilities asks for, in their order."""
    counted = np.zeros(instance.n_options, dtype=bool)
    for goal in goals_of(instance):
        if goal.measure is Measure.COUNT and goal.is_at_least:
            counted |= counted_options(instance, goal)
    return np.flatnonzero(counted & instance.options.may_be_idle)


def counted_options(instance: Instance, target: Target) -> Bools:
    """Return the options that a target counts: in its unit, echelon and types, (n_options,)."""
    options = instance.options
    counted = target.in_unit_site[options.site] & target.counts_type[options.type]
    if target.echelon is not None:
        counted &= instance.option_echelon() == target.echelon
    return counted


def _compared(instance: Instance) -> tuple[Ints, Ints]:
    """Return (number of the goal, district) for every inhabited district that a fairness goal compares."""
    demand, pairs = instance.demand, []
    for number, goal in enumerate(goals_of(instance)):
        if goal.measure.record.counted == "districts":
            districts = np.unique(demand.district[goal.in_unit_demand & (demand.residents > 0)])
            pairs += [(number, int(district)) for district in districts]
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _apart(instance: Instance, covered_target: Ints) -> Ints:
    """Return the goal of each column `apart`: minimum and maximum coverage, or each pair of districts for a Gini."""
    numbers, counts = np.unique(covered_target, return_counts=True)
    goals = goals_of(instance)
    is_gini = [goals[number].measure is Measure.COVERAGE_GINI for number in numbers]
    return np.repeat(numbers, np.where(is_gini, counts * (counts - 1) // 2, 2)).astype(np.int64)


def site_accepts(instance: Instance) -> Bools:
    """Return whether some option of each site takes each material, (n_sites, n_materials)."""
    accepts = np.zeros((instance.n_sites, instance.n_materials), dtype=bool)
    np.logical_or.at(accepts, instance.options.site, instance.options.accepts)
    return accepts


def site_passes_on(instance: Instance) -> Floats:
    """Return the most that each site passes on, t of product a t that enters, (n_sites, n_materials, n_materials)."""
    passed = np.zeros((instance.n_sites, instance.n_materials, instance.n_materials))
    np.maximum.at(passed, instance.options.site, instance.passed_on()[instance.options.type])
    return passed


def _entering(instance: Instance, accepts: Bools) -> tuple[Bools, Bools]:
    """Return which materials can enter each site, and which can leave it, (n_sites, n_materials) both.

    Omitted links count, so that rows are the same whichever links have columns.
    """
    offered, haul = instance.demand.tonnes > 0, instance.haul
    enters: Bools = np.zeros(accepts.shape, dtype=bool)
    np.logical_or.at(enters, instance.walks.site, offered[instance.walks.demand])
    for links in (instance.direct, instance.omitted_direct):
        enters |= _reached(offered, links, instance.n_sites)
    enters &= accepts
    passes_on = np.asarray(site_passes_on(instance) > 0, dtype=bool)
    while True:
        leaves = np.logical_and(enters[:, :, None], passes_on).any(axis=1)
        entered = enters.copy()
        for links in (haul, instance.omitted_haul):
            entered |= _reached(leaves, links, instance.n_sites) & accepts
        if (entered == enters).all():
            break
        enters = entered
    return enters, leaves


def _reached(leaves: Bools, links: Links | OmittedLinks, n_heads: int) -> Bools:
    """Return which materials come over `links` to each head, (n_heads, n_materials), by which leave each tail."""
    reached = np.zeros((n_heads, leaves.shape[1]), dtype=bool)
    for material in range(leaves.shape[1]):
        reached[links.head[leaves[links.tail, material]], material] = True
    return reached


def _split_sites(instance: Instance) -> Bools:
    """Return the sites whose options differ in the cost of a tonne, in what they accept, or in their conversions."""
    options, visits = instance.options, instance.visits
    tells = (instance.option_echelon() >= Echelon.SORTING) | np.isin(options.type, instance.conversions.type)
    shape = (instance.n_options, instance.n_materials)
    visited = [visits.spread(figure, *shape)[1] for figure in (visits.cny, visits.kg_co2e, visits.h)]
    traits = np.column_stack(
        [options.unit_cny_per_t, options.unit_kwh_per_t, *visited, options.accepts, np.where(tells, options.type, 0)]
    )
    first = np.zeros(instance.n_sites, dtype=np.int64)
    first[options.site[::-1]] = np.arange(instance.n_options)[::-1]
    differs = (traits != traits[first[options.site]]).any(axis=1)
    is_split = np.zeros(instance.n_sites, dtype=bool)
    is_split[options.site[differs]] = True
    return is_split


def plan_of(instance: Instance, columns: Columns, values: Floats) -> Plan:
    """Return the plan that column values (n_columns,) stand for; flows are cut at 0, options open from one half on."""
    direct_t = np.zeros((len(instance.direct.tail), instance.n_materials))
    haul_t = np.zeros((len(instance.haul.tail), instance.n_materials))
    flows = np.maximum(values, 0.0) * MODEL_T
    direct_t[columns.direct_link, columns.direct_material] = flows[columns["direct"]]
    haul_t[columns.haul_link, columns.haul_material] = flows[columns["haul"]]
    return Plan(
        is_open=values[columns["open"]] > 0.5,
        assign=np.clip(values[columns["assign"]], 0.0, 1.0),
        direct_t=direct_t,
        haul_t=haul_t,
        expanded_t=flows[columns["expand"]],
        disposed_t=flows[columns["dispose"]],
    )


def values_of(instance: Instance, columns: Columns, plan: Plan) -> Floats:
    """Return the column values of a plan, the inverse of `plan_of`; `shortfall`, `covered` and `apart` are 0."""
    values = np.zeros(columns.n)
    values[columns["open"]] = plan.is_open
    values[columns["assign"]] = plan.assign
    values[columns["direct"]] = plan.direct_t[columns.direct_link, columns.direct_material] / MODEL_T
    values[columns["haul"]] = plan.haul_t[columns.haul_link, columns.haul_material] / MODEL_T
    inflow = site_inflow_t(instance, plan)[instance.options.site] * plan.is_open[:, None]
    values[columns["load"]] = inflow[columns.load_option, columns.load_material] / MODEL_T
    n_open = np.bincount(instance.options.site[plan.is_open], minlength=instance.n_sites)
    values[columns["close"]] = n_open[columns.close_site] == 0
    values[columns["expand"]] = plan.expanded_t / MODEL_T
    values[columns["dispose"]] = plan.disposed_t / MODEL_T
    values[columns["near"]] = near_values(instance, columns, plan.is_open)
    values[columns["in_use"]] = use_values(instance, columns, plan.is_open, inflow.sum(axis=1))
    return values


def use_values(instance: Instance, columns: Columns, is_open: Bools, load_t: Floats) -> Bools:
    """Return the values of the columns `in_use` for what is open and enters each option, t a year, (n_in_use,)."""
    option = columns.used_option
    return np.asarray(is_open[option] & (load_t[option] >= instance.options.least_use_t[option] * (1 - ROUNDING)))


def near_values(instance: Instance, columns: Columns, is_open: Bools) -> Floats:
    """Return the values of the columns `near` for what is open, (n_near,)."""
    values = [np.empty(0)]
    for access, _ in columns.with_access():
        node, option, _ = near_options(instance, access)
        values.append(np.minimum(1.0, np.bincount(node[is_open[option]], minlength=len(access.node))))
    return np.concatenate(values)
