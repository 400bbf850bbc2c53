"""Tables of an evaluation: a row for each drawn year, the spread of figures, targets and facilities at risk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from siting.evaluate.evaluate import Evaluation
from siting.language import Label, text
from siting.vocabulary import Echelon

FIGURES = (
    "cost_cny",
    "offered_t",
    "collected_t",
    "turned_away_t",
    "served_share",
    "emissions_kg_co2e",
    "targets_held_share",
    "overloaded",
    "underloaded",
)
"""Figures of each drawn year."""
DECIMALS = {"served_share": 4, "targets_held_share": 4}


def sample_table(tried: Evaluation) -> pd.DataFrame:
    """Return one row for each drawn year, numbered from 1; columns as `FIGURES`, and `reached_<target>`."""
    rows = []
    for number, sample in enumerate(tried.samples, start=1):
        counted = {
            "targets_held_share": float(sample.holds.mean()) if len(sample.holds) else 1.0,
            "overloaded": int(sample.is_overloaded.sum()),
            "underloaded": int(sample.is_underloaded.sum()),
        }
        figures = {name: counted[name] if name in counted else getattr(sample, name) for name in FIGURES}
        ids = (target.id for target in tried.targets)
        reached = {f"reached_{one}": value for one, value in zip(ids, sample.reached.tolist(), strict=True)}
        rows.append({"sample": number} | {k: round(v, DECIMALS.get(k, 1)) for k, v in figures.items()} | reached)
    return pd.DataFrame(rows)


def evaluation_summary(tried: Evaluation, how: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of `evaluation.json`; `how` says how the years were drawn."""
    table = sample_table(tried)
    return {
        **how,
        "figures": {name: {"label": figure_label(name).as_dict(), **_spread(table[name])} for name in FIGURES},
        "targets": _targets(tried),
        "facilities": _facilities(tried),
    }


def figure_label(name: str) -> Label:
    """Return the name of a figure of `FIGURES`, with its unit."""
    return text(f"evaluate.{name}")


def _spread(values: pd.Series) -> dict[str, float]:
    low, middle, high = np.percentile(values, [5, 50, 95])
    spread = {"mean": values.mean(), "sd": values.std(ddof=0), "min": values.min(), "p05": low, "median": middle}
    return {name: round(float(value), 4) for name, value in (spread | {"p95": high, "max": values.max()}).items()}


def _targets(tried: Evaluation) -> list[dict[str, Any]]:
    """Return each target with the share of the years in which it holds, the least certain first."""
    held = np.mean([sample.holds for sample in tried.samples], axis=0)
    reached = np.array([sample.reached for sample in tried.samples])
    rows = [
        {
            "id": target.id,
            "unit": target.unit,
            "measure": str(target.measure),
            "within_m": target.within_m,
            "sense": "at_least" if target.is_at_least else "at_most",
            "asked": target.value,
            "holds_in_share": round(float(held[n]), 4),
            "reached": _spread(pd.Series(reached[:, n])),
        }
        for n, target in enumerate(tried.targets)
    ]
    return sorted(rows, key=lambda row: float(row["holds_in_share"]))


def _facilities(tried: Evaluation) -> list[dict[str, Any]]:
    """Return facilities too small, or below their minimum load, in some year, the most often first."""
    over = np.mean([sample.is_overloaded for sample in tried.samples], axis=0)
    under = np.mean([sample.is_underloaded for sample in tried.samples], axis=0)
    sites = tried.instance.sites
    return [
        {
            "id": str(sites.id[j]),
            "echelon": Echelon(sites.echelon[j]).key,
            "too_small_in_share": round(float(over[j]), 4),
            "below_least_load_in_share": round(float(under[j]), 4),
        }
        for j in np.argsort(-(over + under), kind="stable").tolist()
        if over[j] + under[j] > 0
    ]
