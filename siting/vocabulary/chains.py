"""Chains: the two businesses of a network, and who may pay for them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

from siting.language import Label
from siting.vocabulary.demand import DemandKind

ChainName = Literal["households", "generators"]


class Chain(enum.IntEnum):
    """Origin of material, by which facilities, tonnes and costs are grouped."""

    HOUSEHOLDS = 0
    """Residents: recycling points, door pick-up and mobile points, and all that their material passes."""
    GENERATORS = 1
    """Commerce and industry, which give their material over direct links."""

    @property
    def key(self) -> ChainName:
        """Name in configs, tables and file columns."""
        return RECORDS[self].key

    @property
    def label(self) -> Label:
        """Name for readers."""
        return RECORDS[self].label

    @property
    def meaning(self) -> Label:
        """Demand that the chain covers, for readers."""
        return RECORDS[self].meaning

    @classmethod
    def of_kind(cls, kind: DemandKind) -> Chain:
        """Return the chain that a kind of demand node belongs to.

        >>> Chain.of_kind(DemandKind.BOOKED).key
        'households'
        """
        return next(chain for chain, record in RECORDS.items() if kind in record.kinds)


@dataclass(frozen=True)
class ChainRecord:
    """Key, labels and kinds of demand node of a chain."""

    key: ChainName
    label: Label
    meaning: Label
    kinds: tuple[DemandKind, ...]


RECORDS = {
    Chain.HOUSEHOLDS: ChainRecord(
        "households",
        Label("households", "居民源"),
        Label("residents, with door pick-up and mobile points", "居民投放，含上门回收与流动回收点"),
        (DemandKind.HOUSEHOLD, DemandKind.BOOKED),
    ),
    Chain.GENERATORS: ChainRecord(
        "generators",
        Label("commerce and industry", "工商业源"),
        Label("material that businesses give directly", "企业直接交付的物料"),
        (DemandKind.GENERATOR,),
    ),
}

CHAINS: dict[str, Chain] = {record.key: chain for chain, record in RECORDS.items()}
"""Chain by key."""


class Payer(enum.StrEnum):
    """Payer of a cost, or recipient of an income."""

    PUBLIC = "public"
    GENERATORS = "generators"
    OPERATORS = "operators"
    RESIDENTS = "residents"

    @property
    def label(self) -> Label:
        """Name for readers."""
        return PAYERS[self]


PAYERS = {
    Payer.PUBLIC: Label("public purse", "财政"),
    Payer.GENERATORS: Label("commerce and industry", "工商企业"),
    Payer.OPERATORS: Label("operators", "运营企业"),
    Payer.RESIDENTS: Label("residents", "居民"),
}
"""Label of each payer."""
