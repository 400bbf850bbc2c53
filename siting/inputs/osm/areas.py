"""Shapes of ways and relations: lines, areas with holes, and what they measure on the ellipsoid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from siting.inputs.arrays import WGS84, BoolArray, FloatArray, IntArray, Shapes
from siting.inputs.osm.raw import RawOsm, Relation, Way


def way_shapes(raw: RawOsm, ways: Sequence[Way]) -> tuple[Shapes, int]:
    """Return an area for each closed way, a line or a point for each other; empty where no node is held.

    A closed way of which some nodes are missing is closed over the gap; the number of those is the second value.
    """
    shapes = np.full(len(ways), shapely.GeometryCollection(), dtype=object)
    if not ways:
        return shapes, 0
    rows = raw.rows_of_nodes(np.concatenate([way.refs for way in ways]))
    of_way = np.repeat(np.arange(len(ways)), [len(way.refs) for way in ways])
    lacks_nodes = np.bincount(of_way[rows < 0], minlength=len(ways)) > 0
    rows, of_way = rows[rows >= 0], of_way[rows >= 0]
    n_held = np.bincount(of_way, minlength=len(ways))
    is_closed = np.array([len(way.refs) > 3 and way.refs[0] == way.refs[-1] and _may_fill(way) for way in ways])
    is_ring = is_closed & (n_held >= 4)

    def by_way(make: Callable[..., Any], chosen: BoolArray) -> Any:
        _, dense = np.unique(of_way[chosen[of_way]], return_inverse=True)
        return make(raw.node_lonlat[rows[chosen[of_way]]], indices=dense)

    is_point, is_line = ~is_ring & (n_held == 1), ~is_ring & (n_held > 1)
    shapes[is_point] = shapely.points(raw.node_lonlat[rows[is_point[of_way]]])
    shapes[is_line] = by_way(shapely.linestrings, is_line)
    # `linearrings` closes those whose first node is missing
    shapes[is_ring] = make_areas(shapely.polygons(by_way(shapely.linearrings, is_ring)))
    return shapes, int((is_closed & lacks_nodes).sum())


def relation_areas(raw: RawOsm, relations: Sequence[Relation]) -> tuple[Shapes, BoolArray]:
    """Return the area that the member ways of each relation enclose, holes left out; their lines where nothing closes.

    Empty where no line of it is held. The second value tells which relations lack a member or a node of one.
    """
    shapes = np.full(len(relations), shapely.GeometryCollection(), dtype=object)
    lines, owner, is_broken = member_lines(raw, relations)
    if len(lines):
        found, dense = np.unique(owner, return_inverse=True)
        bundles = np.asarray(shapely.multilinestrings(lines, indices=dense), dtype=object)
        areas = make_areas(np.array([_enclosed(bundle) for bundle in bundles], dtype=object))
        shapes[found] = np.where(shapely.is_empty(areas), bundles, areas)
    return shapes, is_broken


def member_lines(raw: RawOsm, relations: Sequence[Relation]) -> tuple[Shapes, IntArray, BoolArray]:
    """Return the lines of all member ways, the row of the relation that each belongs to, and which relations lack some.

    A member with missing nodes gives one line for each stretch between them.
    """
    by_id = {way.id: way for way in raw.ways}
    members = [(row, by_id.get(way)) for row, one in enumerate(relations) for way in dict.fromkeys(one.ways)]
    is_broken = np.zeros(len(relations), dtype=bool)
    is_broken[[row for row, way in members if way is None]] = True
    held = [(row, way) for row, way in members if way is not None]
    none = np.zeros(0, dtype=np.int64)
    if not held:
        return np.zeros(0, dtype=object), none, is_broken
    rows = raw.rows_of_nodes(np.concatenate([way.refs for _, way in held]))
    of_way = np.repeat(np.arange(len(held)), [len(way.refs) for _, way in held])
    owner = np.array([row for row, _ in held])
    is_broken[owner[of_way[rows < 0]]] = True
    run = np.cumsum((rows < 0) | (np.diff(of_way, prepend=-1) != 0))
    rows, of_way, run = rows[rows >= 0], of_way[rows >= 0], run[rows >= 0]
    number, first, length = np.unique(run, return_index=True, return_counts=True)
    is_line = np.isin(run, number[length > 1])
    if not is_line.any():
        return np.zeros(0, dtype=object), none, is_broken
    _, dense = np.unique(run[is_line], return_inverse=True)
    lines = shapely.linestrings(raw.node_lonlat[rows[is_line]], indices=dense)
    return np.asarray(lines, dtype=object), owner[of_way[first[length > 1]]], is_broken


def _enclosed(lines: shapely.MultiLineString) -> BaseGeometry:
    """Return the area inside an odd number of rings, regardless of the roles of members.

    GEOS has this as `build_area`, which fills holes that touch their rim.
    """
    faces = shapely.get_parts(shapely.polygonize([shapely.node(lines)]))
    if len(faces) > 1:
        faces = faces[_is_inside(shapely.get_coordinates(shapely.point_on_surface(faces)), lines)]
    return shapely.union_all(faces)


def _is_inside(points: FloatArray, lines: shapely.MultiLineString) -> BoolArray:
    """Return whether a ray from each point to the east crosses the lines an odd number of times."""
    at, of_line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    is_piece = of_line[1:] == of_line[:-1]
    tail, head = at[:-1][is_piece], at[1:][is_piece]
    rise = np.where(head[:, 1] == tail[:, 1], 1.0, head[:, 1] - tail[:, 1])
    odd = []
    for x, y in points:
        is_level = (tail[:, 1] > y) != (head[:, 1] > y)
        crossing = tail[:, 0] + (y - tail[:, 1]) / rise * (head[:, 0] - tail[:, 0])
        odd.append(np.count_nonzero(is_level & (crossing > x)) % 2 == 1)
    return np.array(odd, dtype=bool)


def make_areas(shapes: Shapes) -> Shapes:
    """Return valid (multi)polygons of the same places; shapes that collapse become empty."""
    is_bad = ~shapely.is_valid(shapes)
    shapes = shapes.copy()
    shapes[is_bad] = shapely.make_valid(shapes[is_bad], method="structure", keep_collapsed=False)
    return shapes


def area_m2(areas: Shapes) -> FloatArray:
    """Return the area of each on the ellipsoid, in m²: measured in an equal-area projection centred on them all."""
    if not len(areas):
        return np.zeros(0)
    return np.asarray(shapely.area(to_local_m(areas)).round(1), dtype=np.float64)


def to_local_m(shapes: Shapes) -> Shapes:
    """Return the shapes in metres, in an equal-area projection of the ellipsoid centred on them all."""
    west, south, east, north = shapely.total_bounds(shapes)
    centre = f"+proj=laea +lon_0={(west + east) / 2:.6f} +lat_0={(south + north) / 2:.6f} +ellps=WGS84"
    return np.asarray(gpd.GeoSeries(shapes, crs=WGS84).to_crs(centre), dtype=object)


def _may_fill(way: Way) -> bool:
    """Return whether a closed way is an area."""
    return way.tags.get("area") != "no" and way.tags.get("waterway", "riverbank") == "riverbank"
