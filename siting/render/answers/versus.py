"""Why two runs differ, as sections: the chain of costs, the figures that changed, the sites."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from siting.language import Label, listed, text
from siting.language.quantities import quantity
from siting.render.answers.prices import MONEY
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import NOTHING, Table, column, columns
from siting.vocabulary import COST_TERMS, Echelon

MOST_TERMS = 3
"""Terms of the cost that are named for each figure."""


def versus_sections(
    figures: pd.DataFrame,
    sites: pd.DataFrame,
    totals: Mapping[str, float],
    *,
    first: str,
    second: str,
    is_planned: bool,
) -> tuple[Section, ...]:
    """Return the sections about the figures in which two runs differ, and the sites."""
    said = [
        Sentence(_lead(figures, totals, first=first, second=second), "lead"),
        Sentence(text("answers.versus.how"), "note"),
    ]
    sections = [
        Section("conclusion", text("answers.versus.conclusion"), tuple(said)),
        Section("figures", text("answers.versus.figures"), (_figure_rows(figures),)),
    ]
    if len(sites):
        note = Sentence(text(f"answers.versus.{'sites_planned' if is_planned else 'sites_not_planned'}"), "note")
        sections.append(Section("sites", text("answers.versus.sites"), (note, _site_rows(sites))))
    return tuple(sections)


def _lead(figures: pd.DataFrame, totals: Mapping[str, float], *, first: str, second: str) -> Label:
    first_cny, together_cny, second_cny = (totals[f"{name}_cny"] for name in ("first", "together", "second"))
    values = {"n": len(figures), "first": first, "second": second}
    values["all"] = quantity(second_cny - first_cny, MONEY, signed=True)
    if math.isnan(together_cny):
        return text("answers.versus.lead_other", **values)
    moved = quantity(together_cny - first_cny, MONEY, signed=True)
    planned = quantity(second_cny - together_cny, MONEY, signed=True)
    return text("answers.versus.lead", moved=moved, planned=planned, **values)


def _figure_rows(figures: pd.DataFrame) -> Table:
    size = figures["moves_cny_per_year"].abs().sort_values(ascending=False, na_position="last")
    ordered = figures.reindex(size.index)
    rows = tuple(
        (one["key"], one["was"], one["now"], _whole(one["moves_cny_per_year"]), _terms(one["terms"]))
        for one in ordered.to_dict("records")
    )
    heads = (
        column("answers.versus.key", "long"),
        *columns("answers.versus", was="text", now="text"),
        column("answers.versus.moves", "whole", text("answers.money")),
        column("answers.versus.terms"),
    )
    return Table(NOTHING, heads, rows, is_wide=True)


def _whole(value: float) -> float:
    return round(value) + 0.0 if math.isfinite(value) else math.nan


def _terms(terms: Mapping[str, float]) -> Label:
    """Return the terms that a figure moves most, each with its amount."""
    chief = sorted(terms.items(), key=lambda pair: -abs(pair[1]))[:MOST_TERMS]
    parts = []
    for term, cny in chief:
        label, amount = COST_TERMS[term], quantity(cny, MONEY, signed=True)
        parts.append(Label(f"{label.en} {amount.en}", f"{label.zh} {amount.zh}"))
    return listed(parts)


def _site_rows(sites: pd.DataFrame) -> Table:
    rows = tuple(
        (
            one["id"], Label(one["name_en"], one["name_zh"]), Echelon.named(one["echelon"]).short,
            text(f"answers.site.{one['change']}"), one["moved_by"],
        )
        for one in sites.to_dict("records")
    )  # fmt: skip
    names = dict.fromkeys(("id", "place", "echelon", "action"), "text")
    return Table(NOTHING, (*columns("answers.site", **names), column("answers.versus.moved_by", "long")), rows)
