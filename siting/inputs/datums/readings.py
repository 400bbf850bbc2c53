"""The same points read in each other datum, and a local plane in which shifts are told apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from siting.inputs.datums.names import NAMED, Datum
from siting.inputs.datums.shifts import shifted, unshifted

FloatArray = npt.NDArray[np.float64]
M_PER_DEGREE = 111_200.0
MAPS = ("wgs84", "gcj02", "bd09")


def metres_per_degree(lonlat: FloatArray) -> FloatArray:
    """Shape `(2,)`: metres in a degree of longitude and of latitude around the middle of `lonlat`, shape `(n, 2)`."""
    return M_PER_DEGREE * np.array([np.cos(np.radians(np.median(lonlat[:, 1]))), 1.0])


def length_and_azimuth(east_m: float, north_m: float) -> tuple[float, float]:
    """Length, m, and azimuth, degrees clockwise from north in [0, 360).

    >>> length_and_azimuth(0.0, -3.0)
    (3.0, 180.0)
    """
    return float(np.hypot(east_m, north_m)), float(np.degrees(np.arctan2(east_m, north_m)) % 360.0)


def other_readings(points: FloatArray, declared: Datum) -> dict[str, FloatArray]:
    """Return the points as they lie if the source holds another datum of `MAPS` than that of their conversion.

    Parameters
    ----------
    points
        Shape `(n, 2)`: lon and lat in WGS-84.
    declared
        The datum by which they were converted.

    Returns
    -------
    readings
        By the name of the datum: shape `(n, 2)`, lon and lat in WGS-84.
    """
    lon, lat = points.T
    if declared.shift:
        lon, lat = shifted(lon, lat, declared.shift)
    readings = {}
    for name in MAPS:
        if NAMED[name].shift != declared.shift:
            shift = NAMED[name].shift
            readings[name] = np.column_stack(unshifted(lon, lat, shift) if shift else (lon, lat))
    return readings
