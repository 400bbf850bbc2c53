"""Provenance of a run: digests of the input files and versions of the packages."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from siting import __version__
from siting.config import Loaded
from siting.runs.manifest import file_digest

PACKAGES = (
    "pulp", "highspy", "cbcbox", "numpy", "scipy", "pandas", "geopandas", "shapely", "pyproj", "pyogrio",
    "pyarrow", "folium", "xlsxwriter", "pydantic", "rich", "typer",
)  # fmt: skip
TABLE_SUFFIXES = (".parquet", ".gpkg", ".csv", ".yaml")


def package_versions() -> dict[str, str]:
    """Return the versions of Python, of this program and of each package that is installed."""
    versions = {"python": platform.python_version(), "siting": __version__}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def input_digests(loaded: Loaded) -> dict[str, str]:
    """Return the SHA-256 of the config, its parameters and each table of the city folder, by name without its place.

    Raises
    ------
    FileError
        If one of them cannot be read.
    """
    return {name: file_digest(path) for name, path in _input_files(loaded)}


def _input_files(loaded: Loaded) -> Iterator[tuple[str, Path]]:
    for path in loaded.files:
        yield path.name, path
    city = loaded.config.city
    for path in sorted(city.iterdir()):
        if path.suffix in TABLE_SUFFIXES:
            yield f"{city.name}/{path.name}", path
    for path in loaded.config.layout.files():
        yield path.name, path
