"""Coverage by distance: the curve of the city, and its districts side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from siting.language import Label, text
from siting.language.quantities import NO_NUMBER, Scale, quantity, scale_of
from siting.render.html.charts.bars import Bar, Part, draw_bars
from siting.render.html.charts.curve import Axes, Line, Point, draw_curve
from siting.render.html.charts.frame import Axis, Frame
from siting.render.html.charts.svg import Chart, Text
from siting.render.html.report.parts import Section, Sentence
from siting.render.palette import BLUE, SERIES, SKY
from siting.render.table import Column, Table, Total, Value, column, columns
from siting.results.districttotals import ALL, counted
from siting.results.results import Results
from siting.results.targets import TargetRow
from siting.vocabulary import Echelon, Measure

Curve = Sequence[tuple[float, float]]
"""Distances, m, and the share of residents with their point within each."""
BEYOND = 1.05
NEAR_M = 500.0
DESCRIBED_M = (500.0, 1000.0)
RATIOS = {"near_share": "share", "served_share": "share", "walk_m": "m"}


def coverage_section(results: Results) -> Section:
    """Return the curve with the city's targets on it."""
    curves = {name: one.coverage_curve for name, one in results.by_period.items()}
    targets = [
        one
        for one in results.last.target_rows
        if one.measure is Measure.COVERAGE and one.within_m is not None and one.is_overall and one.is_at_least
    ]
    served, near = (quantity(results.share_within(m), "share") for m in (float("inf"), NEAR_M))
    lead = Sentence(text("report.coverage.lead", served=served, near=near))
    return Section("coverage", text("charts.coverage"), (lead, _curve_chart(curves, targets)))


def _curve_chart(curves: Mapping[str, Curve], targets: Sequence[TargetRow]) -> Chart:
    within_m = [one.within_m or 0.0 for one in targets]
    axes = coverage_axes(BEYOND * max([places[-1][0] for places in curves.values()] + within_m))
    lines = coverage_lines(curves, axes, SERIES)
    points = []
    for at_m, one in zip(within_m, targets, strict=True):
        name = text("report.coverage.target", value=quantity(one.asked, "share")) if one.asked else ""
        points.append(Point(at_m, one.asked, name, one.holds))
    legend = {line.name: line.colour for line in lines} if len(lines) > 1 else {}
    last = list(curves.values())[-1]
    description = "; ".join(
        f"{x:,.0f} m: {100 * next(y for d, y in last[::-1] if d <= x):.1f} %" for x in sorted({*within_m, *DESCRIBED_M})
    )
    return draw_curve(Frame(text("charts.coverage"), legend, description), axes, lines, points)


def coverage_axes(end_m: float) -> Axes:
    """Return the axes of curves of coverage: distance up to `end_m`, and share of residents."""
    across = Axis.over([end_m], text("charts.walk_axis"), lambda tick: f"{tick:,.0f}")
    return Axes(across, Axis.of_shares(text("charts.residents_axis")))


def coverage_lines(curves: Mapping[str, Curve], axes: Axes, colours: Sequence[str]) -> list[Line]:
    """Return each curve as a line that goes on to the end of the axis."""
    end_m = axes.across.ticks[-1]
    return [
        Line(name, (*places, (end_m, places[-1][1])), colours[number % len(colours)])
        for number, (name, places) in enumerate(curves.items())
    ]


def district_section(results: Results) -> Section:
    """Return coverage by district as a chart, and the figures of districts as a table."""
    within_m, table = results.shown_distance_m, results.district_totals
    labels = results.district_labels | {ALL: text("report.districts.all")}
    pieces = (_district_chart(table, labels, within_m), _district_table(table, labels, within_m))
    return Section("districts", text("report.districts.title"), pieces)


def _district_chart(table: pd.DataFrame, labels: Mapping[str, Label], within_m: float) -> Chart:
    """Draw the share of residents with an open point within a distance, the smallest first."""
    peopled = table[(table["code"] != ALL) & (table["residents"] > 0)].sort_values("near_share", kind="stable")
    near, farther = text("report.districts.near", within_m=within_m), text("report.districts.farther")
    bars = []
    for one in peopled.to_dict("records"):
        share, reach = one["near_share"], one["reach_share"]
        parts = (Part(0.0, share, BLUE, near), Part(share, reach, SKY, farther))
        bars.append(Bar(labels[one["code"]], quantity(share, "share"), parts))
    legend: dict[Text, str] = {near: BLUE, farther: SKY}
    return draw_bars(Frame(text("report.districts.chart"), legend), Axis.of_shares(text("charts.residents_axis")), bars)


def _district_table(table: pd.DataFrame, labels: Mapping[str, Label], within_m: float) -> Table:
    """Return one row a district, and all of them together."""
    single, echelons = table[table["code"] != ALL], counted(table)
    tonnes = scale_of([*single["collected_t"], *single["processed_t"]], "t/yr")
    money = scale_of(single["fixed_cny"], "CNY/yr")
    *rows, total = (
        (labels[one["code"]], *_district_numbers(one, echelons, tonnes, money)) for one in table.to_dict("records")
    )
    heads = (
        *columns("report.districts", district="text", residents="any"),
        column("report.districts.within", "any", within_m=within_m),
        *columns("report.districts", served="any", walk="any"),
        *(Column(one.label, "any") for one in echelons),
        column("report.districts.collected", "any", tonnes.unit),
        column("report.districts.processed", "any", tonnes.unit),
        column("report.districts.fixed_cost", "any", money.unit),
    )
    return Table(text("report.districts.caption"), heads, (*rows, Total(total)), is_wide=True)


def _district_numbers(
    one: Mapping[Any, Any], echelons: list[Echelon], tonnes: Scale, money: Scale
) -> tuple[Value, ...]:
    return (
        quantity(one["residents"], "residents") if one["residents"] else NO_NUMBER,
        *(quantity(one[name], unit) if math.isfinite(one[name]) else NO_NUMBER for name, unit in RATIOS.items()),
        *(quantity(one[f"open_{echelon.key}"], "facilities") for echelon in echelons),
        tonnes.number(one["collected_t"]),
        tonnes.number(one["processed_t"]),
        money.number(one["fixed_cny"]),
    )
