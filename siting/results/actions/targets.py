"""The targets of each responsibility unit: required, reached, missing."""

from __future__ import annotations

from siting.results.actions.rows import ActionRow, Aim
from siting.results.record import RunRecord, stage_records
from siting.results.targets import TargetRow, target_rows
from siting.results.units import NOTHING


def target_actions(run: RunRecord) -> list[ActionRow]:
    """One row for each target, of each year or case where a run has several, in the order of the instance."""
    is_years = run.rollout is not None and run.rollout.stages.is_nested
    return [
        _row(row, "" if is_years else name)
        for name, record in stage_records(run).items()
        for row in target_rows(record, name)
    ]


def _row(row: TargetRow, case: str) -> ActionRow:
    return ActionRow(
        unit=row.unit_label,
        district_code=row.district_code,
        action="reach",
        what=row.label,
        year=row.due,
        responsible=row.body,
        lead=NOTHING,
        note=NOTHING,
        aim=Aim(
            id=row.id,
            is_at_least=row.is_at_least,
            asked=row.asked,
            reached=row.reached,
            margin=row.margin,
            missing=row.missing,
            measured_in=row.measured_in,
            holds=row.holds,
            is_hard=row.is_hard,
            source=row.source,
            case=case,
        ),
    )
