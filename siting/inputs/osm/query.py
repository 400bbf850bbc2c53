"""The questions to Overpass, made from the same selection that filters a file."""

from __future__ import annotations

from siting.inputs.osm.selection import ADMIN_LEVELS, RELATION_TYPES, SELECTED_BY_TYPE

DRAWN = f'["type"~"^({"|".join(RELATION_TYPES)})$"]'


def make_queries(settings: str, polygon: str) -> list[str]:
    """Three questions about the inside of a polygon: roads, places, borders; each with all members and their nodes.

    Parameters
    ----------
    settings
        The settings that an Overpass query begins with, such as `[out:json][timeout:180]`.
    polygon
        Corners as `lat lon lat lon …`.
    """
    roads = [_statement("way", "highway", (), polygon)]
    places = [
        _statement(of, key, values, polygon)
        for of, chosen in SELECTED_BY_TYPE.items()
        for key, values in chosen.items()
        if (of, key) != ("way", "highway")
    ]
    levels = f'["admin_level"~"^({"|".join(ADMIN_LEVELS)})$"]'
    borders = [f'relation["boundary"="administrative"]{levels}{DRAWN}(poly:"{polygon}");']
    return [f"{settings};({''.join(statements)});(._;>;);out;" for statements in (roads, places, borders)]


def _statement(of: str, key: str, values: tuple[str, ...], polygon: str) -> str:
    """One statement of Overpass QL.

    >>> _statement("way", "natural", ("water",), "1 2 3 4 5 6")
    'way["natural"~"^(water)$"](poly:"1 2 3 4 5 6");'
    """
    wanted = f'~"^({"|".join(values)})$"' if values else ""
    return f'{of}["{key}"{wanted}]{DRAWN if of == "relation" else ""}(poly:"{polygon}");'
