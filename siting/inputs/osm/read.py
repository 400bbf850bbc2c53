"""The doors: a file or the name of a place in, tables out."""

from __future__ import annotations

import os
from pathlib import Path

from siting.inputs.osm.online import Servers, fetch_raw
from siting.inputs.osm.tables import OsmTables, make_tables


def read_osm_file(path: Path | str, *, admin_level: int | None = None) -> OsmTables:
    """Read an OpenStreetMap extract (`.osm.pbf`, `.osm`, `.osm.gz`, `.osm.bz2`), without a network.

    `admin_level` is the level of the boundaries that become districts; left out, it is chosen by the data.

    Raises
    ------
    FileError
        If the file is missing, damaged, truncated, or no OpenStreetMap file.
    DataError
        If it holds nothing, no roads, or coordinates that are no degrees.
    ConfigError
        If it holds no whole boundary of `admin_level`.
    """
    from siting.inputs.osm.file import read_raw

    path = Path(path)
    return make_tables(read_raw(path), str(path), admin_level=admin_level)


def read_osm_place(
    place: str,
    *,
    overpass: str | None = None,
    nominatim: str | None = None,
    cache: Path | None = None,
    admin_level: int | None = None,
) -> OsmTables:
    """Read what OpenStreetMap's servers hold inside the boundary of `place`, such as `Helsinki, Finland`.

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
    raw = fetch_raw(place, Servers(overpass, nominatim, cache or _usual_cache()))
    return make_tables(raw, place, admin_level=admin_level)


def _usual_cache() -> Path:
    return Path(os.environ.get("SITING_CACHE") or Path("runs") / ".cache") / "osm"
