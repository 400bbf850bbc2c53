"""A set of facilities scored, as sections: what it reaches and misses, what it costs, which rules it breaks."""

from __future__ import annotations

from dataclasses import replace

from siting.language import Label, text
from siting.language.quantities import quantity
from siting.render.chains import chain_overview
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import NOTHING, Cell, Table, Total, column, columns
from siting.results.results import Results
from siting.results.targets import TargetRow, standing
from siting.vocabulary import PENALTY

MOST_FAULTS = 40


def score_sections(results: Results, *, n: int, name: str, is_designated: bool) -> tuple[Section, ...]:
    """Return the sections about the facilities of a file called `name`."""
    cost = quantity(results.paid_cny, "CNY/yr")
    lead = text("answers.score.lead", n=n, name=name, cost=cost, targets=standing(results.target_rows))
    said = [Sentence(lead, "lead"), Sentence(text("answers.score.how"), "note")]
    if is_designated:
        said.insert(1, Sentence(text("answers.score.designated"), "caution"))
    sections = [
        Section("conclusion", text("answers.score.conclusion"), tuple(said)),
        Section("chains", text("chains.title"), (replace(chain_overview(results), title=NOTHING),)),
        Section("targets", text("answers.score.targets"), (_target_rows(results),)),
        Section("costs", text("answers.score.costs"), (_cost_rows(results),)),
    ]
    if results.faults:
        sections.append(Section("faults", text("answers.score.faults", n=len(results.faults)), (_fault_rows(results),)))
    return tuple(sections)


def _target_rows(results: Results) -> Table:
    rows = tuple(
        (
            one.unit_label, one.label, one.id, _asked(one),
            quantity(one.reached, one.measured_in),
            quantity(one.missing, one.measured_in) if not one.holds else Label("", ""),
            Cell(one.holds, tone="holds" if one.holds else "missed"),
        )
        for one in results.target_rows
    )  # fmt: skip
    names = ("unit", "target", "id", "asked", "reached", "missing", "holds")
    return Table(NOTHING, tuple(column(f"answers.score.{name}") for name in names), rows, is_wide=True)


def _asked(one: TargetRow) -> Label:
    """Return the required value of a target, with its side."""
    sign, asked = "≥" if one.is_at_least else "≤", quantity(one.asked, one.measured_in)
    return Label(f"{sign} {asked.en}", f"{sign} {asked.zh}")


def _cost_rows(results: Results) -> Table:
    costs = results.costs.to_dict("records")
    rows = {one["term"]: (Label(one["label_en"], one["label_zh"]), round(one["cny_per_year"]) + 0.0) for one in costs}
    below = (rows.pop(PENALTY),)
    total = Total((text("charts.together"), sum(one["cny_per_year"] for one in costs if one["term"] != PENALTY)))
    heads = (column("answers.score.term"), column("answers.score.cny", "whole", text("answers.money")))
    return Table(NOTHING, heads, (*rows.values(), total, *below), is_list=False)


def _fault_rows(results: Results) -> Table:
    rows = tuple((one,) for one in results.faults[:MOST_FAULTS])
    return Table(NOTHING, columns("answers.score", fault="long"), rows)
