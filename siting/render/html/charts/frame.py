"""What all charts have: a title and a description, an axis with its unit, a legend."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from siting.render.html.charts.svg import percent, tag, words

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LINE = 17
LEGEND_LETTERS = 48
LETTER = 6.3
INK, SOFT, GRID = "#23211c", "#5c5749", "#e2ddd2"


@dataclass(frozen=True)
class Axis:
    """Where a value lies along a chart, as a share of its length; `ticks` ascend and the first and last are its ends.

    `name` says what is measured, with the unit; `told` writes a tick.
    """

    ticks: tuple[float, ...]
    name: str
    told: Callable[[float], str]

    @classmethod
    def over(cls, values: Sequence[float], name: str, told: Callable[[float], str], *, ticks: int = 5) -> Axis:
        """An axis from 0, or below, to beyond the largest value, at round numbers."""
        return cls(round_ticks(min([0.0, *values]), max([0.0, *values]), ticks), name, told)

    def place(self, value: float) -> float:
        """Where `value` lies, 0 to 1; what is beyond an end lies at it."""
        low, high = self.ticks[0], self.ticks[-1]
        return min(1.0, max(0.0, (value - low) / (high - low)))


@dataclass(frozen=True)
class Frame:
    """Title, description for those who do not see the chart, and what each colour stands for: (name, colour)."""

    title: str
    description: str
    legend: tuple[tuple[str, str], ...] = ()


def round_ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """At most `most` + 1 round numbers, evenly apart, that hold both ends.

    >>> round_ticks(0.0, 87.0, 5)
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


def grid(axis: Axis, top: float, bottom: float) -> list[Markup]:
    """Vertical lines at the ticks, their numbers below, and the name of the axis."""
    parts = []
    for number, tick in enumerate(axis.ticks):
        x = percent(axis.place(tick))
        anchor = "start" if number == 0 else "end" if tick == axis.ticks[-1] else "middle"
        parts.append(tag("line", x1=x, x2=x, y1=top, y2=bottom, stroke=SOFT if tick == 0 else GRID))
        parts.append(words(axis.told(tick), x=x, y=bottom + 14, fill=SOFT, text_anchor=anchor, font_size=11))
    parts.append(words(axis.name, x="100%", y=bottom + 30, fill=SOFT, text_anchor="end", font_size=11))
    return parts


def legend(frame: Frame) -> tuple[list[Markup], float]:
    """The legend as lines of coloured squares with their names, and how high it is."""
    parts, lines = [], _legend_lines(frame.legend)
    for number, line in enumerate(lines):
        y, letters = 12 + LINE * number, 0
        for name, colour in line:
            x = letters * LETTER
            parts.append(tag("rect", x=x, y=y - 9, width=10, height=10, rx=2, fill=colour))
            parts.append(words(name, x=x + 15, y=y, fill=INK, font_size=12))
            letters += _width(name) + 4
    return parts, LINE * len(lines) + (4 if lines else 0)


def _legend_lines(entries: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Entries in lines that fit on a phone."""
    lines: list[list[tuple[str, str]]] = []
    for entry in entries:
        if lines and sum(_width(name) + 4 for name, _ in [*lines[-1], entry]) <= LEGEND_LETTERS:
            lines[-1].append(entry)
        else:
            lines.append([entry])
    return lines


def _width(text: str) -> int:
    """Width of a text in Latin letters: a Chinese character takes about two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def picture(frame: Frame, height: float, parts: Sequence[str]) -> Markup:
    """The whole chart, as wide as what holds it."""
    about = [tag("title", Markup.escape(frame.title)), tag("desc", Markup.escape(frame.description))]
    return tag("svg", *about, *parts, class_="chart", role="img", width="100%", height=float(height))
