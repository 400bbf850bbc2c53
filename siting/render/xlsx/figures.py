"""Sheets of figures: districts, the years or cases of a run that has several, costs and investment."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from siting.language import Label, text
from siting.render.table import (
    Cell,
    Column,
    Row,
    Section,
    Table,
    Total,
    column,
)
from siting.render.xlsx.units import (
    METRES,
    MONEY,
    MONEY_A_YEAR,
    PERSONS,
    SITES,
    STAGES,
    TONNES_A_YEAR,
    stage_columns,
    stage_value,
)
from siting.results.actions import ACTION_LABELS, ActionRow
from siting.results.record import RunRecord, stage_records
from siting.results.rollout import stage_column, stage_table
from siting.results.units import district_labels
from siting.vocabulary import COST_TERMS, Echelon

PAID_ACTIONS = ("build", "upgrade", "move")
TONNES = {
    "collected_household_t": text("workbook.figure.collected_household"),
    "collected_generator_t": text("workbook.figure.collected_generator"),
    "collected_t": text("workbook.figure.collected"),
    "processed_t": text("workbook.figure.processed"),
}
ANNUITIES = {
    "investment_cny": text("workbook.figure.investment"),
    "land_cny": text("workbook.figure.land"),
    "fixed_operation_cny": text("workbook.figure.fixed_operation"),
}
RESIDENTS = {
    "residents": text("workbook.figure.residents"),
    "assigned_residents": text("workbook.figure.assigned_residents"),
}
NAMED = ((RESIDENTS, "whole", PERSONS), (TONNES, "tenth", TONNES_A_YEAR), (ANNUITIES, "money", MONEY_A_YEAR))
"""Labels of the figures of a district with their form and unit."""
STAGE_FIGURES = {
    "residents": (text("workbook.figure.residents"), "whole"),
    "offered_t": (text("workbook.stage.offered"), "tenth"),
    "collected_t": (text("workbook.stage.collected"), "tenth"),
    "processed_t": (text("workbook.stage.processed"), "tenth"),
    "opening": (text("workbook.stage.opening"), "whole"),
    "closing": (text("workbook.stage.closing"), "whole"),
    "investment_cny": (text("workbook.stage.investment"), "money"),
    "cost_cny": (text("workbook.stage.cost"), "money"),
    "emissions_kg_co2e": (text("workbook.stage.emissions"), "whole"),
    "served_share": (text("workbook.stage.served_share"), "share"),
    "targets": (text("workbook.column.targets"), "whole"),
    "targets_held": (text("workbook.stage.targets_held"), "whole"),
}


def district_page(run: RunRecord) -> Table:
    """One row for each district that has something, of each year or case, with sums of what can be summed."""
    stage, labels = stage_column(run), district_labels(run)
    rows: list[Row] = []
    columns: dict[str, Column] = {}
    for name, record in stage_records(run).items():
        figures = record.district_figures
        columns = {key: _district_column(key) for key in figures}
        for number, code in enumerate(run.instance.districts):
            values = [_figure(key, float(figures[key][number])) for key in columns]
            if not any(values):
                continue
            rows.append((*stage_value(stage, name), str(code), labels[str(code)], *values))
        sums = [None if key == "mean_walk_m" else _figure(key, float(np.sum(figures[key]))) for key in columns]
        rows.append(Total((*stage_value(stage, name), None, text("workbook.all"), *sums)))
    return Table(
        name=text("workbook.sheet.districts"),
        title=text("workbook.title.districts"),
        columns=(
            *stage_columns(stage),
            column("workbook.column.code"),
            column("workbook.column.district"),
            *columns.values(),
        ),
        rows=tuple(rows),
        notes=(text("workbook.note.districts"),),
        is_list=not stage and bool(len(run.instance.districts)),
        frozen=3 if stage else 2,
    )


def _district_column(key: str) -> Column:
    for labels, form, unit in NAMED:
        if key in labels:
            return Column(labels[key], form, unit)
    if key.startswith("residents_within_"):
        metres = f"{float(key.removeprefix('residents_within_').removesuffix('_m')):,.0f}"
        return Column(text("common.residents_within", distance_m=metres), "whole", PERSONS)
    if key == "mean_walk_m":
        return column("workbook.column.mean_walk", "whole", METRES)
    what, _, echelon = key.removesuffix("_t").partition("_")
    label = Echelon.named(echelon).label
    if what == "open":
        return Column(label, "whole", SITES)
    return Column(text("common.capacity_of", facilities=label), "tenth", TONNES_A_YEAR)


def _figure(key: str, value: float) -> float | None:
    """A figure of a district in the unit of its column; None where there is none."""
    if math.isnan(value):
        return None
    return value if key in ANNUITIES else round(value, 4)


def stage_page(run: RunRecord) -> Table:
    """The years or cases side by side: a column for each."""
    table, stage = stage_table(run), stage_column(run)
    word = STAGES[stage].label
    rows: list[Row] = [Section(text("workbook.stage.plan"))]
    rows += [_across(label, form, table[key].tolist()) for key, (label, form) in STAGE_FIGURES.items()]
    rows.append(Section(text("workbook.stage.open")))
    rows += [_across(one.label, "whole", table[f"open_{one.key}"].tolist()) for one in Echelon]
    return Table(
        name=text("workbook.sheet.stages", word=word),
        title=text("workbook.title.stages", word=word),
        columns=(
            column("workbook.column.figure"),
            *(Column(Label(str(name), str(name)), "any") for name in table[stage]),
        ),
        rows=tuple(rows),
        is_list=False,
        frozen=1,
    )


def _across(label: Label, form: str, values: list[Any]) -> Row:
    """One figure over the years or cases."""
    return (label, *(Cell(float(value), form) for value in values))


def cost_page(run: RunRecord) -> Table:
    """Cost by term of each year or case, the sum, and the share of what is spent."""
    records = stage_records(run)
    terms = [record.verification.cost_terms_cny for record in records.values()]
    spent = sum(value for value in terms[-1].values() if value > 0) or 1.0
    rows: list[Row] = []
    for term in terms[-1]:
        values = [one[term] for one in terms]
        if any(values):
            share = values[-1] / spent if values[-1] > 0 else None
            rows.append((COST_TERMS[term], *values, share))
    costs = [record.verification.cost_cny for record in records.values()]
    rows.append(Total((text("workbook.net_cost"), *costs, None)))
    names = [text("workbook.cost_in", stage=name) if name else text("workbook.cost") for name in records]
    return Table(
        name=text("workbook.sheet.costs"),
        title=text("workbook.title.costs"),
        columns=(
            column("workbook.column.term"),
            *(Column(name, "money", MONEY_A_YEAR) for name in names),
            column("workbook.column.share_of_spending", "share"),
        ),
        rows=tuple(rows),
        notes=(text("workbook.note.costs"),),
        is_list=False,
        frozen=1,
    )


def investment_page(rows: tuple[ActionRow, ...]) -> Table:
    """What is paid once, by year, echelon and action; the sums of the action list."""
    groups: dict[tuple[int, int, str], list[float]] = {}
    for row in rows:
        if row.work is None or not (row.action in PAID_ACTIONS or row.work.investment_cny):
            continue
        key = (row.year or 0, -Echelon.named(row.work.echelon), row.action)
        group = groups.setdefault(key, [0, 0.0, 0.0])
        for place, value in enumerate((1, row.work.investment_cny, row.work.land_cny)):
            group[place] += value
    lines = tuple(_invested(key, groups[key]) for key in sorted(groups))
    sums = [sum(group[place] for group in groups.values()) for place in range(3)]
    total = Total((text("workbook.all"), None, None, sums[0], *sums[1:], sum(sums[1:])))
    return Table(
        name=text("workbook.sheet.investment"),
        title=text("workbook.title.investment"),
        columns=(
            column("workbook.column.year", "year"),
            column("workbook.column.echelon"),
            column("workbook.column.action"),
            column("workbook.column.number", "whole", SITES),
            column("workbook.column.investment", "money", MONEY),
            column("workbook.column.land", "money", MONEY),
            column("workbook.column.sum", "money", MONEY),
        ),
        rows=(*lines, total),
    )


def _invested(key: tuple[int, int, str], sums: list[float]) -> Row:
    year, echelon, action = key
    return (
        year or None, Echelon(-echelon).label, ACTION_LABELS[action], sums[0],
        sums[1], sums[2], sums[1] + sums[2],
    )  # fmt: skip
