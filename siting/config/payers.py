"""Who pays for each chain of a network."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, model_validator

from siting.config.closed import Closed
from siting.errors import unknown
from siting.vocabulary import COST_TERMS, Chain, ChainName, Payer

PENALTY = "shortfall_penalty"


class Payers(Closed):
    """Who pays the net cost of each chain and the subsidies that it receives: a convention, no row of the model."""

    households: Payer = Field(Payer.PUBLIC, description="who pays for what residents bring or have fetched")
    generators: Payer = Field(Payer.GENERATORS, description="who pays for the material of commerce and industry")
    subsidies: Payer = Field(Payer.PUBLIC, description="who pays the subsidies that the network receives")
    terms: dict[ChainName, dict[str, Payer]] = Field(
        default_factory=dict, description="terms of the cost of a chain that another pays, or receives where income"
    )

    def of(self, chain: Chain, term: str) -> Payer:
        """Return who pays, or receives, a term of the cost of a chain."""
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
