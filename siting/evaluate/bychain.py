"""Figures of each drawn year by chain: households; commerce and industry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siting.chains import chain_shares, chain_totals, chains_of
from siting.evaluate.recourse import Recourse
from siting.instance import Instance
from siting.verify import TargetResult
from siting.vocabulary import Chain, DemandKind

CHAIN_FIGURES = ("offered_t", "collected_t", "turned_away_t", "cost_cny", "cost_cny_per_t")
"""Figures of each chain in a drawn year."""


@dataclass(frozen=True)
class ChainYear:
    """One chain in one drawn year, t and CNY a year.

    What is mixed at a site is split as in `siting.chains`; `cost_cny_per_t` is nan where nothing is collected.
    """

    chain: Chain
    offered_t: float
    collected_t: float
    turned_away_t: float
    cost_cny: float

    @property
    def cost_cny_per_t(self) -> float:
        """Net cost over tonnes collected, CNY a tonne."""
        return self.cost_cny / self.collected_t if self.collected_t > 0 else float("nan")


def chain_years(
    instance: Instance, year: Instance, recourse: Recourse, targets: Sequence[TargetResult]
) -> tuple[ChainYear, ...]:
    """Return the chains of `instance` in one `year` of it; a chain that offers nothing in it has only zeros."""
    shares = chain_shares(year, recourse.plan)
    totals = {one.chain: one for one in chain_totals(year, recourse.plan, shares=shares, targets=targets)}
    chains = chains_of(instance)
    turned_t = _turned_away_t(year, recourse, chains)
    return tuple(
        ChainYear(chain, one.offered_t, one.collected_t, turned_t[chain], one.paid_cny)
        if (one := totals.get(chain)) is not None
        else ChainYear(chain, 0.0, 0.0, 0.0, 0.0)
        for chain in chains
    )


def _turned_away_t(year: Instance, recourse: Recourse, chains: tuple[Chain, ...]) -> dict[Chain, float]:
    of_node = recourse.turned_away_t.sum(axis=1)
    if len(chains) == 1:
        return {chains[0]: float(of_node.sum())}
    chain = np.array([Chain.of_kind(DemandKind(kind)) for kind in year.demand.kind])
    return {one: float(of_node[chain == one].sum()) for one in chains}
