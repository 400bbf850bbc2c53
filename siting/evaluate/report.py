"""Tables of an evaluation: a row for each drawn year, the spread of figures, targets and facilities at risk, spare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from siting.evaluate.bychain import CHAIN_FIGURES
from siting.evaluate.evaluate import Evaluation
from siting.evaluate.recourse import LEAST_T
from siting.evaluate.spare import FLAGGED_SHARE, HELD_SHARES, overflow_of
from siting.language import Label, text
from siting.language.quantities import quantity
from siting.vocabulary import Chain, Echelon

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
    """Return one row for each drawn year, numbered from 1.

    Columns as `FIGURES`, `<chain>_<figure>` by chain as `CHAIN_FIGURES`, and `reached_<target>`.
    """
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
        by_chain = {f"{one.chain.key}_{k}": round(getattr(one, k), 1) for one in sample.chains for k in CHAIN_FIGURES}
        plain = {k: round(v, DECIMALS.get(k, 1)) for k, v in figures.items()}
        rows.append({"sample": number} | plain | by_chain | reached)
    return pd.DataFrame(rows)


def evaluation_summary(tried: Evaluation, how: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of `evaluation.json`; `how` says how the years were drawn."""
    risks = facility_risks(tried)
    at_risk = ["overflows_in_share", "too_small_in_share", "below_least_load_in_share"]
    return {
        **how,
        "verdict": verdict(tried, risks).as_dict(),
        "figures": {
            name: {"label": figure_label(name).as_dict(), **spread} for name, spread in figure_spread(tried).items()
        },
        "chains": {
            chain.key: {
                "label": chain.label.as_dict(),
                "figures": {
                    name: {"label": figure_label(name).as_dict(), **spread} for name, spread in figures.items()
                },
            }
            for chain, figures in chain_spread(tried).items()
        },
        "targets": target_risks(tried),
        "facilities": plain_rows(risks[(risks[at_risk] > 0).any(axis=1)]),
        "spare": plain_rows(spare_by_echelon(risks)),
    }


def figure_spread(tried: Evaluation) -> dict[str, dict[str, float]]:
    """Return the mean, spread and quantiles of each figure over the drawn years."""
    table = sample_table(tried)
    return {name: _spread(table[name]) for name in FIGURES}


def chain_spread(tried: Evaluation) -> dict[Chain, dict[str, dict[str, float]]]:
    """Return the mean, spread and quantiles of each figure of each chain over the drawn years."""
    table = sample_table(tried)
    chains = [one.chain for one in tried.samples[0].chains]
    return {one: {name: _spread(table[f"{one.key}_{name}"].dropna()) for name in CHAIN_FIGURES} for one in chains}


def figure_label(name: str) -> Label:
    """Return the name of a figure of `FIGURES` or `CHAIN_FIGURES`, with its unit."""
    return text(f"evaluate.{name}")


def _spread(values: pd.Series) -> dict[str, float]:
    if not len(values):  # cost per tonne without tonnes
        return dict.fromkeys(("mean", "sd", "min", "p05", "median", "p95", "max"), 0.0)
    low, middle, high = np.percentile(values, [5, 50, 95])
    spread = {"mean": values.mean(), "sd": values.std(ddof=0), "min": values.min(), "p05": low, "median": middle}
    return {name: round(float(value), 4) for name, value in (spread | {"p95": high, "max": values.max()}).items()}


def target_risks(tried: Evaluation) -> list[dict[str, Any]]:
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


def facility_risks(tried: Evaluation) -> pd.DataFrame:
    """Return one row for each open facility, those that overflow most often first.

    Columns as in docs/reference/run-folder.md.
    """
    found, sites = overflow_of(tried), tried.instance.sites
    site = found.site
    too_small, under = (
        np.mean([getattr(sample, name)[site] for sample in tried.samples], axis=0)
        for name in ("is_overloaded", "is_underloaded")
    )
    table = pd.DataFrame(
        {
            "id": sites.id[site],
            "echelon": [Echelon(one).key for one in sites.echelon[site]],
            "is_flagged": found.share > FLAGGED_SHARE,
            "holds_t": found.holds_t,
            "planned_t": found.planned_t,
            "overflows_in_share": found.share,
            "mean_overflow_t": found.mean_t,
            "worst_overflow_t": found.worst_t,
            "too_small_in_share": too_small,
            "below_least_load_in_share": under,
            "tonne_more_cny_per_year": found.cny_per_t,
        }
    )
    for number, share in enumerate(HELD_SHARES):
        table[f"spare_{_percent(share)}_t"] = found.spare_t[:, number]
        table[f"spare_{_percent(share)}_cny_per_year"] = found.spare_cny[:, number]
        table[f"spare_{_percent(share)}_is_further"] = found.is_further[:, number]
    order = ["overflows_in_share", "worst_overflow_t"]
    return table.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def spare_by_echelon(risks: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each echelon: facilities that overflow, a tonne more, and spare capacity by share of years.

    `tonne_more_*` are the median, minimum and maximum over the facilities. `spare_<per cent>_further` facilities are
    helped by new ones of their type, the others by larger sizes or extensions.
    """
    rows = []
    for one in (one for one in Echelon if (risks["echelon"] == one.key).any()):
        part = risks[risks["echelon"] == one.key]
        more = part["tonne_more_cny_per_year"].dropna()
        row = {
            "echelon": one.key,
            "open": len(part),
            "overflow": int((part["overflows_in_share"] > 0).sum()),
            "flagged": int(part["is_flagged"].sum()),
            "tonne_more_median": more.median(),
            "tonne_more_min": more.min(),
            "tonne_more_max": more.max(),
        }
        for name in (f"spare_{_percent(share)}" for share in HELD_SHARES):
            row |= {f"{name}_{of}": part[f"{name}_{of}"].sum() for of in ("t", "cny_per_year")}
            row[f"{name}_further"] = int(part[f"{name}_is_further"].sum())
        rows.append(row)
    return pd.DataFrame(rows)


def _percent(share: float) -> str:
    return f"{100 * share:g}"


def verdict(tried: Evaluation, risks: pd.DataFrame) -> Label:
    """Return two sentences on the plan in the drawn years."""
    years, last = tried.samples, f"spare_{_percent(HELD_SHARES[-1])}"
    calm = sum(bool(sample.turned_away_t < LEAST_T) for sample in years)
    held = sum(bool(sample.holds[hard_rows(tried)].all()) for sample in years)
    return text(
        "evaluate.verdict",
        years=len(years),
        calm=calm,
        held=held,
        flagged=int(risks["is_flagged"].sum()),
        open=len(risks),
        often=quantity(FLAGGED_SHARE, "share"),
        share=quantity(HELD_SHARES[-1], "share"),
        tonnes=quantity(float(risks[f"{last}_t"].sum()), "t/yr"),
        cny=quantity(float(risks[f"{last}_cny_per_year"].sum()), "CNY/yr"),
    )


def hard_rows(tried: Evaluation) -> list[int]:
    """Return the rows of the targets that must hold."""
    return [row for row, target in enumerate(tried.targets) if target.is_hard]


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as JSON has them: rounded, None for what is not known."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4) if np.isfinite(value) else None
    return value
