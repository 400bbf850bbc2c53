"""Reads a config: YAML to `Config`, with every fault in one list, each with its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from siting.config.closed import Places, dotted, fault_text
from siting.config.layers import read_layers
from siting.config.parameters import Figure, Parameters, resolve_figures
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults


@dataclass(frozen=True)
class Loaded:
    """A config with where its figures came from: one of `figures` for each value taken from the parameter table.

    `files` are those it was read from: itself, what it extends, the parameter table.
    """

    config: Config
    figures: tuple[Figure, ...]
    path: Path
    files: tuple[Path, ...]


def load_config(path: Path) -> Loaded:
    """Read and check the config file at `path`, on top of those that it extends.

    Raises
    ------
    FileError
        If the file cannot be read.
    ConfigError
        If it is not YAML, has an unknown, repeated or missing key, or a value out of range: all faults in one list.
    """
    layers = read_layers(path)
    raw, places = dict(layers.raw), layers.places
    tables = (Path(raw.pop("parameters")),) if "parameters" in raw else ()
    parameters = Parameters.read(tables[0]) if tables else Parameters({})
    faults: list[str] = []
    resolved, figures = resolve_figures(raw, parameters, faults)
    faults = [_located(path, places, fault.split(": ", 1)) for fault in faults]
    try:
        config = Config.model_validate(resolved)
    except ValidationError as error:
        raise_faults(faults + [fault_text(Config, path, places, dict(item)) for item in error.errors()], ConfigError)
        raise
    raise_faults(faults, ConfigError)
    runs = config.runs if "runs" in resolved else path.parent / config.runs  # as given, it is relative to here already
    folders = {"city": config.city.resolve(), "runs": runs.resolve()}
    return Loaded(config.model_copy(update=folders), tuple(figures), path, (*layers.files, *tables))


def _located(path: Path, places: Places, fault: list[str]) -> str:
    """A fault of a figure, which begins with its dotted key, with its line."""
    by_name = {dotted(at): place for at, place in places.items()}
    return f"{by_name.get(fault[0], f'{path}:1')}: {': '.join(fault)}"
