"""Tables of cost: by term, by chain and by payer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from siting.chains import ChainTotals
from siting.config.payers import Payers
from siting.vocabulary import COST_TERMS, PENALTY, Chain, Echelon, Payer

SUBSIDY = "subsidy"


@dataclass(frozen=True)
class PayerTotals:
    """Amounts that one payer pays, less what it receives, CNY a year.

    `by_chain` is its part of the net cost of each chain, in which subsidies are income; `subsidies_cny` are those that
    it pays. `investment_cny` is paid once. Penalties of missed targets are paid by nobody.
    """

    payer: Payer
    by_chain: Mapping[Chain, float]
    subsidies_cny: float
    investment_cny: float

    @property
    def cost_cny(self) -> float:
        """Net cost and subsidies together, CNY a year."""
        return sum(self.by_chain.values()) + self.subsidies_cny


def payer_totals(totals: Iterable[ChainTotals], payers: Payers) -> tuple[PayerTotals, ...]:
    """Return the amounts of each payer that pays or receives something, in the order of `Payer`.

    Their sum is the cost of the plan before subsidies and without penalties.
    """
    chains = list(totals)
    subsidies_cny = -sum(one.cost_terms_cny[SUBSIDY] for one in chains)
    found = []
    for payer in Payer:
        by_chain = {
            one.chain: sum(
                cny
                for term, cny in one.cost_terms_cny.items()
                if term != PENALTY and payers.of(one.chain, term) is payer
            )
            for one in chains
        }
        once_cny = sum(one.investment_cny for one in chains if payers.of(one.chain, "investment") is payer)
        subsidies = subsidies_cny if payers.subsidies is payer else 0.0
        if any(by_chain.values()) or subsidies or once_cny:
            found.append(PayerTotals(payer, by_chain, subsidies + 0.0, once_cny))
    return tuple(found)


def chain_table(totals: Iterable[ChainTotals]) -> pd.DataFrame:
    """Return one row for each chain; columns as in chains.csv."""
    return pd.DataFrame([_chain_row(one) for one in totals])


def _chain_row(one: ChainTotals) -> dict[str, Any]:
    return {
        "chain": one.chain.key,
        "residents": one.residents,
        "offered_t": one.offered_t,
        "collected_t": one.collected_t,
        "cost_cny": one.cost_cny,
        "paid_cny": one.paid_cny,
        "cost_cny_per_t": one.cost_cny_per_t,
        "cost_cny_per_resident": one.cost_cny_per_resident,
        "investment_cny": one.investment_cny,
        "emissions_kg_co2e": sum(one.emissions_kg_co2e.values()),
        **{f"whole_{echelon.key}": one.whole[echelon] for echelon in Echelon},
        **{f"shared_{echelon.key}": one.shared[echelon] for echelon in Echelon},
        **{f"{term}_cny_per_year": cny + 0.0 for term, cny in one.cost_terms_cny.items()},
    }


def payer_table(totals: Iterable[PayerTotals]) -> pd.DataFrame:
    """Return one row for each payer: `payer`, its part of the net cost of each chain, subsidies, sum, investment."""
    rows = [
        {
            "payer": str(one.payer),
            **{f"{chain.key}_cny_per_year": cny + 0.0 for chain, cny in one.by_chain.items()},
            "subsidies_cny_per_year": one.subsidies_cny,
            "cost_cny": one.cost_cny,
            "investment_cny": one.investment_cny,
        }
        for one in totals
    ]
    return pd.DataFrame(rows)


def cost_table(terms_cny: Mapping[str, float]) -> pd.DataFrame:
    """Return cost by term: `term`, its labels, `cny_per_year`, and `spent_share`, nan for income and penalties."""
    cny = np.array(list(terms_cny.values()))
    is_spent = (cny > 0) & (np.array(list(terms_cny)) != PENALTY)
    spent_cny = cny[is_spent].sum()
    return pd.DataFrame(
        {
            "term": list(terms_cny),
            "label_en": [COST_TERMS[term].en for term in terms_cny],
            "label_zh": [COST_TERMS[term].zh for term in terms_cny],
            "cny_per_year": cny,
            "spent_share": np.where(is_spent, cny / max(spent_cny, 1e-9), np.nan),
        }
    )
