"""The scorecard: each target with what is asked, reached and left over, its source and who answers for it."""

from __future__ import annotations

from collections.abc import Iterable

from siting.instance import Target
from siting.language import Label
from siting.language.quantities import difference, quantity
from siting.render.html.report.parts import Cell, Column, Section, Sentence, Table, cells, same
from siting.results.record import RunRecord, TargetOutcome, stage_records
from siting.results.targets import outcome_label
from siting.results.units import body_of_target, unit_label

HOLDS, MISSED = Label(en="holds", zh="达成"), Label(en="missed", zh="未达成")
MISSED_SOFT = Label(en="missed (soft)", zh="未达成（软性）")


def target_section(run: RunRecord) -> Section:
    """All targets, the missed and the tightest first; of each year where there are several."""
    title = Label(en="Scorecard", zh="目标完成情况")
    if not any(record.verification.targets for record in stage_records(run).values()):
        return Section("targets", title, (Sentence(Label(en="The config sets no targets.", zh="未设置目标。")),))
    tables = [_table(record, name) for name, record in stage_records(run).items() if record.verification.targets]
    return Section("targets", title, (Sentence(standing(run)), *tables))


def standing(run: RunRecord) -> Label:
    """How many targets hold, over all years or cases."""
    outcomes = all_outcomes(run)
    missed = [one for one in outcomes if not one.holds]
    hard = sum(one.target.is_hard for one in missed)
    if not outcomes:
        return Label(en="No targets are set.", zh="未设置目标。")
    if not missed:
        return Label(en=f"All {len(outcomes):,} targets hold.", zh=f"{len(outcomes):,}项目标全部达成。")
    held = len(outcomes) - len(missed)
    are = "is" if len(missed) == 1 else "are"
    kind_en = (
        f"{len(missed):,} {are} missed, {hard:,} of which must hold"
        if hard
        else f"{len(missed):,} soft {'target' if len(missed) == 1 else 'targets'} {are} missed"
    )
    kind_zh = f"其中刚性目标{hard:,}项" if hard else "均为软性目标"
    return Label(
        en=f"{held:,} of {len(outcomes):,} targets hold; {kind_en}.",
        zh=f"{len(outcomes):,}项目标中{held:,}项达成，{len(missed):,}项未达成（{kind_zh}）。",
    )


def all_outcomes(run: RunRecord) -> list[TargetOutcome]:
    """The targets of all years or cases."""
    return [one for record in stage_records(run).values() for one in record.verification.targets]


def tightest_first(outcomes: Iterable[TargetOutcome]) -> list[TargetOutcome]:
    """Missed before held, then by margin as a share of what is asked."""
    return sorted(outcomes, key=lambda one: (one.holds, one.margin / max(abs(one.target.value), 1e-9)))


def asked(target: Target) -> Label:
    """What a target asks, with its sense."""
    value, sign = _short(quantity(target.value, target.measure.unit)), "≥" if target.is_at_least else "≤"
    return Label(en=f"{sign} {value.en}", zh=f"{sign}{value.zh}")


def _short(label: Label) -> Label:
    """A quantity as it fits into a column."""
    return Label(en=label.en.replace(" a year", "/yr"), zh=label.zh)


def verdict(outcome: TargetOutcome) -> Cell:
    """Whether a target holds."""
    if outcome.holds:
        return Cell(HOLDS, "holds")
    return Cell(MISSED, "missed") if outcome.target.is_hard else Cell(MISSED_SOFT, "soft")


def margin(outcome: TargetOutcome) -> Label:
    """What is left over, negative where it is missed; a margin of nothing says so without a sign."""
    return _short(difference(outcome.margin, outcome.target.measure.unit))


def target_cells(run: RunRecord, outcome: TargetOutcome) -> list[Label | Cell]:
    """Unit, target, asked, reached, margin and verdict."""
    target = outcome.target
    reached = _short(quantity(outcome.reached, target.measure.unit))
    whom, what = unit_label(run, target.unit), outcome_label(run, target)
    return [whom, what, asked(target), Cell(reached, "strong"), margin(outcome), verdict(outcome)]


def target_columns() -> tuple[Column, ...]:
    """The heads of `target_cells`."""
    return (
        Column(Label(en="unit", zh="责任单元")),
        Column(Label(en="target", zh="目标")),
        Column(Label(en="asked", zh="要求"), is_number=True),
        Column(Label(en="reached", zh="方案达到"), is_number=True),
        Column(Label(en="margin", zh="余量"), is_number=True),
        Column(Label(en="verdict", zh="结论")),
    )


def _table(run: RunRecord, stage: str) -> Table:
    rows = [
        cells([*target_cells(run, one), body_of_target(run, one.target), same(one.target.source)])
        for one in tightest_first(run.verification.targets)
    ]
    columns = (
        *target_columns(),
        Column(Label(en="who answers", zh="责任主体")),
        Column(Label(en="source", zh="依据"), is_long=True),
    )
    beside = f" {stage}" if stage else ""
    return Table(Label(en=f"Targets{beside}", zh=f"目标{beside}"), columns, tuple(rows), is_wide=True)
