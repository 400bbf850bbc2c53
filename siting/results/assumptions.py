"""The figures that a run took from the parameter table, as a table and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from siting.config.parameters import STATUSES, Figure, Parameter
from siting.language import Label, text

COLUMNS = (
    "path", "value", "key", "unit", "status", "source", "low", "high", "note", "use", "times", "table_value", "year",
)  # fmt: skip


def assumption_table(figures: tuple[Figure, ...]) -> pd.DataFrame:
    """Return one row for each figure that has a source; `value` is what the config uses."""
    rows = [asdict(one.parameter) | {"table_value": one.parameter.value} | vars(one) for one in figures]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def status_label(status: str) -> Label:
    """Return the reliability of a figure, for readers, by its status."""
    return text(f"results.status.{status}") if status in STATUSES else Label(status, status)


def read_assumptions(path: Path) -> tuple[Figure, ...]:
    """Read the figures of a run folder."""
    table = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    return tuple(_figure(dict(row)) for row in table.to_dict("records"))


def _figure(row: dict[Any, str]) -> Figure:
    low, high = (float(row[end]) if row[end] else None for end in ("low", "high"))
    texts = {name: row[name] for name in ("key", "unit", "year", "source", "status", "note")}
    parameter = Parameter(value=float(row["table_value"]), low=low, high=high, **texts)
    return Figure(row["path"], float(row["value"]), row["use"], float(row["times"]), parameter)
