"""Several good plans side by side, as sections: what each costs, what they share, and one map of all."""

from __future__ import annotations

import pandas as pd

from siting.language import Label, text
from siting.language.quantities import quantity
from siting.render.html.report.citymap import shared_map
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import NOTHING, Cell, Column, Row, Table, Tone, column, columns
from siting.results.results import Results
from siting.vocabulary import Echelon

FULL, EMPTY = "●", "·"


def alternative_sections(
    results: Results, plans: pd.DataFrame, sites: pd.DataFrame, *, within: float, count: int
) -> tuple[Section, ...]:
    """Return the sections about plans, the run's first; `sites` are those of any of them."""
    n, found = len(plans), len(plans) - 1
    tolerance = quantity(within, "share")
    if not found:
        nothing = Sentence(text("answers.alternatives.none", within=tolerance), "caution")
        return (Section("conclusion", text("answers.alternatives.conclusion"), (nothing,)),)
    shared = int((sites["plans"] == n).sum())
    most = quantity(plans["more_cny_per_year"].max(), "CNY/yr", signed=True)
    values = {"found": found, "count": count, "within": tolerance, "shared": shared, "all": len(sites), "most": most}
    lead = text("answers.alternatives.lead", **values)
    said = (Sentence(lead, "lead"), Sentence(text("answers.alternatives.how"), "note"))
    return (
        Section("conclusion", text("answers.alternatives.conclusion"), said),
        Section("plans", text("answers.alternatives.plans"), (_plan_rows(plans),)),
        Section("map", text("answers.alternatives.map"), (shared_map(results, sites, n_plans=n),)),
        Section("sites", text("answers.alternatives.sites"), (_site_rows(sites, n),)),
    )


def _plan_name(number: int) -> Label:
    return text("answers.alternatives.of_run") if number == 0 else text("answers.alternatives.number", n=number)


def _plan_rows(plans: pd.DataFrame) -> Table:
    rows = tuple(
        (
            _plan_name(one["plan"]), round(one["cost_cny_per_year"]), round(one["more_cny_per_year"]),
            one["more_share"], one["gap_share"], one["sites"], one["left"], one["new"],
        )
        for one in plans.to_dict("records")
    )  # fmt: skip
    money = text("answers.money")
    heads = (
        column("answers.alternatives.plan"),
        *(column(f"answers.alternatives.{name}", "whole", money) for name in ("cost", "more")),
        *columns("answers.alternatives", more_share="fine share", gap="fine share"),
        *columns("answers.alternatives", n_sites="whole", left="whole", new="whole"),
    )
    return Table(NOTHING, heads, rows, is_list=False)


def _site_rows(sites: pd.DataFrame, n_plans: int) -> Table:
    rows: list[Row] = []
    for one in sites.to_dict("records"):
        marks = [FULL if one[f"plan_{number}"] else EMPTY for number in range(n_plans)]
        tone: Tone = "strong" if one["plans"] == n_plans else ""
        name = Label(one["name_en"], one["name_zh"])
        echelon = Echelon.named(one["echelon"]).short
        rows.append((Cell(one["id"], tone=tone), name, echelon, one["plans"], *marks))
    heads = (
        *columns("answers.alternatives", id="text", place="text", echelon="text", in_plans="whole"),
        *(Column(_plan_name(number)) for number in range(n_plans)),
    )
    return Table(NOTHING, heads, tuple(rows), is_wide=True, frozen=1)
