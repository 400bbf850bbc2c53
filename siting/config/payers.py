"""Payers of the net cost of each chain."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, model_validator

from siting.config.closed import Closed
from siting.errors import unknown
from siting.vocabulary import COST_TERMS, PENALTY, Chain, ChainName, Payer


class Payers(Closed):
    """Payers of the net cost of each chain and of its subsidies; for accounting only, no plan depends on it."""

    households: Payer = Field(Payer.PUBLIC, description="who pays for household material")
    generators: Payer = Field(Payer.GENERATORS, description="who pays for material of commerce and industry")
    subsidies: Payer = Field(Payer.PUBLIC, description="who pays the subsidies that the network receives")
    terms: dict[ChainName, dict[str, Payer]] = Field(
        default_factory=dict, description="cost terms of a chain with another payer, or recipient of income"
    )

    def of(self, chain: Chain, term: str) -> Payer:
        """Return the payer, or recipient, of a term of the cost of a chain."""
        own: Mapping[str, Payer] = self.terms.get(chain.key, {})
        return own.get(term, self.households if chain is Chain.HOUSEHOLDS else self.generators)

    @model_validator(mode="after")
    def _terms_are_known(self) -> Payers:
        known = [term for term in COST_TERMS if term != PENALTY]
        faults = [
            fault
            for chain, terms in self.terms.items()
            for fault in unknown(f"terms.{chain}", "cost term", terms, known)
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self
