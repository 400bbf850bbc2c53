"""Columns that stand for omitted links in `model.npz`, so that a checker can price these without knowing the model.

Of links of one kind, stage, material, class and rate, the reduced cost of a kt is the sum of a part of the tail, a part
of the head and a price a km (`siting.certificate.linkprices`). The columns of a few links tell the parts: of each tail
to the first head, by 0 and by 1 km, and of the first tail to each head. These links do not exist: their columns are
held at 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from siting.certificate.linkprices import KINDS, groups, standing_links
from siting.instance import Floats, Instance, Ints, Links
from siting.model import Whole, build_whole
from siting.model.columns import site_accepts
from siting.model.flow_rows import most_at_ends
from siting.model.whole import Part


@dataclass(frozen=True)
class StandIns:
    """The whole with links that stand for omitted ones, and which columns they have.

    `alike` (n_alike, 3) are the kind (0 direct, 1 haul), class and rate of the links of each group. `column`
    (n_alike, 3, n_places) are the columns of links from each tail, from each tail by 1 km, and to each head; −1: none.
    `most_kt` (n_alike, 2, n_places) is the most that can leave each tail and enter each head, kt a year.
    """

    whole: Whole
    alike: Ints
    column: Ints
    most_kt: Floats


def with_stand_ins(whole: Whole) -> StandIns:
    """Return the model with columns that stand for the links that `whole` omits."""
    found, instance = list(_alike(whole)), whole.instance
    begins: dict[tuple[object, ...], int] = {}  # stages and materials share links
    for one in found:
        if one.key not in begins:
            own = getattr(instance, one.kind)
            begins[one.key] = len(own.tail)
            instance = replace(instance, **{one.kind: own.and_also(one.links)})
    wide, n_places = build_whole(instance), max(instance.n_demand, instance.n_sites)
    column, most_kt = np.full((len(found), 3, n_places), -1), np.zeros((len(found), 2, n_places))
    for number, one in enumerate(found):
        part = wide.parts[one.stage]
        column[number][one.places] = one.columns(part, begins[one.key])
        leaving, entering = one.most_kt(part.instance)
        most_kt[number, 0, one.tails], most_kt[number, 1, one.heads] = leaving, entering
    alike = [(KINDS.index(one.kind), one.link_class, one.rate) for one in found]
    return StandIns(wide, np.reshape(alike, (-1, 3)).astype(np.int64), column, most_kt)


@dataclass(frozen=True)
class _Alike:
    """Omitted links of one kind, stage, material, class and rate: their tails and heads, in order."""

    kind: str
    stage: int
    material: int
    link_class: int
    rate: int
    tails: Ints
    heads: Ints

    @property
    def key(self) -> tuple[object, ...]:
        """The key that tells these links from others."""
        return self.kind, self.link_class, self.rate, self.tails.tobytes(), self.heads.tobytes()

    @property
    def links(self) -> Links:
        return standing_links(self.tails, self.heads, self.link_class, self.rate)

    @property
    def places(self) -> tuple[Ints, Ints]:
        """The part that each link tells (0 tail, 1 tail and 1 km, 2 head), and of which place, (n_links,) both."""
        n_tails, n_heads = len(self.tails), len(self.heads)
        return np.repeat(range(3), (n_tails, n_tails, n_heads)), np.concatenate([self.tails, self.tails, self.heads])

    def columns(self, part: Part, first: int) -> Ints:
        """Return the column of each of these links; they stand from `first` on, (n_links,)."""
        of_kind = part.columns.direct_link, part.columns.direct_material
        link, material = of_kind if self.kind == "direct" else (part.columns.haul_link, part.columns.haul_material)
        at = np.full(first + len(self.links.tail), -1)
        own = np.flatnonzero((material == self.material) & (link < len(at)))
        at[link[own]] = part.in_whole(self.kind)[own]
        return at[first:]

    def most_kt(self, instance: Instance) -> tuple[Floats, Floats]:
        """Return the most that can leave each tail, (n_tails,), and enter each head, (n_heads,)."""
        offered, passed_on, capacity = most_at_ends(instance)
        return (offered if self.kind == "direct" else passed_on)[self.tails, self.material], capacity[self.heads]


def _alike(whole: Whole) -> Iterator[_Alike]:
    """Yield the omitted links that have one price for each tail, head and km."""
    for (stage, part), kind in product(enumerate(whole.parts), KINDS):
        instance, omitted = part.instance, part.instance.omitted(kind)
        if not len(omitted):
            continue
        accepts = site_accepts(instance)
        leaves = instance.demand.tonnes > 0 if kind == "direct" else part.columns.leaves
        for group, material in product(groups(omitted), range(instance.n_materials)):
            tail, head = omitted.tail[group].astype(np.int64), omitted.head[group].astype(np.int64)
            moves = leaves[tail, material] & accepts[head, material]
            if moves.any():
                of_class = int(omitted.link_class[group[0]]), int(omitted.rate[group[0]])
                yield _Alike(kind, stage, material, *of_class, np.unique(tail[moves]), np.unique(head[moves]))
