"""Shapes and colours of every map and chart, and classes of walks; safe for colour-blind readers.

The page of the map has its own copy in assets/symbols.js; a test holds the two together. Colours after Okabe and Ito
(2008, Color Universal Design).
"""

from __future__ import annotations

from dataclasses import dataclass

from siting.instance import Instance
from siting.vocabulary import LINKS, Echelon


@dataclass(frozen=True)
class Symbol:
    """Shape and colour (#RRGGBB) of a facility type, and its radius in pixels at a capacity that is usual for it."""

    shape: str
    colour: str
    radius: float


SYMBOLS = (
    (("circle", "#0072B2"), ("circle", "#56B4E9"), ("triangle", "#009E73"), ("circle", "#005078")),
    (("square", "#E69F00"), ("square", "#F0E442"), ("pentagon", "#E69F00")),
    (("diamond", "#D55E00"), ("star", "#111111"), ("hexagon", "#CC79A7"), ("diamond", "#7A3500")),
    (("hexagon", "#444444"), ("pentagon", "#444444"), ("star", "#7A3500")),
)
"""By echelon, for the types of an echelon in their order."""
ECHELON_COLOURS = {one: SYMBOLS[one][0][1] for one in Echelon}
BLUE, SKY, GREEN, ORANGE, VERMILION, PURPLE, DARK = (
    "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7", "#444444",
)  # fmt: skip
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, DARK)
"""Colours of the series of a chart."""
RADII = (3.4, 6.5, 9.0, 10.0)
WALK_LIMITS_M = (250, 500, 750, 1000)
WALK_COLOURS = ("#f3f1f8", "#cfcce6", "#aaa6d0", "#8278b4", "#523f95")
FLOW_COLOURS = {"hauls": "#444444", "collection": "#0072B2", "directs": "#009E73"}
CLOSED = "#8a857a"
GROUND, BORDER, INK = "#fbfaf6", "#6f6a5f", "#3a352b"


def type_symbols(instance: Instance) -> dict[str, Symbol]:
    """Return the symbol of each facility type by its id: by its place among the types of its echelon."""
    symbols: dict[str, Symbol] = {}
    seen = [0] * len(SYMBOLS)
    for name, echelon in zip(instance.facility_types, instance.type_echelon.tolist(), strict=True):
        of_echelon = SYMBOLS[echelon]
        symbols[str(name)] = Symbol(*of_echelon[seen[echelon] % len(of_echelon)], RADII[echelon])
        seen[echelon] += 1
    return symbols


def flow_colour(link_class: str) -> str:
    """Return the colour of a class of haul link.

    >>> flow_colour("generator_to_base")
    '#009E73'
    """
    link = LINKS[link_class]
    is_collection = link.head is Echelon.TRANSFER and (link.tail is Echelon.POINT or link_class == "door_to_transfer")
    return FLOW_COLOURS["collection" if is_collection else "directs" if link.tail is None else "hauls"]
