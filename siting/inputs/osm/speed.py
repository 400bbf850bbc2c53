"""The speed of a road: what its sign says, else the usual one of its class."""

from __future__ import annotations

import re

from siting.inputs.osm.raw import Tags

KMH_PER_MPH = 1.609344
WALK_KMH = 6.0
LEAST_KMH, MOST_KMH = 5.0, 130.0
# An assumption of what lorries reach on a free road; a sign replaces it.
CLASS_KMH = {
    "motorway": 100.0, "motorway_link": 60.0, "trunk": 80.0, "trunk_link": 50.0, "primary": 60.0, "primary_link": 40.0,
    "secondary": 50.0, "secondary_link": 40.0, "tertiary": 40.0, "tertiary_link": 30.0, "unclassified": 40.0,
    "residential": 30.0, "living_street": 15.0, "service": 15.0, "road": 30.0, "track": 15.0,
}  # fmt: skip
SLOWEST_KMH = 10.0
# Endings of values such as `CN:urban` or `DE:zone:30`.
ZONE_KMH = {"urban": 50.0, "rural": 80.0, "trunk": 100.0, "motorway": 120.0, "living_street": 15.0, "walk": WALK_KMH}
NUMBER = re.compile(r"^(\d+(?:\.\d+)?)\s*(mph|km/h|kmh|kph)?$")
ENDING_NUMBER = re.compile(r"(\d+)$")


def signed_kmh(text: str) -> float | None:
    """The speed that a `maxspeed` value means, km/h; None if it means none, or none between 5 and 130.

    Of several values the lowest counts. `none` is the highest speed that is believed.

    >>> signed_kmh("50"), signed_kmh("walk"), signed_kmh("none"), signed_kmh("CN:urban"), signed_kmh("DE:zone:30")
    (50.0, 6.0, 130.0, 50.0, 30.0)
    >>> round(signed_kmh("30 mph"), 1), signed_kmh("40; 60"), signed_kmh("signals"), signed_kmh("500")
    (48.3, 40.0, None, None)
    """
    speeds = [speed for part in re.split(r"[;|,]", text) if (speed := _one_kmh(part.strip())) is not None]
    return min(speeds, default=None)


def speed_kmh(tags: Tags) -> float:
    """The speed of a road in km/h, for motor vehicles."""
    signed = signed_kmh(tags["maxspeed"]) if "maxspeed" in tags else None
    return CLASS_KMH.get(tags["highway"], SLOWEST_KMH) if signed is None else signed


def _one_kmh(text: str) -> float | None:
    if text == "none":
        return MOST_KMH
    match = NUMBER.match(text)
    if match:
        speed = float(match[1]) * (KMH_PER_MPH if match[2] == "mph" else 1.0)
        return speed if LEAST_KMH <= speed <= MOST_KMH else None
    zone = text.rsplit(":", 1)[-1]
    if zone in ZONE_KMH:
        return ZONE_KMH[zone]
    number = ENDING_NUMBER.search(zone)
    return _one_kmh(number[1]) if ":" in text and number else None
