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
MOST_SAME = 0.01
HALF = 0.5
FARTHER = 1.2
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
    """Yield reasons why the points may not be in the declared datum, each with its evidence and cure.

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
    return near + ([] if land is None else list(_outside(points, land, declared, roads_lonlat)))


def outline_suspicions(
    districts: gpd.GeoDataFrame,
    points_lonlat: FloatArray,
    *,
    named: npt.NDArray[np.object_] | None = None,
    declared: Datum = NAMED["wgs84"],
    what: str = "points of roads",
) -> list[str]:
    """Yield reasons why the district outlines may not be in the declared datum, each with its evidence and cure.

    Outlines are doubted where another reading brings most of the points that lie wrong into the district that they
    name, or into any, and moves as long in other directions do not.

    Parameters
    ----------
    districts
        Outlines in WGS-84 with `code`, as converted from `declared`.
    points_lonlat
        Shape `(n, 2)`, WGS-84, of roads or of places whose own datum is sure.
    named
        Shape `(n,)`, code of the district that each place names; None where it names none.
    declared
        The datum by which the outlines were converted.
    what
        Name of the points in the sentence.
    """
    points = np.asarray(points_lonlat, dtype=np.float64).reshape(-1, 2)
    is_known = np.isfinite(points).all(axis=1)
    points, named = points[is_known], None if named is None else named[is_known]
    steps = np.linspace(0, len(points) - 1, min(len(points), MOST_POINTS)).astype(np.int64)
    points, named = points[steps], None if named is None else named[steps]
    if len(points) < LEAST_POINTS:
        return []
    shapes, codes = shapely.make_valid(np.asarray(districts.geometry)), districts["code"].to_numpy()
    wrong = _n_wrong(shapes, codes, points, named)
    if wrong < max(LEAST_OUTSIDE, MOST_SAME * len(points)):
        return []
    corners = shapely.get_coordinates(shapes)
    moves = {name: np.median(read - corners, axis=0) for name, read in other_readings(corners, declared).items()}
    scale = np.array([np.cos(np.radians(np.median(points[:, 1]))), 1.0])
    left = {name: _n_wrong(shapes, codes, points - move, named) for name, move in moves.items()}
    best = min(left, key=lambda name: left[name])
    elsewhere = min(
        _n_wrong(shapes, codes, points - _turned(moves[best] * scale, turn) / scale, named) for turn in OTHER_TURNS_DEG
    )
    if left[best] > MOST_LEFT * wrong or left[best] > HALF * elsewhere:
        return []
    where = "outside of every district" if named is None else "outside of the district that they name"
    return [
        f"{wrong:,} of {len(points):,} {what} lie {where}, and {left[best]:,} when the outlines are read as"
        f" {WORDS[best]}: the outlines look like {WORDS[best]}; declare `datum: {best}` for the districts"
    ]


def _n_wrong(shapes: npt.NDArray[np.object_], codes: npt.NDArray[np.object_], points: FloatArray, named: object) -> int:
    """Return the number of points in no district, or in another one than they name."""
    point, shape = shapely.STRtree(shapes).query(shapely.points(points), predicate="intersects")
    is_right = np.zeros(len(points), dtype=bool)
    if named is None:
        is_right[point] = True
    else:
        asked = np.asarray(named, dtype=object)
        is_right[point] = False
        fits = (codes[shape] == asked[point]) | np.array([one is None for one in asked[point]], dtype=bool)
        is_right[point[fits]] = True
    return int((~is_right).sum())


def _survey_columns(points: FloatArray) -> Iterator[str]:
    """Yield the reading of the coordinates as metres instead of degrees, northing first or second."""
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
    points = points[steps]  # at even steps, because a table may be sorted
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


def _outside(
    points: FloatArray, land: shapely.Geometry, declared: Datum, roads: gpd.GeoDataFrame | FloatArray | None
) -> Iterator[str]:
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
    if total[best] > MOST_LEFT * number:
        return
    told = f"{number:,} of {n:,} points lie outside of every district, and {total[best]:,} when read as {WORDS[best]}"
    if _is_farther(points, other_readings(points, declared)[best], roads):
        yield (
            f"{told}, but so they lie farther from the roads: the outlines of the districts may be in another datum;"
            " check the `datum` of the districts"
        )
    else:
        yield f"{told}: the source looks like {WORDS[best]}; declare `datum: {best}` and look at the map"


def _is_farther(points: FloatArray, read: FloatArray, roads: gpd.GeoDataFrame | FloatArray | None) -> bool:
    """Return whether another reading takes the points away from the roads."""
    if roads is None or not len(roads):
        return False
    shapes = np.asarray(shapely.points(roads) if isinstance(roads, np.ndarray) else roads.geometry)
    scale = M_PER_DEGREE * np.array([np.cos(np.radians(np.median(points[:, 1]))), 1.0])
    tree = shapely.STRtree(shapely.transform(shapes, lambda corners: corners * scale))
    return _median_m(tree, read * scale) > FARTHER * _median_m(tree, points * scale)


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
