"""Reads a config: YAML to `Config`, with every fault in one list, each with its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from siting.config.closed import KeyPath, dotted, fault_text, parse_yaml, read_text
from siting.config.parameters import Figure, Parameters, resolve_figures
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults


@dataclass(frozen=True)
class Loaded:
    """A config with where its figures came from: one of `figures` for each value taken from the parameter table."""

    config: Config
    figures: tuple[Figure, ...]
    path: Path


def load_config(path: Path) -> Loaded:
    """Read and check the config file at `path`.

    Raises
    ------
    FileError
        If the file cannot be read.
    ConfigError
        If it is not YAML, has an unknown, repeated or missing key, or a value out of range: all faults in one list.
    """
    raw, lines = parse_yaml(read_text(path, "config"), path)
    parameters = Parameters.read(path.parent / raw.pop("parameters")) if "parameters" in raw else Parameters({})
    faults: list[str] = []
    resolved, figures = resolve_figures(raw, parameters, faults)
    faults = [_located(path, lines, fault.split(": ", 1)) for fault in faults]
    try:
        config = Config.model_validate(resolved)
    except ValidationError as error:
        raise_faults(faults + [fault_text(Config, path, lines, dict(item)) for item in error.errors()], ConfigError)
        raise
    raise_faults(faults, ConfigError)
    folders = {"city": path.parent / config.city, "runs": path.parent / config.runs}
    return Loaded(config.model_copy(update={k: v.resolve() for k, v in folders.items()}), tuple(figures), path)


def _located(path: Path, lines: dict[KeyPath, int], fault: list[str]) -> str:
    """A fault of a figure, which begins with its dotted key, with its line."""
    by_name = {dotted(at): line for at, line in lines.items()}
    return f"{path}:{by_name.get(fault[0], 1)}: {': '.join(fault)}"
