"""What kinds of places are called, as the map calls them."""

from __future__ import annotations

import json
from functools import cache

from siting.language import Label
from siting.render.html.leaflet import asset


@cache
def kind_label(kind: str) -> Label:
    """The kind of a candidate or a generator; its own name where the map has no word for it.

    >>> kind_label("shop").zh, kind_label("bus_depot").zh
    ('商铺', 'bus depot')
    """
    words = json.loads(asset("words.json"))["kinds"]
    own = kind.replace("_", " ")
    return Label(en=words["en"].get(kind, own), zh=words["zh"].get(kind, own))
