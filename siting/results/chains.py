"""Cost, tonnes and investment by chain: households; commerce and industry.

Material of several chains mixes at a site, material by material, and leaves it in the same proportions:

entering_c,s,m   given_c,s,m + Σ haul_l,m · leaving_c,tail(l),m     links l into site s, t a year of chain c
leaving_c,s,p    Σ_m pass_t,m,p · entering_c,s,m, over the same sum of all chains    share of product p, type t at s

Flows are split by these shares. What a facility costs whatever it takes is split by the tonnes of each chain that enter
it; a facility that takes nothing, or is closed, as all facilities of its echelon are, and points are the households'.
A penalty is split by the tonnes that the target's unit collects; one for residents or points is the households'. Every
other term is linear in the plan: `siting.verify` prices the part of each chain as it prices the whole. So the parts of
each term sum to the term.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from siting.instance import Bools, Floats, Instance
from siting.plan import Plan, collected_t, open_option_of_site, paid_once_cny
from siting.verify import TargetResult
from siting.verify.costs import emit, penalty_cny, running_terms
from siting.verify.tonnage import sum_by, trace_tonnage
from siting.vocabulary import COST_TERMS, Chain, DemandKind, Echelon

LEAST_T = 1e-9
LEAST_SHARE = 1e-9
MOST_ROUNDS = 500
"""Rounds after which a circle of hauls between bases is split as it then stands."""


@dataclass(frozen=True)
class ChainTotals:
    """Figures of one chain, a year unless said.

    `residents` is nan for a chain without. Income in `cost_terms_cny` is negative; the keys are those of `COST_TERMS`.
    `investment_cny` is paid once, land included, for what is built. `whole` and `shared` count, by echelon, the
    facilities that the chain has to itself and those that it shares.
    """

    chain: Chain
    residents: float
    offered_t: float
    collected_t: float
    cost_terms_cny: Mapping[str, float]
    emissions_kg_co2e: Mapping[str, float]
    investment_cny: float
    whole: Mapping[Echelon, int]
    shared: Mapping[Echelon, int]

    @property
    def cost_cny(self) -> float:
        """Net cost, CNY a year."""
        return sum(self.cost_terms_cny.values())

    @property
    def cost_cny_per_t(self) -> float:
        """Net cost over tonnes collected, CNY a tonne; nan where nothing is collected."""
        return _ratio(self.cost_cny, self.collected_t)

    @property
    def cost_cny_per_resident(self) -> float:
        """Net cost over residents of the planned area, CNY a year; nan for a chain without residents."""
        return _ratio(self.cost_cny, self.residents)

    @property
    def emissions_kg_co2e_per_t(self) -> float:
        """Emissions over tonnes collected, kg CO2e a tonne; nan where nothing is collected."""
        return _ratio(sum(self.emissions_kg_co2e.values()), self.collected_t)


@dataclass(frozen=True)
class ChainShares:
    """Shares of each chain in a plan; they sum to 1 over the chains, which are the first axis.

    `site` (n_chains, n_sites) of the tonnes that enter a site, `leaving` (n_chains, n_sites, n_materials) of each
    product that leaves it, `demand` (n_chains, n_demand) of what a demand node gives.
    """

    chains: tuple[Chain, ...]
    demand: Floats
    site: Floats
    leaving: Floats


def chain_totals(
    instance: Instance, plan: Plan, *, shares: ChainShares, targets: Sequence[TargetResult]
) -> tuple[ChainTotals, ...]:
    """Return the figures of each chain of an instance, households first, by the shares of `chain_shares`."""
    penalties_cny = _penalties_cny(instance, plan, shares, targets)
    return tuple(_totals(instance, plan, shares, row, float(penalties_cny[row])) for row in range(len(shares.chains)))


def chains_of(instance: Instance) -> tuple[Chain, ...]:
    """Return the chains that offer material, households first; households where none does."""
    offered = instance.demand.tonnes.sum(axis=1) > 0
    found = {Chain.of_kind(DemandKind(kind)) for kind in np.unique(instance.demand.kind[offered])}
    return tuple(sorted(found)) or (Chain.HOUSEHOLDS,)


def chain_shares(instance: Instance, plan: Plan) -> ChainShares:
    """Follow the material of each chain through the sites of a plan."""
    chains = chains_of(instance)
    of_kind = {kind: Chain.of_kind(kind) for kind in DemandKind}
    chain_of_node = np.array([of_kind[DemandKind(kind)] for kind in instance.demand.kind], dtype=np.int64)
    demand = np.array([chain_of_node == chain for chain in chains], dtype=float)
    if len(chains) == 1:
        demand = np.ones_like(demand)
    given_t, by_default = _given_t(instance, plan, demand), _collected_shares(instance, plan, demand)
    entering_t, leaving = _follow(instance, plan, given_t, by_default)
    return ChainShares(chains, demand, _site_shares(instance, chains, entering_t.sum(axis=2), by_default), leaving)


def split_investment_cny(instance: Instance, plan: Plan, shares: ChainShares, before: Plan | None = None) -> Floats:
    """Return what each chain pays once, land included, CNY, (n_chains,); what `before` has is paid already."""
    return np.asarray(shares.site[:, instance.options.site] @ paid_once_cny(instance, plan, before))


def _given_t(instance: Instance, plan: Plan, demand: Floats) -> Floats:
    """Return the tonnes that demand nodes of each chain give to each site, (n_chains, n_sites, n_materials)."""
    walks, direct, walk_t = instance.walks, instance.direct, collected_t(instance, plan)
    given = [
        sum_by(walks.site, walk_t * of_chain[walks.demand, None], instance.n_sites)
        + sum_by(direct.head, plan.direct_t * of_chain[direct.tail, None], instance.n_sites)
        for of_chain in demand
    ]
    return np.array(given)


def _collected_shares(instance: Instance, plan: Plan, demand: Floats) -> Floats:
    """Return the share of each chain in what is collected, or in what is offered where nothing is, (n_chains,)."""
    given_t = _collected_by_node(instance, plan)
    for of_node in (given_t, instance.demand.tonnes.sum(axis=1)):
        by_chain = demand @ of_node
        if by_chain.sum() > LEAST_T:
            return np.asarray(by_chain / by_chain.sum())
    return np.full(len(demand), 1 / len(demand))


def _collected_by_node(instance: Instance, plan: Plan) -> Floats:
    by_walk = sum_by(instance.walks.demand, collected_t(instance, plan).sum(axis=1), instance.n_demand)
    return by_walk + sum_by(instance.direct.tail, plan.direct_t.sum(axis=1), instance.n_demand)


def _follow(instance: Instance, plan: Plan, given_t: Floats, by_default: Floats) -> tuple[Floats, Floats]:
    """Return the tonnes of each chain that enter each site, and its share in each product that leaves it.

    Both are (n_chains, n_sites, n_materials). One round follows the material one link further.
    """
    haul, option = instance.haul, open_option_of_site(instance, plan)
    opened = np.flatnonzero(option >= 0)
    passed_on = instance.passed_on()[instance.options.type[option[opened]]]
    entering_t, leaving = given_t, np.broadcast_to(by_default[:, None, None], given_t.shape).copy()
    for _ in range(MOST_ROUNDS):
        leaving_t = np.einsum("csm,smp->csp", entering_t[:, opened], passed_on)
        leaving[:, opened] = _shares(leaving_t, by_default[:, None, None])
        hauled_t = [sum_by(haul.head, plan.haul_t * of_chain[haul.tail], instance.n_sites) for of_chain in leaving]
        before, entering_t = entering_t, given_t + np.array(hauled_t)
        if np.abs(entering_t - before).max(initial=0.0) <= LEAST_T:
            break
    return entering_t, leaving


def _site_shares(instance: Instance, chains: tuple[Chain, ...], entering_t: Floats, by_default: Floats) -> Floats:
    """Return the share of each chain in the fixed cost of each site, (n_chains, n_sites), from what enters them."""
    site_shares = np.empty_like(entering_t)
    for echelon in Echelon:
        of_echelon = instance.sites.echelon == echelon
        fallback = _shares(entering_t[:, of_echelon].sum(axis=1, keepdims=True), by_default[:, None])
        if echelon is Echelon.POINT and Chain.HOUSEHOLDS in chains:
            fallback = (np.array(chains) == Chain.HOUSEHOLDS).astype(float)[:, None]
        site_shares[:, of_echelon] = _shares(entering_t[:, of_echelon], fallback)
    return site_shares


def _shares(amounts: Floats, fallback: Floats) -> Floats:
    """Return amounts (n_chains, …) over their sum over the chains; `fallback` where that is nothing."""
    total = amounts.sum(axis=0, keepdims=True)
    is_some = np.broadcast_to(total > LEAST_T, amounts.shape)
    shares = np.broadcast_to(fallback, amounts.shape).copy()
    np.divide(amounts, total, out=shares, where=is_some)
    return shares


def _totals(instance: Instance, plan: Plan, shares: ChainShares, row: int, penalty_cny: float) -> ChainTotals:
    chain, site_share = shares.chains[row], shares.site[row]
    part = _part(instance, plan, shares, row)
    tonnage = trace_tonnage(instance, replace(part, is_open=plan.is_open))
    terms_cny = running_terms(instance, part, tonnage=tonnage) | {"shortfall_penalty": penalty_cny}
    terms_cny["closing"] = float((instance.sites.closing_cny * (tonnage.open_option < 0)) @ site_share)
    opened = open_option_of_site(instance, plan) >= 0
    echelon = instance.sites.echelon
    is_whole, is_any = opened & (site_share > 1 - LEAST_SHARE), opened & (site_share > LEAST_SHARE)
    return ChainTotals(
        chain=chain,
        residents=instance.residents if chain is Chain.HOUSEHOLDS else float("nan"),
        offered_t=float(shares.demand[row] @ instance.demand.tonnes.sum(axis=1)),
        collected_t=float(tonnage.collected_t.sum()),
        cost_terms_cny={term: terms_cny[term] for term in COST_TERMS},
        emissions_kg_co2e=emit(instance, part, tonnage=tonnage),
        investment_cny=float(split_investment_cny(instance, plan, shares)[row]),
        whole={one: int((is_whole & (echelon == one)).sum()) for one in Echelon},
        shared={one: int((is_any & ~is_whole & (echelon == one)).sum()) for one in Echelon},
    )


def _part(instance: Instance, plan: Plan, shares: ChainShares, row: int) -> Plan:
    """Return the part of a plan that is one chain's: its flows, and its share of each open facility as `is_open`."""
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


def _penalties_cny(instance: Instance, plan: Plan, shares: ChainShares, targets: Sequence[TargetResult]) -> Floats:
    """Return the penalties for missed targets by chain, CNY a year, (n_chains,)."""
    given_t, total = _collected_by_node(instance, plan), np.zeros(len(shares.chains))
    by_default = _collected_shares(instance, plan, shares.demand)
    for result in targets:
        target, share = result.target, by_default
        of_households = target.measure.record.counted in ("residents", "districts") or target.echelon == Echelon.POINT
        if of_households and Chain.HOUSEHOLDS in shares.chains:
            share = (np.array(shares.chains) == Chain.HOUSEHOLDS).astype(float)
        else:
            share = _shares(shares.demand @ (given_t * target.in_unit_demand), by_default)
        total += share * penalty_cny(result)
    return total


def _ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom > 0 else float("nan")
