"""Types of arrays, and the CRS of longitudes and latitudes."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]
"""Shapely geometries."""
WGS84 = "EPSG:4326"
