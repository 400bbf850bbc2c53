"""The subsidy at which a network pays for itself, as sections."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from siting.language import Label, text
from siting.language.quantities import quantity
from siting.render.answers.prices import MONEY
from siting.render.answers.sites import change_rows
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import NOTHING, Row, Table, Total, column, columns

PER_T = "CNY/t"


def breakeven_sections(
    row: Mapping[str, Any], changes: pd.DataFrame, districts: pd.DataFrame, material: Label
) -> tuple[Section, ...]:
    """Return the sections about the least subsidy; that of districts where there are several."""
    said = [Sentence(_lead(row, material), "lead")]
    if row["run_penalty_cny"] >= 1:
        penalty = quantity(row["run_penalty_cny"], MONEY)
        said.append(Sentence(text("answers.breakeven.penalty", penalty=penalty), "caution"))
    said.append(Sentence(text("answers.breakeven.how"), "note"))
    sections = [Section("conclusion", text("answers.breakeven.conclusion"), tuple(said))]
    if len(districts) > 1:
        said_of_districts = _districts_said(districts)
        title = text("answers.breakeven.districts")
        sections.append(Section("districts", title, (*said_of_districts, district_rows(districts))))
    if len(changes):
        sections.append(Section("changes", text("answers.breakeven.changes"), (change_rows(changes),)))
    return tuple(sections)


def _lead(row: Mapping[str, Any], material: Label) -> Label:
    least, most, now = row["least_more_cny_per_t"], row["most_more_cny_per_t"], row["subsidy_today_cny_per_t"]
    cost = quantity(row["run_cost_cny"], MONEY)
    if most <= 0:
        return text("answers.breakeven.pays", cost=cost)
    ends = {"least": quantity(least, PER_T), "material": material, "cost": cost}
    if math.isinf(most):
        return text("answers.breakeven.never", **ends)
    ends |= {"most": quantity(most, PER_T), "tonnes": quantity(row["plan_tonnes"], "t/yr")}
    ends["sum"] = quantity(most * row["plan_tonnes"], MONEY)
    if math.isnan(now):
        return text("answers.breakeven.found", **ends)
    return text("answers.breakeven.found_now", now=quantity(now, PER_T), **ends)


def district_rows(districts: pd.DataFrame) -> Table:
    """Return one row for each district, the one that needs most first, and their sum."""
    shown = districts.sort_values("needed_more_cny_per_t", ascending=False)
    figures = ["tonnes", "cost_cny", "needed_more_cny_per_t", "balance_cny"]
    rows: list[Row] = [
        (Label(one["district_en"], one["district_zh"]), *(_whole(one[name]) for name in figures))
        for one in shown.to_dict("records")
    ]
    tonnes, cost_cny, balance_cny = (float(districts[name].sum()) for name in ("tonnes", "cost_cny", "balance_cny"))
    sums = (tonnes, cost_cny, cost_cny / tonnes, balance_cny)
    rows.append(Total((text("answers.breakeven.together"), *map(_whole, sums))))
    money = text("answers.money")
    heads = (
        *columns("answers.breakeven", district="text", tonnes="whole"),
        column("answers.breakeven.cost", "whole", money),
        column("answers.breakeven.needed", "whole"),
        column("answers.breakeven.balance", "whole", money),
    )
    return Table(NOTHING, heads, tuple(rows), is_list=False, frozen=1)


def _districts_said(districts: pd.DataFrame) -> list[Sentence]:
    collecting = districts.dropna(subset="needed_more_cny_per_t").sort_values("needed_more_cny_per_t")
    ends = {}
    for name, one in zip(("low", "high"), collecting.iloc[[0, -1]].to_dict("records"), strict=True):
        ends[name] = quantity(one["needed_more_cny_per_t"], PER_T)
        ends[f"{name}_district"] = Label(one["district_en"], one["district_zh"])
    together = districts["cost_cny"].sum() / districts["tonnes"].sum()
    said = [Sentence(text("answers.breakeven.districts_lead", most=quantity(together, PER_T), **ends), "lead")]
    n_none = len(districts) - len(collecting)
    if n_none:
        said.append(Sentence(text("answers.breakeven.districts_none", n=n_none), "caution"))
    return [*said, Sentence(text("answers.breakeven.districts_how"), "note")]


def _whole(value: float) -> float:
    return round(float(value)) + 0.0 if math.isfinite(value) else math.nan
