"""The interactive map of a plan: one page that asks nothing of the network, unless a basemap is chosen.

folium builds the page; its scripts and styles from the web are left out, and Leaflet stands in the page itself.
"""

from __future__ import annotations

import html
import re
from dataclasses import asdict, replace
from typing import Any

import folium
from branca.element import Element, Figure

from siting.errors import ConfigError
from siting.language import Label
from siting.render.html.elements import asset, json_element, leaflet_script, leaflet_style, units_element, words_element
from siting.render.html.map.data import map_data
from siting.render.html.map.tiles import basemap_tiles, drawn_over
from siting.results.results import Results

SCRIPTS = (
    "words.js", "view.js", "batch.js", "symbols.js", "ground.js", "names.js", "network.js", "stages.js", "selection.js",
    "looks.js", "margins.js", "haulcost.js", "layers.js", "legend.js", "cards.js", "facilitycard.js", "search.js",
    "edit.js", "pointer.js", "printing.js", "furniture.js", "panel.js", "map.js",
)  # fmt: skip
STYLES = ("map.css", "phone.css", "print.css")
VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1" />'


def draw_map(results: Results, *, basemap: str | None = None, key: str | None = None) -> str:
    """Return the page of a run's map.

    Parameters
    ----------
    results
        The results of the run.
    basemap
        Online tiles to lie under the plan, which is then drawn in their datum: osm, tianditu or amap. None: no tiles,
        and WGS-84.
    key
        The user's key to the tiles, where the basemap needs one. It stands in the page.

    Raises
    ------
    ConfigError
        If the basemap is not known, its key is missing, or the run is for the public.
    """
    tiles = basemap_tiles(basemap, key) if basemap else None
    if tiles and results.run.publication:
        raise ConfigError(f"basemap {basemap}: its borders need an approval of their own; leave it out for the public")
    if basemap:
        results = Results(replace(results.run, geography=drawn_over(results.run.geography, basemap)))
    data = map_data(results)
    if tiles:
        data["basemap"] = asdict(tiles)
    return _page(results.title, data)


def _page(title: Label, data: dict[str, Any]) -> str:
    (south, west), (north, east) = data["bounds"]
    plan_map = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_control="topleft",
        prefer_canvas=True,
        attribution_control=False,
        zoom_snap=0.25,
        min_zoom=7,
        max_zoom=17,
    )
    plan_map.default_js, plan_map.default_css = [], []
    plan_map._id = "plan"
    page = plan_map.get_root()
    if not isinstance(page, Figure):
        raise TypeError(f"folium made a {type(page).__name__}, no page")
    page._id = "page"
    page.title = html.escape(f"{title.en} · {title.zh}")
    _add_assets(page, data, plan_map.get_name())
    text: str = page.render()
    return re.sub(r'<meta name="viewport"[^>]*>', VIEWPORT, text, count=1).replace("<html>", '<html lang="en">', 1)


def _add_assets(page: Figure, data: dict[str, Any], map_name: str) -> None:
    header = [f"<style>\n{text}\n</style>" for text in (leaflet_style(), *map(asset, STYLES))]
    header.append(f"<script>\n{leaflet_script()}\n</script>")
    body = [asset("panel.html"), words_element("map", "places"), units_element(), json_element("plan", data)]
    start = f'addEventListener("DOMContentLoaded", () => showPlan({map_name}));'
    ending = [*map(asset, SCRIPTS), start]
    for part, texts in ((page.header, header), (page.html, body), (page.script, ending)):
        for number, text in enumerate(texts):
            part.add_child(Element("{% raw %}" + text + "{% endraw %}"), name=f"siting_{number}")
