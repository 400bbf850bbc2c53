"""Cost, tonnes and emissions of groups of demand nodes: what each has a share of, by its tonnes.

Material of several groups mixes at a site, material by material, and leaves it in the same proportions:

entering_g,s,m   given_g,s,m + Σ haul_l,m · leaving_g,tail(l),m     links l into site s, t a year of group g
leaving_g,s,p    Σ_m pass_t,m,p · entering_g,s,m, over the same sum of all groups    share of product p, type t at s

Flows are split by these shares. What a facility costs whatever it takes is split by the tonnes of each group that enter
it; a facility that takes nothing, or is closed, as all facilities of its echelon are. Every other term except penalties
is linear in the plan: `siting.verify` prices the part of each group as it prices the whole. So the parts of each term
sum to the term.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from siting.instance import Bools, Floats, Instance
from siting.plan import Plan, collected_t, open_option_of_site
from siting.verify.costs import emit, running_terms
from siting.verify.tonnage import sum_by, trace_tonnage
from siting.vocabulary import Echelon

LEAST_T = 1e-9
MOST_ROUNDS = 500
"""Rounds after which a circle of hauls between bases is split as it then stands."""


@dataclass(frozen=True)
class Shares:
    """Shares of each group in a plan; they sum to 1 over the groups, which are the first axis.

    `demand` (n_groups, n_demand) of what a demand node gives, `site` (n_groups, n_sites) of the tonnes that enter a
    site, `leaving` (n_groups, n_sites, n_materials) of each product that leaves it.
    """

    demand: Floats
    site: Floats
    leaving: Floats


@dataclass(frozen=True)
class PartTotals:
    """Running cost by term, CNY a year, without penalties; tonnes (n_materials,) and kg CO2e a year of one group."""

    terms_cny: dict[str, float]
    collected_t: Floats
    emissions_kg_co2e: dict[str, float]


def follow_shares(instance: Instance, plan: Plan, demand: Floats, *, idle_point: Floats | None = None) -> Shares:
    """Follow the material of each group of demand nodes through the sites of a plan.

    Parameters
    ----------
    instance
        The problem, of one period.
    plan
        Its plan.
    demand
        Share of each group in each demand node, (n_groups, n_demand); sums to 1 over the groups.
    idle_point
        Share of each group in a recycling point that takes nothing, (n_groups, n_sites) or (n_groups, 1); as all points
        together if not given.
    """
    given_t, by_default = _given_t(instance, plan, demand), shares_in_collected(instance, plan, demand)
    entering_t, leaving = _follow(instance, plan, given_t, by_default)
    return Shares(demand, _site_shares(instance, entering_t.sum(axis=2), by_default, idle_point), leaving)


def part_totals(instance: Instance, plan: Plan, shares: Shares, row: int) -> PartTotals:
    """Return the figures of the group of this row of the shares."""
    part = _part(instance, plan, shares, row)
    tonnage = trace_tonnage(instance, replace(part, is_open=plan.is_open))
    terms_cny = running_terms(instance, part, tonnage=tonnage)
    terms_cny["closing"] = float((instance.sites.closing_cny * (tonnage.open_option < 0)) @ shares.site[row])
    return PartTotals(terms_cny, tonnage.collected_t.sum(axis=0), emit(instance, part, tonnage=tonnage))


def shares_in_collected(instance: Instance, plan: Plan, demand: Floats) -> Floats:
    """Return the share of each group in tonnes collected (offered, if nothing is collected), (n_groups,)."""
    given_t = collected_by_node(instance, plan)
    for of_node in (given_t, instance.demand.tonnes.sum(axis=1)):
        by_group = demand @ of_node
        if by_group.sum() > LEAST_T:
            return np.asarray(by_group / by_group.sum())
    return np.full(len(demand), 1 / len(demand))


def collected_by_node(instance: Instance, plan: Plan) -> Floats:
    """Return the tonnes a year that each demand node gives, all materials together, (n_demand,)."""
    by_walk = sum_by(instance.walks.demand, collected_t(instance, plan).sum(axis=1), instance.n_demand)
    return by_walk + sum_by(instance.direct.tail, plan.direct_t.sum(axis=1), instance.n_demand)


def shares_of(amounts: Floats, fallback: Floats) -> Floats:
    """Return amounts (n_groups, …) over their sum over the groups; `fallback` where that is nothing."""
    total = amounts.sum(axis=0, keepdims=True)
    is_some = np.broadcast_to(total > LEAST_T, amounts.shape)
    shares = np.broadcast_to(fallback, amounts.shape).copy()
    np.divide(amounts, total, out=shares, where=is_some)
    return shares


def _given_t(instance: Instance, plan: Plan, demand: Floats) -> Floats:
    """Return the tonnes that demand nodes of each group give to each site, (n_groups, n_sites, n_materials)."""
    walks, direct, walk_t = instance.walks, instance.direct, collected_t(instance, plan)
    given = [
        sum_by(walks.site, walk_t * of_group[walks.demand, None], instance.n_sites)
        + sum_by(direct.head, plan.direct_t * of_group[direct.tail, None], instance.n_sites)
        for of_group in demand
    ]
    return np.array(given)


def _follow(instance: Instance, plan: Plan, given_t: Floats, by_default: Floats) -> tuple[Floats, Floats]:
    """Return the tonnes of each group that enter each site, and its share in each product that leaves it.

    Both are (n_groups, n_sites, n_materials). One round follows the material one link further.
    """
    haul, option = instance.haul, open_option_of_site(instance, plan)
    opened = np.flatnonzero(option >= 0)
    passed_on = instance.passed_on()[instance.options.type[option[opened]]]
    entering_t, leaving = given_t, np.broadcast_to(by_default[:, None, None], given_t.shape).copy()
    for _ in range(MOST_ROUNDS):
        leaving_t = np.einsum("gsm,smp->gsp", entering_t[:, opened], passed_on)
        leaving[:, opened] = shares_of(leaving_t, by_default[:, None, None])
        hauled_t = [sum_by(haul.head, plan.haul_t * of_group[haul.tail], instance.n_sites) for of_group in leaving]
        before, entering_t = entering_t, given_t + np.array(hauled_t)
        if np.abs(entering_t - before).max(initial=0.0) <= LEAST_T:
            break
    return entering_t, leaving


def _site_shares(instance: Instance, entering_t: Floats, by_default: Floats, idle_point: Floats | None) -> Floats:
    """Return the share of each group in the fixed cost of each site, (n_groups, n_sites), from what enters them."""
    site_shares = np.empty_like(entering_t)
    for echelon in Echelon:
        of_echelon = instance.sites.echelon == echelon
        fallback = shares_of(entering_t[:, of_echelon].sum(axis=1, keepdims=True), by_default[:, None])
        if echelon is Echelon.POINT and idle_point is not None:
            fallback = idle_point if idle_point.shape[1] == 1 else idle_point[:, of_echelon]
        site_shares[:, of_echelon] = shares_of(entering_t[:, of_echelon], fallback)
    return site_shares


def _part(instance: Instance, plan: Plan, shares: Shares, row: int) -> Plan:
    """Return the part of a plan that is one group's: its flows, and its share of each open facility as `is_open`."""
    demand, site, leaving = shares.demand[row], shares.site[row], shares.leaving[row]
    expanded_at = instance.options.site[instance.expansions.option]
    disposed_at = instance.options.site[instance.disposals.option], instance.disposals.material
    return replace(
        plan,
        is_open=cast("Bools", plan.is_open * site[instance.options.site]),
        assign=plan.assign * demand[instance.walks.demand],
        direct_t=plan.direct_t * demand[instance.direct.tail, None],
        haul_t=plan.haul_t * leaving[instance.haul.tail],
        expanded_t=plan.expanded_t * site[expanded_at],
        disposed_t=plan.disposed_t * leaving[disposed_at],
    )
