"""Sections of the answer on what binds a target."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import pandas as pd

from siting.instance import Target
from siting.language import Label, text
from siting.language.quantities import quantity
from siting.pricing import Difference
from siting.render.answers.prices import MONEY, interval
from siting.render.answers.sites import change_rows
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import NOTHING, Table, column, columns


@dataclass(frozen=True)
class TargetFacts:
    """Figures and tables of the answer on a target, as `siting.binding` makes them.

    `state` is `no_next`, `slack`, `missed` or `binds`.
    """

    label: Label
    unit: Label
    target: Target
    reached: float
    next: float | None
    gap: Difference | None
    state: str
    missing: pd.DataFrame
    candidates: pd.DataFrame
    changes: pd.DataFrame


def target_sections(facts: TargetFacts) -> tuple[Section, ...]:
    """Return the sections about what binds a target."""
    sections = [Section("conclusion", text("answers.target.conclusion"), tuple(_said(facts)))]
    if len(facts.missing):
        pieces = (_missing_said(facts), _missing_rows(facts))
        sections.append(Section("missing", text("answers.target.missing"), pieces))
    if len(facts.candidates) and facts.state != "no_next":
        title = text("answers.target.candidates")
        sections.append(Section("candidates", title, (_candidate_rows(facts),)))
    if len(facts.changes):
        sections.append(Section("changes", text("answers.target.changes"), (change_rows(facts.changes),)))
    return tuple(sections)


def _said(facts: TargetFacts) -> list[Sentence]:
    unit = facts.target.measure.unit
    asked, reached = quantity(facts.target.value, unit), quantity(facts.reached, unit)
    values = {"target": facts.label, "unit": facts.unit, "asked": asked, "reached": reached}
    values["next"] = quantity(facts.next, unit, digits=6)
    values["penalty"] = quantity(facts.target.penalty_cny, "CNY")
    said = [Sentence(text(f"answers.target.{facts.state}", **values), "lead")]
    return [*said, Sentence(_price(facts.gap), "key")] if facts.gap is not None else said


def _price(gap: Difference) -> Label:
    if math.isinf(gap.least_cny) and gap.least_cny > 0:
        return text("answers.target.no_plan")
    within = interval({f"{name}_per_year": value for name, value in asdict(gap).items()})
    estimate, plan = (quantity(one, MONEY, signed=True) for one in (gap.estimate_cny, gap.plan_cny))
    key = "answers.target.price" if math.isfinite(gap.plan_cny) else "answers.target.not_found"
    return text(key, estimate=estimate, plan=plan, interval=within)


def _missing_said(facts: TargetFacts) -> Sentence:
    left, near = float(facts.missing["left"].sum()), float(facts.missing["near"].sum())
    amounts = {"left": left, "near": near, "far": left - near}
    return Sentence(
        text("answers.target.missing_lead", **{name: quantity(one, "residents") for name, one in amounts.items()})
    )


def _missing_rows(facts: TargetFacts) -> Table:
    rows = tuple(
        (Label(one["district_en"], one["district_zh"]), one["left"], one["near"])
        for one in facts.missing.to_dict("records")
    )
    return Table(NOTHING, columns("answers.target", district="text", left="whole", near="whole"), rows)


def _candidate_rows(facts: TargetFacts) -> Table:
    rows = tuple(
        (
            one["id"],
            Label(one["name_en"], one["name_zh"]),
            one["residents_gained"],
            round(one["bound_rises_cny_per_year"]),
        )
        for one in facts.candidates.to_dict("records")
    )
    heads = (
        *columns("answers.target", id="text", place="text", gain="whole"),
        column("answers.target.rise", "whole", text("answers.money")),
    )
    return Table(NOTHING, heads, rows)
