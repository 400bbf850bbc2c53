"""Horizontal bars: simple, stacked, or floating as in a waterfall; the name and the number stand above each bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from siting.language import Language
from siting.render.html.charts.frame import INK, Axis, Frame, grid, legend, picture
from siting.render.html.charts.svg import Chart, Text, percent, spoken, tag, words

ROW, BAR_TOP, BAR_HEIGHT = 31, 17, 9
AXIS_HEIGHT = 36
LABEL_X = 5


@dataclass(frozen=True)
class Part:
    """A piece of a bar from `start` to `end`; `name` shows where the pointer rests."""

    start: float
    end: float
    colour: str
    name: Text = ""


@dataclass(frozen=True)
class Bar:
    """A bar of one segment or several. `number` is written above it; `mark`, such as a target, is a line across it."""

    label: Text
    number: Text
    parts: tuple[Part, ...]
    mark: float | None = None
    is_strong: bool = False


def draw_bars(frame: Frame, axis: Axis, bars: Sequence[Bar]) -> Chart:
    """Draw bars, the first on top."""
    return Chart.of(lambda language: _draw(frame, axis, bars, language))


def _draw(frame: Frame, axis: Axis, bars: Sequence[Bar], language: Language) -> Markup:
    shown, top = legend(frame, language)
    bottom = top + ROW * len(bars)
    parts = [*shown, *grid(axis, top, bottom, language)]
    for number, bar in enumerate(bars):
        parts += _bar(axis, bar, top + ROW * number, language)
    numbers = "; ".join(f"{spoken(bar.label, language)} {spoken(bar.number, language)}" for bar in bars)
    described = f"{numbers} ({spoken(axis.name, language)})"
    return picture(frame, bottom + AXIS_HEIGHT, parts, language, described=described)


def _bar(axis: Axis, bar: Bar, y: float, language: Language) -> list[Markup]:
    look = {"fill": INK, "font_size": 12, "font_weight": 700 if bar.is_strong else None, "class_": "on-paper"}
    label, number = spoken(bar.label, language), spoken(bar.number, language)
    parts = [
        words(label, x=LABEL_X, y=y + 13, **look),
        words(number, x="100%", y=y + 13, text_anchor="end", **look),
    ]
    for part in bar.parts:
        left, right = sorted((axis.place(part.start), axis.place(part.end)))
        name = (tag("title", Markup.escape(spoken(part.name, language))),) if part.name else ()
        at = {"x": percent(left), "width": percent(right - left), "y": y + BAR_TOP, "height": BAR_HEIGHT}
        parts.append(tag("rect", *name, fill=part.colour, **at))
    if bar.mark is not None:
        x = percent(axis.place(bar.mark))
        ends = {"y1": y + BAR_TOP - 3, "y2": y + BAR_TOP + BAR_HEIGHT + 3}
        parts.append(tag("line", x1=x, x2=x, **ends, stroke=INK, stroke_width=2))
    return parts
