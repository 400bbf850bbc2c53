"""Coordinates that look like something else than they were declared to be: the evidence and the cure, in sentences.

Everything in a city is near some road, so that a smaller distance alone proves nothing: points in the middle of blocks
come nearer to roads by any move. A datum is suspected only when its reading brings the points much nearer to roads
than they lie, than any other reading does, and than moves as long in other directions do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from siting.inputs.datums.convert import is_northing, zone_cure, zone_of_easting
from siting.inputs.datums.names import NAMED, Datum
from siting.inputs.datums.readings import metres_per_degree, other_readings

FloatArray = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]
LEAST_POINTS = 30
MOST_POINTS = 2000
MOST_SHARE = 0.6
"""Of the median distance as it is, and of the least that moves in other directions give. On the places of Tianjin true
shifts of what stands at roads gave 0.15 and less, and right data 0.9 and more."""
OTHER_TURNS_DEG = np.arange(45.0, 316.0, 22.5)
LEAST_MOVE_M = 50.0
LEAST_OUTSIDE = 10
MOST_LEFT = 0.25
MOSTLY = 0.5
SELDOM = 0.1
WORDS = {"wgs84": "WGS-84", "gcj02": "GCJ-02 (高德, 腾讯)", "bd09": "BD-09 (百度)"}


@dataclass(frozen=True)
class Nearness:
    """Median distance of `n` points to the nearest road, m: as they lie, read in `datum`, moved as far elsewhere."""

    datum: str
    n: int
    as_is_m: float
    read_m: float
    elsewhere_m: float


def nearer_reading(points: FloatArray, roads: Shapes, declared: Datum) -> Nearness | None:
    """The reading that brings the points to the roads, or None when none clearly does.

    `points` has shape `(n, 2)`, lon and lat; `roads` are lines or points in lon and lat.
    """
    points = _some(points)
    if len(points) < LEAST_POINTS or not len(roads):
        return None
    scale = metres_per_degree(points)
    tree = shapely.STRtree(shapely.transform(roads, lambda corners: corners * scale))
    as_is_m = _median_m(tree, points * scale)
    found = []
    for name, read in other_readings(points, declared).items():
        move_m = np.median((read - points) * scale, axis=0)
        if np.hypot(*move_m) >= LEAST_MOVE_M:
            read_m = _median_m(tree, read * scale)
            elsewhere_m = min(_median_m(tree, points * scale + _turned(move_m, turn)) for turn in OTHER_TURNS_DEG)
            found.append(Nearness(name, len(points), as_is_m, read_m, elsewhere_m))
    if not found:
        return None
    best, *others = sorted(found, key=lambda one: one.read_m)
    rivals = [best.as_is_m, best.elsewhere_m, *(other.read_m for other in others)]
    return best if best.read_m < MOST_SHARE * min(rivals) else None


def _some(points: FloatArray) -> FloatArray:
    """At most `MOST_POINTS` of the points, taken at even steps: a sorted table is seen from end to end."""
    if len(points) <= MOST_POINTS:
        return points
    return points[np.linspace(0, len(points) - 1, MOST_POINTS).astype(np.int64)]


def _median_m(tree: shapely.STRtree, points_m: FloatArray) -> float:
    _, apart_m = tree.query_nearest(shapely.points(points_m), return_distance=True, all_matches=False)
    return float(np.median(apart_m))


def _turned(move: FloatArray, turn_deg: float) -> FloatArray:
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    return np.array([cos * move[0] - sin * move[1], sin * move[0] + cos * move[1]])


def suspicions(
    points_lonlat: FloatArray,
    *,
    roads_lonlat: gpd.GeoDataFrame | FloatArray | None,
    districts: gpd.GeoDataFrame | None,
    declared: Datum = NAMED["wgs84"],
) -> list[str]:
    """Why the points may not be what their source declares: each time the evidence and the cure.

    Parameters
    ----------
    points_lonlat
        Shape `(n, 2)`: lon and lat in WGS-84, as converted from `declared`; or the columns as they stand, to be told
        that they are swapped or metres of a survey. Rows with NaN are passed over.
    roads_lonlat
        Lines (or points of roads, shape `(m, 2)`) in WGS-84; None when there are none to compare with.
    districts
        Outlines in WGS-84, or None.
    declared
        The datum by which the points were converted.
    """
    points = np.asarray(points_lonlat, dtype=np.float64).reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return []
    survey = list(_survey_columns(points))
    if survey:
        return survey
    land = _land(districts)
    swapped = list(_swapped(points, land))
    if swapped:
        return swapped
    near = _near_roads(points, roads_lonlat, declared)
    return near + ([] if land is None else list(_outside(points, land, declared)))


def _land(districts: gpd.GeoDataFrame | None) -> shapely.Geometry | None:
    """All districts as one shape, None when there are none."""
    if districts is None or not len(districts):
        return None
    land = shapely.union_all(shapely.make_valid(np.asarray(districts.geometry)))
    shapely.prepare(land)
    return land


def _survey_columns(points: FloatArray) -> Iterator[str]:
    """Metres in place of degrees, with the northing first or second."""
    for north, east, words in ((0, 1, "the northing first, as surveys write it (X is north)"), (1, 0, "easting first")):
        zones = zone_of_easting(points[:, east])
        is_survey = is_northing(points[:, north]) & (zones >= 0)
        if is_survey.mean() > MOSTLY:
            zone = int(np.median(zones[is_survey]))
            x, y = points[np.argmax(is_survey)]
            yield (
                f"{is_survey.sum():,} of {len(points):,} rows hold metres of a survey, {words}, such as"
                f" ({x:.0f}, {y:.0f}); declare its zone of CGCS2000, {zone_cure(zone)} (columns in either order)"
            )


def _swapped(points: FloatArray, land: shapely.Geometry | None) -> Iterator[str]:
    n, is_beyond = len(points), np.abs(points[:, 1]) > 90.0
    if is_beyond.mean() > MOSTLY and (np.abs(points[is_beyond, 0]) <= 90.0).all():
        yield f"{is_beyond.sum():,} of {n:,} latitudes are beyond 90°: lon and lat are swapped; exchange the columns"
    elif land is not None:
        as_is, turned = _is_on(land, points), _is_on(land, points[:, ::-1])
        if turned.mean() > MOSTLY and as_is.mean() < SELDOM:
            yield (
                f"{as_is.sum():,} of {n:,} points lie in a district, and {turned.sum():,} once lon and lat"
                " change places: they are swapped; exchange the two columns"
            )


def _near_roads(points: FloatArray, roads: gpd.GeoDataFrame | FloatArray | None, declared: Datum) -> list[str]:
    if roads is None:
        return []
    shapes = np.asarray(shapely.points(roads) if isinstance(roads, np.ndarray) else roads.geometry)
    found = nearer_reading(points, shapes, declared)
    if found is None:
        return []
    words = WORDS[found.datum]
    return [
        f"half of {found.n:,} points lie more than {found.as_is_m:.0f} m from the nearest road, but only"
        f" {found.read_m:.0f} m when read as {words} (moved as far elsewhere: {found.elsewhere_m:.0f} m or more): the"
        f" source looks like {words}; declare `datum: {found.datum}` and look at the map"
    ]


def _outside(points: FloatArray, land: shapely.Geometry, declared: Datum) -> Iterator[str]:
    outside = ~_is_on(land, points)
    n, number = len(points), int(outside.sum())
    if number > MOSTLY * n:
        yield (
            f"{number:,} of {n:,} points lie outside of every district, the first at"
            f" ({points[outside][0, 0]:.5f}, {points[outside][0, 1]:.5f}): the table of another city, or another zone"
            " or datum than declared; check what its coordinates are"
        )
        return
    if number < LEAST_OUTSIDE:
        return
    left = {name: int((~_is_on(land, read)).sum()) for name, read in other_readings(points[outside], declared).items()}
    new = {name: int((~_is_on(land, read)).sum()) for name, read in other_readings(points[~outside], declared).items()}
    total = {name: left[name] + new[name] for name in left}
    best = min(total, key=lambda name: total[name])
    if total[best] <= MOST_LEFT * number:
        yield (
            f"{number:,} of {n:,} points lie outside of every district, and {total[best]:,} when read as {WORDS[best]}:"
            f" the source looks like {WORDS[best]}; declare `datum: {best}` and look at the map"
        )


def _is_on(land: shapely.Geometry, points: FloatArray) -> npt.NDArray[np.bool_]:
    return np.asarray(shapely.contains_xy(land, points[:, 0], points[:, 1]), dtype=bool)
