"""The road network: ways cut into edges at junctions and ends, with their bent lengths on the ellipsoid."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Geod

from siting.errors import DataError
from siting.inputs.arrays import WGS84, BoolArray, FloatArray, IntArray, Shapes
from siting.inputs.osm.access import (
    ROAD_CLASSES,
    direction,
    is_drivable,
    is_private,
    is_walkable,
    signed_kmh,
    speed_kmh,
)
from siting.inputs.osm.areas import way_shapes
from siting.inputs.osm.raw import RawOsm, Way
from siting.inputs.osm.selection import name_of

FERRY = "ferry"
NO_ROADS = (
    "no roads: no way with a highway tag that a vehicle or a person may use; take an extract that holds all of a city"
    " (a truncated or filtered file loses its roads first)"
)


class Edges(NamedTuple):
    """Lines cut where they meet: of each edge the line that it is of, its first and last vertex, shape and length."""

    line: IntArray
    start: IntArray
    end: IntArray
    shapes: Shapes
    length_m: FloatArray


def cut_at_junctions(lonlat: FloatArray, vertices: IntArray, line: IntArray) -> Edges:
    """Cut lines at their ends and gaps and wherever they meet another or themselves in a vertex.

    Parameters
    ----------
    lonlat
        Shape `(n_places, 2)`, degrees WGS-84, each place once.
    vertices, line
        Shape `(n,)`: the row in `lonlat` of each vertex in order, −1 where it is not known, and the line it is of.

    Returns
    -------
    edges
        Lengths on the ellipsoid, m, rounded to 1 cm, at least that.
    """
    tail, head = vertices[:-1], vertices[1:]
    is_step = (line[:-1] == line[1:]) & (tail >= 0) & (head >= 0)
    line, tail, head = line[:-1][is_step], tail[is_step], head[is_step]
    moves = (lonlat[tail] != lonlat[head]).any(axis=1)
    line, tail, head = line[moves], tail[moves], head[moves]
    met = np.bincount(tail, minlength=len(lonlat)) + np.bincount(head, minlength=len(lonlat))
    goes_on = (line[1:] == line[:-1]) & (tail[1:] == head[:-1]) & (met[tail[1:]] == 2)
    edge = np.cumsum(np.append(True, ~goes_on)[: len(tail)]) - 1
    first, last = np.flatnonzero(np.diff(edge, prepend=-1)), np.flatnonzero(np.diff(edge, append=-1))
    bent, of_edge = (np.insert(column, last + 1, ends) for column, ends in ((tail, head[last]), (edge, edge[last])))
    shapes = np.asarray(shapely.linestrings(lonlat[bent], indices=of_edge), dtype=object)
    _, _, step_m = Geod(ellps="WGS84").inv(*lonlat[tail].T, *lonlat[head].T)
    length_m = np.maximum(np.bincount(edge, weights=step_m).round(2), 0.01)
    return Edges(line[first], tail[first], head[last], shapes, length_m)


def make_roads(raw: RawOsm, where: str, *, estates: Shapes) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[str]]:
    """Return nodes, edges and notes: every drivable or walkable way, cut at its crossings and ends.

    Residents walk on the private ways inside the `estates` (areas of housing); vehicles do not use them.

    An edge has `u`, `v`, `road_class`, `length_m`, `drivable`, `walkable`, `oneway`, `speed_kmh`, `name`, `osm_way`
    and its bent line, drawn in the direction of driving where that is one-way. A node has `node` and `osm_node`.

    Raises
    ------
    DataError
        If there is no such way.
    """
    roads, notes = _opened_to_residents(raw, estates)
    ways, more = _usable(roads)
    notes += more
    refs = [way.refs for way in ways] or [np.zeros(0, dtype=np.int64)]
    vertices, of_way = raw.rows_of_nodes(np.concatenate(refs)), np.repeat(np.arange(len(refs)), list(map(len, refs)))
    cut = cut_at_junctions(raw.node_lonlat, vertices, of_way)
    if not len(cut.line):
        raise DataError(f"{where}: {NO_ROADS}")
    if n_missing := len(np.unique(of_way[vertices < 0])):
        notes.append(
            f"{n_missing:,} road ways name nodes that the source does not hold (cut at its edge, as a rule); only the"
            " stretches between nodes that it holds were kept"
        )
    nodes, edges = _tables(raw, [ways[row] for row in cut.line], cut)
    return nodes, edges, notes


def _as_road(way: Way) -> Way:
    """Return a ferry that takes vehicles is a road that is driven and not walked; any other way as it is."""
    if way.tags.get("route") != "ferry" or "highway" in way.tags:
        return way
    return way._replace(tags={key: tag for key, tag in way.tags.items() if key != "foot"} | {"highway": FERRY})


def _opened_to_residents(raw: RawOsm, estates: Shapes) -> tuple[list[Way], list[str]]:
    """Return all ways, private ones with at least half of their length inside the estates open on foot; and notes."""
    ways = list(map(_as_road, raw.ways))
    private = [row for row, way in enumerate(ways) if is_private(way.tags)]
    lines, _ = way_shapes(raw, [ways[row]._replace(tags={"area": "no"}) for row in private])
    is_inside = _half_inside(lines, estates)
    for row in np.array(private, dtype=np.int64)[is_inside]:
        ways[row] = ways[row]._replace(tags=ways[row].tags | {"foot": "destination"})
    number = int(is_inside.sum())
    words = "private roads inside housing estates are open to residents on foot, and closed to vehicles"
    return ways, [f"{number:,} {words}"] if number else []


def _half_inside(lines: Shapes, areas: Shapes) -> BoolArray:
    """Return which lines have at least half of their length inside the areas together."""
    is_inside = np.zeros(len(lines), dtype=bool)
    of_line, area = shapely.STRtree(areas).query(lines, "intersects")
    for row in np.unique(of_line):
        within = shapely.union_all(shapely.intersection(areas[area[of_line == row]], lines[row]))
        is_inside[row] = 2 * within.length >= lines[row].length > 0
    return is_inside


def _usable(all_ways: list[Way]) -> tuple[list[Way], list[str]]:
    """Return the ways of known class that may be driven or walked, and notes on the others."""
    unknown: Counter[str] = Counter()
    ways, n_closed, odd_speeds = [], 0, Counter[str]()
    for way in all_ways:
        tags = way.tags
        if "highway" not in tags:
            continue
        if tags["highway"] not in (*ROAD_CLASSES, FERRY):
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


def _tables(raw: RawOsm, ways: list[Way], cut: Edges) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the nodes and edges; `ways` holds the way of each edge."""
    turned = np.array([direction(way.tags) for way in ways])
    drivable = np.array([is_drivable(way.tags) for way in ways])
    is_backward = (turned < 0) & drivable
    ends = np.column_stack([cut.start, cut.end])
    ends[is_backward] = ends[is_backward, ::-1]
    cut.shapes[is_backward] = shapely.reverse(cut.shapes[is_backward])
    used, numbered = np.unique(ends, return_inverse=True)
    u, v = numbered.reshape(-1, 2).T
    facts = {
        "u": u,
        "v": v,
        "road_class": [way.tags["highway"] for way in ways],
        "length_m": cut.length_m,
        "drivable": drivable,
        "walkable": [is_walkable(way.tags) for way in ways],
        "oneway": (turned != 0) & drivable,
        "speed_kmh": [speed_kmh(way.tags) for way in ways],
        "name": [name_of(way.tags) for way in ways],
        "osm_way": [way.id for way in ways],
    }
    nodes = {"node": np.arange(len(used)), "osm_node": raw.node_id[used]}
    points = shapely.points(raw.node_lonlat[used])
    return gpd.GeoDataFrame(nodes, geometry=points, crs=WGS84), gpd.GeoDataFrame(facts, geometry=cut.shapes, crs=WGS84)
