"""Read a config from a file, a mapping or a `Config`: on top of what it extends, with every fault in one list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

from siting.config.closed import KeyPath, Places, parse_yaml, read_text, validated
from siting.config.parameters import Figure, Parameter, is_figure, read_parameters, resolve_figures
from siting.config.schema import NAME, Config
from siting.errors import ConfigError

ConfigSource = str | Path | Mapping[str, Any] | Config
PATH_KEYS = ("city", "parameters", "runs")
"""Keys whose value is a path relative to the file that gives it."""


@dataclass(frozen=True)
class Change:
    """One change of a config that a scenario, or the command line, made: the value of a key before and after."""

    key: str
    was: Any
    now: Any


@dataclass(frozen=True)
class Source:
    """Keys of a config before figures are looked up, so that they can be changed and looked up again.

    `places` are file and line of keys, `start` stands for those that have none; `parameters` is the parameter table,
    `scenarios` that section of the config.
    """

    raw: Mapping[str, Any]
    places: Places
    start: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    scenarios: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Loaded:
    """A config with where its figures came from: one of `figures` for each value taken from the parameter table.

    `files` are those it was read from: itself, what it extends, the parameter table; `path` is None where it was given
    as a mapping or a `Config`. `changes` are those of scenarios and the command line.
    """

    config: Config
    figures: tuple[Figure, ...]
    path: Path | None
    files: tuple[Path, ...]
    source: Source
    changes: tuple[Change, ...] = ()

    def changed(self, source: Source, origin: str, paths: Iterable[KeyPath] = ()) -> Loaded:
        """Return what other keys make, of which those at `paths` come from `origin`; figures that stay are kept.

        Raises
        ------
        ConfigError
            If the keys are no config: all faults in one list.
        """
        new = [tuple(path) for path in paths]
        kept_places = {
            at: place for at, place in source.places.items() if not any(at[: len(one)] == one for one in new)
        }
        places = kept_places | dict.fromkeys(new, origin)
        config, figures = _resolved(replace(source, places=places, start=origin))
        looked_up = {one.path for one in figures}
        kept = [one for one in self._figures_of_files() if one.path not in looked_up]
        return replace(
            self,
            config=config,
            figures=(*figures, *_still_used(kept, source.raw)),
            source=replace(source, places=places),
        )

    def with_keys(self, changes: Mapping[str, Any], origin: str) -> Loaded:
        """Return it with other keys: mappings are merged, other values replaced, None removes.

        Raises
        ------
        ConfigError
            If the config does not allow a key or value; the message begins with `origin`.
        """
        source = replace(self.source, raw=merged(self.source.raw, _plain(changes)))
        return self.changed(source, origin, leaves(changes))

    def _figures_of_files(self) -> list[Figure]:
        """Return the figures that are not looked up: those of a run, whose config has numbers in their place."""
        looked_up = {one.path for one in _resolved_figures(self.source)}
        return [one for one in self.figures if one.path not in looked_up]


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
        raw = source.model_dump(exclude_none=True)
        return Loaded(_with_folders(source), (), None, (), Source(raw, {}, "config"))
    if isinstance(source, Mapping):
        path, layers, start = None, _on_top(_plain(source), {}, (), Path()), "config"
    else:
        path = Path(source)
        layers, start = _read(path, ()), f"{path}:1"
    raw = dict(layers.raw)
    if "runs" not in raw and path is not None:
        raw["runs"] = str(path.parent / Config.model_fields["runs"].default)
    tables = tuple(Path(table) for table in _listed(raw.pop("parameters", ())))
    parameters = {key: row for table in tables for key, row in read_parameters(table).items()}  # the last one counts
    scenarios = _scenarios(raw.pop("scenarios", {}), layers.places.get(("scenarios",), start))
    found = Source(raw, layers.places, start, parameters, scenarios)
    config, figures = _resolved(found)
    return Loaded(config, tuple(figures), path, (*layers.files, *tables), found)


def _resolved(source: Source) -> tuple[Config, list[Figure]]:
    """Look up the figures and validate the rest."""
    faults: list[tuple[KeyPath, str]] = []
    resolved, figures = resolve_figures(dict(source.raw), dict(source.parameters), faults)
    config = validated(Config, resolved, source.start, source.places, faults)
    return _with_folders(config), figures


def _resolved_figures(source: Source) -> list[Figure]:
    return resolve_figures(dict(source.raw), dict(source.parameters), [])[1]


def _scenarios(section: Any, where: str) -> dict[str, Any]:
    """Return the section `scenarios`, whose scenarios are mappings of keys.

    Raises
    ------
    ConfigError
        If it has another form.
    """
    if section is None:
        return {}
    if not isinstance(section, dict) or not all(isinstance(one, dict) for one in section.values()):
        raise ConfigError(
            f"{where}: scenarios: give each a name and the keys that it changes, as in docs/reference/scenarios.md"
        )
    odd = [name for name in map(str, section) if not re.fullmatch(NAME, name)]
    if odd:
        cure = "take letters, digits, dots and dashes, and put the text into its `title`"
        raise ConfigError(f"{where}: scenarios: {odd[0]!r} is to be part of the name of a folder; {cure}")
    return {str(name): one for name, one in section.items()}


def _still_used(figures: Iterable[Figure], raw: Mapping[str, Any]) -> Iterator[Figure]:
    """Yield the figures whose key has their value still, each combination with its parts."""
    last = None
    for figure in figures:
        if last is not None and figure.path.startswith(f"{last}."):
            yield figure
        elif value_at(raw, figure.path.split(".")) == figure.value:
            last = figure.path
            yield figure


def value_at(raw: Any, path: Iterable[str | int]) -> Any:
    """Return the value at a place of plain data, lists by number; None where there is none.

    >>> value_at({"a": [{"b": 5}]}, ["a", "0", "b"]), value_at({"a": 1}, ["a", "b"])
    (5, None)
    """
    for part in path:
        if isinstance(raw, Mapping):
            raw = raw.get(part)
        elif isinstance(raw, list | tuple) and str(part).isdigit() and int(part) < len(raw):
            raw = raw[int(part)]
        else:
            return None
    return raw


def leaves(changes: Mapping[str, Any], at: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the place of each value of nested keys; a figure is one value.

    >>> list(leaves({"a": {"b": 1, "c": {"from": "x"}}, "d": [1]}))
    [('a', 'b'), ('a', 'c'), ('d',)]
    """
    for key, value in changes.items():
        if _is_section(value) and value:
            yield from leaves(value, (*at, str(key)))
        else:
            yield (*at, str(key))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


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
    scenarios = raw.get("scenarios")
    for keys in (raw, *(scenarios.values() if isinstance(scenarios, dict) else ())):
        for key in PATH_KEYS if isinstance(keys, dict) else ():
            if isinstance(keys.get(key), str):
                keys[key] = str(folder / keys[key])
    if isinstance(raw.get("parameters"), list):
        raw["parameters"] = [str(folder / str(table)) for table in raw["parameters"]]
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
        raw["name"] = own[0].stem  # not inherited: the run would replace that of the config it extends
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
    """Return `below` overridden by `above`, key by key.

    >>> merged({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 3}, "d": None})
    {'a': {'b': 3, 'c': 2}}
    >>> merged({"a": {"from": "x", "times": 2}}, {"a": {"value": 1}})  # figures are not merged
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
