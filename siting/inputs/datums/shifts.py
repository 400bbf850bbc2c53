"""The shifts of Chinese web maps, both ways, vectorised: GCJ-02, and BD-09 on top of it.

The forward formulas are public knowledge (no authority published them; they have circulated in the same form since
about 2010): a sum of sines added to WGS-84 on the Krasovsky ellipsoid. They have no closed inverse; going back iterates
`place = shifted − shift(place)`, which gains two digits a turn.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from siting.inputs.datums.outline import is_in_china

FloatArray = npt.NDArray[np.float64]
LonLat = tuple[FloatArray, FloatArray]
RADIUS_M = 6378245.0
ECCENTRICITY2 = 0.00669342162296594323
SETTLED_DEG = 1e-10
MOST_TURNS = 20
BD_WAVE = np.pi * 3000.0 / 180.0


def shifted(lon: FloatArray, lat: FloatArray, shift: str) -> LonLat:
    """WGS-84 as a web map shows it: `shift` is `gcj02` or `bd09`. Places outside China stay as they are."""
    add = SHIFTS[shift](lon, lat)
    is_home = is_in_china(lon, lat)
    return np.where(is_home, lon + add[0], lon), np.where(is_home, lat + add[1], lat)


def unshifted(lon: FloatArray, lat: FloatArray, shift: str) -> LonLat:
    """WGS-84 of what a web map shows, to 0.1 mm. Places outside China stay as they are."""
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
    """Degrees to add to WGS-84 for GCJ-02."""
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
    """2/3 of the sum of `size` × sin(π t / `period`) over the terms."""
    return np.asarray(sum(size * np.sin(np.pi * t / period) for size, period in terms) * 2.0 / 3.0, dtype=np.float64)


def _bd09(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Degrees to add to WGS-84 for BD-09: GCJ-02, turned and stretched a little about the origin, and moved."""
    add_lon, add_lat = _gcj02(lon, lat)
    x, y = lon + add_lon, lat + add_lat
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * BD_WAVE)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BD_WAVE)
    return radius * np.cos(angle) + 0.0065 - lon, radius * np.sin(angle) + 0.006 - lat


SHIFTS: dict[str, Callable[[FloatArray, FloatArray], LonLat]] = {"gcj02": _gcj02, "bd09": _bd09}
