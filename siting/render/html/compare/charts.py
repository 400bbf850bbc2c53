"""The charts of a comparison: costs with their bounds, where differences in cost come from, coverage by distance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from siting.language import Label
from siting.language.quantities import Scale, scale_of
from siting.render.colours import DARK, GREEN, PURPLE, SKY
from siting.render.html.charts import Axis, Bar, Frame, Line, draw_bars, draw_curve
from siting.render.html.charts import Part as Piece
from siting.render.html.charts.frame import round_ticks
from siting.render.html.report.coverage import ACROSS, TITLE, UP, coverage_curve
from siting.render.html.report.parts import Chart, draw, told
from siting.results.comparison.comparison import Comparison, Figure, Part
from siting.results.record import RunRecord

MOST_PAIRS = 4
DIGITS = 5
RUN_COLOURS = ("#b34a00", "#0067a5", GREEN, PURPLE, SKY, DARK)
"""The first two are those of the maps of the page."""
COST = Label(en="Cost: from the proven bound to the plan that was found", zh="年净成本：从已证下界到所得方案")
TERMS = Label(en="Where the difference in cost comes from: {b} less {a}", zh="成本差异的来源：{b} 减 {a}")
DEARER, CHEAPER = Label(en="dearer", zh="增加"), Label(en="cheaper", zh="减少")
ALL = Label(en="together", zh="合计")


@dataclass(frozen=True)
class Titled:
    """A chart with what stands above it."""

    title: Label
    svg: Chart


def comparison_charts(comparison: Comparison, records: Sequence[RunRecord]) -> list[Titled]:
    """The charts that the comparison allows."""
    charts = []
    cost = next(figure for figure in comparison.figures if figure.key == "cost_cny")
    if all(Part.WHOLE not in pair.blocked for pair in comparison.pairs):
        charts.append(Titled(COST, draw(lambda language: _intervals(comparison, cost, language))))
    curves = [coverage_curve(record) for record in records]
    charts.append(Titled(TITLE, draw(lambda language: _coverage(comparison, curves, language))))
    for number in range(1, len(comparison.runs)):
        terms = _differing_terms(comparison, number)
        if terms and number <= MOST_PAIRS:
            charts.append(_term_chart(comparison, terms, number))
    return charts


def _intervals(comparison: Comparison, cost: Figure, language: str) -> Markup:
    """The interval between bound and cost of each run; where a bound is not known, the cost alone."""
    faces = comparison.runs
    ends = [(face.bound_cny if math.isfinite(face.bound_cny) else face.cost_cny, face.cost_cny) for face in faces]
    scale = scale_of([end for pair in ends for end in pair], cost.unit, digits=DIGITS)
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    margin = 0.15 * max(high - low, 1e-3 * abs(high))
    axis = _axis(round_ticks(low - margin, high + margin, 5), scale, language)
    bars = []
    for number, (face, (bound, found)) in enumerate(zip(faces, ends, strict=True)):
        text = told(scale.number(found), language)
        if bound < found:
            text = f"{told(scale.number(bound), language)} – {text}"
        colour = RUN_COLOURS[number % len(RUN_COLOURS)]
        bars.append(Bar(face.name, text, (Piece(bound, found, colour, face.name),), mark=found))
    about = "; ".join(f"{bar.label}: {bar.told}" for bar in bars)
    return draw_bars(Frame(told(COST, language), about), axis, bars)


def _differing_terms(comparison: Comparison, number: int) -> list[tuple[Label, float]]:
    """The terms of cost that differ between the first run and another, the largest difference first."""
    terms = [figure for figure in comparison.figures if figure.group == "terms"]
    differences = [(figure.label, comparison.difference(figure, 0, number)) for figure in terms]
    found = [(label, more) for label, more in differences if math.isfinite(more) and more]
    return sorted(found, key=lambda term: -abs(term[1]))


def _term_chart(comparison: Comparison, terms: Sequence[tuple[Label, float]], number: int) -> Titled:
    names = {"a": comparison.runs[0].name, "b": comparison.runs[number].name}
    title = Label(en=TERMS.en.format(**names), zh=TERMS.zh.format(**names))
    return Titled(title, draw(lambda language: _term_bars(title, terms, language)))


def _term_bars(title: Label, terms: Sequence[tuple[Label, float]], language: str) -> Markup:
    total = sum(more for _, more in terms)
    scale = scale_of([total, *(more for _, more in terms)], "CNY/yr", digits=DIGITS)
    rows = [*terms, (ALL, total)]
    bars = [
        Bar(
            told(label, language), told(scale.number(more, signed=True), language),
            (Piece(0.0, more, DARK if more > 0 else GREEN),), is_strong=label is ALL,
        )
        for label, more in rows
    ]  # fmt: skip
    values = [more for _, more in rows]
    axis = _axis(round_ticks(min(0.0, *values), max(0.0, *values), 5), scale, language)
    legend = ((told(DEARER, language), DARK), (told(CHEAPER, language), GREEN))
    about = "; ".join(f"{bar.label} {bar.told}" for bar in bars)
    return draw_bars(Frame(told(title, language), about, legend), axis, bars)


def _axis(ticks: tuple[float, ...], scale: Scale, language: str) -> Axis:
    return Axis(ticks, told(scale.unit, language), lambda tick: told(scale.tick(tick), language))


def _coverage(comparison: Comparison, curves: Sequence[tuple[tuple[float, float], ...]], language: str) -> Markup:
    across = Axis.over([max(places[-1][0] for places in curves)], told(ACROSS, language), lambda tick: f"{tick:,.0f}")
    up = Axis((0.0, 0.25, 0.5, 0.75, 1.0), told(UP, language), lambda tick: f"{100 * tick:.0f}")
    lines = [
        Line(face.name, (*places, (across.ticks[-1], places[-1][1])), RUN_COLOURS[number % len(RUN_COLOURS)])
        for number, (face, places) in enumerate(zip(comparison.runs, curves, strict=True))
    ]
    legend = tuple((line.name, line.colour) for line in lines)
    about = "; ".join(f"{line.name}: {100 * line.places[-1][1]:.1f} %" for line in lines)
    return draw_curve(Frame(told(TITLE, language), about, legend), (across, up), lines)
