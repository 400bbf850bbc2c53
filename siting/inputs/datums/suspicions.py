"""Coordinates that look like something else than they were declared to be: the evidence and the cure, in sentences.

Everything in a city is near some road, so that a smaller distance alone proves nothing: points in the middle of blocks
come nearer to roads by any move. A datum is suspected only when its reading brings the points much nearer to roads
than they lie, than any other reading does, and than moves as long in other directions do.
"""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from siting.inputs.datums.convert import is_northing, zone_cure, zone_of_easting
from siting.inputs.datums.names import NAMED, Datum
from siting.inputs.datums.shifts import shifted, unshifted

FloatArray = npt.NDArray[np.float64]
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
M_PER_DEGREE = 111_200.0
WORDS = {"wgs84": "WGS-84", "gcj02": "GCJ-02 (高德, 腾讯)", "bd09": "BD-09 (百度)"}


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
    land = None
    if districts is not None and len(districts):
        land = shapely.union_all(shapely.make_valid(np.asarray(districts.geometry)))
        shapely.prepare(land)
    swapped = list(_swapped(points, land))
    if swapped:
        return swapped
    near = _near_roads(points, roads_lonlat, declared)
    return near + ([] if land is None else list(_outside(points, land, declared)))


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
    """Return the reading that clearly brings the points to the roads, in a sentence; nothing when none does."""
    if roads is None or len(points) < LEAST_POINTS or not len(roads):
        return []
    shapes = np.asarray(shapely.points(roads) if isinstance(roads, np.ndarray) else roads.geometry)
    steps = np.linspace(0, len(points) - 1, min(len(points), MOST_POINTS)).astype(np.int64)
    points = points[steps]  # at even steps: a sorted table is seen from end to end
    scale = M_PER_DEGREE * np.array([np.cos(np.radians(np.median(points[:, 1]))), 1.0])
    tree = shapely.STRtree(shapely.transform(shapes, lambda corners: corners * scale))
    readings = other_readings(points, declared)
    moves_m = {name: np.median((read - points) * scale, axis=0) for name, read in readings.items()}
    read_m = {
        name: _median_m(tree, readings[name] * scale)
        for name, move_m in moves_m.items()
        if np.hypot(*move_m) >= LEAST_MOVE_M
    }
    if not read_m:
        return []
    best, *others = sorted(read_m, key=lambda name: read_m[name])
    as_is_m = _median_m(tree, points * scale)
    elsewhere_m = min(_median_m(tree, points * scale + _turned(moves_m[best], turn)) for turn in OTHER_TURNS_DEG)
    if read_m[best] >= MOST_SHARE * min(as_is_m, elsewhere_m, *(read_m[name] for name in others)):
        return []
    words = WORDS[best]
    return [
        f"half of {len(points):,} points lie more than {as_is_m:.0f} m from the nearest road, but only"
        f" {read_m[best]:.0f} m when read as {words} (moved as far elsewhere: {elsewhere_m:.0f} m or more): the"
        f" source looks like {words}; declare `datum: {best}` and look at the map"
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


def other_readings(points: FloatArray, declared: Datum) -> dict[str, FloatArray]:
    """Return the points, lon and lat of shape `(n, 2)`, as they lie if their source holds another datum of `WORDS`.

    `points` are in WGS-84, converted by the datum `declared`; the readings, by the datum, are in WGS-84 too.
    """
    lon, lat = points.T
    if declared.shift:
        lon, lat = shifted(lon, lat, declared.shift)
    shifts = {name: NAMED[name].shift for name in WORDS if NAMED[name].shift != declared.shift}
    return {
        name: np.column_stack(unshifted(lon, lat, shift) if shift else (lon, lat)) for name, shift in shifts.items()
    }
