"""Asks Nominatim where a place is and Overpass what is there, through OSMnx: its cache, its pauses, its retries."""

from __future__ import annotations

import socket
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import shapely

from siting import __version__
from siting.errors import DataError, FileError, SitingError
from siting.inputs.osm.raw import UNITS_PER_DEGREE, Collector, RawOsm
from siting.inputs.osm.selection import ADMIN_LEVELS, RELATION_TYPES, SELECTED_BY_TYPE

if TYPE_CHECKING:
    import requests
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry

DRAWN = f'["type"~"^({"|".join(RELATION_TYPES)})$"]'
MOST_REFUSALS = 5
BUSY = (429, 504)
NO_SUCH_PAGE = 404
STATUS_TIMEOUT_S = 30.0
MOST_CORNERS = 300
FIRST_MARGIN_DEG = 0.0005
INSTEAD = "look at the network, try later or another server (--overpass, --nominatim), or take an extract (--pbf)"


def make_queries(settings: str, polygon: str) -> list[str]:
    """Return three queries for a polygon: roads, places, borders; each with all members and their nodes.

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
    """Return one statement of Overpass QL.

    >>> _statement("way", "natural", ("water",), "1 2 3 4 5 6")
    'way["natural"~"^(water)$"](poly:"1 2 3 4 5 6");'
    """
    wanted = f'~"^({"|".join(values)})$"' if values else ""
    return f'{of}["{key}"{wanted}]{DRAWN if of == "relation" else ""}(poly:"{polygon}");'


def fetch_raw(place: str, *, overpass: str | None, nominatim: str | None, cache: Path) -> RawOsm:
    """Fetch everything selected in the boundary of `place`, as Nominatim finds it; `cache` keeps the answers.

    Raises
    ------
    FileError
        If a server cannot be reached, refuses five times, or answers something else, or the cache is not writable.
    DataError
        If there is no such place, or it has no boundary.
    """
    import requests

    with _osmnx_set(overpass, nominatim, cache):
        try:
            return _collect(place, _outline(place))
        except SitingError:
            raise
        except requests.RequestException as error:
            raise FileError(f"{place}: no answer ({type(error).__name__}: {error}); {INSTEAD}") from error
        except OSError as error:
            raise FileError(f"{cache}: cannot be written ({error.strerror}); give another --cache") from error
        except (ValueError, KeyError) as error:  # OSMnx's errors are ValueErrors
            raise FileError(f"{place}: not the answer of an OpenStreetMap server ({error}); {INSTEAD}") from error


def refuse_to_nag() -> dict[str, Any]:
    """Return `requests` arguments that end OSMnx's retries, about a minute apart, after five refusals."""
    refusals = 0

    def count(response: requests.Response, *_args: object, **_options: object) -> None:
        nonlocal refusals
        refusals += response.status_code in BUSY
        if refusals >= MOST_REFUSALS:
            raise FileError(f"{response.url.split('?')[0]}: busy, refused {refusals} times; {INSTEAD}")

    return {"hooks": {"response": count}}


@contextmanager
def _osmnx_set(overpass: str | None, nominatim: str | None, cache: Path) -> Iterator[None]:
    """Apply OSMnx settings for this reading and restore them, and name resolution, afterwards."""
    from osmnx import settings

    ours = {
        "cache_folder": cache,
        "use_cache": True,
        "doh_url_template": None,
        "http_user_agent": f"siting/{__version__} (through OSMnx)",
        "requests_kwargs": refuse_to_nag(),
    }
    if overpass:
        ours |= {"overpass_url": overpass, "overpass_rate_limit": _tells_its_load(overpass)}
    ours |= {"nominatim_url": nominatim} if nominatim else {}
    before = {key: getattr(settings, key) for key in ours}
    resolve = socket.getaddrinfo
    try:
        for key, value in ours.items():
            setattr(settings, key, value)
        yield
    finally:
        socket.getaddrinfo = resolve
        for key, value in before.items():
            setattr(settings, key, value)


def _tells_its_load(overpass: str) -> bool:
    """Return whether the server has a status page; without one OSMnx would wait a minute before each query."""
    import requests

    try:
        return requests.get(f"{overpass.rstrip('/')}/status", timeout=STATUS_TIMEOUT_S).status_code != NO_SUCH_PAGE
    except requests.RequestException:
        return True


def _outline(place: str) -> BaseGeometry:
    import osmnx

    try:
        found = osmnx.geocode_to_gdf(place)
    except TypeError as error:
        raise DataError(f"{place}: found, but without a boundary; name the town or district that holds it") from error
    except osmnx._errors.InsufficientResponseError as error:
        if "0 results" not in str(error):
            raise
        raise DataError(f"{place}: Nominatim knows no such place; write it as on the map, with its country") from error
    outline: BaseGeometry = found.geometry.iloc[0]
    return outline


def simple_outline(outline: BaseGeometry) -> BaseGeometry:
    """Return an outline of at most 300 vertices that contains `outline`: each query repeats it."""
    simple, margin_deg = outline, FIRST_MARGIN_DEG
    while shapely.get_num_coordinates(simple) > MOST_CORNERS:
        simple, margin_deg = outline.buffer(margin_deg).simplify(margin_deg / 2), 2 * margin_deg
    return simple


def _collect(place: str, outline: BaseGeometry) -> RawOsm:
    from osmnx import _overpass

    collector = Collector(place)
    seen: set[tuple[str, int]] = set()
    date = None
    for corners in _overpass._make_overpass_polygon_coord_strs(cast("Polygon", simple_outline(outline))):
        for query in make_queries(_overpass._make_overpass_settings(), corners):
            answer = _overpass._overpass_request(OrderedDict(data=query))
            remark = str(answer.get("remark", ""))
            if "error" in remark:  # out of time or memory, although the status is 200
                raise FileError(f"{place}: Overpass stopped half-way ({remark}); ask for a smaller place, or {INSTEAD}")
            date = str(answer.get("osm3s", {}).get("timestamp_osm_base", ""))[:10] or date
            for element in answer["elements"]:
                if (key := (element["type"], element["id"])) not in seen:
                    seen.add(key)
                    _take(collector, element)
    return collector.finish((), date)


def _take(collector: Collector, element: dict[str, Any]) -> None:
    tags = element.get("tags", {})
    if element["type"] == "node":
        x, y = (round(element[axis] * UNITS_PER_DEGREE) for axis in ("lon", "lat"))
        collector.add_node(element["id"], x, y, tags)
    elif element["type"] == "way":
        collector.add_way(element["id"], element.get("nodes", ()), tags)
    else:
        ways = [member["ref"] for member in element.get("members", ()) if member["type"] == "way"]
        collector.add_relation(element["id"], ways, tags)
