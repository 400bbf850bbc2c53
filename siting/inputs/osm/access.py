"""Roads by their tags: who may use a way, in which direction, and how fast."""

from __future__ import annotations

import re

from siting.inputs.osm.selection import Tags

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
MOTOR_ROADS = ("motorway", "motorway_link", "trunk", "trunk_link")
STREETS = (
    *("primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link"),
    *("unclassified", "residential", "living_street", "service", "road"),
)
PATHS = ("track", "pedestrian", "footway", "path", "steps", "cycleway", "bridleway", "corridor")
ROAD_CLASSES = (*MOTOR_ROADS, *STREETS, *PATHS)
DRIVEN = frozenset((*MOTOR_ROADS, *STREETS))
WALKED = frozenset((*(set(MOTOR_ROADS) - {"motorway", "motorway_link"}), *STREETS, *PATHS))
ALLOWING = frozenset(("yes", "designated", "permissive", "official", "destination", "delivery", "customers"))
FORBIDDING = frozenset(
    ("no", "private", "military", "agricultural", "forestry", "emergency", "use_sidepath", "permit", "restricted")
)
PRIVATE = frozenset(("private", "permit"))
FORWARD = frozenset(("yes", "true", "1"))
BACKWARD = frozenset(("-1", "reverse"))
BOTH = frozenset(("no", "false", "0", "reversible", "alternating"))


def signed_kmh(text: str) -> float | None:
    """Return the speed that a `maxspeed` value means, km/h; None if it means none, or none between 5 and 130.

    Of several values the lowest counts. `none` is the highest speed that is believed.

    >>> signed_kmh("50"), signed_kmh("walk"), signed_kmh("none"), signed_kmh("CN:urban"), signed_kmh("DE:zone:30")
    (50.0, 6.0, 130.0, 50.0, 30.0)
    >>> round(signed_kmh("30 mph"), 1), signed_kmh("40; 60"), signed_kmh("signals"), signed_kmh("500")
    (48.3, 40.0, None, None)
    """
    speeds = [speed for part in re.split(r"[;|,]", text) if (speed := _one_kmh(part.strip())) is not None]
    return min(speeds, default=None)


def speed_kmh(tags: Tags) -> float:
    """Return the speed of a road in km/h, for motor vehicles."""
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


def is_drivable(tags: Tags) -> bool:
    """Return whether a lorry may drive there: what a tag says of motor vehicles counts more than what it says of all.

    A permission for lorries (`hgv=yes`) counts most; a ban of lorries alone is not heeded, since vehicles that collect
    waste are excepted from it as a rule.

    >>> is_drivable({"highway": "residential"}), is_drivable({"highway": "residential", "access": "private"})
    (True, False)
    >>> is_drivable({"highway": "pedestrian", "motor_vehicle": "delivery"}), is_drivable({"highway": "footway"})
    (True, False)
    >>> is_drivable({"highway": "service", "motorcar": "no", "hgv": "yes"})
    True
    """
    if tags.get("area") == "yes":
        return False
    if tags.get("hgv") in ALLOWING:
        return tags["highway"] in DRIVEN
    return _is_allowed(tags, ("motorcar", "motor_vehicle", "vehicle", "access"), tags["highway"] in DRIVEN)


def is_walkable(tags: Tags) -> bool:
    """Return whether residents may walk there; on motorways and motor roads only if a tag says so.

    >>> is_walkable({"highway": "motorway"}), is_walkable({"highway": "primary", "foot": "no"})
    (False, False)
    >>> is_walkable({"highway": "service", "access": "private", "foot": "yes"})
    True
    """
    by_class = tags["highway"] in WALKED and tags.get("motorroad") != "yes"
    return _is_allowed(tags, ("foot", "access"), by_class)


def is_private(tags: Tags) -> bool:
    """Return whether a way of a walkable class is private, and no tag forbids walking as such.

    >>> is_private({"highway": "service", "access": "private"}), is_private({"highway": "service"})
    (True, False)
    >>> is_private({"highway": "service", "access": "private", "foot": "no"})
    False
    """
    if tags.get("highway") not in WALKED or tags.get("foot", "private") not in PRIVATE:
        return False
    return tags.get("access") in (*PRIVATE, "no") or tags.get("foot") in PRIVATE


def direction(tags: Tags) -> int:
    """Return 1 for a one-way street in the direction of the way, −1 against it, 0 for two-way.

    Roundabouts and motorways are one-way unless a tag says otherwise.

    >>> direction({"highway": "primary", "oneway": "-1"}), direction({"highway": "motorway"})
    (-1, 1)
    >>> direction({"highway": "primary", "junction": "roundabout"}), direction({"highway": "primary"})
    (1, 0)
    """
    said = tags.get("oneway", "")
    if said in FORWARD:
        return 1
    if said in BACKWARD:
        return -1
    is_implied = tags.get("junction") in ("roundabout", "circular") or tags["highway"] in ("motorway", "motorway_link")
    return 1 if is_implied and said not in BOTH else 0


def _is_allowed(tags: Tags, keys: tuple[str, ...], by_class: bool) -> bool:
    """Return the answer of the first key that allows or forbids, else that of the class of road.

    General permission does not open a footpath to cars: `access=yes` allows what the class allows.
    """
    for key in keys:
        said = tags.get(key)
        if said in FORBIDDING:
            return False
        if said in ALLOWING:
            return by_class if key == "access" else True
    return by_class
