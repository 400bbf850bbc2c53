"""Parts of a page that asks nothing of the network: Leaflet, our scripts and styles, data and words as JSON."""

from __future__ import annotations

import importlib.resources
import json
import re
from dataclasses import asdict
from typing import Any

from siting.language.catalogue import texts
from siting.language.units import UNITS


def leaflet_script() -> str:
    """Return the script, without the reference to its source map."""
    text = (_folder() / "leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S+", "", text)


def leaflet_style() -> str:
    """Return the style sheet, without its pictures."""
    return re.sub(r"url\(images/[^)]*\)", "none", (_folder() / "leaflet.css").read_text(encoding="utf-8"))


def asset(name: str) -> str:
    """Return one of the files that pages are made of."""
    return (importlib.resources.files("siting.render.html") / "assets" / name).read_text(encoding="utf-8")


def page_words(*areas: str) -> str:
    """Return the texts of areas of the catalogue, in both languages, and the units, as script elements.

    The scripts name a text by its key without the area; where two areas have the same key, the later one is taken.
    """
    words = {key.partition(".")[2]: label.as_dict() for area in areas for key, label in texts(area).items()}
    units = {name: asdict(unit) for name, unit in UNITS.items()}
    return json_element("words", words) + json_element("units", units)


def json_element(name: str, content: Any) -> str:
    """Return a script element with the id `name` that holds `content` as JSON."""
    written = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f'<script type="application/json" id="{name}">{json_for_script(written)}</script>\n'


def json_for_script(text: str) -> str:
    """Return JSON that may stand in a script element: no name in it can end the element."""
    return text.replace("<", "\\u003c").replace("{% endraw", "{\\u0025 endraw")


def _folder() -> importlib.resources.abc.Traversable:
    return importlib.resources.files("js_lib_leaflet") / "static" / "js_lib_leaflet"
