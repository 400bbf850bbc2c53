"""The one form that a file and an Overpass answer are both brought to: nodes, ways and relations with their tags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np

from siting.errors import DataError
from siting.inputs.arrays import FloatArray, IntArray
from siting.inputs.osm.selection import Tags, is_selected

UNITS_PER_DEGREE = 10_000_000
MOST_LISTED = 5
Item = TypeVar("Item", "Way", "Relation")


class Way(NamedTuple):
    """A way: the ids of its nodes in order, also of those that the source does not hold."""

    id: int
    refs: IntArray
    tags: Tags


class Relation(NamedTuple):
    """A relation: the ids of its member ways in order."""

    id: int
    ways: tuple[int, ...]
    tags: Tags


@dataclass(frozen=True)
class RawOsm:
    """Objects by ascending id, each id once.

    Attributes
    ----------
    node_id, node_lonlat
        Shapes `(n_nodes,)` and `(n_nodes, 2)`, degrees WGS-84: every node of a way, and every tagged one.
    node_tags
        Tags of the selected nodes by id.
    ways
        Selected ways, and members of selected relations (their tags may be of no interest).
    relations
        Selected relations.
    notes
        What was found odd and what was done about it, as sentences with counts.
    date
        Date of the data, `YYYY-MM-DD`, None if the source does not say.
    """

    node_id: IntArray
    node_lonlat: FloatArray
    node_tags: dict[int, Tags]
    ways: tuple[Way, ...]
    relations: tuple[Relation, ...]
    notes: tuple[str, ...] = ()
    date: str | None = None

    def rows_of_nodes(self, refs: IntArray) -> IntArray:
        """Return the row of each node id in `node_id`, −1 where the source does not hold it."""
        if not len(self.node_id):
            return np.full(len(refs), -1, dtype=np.int64)
        rows = np.minimum(np.searchsorted(self.node_id, refs), len(self.node_id) - 1)
        return np.where(self.node_id[rows] == refs, rows, -1)


@dataclass
class Collector:
    """Takes objects in any order, also twice, and hands them out in order, each once."""

    where: str
    node_id: list[int] = field(default_factory=list)
    node_x: list[int] = field(default_factory=list)
    node_y: list[int] = field(default_factory=list)
    node_tags: dict[int, Tags] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    n_relations: int = 0

    def add_node(self, number: int, x: int, y: int, tags: Tags) -> None:
        """Take a node at `x`, `y` in units of 1e-7 degree; the last of several with one id counts."""
        self.node_id.append(number)
        self.node_x.append(x)
        self.node_y.append(y)
        if tags and is_selected(tags, "node"):
            self.node_tags[number] = tags
        else:
            self.node_tags.pop(number, None)

    def add_way(self, number: int, refs: Iterable[int], tags: Tags) -> None:
        """Take a way; whether it is needed shows when all relations are known."""
        self.ways.append(Way(number, np.fromiter(refs, dtype=np.int64), tags))

    def add_relation(self, number: int, ways: Iterable[int], tags: Tags) -> None:
        """Take a relation if it is selected; count it in any case."""
        self.n_relations += 1
        if is_selected(tags, "relation"):
            self.relations.append(Relation(number, tuple(ways), tags))

    def finish(self, notes: Iterable[str] = (), date: str | None = None) -> RawOsm:
        """Return all selected objects without the tags that are not needed.

        Raises
        ------
        DataError
            If a node lies outside the degrees of the Earth.
        """
        relations, twice_relations = _last_of_each(self.relations)
        members = {way for relation in relations for way in relation.ways}
        ways, twice_ways = _last_of_each(self.ways)
        ways = [way for way in ways if way.id in members or is_selected(way.tags, "way")]
        ids, lonlat, twice_nodes = self._nodes(ways)
        repeated = {"nodes": twice_nodes, "ways": twice_ways, "relations": twice_relations}
        told = [
            f"{number:,} {what} came more than once with the same id; the last of each was kept"
            for what, number in repeated.items()
            if number
        ]
        return RawOsm(ids, lonlat, self.node_tags, tuple(ways), tuple(relations), (*notes, *told), date)

    def _nodes(self, ways: list[Way]) -> tuple[IntArray, FloatArray, int]:
        """Return the ids and degrees of the nodes that are needed, and how many came more than once."""
        given = np.array(self.node_id, dtype=np.int64)
        units = np.column_stack([np.array(self.node_x, dtype=np.int64), np.array(self.node_y, dtype=np.int64)])
        ids, first_from_end = np.unique(given[::-1], return_index=True)
        lonlat = units[len(given) - 1 - first_from_end].reshape(-1, 2) / UNITS_PER_DEGREE
        self._refuse_odd_places(ids, lonlat)
        refs = [way.refs for way in ways]
        tagged = np.fromiter(self.node_tags, dtype=np.int64, count=len(self.node_tags))
        is_needed = np.isin(ids, np.concatenate([tagged, *refs]))
        return ids[is_needed], lonlat[is_needed], len(given) - len(ids)

    def _refuse_odd_places(self, ids: IntArray, lonlat: FloatArray) -> None:
        odd = np.flatnonzero((np.abs(lonlat) > (180.0, 90.0)).any(axis=1))
        if len(odd):
            shown = ", ".join(f"node {ids[row]} at {lonlat[row, 0]:g}, {lonlat[row, 1]:g}" for row in odd[:MOST_LISTED])
            more = f" and {len(odd) - MOST_LISTED:,} more" if len(odd) > MOST_LISTED else ""
            raise DataError(
                f"{self.where}: {len(odd):,} nodes lie outside longitude ±180 and latitude ±90: {shown}{more};"
                " OpenStreetMap files hold WGS-84 degrees, so convert the coordinates or export the file again"
            )


def _last_of_each(items: list[Item]) -> tuple[list[Item], int]:
    """Return the last item of each id, by ascending id, and how many were left out."""
    by_id = {item.id: item for item in items}
    return [by_id[number] for number in sorted(by_id)], len(items) - len(by_id)
