"""YAML files with a closed schema: plain data with the line of each key; faults that name file, line, key and cure."""

from __future__ import annotations

import difflib
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from siting.errors import ConfigError, FileError, raise_faults

KeyPath = tuple[str | int, ...]
Places = dict[KeyPath, str]
"""`file:line` of each key."""
Section = TypeVar("Section", bound=BaseModel)


def read_text(path: Path, what: str) -> str:
    """Read the text of a file, which messages call a `what`.

    Raises
    ------
    FileError
        If it cannot be read.
    ConfigError
        If it is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); check the path of the {what}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text; save the {what} as UTF-8") from error


def read_closed(path: Path, schema: type[Section], what: str) -> Section:
    """Read a file as the schema has it.

    Raises
    ------
    FileError
        If it cannot be read.
    ConfigError
        If it is not YAML, has an unknown, repeated or missing key, or a value out of range: all faults in one list.
    """
    return parse_closed(read_text(path, what), path, schema)


def parse_closed(text: str, path: Path, schema: type[Section]) -> Section:
    """Parse YAML as the schema has it; `path` is where faults say that it stands.

    Raises
    ------
    ConfigError
        If it is not YAML, has an unknown, repeated or missing key, or a value out of range: all faults in one list.
    """
    raw, places = parse_yaml(text, path)
    try:
        return schema.model_validate(raw)
    except ValidationError as error:
        raise_faults([fault_text(schema, f"{path}:1", places, dict(item)) for item in error.errors()], ConfigError)
        raise


def parse_yaml(text: str, path: Path) -> tuple[dict[str, Any], Places]:
    """Parse YAML to plain data, and the place of each key.

    Raises
    ------
    ConfigError
        If it is not YAML, no mapping, or gives a key twice.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError(f"{path}: not a config; expected keys such as `name:` at the top")
        lines: dict[KeyPath, int] = {}
        faults: list[str] = []
        _walk(node, (), lines, faults)
        raise_faults([f"{path}:{fault}" for fault in faults], ConfigError)
        return yaml.safe_load(text), {at: f"{path}:{line}" for at, line in lines.items()}
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
                faults.append(f"{key.start_mark.line + 1}: {dotted(here)} is given twice; keep one")
            lines[here] = key.start_mark.line + 1
            _walk(value, here, lines, faults)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            lines[(*at, number)] = value.start_mark.line + 1
            _walk(value, (*at, number), lines, faults)


def dotted(at: KeyPath) -> str:
    """Return a place in a file as messages write it."""
    return ".".join(str(part) for part in at)


def fault_text(schema: type[BaseModel], start: str, places: Places, item: dict[str, Any]) -> str:
    """Return one of pydantic's faults in our form: file, line, key, what, value, cure.

    `start` stands for the file and line where the key has none.
    """
    at = tuple(part for part in item["loc"])
    known = at
    while known and known not in places:
        known = known[:-1]
    where = f"{places.get(known, start)}: {dotted(at) or 'config'}"
    if item["type"] == "extra_forbidden":
        names = _keys_at(schema, at[:-1])
        near = difflib.get_close_matches(str(at[-1]), names, n=1, cutoff=0.5)
        cure = f"did you mean {near[0]!r}?" if near else f"known keys here: {', '.join(sorted(names))}"
        return f"{where}: unknown key; {cure}"
    if item["type"] == "missing":
        return f"{where}: missing; add it"
    reason = item["msg"].removeprefix("Value error, ")
    value = item.get("input")
    shown = "" if isinstance(value, dict | BaseModel) else f" (is {value!r})"
    return f"{where}: {reason[0].lower() + reason[1:]}{shown}"


def _keys_at(schema: type[BaseModel], at: KeyPath) -> list[str]:
    """The keys that the schema knows at a place of the file."""
    annotation: Any = schema
    for part in at:
        annotation = _below(annotation, str(part))
    sections = [one for one in (annotation, *get_args(annotation)) if _is_section(one)]
    return [name for section in sections for name in section.model_fields]


def _is_section(annotation: Any) -> bool:
    return get_origin(annotation) is None and isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _below(annotation: Any, key: str) -> Any:
    """Return what the schema expects at `key` of a section, a mapping or a list; None where it expects nothing."""
    if _is_section(annotation):
        return annotation.model_fields[key].annotation if key in annotation.model_fields else None
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return next((below for below in (_below(one, key) for one in arguments) if below is not None), None)
    if origin is dict:
        return arguments[1]
    return arguments[0] if origin is tuple else None
