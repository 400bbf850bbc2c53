"""Link classes: which places haul links join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from siting.language import Label
from siting.vocabulary.demand import DemandKind
from siting.vocabulary.echelons import Echelon

ConfigLinkName = Literal[
    "point_to_transfer",
    "transfer_to_sorting",
    "generator_to_sorting",
    "generator_to_transfer",
    "generator_to_base",
    "transfer_to_base",
    "sorting_to_base",
    "door_to_transfer",
]
"""Classes that a config may switch on."""
LinkName = ConfigLinkName | Literal["base_to_base"]


@dataclass(frozen=True)
class LinkClass:
    """One class of haul link.

    Attributes
    ----------
    key
        Name in configs, tables and file columns.
    tail, head
        Echelons that it joins; a tail of None is a demand node that gives its material directly.
    label
        Name for readers.
    given_by
        Kind of demand node that it starts at, where the tail is None.
    """

    key: LinkName
    tail: Echelon | None
    head: Echelon
    label: Label
    given_by: DemandKind = DemandKind.GENERATOR


LINK_RECORDS = (
    LinkClass("point_to_transfer", Echelon.POINT, Echelon.TRANSFER, Label("point → station", "回收点 → 中转站")),
    LinkClass("transfer_to_sorting", Echelon.TRANSFER, Echelon.SORTING, Label("station → centre", "中转站 → 分拣中心")),
    LinkClass("generator_to_sorting", None, Echelon.SORTING, Label("generator → centre", "产生源 → 分拣中心")),
    LinkClass("generator_to_transfer", None, Echelon.TRANSFER, Label("generator → station", "产生源 → 中转站")),
    LinkClass("generator_to_base", None, Echelon.BASE, Label("generator → base", "产生源 → 加工基地")),
    LinkClass("transfer_to_base", Echelon.TRANSFER, Echelon.BASE, Label("station → base", "中转站 → 加工基地")),
    LinkClass("sorting_to_base", Echelon.SORTING, Echelon.BASE, Label("centre → base", "分拣中心 → 加工基地")),
    LinkClass("door_to_transfer", None, Echelon.TRANSFER, Label("door → station", "上门 → 中转站"), DemandKind.BOOKED),
    LinkClass("base_to_base", Echelon.BASE, Echelon.BASE, Label("base → base", "加工基地 → 加工基地")),
)
"""All classes, in the order that `Links.link_class` numbers them.

`door_to_transfer` carries what households book for pick-up at the door. By `base_to_base` bases form chains of any
length, also in a circle.
"""

LINK_CLASSES: tuple[str, ...] = tuple(record.key for record in LINK_RECORDS)
LINKS: dict[str, LinkClass] = {record.key: record for record in LINK_RECORDS}
"""Class by key."""
