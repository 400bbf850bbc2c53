"""Strips of dots: one for each facility at its load, so that one sees how many are full and how many half empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from siting.language import Language
from siting.render.html.charts.frame import INK, Axis, Frame, grid, legend, picture
from siting.render.html.charts.svg import Chart, Text, percent, spoken, tag, words

BINS, RADIUS, DOT_STEP, TITLE_HEIGHT, AXIS_HEIGHT = 50, 4.0, 8.5, 24, 36
MOST_STACKED, COUNTED = 16, 8


@dataclass(frozen=True)
class Dot:
    """A facility; `name` shows where the pointer rests."""

    name: str
    value: float


@dataclass(frozen=True)
class Strip:
    """The facilities of one kind, with their values."""

    label: Text
    dots: tuple[Dot, ...]
    colour: str


def draw_strips(frame: Frame, axis: Axis, strips: Sequence[Strip]) -> Chart:
    """Draw strips below one another; facilities with about the same value are stacked."""
    return Chart.of(lambda language: _draw(frame, axis, strips, language))


def _draw(frame: Frame, axis: Axis, strips: Sequence[Strip], language: Language) -> Markup:
    shown, top = legend(frame, language)
    stacks = [_stacks(axis, strip) for strip in strips]
    heights = [TITLE_HEIGHT + _step(stack) * max(map(len, stack.values()), default=1) for stack in stacks]
    bottom = top + sum(heights) + 6
    parts = [*shown, *grid(axis, top, bottom, language)]
    for strip, stack, height in zip(strips, stacks, heights, strict=True):
        parts.append(words(spoken(strip.label, language), x=5, y=top + 15, fill=INK, font_size=12, class_="on-paper"))
        top += height
        parts += _dots(strip, stack, top)
    described = "; ".join(f"{spoken(strip.label, language)}: {len(strip.dots)}" for strip in strips)
    return picture(frame, bottom + AXIS_HEIGHT, parts, language, described=described)


def _stacks(axis: Axis, strip: Strip) -> dict[int, list[str]]:
    stacks: dict[int, list[str]] = {}
    for dot in strip.dots:
        stacks.setdefault(min(BINS - 1, int(BINS * axis.place(dot.value))), []).append(dot.name)
    return stacks


def _step(stack: dict[int, list[str]]) -> float:
    """Return the distance between stacked dots: smaller where many are stacked."""
    highest = max(map(len, stack.values()), default=1)
    return DOT_STEP * min(1.0, MOST_STACKED / highest)


def _dots(strip: Strip, stacks: dict[int, list[str]], bottom: float) -> list[Markup]:
    step = _step(stacks)
    dots = [
        tag("circle", tag("title", Markup.escape(name)), cx=percent((number + 0.5) / BINS),
            cy=bottom - RADIUS - step * rank, r=RADIUS, fill=strip.colour, stroke="#fff", stroke_width=0.5)
        for number, names in stacks.items()
        for rank, name in enumerate(names)
    ]  # fmt: skip
    many = {number: len(names) for number, names in stacks.items() if len(names) >= COUNTED}
    counts = [
        words(f"{n}", x=percent((number + 0.5) / BINS), dx=-7, y=bottom - RADIUS - step * (n - 1) + 4, fill=INK,
              font_size=11, text_anchor="end", class_="on-paper")
        for number, n in many.items()
    ]  # fmt: skip
    return dots + counts
