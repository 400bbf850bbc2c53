"""Planning years, or cases of demand, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siting.language import Label, text
from siting.language.quantities import scale_of
from siting.render.html.charts.svg import Text
from siting.render.html.report.costs import draw_stacked
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import Cell, Column, Row, Table, Tone, column
from siting.results.results import Results
from siting.vocabulary import Chain, Echelon

OF_CHAINS = (("paid", "cny", "CNY/yr"), ("collected", "t", "t/yr"), ("investment", "cny", "CNY"))
"""Stem, ending and unit of the columns of each chain."""
OPTIONAL = ("shortfall_penalty_cny_per_year",)
"""Columns that are shown where any period has something in them, as counts of facilities are."""
FIGURES = {
    "residents": "residents",
    "offered_t": "t/yr",
    "collected_t": "t/yr",
    "processed_t": "t/yr",
    "served_share": "share",
    **{f"open_{one.key}": "facilities" for one in Echelon},
    "opening": "facilities",
    "closing": "facilities",
    "investment_cny": "CNY",
    "paid_cny": "CNY/yr",
    "shortfall_penalty_cny_per_year": "CNY/yr",
    **{f"{name}_{chain.key}_{end}": unit for chain in Chain for name, end, unit in OF_CHAINS},
    "emissions_t": "t CO2e/yr",
}
"""Columns of `Results.periods` that are shown, with their units."""


def period_section(results: Results) -> Section | None:
    """Return the periods as columns, their cost as a chart; None where there is one only."""
    sentence = results.period_sentence
    if sentence is None:
        return None
    title = text("report.periods.years" if results.are_years else "report.periods.cases")
    costs: dict[Text, Mapping[str, float]] = {
        name: one.run.verification.cost_terms_cny for name, one in results.by_period.items()
    }
    pieces = (Sentence(sentence), draw_stacked(costs, title), _side_by_side(results, title))
    return Section("years", title, pieces)


def _side_by_side(results: Results, title: Label) -> Table:
    emissions_t = [sum(one.emissions_t.values()) for one in results.by_period.values()]
    periods = results.periods.assign(emissions_t=emissions_t)
    rows = [
        _figure_row(name, unit, periods[name].tolist())
        for name, unit in FIGURES.items()
        if name in periods and ((name not in OPTIONAL and unit != "facilities") or periods[name].any())
    ]
    rows.append((text("report.periods.targets_held"), *map(_held, periods.to_dict("records"))))
    heads = [Column(Label(name, name), "any") for name in periods["period"]]
    return Table(title, (column("report.periods.figure"), *heads), tuple(rows), is_list=False)


def _figure_row(name: str, unit: str, values: Sequence[float]) -> Row:
    scale = scale_of(values, unit)
    is_count = name.startswith("open_")
    label = Echelon.named(name.removeprefix("open_")).label if is_count else _label(name)
    if scale.unit.zh:
        whole = text("report.periods.in_unit", figure=label, unit=scale.unit)
        label = Label(whole.en if scale.unit.en else label.en, whole.zh)
    return (label, *(scale.number(value) for value in values))


def _label(name: str) -> Label:
    """Return the name of a figure: that of all, with the chain before it where it is of one."""
    for chain in Chain:
        if f"_{chain.key}_" in name:
            figure = text(f"report.periods.{name.replace(f'_{chain.key}', '')}")
            return text("chains.of_chain", chain=chain.label, figure=figure)
    return text(f"report.periods.{name}")


def _held(period: Mapping[Any, Any]) -> Cell:
    held, n = int(period["targets_held"]), int(period["targets"])
    tone: Tone = "holds" if held == n else "missed" if period["hard_missed"] else "soft"
    return Cell(text("report.periods.n_held", held=held, n=n), tone=tone)
