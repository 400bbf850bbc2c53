"""Sheets of figures: districts, the years or cases of a run that has several, costs and investment."""

from __future__ import annotations

import math
from collections.abc import Iterable

from siting.language import Label, text
from siting.render.table import Cell, Column, Row, Section, Table, Total, column
from siting.render.xlsx.units import (
    METRES,
    MONEY_A_YEAR,
    PERSONS,
    SITES,
    TONNES_A_YEAR,
    heads,
    stage_columns,
    stage_value,
)  # fmt: skip
from siting.results.actions import ActionRow, action_label
from siting.results.results import Results
from siting.vocabulary import COST_TERMS, PENALTY, Echelon

PAID_ACTIONS = ("build", "upgrade", "move")
DISTRICT_FIGURES = {
    "residents": column("workbook.figure.residents", "whole", PERSONS),
    "residents_with_point": column("workbook.figure.residents_with_point", "whole", PERSONS),
    "assigned_residents": column("workbook.figure.assigned_residents", "whole", PERSONS),
    "mean_walk_m": column("workbook.column.mean_walk", "whole", METRES),
    "collected_household_t": column("workbook.figure.collected_household", "tenth", TONNES_A_YEAR),
    "collected_generator_t": column("workbook.figure.collected_generator", "tenth", TONNES_A_YEAR),
    "collected_t": column("workbook.figure.collected", "tenth", TONNES_A_YEAR),
    "processed_t": column("workbook.figure.processed", "tenth", TONNES_A_YEAR),
    "investment_cny": column("workbook.figure.investment", "money", MONEY_A_YEAR),
    "land_cny": column("workbook.figure.land", "money", MONEY_A_YEAR),
    "fixed_operation_cny": column("workbook.figure.fixed_operation", "money", MONEY_A_YEAR),
}
"""Columns of the figures of a district; those made by rule are in `_district_column`."""
STAGE_FIGURES = {
    "residents": "whole", "offered_t": "tenth", "collected_t": "tenth", "processed_t": "tenth", "opening": "whole",
    "closing": "whole", "investment_cny": "money", "paid_cny": "money", "emissions_kg_co2e": "whole",
    "served_share": "share", "targets": "whole", "targets_held": "whole",
}  # fmt: skip
"""Form of each figure of a year or case."""
CHAIN_FIGURES = (("paid", "cny", "money"), ("collected", "t", "tenth"), ("investment", "cny", "money"))
"""Stem, ending and form of each figure of a chain in a year or case."""


def district_page(results: Results) -> Table:
    """Return a row for each district that has something, of each period, with sums of what can be summed."""
    stage, table = results.period_column, results.districts
    keys = [name for name in table if name not in ("period", "code", "name_en", "name_zh", "geometry")]
    rows: list[Row] = []
    for name, of_period in table.groupby("period", sort=False):
        for one in of_period.to_dict("records"):
            values = [_figure(key, one[key]) for key in keys]
            if any(values):
                code = str(one["code"])
                rows.append((*stage_value(stage, str(name)), code, results.district_labels[code], *values))
        sums = [None if key == "mean_walk_m" else _figure(key, of_period[key].sum()) for key in keys]
        rows.append(Total((*stage_value(stage, str(name)), None, text("workbook.all"), *sums)))
    return Table(
        name=text("workbook.sheet.districts"),
        title=text("workbook.title.districts"),
        columns=(
            *stage_columns(stage),
            *heads("code district"),
            *(_district_column(key) for key in keys),
        ),
        rows=tuple(rows),
        notes=(text("workbook.note.districts"),),
        is_list=not stage and bool(len(table)),
        frozen=3 if stage else 2,
    )


def _district_column(key: str) -> Column:
    if key in DISTRICT_FIGURES:
        return DISTRICT_FIGURES[key]
    if key.startswith("residents_within_"):
        metres = f"{float(key.removeprefix('residents_within_').removesuffix('_m')):,.0f}"
        return column("common.residents_within", "whole", PERSONS, distance_m=metres)
    kind, _, echelon = key.removesuffix("_t").partition("_")
    label = Echelon.named(echelon).label
    if kind == "open":
        return Column(label, "whole", SITES)
    return column("common.capacity_of", "tenth", TONNES_A_YEAR, facilities=label)


