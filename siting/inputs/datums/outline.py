"""Outline of the area in which Chinese web maps shift coordinates: generous, made for computing, never for drawing.

Made from Natural Earth 1:110 million (public domain), widened by about 60 km and rounded to a tenth of a degree, so
that every place of China lies inside. It says nothing about borders; towns just beyond them lie inside too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
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
shapely.prepare(OUTLINE)


def is_in_china(lon: FloatArray, lat: FloatArray) -> BoolArray:
    """Whether each place lies in the outline; false where a coordinate is missing (NaN).

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
