"""The scorecard: what each target asks, what the plan reaches, who answers for it."""

from __future__ import annotations

import pandas as pd

from siting.instance import Instance, Target
from siting.results.facilities import ECHELON_NAMES
from siting.results.record import TargetOutcome, Verified

SHARE_DECIMALS = 4
DECIMALS = {"t/yr": 1, "t CO2e/yr": 1, "m a served resident": 1, "Gini coefficient": 4}
"""Digits after the point by unit: shares have `SHARE_DECIMALS`, what is not here none."""


def scorecard_table(instance: Instance, verification: Verified) -> pd.DataFrame:
    """One row for each target, in the order of the instance; columns as in docs/run-folder.md."""
    rows = [_row(instance, outcome) for outcome in verification.targets]
    return pd.DataFrame(rows, columns=list(_row_names()))


def _row_names() -> tuple[str, ...]:
    return (
        "id", "unit", "measure", "echelon", "types", "within_m", "materials", "sense", "asked", "reached", "margin",
        "measured_in", "holds", "strength", "penalty_cny", "year", "source", "responsible",
    )  # fmt: skip


def _row(instance: Instance, outcome: TargetOutcome) -> dict[str, object]:
    target = outcome.target
    measured_in = target.measure.unit
    decimals = SHARE_DECIMALS if measured_in.startswith("share") else DECIMALS.get(measured_in, 0)
    return {
        "id": target.id,
        "unit": target.unit,
        "measure": str(target.measure),
        "echelon": None if target.echelon is None else ECHELON_NAMES[target.echelon],
        "types": counted_types(instance, target),
        "within_m": target.within_m,
        "materials": counted_materials(instance, target),
        "sense": "at_least" if target.is_at_least else "at_most",
        "asked": round(target.value, decimals),
        "reached": round(outcome.reached, decimals),
        "margin": round(outcome.margin, decimals),
        "measured_in": measured_in,
        "holds": outcome.holds,
        "strength": "hard" if target.is_hard else "soft",
        "penalty_cny": target.penalty_cny,
        "year": target.year,
        "source": target.source,
        "responsible": target.responsible,
    }


def counted_types(instance: Instance, target: Target) -> str:
    """The facility types that a target counts, joined by commas; empty where it counts all of its echelon."""
    of_echelon = instance.type_echelon == target.echelon if target.echelon is not None else slice(None)
    if target.counts_type[of_echelon].all():
        return ""
    return ", ".join(instance.facility_types[target.counts_type])


def counted_materials(instance: Instance, target: Target) -> str:
    """The materials that a target counts, joined by commas; empty where it counts all."""
    return "" if target.counts_material.all() else ", ".join(instance.materials.id[target.counts_material])
