"""Echelons: the layers of the network."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

from siting.language import Label

EchelonName = Literal["point", "transfer", "sorting", "base"]


class Echelon(enum.IntEnum):
    """A layer of the network, in the order in which material passes."""

    POINT = 0
    TRANSFER = 1
    SORTING = 2
    BASE = 3

    @property
    def key(self) -> EchelonName:
        """Name in configs, tables and file columns."""
        return RECORDS[self].key

    @property
    def label(self) -> Label:
        """Name of several facilities of the echelon."""
        return RECORDS[self].plural

    @property
    def singular(self) -> Label:
        """Name of one facility of the echelon."""
        return RECORDS[self].singular

    @property
    def short(self) -> Label:
        """Short name of one facility, for charts and narrow columns."""
        return RECORDS[self].short

    @classmethod
    def named(cls, key: str) -> Echelon:
        """Return the echelon with this key.

        Raises
        ------
        KeyError
            If there is none.
        """
        return ECHELONS[key]


@dataclass(frozen=True)
class EchelonRecord:
    """Key and labels of an echelon."""

    key: EchelonName
    singular: Label
    plural: Label
    short: Label


RECORDS = {
    Echelon.POINT: EchelonRecord(
        "point", Label("recycling point", "回收点"), Label("recycling points", "回收点"), Label("point", "回收点")
    ),
    Echelon.TRANSFER: EchelonRecord(
        "transfer",
        Label("transfer station", "中转站"),
        Label("transfer stations", "中转站"),
        Label("station", "中转站"),
    ),
    Echelon.SORTING: EchelonRecord(
        "sorting",
        Label("sorting centre", "分拣中心"),
        Label("sorting centres", "分拣中心"),
        Label("centre", "分拣中心"),
    ),
    Echelon.BASE: EchelonRecord(
        "base",
        Label("processing base", "加工利用基地"),
        Label("processing bases", "加工利用基地"),
        Label("base", "加工基地"),
    ),
}

ECHELONS: dict[str, Echelon] = {record.key: echelon for echelon, record in RECORDS.items()}
"""Echelon by key."""
