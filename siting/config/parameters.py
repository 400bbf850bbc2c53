"""The parameter table: figures with their source and how far each can be trusted.

In a config `{from: key}` stands for the value of a row, `{from: key, use: low}` for an end of its range, and `times`
scales it to the unit of the config's key. What was taken is kept, so that every figure of a plan can be traced.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siting.config.closed import KeyPath, dotted
from siting.errors import DataError, FileError, did_you_mean, raise_faults

STATUSES = ("published", "recalled", "assumption")
REFERENCE_KEYS = {"from", "use", "times"}
OWN_KEYS = {"value", "status", "source", "low", "high"}


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
    """A figure of a config with its source: `value` is what the config uses, after `times`."""

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
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); check `parameters:` in the config") from error
    rows: dict[str, Parameter] = {}
    faults: list[str] = []
    for number, line in enumerate(lines, start=2):
        try:
            low, high = (float(line[name]) if line[name].strip() else None for name in ("low", "high"))
            texts = {name: line[name] for name in ("key", "unit", "year", "source", "status", "note")}
            row = Parameter(value=float(line["value"]), low=low, high=high, **texts)
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

    A figure that cannot be resolved is added to `faults` by its key, and becomes 0.
    """
    figures: list[Figure] = []

    def visit(node: Any, at: KeyPath) -> Any:
        if isinstance(node, dict):
            if "from" in node or "value" in node:
                found = _figure(node, at, parameters) if "from" in node else _own_figure(node, at)
                if isinstance(found, Figure):
                    figures.append(found)
                    return found.value
                faults.append(found)
                return 0.0
            return {key: visit(value, (*at, str(key))) for key, value in node.items()}
        if isinstance(node, list):
            return [visit(value, (*at, number)) for number, value in enumerate(node)]
        return node

    return visit(raw, ()), figures


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
    if not isinstance(times, int | float):
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
    if not isinstance(value, int | float):
        return (*at, "value"), f"{value!r}; it must be a number"
    ends, note = (node.get("low"), node.get("high")), "given in the config"
    parameter = Parameter("", float(value), *ends, "", "", str(node["source"]), status, note)
    return Figure(dotted(at), float(value), "value", 1.0, parameter)
