"""What else the coordinates of a source could be: the same points read in each other datum."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from siting.inputs.datums.names import NAMED, Datum
from siting.inputs.datums.shifts import shifted, unshifted

FloatArray = npt.NDArray[np.float64]
MAPS = ("wgs84", "gcj02", "bd09")


def other_readings(points: FloatArray, declared: Datum) -> dict[str, FloatArray]:
    """Where the points lie if the source holds another datum of `MAPS` than the one by which they were converted.

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
