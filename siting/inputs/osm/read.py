"""Read OpenStreetMap: a file, or a place by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting.errors import DataError, FileError, SitingError
from siting.inputs.osm.online import fetch_raw
from siting.inputs.osm.raw import UNITS_PER_DEGREE, Collector, RawOsm
from siting.inputs.osm.tables import OsmTables, make_tables

if TYPE_CHECKING:
    from osmium import FileProcessor
    from osmium.osm import Box

SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
FORMATS = "an OpenStreetMap extract: .osm.pbf, .osm, .osm.gz or .osm.bz2"
BOX_SLACK_DEG = 0.01
MANY_WAYS = 1000


def read_osm_file(path: Path | str, *, admin_level: int | None = None) -> OsmTables:
    """Read an OpenStreetMap extract (`.osm.pbf`, `.osm`, `.osm.gz`, `.osm.bz2`), without a network.

    `admin_level` is the level of the boundaries that become districts; left out, it is chosen by the data.

    Raises
    ------
    FileError
        If the file is missing, damaged, truncated, or no OpenStreetMap file.
    DataError
        If it holds the history of objects, nothing, no roads, or coordinates that are no degrees.
    ConfigError
        If it holds no whole boundary of `admin_level`.
    """
    path = Path(path)
    if not path.is_file():
        raise FileError(f"{path}: no such file; give {FORMATS}")
    if not path.name.lower().endswith(SUFFIXES):
        raise FileError(f"{path}: unknown format {path.suffix!r}; give {FORMATS}")
    import osmium

    try:
        file = osmium.io.File(path)
        if file.has_multiple_object_versions:
            raise DataError(f"{path}: a history or change file; cut one date from it with `osmium time-filter`")
        raw = _collect(path, osmium.FileProcessor(file))
    except SitingError:
        raise
    except osmium.InvalidLocationError as error:
        raise DataError(f"{path}: a node without degrees ({error}); coordinates must be WGS-84 degrees") from error
    except (RuntimeError, ValueError) as error:  # what pyosmium raises for damaged files
        raise FileError(
            f"{path}: cannot be read ({error}); it may be truncated or no OpenStreetMap file: download or copy it"
            f" again, and see that it is {FORMATS}"
        ) from error
    return make_tables(raw, str(path), admin_level=admin_level)


def read_osm_place(
    place: str,
    *,
    overpass: str | None = None,
    nominatim: str | None = None,
    cache: Path | None = None,
    admin_level: int | None = None,
) -> OsmTables:
    """Download OpenStreetMap's data inside the boundary of `place`, such as `Helsinki, Finland`.

    `overpass` and `nominatim` are base addresses of other servers than the public ones; `cache` is the folder that
    keeps their answers, so that the same place is asked for once: left out, `osm` in SITING_CACHE or in `runs/.cache`.

    Raises
    ------
    FileError
        If a server cannot be reached, goes on refusing, or answers something else.
    DataError
        If there is no such place, it has no boundary, or no roads lie in it.
    ConfigError
        If no area of `admin_level` lies there.
    """
    cache = cache or Path(os.environ.get("SITING_CACHE") or Path("runs") / ".cache") / "osm"
    raw = fetch_raw(place, overpass=overpass, nominatim=nominatim, cache=cache)
    return make_tables(raw, place, admin_level=admin_level)


def _collect(path: Path, objects: FileProcessor) -> RawOsm:
    collector = Collector(str(path))
    edited = [when for thing in objects if (when := _take(collector, thing)) is not None]
    if not collector.node_id:
        raise DataError(f"{path}: holds no nodes, so nothing lies anywhere; take an extract that covers the city")
    latest = f"{max(edited):%Y-%m-%d}" if edited else ""
    return collector.finish(_notes(collector, objects.header.box()), latest if latest > "1970-01-01" else None)


def _take(collector: Collector, thing: Any) -> Any:
    """Take an object; return the time of its last edit if it is a way, for the date of the data."""
    if not thing.visible:
        return None
    tags = {tag.k: tag.v for tag in thing.tags} if thing.tags else {}
    if thing.is_node():
        collector.add_node(thing.id, thing.location.x, thing.location.y, tags)
    elif thing.is_way():
        collector.add_way(thing.id, [node.ref for node in thing.nodes], tags)
        return thing.timestamp
    elif thing.is_relation():
        collector.add_relation(thing.id, (one.ref for one in thing.members if one.type == "w"), tags)
    return None


def _notes(collector: Collector, box: Box) -> list[str]:
    """Return notes on a header that promises another place (it is not used otherwise), and on a lost end."""
    notes = []
    slack = round(BOX_SLACK_DEG * UNITS_PER_DEGREE)
    low, high = box.bottom_left, box.top_right
    is_outside = box.valid() and (
        min(collector.node_x) > high.x + slack or max(collector.node_x) < low.x - slack
        or min(collector.node_y) > high.y + slack or max(collector.node_y) < low.y - slack
    )  # fmt: skip
    if is_outside:
        notes.append(
            f"the header promises {low.lon:g} … {high.lon:g} E, {low.lat:g} … {high.lat:g} N, where no node lies;"
            " the header was ignored, check that it is the right file"
        )
    if not collector.n_relations and len(collector.ways) >= MANY_WAYS:  # relations are last; a city has some
        notes.append(
            "no relations at all (districts, large areas): a file cut off at its end loses them first, compare its size"
        )
    return notes
