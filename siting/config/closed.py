"""Sections with a closed schema, and YAML files of them: faults name file, line, key and cure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from siting.errors import ConfigError, FileError, did_you_mean, raise_faults

Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
KeyPath = tuple[str | int, ...]
Places = dict[KeyPath, str]
"""`file:line` of each key."""
Section = TypeVar("Section", bound=BaseModel)


class Closed(BaseModel):
    """Base of every section: frozen, closed to unknown keys and to numbers that are not finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


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
    raw, places = parse_yaml(read_text(path, what), path)
    return validated(schema, raw, f"{path}:1", places)


def validated(
    schema: type[Section], raw: Any, start: str, places: Places, faults: Sequence[tuple[KeyPath, str]] = ()
) -> Section:
    """Return plain data as the schema has it; `start` stands for the file and line where a key has none.

    Raises
    ------
    ConfigError
        If it does not fit, or there are `faults` of keys already: all in one list.
    """
    listed = [located(start, places, at, text) for at, text in faults]
    try:
        section = schema.model_validate(raw)
    except ValidationError as error:
        found = [(item["loc"], _fault_text(schema, dict(item))) for item in error.errors()]
        listed += [located(start, places, at, text) for at, text in found]
        raise_faults(listed, ConfigError)
        raise
    raise_faults(listed, ConfigError)
    return section


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


def located(start: str, places: Places, at: KeyPath, text: str) -> str:
    """Return a fault of a key with its file and line: those of the innermost key around it that has any."""
    known = at
    while known and known not in places:
        known = known[:-1]
    return f"{places.get(known, start)}: {dotted(at) or 'config'}: {text}"


def dotted(at: KeyPath) -> str:
    """Return the place of a key as messages write it."""
    return ".".join(str(part) for part in at)


def _fault_text(schema: type[BaseModel], item: dict[str, Any]) -> str:
    """Return one of pydantic's faults in our form: what, value, cure."""
    if item["type"] == "extra_forbidden":
        *above, key = item["loc"]
        names = sorted(_keys_at(schema, tuple(above)))
        return f"unknown key; {did_you_mean(str(key), names, 'known keys here: ' + ', '.join(names))}"
    if item["type"] == "missing":
        return "missing; add it"
    reason, value = str(item["msg"]).removeprefix("Value error, "), item.get("input")
    return reason[0].lower() + reason[1:] + ("" if isinstance(value, dict | BaseModel) else f" (is {value!r})")


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
