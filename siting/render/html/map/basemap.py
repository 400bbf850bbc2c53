"""Lines and outlines as short lists of whole numbers, which the page draws as its background.

A place is (lon − lon0, lat − lat0) in hundred-thousandths of a degree (about 1 m); a path is its first place and then
the steps from place to place, flat: x, y, dx, dy, dx, dy …
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from siting.instance import Floats, Ints

PER_DEGREE = 100_000
ROAD_TOLERANCE_DEG = 0.0002
OUTLINE_TOLERANCE_DEG = 0.0003
STEPS_ACROSS = 2000

ROAD_RANKS = {"motorway": 0, "trunk": 0, "primary": 1, "secondary": 2}
OTHER_RANK = 3


def whole_numbers(lonlat: Floats, origin: Floats) -> Ints:
    """Return places (n, 2) in lon/lat as whole numbers from `origin`."""
    return np.rint((lonlat - origin) * PER_DEGREE).astype(np.int64)


def path_steps(lonlat: Floats, origin: Floats) -> list[int]:
    """Return a path (n, 2) as its first place and the steps that follow, flat; steps that go nowhere are left out.

    >>> path_steps(np.array([[117.0, 39.0], [117.00001, 39.0], [117.00001, 39.0]]), np.array([117.0, 39.0]))
    [0, 0, 1, 0]
    """
    steps = np.diff(whole_numbers(lonlat, origin), axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    moves = [0, *(1 + np.flatnonzero(steps[1:].any(axis=1)))]
    return [int(step) for step in steps[moves].ravel()]


def outlines(geometries: Iterable[Any], origin: Floats, tolerance_deg: float = 0.0) -> list[list[list[int]]]:
    """Return the rings of each polygon or multipolygon, as path steps; an empty list where there is no geometry."""
    return [_rings(geometry, origin, tolerance_deg) for geometry in geometries]


def _rings(geometry: Any, origin: Floats, tolerance_deg: float) -> list[list[int]]:
    if geometry is None or geometry.is_empty:
        return []
    simple = geometry.simplify(tolerance_deg) if tolerance_deg else geometry
    polygons = [part for part in shapely.get_parts(simple) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return [path_steps(shapely.get_coordinates(ring)[:-1], origin) for ring in rings]


def road_paths(roads: gpd.GeoDataFrame, origin: Floats) -> list[dict[str, Any]]:
    """Return roads by rank, the most important first; those of one rank are joined end to end where they meet.

    Small cities are drawn in more detail.
    """
    tolerance_deg = _tolerance(roads, ROAD_TOLERANCE_DEG)
    rank = road_ranks(roads)
    return [
        {"rank": int(one), "paths": _joined_paths(roads.geometry[rank == one].to_numpy(), origin, tolerance_deg)}
        for one in np.unique(rank)
    ]


def road_ranks(roads: gpd.GeoDataFrame) -> Ints:
    """Return the rank of each road by its class: 0 is the most important."""
    road_class = roads["road_class"].astype(str).str.removesuffix("_link")
    return np.asarray(road_class.map(ROAD_RANKS).fillna(OTHER_RANK), dtype=np.int64)


def _tolerance(layer: gpd.GeoDataFrame, most_deg: float) -> float:
    """Return the tolerance of simplification, smaller if the layer as a whole is small."""
    if layer.empty:
        return most_deg
    west, south, east, north = layer.total_bounds
    return float(min(most_deg, max(east - west, north - south) / STEPS_ACROSS))


def _joined_paths(lines: Any, origin: Floats, tolerance_deg: float) -> list[list[int]]:
    joined = shapely.line_merge(shapely.union_all(lines)) if len(lines) else shapely.MultiLineString()
    parts = shapely.get_parts(shapely.simplify(joined, tolerance_deg))
    return [path_steps(shapely.get_coordinates(part), origin) for part in parts if part.length > 0]


def place_names(places: gpd.GeoDataFrame, origin: Floats) -> dict[str, Any]:
    """Return named places: the columns `x`, `y` and `name`."""
    x, y = whole_numbers(np.column_stack([places.geometry.x, places.geometry.y]).reshape(-1, 2), origin).T
    return {"x": x.tolist(), "y": y.tolist(), "name": places["name"].astype(str).tolist()}


def water_shapes(water: gpd.GeoDataFrame, origin: Floats) -> dict[str, Any]:
    """Return waters as areas, lines, and named places."""
    kind = water.geometry.geom_type
    areas = water.geometry[kind.isin(["Polygon", "MultiPolygon"])]
    lines = shapely.get_parts(water.geometry[kind.isin(["LineString", "MultiLineString"])].to_numpy())
    line_deg = _tolerance(water, ROAD_TOLERANCE_DEG)
    named = water[(kind == "Point") & water["name"].notna() & water["name"].ne("")]
    return {
        "areas": outlines(areas, origin, _tolerance(water, OUTLINE_TOLERANCE_DEG)),
        **place_names(named, origin),
        "lines": [path_steps(shapely.get_coordinates(line.simplify(line_deg)), origin) for line in lines],
    }
