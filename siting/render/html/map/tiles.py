"""Online tiles under a map, and the plan drawn in their datum. Only a map that asks for a basemap has any."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from urllib.parse import quote

import geopandas as gpd

from siting.errors import ConfigError
from siting.geography import Geography
from siting.inputs.datums import Datum, basemap_datum
from siting.render.datumshift import shapes_in

TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)
AMAP = "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}"
OSM = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
OSM_CREDIT = '© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> contributors'


@dataclass(frozen=True)
class Tiles:
    """Layers of a basemap from the ground up, and whom to credit, as HTML."""

    urls: tuple[str, ...]
    subdomains: str
    credit: str


def basemap_tiles(name: str, key: str | None = None) -> Tiles:
    """Return the tiles of the basemap `name`: osm, tianditu (with the user's `key`) or amap.

    Raises
    ------
    ConfigError
        If the basemap is not one of these, needs a key and has none, or has one and needs none.
    """
    if name == "tianditu":
        if not key:
            raise ConfigError(
                "basemap tianditu: needs a key; get one free of charge at https://console.tianditu.gov.cn"
                " (应用类型: 浏览器端) and give it with --key, or choose --basemap osm or amap"
            )
        urls = tuple(TIANDITU.format(layer=layer, key=quote(key, safe="")) for layer in ("vec", "cva"))
        return Tiles(urls, "01234567", "© 国家地理信息公共服务平台 天地图")
    if key:
        raise ConfigError(f"basemap {name}: takes no key; leave --key out, or choose --basemap tianditu")
    known = {"osm": Tiles((OSM,), "", OSM_CREDIT), "amap": Tiles((AMAP,), "1234", "© 高德地图 AutoNavi")}
    if name not in known:
        raise ConfigError(f"basemap {name!r}: has no tiles here; choose osm, tianditu or amap")
    return known[name]


def drawn_over(geography: Geography, basemap: str) -> Geography:
    """Return the geography in the datum of a basemap: to draw only, for its frames still say WGS-84."""
    datum = basemap_datum(basemap)
    if not datum.shift:
        return geography
    frames = {field.name: getattr(geography, field.name) for field in fields(geography)}
    return replace(
        geography,
        **{name: _in_datum(value, datum) for name, value in frames.items() if isinstance(value, gpd.GeoDataFrame)},
    )


def _in_datum(frame: gpd.GeoDataFrame, datum: Datum) -> gpd.GeoDataFrame:
    """Return the frame with its geometry, and the outlines of cells where it has them, in `datum`."""
    moved = frame.copy()
    for column in {frame.geometry.name, "cell"} & set(frame.columns):
        shapes = shapes_in(frame[column].to_numpy(), datum)
        moved[column] = gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)
    return moved
