"""How a plan stands by the standards that its config names: one row for each rule and responsibility unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from rich.console import Console
from rich.text import Text

from siting.instance import Instance
from siting.language.quantities import quantity
from siting.language.units import UNITS
from siting.plan import Plan
from siting.results.record import RunRecord
from siting.standards import Check
from siting.verify import reach

COLUMNS = (
    "pack", "rule", "title_en", "title_zh", "unit", "use", "asked", "reached", "measured_in", "holds", "number_short",
    "source", "clause", "status", "note",
)  # fmt: skip
MOST_TOLD = 12
TOLERANCE = 1e-6


def standards_table(run: RunRecord) -> pd.DataFrame:
    """One row for each check; columns as in docs/run-folder.md. `holds` is missing where a plan does not tell."""
    instance = run.instance.at_stage(run.instance.n_stages - 1)
    rows = []
    for check in run.checks:
        reached, n_short = _judge(check, instance, run.solution.plan)
        is_known = np.isfinite(reached) or reached == np.inf
        rows.append(
            {
                "pack": check.pack, "rule": check.rule, "title_en": check.title_en, "title_zh": check.title_zh,
                "unit": check.unit, "use": "constraint" if check.is_constraint else "check",
                "asked": check.asked if check.measured_in else None,
                "reached": round(reached, 4) if np.isfinite(reached) else None,
                "measured_in": check.measured_in,
                "holds": None if not is_known else bool(reached >= check.asked * (1 - TOLERANCE)),
                "number_short": n_short, "source": check.source, "clause": check.clause, "status": check.status,
                "note": check.note,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"holds": object})


def _judge(check: Check, instance: Instance, plan: Plan) -> tuple[float, int | None]:
    """What is reached, the least of all facilities that count, and how many fall short; nan where nothing tells."""
    if check.target is not None:
        return reach(instance, plan, check.target), None
    if check.counts is None:
        return float("nan"), None
    option = np.flatnonzero(plan.is_open & check.counts)
    figure = check.figure[option] if check.figure is not None else _area_per_100(check, instance, plan)[option]
    if not len(figure):
        return float("nan"), None
    return float(figure.min()), int((figure < check.asked * (1 - TOLERANCE)).sum())


def _area_per_100(check: Check, instance: Instance, plan: Plan) -> np.ndarray:
    """Area of each option for each 100 households that its site serves, m2, (n_options,); inf where it serves none."""
    assert check.households is not None
    served = plan.assign * check.households[instance.walks.demand]
    at_site = np.bincount(instance.walks.site, weights=served, minlength=instance.n_sites) / 100
    hundreds = at_site[instance.options.site]
    with_any = np.where(hundreds > 0, hundreds, 1.0)
    return np.where(hundreds > 0, instance.options.area_m2 / with_any, np.inf)


def _told(value: float, unit: str) -> str:
    """A figure with its unit; some standards have units of their own."""
    return quantity(value, unit).en if unit in UNITS else f"{value:,.4g} {unit}"


def print_standards(console: Console, run: RunRecord) -> None:
    """Print how many rules hold, and those that do not."""
    table = standards_table(run)
    holds = table["holds"].tolist()
    unknown = sum(one is None for one in holds)
    beside = f"; {unknown} are for you to judge" if unknown else ""
    style = "red" if False in holds else "green"
    console.print(Text(f"Standards: {holds.count(True)} of {len(holds) - unknown} rules hold{beside}", style=style))
    missed = table[[one is False for one in holds]]
    for row in missed.head(MOST_TOLD).to_dict("records"):
        short = f", {row['number_short']:,.0f} fall short" if pd.notna(row["number_short"]) else ""
        told = f"{_told(row['reached'], row['measured_in'])}, asked {_told(row['asked'], row['measured_in'])}{short}"
        line = f"  {row['unit']}: {row['title_en']}: {told} ({row['source']}; {row['status']})"
        console.print(Text(line, style="yellow"), soft_wrap=True)
    if len(missed) > MOST_TOLD:
        console.print(Text(f"  … and {len(missed) - MOST_TOLD} more; see standards.csv", style="yellow"))