def _figure(key: str, value: float) -> float | None:
    if math.isnan(value):
        return None
    return float(value) if _district_column(key).form == "money" else round(float(value), 4)


def stage_page(results: Results) -> Table:
    """Return the years or cases side by side: a column for each."""
    table = results.periods
    word = heads(results.period_column)[0].label
    rows: list[Row] = [Section(text("workbook.stage.plan"))]
    rows += [(text(f"workbook.stage.{key}"), *_across(table[key], form)) for key, form in STAGE_FIGURES.items()]
    rows.append(Section(text("chains.title")))
    for chain in results.last.chain_shares.chains:
        for name, end, form in CHAIN_FIGURES:
            figure = text("chains.of_chain", chain=chain.label, figure=text(f"workbook.stage.{name}_{end}"))
            rows.append((figure, *_across(table[f"{name}_{chain.key}_{end}"], form)))
    rows.append(Section(text("workbook.stage.open")))
    rows += [(one.label, *_across(table[f"open_{one.key}"], "whole")) for one in Echelon]
    names = [Label(str(name), str(name)) for name in table["period"]]
    return Table(
        name=text("workbook.sheet.stages", word=word),
        title=text("workbook.title.stages", word=word),
        columns=(*heads("figure"), *(Column(name, "any") for name in names)),
        rows=tuple(rows),
        is_list=False,
        frozen=1,
    )


def _across(values: Iterable[float], form: str) -> list[Cell]:
    return [Cell(float(value), form) for value in values]


def cost_page(results: Results) -> Table:
    """Return the cost by term of each period, the sum, and shares of spending in the last period."""
    table = results.costs
    by_term = table.pivot_table(index="term", columns="period", values="cny_per_year", sort=False)
    share = table.drop_duplicates("term", keep="last").set_index("term")["spent_share"]
    rows: dict[str, Row] = {
        str(term): (COST_TERMS[str(term)], *values, share[term])
        for term, *values in by_term.itertuples()
        if any(values)
    }
    below = [rows.pop(PENALTY)] if PENALTY in rows else []
    costs = [one.run.verification.paid_cny for one in results.by_period.values()]
    total = Total((text("workbook.net_cost"), *costs, None))
    names = [text("workbook.cost_in", stage=name) if name else text("workbook.cost") for name in results.by_period]
    return Table(
        name=text("workbook.sheet.costs"),
        title=text("workbook.title.costs"),
        columns=(
            *heads("term"),
            *(Column(name, "money", MONEY_A_YEAR) for name in names),
            *heads("share_of_spending"),
        ),
        rows=(*rows.values(), total, *below),
        notes=(text("workbook.note.costs"),),
        is_list=False,
        frozen=1,
    )


def investment_page(rows: tuple[ActionRow, ...]) -> Table:
    """Return the investment by year, echelon and action: the sums of the action list."""
    groups: dict[tuple[int, int, str], list[float]] = {}
    for row in rows:
        if row.work is None or not (row.action in PAID_ACTIONS or row.work.investment_cny):
            continue
        key = (row.year or 0, -Echelon.named(row.work.echelon), row.action)
        group = groups.setdefault(key, [0, 0.0, 0.0])
        for place, value in enumerate((1, row.work.investment_cny, row.work.land_cny)):
            group[place] += value
    lines = tuple(
        (year or None, Echelon(-echelon).label, action_label(action), number, built, land, built + land)
        for (year, echelon, action), (number, built, land) in sorted(groups.items())
    )
    number, built, land = (sum(group[place] for group in groups.values()) for place in range(3))
    return Table(
        name=text("workbook.sheet.investment"),
        title=text("workbook.title.investment"),
        columns=heads("year echelon action number investment land sum"),
        rows=(*lines, Total((text("workbook.all"), None, None, number, built, land, built + land))),
    )
