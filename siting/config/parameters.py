"""The parameter table: figures with their source and how far each can be trusted.

In a config `{from: key}` stands for the value of a row, `{from: key, use: low}` for an end of its range, and `times`
scales it to the unit of the config's key. `{sum: […]}`, `{product: […]}` and `{min: […]}` combine figures and numbers.
What was taken is kept, so that every figure of a plan can be traced.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siting.config.closed import KeyPath, dotted
from siting.encoding import decoded
from siting.errors import DataError, FileError, did_you_mean, raise_faults

STATUSES = ("published", "recalled", "assumption")
REFERENCE_KEYS = {"from", "use", "times"}
OWN_KEYS = {"value", "status", "source", "low", "high"}
COMBINATIONS: dict[str, Callable[[Sequence[float]], float]] = {"sum": math.fsum, "product": math.prod, "min": min}
"""Key → function that combines a list of figures into one."""


@dataclass(frozen=True)
class Parameter:
    """One row of the table. `low` and `high` are None where no range is known."""

    key: str
    value: float
    low: float | None
    high: float | None
    unit: str
    year: str
    source: str
    status: str
    note: str


@dataclass(frozen=True)
class Figure:
    """A figure of a config with its source: `value` is what the config uses, after `times`.

    `use` is the column of the table, or the key of a combination; the parts of a combination are figures of their own,
    whose `path` continues that of the combination.
    """

    path: str
    value: float
    use: str
    times: float
    parameter: Parameter


def read_parameters(path: Path) -> dict[str, Parameter]:
    """Read the rows of a CSV with the columns of `Parameter`, by key.

    Raises
    ------
    FileError
        If the file is missing.
    DataError
        If a row has no number, an unknown status, or a key given twice.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); check `parameters:` in the config") from error
    text, _ = decoded(str(path), content)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    lines = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    rows: dict[str, Parameter] = {}
    faults: list[str] = []
    for number, line in enumerate(lines, start=2):
        try:
            low, high = (float(line[name]) if line[name].strip() else None for name in ("low", "high"))
            texts = {name: line[name] for name in ("key", "unit", "year", "source", "status", "note")}
            row = Parameter(value=float(line["value"]), low=low, high=high, **texts)
            if not all(math.isfinite(one) for one in (row.value, low, high) if one is not None):
                raise ValueError("a figure that is no finite number")
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            faults.append(f"{path}:{number}: {line.get('key')}: not a usable row ({error})")
            continue
        if row.status not in STATUSES:
            faults.append(f"{path}:{number}: {row.key}: status {row.status!r} is not one of {STATUSES}")
        if row.key in rows:
            faults.append(f"{path}:{number}: {row.key}: key given twice; keep one")
        rows[row.key] = row
    raise_faults(faults, DataError)
    return rows


def resolve_figures(
    raw: Any, parameters: dict[str, Parameter], faults: list[tuple[KeyPath, str]]
) -> tuple[Any, list[Figure]]:
    """Return `raw` with each reference to the table replaced by its number, and the figures taken.

    A combination comes before its parts. A figure that cannot be resolved is added to `faults` by its key, and becomes
    0.
    """
    figures: list[Figure] = []

    def visit(node: Any, at: KeyPath) -> Any:
        if is_figure(node):
            found = resolved(node, at)
            if isinstance(found, Figure):
                return found.value
            faults.append(found)
            return 0.0
        if isinstance(node, dict):
            return {key: visit(value, (*at, str(key))) for key, value in node.items()}
        if isinstance(node, list):
            return [visit(value, (*at, number)) for number, value in enumerate(node)]
        return node

    def resolved(node: dict[str, Any], at: KeyPath) -> Figure | tuple[KeyPath, str]:
        place = len(figures)
        if "from" in node:
            found = _figure(node, at, parameters)
        elif "value" in node:
            found = _own_figure(node, at)
        else:
            parts = [visit(part, (*at, key, number)) for key in node for number, part in enumerate(_listed(node[key]))]
            found = _combination(node, at, parts, {figure.path: figure for figure in figures[place:]})
        if isinstance(found, Figure):
            figures.insert(place, found)
        return found

    return visit(raw, ()), figures


