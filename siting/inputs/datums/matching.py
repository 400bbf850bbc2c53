"""Two tables that name the same places: whether one is shifted against the other as web maps shift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siting.inputs.datums.names import NAMED
from siting.inputs.datums.readings import MAPS, length_and_azimuth, metres_per_degree
from siting.inputs.datums.shifts import shifted, unshifted
from siting.inputs.datums.suspicions import WORDS

FloatArray = npt.NDArray[np.float64]
LEAST_MATCHES = 5
LEAST_SHARE = 0.6
AROUND_M = 60.0
"""Distance from the common offset within which a pair still agrees: names stand for places of some size."""
LEAST_OFFSET_M = 100.0


@dataclass(frozen=True)
class MatchedOffset:
    """Offset of the places of table b from the same names of table a.

    Of `names` that each table has once, `agreeing` lie `distance_m` away at `azimuth_deg`, within 60 m. `datum_a` and
    `datum_b` are what the tables look like, empty when the offset is none of the web maps'.
    """

    names: int
    agreeing: int
    distance_m: float
    azimuth_deg: float
    datum_a: str = ""
    datum_b: str = ""

    @property
    def sentence(self) -> str:
        """The evidence and the cure."""
        found = f"{self.agreeing:,} of {self.names:,} names match at {self.distance_m:.0f} m"
        found += f", azimuth {self.azimuth_deg:.0f}°"
        if not self.datum_b:
            return f"{found}: the offset of no web map; find out in which system each table was measured"
        a, b = WORDS[self.datum_a], WORDS[self.datum_b]
        cure = f"declare `datum: {self.datum_a}` for the first and `datum: {self.datum_b}` for the second"
        return f"{found}: if the first is {a}, the second looks like {b}; {cure}"


def matched_offset(
    names_a: Sequence[str], xy_a: FloatArray, names_b: Sequence[str], xy_b: FloatArray
) -> MatchedOffset | None:
    """The constant offset between places of the same name, or None when there is none to tell of.

    Parameters
    ----------
    names_a, names_b
        Names of places; those that a table has twice, or empty, are passed over.
    xy_a, xy_b
        Shape `(n, 2)`: lon and lat, both taken to be WGS-84.
    """
    rows_a, rows_b = _once(names_a, xy_a), _once(names_b, xy_b)
    common = [name for name in rows_a if name in rows_b]
    if len(common) < LEAST_MATCHES:
        return None
    a = np.asarray(xy_a, dtype=np.float64)[[rows_a[name] for name in common]]
    b = np.asarray(xy_b, dtype=np.float64)[[rows_b[name] for name in common]]
    scale = metres_per_degree(a)
    offsets_m = (b - a) * scale
    middle_m = np.median(offsets_m, axis=0)
    agreeing = np.hypot(*(offsets_m - middle_m).T) <= AROUND_M
    distance_m, azimuth = length_and_azimuth(*offsets_m[agreeing].mean(axis=0)) if agreeing.any() else (0.0, 0.0)
    if agreeing.mean() < LEAST_SHARE or distance_m < LEAST_OFFSET_M:
        return None
    datums = _explained(a, offsets_m, scale)
    return MatchedOffset(len(common), int(agreeing.sum()), distance_m, azimuth, *datums)


def _once(names: Sequence[str], xy: FloatArray) -> dict[str, int]:
    """The row of each name that stands once, with coordinates."""
    rows: dict[str, int] = {}
    twice = set()
    for row, name in enumerate(names):
        word = name.strip() if isinstance(name, str) else ""
        if word and np.isfinite(xy[row]).all():
            twice.update([word] if word in rows else [])
            rows[word] = row
    return {name: row for name, row in rows.items() if name not in twice}


def _explained(a: FloatArray, offsets_m: FloatArray, scale: FloatArray) -> tuple[str, str]:
    """The pair of datums whose difference fits the offsets, with the fewest shifts; two empty texts when none does."""
    for name_a, name_b in sorted(
        ((one, other) for one in MAPS for other in MAPS if one != other), key=lambda pair: pair[0] != "wgs84"
    ):
        moved = _between(a, name_a, name_b)
        if np.median(np.hypot(*((moved - a) * scale - offsets_m).T)) <= AROUND_M:
            return name_a, name_b
    return "", ""


def _between(points: FloatArray, start: str, end: str) -> FloatArray:
    """Points of the datum `start` as the datum `end` shows them."""
    lon, lat = points.T
    if NAMED[start].shift:
        lon, lat = unshifted(lon, lat, NAMED[start].shift)
    return np.column_stack(shifted(lon, lat, NAMED[end].shift) if NAMED[end].shift else (lon, lat))
