"""Read a config from a file, a mapping or a `Config`: on top of what it extends, with every fault in one list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from siting.config.closed import KeyPath, Places, parse_yaml, read_text, validated
from siting.config.parameters import Figure, is_figure, read_parameters, resolve_figures
from siting.config.schema import Config
from siting.errors import ConfigError

ConfigSource = str | Path | Mapping[str, Any] | Config
PATH_KEYS = ("city", "parameters", "runs")
"""Keys whose value is a path relative to the file that gives it."""


@dataclass(frozen=True)
class Loaded:
    """A config with where its figures came from: one of `figures` for each value taken from the parameter table.

    `files` are those it was read from: itself, what it extends, the parameter table; `path` is None where it was given
    as a mapping or a `Config`.
    """

    config: Config
    figures: tuple[Figure, ...]
    path: Path | None
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Layers:
    """Keys of a config and of those that it extends, the file and line of each, and the files, the topmost first."""

    raw: dict[str, Any]
    places: Places
    files: tuple[Path, ...]


def load_config(source: ConfigSource) -> Loaded:
    """Read and validate a config, on top of those that it extends.

    Paths in a file are relative to the file; in a mapping or a `Config`, to the working directory.

    Raises
    ------
    FileError
        If a file cannot be read.
    ConfigError
        If it is not YAML, has an unknown, repeated or missing key, or a value out of range: all faults in one list.
    """
    if isinstance(source, Config):
        return Loaded(_with_folders(source), (), None, ())
    if isinstance(source, Mapping):
        path, layers, start = None, _on_top(_plain(source), {}, (), Path()), "config"
    else:
        path = Path(source)
        layers, start = _read(path, ()), f"{path}:1"
    raw = dict(layers.raw)
    tables = (Path(raw.pop("parameters")),) if "parameters" in raw else ()
    parameters = read_parameters(tables[0]) if tables else {}
    faults: list[tuple[KeyPath, str]] = []
    resolved, figures = resolve_figures(raw, parameters, faults)
    config = validated(Config, resolved, start, layers.places, faults)
    if "runs" not in resolved and path is not None:  # as given, it is relative to here already
        config = config.model_copy(update={"runs": path.parent / config.runs})
    return Loaded(_with_folders(config), tuple(figures), path, (*layers.files, *tables))


def _with_folders(config: Config) -> Config:
    return config.model_copy(update={"city": config.city.resolve(), "runs": config.runs.resolve()})


def _plain(value: Any) -> Any:
    """Return a value of Python as YAML has it: dictionaries, lists and paths as text."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, PathLike) else value


def _read(path: Path, above: tuple[Path, ...]) -> Layers:
    if path.resolve() in above:
        raise ConfigError(f"{path}: extends itself by way of {above[-1]}; remove one `extends`")
    raw, places = parse_yaml(read_text(path, "config"), path)
    return _on_top(raw, places, (*above, path), path.parent)


def _on_top(raw: dict[str, Any], places: Places, files: tuple[Path, ...], folder: Path) -> Layers:
    """Merge keys into those of the file that they extend; `files` end with the one that they stand in, if any.

    A mapping is merged key by key, anything else replaced; `null` takes a key away.
    """
    base = raw.pop("extends", None)
    for key in PATH_KEYS:
        if isinstance(raw.get(key), str):
            raw[key] = str(folder / raw[key])
    layout = raw.get("layout")
    for section, rows, key in ((raw, "standards", "pack"), (layout, "exclusion", "file"), (layout, "buffers", "file")):
        _place_files(section, rows, key, folder)
    own = files[-1:]
    if base is None:
        return Layers(raw, places, own)
    if not isinstance(base, str):
        where = places.get(("extends",), str(own[0]) if own else "config")
        raise ConfigError(f"{where}: extends: must name a config file (is {base!r})")
    if own and "name" not in raw:
        raw["name"] = own[0].stem  # never that of the config below, whose run it would replace
        places = {**places, ("name",): f"{own[0]}: name, taken from the file's as there is none"}
    below = _read(folder / base, tuple(file.resolve() for file in files))
    return Layers(merged(below.raw, raw), below.places | places, (*own, *below.files))


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
    >>> merged({"a": {"from": "x", "times": 2}}, {"a": {"value": 1}})  # a figure is replaced as a whole
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
    return isinstance(value, Mapping) and not is_figure(value)
