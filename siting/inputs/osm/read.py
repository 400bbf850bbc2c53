"""The doors: a file or the name of a place in, tables out."""

from __future__ import annotations

from pathlib import Path

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
