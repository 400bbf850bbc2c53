"""Names of datums, as sources declare them, and their meaning.

Chinese web maps shift what they show: Amap, Tencent and others by GCJ-02 (about 550 m in Tianjin), Baidu by BD-09 on
top of it (about 1.35 km). CGCS2000, the national datum of surveys, agrees with WGS-84 within decimetres (both are
realisations of ITRF), so at planning scale only its projected zones need converting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import pyproj
from pyproj.exceptions import CRSError, ProjError

from siting.errors import ConfigError

BASEMAPS = {
    "wgs84": ("osm", "openstreetmap", "tianditu", "天地图", "carto", "esri", "none"),
    "gcj02": ("amap", "gaode", "高德", "tencent", "qq", "腾讯"),
    "bd09": ("baidu", "百度"),
}
CHOICES = (
    "wgs84 (GPS, OpenStreetMap, 天地图), gcj02 (高德 Amap, 腾讯 Tencent), bd09 (百度 Baidu),"
    " cgcs2000 (国家2000, degrees), EPSG:n (projected; EPSG:4548 is CGCS2000 3° around 117°E)"
)
ALIASES = {
    "wgs84": ("wgs84", "wgs1984", "gps", "osm", "openstreetmap", "4326", "crs84", "tianditu", "天"),
    "cgcs2000": ("cgcs2000", "cgcs", "4490", "2000", "国家2000", "大地2000", "国家大地2000", "2000国家大地"),
    "gcj02": ("gcj02", "gcj", "amap", "autonavi", "gaode", "tencent", "高德", "腾讯", "火星", "国测局"),
    "bd09": ("bd09", "bd", "bd09ll", "baidu", "百度"),
}
LOCAL = (
    *("天津", "北京", "上海", "西安", "tianjin", "beijing", "shanghai", "xian", "xi'an"),
    *("独立", "地方", "城建", "local"),
)
FIRST_MERIDIAN = 75
ZONE_WORDS = ("度", "带", "zone", "gk", "gauss", "高斯", "degree", "cm", "中央")


def basemap_datum(name: str) -> Datum:
    """Return the datum of the tiles of the basemap `name`, in which what lies over them must be drawn.

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


@dataclass(frozen=True)
class Datum:
    """Datum of the coordinates of a source.

    `name` is how a config says it (`wgs84`, `cgcs2000`, `gcj02`, `bd09`, `EPSG:4548`). `crs` is the CRS they are in
    once the shift of a web map is taken away; `shift` is that of the map, `gcj02` or `bd09`, or empty.
    """

    name: str
    crs: str
    shift: str = ""

    @property
    def is_degrees(self) -> bool:
        """Return whether x and y are longitude and latitude."""
        return bool(pyproj.CRS(self.crs).is_geographic)

    @property
    def gauss_kruger_zone(self) -> int | None:
        """The zone number that stands before the eastings (39 of 39518568), 0 if none does, None in another CRS."""
        code = int(self.crs.removeprefix("EPSG:"))
        for first, zones, number in ((4491, 11, 13), (4513, 21, 25)):
            if first <= code < first + zones:
                return code - first + number
        return 0 if 4502 <= code <= 4512 or 4534 <= code <= 4554 else None


NAMED = {
    "wgs84": Datum("wgs84", "EPSG:4326"),
    "cgcs2000": Datum("cgcs2000", "EPSG:4490"),
    "gcj02": Datum("gcj02", "EPSG:4326", "gcj02"),
    "bd09": Datum("bd09", "EPSG:4326", "bd09"),
}


