"""Curves: shares that rise with a distance, with the targets as points beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from siting.language import Language
from siting.render.html.charts.frame import GRID, INK, SOFT, Axis, Frame, grid, legend, picture
from siting.render.html.charts.svg import Chart, Text, percent, spoken, tag, words

HEIGHT, AXIS_HEIGHT, NAME_HEIGHT = 230, 36, 16
FAR_RIGHT = 0.85
DASHES = (None, "7 3", "2 3", "9 3 2 3")


@dataclass(frozen=True)
class Line:
    """One curve, as places (x, y) in the units of the axes, x ascending."""

    name: Text
    places: tuple[tuple[float, float], ...]
    colour: str


@dataclass(frozen=True)
class Point:
    """A target of y at x: a full mark where it holds, an empty one where it is missed."""

    x: float
    y: float
    text: Text
    holds: bool


@dataclass(frozen=True)
class Axes:
    """The horizontal and the vertical axis of curves."""

    across: Axis
    up: Axis


def draw_curve(frame: Frame, axes: Axes, lines: Sequence[Line], points: Sequence[Point] = ()) -> Chart:
    """Draw curves, with the targets as points beside them."""
    return Chart.of(lambda language: _draw(frame, axes, lines, points, language=language))


def _draw(frame: Frame, axes: Axes, lines: Sequence[Line], points: Sequence[Point], *, language: Language) -> Markup:
    across, up = axes.across, axes.up
    shown, height = legend(frame, language)
    top = height + NAME_HEIGHT
    bottom = top + HEIGHT
    parts = [*shown, *grid(across, top, bottom, language), *_levels(up, top, language)]
    parts.append(words(spoken(up.name, language), x=0, y=top - 6, fill=SOFT, font_size=11))
    curves = [_curve(axes, line, DASHES[number % len(DASHES)], language) for number, line in enumerate(lines)]
    box = {"viewBox": "0 0 1000 1000", "preserveAspectRatio": "none"}
    parts.append(tag("svg", *curves, x=0, y=top, width="100%", height=HEIGHT, **box))
    for point in points:
        parts += _target(axes, point, top, language)
    return picture(frame, bottom + AXIS_HEIGHT, parts, language)


def _levels(up: Axis, top: float, language: Language) -> list[Markup]:
    parts = []
    for tick in up.ticks[1:]:
        y = top + HEIGHT * (1 - up.place(tick))
        parts.append(tag("line", x1="0", x2="100%", y1=y, y2=y, stroke=GRID))
        parts.append(words(spoken(up.write(tick), language), x=3, y=y + 12, fill=SOFT, font_size=11, class_="on-paper"))
    return parts


def _curve(axes: Axes, line: Line, dash: str | None, language: Language) -> Markup:
    across, up = axes.across, axes.up
    places = [f"{1000 * across.place(x):.1f},{1000 * (1 - up.place(y)):.1f}" for x, y in line.places]
    look = {"fill": "none", "stroke": line.colour, "stroke_width": 2.5, "stroke_dasharray": dash}
    named = tag("title", Markup.escape(spoken(line.name, language)))
    return tag("polyline", named, points=" ".join(places), vector_effect="non-scaling-stroke", **look)


def _target(axes: Axes, point: Point, top: float, language: Language) -> list[Markup]:
    across, up = axes.across, axes.up
    share = across.place(point.x)
    x, y = percent(share), top + HEIGHT * (1 - up.place(point.y))
    anchor, dx = ("end", -2) if share > FAR_RIGHT else ("start", 2)
    fill = INK if point.holds else "#fff"
    name = spoken(point.text, language)
    return [
        tag("circle", tag("title", Markup.escape(name)), cx=x, cy=y, r=4.5, fill=fill, stroke=INK,
            stroke_width=2),
        words(name, x=x, y=y + 20, dx=dx, fill=INK, font_size=11, text_anchor=anchor, class_="on-paper"),
    ]  # fmt: skip
