"""Addresses of what is changed, in one line: `count-sorting.at_most`, `wage.attendant`, `money.carbon_cny_per_t`."""

from __future__ import annotations

import difflib
import re
import zlib
from collections.abc import Mapping
from typing import Any

import yaml

from siting.config.load import Loaded, leaves
from siting.config.overlay.parameters import used_parameters
from siting.config.overlay.relative import Reference
from siting.config.overlay.targets import SIDES, TargetTable
from siting.config.schema import Config
from siting.config.targets import TargetLine, target_lines
from siting.errors import ConfigError, raise_faults

LONGEST_NAME = 60
TIMES = re.compile(r"[x×*](\d+(?:\.\d*)?)")
POWER_OF_TEN = re.compile(r"-?\d+(\.\d*)?[eE][+-]?\d+")
"""Numbers such as 7.6e6, which YAML 1.1 takes for text."""


def nested(keys: Mapping[str, Any], loaded: Loaded, origin: str, reference: Reference) -> dict[str, Any]:
    """Return keys by section, of a mapping whose keys may also be addresses.

    An address is a key of the config with dots, the id of a target alone or with a key of it, or a key of the parameter
    table: `count-sorting.at_most` becomes `targets: {count-sorting: {at_most: …}}`.

    Raises
    ------
    ConfigError
        If an address is not known, with the nearest one: all in one list.
    """
    found: dict[str, Any] = {}
    faults: list[str] = []
    for key, value in keys.items():
        path = _path(str(key), loaded, reference)
        if path is None:
            faults.append(f"{origin}: {key}: unknown; {_cure(str(key), loaded)}")
            continue
        found = _joined(found, _below(path, value))
    raise_faults(faults, ConfigError)
    return found


def parse_assignment(text: str) -> tuple[str, str]:
    """Split KEY=VALUE.

    Raises
    ------
    ConfigError
        If there is no `=`.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise ConfigError(f"--set {text}: write KEY=VALUE, such as count-sorting.at_most=20")
    return key.strip(), value.strip()


def parse_value(text: str) -> Any:
    """Return a value of the command line as YAML has it; `x1.2` is a factor, a sign is kept.

    >>> parse_value("20"), parse_value("x1.2"), parse_value("+20"), parse_value("[a, b]"), parse_value("7.6e6")
    (20, {'times': 1.2}, '+20', ['a', 'b'], 7600000.0)
    """
    if POWER_OF_TEN.fullmatch(text):
        return float(text)
    factor = TIMES.fullmatch(text)
    if factor:
        return {"times": float(factor[1])}
    try:
        return text if text[:1] == "+" else yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def run_name(name: str, values: Mapping[str, str]) -> str:
    """Return the name of a run of a config with single values: that of its folder.

    >>> run_name("heping", {"coverage-300": "0.9", "wage.attendant": "x1.2"})
    'heping-coverage-300-0.9-wage.attendant-x1.2'
    """
    plain = "-".join(re.sub(r"[^A-Za-z0-9._+-]+", "-", part) for pair in values.items() for part in pair)
    short = plain if len(plain) <= LONGEST_NAME else f"{plain[:LONGEST_NAME]}-{zlib.crc32(plain.encode()):08x}"
    return f"{name}-{short.replace('+', 'plus').strip('-')}"


def split_values(text: str) -> list[str]:
    """Return values that commas separate, but for commas within brackets.

    >>> split_values("0.8, 0.9,[a, b]")
    ['0.8', '0.9', '[a, b]']
    """
    return [one.strip() for one in re.split(r",(?![^\[{]*[\]}])", text)]


def _below(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    first, *rest = path
    return {first: _below(tuple(rest), value) if rest else value}


def _joined(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return both, key by key; a value that is removed stays so."""
    both = {key: value for key, value in above.items() if key not in below}
    for key, value in below.items():
        other = above.get(key, value)
        both[key] = _joined(value, other) if isinstance(value, Mapping) and isinstance(other, Mapping) else other
    return both


def _path(key: str, loaded: Loaded, reference: Reference) -> tuple[str, ...] | None:
    """Return section and keys of an address; None where it is not known."""
    first, *rest = key.split(".")
    if first == "parameters":
        return (first, ".".join(rest)) if rest else (first,)
    if first in Config.model_fields:
        if first == "targets" and rest:
            return (first, *rest)
        return (first, *rest) if _is_there(loaded.config.model_dump(mode="json"), (first, *rest)) else None
    if key in loaded.source.parameters:
        return "parameters", key
    table = TargetTable.of(loaded.config.targets, [{}] * len(loaded.config.targets), reference)
    is_target = first in table.lines or table.district_of(first) is not None
    return ("targets", first, *rest) if is_target and set(rest[:1]) <= TargetLine.model_fields.keys() else None


def _is_there(node: Any, path: tuple[str, ...]) -> bool:
    """Return whether a config has a key; below what it does not set, the schema decides."""
    for part in path:
        if node is None:
            return True
        if isinstance(node, list):
            node = {str(number): row for number, row in enumerate(node)}
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True


def _cure(key: str, loaded: Loaded) -> str:
    """Return the address that is nearest to one that is not known."""
    config = loaded.config.model_dump(mode="json", exclude={"targets"})
    keys = [".".join(map(str, at)) for at in leaves(config)]
    by_end = [one for one in keys if one.endswith(f".{key}")]
    ids = target_lines(loaded.config.targets)
    sides = [f"{id}.{side}" for id in ids for side in SIDES]
    known = [*ids, *sides, *used_parameters(loaded.source), *Config.model_fields, *keys]
    near = by_end[:1] or difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"give a key of the config, a parameter, or a target: {', '.join(ids) or 'none'}"