def parse_datum(text: str) -> Datum:
    """Parse the name of a datum: `wgs84`, `cgcs2000`, `gcj02`, `bd09`, a Chinese or English alias, or `EPSG:n`.

    A zone of CGCS2000 may also be written out: `国家2000 3度带 117`, `cgcs2000 6-degree zone 20`.

    Raises
    ------
    ConfigError
        If the text names none, names a local system, or an EPSG code whose way to WGS-84 is not published.

    Examples
    --------
    >>> parse_datum("高德").name, parse_datum("EPSG:4490").name, parse_datum("国家2000 3度带 39带").name
    ('gcj02', 'cgcs2000', 'EPSG:4527')
    """
    plain = str(text).strip().lower()
    word = re.sub(r"[\s_\-:/.()（）]+", "", plain)
    stem = word.removeprefix("epsg").removesuffix("坐标系").removesuffix("坐标").removesuffix("地图")
    for name, aliases in ALIASES.items():
        if stem in aliases:
            return NAMED[name]
    code = re.fullmatch(r"(?:epsg)?(\d{4,6})", word)
    if code:
        return _of_epsg(int(code[1]))
    if any(start in word for start in ("2000", "cgcs")) and any(part in word for part in ZONE_WORDS):
        return _of_zone(text, plain)
    if any(part in plain for part in LOCAL):
        raise ConfigError(
            f"datum {text!r}: a local system or an old national one, whose parameters are not published; ask for the"
            " table in CGCS2000 (国家2000), have the surveying office convert it, or take the places from a map: "
            + CHOICES
        )
    raise ConfigError(f"datum {text!r}: unknown; choose {CHOICES}")


def zone_code(number: int) -> int:
    """Return the EPSG code of the zone of CGCS2000 with this number: 13–23 are 6° wide, 25–45 are 3° wide."""
    return 4491 + number - 13 if number <= 23 else 4513 + number - 25


@lru_cache(maxsize=64)
def way_to_wgs84(crs: str) -> pyproj.Transformer:
    """Return the transformer from `crs` to WGS-84 lon/lat, x east first; CGCS2000 is taken to be WGS-84.

    Raises `ProjError` where no way is published: an offset of some 100 m would go unseen.
    """
    is_same = pyproj.CRS(crs).geodetic_crs == pyproj.CRS(NAMED["cgcs2000"].crs)
    return pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True, allow_ballpark=is_same)


def _of_epsg(code: int) -> Datum:
    where = f"EPSG:{code}"
    try:
        crs = pyproj.CRS.from_epsg(code)
    except CRSError as error:
        raise ConfigError(f"datum {where}: no such CRS; choose {CHOICES}") from error
    if not (crs.is_geographic or crs.is_projected):
        raise ConfigError(f"datum {where} ({crs.name}): neither lon/lat nor a map projection; choose {CHOICES}")
    try:
        way_to_wgs84(where)
    except ProjError as error:
        raise ConfigError(
            f"datum {where} ({crs.name}): its way to WGS-84 is not published; ask for the table in CGCS2000 (国家2000)"
            " or another of: " + CHOICES
        ) from error
    return Datum(where, where)


def _of_zone(text: str, plain: str) -> Datum:
    """Return a Gauss-Krüger zone of CGCS2000 written in words: its width if needed, and a zone number or a meridian."""
    numbers = [int(number) for number in re.findall(r"\d+", re.sub(r"cgcs\s*-?2000|2000", " ", plain))]
    of_zone = [number for number in numbers if 13 <= number <= 23 or 25 <= number <= 45]
    of_meridian = [number for number in numbers if FIRST_MERIDIAN <= number <= 135 and number % 3 == 0]
    width = next((number for number in numbers if number in {3, 6}), None)
    if len(of_zone) == 1 and not of_meridian and width in {None, 6 if of_zone[0] <= 23 else 3}:
        return _of_epsg(zone_code(of_zone[0]))
    if len(of_meridian) == 1 and not of_zone and width is not None and (of_meridian[0] - FIRST_MERIDIAN) % width == 0:
        first = {3: 4534, 6: 4502}[width]
        return _of_epsg(first + (of_meridian[0] - FIRST_MERIDIAN) // width)
    raise ConfigError(
        f"datum {text!r}: which zone of CGCS2000 is not clear; say the EPSG code: EPSG:4513–4533 for"
        " 3° zones 25–45 (eastings such as 39518568), EPSG:4534–4554 for 3° around 75°–135°E (518568),"
        " EPSG:4491–4501 and EPSG:4502–4512 for 6°"
    )


def undeclared(where: str) -> str:
    """Return the fault of a source that must declare its datum and does not."""
    return f"{where}: in China and without a datum (坐标系), which can mean 0.5–1.4 km; declare one of {CHOICES}"
