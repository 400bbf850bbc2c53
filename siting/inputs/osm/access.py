"""Who may use a way, and in which direction, by its tags."""

from __future__ import annotations

from siting.inputs.osm.raw import Tags

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
FORWARD = frozenset(("yes", "true", "1"))
BACKWARD = frozenset(("-1", "reverse"))
BOTH = frozenset(("no", "false", "0", "reversible", "alternating"))


def is_drivable(tags: Tags) -> bool:
    """Whether a lorry may drive there: what a tag says of motor vehicles counts more than what it says of all.

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
    """Whether residents may walk there; on motorways and motor roads only if a tag says so.

    >>> is_walkable({"highway": "motorway"}), is_walkable({"highway": "primary", "foot": "no"})
    (False, False)
    >>> is_walkable({"highway": "service", "access": "private", "foot": "yes"})
    True
    """
    by_class = tags["highway"] in WALKED and tags.get("motorroad") != "yes"
    return _is_allowed(tags, ("foot", "access"), by_class)


def direction(tags: Tags) -> int:
    """1 if one may drive only along the way, −1 only against it, 0 both ways.

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
    """What the first of the keys that allows or forbids says, else what the class of road says.

    General permission does not open a footpath to cars: `access=yes` allows what the class allows.
    """
    for key in keys:
        said = tags.get(key)
        if said in FORBIDDING:
            return False
        if said in ALLOWING:
            return by_class if key == "access" else True
    return by_class
