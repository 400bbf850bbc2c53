"""Selection of tags of OpenStreetMap, from which file filter and Overpass query are made; and names of features."""

from __future__ import annotations

Tags = dict[str, str]
CHINESE = ("name:zh", "name:zh-Hans", "name:zh-Hant")
SCHOOLS = ("school", "university", "college", "kindergarten")
PUBLIC_AMENITIES = (
    *("townhall", "courthouse", "police", "fire_station", "post_office", "public_building", "library"),
    *("community_centre", "arts_centre", "social_facility", "hospital", "clinic"),
)
RECYCLING_AMENITIES = ("recycling", "waste_transfer_station", "scrapyard", "incinerator")
RAILS = ("rail", "light_rail", "subway", "narrow_gauge")
WATER_LANDUSE = ("reservoir", "basin")
# All values are taken where the tuple is empty.
SELECTED: dict[str, tuple[str, ...]] = {
    "building": (),
    "landuse": (),
    "shop": (),
    "office": (),
    "amenity": (
        *(*SCHOOLS, *PUBLIC_AMENITIES, *RECYCLING_AMENITIES),
        *("waste_disposal", "parking", "bus_station", "marketplace"),
    ),
    "highway": (),
    "public_transport": ("platform", "station"),
    "railway": ("station", "halt", "tram_stop", *RAILS),
    "natural": ("water", "coastline"),
    "route": ("ferry",),
    "waterway": ("river", "canal", "stream", "riverbank"),
    "leisure": ("nature_reserve",),
    "boundary": ("protected_area", "national_park"),
    "man_made": ("works", "incinerator"),
    "industrial": ("scrap_yard", "warehouse"),
    "plant:source": ("waste",),
    "generator:source": ("waste",),
}
# Nodes of some keys are street furniture and entrances, but for the values named here.
OF_NODES = {
    "highway": ("bus_stop",),
    "building": ("apartments", "residential", "dormitory"),
    "landuse": ("industrial", "landfill", "residential"),
    "place": ("city", "town", "village", "municipality", "borough", "suburb", "quarter", "hamlet"),
}
SELECTED_BY_TYPE = {
    "node": SELECTED | OF_NODES,
    "way": SELECTED,
    "relation": {key: values for key, values in SELECTED.items() if key != "highway"},
}
# Levels of areas that can be districts; a border of a country or province costs much to fetch.
LEAST_ADMIN_LEVEL, MOST_ADMIN_LEVEL = 5, 12
ADMIN_LEVELS = tuple(str(level) for level in range(LEAST_ADMIN_LEVEL, MOST_ADMIN_LEVEL + 1))
RELATION_TYPES = ("multipolygon", "boundary")


def name_of(tags: Tags) -> str | None:
    """Return the name as people there write it; where none is given, the Chinese, the English, the brand's.

    >>> name_of({"name": "和平区", "name:en": "Heping"}), name_of({"name:en": "Heping"}), name_of({})
    ('和平区', 'Heping', None)
    """
    return _first(tags, ("name", *CHINESE, "name:en", "brand"))


def chinese_name(tags: Tags) -> str | None:
    """Return the Chinese name, else the local one."""
    return _first(tags, (*CHINESE, "name", "name:en"))


def english_name(tags: Tags) -> str | None:
    """Return the English name, else an international one, else the local one."""
    return _first(tags, ("name:en", "int_name", "name", *CHINESE))


def _first(tags: Tags, keys: tuple[str, ...]) -> str | None:
    return next((tags[key].strip() for key in keys if tags.get(key, "").strip()), None)


def is_selected(tags: Tags, of: str = "way") -> bool:
    """Return whether an object of the type `of` (`node`, `way`, `relation`) with these tags is taken.

    >>> is_selected({"shop": "bakery"}), is_selected({"amenity": "bench"})
    (True, False)
    >>> is_selected({"highway": "service"}), is_selected({"highway": "crossing"}, "node")
    (True, False)
    >>> border = {"type": "boundary", "boundary": "administrative"}
    >>> is_selected({**border, "admin_level": "6"}, "relation"), is_selected({**border, "admin_level": "2"}, "relation")
    (True, False)
    """
    if of == "relation":
        if tags.get("type") not in RELATION_TYPES:
            return False
        if tags.get("boundary") == "administrative" and tags.get("admin_level") in ADMIN_LEVELS:
            return True
    chosen = SELECTED_BY_TYPE[of]
    return any(not chosen[key] or tags[key] in chosen[key] for key in chosen.keys() & tags.keys())


def admin_level(tags: Tags) -> int | None:
    """Return the level of an administrative boundary, or None if it says none that is a number.

    >>> admin_level({"admin_level": "10"}), admin_level({"admin_level": "city"})
    (10, None)
    """
    text = tags.get("admin_level", "")
    return int(text) if text.isdecimal() else None
