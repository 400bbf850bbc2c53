"""Cost, tonnes and investment by chain: households; commerce and industry.

`siting.allocation` splits what the chains share; a point that takes nothing is the households'. A penalty is split by
the tonnes that the target's unit collects; one for residents or points is the households'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from siting.allocation import (
    Shares,
    collected_by_node,
    follow_shares,
    part_totals,
    shares_in_collected,
    shares_of,
)
from siting.instance import Floats, Instance
from siting.plan import Plan, open_option_of_site, paid_once_cny
from siting.verify import TargetResult
from siting.verify.costs import penalty_cny
from siting.vocabulary import COST_TERMS, PENALTY, Chain, DemandKind, Echelon

LEAST_SHARE = 1e-9


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
        """Sum of the terms, CNY a year."""
        return sum(self.cost_terms_cny.values())

    @property
    def penalty_cny(self) -> float:
        """Penalties of missed soft targets, CNY a year; nobody pays them."""
        return self.cost_terms_cny[PENALTY]

    @property
    def paid_cny(self) -> float:
        """Net cost without penalties, CNY a year."""
        return self.cost_cny - self.penalty_cny

    @property
    def cost_cny_per_t(self) -> float:
        """Net cost without penalties over tonnes collected, CNY a tonne; nan where nothing is collected."""
        return _ratio(self.paid_cny, self.collected_t)

    @property
    def cost_cny_per_resident(self) -> float:
        """Net cost without penalties over residents of the area, CNY a year; nan for a chain without residents."""
        return _ratio(self.paid_cny, self.residents)

    @property
    def emissions_kg_co2e_per_t(self) -> float:
        """Emissions over tonnes collected, kg CO2e a tonne; nan where nothing is collected."""
        return _ratio(sum(self.emissions_kg_co2e.values()), self.collected_t)


@dataclass(frozen=True)
class ChainShares(Shares):
    """Shares of each of the `chains` in a plan, in their order."""

    chains: tuple[Chain, ...]


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
    is_household = _is_household(chains)
    idle_point = is_household[:, None] if is_household.any() else None
    found = follow_shares(instance, plan, demand, idle_point=idle_point)
    return ChainShares(found.demand, found.site, found.leaving, chains)


def split_investment_cny(instance: Instance, plan: Plan, shares: ChainShares, before: Plan | None = None) -> Floats:
    """Return the investment of each chain, land included, CNY, (n_chains,), less that of the plan `before`."""
    return np.asarray(shares.site[:, instance.options.site] @ paid_once_cny(instance, plan, before))


def _totals(instance: Instance, plan: Plan, shares: ChainShares, row: int, penalty_cny: float) -> ChainTotals:
    chain, site_share = shares.chains[row], shares.site[row]
    part = part_totals(instance, plan, shares, row)
    terms_cny = part.terms_cny | {PENALTY: penalty_cny}
    opened = open_option_of_site(instance, plan) >= 0
    echelon = instance.sites.echelon
    is_whole, is_any = opened & (site_share > 1 - LEAST_SHARE), opened & (site_share > LEAST_SHARE)
    return ChainTotals(
        chain=chain,
        residents=instance.residents if chain is Chain.HOUSEHOLDS else float("nan"),
        offered_t=float(shares.demand[row] @ instance.demand.tonnes.sum(axis=1)),
        collected_t=float(part.collected_t.sum()),
        cost_terms_cny={term: terms_cny[term] for term in COST_TERMS},
        emissions_kg_co2e=part.emissions_kg_co2e,
        investment_cny=float(split_investment_cny(instance, plan, shares)[row]),
        whole={one: int((is_whole & (echelon == one)).sum()) for one in Echelon},
        shared={one: int((is_any & ~is_whole & (echelon == one)).sum()) for one in Echelon},
    )


def _penalties_cny(instance: Instance, plan: Plan, shares: ChainShares, targets: Sequence[TargetResult]) -> Floats:
    """Return the penalties for missed targets by chain, CNY a year, (n_chains,)."""
    given_t, total = collected_by_node(instance, plan), np.zeros(len(shares.chains))
    by_default = shares_in_collected(instance, plan, shares.demand)
    is_household = _is_household(shares.chains)
    for result in targets:
        target, share = result.target, by_default
        of_households = target.measure.record.counted in ("residents", "districts") or target.echelon == Echelon.POINT
        if of_households and is_household.any():
            share = is_household
        else:
            share = shares_of(shares.demand @ (given_t * target.in_unit_demand), by_default)
        total += share * penalty_cny(result)
    return total


def _is_household(chains: tuple[Chain, ...]) -> Floats:
    """Return 1 for the households and 0 for the other chains, (n_chains,)."""
    return np.asarray(np.array(chains) == Chain.HOUSEHOLDS, dtype=float)


def _ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom > 0 else float("nan")
