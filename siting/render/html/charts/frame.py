"""The frame of a chart: a title and a description, an axis with its unit, a legend."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from siting.language import Language
from siting.language.quantities import Scale
from siting.render.html.charts.svg import Text, percent, spoken, tag, words

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LINE = 17
LEGEND_LETTERS = 48
LETTER = 6.3
INK, SOFT, GRID = "#23211c", "#5c5749", "#e2ddd2"


@dataclass(frozen=True)
class Axis:
    """Axis of a chart: position of a value as a share of its length; `ticks` ascend, the first and last are its ends.

    `name` says what is measured, with the unit; `write` writes a tick.
    """

    ticks: tuple[float, ...]
    name: Text
    write: Callable[[float], Text]

    @classmethod
    def over(cls, values: Sequence[float], name: Text, write: Callable[[float], Text], *, ticks: int = 5) -> Axis:
        """Return an axis from 0, or below, to beyond the largest value, at round numbers."""
        return cls(round_ticks(min([0.0, *values]), max([0.0, *values]), ticks), name, write)

    @classmethod
    def of_scale(cls, values: Sequence[float], scale: Scale) -> Axis:
        """Return an axis from 0, or below, to beyond the largest value, in the unit of `scale`."""
        return cls.over(values, scale.unit, scale.tick)

    @classmethod
    def of_shares(cls, name: Text) -> Axis:
        """Return an axis from 0 to 100 %."""
        return cls((0.0, 0.25, 0.5, 0.75, 1.0), name, lambda tick: f"{100 * tick:.0f}")

    def place(self, value: float) -> float:
        """Return the position of `value`, clipped to [0, 1]."""
        low, high = self.ticks[0], self.ticks[-1]
        return min(1.0, max(0.0, (value - low) / (high - low)))


@dataclass(frozen=True)
class Frame:
    """Title, legend as names with their colours, and a description for those who do not see the chart.

    Without a description bars and strips give their own numbers.
    """

    title: Text
    legend: Mapping[Text, str] = field(default_factory=dict)
    description: Text = ""


def round_ticks(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """Return at most `most` + 1 round numbers, evenly apart, that hold both ends.

    >>> round_ticks(0.0, 87.0)
    (0.0, 20.0, 40.0, 60.0, 80.0, 100.0)
    """
    span = high - low
    if not span > 0:
        return (low, low + 1.0)
    power = 10.0 ** math.floor(math.log10(span / most))
    for size in (step * power for step in (*STEPS, 20.0)):
        first, last = math.floor(low / size + 1e-9), math.ceil(high / size - 1e-9)
        if last - first <= most:
            break
    return tuple(round(number * size, 12) for number in range(first, last + 1))


def grid(axis: Axis, top: float, bottom: float, language: Language) -> list[Markup]:
    """Draw vertical lines at the ticks, their numbers below, and the name of the axis."""
    parts = []
    for number, tick in enumerate(axis.ticks):
        x = percent(axis.place(tick))
        anchor = "start" if number == 0 else "end" if tick == axis.ticks[-1] else "middle"
        parts.append(tag("line", x1=x, x2=x, y1=top, y2=bottom, stroke=SOFT if tick == 0 else GRID))
        written = spoken(axis.write(tick), language)
        parts.append(words(written, x=x, y=bottom + 14, fill=SOFT, text_anchor=anchor, font_size=11))
    parts.append(
        words(spoken(axis.name, language), x="100%", y=bottom + 30, fill=SOFT, text_anchor="end", font_size=11)
    )
    return parts


def legend(frame: Frame, language: Language) -> tuple[list[Markup], float]:
    """Draw the legend as lines of coloured squares with their names; return it and its height."""
    parts, lines = [], _legend_lines([(spoken(name, language), colour) for name, colour in frame.legend.items()])
    for number, line in enumerate(lines):
        y, letters = 12 + LINE * number, 0
        for name, colour in line:
            x = letters * LETTER
            parts.append(tag("rect", x=x, y=y - 9, width=10, height=10, rx=2, fill=colour))
            parts.append(words(name, x=x + 15, y=y, fill=INK, font_size=12))
            letters += _width(name) + 4
    return parts, LINE * len(lines) + (4 if lines else 0)


def _legend_lines(entries: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Break entries into lines that fit on a phone."""
    lines: list[list[tuple[str, str]]] = []
    for entry in entries:
        if lines and sum(_width(name) + 4 for name, _ in [*lines[-1], entry]) <= LEGEND_LETTERS:
            lines[-1].append(entry)
        else:
            lines.append([entry])
    return lines


def _width(text: str) -> int:
    """Return the width of a text in Latin letters: a Chinese character takes about two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def picture(frame: Frame, height: float, parts: Sequence[str], language: Language, *, described: str = "") -> Markup:
    """Return the whole chart, as wide as what holds it; `described` where the frame has no description."""
    title, description = spoken(frame.title, language), spoken(frame.description, language) or described
    about = [tag("title", Markup.escape(title)), tag("desc", Markup.escape(description))]
    return tag("svg", *about, *parts, class_="chart", role="img", width="100%", height=float(height))
