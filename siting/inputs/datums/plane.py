"""A flat local plane, good to 1 % over one city: to tell shifts of half a kilometre, not to measure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
M_PER_DEGREE = 111_200.0


def metres_per_degree(lonlat: FloatArray) -> FloatArray:
    """Shape `(2,)`: metres in a degree of longitude and of latitude around the middle of `lonlat`, shape `(n, 2)`."""
    return M_PER_DEGREE * np.array([np.cos(np.radians(np.median(lonlat[:, 1]))), 1.0])


def length_and_azimuth(east_m: float, north_m: float) -> tuple[float, float]:
    """Length, m, and azimuth, degrees clockwise from north in [0, 360).

    >>> length_and_azimuth(0.0, -3.0)
    (3.0, 180.0)
    """
    return float(np.hypot(east_m, north_m)), float(np.degrees(np.arctan2(east_m, north_m)) % 360.0)
