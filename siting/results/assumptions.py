"""The figures that a run took from the parameter table, as a table and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from siting.config.parameters import STATUSES, Figure, Parameter
from siting.language import Label, text


def assumption_table(figures: tuple[Figure, ...]) -> pd.DataFrame:
    """Return one row for each figure that has a source; `value` is what the config uses."""
    rows = [_row(figure) for figure in figures]
    columns = [
        "path",
        "value",
        "key",
        "unit",
        "status",
        "source",
        "low",
        "high",
        "note",
        "use",
        "times",
        "table_value",
        "year",
    ]
    return pd.DataFrame(rows, columns=columns)


def status_label(status: str) -> Label:
    """Return how far a figure can be trusted, for readers, by its status."""
    return text(f"results.status.{status}") if status in STATUSES else Label(status, status)


def read_assumptions(path: Path) -> tuple[Figure, ...]:
    """Read the figures of a run folder."""
    table = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    return tuple(_figure(dict(row)) for row in table.to_dict("records"))


def _row(figure: Figure) -> dict[str, Any]:
    p = figure.parameter
    return {
        "path": figure.path,
        "value": figure.value,
        "key": p.key,
        "unit": p.unit,
        "status": p.status,
        "source": p.source,
        "low": p.low,
        "high": p.high,
        "note": p.note,
        "use": figure.use,
        "times": figure.times,
        "table_value": p.value,
        "year": p.year,
    }


def _figure(row: dict[Any, str]) -> Figure:
    low, high = (float(row[end]) if row[end] else None for end in ("low", "high"))
    texts = {name: row[name] for name in ("key", "unit", "year", "source", "status", "note")}
    parameter = Parameter(value=float(row["table_value"]), low=low, high=high, **texts)
    return Figure(row["path"], float(row["value"]), row["use"], float(row["times"]), parameter)
