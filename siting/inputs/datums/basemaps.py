"""Which datum a basemap shows, so that a plan drawn over it falls on the right streets."""

from __future__ import annotations

from siting.errors import ConfigError
from siting.inputs.datums.names import Datum, parse_datum

BASEMAPS = {
    "wgs84": ("osm", "openstreetmap", "tianditu", "天地图", "carto", "esri", "none"),
    "gcj02": ("amap", "gaode", "高德", "tencent", "qq", "腾讯"),
    "bd09": ("baidu", "百度"),
}


def basemap_datum(name: str) -> Datum:
    """The datum of the tiles of the basemap `name`, in which what lies over them must be drawn.

    Tianditu shows CGCS2000, which is WGS-84 at this scale.

    Raises
    ------
    ConfigError
        If the basemap is not known.

    Examples
    --------
    >>> basemap_datum("高德").name, basemap_datum("tianditu").name
    ('gcj02', 'wgs84')
    """
    word = name.strip().lower().removesuffix("地图") if name.strip() != "天地图" else name.strip()
    for datum, names in BASEMAPS.items():
        if word in names:
            return parse_datum(datum)
    known = ", ".join(word for names in BASEMAPS.values() for word in names)
    raise ConfigError(f"basemap {name!r}: its datum is not known; choose one of {known}")
