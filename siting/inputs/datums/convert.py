"""Coordinates of any datum to WGS-84 lon/lat and back.

`x` is the column that runs east and `y` the one that runs north. In survey tables of Gauss-Krüger zones it is the
other way: their X is the northing (4331559) and their Y the easting (518568, or 39518568 with the number of the zone).
In those zones the values tell which is which, so both orders are taken and mean the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siting.errors import DataError, raise_faults
from siting.inputs.datums.names import Datum, way_to_wgs84, zone_code
from siting.inputs.datums.shifts import shifted, unshifted

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
NORTHING_M = (1.6e6, 6.2e6)
"""From the south of Hainan to the north of Heilongjiang, with room."""
EASTING_M = (1e5, 9e5)
ZONES = range(13, 46)
MOST_LISTED = 5


@dataclass(frozen=True)
class OddCoordinates:
    """Coordinates that cannot be what their datum says: in which rows (from 0), what is wrong, and the cure."""

    rows: npt.NDArray[np.int64]
    what: str


def to_wgs84(x: FloatArray, y: FloatArray, datum: Datum) -> tuple[FloatArray, FloatArray]:
    """Return the lon and lat, degrees WGS-84; NaN where x or y is NaN.

    Parameters
    ----------
    x, y
        Shape `(n,)`: east and north, degrees or metres as the datum has it. In a zone of CGCS2000 also north and east.
    datum
        What the source says it holds.

    Raises
    ------
    DataError
        If coordinates cannot be what the datum says, with the rows and the cure.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    raise_faults([_sentence(odd, x, y) for odd in odd_coordinates(x, y, datum)], DataError)
    if is_north_first(x, y, datum):
        x, y = y, x
    lon, lat = way_to_wgs84(datum.crs).transform(x, y)
    lon, lat = _missing_as_nan(lon), _missing_as_nan(lat)
    lost = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & np.isnan(lon))
    if len(lost):
        what = f"outside of what {datum.name} can hold; correct them or declare another EPSG:n"
        raise DataError(_sentence(OddCoordinates(lost, what), x, y))
    return unshifted(lon, lat, datum.shift) if datum.shift else (lon, lat)


def from_wgs84(lon: FloatArray, lat: FloatArray, datum: Datum) -> tuple[FloatArray, FloatArray]:
    """Project WGS-84 lon/lat to east and north of `datum`; the inverse of `to_wgs84`."""
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if datum.shift:
        return shifted(lon, lat, datum.shift)
    x, y = way_to_wgs84(datum.crs).transform(lon, lat, direction="INVERSE")
    return _missing_as_nan(x), _missing_as_nan(y)


def is_north_first(x: FloatArray, y: FloatArray, datum: Datum) -> bool:
    """Return whether the first column of a table of a Gauss-Krüger zone holds northings, as survey tables have it.

    >>> from siting.inputs.datums.names import parse_datum
    >>> is_north_first(np.array([4331559.0]), np.array([518568.0]), parse_datum("EPSG:4548"))
    True
    """
    if datum.gauss_kruger_zone is None:
        return False
    known = np.isfinite(x) & np.isfinite(y)
    return bool(known.any() and np.mean(is_northing(x[known])) > 0.5)


def odd_coordinates(x: FloatArray, y: FloatArray, datum: Datum) -> list[OddCoordinates]:
    """Find impossible coordinates: degrees out of range, swapped or metres; eastings of another zone."""
    known = np.isfinite(x) & np.isfinite(y)
    if datum.is_degrees:
        return _odd_degrees(x, y, known, datum)
    if datum.gauss_kruger_zone is None:
        return []
    if is_north_first(x, y, datum):
        x, y = y, x
    return _odd_metres(x, y, known, datum)


def is_northing(values: FloatArray) -> BoolArray:
    """Return whether each value can be a Gauss-Krüger northing of a place in China, m."""
    return np.asarray((values >= NORTHING_M[0]) & (values <= NORTHING_M[1]), dtype=bool)


def zone_of_easting(values: FloatArray) -> npt.NDArray[np.int64]:
    """Return the zone number before each easting, 0 where there is none, −1 where the value is no easting.

    >>> zone_of_easting(np.array([39518568.0, 518568.0, 4331559.0]))
    array([39,  0, -1])
    """
    millions = np.floor(np.where(np.isfinite(values), values, -1.0) / 1e6).astype(np.int64)
    rest = values - millions * 1e6
    is_easting = (rest >= EASTING_M[0]) & (rest <= EASTING_M[1]) & ((millions == 0) | np.isin(millions, ZONES))
    return np.where(is_easting, millions, -1)


def zone_cure(zone: int) -> str:
    """Name the EPSG code to declare for eastings with the zone number `zone`, 0 for none.

    >>> zone_cure(39)
    'EPSG:4527'
    """
    of_meridians = "EPSG:4534–4554 (3° zones around 75°, 78° … 135°E) or EPSG:4502–4512 (6°)"
    return f"EPSG:{zone_code(zone)}" if zone else of_meridians


def _odd_degrees(x: FloatArray, y: FloatArray, known: BoolArray, datum: Datum) -> list[OddCoordinates]:
    rows = np.flatnonzero(known & ((np.abs(x) > 180.0) | (np.abs(y) > 90.0)))
    if not len(rows):
        return []
    out_x, out_y = x[rows], y[rows]
    if np.all((np.abs(out_x) <= 90.0) & (np.abs(out_y) <= 180.0)):
        return [OddCoordinates(rows, "longitude and latitude are swapped; exchange the two columns")]
    for north, east in ((out_x, out_y), (out_y, out_x)):
        zones = np.unique(zone_of_easting(east))
        if is_northing(north).all() and zones.min() >= 0:
            cure = " or ".join(zone_cure(int(zone)) for zone in zones[:MOST_LISTED])
            return [OddCoordinates(rows, f"metres of a survey, not degrees of {datum.name}; declare the zone: {cure}")]
    return [OddCoordinates(rows, f"not degrees, and {datum.name} is in degrees; correct them or declare EPSG:n")]


def _odd_metres(x: FloatArray, y: FloatArray, known: BoolArray, datum: Datum) -> list[OddCoordinates]:
    zones, wanted = zone_of_easting(x), datum.gauss_kruger_zone
    is_place = known & is_northing(y) & (zones >= 0)
    is_turned = known & ~is_place & is_northing(x) & (zone_of_easting(y) >= 0)
    odd = [
        OddCoordinates(np.flatnonzero(is_turned), "easting and northing are swapped in some rows; exchange them there"),
        OddCoordinates(
            np.flatnonzero(known & ~is_place & ~is_turned),
            f"neither easting and northing of {datum.name} in China (518568 or 39518568, and 4331559); correct them",
        ),
    ]
    for zone in np.unique(zones[is_place & (zones != wanted)]):
        has = f"begin with the zone number {zone}" if zone else "have no zone number"
        cure = f"eastings {has}, which is not {datum.name}; declare {zone_cure(int(zone))}"
        odd.append(OddCoordinates(np.flatnonzero(is_place & (zones == zone)), cure))
    return [one for one in odd if len(one.rows)]


def _sentence(odd: OddCoordinates, x: FloatArray, y: FloatArray) -> str:
    shown = ", ".join(f"row {row}: ({x[row]:.10g}, {y[row]:.10g})" for row in odd.rows[:MOST_LISTED])
    more = f" and {len(odd.rows) - MOST_LISTED} more" if len(odd.rows) > MOST_LISTED else ""
    return f"coordinates: {odd.what}: {shown}{more}"


def _missing_as_nan(values: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, np.nan)
