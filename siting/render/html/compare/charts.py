"""The charts of a comparison: costs with their bounds, where differences in cost come from, coverage by distance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from siting.language import Label, text
from siting.language.quantities import scale_of
from siting.render.html.charts.bars import Bar, draw_bars
from siting.render.html.charts.bars import Part as Piece
from siting.render.html.charts.curve import draw_curve
from siting.render.html.charts.frame import Axis, Frame, round_ticks
from siting.render.html.charts.svg import Chart, Text
from siting.render.html.report.coverage import Curve, coverage_axes, coverage_lines
from siting.render.palette import DARK, GREEN, PURPLE, SKY
from siting.results.comparison.comparison import Comparison, Part
from siting.results.results import Results

MOST_PAIRS = 4
DIGITS = 5
RUN_COLOURS = ("#b34a00", "#0067a5", GREEN, PURPLE, SKY, DARK)
"""The first two are those of the maps of the page."""


@dataclass(frozen=True)
class Titled:
    """A chart with its heading."""

    title: Label
    svg: Chart


@dataclass(frozen=True)
class Term:
    """A term of cost, and by how much it differs between two runs, CNY a year."""

    label: Label
    more_cny: float
    is_total: bool = False


def comparison_charts(comparison: Comparison, results: Sequence[Results]) -> list[Titled]:
    """Return the charts that the comparison allows."""
    charts = []
    if all(Part.WHOLE not in pair.blocked for pair in comparison.pairs):
        charts.append(Titled(text("charts.intervals"), _intervals(comparison)))
    names = [face.name for face in comparison.runs]
    curves = [one.coverage_curve for one in results]
    charts.append(Titled(text("charts.coverage"), _coverage(names, curves)))
    for number, name in enumerate(names[1 : MOST_PAIRS + 1], start=1):
        terms = _differing_terms(comparison, number)
        if terms:
            charts.append(_term_chart(text("charts.terms", a=names[0], b=name), terms))
    return charts


def _intervals(comparison: Comparison) -> Chart:
    """Draw the interval between bound and cost of each run; where a bound is not known, the cost alone."""
    faces = comparison.runs
    lows = [face.bound_cny if math.isfinite(face.bound_cny) else face.cost_cny for face in faces]
    low, high = min(lows), max(face.cost_cny for face in faces)
    scale = scale_of([*lows, high], "CNY/yr", digits=DIGITS)
    margin = 0.15 * max(high - low, 1e-3 * abs(high))
    bars = []
    for number, (face, bound) in enumerate(zip(faces, lows, strict=True)):
        number_text = scale.number(face.cost_cny)
        if bound < face.cost_cny:
            number_text = text("charts.from_to", low=scale.number(bound), high=number_text)
        colour = RUN_COLOURS[number % len(RUN_COLOURS)]
        bars.append(Bar(face.name, number_text, (Piece(bound, face.cost_cny, colour, face.name),), mark=face.cost_cny))
    axis = Axis(round_ticks(low - margin, high + margin), scale.unit, scale.tick)
    return draw_bars(Frame(text("charts.intervals")), axis, bars)


def _differing_terms(comparison: Comparison, number: int) -> list[Term]:
    """Return the terms of cost that differ between the first run and another, the largest difference first."""
    figures = [figure for figure in comparison.figures if figure.group == "terms"]
    terms = [Term(figure.label, comparison.difference(figure, 0, number)) for figure in figures]
    differing = [term for term in terms if math.isfinite(term.more_cny) and term.more_cny]
    return sorted(differing, key=lambda term: -abs(term.more_cny))


def _term_chart(title: Label, terms: Sequence[Term]) -> Titled:
    total = Term(text("charts.together"), sum(term.more_cny for term in terms), is_total=True)
    terms = [*terms, total]
    values = [term.more_cny for term in terms]
    scale = scale_of(values, "CNY/yr", digits=DIGITS)
    bars = [
        Bar(
            term.label, scale.number(term.more_cny, signed=True),
            (Piece(0.0, term.more_cny, DARK if term.more_cny > 0 else GREEN),), is_strong=term.is_total,
        )
        for term in terms
    ]  # fmt: skip
    legend: dict[Text, str] = {text("charts.dearer"): DARK, text("charts.cheaper"): GREEN}
    return Titled(title, draw_bars(Frame(title, legend), Axis.of_scale(values, scale), bars))


def _coverage(names: Sequence[str], curves: Sequence[Curve]) -> Chart:
    axes = coverage_axes(max(places[-1][0] for places in curves))
    lines = coverage_lines(dict(zip(names, curves, strict=True)), axes, RUN_COLOURS)
    legend = {line.name: line.colour for line in lines}
    description = "; ".join(f"{line.name}: {100 * line.places[-1][1]:.1f} %" for line in lines)
    return draw_curve(Frame(text("charts.coverage"), legend, description), axes, lines)
