"""A config on top of another: `extends` names the file whose keys hold where this one says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siting.config.closed import Places, parse_yaml, read_text
from siting.errors import ConfigError

PATH_KEYS = ("city", "parameters", "runs")
"""Keys whose value is a path relative to the file that gives it."""
FILE_LISTS = (("layout", "exclusion", "file"), ("layout", "buffers", "file"))
"""Lists of a section whose rows may name a file, and the key that does; relative to the file that gives it, too."""
FIGURE_KEYS = ("from", "value")
"""A mapping with one of these is a figure: it replaces what it extends as a whole."""


@dataclass(frozen=True)
class Layers:
    """The keys of all files together, the file and line of each, and the files, the topmost first."""

    raw: dict[str, Any]
    places: Places
    files: tuple[Path, ...]


def read_layers(path: Path) -> Layers:
    """The config file at `path` and those that it extends, as one.

    A mapping is merged key by key, anything else replaced; `null` takes a key away.

    Raises
    ------
    FileError
        If a file cannot be read.
    ConfigError
        If one is not YAML, or extends itself.
    """
    return _read(path, ())


def _read(path: Path, above: tuple[Path, ...]) -> Layers:
    if path.resolve() in above:
        raise ConfigError(f"{path}: extends itself by way of {above[-1]}; remove one `extends`")
    raw, places = parse_yaml(read_text(path, "config"), path)
    base = raw.pop("extends", None)
    for key in PATH_KEYS:
        if isinstance(raw.get(key), str):
            raw[key] = str(path.parent / raw[key])
    _place_files(raw, "standards", "pack", path.parent)
    for section, rows, key in FILE_LISTS:
        _place_files(raw.get(section), rows, key, path.parent)
    if base is None:
        return Layers(raw, places, (path,))
    if not isinstance(base, str):
        raise ConfigError(f"{places.get(('extends',), path)}: extends: must name a config file (is {base!r})")
    below = _read(path.parent / base, (*above, path.resolve()))
    return Layers(merged(below.raw, raw), below.places | places, (path, *below.files))


def _place_files(section: Any, rows: str, key: str, folder: Path) -> None:
    """Put `folder` before the file names in a list of a section; what has another form is left to the schema."""
    listed = section.get(rows) if isinstance(section, dict) else None
    for row in listed if isinstance(listed, list) else ():
        if isinstance(row, dict) and isinstance(row.get(key), str) and (key == "file" or row[key].endswith(".yaml")):
            row[key] = str((folder / row[key]).resolve())


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`below` with what `above` says instead.

    >>> merged({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 3}, "d": None})
    {'a': {'b': 3, 'c': 2}}
    >>> merged({"a": {"from": "x", "times": 2}}, {"a": {"value": 1}})
    {'a': {'value': 1}}
    """
    result = dict(below)
    for key, value in above.items():
        if value is None:
            result.pop(key, None)
        elif _is_section(value) and _is_section(result.get(key)):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def _is_section(value: Any) -> bool:
    return isinstance(value, Mapping) and not any(key in value for key in FIGURE_KEYS)
