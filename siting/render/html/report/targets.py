"""Scorecard: each target with what is asked, reached and left over, its source and who answers for it."""

from __future__ import annotations

from collections.abc import Sequence

from siting.language import Label, text
from siting.language.quantities import difference, quantity
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import Cell, Column, Table, Value, column
from siting.results.results import Results
from siting.results.targets import TargetRow, tightest_first


def target_section(results: Results) -> Section:
    """Return all targets, the missed and the tightest first; those of each period where there are several."""
    title = text("report.targets.title")
    if not results.target_rows:
        return Section("targets", title, (Sentence(text("report.targets.none")),))
    tables = [_table(one.target_rows, name) for name, one in results.by_period.items() if one.target_rows]
    return Section("targets", title, (Sentence(standing(results.target_rows)), *tables))


def standing(targets: Sequence[TargetRow]) -> Label:
    """Return the sentence that says how many targets hold."""
    missed = [one for one in targets if not one.holds]
    hard = sum(one.is_hard for one in missed)
    if not targets:
        return text("report.targets.no_targets")
    if not missed:
        return text("report.targets.all_hold", n=len(targets))
    key = f"{'hard' if hard else 'soft'}_missed{'_one' if len(missed) == 1 else ''}"
    held = len(targets) - len(missed)
    return text(f"report.targets.{key}", held=held, n=len(targets), missed=len(missed), hard=hard)


def margin(target: TargetRow) -> Label:
    """Return what is left over, negative where a target is missed."""
    return _short(difference(target.margin, target.measured_in))


def target_cells(target: TargetRow) -> list[Value | Cell]:
    """Return unit, target, asked, reached, margin and verdict."""
    asked = text(
        "report.targets.at_least" if target.is_at_least else "report.targets.at_most",
        value=_short(quantity(target.asked, target.measured_in)),
    )
    reached = _short(quantity(target.reached, target.measured_in))
    return [target.unit_label, target.label, asked, Cell(reached, tone="strong"), margin(target), _verdict(target)]


def target_columns() -> tuple[Column, ...]:
    """Return the columns of `target_cells`."""
    texts = [column(f"report.targets.{name}") for name in ("unit", "target")]
    numbers = [column(f"report.targets.{name}", "any") for name in ("asked", "reached", "margin")]
    return (*texts, *numbers, column("report.targets.verdict"))


def _verdict(target: TargetRow) -> Cell:
    if target.holds:
        return Cell(text("report.targets.holds"), tone="holds")
    if target.is_hard:
        return Cell(text("report.targets.missed"), tone="missed")
    return Cell(text("report.targets.missed_soft"), tone="soft")


def _short(label: Label) -> Label:
    """Return a quantity as it fits into a column."""
    return Label(label.en.replace(text("report.unit_end.year").en, text("report.unit_end.short_year").en), label.zh)


def _table(targets: Sequence[TargetRow], period: str) -> Table:
    rows = [(*target_cells(one), one.body, one.source) for one in tightest_first(targets)]
    columns = (
        *target_columns(),
        column("report.targets.body"),
        Column(text("report.targets.source"), is_long=True),
    )
    caption = text("report.targets.caption_period", period=period) if period else text("report.targets.caption")
    return Table(caption, columns, tuple(rows), is_wide=True)
