"""The targets of each responsibility unit: required, reached, missing."""

from __future__ import annotations

from siting.results.actions.bodies import body_of_target, unit_label
from siting.results.actions.rows import NOTHING, ActionRow, Aim
from siting.results.record import RunRecord, TargetOutcome, stage_records
from siting.results.targets import district_of_unit, outcome_label


def target_actions(run: RunRecord) -> list[ActionRow]:
    """One row for each target, of each year or case where a run has several, in the order of the instance."""
    is_years = run.rollout is not None and run.rollout.stages.is_nested
    return [
        _row(record, outcome, "" if is_years else name)
        for name, record in stage_records(run).items()
        for outcome in record.verification.targets
    ]


def _row(run: RunRecord, outcome: TargetOutcome, case: str) -> ActionRow:
    target = outcome.target
    district = district_of_unit(run, target.unit)
    return ActionRow(
        unit=unit_label(run, target.unit),
        district_code=str(run.instance.districts[district]) if district >= 0 else "",
        action="reach",
        what=outcome_label(run, target),
        year=target.year or run.instance.year,
        responsible=body_of_target(run, target),
        lead=NOTHING,
        note=NOTHING,
        aim=Aim(
            id=target.id,
            is_at_least=target.is_at_least,
            asked=target.value,
            reached=outcome.reached,
            margin=outcome.margin,
            missing=0.0 if outcome.holds else max(0.0, -outcome.margin),
            measured_in=target.measure.unit,
            holds=outcome.holds,
            is_hard=target.is_hard,
            source=target.source,
            case=case,
        ),
    )
