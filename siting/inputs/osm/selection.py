"""What is taken from OpenStreetMap, said once: the filter of a file and the query to Overpass are both made from it."""

from __future__ import annotations

from collections.abc import Mapping

from siting.inputs.osm.raw import Tags

SCHOOLS = ("school", "university", "college", "kindergarten")
PUBLIC_AMENITIES = (
    *("townhall", "courthouse", "police", "fire_station", "post_office", "public_building", "library"),
    *("community_centre", "arts_centre", "social_facility", "hospital", "clinic"),
)
RECYCLING_AMENITIES = ("recycling", "waste_transfer_station", "scrapyard", "incinerator")
WATER_LANDUSE = ("reservoir", "basin")
# All values are taken where the tuple is empty.
SELECTED: dict[str, tuple[str, ...]] = {
    "highway": (),
    "building": (),
    "landuse": (),
    "shop": (),
    "office": (),
    "amenity": (
        *(*SCHOOLS, *PUBLIC_AMENITIES, *RECYCLING_AMENITIES),
        *("waste_disposal", "parking", "bus_station", "marketplace"),
    ),
    "public_transport": ("platform", "station"),
    "railway": ("station", "halt", "tram_stop"),
    "natural": ("water",),
    "waterway": ("river", "canal", "stream", "riverbank"),
    "leisure": ("nature_reserve",),
    "boundary": ("administrative", "protected_area", "national_park"),
    "man_made": ("works", "incinerator"),
    "industrial": ("scrap_yard", "warehouse"),
    "plant:source": ("waste",),
    "generator:source": ("waste",),
}
# Nodes of these keys are street furniture and entrances, but for the values named here.
SELECTED_OF_NODES: dict[str, tuple[str, ...]] = SELECTED | {
    "highway": ("bus_stop",),
    "building": ("apartments", "residential", "dormitory"),
    "landuse": ("industrial", "landfill", "residential"),
}
LEAST_ADMIN_LEVEL, MOST_ADMIN_LEVEL = 5, 12


def is_selected(tags: Mapping[str, str], *, is_node: bool = False) -> bool:
    """Whether an object with these tags is taken.

    >>> is_selected({"shop": "bakery"}), is_selected({"amenity": "bench"})
    (True, False)
    >>> is_selected({"highway": "service"}), is_selected({"highway": "crossing"}, is_node=True)
    (True, False)
    >>> is_selected({"boundary": "administrative", "admin_level": "2"})
    False
    """
    chosen = SELECTED_OF_NODES if is_node else SELECTED
    for key in chosen.keys() & tags.keys():
        if (not chosen[key] or tags[key] in chosen[key]) and not (key == "boundary" and _is_too_large(tags)):
            return True
    return False


def admin_level(tags: Tags) -> int | None:
    """The level of an administrative boundary, or None if it says none that is a number.

    >>> admin_level({"admin_level": "10"}), admin_level({"admin_level": "city"})
    (10, None)
    """
    text = tags.get("admin_level", "")
    return int(text) if text.isdecimal() else None


def _is_too_large(tags: Mapping[str, str]) -> bool:
    """Whether it is a border of a country or province, which is never a district and costs much to fetch."""
    if tags["boundary"] != "administrative":
        return False
    level = admin_level(dict(tags))
    return level is None or not LEAST_ADMIN_LEVEL <= level <= MOST_ADMIN_LEVEL
