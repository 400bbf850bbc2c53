"""Price of the milestones of a roll-out in its last year, as sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from siting.language import Label, text
from siting.language.quantities import quantity
from siting.render.answers.prices import MONEY
from siting.render.answers.sites import change_rows
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import NOTHING, Row, Table, columns
from siting.vocabulary import Echelon


def straight_sections(
    row: Mapping[str, Any], milestones: Sequence[int], counts: pd.DataFrame, changes: pd.DataFrame
) -> tuple[Section, ...]:
    """Return the sections about a last year alone; `row` has its costs, `milestones` are the years before it."""
    said = (_lead(row, milestones), Sentence(text("answers.straight.how", year=row["year"]), "note"))
    sections = [
        Section("conclusion", text("answers.straight.conclusion"), said),
        Section("facilities", text("answers.straight.facilities"), (_count_rows(counts),)),
    ]
    if len(changes):
        sections.append(Section("changes", text("answers.straight.changes"), (change_rows(changes),)))
    return tuple(sections)


def _lead(row: Mapping[str, Any], milestones: Sequence[int]) -> Sentence:
    ends = {name: quantity(row[f"{name}_cny_per_year"], MONEY) for name in ("steps", "straight", "least", "most")}
    years = Label(", ".join(map(str, milestones)), "、".join(map(str, milestones)))
    is_cheaper = row["straight_cny_per_year"] < row["steps_cny_per_year"]
    name = "found" if is_cheaper else "not_cheaper"
    return Sentence(text(f"answers.straight.{name}", year=row["year"], years=years, **ends), "lead")


def _count_rows(counts: pd.DataFrame) -> Table:
    """Return one row for each echelon, with its facilities in both plans."""
    rows: list[Row] = [
        (Echelon.named(one["echelon"]).short, one["steps"], one["straight"]) for one in counts.to_dict("records")
    ]
    heads = columns("answers.straight", echelon="text", steps="whole", alone="whole")
    return Table(NOTHING, heads, tuple(rows), is_list=False)
