"""Reads a config: YAML to `Config`, with every fault in one list, each with its line."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from siting.config.parameters import Figure, Parameters, resolve_figures
from siting.config.schema import Config
from siting.errors import ConfigError, FileError, raise_faults

KeyPath = tuple[str | int, ...]


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
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); check the path of the config") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text; save the config as UTF-8") from error
    raw, lines = _parse(text, path)
    parameters = Parameters.read(path.parent / raw.pop("parameters")) if "parameters" in raw else Parameters({})
    faults: list[str] = []
    resolved, figures = resolve_figures(raw, parameters, faults)
    faults = [_located(path, lines, fault.split(": ", 1)) for fault in faults]
    try:
        config = Config.model_validate(resolved)
    except ValidationError as error:
        raise_faults(faults + [_message(path, lines, dict(item)) for item in error.errors()], ConfigError)
        raise
    raise_faults(faults, ConfigError)
    folders = {"city": path.parent / config.city, "runs": path.parent / config.runs}
    return Loaded(config.model_copy(update={k: v.resolve() for k, v in folders.items()}), tuple(figures), path)


def _parse(text: str, path: Path) -> tuple[dict[str, Any], dict[KeyPath, int]]:
    """The YAML as plain data, and the line of each key."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError(f"{path}: not a config; expected keys such as `name:` and `city:` at the top")
        lines: dict[KeyPath, int] = {}
        faults: list[str] = []
        _walk(node, (), lines, faults)
        raise_faults([f"{path}:{fault}" for fault in faults], ConfigError)
        return yaml.safe_load(text), lines
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not valid YAML: {error.problem}; check colons and indentation") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from error


def _walk(node: yaml.Node, at: KeyPath, lines: dict[KeyPath, int], faults: list[str]) -> None:
    """Note the line of each key below `node`; a key given twice is a fault."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, str(key.value))
            if here in lines:
                faults.append(f"{key.start_mark.line + 1}: {_dotted(here)} is given twice; keep one")
            lines[here] = key.start_mark.line + 1
            _walk(value, here, lines, faults)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            lines[(*at, number)] = value.start_mark.line + 1
            _walk(value, (*at, number), lines, faults)


def _dotted(at: KeyPath) -> str:
    return ".".join(str(part) for part in at)


def _located(path: Path, lines: dict[KeyPath, int], fault: list[str]) -> str:
    """A fault of a figure, which begins with its dotted key, with its line."""
    by_name = {_dotted(at): line for at, line in lines.items()}
    return f"{path}:{by_name.get(fault[0], 1)}: {': '.join(fault)}"


def _message(path: Path, lines: dict[KeyPath, int], item: dict[str, Any]) -> str:
    """One of pydantic's faults in our form: file, line, key, what, value, cure."""
    at = tuple(part for part in item["loc"])
    known = at
    while known and known not in lines:
        known = known[:-1]
    where = f"{path}:{lines.get(known, 1)}: {_dotted(at) or 'config'}"
    if item["type"] == "extra_forbidden":
        names = _keys_at(at[:-1])
        near = difflib.get_close_matches(str(at[-1]), names, n=1, cutoff=0.5)
        cure = f"did you mean {near[0]!r}?" if near else f"known keys here: {', '.join(sorted(names))}"
        return f"{where}: unknown key; {cure}"
    if item["type"] == "missing":
        return f"{where}: missing; add it"
    reason = item["msg"].removeprefix("Value error, ")
    value = item.get("input")
    shown = "" if isinstance(value, dict | BaseModel) else f" (is {value!r})"
    return f"{where}: {reason[0].lower() + reason[1:]}{shown}"


def _keys_at(at: KeyPath) -> list[str]:
    """The keys that the schema knows at a place of the config."""
    annotation: Any = Config
    for part in at:
        annotation = _below(annotation, str(part))
    return list(annotation.model_fields) if _is_section(annotation) else []


def _is_section(annotation: Any) -> bool:
    return get_origin(annotation) is None and isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _below(annotation: Any, key: str) -> Any:
    """What the schema expects at `key` of a section, of a mapping or of a list; None where it expects nothing."""
    if _is_section(annotation):
        return annotation.model_fields[key].annotation if key in annotation.model_fields else None
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict:
        return arguments[1]
    return arguments[0] if origin is tuple else None
