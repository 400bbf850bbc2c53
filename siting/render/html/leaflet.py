"""Leaflet itself, as text that stands in a page, and data that may stand beside it."""

from __future__ import annotations

import importlib.resources
import re


def leaflet_script() -> str:
    """The script, without the reference to its source map."""
    text = (_folder() / "leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S+", "", text)


def leaflet_style() -> str:
    """The style sheet, without its pictures."""
    return re.sub(r"url\(images/[^)]*\)", "none", (_folder() / "leaflet.css").read_text(encoding="utf-8"))


def asset(name: str) -> str:
    """One of the files that pages are made of."""
    return (importlib.resources.files("siting.render.html") / "assets" / name).read_text(encoding="utf-8")


def json_for_script(text: str) -> str:
    """JSON that may stand in a script element: no name in it can end the element."""
    return text.replace("<", "\\u003c").replace("{% endraw", "{\\u0025 endraw")


def _folder() -> importlib.resources.abc.Traversable:
    return importlib.resources.files("js_lib_leaflet") / "static" / "js_lib_leaflet"
