"""Stops of public transport that are mapped twice: as a node and as the platform or the station around it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from siting.inputs.arrays import BoolArray, IntArray, Shapes
from siting.inputs.osm.areas import to_local_m
from siting.inputs.osm.selection import Tags

SAME_STOP_M = 30.0
"""A stop and a platform farther apart than this are two places."""
POLE, POSITION, PLATFORM, STATION_NODE, STATION_AREA = range(5)
STATIONS = ("station", "halt")


def join_stops(features: pd.DataFrame, is_stop: BoolArray) -> tuple[BoolArray, Shapes]:
    """Return which features are a second mapping of another stop, and the names with those of the former passed on.

    A pole (a node beside the road) and a platform (a line or area) are one stop where they are at most `SAME_STOP_M`
    apart and neither bears a name of its own; each pole has one platform, the nearest first, and two poles stay two
    stops. The position where a vehicle halts is a second mapping of any pole or platform so near; the node of a
    station is one of the station's area.

    Parameters
    ----------
    features
        As of `make_features`.
    is_stop
        Shape `(n_features,)`, which of them are stops.
    """
    names = features["name"].to_numpy(dtype=object).copy()
    is_second = np.zeros(len(features), dtype=bool)
    rows = np.flatnonzero(is_stop)
    if len(rows) < 2:
        return is_second, names
    stops = _Stops(features.iloc[rows])
    for second, first, is_single in (
        ((PLATFORM,), (POLE,), True),
        ((POSITION,), (POLE, PLATFORM), False),
        ((STATION_NODE,), (STATION_AREA,), False),
    ):
        for row, other in stops.near(second, first, is_single=is_single):
            stops.is_second[row] = True
            if stops.names[other] is None:
                stops.names[other] = stops.names[row]
    names[rows], is_second[rows] = stops.names, stops.is_second
    return is_second, names


class _Stops:
    """The stops of a place: role, outline in metres and name of each, and which are told to be a second mapping."""

    def __init__(self, features: pd.DataFrame) -> None:
        shapes = features["geometry"].to_numpy()
        is_node = shapely.get_dimensions(shapes) == 0
        self.role = np.array([_role(*one) for one in zip(features["tags"], is_node, strict=True)], dtype=np.int64)
        self.shapes_m = to_local_m(shapes)
        self.names = np.array([name if isinstance(name, str) else None for name in features["name"]], dtype=object)
        self.is_second = np.zeros(len(features), dtype=bool)

    def near(self, second: tuple[int, ...], first: tuple[int, ...], *, is_single: bool) -> list[tuple[int, int]]:
        """Return pairs of a stop of the roles `second` and its nearest of the roles `first` with no other name."""
        rows, others = (np.flatnonzero(np.isin(self.role, roles) & ~self.is_second) for roles in (second, first))
        if not len(rows) or not len(others):
            return []
        pairs = shapely.STRtree(self.shapes_m[others]).query(self.shapes_m[rows], "dwithin", distance=SAME_STOP_M)
        row, other = rows[pairs[0]], others[pairs[1]]
        return self._matched(row, other, is_single=is_single)

    def _matched(self, row: IntArray, other: IntArray, *, is_single: bool) -> list[tuple[int, int]]:
        apart_m = shapely.distance(self.shapes_m[row], self.shapes_m[other])
        taken_rows: set[int] = set()
        taken_others: set[int] = set()
        matched = []
        for pair in np.lexsort((other, row, apart_m)):
            one, another = int(row[pair]), int(other[pair])
            if one in taken_rows or (is_single and another in taken_others):
                continue
            if _is_same_name(self.names[one], self.names[another]):
                taken_rows.add(one)
                taken_others.add(another)
                matched.append((one, another))
        return matched


def _role(tags: Tags, is_node: bool) -> int:
    if tags.get("railway") in STATIONS or tags.get("public_transport") == "station" or "amenity" in tags:
        return STATION_NODE if is_node else STATION_AREA
    if not is_node:
        return PLATFORM
    where = tags.get("public_transport")
    is_on_rails = tags.get("railway") == "tram_stop" and where != "platform" and tags.get("highway") != "bus_stop"
    return POSITION if where == "stop_position" or is_on_rails else POLE


def _is_same_name(one: str | None, other: str | None) -> bool:
    """Return whether two names are the same but for case and punctuation, or one is missing.

    >>> _is_same_name("Vaduz, Post", "vaduz post"), _is_same_name("Vaduz, Post", None), _is_same_name("Post", "Rathaus")
    (True, True, False)
    """
    plain = [None if name is None else "".join(filter(str.isalnum, name.casefold())) for name in (one, other)]
    return None in plain or plain[0] == plain[1]
