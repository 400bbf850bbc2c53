"""A plan held to the standards that its config names: one row for each rule and responsibility unit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.instance import Instance
from siting.plan import Plan
from siting.results.record import RunRecord
from siting.standards import Check
from siting.verify import reach

COLUMNS = (
    "pack", "rule", "title_en", "title_zh", "unit", "use", "asked", "reached", "measured_in", "holds", "number_short",
    "source", "clause", "status", "note",
)  # fmt: skip
TOLERANCE = 1e-6


def standards_table(run: RunRecord) -> pd.DataFrame:
    """Return one row for each check; columns as in docs/reference/run-folder.md. `holds` is missing where not known."""
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
    """Return the value reached, the minimum over the facilities that count, and how many fall short; nan if unknown."""
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
    """Return the area of each option per 100 households served by its site, m2, (n_options,); inf where none is."""
    assert check.households is not None
    served = plan.assign * check.households[instance.walks.demand]
    at_site = np.bincount(instance.walks.site, weights=served, minlength=instance.n_sites) / 100
    hundreds = at_site[instance.options.site]
    with_any = np.where(hundreds > 0, hundreds, 1.0)
    return np.where(hundreds > 0, instance.options.area_m2 / with_any, np.inf)
