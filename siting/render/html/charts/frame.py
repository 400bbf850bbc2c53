"""The frame of a chart: a title and a description, an axis with its unit, a legend; and SVG as escaped text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from siting.language import Language
from siting.language.quantities import Scale

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LINE = 17
LEGEND_LETTERS = 48
LETTER = 6.3
INK, SOFT, GRID = "#23211c", "#5c5749", "#e2ddd2"


def tag(name: str, *content: str, **attributes: object) -> Markup:
    """Return an element; `content` is SVG, attributes have dashes for underscores, None leaves one out.

    >>> str(tag("line", x1=0, x2="50%", stroke_width=1.50, id=None))
    '<line x1="0" x2="50%" stroke-width="1.5"/>'
    """
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    written = "".join(f' {key}="{_attribute(value)}"' for key, value in given.items())
    inner = "".join(content)
    return Markup(f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>")


def words(text: str, **attributes: object) -> Markup:
    """Return a text element; what stands in `text` shows as it is.

    >>> str(words("a < b", y=3))
    '<text y="3">a &lt; b</text>'
    """
    return tag("text", escape(text), **attributes)


def percent(share: float) -> str:
    """Return a place along the width.

    >>> percent(0.12345)
    '12.35%'
    """
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def _attribute(value: object) -> str:
    """Return an attribute: numbers without needless digits, texts escaped."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else escape(str(value))


@dataclass(frozen=True)
class Axis:
    """Where a value lies along a chart, as a share of its length; `ticks` ascend and the first and last are its ends.

    `name` says what is measured, with the unit; `write` writes a tick.
    """

    ticks: tuple[float, ...]
    name: str
    write: Callable[[float], str]

    @classmethod
    def over(cls, values: Sequence[float], name: str, write: Callable[[float], str], *, ticks: int = 5) -> Axis:
        """Return an axis from 0, or below, to beyond the largest value, at round numbers."""
        return cls(round_ticks(min([0.0, *values]), max([0.0, *values]), ticks), name, write)

    @classmethod
    def of_scale(cls, ticks: Sequence[float], scale: Scale, language: Language) -> Axis:
        """Return an axis whose ticks are written in the unit of `scale`."""
        return cls(tuple(ticks), scale.unit.in_language(language), lambda at: scale.tick(at).in_language(language))

    @classmethod
    def of_shares(cls, name: str) -> Axis:
        """Return an axis from 0 to 100 %."""
        return cls((0.0, 0.25, 0.5, 0.75, 1.0), name, lambda tick: f"{100 * tick:.0f}")

    def place(self, value: float) -> float:
        """Return where `value` lies, 0 to 1; what is beyond an end lies at it."""
        low, high = self.ticks[0], self.ticks[-1]
        return min(1.0, max(0.0, (value - low) / (high - low)))


@dataclass(frozen=True)
class Frame:
    """Title, legend as (name, colour), and a description for those who do not see the chart.

    Without a description bars and strips give their own numbers.
    """

    title: str
    legend: tuple[tuple[str, str], ...] = ()
    description: str = ""


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


def grid(axis: Axis, top: float, bottom: float) -> list[Markup]:
    """Draw vertical lines at the ticks, their numbers below, and the name of the axis."""
    parts = []
    for number, tick in enumerate(axis.ticks):
        x = percent(axis.place(tick))
        anchor = "start" if number == 0 else "end" if tick == axis.ticks[-1] else "middle"
        parts.append(tag("line", x1=x, x2=x, y1=top, y2=bottom, stroke=SOFT if tick == 0 else GRID))
        parts.append(words(axis.write(tick), x=x, y=bottom + 14, fill=SOFT, text_anchor=anchor, font_size=11))
    parts.append(words(axis.name, x="100%", y=bottom + 30, fill=SOFT, text_anchor="end", font_size=11))
    return parts


def legend(frame: Frame) -> tuple[list[Markup], float]:
    """Draw the legend as lines of coloured squares with their names; return it and its height."""
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


def picture(frame: Frame, height: float, parts: Sequence[str], *, description: str = "") -> Markup:
    """Return the whole chart, as wide as what holds it; `description` where the frame has none."""
    about = [tag("title", Markup.escape(frame.title)), tag("desc", Markup.escape(frame.description or description))]
    return tag("svg", *about, *parts, class_="chart", role="img", width="100%", height=float(height))
