"""Targets as the page of a map shows them: the city's, and each district's own."""

from __future__ import annotations

from typing import Any

from siting.results.record import RunRecord, TargetOutcome
from siting.results.summary import number
from siting.results.targets import outcome_label
from siting.results.units import district_of_unit


def map_targets(run: RunRecord) -> list[dict[str, Any]]:
    """Each target with its label in both languages and the district it is for (−1: the city or another unit)."""
    return [_target(run, outcome) for outcome in run.verification.targets]


def _target(run: RunRecord, outcome: TargetOutcome) -> dict[str, Any]:
    target = outcome.target
    return {
        "id": target.id,
        "unit": target.unit,
        "district": district_of_unit(run, target.unit),
        "label": outcome_label(run, target).as_dict(),
        "measured_in": target.measure.unit,
        "is_at_least": target.is_at_least,
        "asked": number(target.value, 4),
        "reached": number(outcome.reached, 4),
        "holds": bool(outcome.holds),
        "is_hard": target.is_hard,
        "source": target.source,
        "responsible": target.responsible,
    }
