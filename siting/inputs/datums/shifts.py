"""The shifts of Chinese web maps, both ways, vectorised: GCJ-02, and BD-09 on top of it.

The forward formulas are public knowledge (no authority published them; they have circulated in the same form since
about 2010): a sum of sines added to WGS-84 on the Krasovsky ellipsoid. They have no closed inverse; going back iterates
`place = shifted − shift(place)`, which gains two digits a turn.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import shapely

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
LonLat = tuple[FloatArray, FloatArray]
RADIUS_M = 6378245.0
ECCENTRICITY2 = 0.00669342162296594323
SETTLED_DEG = 1e-10
MOST_TURNS = 20
BD_WAVE = np.pi * 3000.0 / 180.0
CORNERS = (
    *((109.5, 17.6), (108.1, 18.4), (108.1, 19.6), (109.2, 20.5), (109.0, 21.0), (106.8, 21.3), (105.3, 22.6)),
    *((102.3, 21.9), (101.9, 20.6), (98.9, 21.6), (98.2, 23.4), (97.0, 23.8), (97.2, 25.3), (98.1, 26.2), (97.6, 27.7)),
    *((94.6, 28.6), (92.7, 27.3), (90.1, 27.7), (88.7, 26.7), (79.4, 30.4), (78.2, 31.4), (78.3, 34.1), (75.8, 35.4)),
    *((74.2, 38.0), (73.5, 38.1), (73.3, 40.2), (79.6, 42.6), (80.0, 43.5), (79.5, 45.3), (82.0, 46.0), (82.9, 47.9)),
    *((85.0, 47.6), (85.4, 48.9), (87.7, 49.9), (90.7, 48.1), (91.6, 47.0), (91.3, 45.8), (95.6, 44.8), (96.6, 43.3)),
    *((100.9, 43.3), (105.0, 42.3), (110.1, 43.4), (111.6, 45.6), (113.4, 45.4), (117.0, 47.1), (115.4, 47.2)),
    *((115.0, 48.4), (116.4, 50.4), (118.7, 50.5), (119.9, 52.2), (119.7, 53.1), (120.9, 53.8), (123.6, 54.1)),
    *((126.2, 53.3), (128.1, 50.3), (129.7, 50.0), (131.4, 48.4), (135.4, 48.9), (135.6, 48.2), (133.6, 44.8)),
    *((131.8, 44.6), (131.7, 42.7), (131.0, 41.9), (130.1, 42.1), (128.4, 40.9), (127.0, 41.0), (124.5, 39.4)),
    *((121.3, 38.3), (122.7, 37.9), (123.1, 36.9), (120.1, 35.1), (123.0, 31.9), (123.0, 30.4), (122.7, 29.9)),
    *((122.2, 27.9), (119.7, 25.0), (121.4, 25.9), (122.5, 25.2), (121.2, 21.6), (120.5, 21.4), (119.6, 23.0)),
    *((118.0, 23.4), (116.1, 22.2), (111.2, 20.9), (111.6, 19.6), (111.2, 19.0), (113.0, 19.0), (113.0, 15.5)),
    (109.5, 15.5),
)
OUTLINE = shapely.Polygon(CORNERS)
"""Area in which the maps shift: generous, made for computing, never for drawing; it says nothing about borders.

From Natural Earth 1:110 million (public domain), widened by about 60 km and rounded to a tenth of a degree, so that
every place of China lies inside, and towns just beyond its borders too.
"""
shapely.prepare(OUTLINE)


def shifted(lon: FloatArray, lat: FloatArray, shift: str) -> LonLat:
    """Convert WGS-84 to the datum `shift`, `gcj02` or `bd09`. Places outside China are unchanged."""
    add = SHIFTS[shift](lon, lat)
    is_home = is_in_china(lon, lat)
    return np.where(is_home, lon + add[0], lon), np.where(is_home, lat + add[1], lat)


def unshifted(lon: FloatArray, lat: FloatArray, shift: str) -> LonLat:
    """Convert the datum `shift` to WGS-84, to 0.1 mm. Places outside China are unchanged."""
    back_lon, back_lat = lon, lat
    for _ in range(MOST_TURNS):
        add_lon, add_lat = SHIFTS[shift](back_lon, back_lat)
        last = back_lon, back_lat
        back_lon, back_lat = lon - add_lon, lat - add_lat
        moved = np.maximum(np.abs(back_lon - last[0]), np.abs(back_lat - last[1]))
        if not np.any(moved > SETTLED_DEG):
            break
    is_home = is_in_china(lon, lat)
    return np.where(is_home, back_lon, lon), np.where(is_home, back_lat, lat)


def _gcj02(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Return the degrees to add to WGS-84 for GCJ-02."""
    x, y = lon - 105.0, lat - 35.0
    ripple = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    root = np.sqrt(np.abs(x))
    north = (
        *(-100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root, ripple * 2.0 / 3.0),
        _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0)),
    )
    east = (
        *(300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root, ripple * 2.0 / 3.0),
        _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0)),
    )
    angle = np.radians(lat)
    bulge = 1.0 - ECCENTRICITY2 * np.sin(angle) ** 2
    north_deg = np.degrees(sum(north) * bulge * np.sqrt(bulge) / (RADIUS_M * (1.0 - ECCENTRICITY2)))
    east_deg = np.degrees(sum(east) * np.sqrt(bulge) / (RADIUS_M * np.cos(angle)))
    return east_deg, north_deg


def _waves(t: FloatArray, *terms: tuple[float, float]) -> FloatArray:
    """Return 2/3 of the sum of `size` × sin(π t / `period`) over the terms."""
    return np.asarray(sum(size * np.sin(np.pi * t / period) for size, period in terms) * 2.0 / 3.0, dtype=np.float64)


def _bd09(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Return the degrees to add to WGS-84 for BD-09: GCJ-02, rotated, scaled slightly and translated."""
    add_lon, add_lat = _gcj02(lon, lat)
    x, y = lon + add_lon, lat + add_lat
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * BD_WAVE)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BD_WAVE)
    return radius * np.cos(angle) + 0.0065 - lon, radius * np.sin(angle) + 0.006 - lat


SHIFTS: dict[str, Callable[[FloatArray, FloatArray], LonLat]] = {"gcj02": _gcj02, "bd09": _bd09}


def is_in_china(lon: FloatArray, lat: FloatArray) -> BoolArray:
    """Return whether each place lies in the outline; false where a coordinate is missing (NaN).

    >>> is_in_china(np.array([117.2, 126.98]), np.array([39.1, 37.57]))  # Tianjin, Seoul
    array([ True, False])
    """
    return np.asarray(shapely.contains_xy(OUTLINE, lon, lat), dtype=bool)


def needs_datum(x: FloatArray, y: FloatArray) -> bool:
    """Return whether a source with these coordinates, as they stand, must declare its datum; NaN is passed over.

    So it is in China, whose web maps shift coordinates, also when lon and lat are swapped; and wherever the values
    are no degrees at all. Elsewhere undeclared lon/lat is WGS-84.

    >>> needs_datum(np.array([24.9, 25.0]), np.array([60.1, 60.2])), needs_datum(np.array([117.1]), np.array([39.0]))
    (False, True)
    """
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return False
    west, south, east, north = x[known].min(), y[known].min(), x[known].max(), y[known].max()
    if max(abs(west), abs(south), abs(east), abs(north)) > 180:
        return True
    return bool(OUTLINE.intersects(shapely.box(west, south, east, north))) or bool(
        max(abs(south), abs(north)) > 90 and OUTLINE.intersects(shapely.box(south, west, north, east))
    )