def is_figure(node: Any) -> bool:
    """Return whether a node of a config stands for a number with a source.

    >>> is_figure({"from": "wage.driver"}), is_figure({"sum": [1, 2]}), is_figure({"sum": {"capacity_t": 5}})
    (True, True, False)
    """
    if not isinstance(node, dict):
        return False
    return "from" in node or "value" in node or any(isinstance(node.get(key), list) for key in COMBINATIONS)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _listed(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []


def _combination(
    node: dict[str, Any], at: KeyPath, parts: list[Any], figures: dict[str, Figure]
) -> Figure | tuple[KeyPath, str]:
    """Return the figure that a list of figures makes, with the weakest status of them, or its fault.

    Its range is the combination of the ends of the parts' ranges, for no part is negative.
    """
    if len(node) != 1:
        return at, f"one of {', '.join(COMBINATIONS)} stands alone; found {', '.join(sorted(map(str, node)))}"
    key = next(iter(node))
    if not parts:
        return (*at, key), "has no parts; list figures or numbers"
    for number, part in enumerate(parts):
        if not _is_number(part) or part < 0:
            return (*at, key, number), f"{part!r}; a part is a figure or a number, not below 0"
    known = [figures.get(dotted((*at, key, number))) for number in range(len(parts))]
    combine = COMBINATIONS[key]
    low, high = (
        combine([_end(one, end, float(part)) for one, part in zip(known, parts, strict=True)])
        for end in ("low", "high")
    )
    status = max((one.parameter.status for one in known if one), key=STATUSES.index, default="assumption")
    value = combine([float(part) for part in parts])
    source = f"{key} of {len(parts)} parts, listed below it"
    return Figure(dotted(at), value, key, 1.0, Parameter("", value, low, high, "", "", source, status, ""))


def _end(figure: Figure | None, end: str, value: float) -> float:
    """Return an end of the range of a part after its `times`; its value where it has no range."""
    given = getattr(figure.parameter, end) if figure else None
    return value if figure is None or given is None else float(given) * figure.times


def _figure(node: dict[str, Any], at: KeyPath, parameters: dict[str, Parameter]) -> Figure | tuple[KeyPath, str]:
    """Return the figure that one reference stands for, or its fault."""
    unknown = set(node) - REFERENCE_KEYS
    key, use, times = str(node["from"]), node.get("use", "value"), node.get("times", 1.0)
    row = parameters.get(key)
    if unknown:
        return at, f"unknown key {sorted(unknown)[0]!r} beside `from`; known: {sorted(REFERENCE_KEYS)}"
    if row is None:
        return at, f"no parameter {key!r}; {did_you_mean(key, parameters, 'see the `parameters:` file')}"
    if use not in ("value", "low", "high") or getattr(row, use) is None:
        return at, f"parameter {key!r} has no {use!r}; use value, low or high where given"
    if not _is_number(times):
        return at, f"times is {times!r}; it must be a number"
    return Figure(dotted(at), float(getattr(row, use)) * float(times), use, float(times), row)


def _own_figure(node: dict[str, Any], at: KeyPath) -> Figure | tuple[KeyPath, str]:
    """Return a figure that the config gives itself, with its status and source, or its fault."""
    missing, unknown = sorted({"value", "status", "source"} - set(node)), sorted(set(node) - OWN_KEYS)
    if missing or unknown:
        return at, f"a figure of your own has value, status and source; missing {missing}, unknown {unknown}"
    value, status = node["value"], node["status"]
    if status not in STATUSES:
        return (*at, "status"), f"{status!r}; choose from {', '.join(STATUSES)}"
    if not _is_number(value):
        return (*at, "value"), f"{value!r}; it must be a number"
    for end in ("low", "high"):
        if node.get(end) is not None and not _is_number(node[end]):
            return (*at, end), f"{node[end]!r}; it must be a number"
    ends, note = (node.get("low"), node.get("high")), "given in the config"
    parameter = Parameter("", float(value), *ends, "", "", str(node["source"]), status, note)
    return Figure(dotted(at), float(value), "value", 1.0, parameter)
