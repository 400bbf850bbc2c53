"""The parameter table: figures with their source and how far each can be trusted.

In a config `{from: key}` stands for the value of a row, `{from: key, use: low}` for an end of its range, and `times`
scales it to the unit of the config's key. What was taken is kept, so that every figure of a plan can be traced.
"""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siting.errors import DataError, FileError, raise_faults

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


@dataclass(frozen=True)
class Parameters:
    """The table, by key."""

    rows: dict[str, Parameter]

    @classmethod
    def read(cls, path: Path) -> Parameters:
        """Read a CSV with the columns of `Parameter`.

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
                row = _parameter(line)
            except (KeyError, ValueError, TypeError) as error:
                faults.append(f"{path}:{number}: {line.get('key')}: not a usable row ({error})")
                continue
            if row.status not in STATUSES:
                faults.append(f"{path}:{number}: {row.key}: status {row.status!r} is not one of {STATUSES}")
            if row.key in rows:
                faults.append(f"{path}:{number}: {row.key}: key given twice; keep one")
            rows[row.key] = row
        raise_faults(faults, DataError)
        return cls(rows)


def _parameter(line: dict[str, str]) -> Parameter:
    texts = {name: line[name] for name in ("key", "unit", "year", "source", "status", "note")}
    return Parameter(value=float(line["value"]), low=_optional(line["low"]), high=_optional(line["high"]), **texts)


def _optional(text: str) -> float | None:
    return float(text) if text.strip() else None


def resolve_figures(raw: Any, parameters: Parameters, faults: list[str]) -> tuple[Any, list[Figure]]:
    """`raw` with each reference to the table replaced by its number, and the figures taken.

    What cannot be resolved is added to `faults` as `dotted.key: what, cure`, and becomes 0.
    """
    figures: list[Figure] = []

    def visit(node: Any, at: str) -> Any:
        if isinstance(node, dict):
            if "from" in node or "value" in node:
                make = _figure if "from" in node else _own_figure
                figure = make(node, at, parameters, faults)
                if figure is None:
                    return 0.0
                figures.append(figure)
                return figure.value
            return {key: visit(value, f"{at}.{key}" if at else str(key)) for key, value in node.items()}
        if isinstance(node, list):
            return [visit(value, f"{at}.{number}") for number, value in enumerate(node)]
        return node

    return visit(raw, ""), figures


def _figure(node: dict[str, Any], at: str, parameters: Parameters, faults: list[str]) -> Figure | None:
    """The figure that one reference stands for; None, with a fault noted, where there is none."""
    unknown = set(node) - REFERENCE_KEYS
    key, use, times = str(node["from"]), node.get("use", "value"), node.get("times", 1.0)
    row = parameters.rows.get(key)
    if unknown:
        faults.append(f"{at}: unknown key {sorted(unknown)[0]!r} beside `from`; known: {sorted(REFERENCE_KEYS)}")
    elif row is None:
        near = difflib.get_close_matches(key, parameters.rows, n=1, cutoff=0.5)
        cure = f"did you mean {near[0]!r}?" if near else "see the `parameters:` file"
        faults.append(f"{at}: no parameter {key!r}; {cure}")
    elif use not in ("value", "low", "high") or getattr(row, use) is None:
        faults.append(f"{at}: parameter {key!r} has no {use!r}; use value, low or high where given")
    elif not isinstance(times, int | float):
        faults.append(f"{at}: times is {times!r}; it must be a number")
    else:
        return Figure(at, float(getattr(row, use)) * float(times), use, float(times), row)
    return None


def _own_figure(node: dict[str, Any], at: str, _parameters: Parameters, faults: list[str]) -> Figure | None:
    """A figure that the config gives itself, with its status and source."""
    missing = {"value", "status", "source"} - set(node)
    unknown = set(node) - OWN_KEYS
    if missing or unknown:
        faults.append(
            f"{at}: a figure of your own has value, status and source; missing {sorted(missing)},"
            f" unknown {sorted(unknown)}"
        )
    elif node["status"] not in STATUSES:
        faults.append(f"{at}.status: {node['status']!r}; choose from {', '.join(STATUSES)}")
    elif not isinstance(node["value"], int | float):
        faults.append(f"{at}.value: {node['value']!r}; it must be a number")
    else:
        value, ends = float(node["value"]), (node.get("low"), node.get("high"))
        parameter = Parameter(
            "", value, ends[0], ends[1], "", "", str(node["source"]), node["status"], "given in the config"
        )
        return Figure(at, value, "value", 1.0, parameter)
    return None
