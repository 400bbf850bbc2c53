"""Sections with a closed schema, and YAML files of them: faults name file, line, key and cure."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from siting.errors import ConfigError, FileError, did_you_mean, raise_faults

Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
KeyPath = tuple[str | int, ...]
Places = dict[KeyPath, str]
"""`file:line` of each key."""
Section = TypeVar("Section", bound=BaseModel)
MOST_BYTES = 10_000_000
MOST_NODES = 50_000
DEEPEST = 60
NUMBER = re.compile(r"\s*[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*|[-+]?\.?(?i:inf|nan)")


class Closed(BaseModel):
    """Base of every section: frozen, closed to unknown keys and to numbers that are not finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _is_plain_number(cls, value: Any, info: ValidationInfo) -> Any:
        if _is_numeric(cls, info.field_name or ""):
            for one in _leaves(value):
                if isinstance(one, bool):
                    raise ValueError("a yes or no where a number is expected")
                if isinstance(one, str) and re.match(r"\s*[-+.\d]", one) and NUMBER.fullmatch(one) is None:
                    raise ValueError(f"{one!r} is no plain number; write 10, 0.5 or 1e3, without _, : or a leading 0")
        return value


@functools.cache
def _is_numeric(section: type[BaseModel], name: str) -> bool:
    """Return whether a field holds numbers, also in a list or mapping, and neither texts, flags nor sections."""
    return bool(found := set(_types(section.model_fields[name].annotation))) and found <= {int, float}


def _types(annotation: Any) -> Iterator[Any]:
    """Yield the types of the values of a field, without its keys and None."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _types(arguments[0])
    elif origin is dict:
        yield from _types(arguments[1])
    elif arguments:
        for one in arguments:
            yield from _types(one)
    elif annotation not in (None, type(None), Ellipsis):
        yield annotation


def _leaves(value: Any) -> Iterator[Any]:
    """Yield the values in a list or mapping, or the value itself."""
    if isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
    else:
        yield value


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
        if path.exists() and not path.is_file():
            raise FileError(f"{path}: no file but a folder or device; check the path of the {what}")
        if path.exists() and path.stat().st_size > MOST_BYTES:
            raise FileError(f"{path}: larger than {MOST_BYTES / 1e6:.0f} MB, so no {what}; check the path")
        return path.read_text(encoding="utf-8-sig")
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); check the path of the {what}") from error
    except UnicodeDecodeError as error:
        if path.read_bytes().startswith(b"PK"):  # as a zip and so an .xlsx does
            raise ConfigError(f"{path}: a workbook or archive; give a {what} in YAML here") from error
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
        told = {at[:depth] for at, _ in faults for depth in (len(at), len(at) - 1, len(at) - 2) if depth > 0}
        found = [
            (item["loc"], _fault_text(schema, dict(item)))
            for item in error.errors()
            if not any(tuple(item["loc"])[: len(at)] == at for at, _ in faults) and tuple(item["loc"]) not in told
        ]
        listed += [located(start, places, at, text) for at, text in found]
        raise_faults(listed, ConfigError)
        raise
    raise_faults(listed, ConfigError)
    return section


def parse_yaml(text: str, path: Path) -> tuple[dict[str, Any], Places]:
    """Parse YAML to plain data, and the place of each key.

    Numbers are written as elsewhere (1000, 1e3, 0.5) and yes and no as true and false; what YAML 1.1 makes of 010, 1_0,
    12:30, yes and dates stays text, for the schema to judge.

    Raises
    ------
    ConfigError
        If it is not YAML, no mapping, too large once its aliases are written out, or gives a key twice.
    """
    try:
        loader = PlainLoader(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError(f"{path}: not a config; expected keys such as `name:` at the top")
        walk = Walk()
        walk.visit(node, ())
        raise_faults([f"{path}:{fault}" for fault in walk.faults], ConfigError)
        return loader.construct_document(node), {at: f"{path}:{line}" for at, line in walk.lines.items()}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not valid YAML: {error.problem}; check colons and indentation") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from error
    except (RecursionError, TooLargeError) as error:
        told = f"more than {MOST_NODES:,} entries, or {DEEPEST} levels, once its aliases are written out"
        raise ConfigError(f"{path}: {told}; write less, without aliases (*)") from error


class PlainLoader(yaml.SafeLoader):
    """Loader of YAML whose plain words are texts unless they are numbers, true, false or null."""


PlainLoader.yaml_implicit_resolvers = {}


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+."),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


class TooLargeError(Exception):
    """A text of YAML that its aliases make larger than any config is."""


@dataclass
class Walk:
    """A walk through the nodes of a file: the line of each key; a key given twice is a fault."""

    lines: dict[KeyPath, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    n_nodes: int = 0

    def visit(self, node: yaml.Node, at: KeyPath) -> None:
        """Note the lines of a node's keys, and of those below; in scenarios `+5` keeps its sign, as text."""
        self.n_nodes += 1
        if self.n_nodes > MOST_NODES or len(at) > DEEPEST:
            raise TooLargeError
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                here = (*at, str(key.value))
                if here in self.lines:
                    self.faults.append(f"{key.start_mark.line + 1}: {dotted(here)} is given twice; keep one")
                self.lines[here] = key.start_mark.line + 1
                self.visit(value, here)
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                self.lines[(*at, number)] = value.start_mark.line + 1
                self.visit(value, (*at, number))
        elif (
            at[:1] == ("scenarios",) and isinstance(node, yaml.ScalarNode) and not node.style and node.value[:1] == "+"
        ):
            node.tag = "tag:yaml.org,2002:str"


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
    """Return the keys that the schema knows at a place of the file."""
    annotation: Any = schema
    for part in at:
        annotation = _below(annotation, str(part))
    sections = [one for one in (annotation, *get_args(annotation)) if _is_section(one)]
    return [name for section in sections for name in section.model_fields]


def _is_section(annotation: Any) -> bool:
    return get_origin(annotation) is None and isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _below(annotation: Any, key: str) -> Any:
    """Return the type that the schema expects at `key` of a section, a mapping or a list; None if there is none."""
    if _is_section(annotation):
        return annotation.model_fields[key].annotation if key in annotation.model_fields else None
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return next((below for below in (_below(one, key) for one in arguments) if below is not None), None)
    if origin is dict:
        return arguments[1]
    return arguments[0] if origin is tuple else None
