"""Parts of a page that asks nothing of the network: Leaflet, our scripts and styles, data and words as JSON."""

from __future__ import annotations

import html
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


def words_element(*areas: str) -> str:
    """Return the texts of areas of the catalogue, in both languages, as the script element `words`.

    The scripts name a text by its key without the area; where two areas have the same key, the later one is taken.
    """
    words = {key.partition(".")[2]: label.as_dict() for area in areas for key, label in texts(area).items()}
    return json_element("words", words)


def units_element() -> str:
    """Return the units, as `siting.language.units` has them, as the script element `units`."""
    return json_element("units", {name: asdict(unit) for name, unit in UNITS.items()})


def simple_page(name: str, *, title: str, words: str, data: Any) -> str:
    """Return a page of one map that NAME.js draws in the style of NAME.css.

    Parameters
    ----------
    name
        Of the assets of the page.
    title
        Of the page, as plain text.
    words
        Area of the catalogue with the texts of the page.
    data
        What is drawn, as JSON has it.
    """
    parts = {
        "title": html.escape(title),
        "leaflet_style": leaflet_style(),
        "style": asset(f"{name}.css"),
        "leaflet_script": leaflet_script(),
        "words": words_element(words),
        "data": json_element("data", data),
        "script": asset(f"{name}.js"),
    }
    page = asset("simple.html")
    for part, content in parts.items():
        page = page.replace(f"{{{{ {part} }}}}", content, 1)
    return page


def json_element(name: str, content: Any) -> str:
    """Return a script element with the id `name` that holds `content` as JSON: no text in it can end the element."""
    written = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    harmless = written.replace("<", "\\u003c").replace("{% endraw", "{\\u0025 endraw")
    return f'<script type="application/json" id="{name}">{harmless}</script>\n'


def _folder() -> importlib.resources.abc.Traversable:
    return importlib.resources.files("js_lib_leaflet") / "static" / "js_lib_leaflet"
