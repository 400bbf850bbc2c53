"""Datums of Chinese sources: named, converted to WGS-84 and back, and found out where they are not what they say."""

from siting.inputs.datums.convert import from_wgs84, is_north_first, odd_coordinates, to_wgs84
from siting.inputs.datums.names import CHOICES, Datum, basemap_datum, parse_datum, undeclared
from siting.inputs.datums.shifts import is_in_china, needs_datum
from siting.inputs.datums.suspicions import outline_suspicions, suspicions

__all__ = [
    "CHOICES",
    "Datum",
    "basemap_datum",
    "from_wgs84",
    "is_in_china",
    "is_north_first",
    "needs_datum",
    "odd_coordinates",
    "outline_suspicions",
    "parse_datum",
    "suspicions",
    "to_wgs84",
    "undeclared",
]
