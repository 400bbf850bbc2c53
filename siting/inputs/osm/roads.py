"""The road network: ways cut into edges at junctions and ends, with their bent lengths on the ellipsoid."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Geod

from siting.errors import DataError
from siting.inputs.arrays import WGS84, FloatArray, IntArray, Shapes
from siting.inputs.osm.access import ROAD_CLASSES, direction, is_drivable, is_walkable, signed_kmh, speed_kmh
from siting.inputs.osm.raw import RawOsm, Way
from siting.inputs.osm.selection import name_of

NO_ROADS = (
    "no roads: no way with a highway tag that a vehicle or a person may use; take an extract that holds all of a city"
    " (a truncated or filtered file loses its roads first)"
)


class Stretch(NamedTuple):
    """The usable ways as one long row of steps from a node to the next node of the same way.

    `way`, `tail` and `head` have the shape `(n_steps,)`: row of the way, rows of the nodes in the raw form.
    """

    way: IntArray
    tail: IntArray
    head: IntArray


def make_roads(raw: RawOsm, where: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[str]]:
    """Nodes, edges and notes: every way that may be driven or walked, cut where it meets another, itself, or its end.

    An edge has `u`, `v`, `road_class`, `length_m`, `drivable`, `walkable`, `oneway`, `speed_kmh`, `name`, `osm_way`
    and its bent line, drawn in the direction of driving where that is one-way. A node has `node` and `osm_node`.

    Raises
    ------
    DataError
        If there is no such way.
    """
    ways, notes = _usable(raw)
    steps, n_missing = _steps(raw, ways)
    if not len(steps.way):
        raise DataError(f"{where}: {NO_ROADS}")
    if n_missing:
        notes.append(
            f"{n_missing:,} road ways name nodes that the source does not hold (cut at its edge, as a rule); only the"
            " stretches between nodes that it holds were kept"
        )
    nodes, edges = _tables(raw, ways, steps, _edges_of_steps(steps, len(raw.node_id)))
    return nodes, edges, notes


def _usable(raw: RawOsm) -> tuple[list[Way], list[str]]:
    """The ways of known class that may be driven or walked, and notes on the others."""
    unknown: Counter[str] = Counter()
    ways, n_closed, odd_speeds = [], 0, Counter[str]()
    for way in raw.ways:
        tags = way.tags
        if "highway" not in tags:
            continue
        if tags["highway"] not in ROAD_CLASSES:
            unknown[tags["highway"]] += 1
        elif not (is_drivable(tags) or is_walkable(tags)):
            n_closed += 1
        else:
            ways.append(way)
            if "maxspeed" in tags and signed_kmh(tags["maxspeed"]) is None:
                odd_speeds[tags["maxspeed"]] += 1
    notes = []
    if unknown:
        notes.append(f"{unknown.total():,} highway ways left out, no road or path in use: {_listed(unknown)}")
    if n_closed:
        notes.append(f"{n_closed:,} roads left out that nobody may use (access=private, no …)")
    if odd_speeds:
        notes.append(f"{odd_speeds.total():,} roads have the usual speed of their class, not: {_listed(odd_speeds)}")
    return ways, notes


def _listed(counts: Counter[str], most: int = 8) -> str:
    shown = ", ".join(f"{value} {number:,}" for value, number in counts.most_common(most))
    return shown + (f" and {len(counts) - most} more" if len(counts) > most else "")


def _steps(raw: RawOsm, ways: list[Way]) -> tuple[Stretch, int]:
    """The steps between two places that are both held, and the number of ways with nodes that are not."""
    if not ways:
        none = np.zeros(0, dtype=np.int64)
        return Stretch(none, none, none), 0
    rows = raw.rows_of_nodes(np.concatenate([way.refs for way in ways]))
    way = np.repeat(np.arange(len(ways)), [len(way.refs) for way in ways])
    n_missing = len(np.unique(way[rows < 0]))
    tail, head = rows[:-1], rows[1:]
    is_step = (way[:-1] == way[1:]) & (tail >= 0) & (head >= 0)
    steps = Stretch(way[:-1][is_step], tail[is_step], head[is_step])
    goes_somewhere = (raw.node_lonlat[steps.tail] != raw.node_lonlat[steps.head]).any(axis=1)
    return Stretch(*(column[goes_somewhere] for column in steps)), n_missing


def _edges_of_steps(steps: Stretch, n_nodes: int) -> IntArray:
    """Number of the edge that each step belongs to.

    A new edge begins with a way, after a gap, and at a node that more than two steps meet in, or that steps of
    different ways meet in.
    """
    met = np.bincount(steps.tail, minlength=n_nodes) + np.bincount(steps.head, minlength=n_nodes)
    goes_on = (steps.way[1:] == steps.way[:-1]) & (steps.tail[1:] == steps.head[:-1]) & (met[steps.tail[1:]] == 2)
    return np.concatenate([[0], np.cumsum(~goes_on)])


def _tables(raw: RawOsm, ways: list[Way], steps: Stretch, edge: IntArray) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    first = np.flatnonzero(np.diff(edge, prepend=-1))
    last = np.append(first[1:], len(edge)) - 1
    turned = np.array([direction(way.tags) for way in ways])[steps.way[first]]
    drivable = np.array([is_drivable(way.tags) for way in ways])[steps.way[first]]
    is_backward = (turned < 0) & drivable
    start, end = steps.tail[first], steps.head[last]
    start, end = np.where(is_backward, end, start), np.where(is_backward, start, end)
    used, numbered = np.unique(np.concatenate([start, end]), return_inverse=True)
    lines = _lines(raw, steps, edge)
    lines[is_backward] = shapely.reverse(lines[is_backward])
    of_way = [ways[row] for row in steps.way[first]]
    edges = gpd.GeoDataFrame(
        {
            "u": numbered[: len(first)],
            "v": numbered[len(first) :],
            "road_class": [way.tags["highway"] for way in of_way],
            "length_m": _lengths_m(raw, steps, edge),
            "drivable": drivable,
            "walkable": np.array([is_walkable(way.tags) for way in ways])[steps.way[first]],
            "oneway": (turned != 0) & drivable,
            "speed_kmh": np.array([speed_kmh(way.tags) for way in ways])[steps.way[first]],
            "name": [name_of(way.tags) for way in of_way],
            "osm_way": [way.id for way in of_way],
        },
        geometry=lines,
        crs=WGS84,
    )
    points = shapely.points(raw.node_lonlat[used])
    facts = {"node": np.arange(len(used)), "osm_node": raw.node_id[used]}
    return gpd.GeoDataFrame(facts, geometry=points, crs=WGS84), edges


def _lines(raw: RawOsm, steps: Stretch, edge: IntArray) -> Shapes:
    """The bent line of each edge: the tails of its steps and the head of its last."""
    is_last = np.append(np.diff(edge) > 0, True)
    order = np.argsort(np.concatenate([np.arange(len(edge)) * 2.0, np.flatnonzero(is_last) * 2.0 + 1.0]))
    row = np.concatenate([steps.tail, steps.head[is_last]])[order]
    of_edge = np.concatenate([edge, edge[is_last]])[order]
    return np.asarray(shapely.linestrings(raw.node_lonlat[row], indices=of_edge), dtype=object)


def _lengths_m(raw: RawOsm, steps: Stretch, edge: IntArray) -> FloatArray:
    """Length of each edge on the ellipsoid, m, rounded to 1 cm, at least that."""
    tail, head = raw.node_lonlat[steps.tail], raw.node_lonlat[steps.head]
    _, _, step_m = Geod(ellps="WGS84").inv(tail[:, 0], tail[:, 1], head[:, 0], head[:, 1])
    return np.maximum(np.bincount(edge, weights=step_m).round(2), 0.01)
