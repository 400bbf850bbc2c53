"""Targets (required, reached, margin) and standards of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from siting.language import Label, text
from siting.language.quantities import NO_NUMBER, difference, quantity
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import Cell, Column, Row, Table, Value, columns
from siting.results.results import Results
from siting.results.targets import TargetRow, standing, tightest_first
from siting.results.units import unit_label

ORDER = (False, None, True)
"""Rules that are broken, to be judged by the reader, and kept."""


def target_section(results: Results) -> Section:
    """Return all targets, the missed and the tightest first; those of each period where there are several."""
    title = text("report.targets.title")
    if not results.target_rows:
        return Section("targets", title, (Sentence(text("report.targets.none")),))
    tables = [_table(one.target_rows, name) for name, one in results.by_period.items() if one.target_rows]
    return Section("targets", title, (Sentence(standing(results.target_rows)), *tables))


def margin(target: TargetRow) -> Label:
    """Return the margin, negative where a target is missed."""
    return _short(difference(target.margin, target.measured_in))


def target_cells(target: TargetRow) -> list[Value | Cell]:
    """Return unit, target, asked, reached, margin and verdict."""
    asked = text(
        "report.targets.at_least" if target.is_at_least else "report.targets.at_most",
        value=_short(quantity(target.asked, target.measured_in)),
    )
    if target.planned_margin:
        planned = _short(quantity(target.planned_margin, target.measured_in))
        asked = text("report.targets.with_margin", asked=asked, margin=planned)
    reached = _short(quantity(target.reached, target.measured_in))
    return [target.unit_label, target.label, asked, Cell(reached, tone="strong"), margin(target), _verdict(target)]


def target_columns() -> tuple[Column, ...]:
    """Return the columns of `target_cells`."""
    return columns(
        "report.targets", unit="text", target="text", asked="any", reached="any", margin="any", verdict="text"
    )


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
    caption = text("report.targets.caption_period", period=period) if period else text("report.targets.caption")
    heads = (*target_columns(), *columns("report.targets", body="text", source="long"))
    return Table(caption, heads, tuple(rows), is_wide=True)


def standard_section(results: Results) -> Section | None:
    """Return one row for each rule and unit, as in standards.csv; None where no standard was named."""
    table = results.standards
    if table is None or table.empty:
        return None
    records = sorted(table.to_dict("records"), key=lambda one: ORDER.index(_holds(one)))
    holds = [_holds(one) for one in records]
    lead = text(
        "report.standards.lead",
        n=len(holds), kept=holds.count(True), broken=holds.count(False), open=holds.count(None),
    )  # fmt: skip
    heads = columns(
        "report.standards", rule="text", unit="text", asked="any", reached="any", verdict="text", source="long"
    )
    rows = tuple(_rule_row(results, one) for one in records)
    listing = Table(text("report.standards.caption"), heads, rows, is_wide=True)
    return Section("standards", text("report.standards.title"), (Sentence(lead), listing))


def _holds(rule: Mapping[Any, Any]) -> bool | None:
    return None if pd.isna(rule["holds"]) else str(rule["holds"]) == "True"


def _rule_row(results: Results, rule: Mapping[Any, Any]) -> Row:
    origin = [rule[name] for name in ("source", "clause", "status")]
    source = ", ".join(str(one) for one in origin if not pd.isna(one) and one)
    given = [rule[name] for name in ("asked", "reached")]
    numbers = [NO_NUMBER if pd.isna(one) else quantity(one, rule["measured_in"]) for one in given]
    title = Label(str(rule["title_en"]), str(rule["title_zh"]))
    return (title, unit_label(results.run, str(rule["unit"])), *numbers, _rule_verdict(rule), source)


def _rule_verdict(rule: Mapping[Any, Any]) -> Cell:
    holds, n_short = _holds(rule), rule["number_short"]
    if holds is None:
        return Cell(text("report.standards.to_judge"))
    if holds:
        return Cell(text("report.standards.kept"), tone="holds")
    short = "" if pd.isna(n_short) else f" ({int(n_short):,})"
    return Cell(text("report.standards.broken", number_short=short), tone="missed")
