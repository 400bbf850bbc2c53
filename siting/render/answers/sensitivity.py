"""Sections of a sensitivity analysis: a tornado chart of the cost, and the figures with their ranges."""

from __future__ import annotations

import math

import pandas as pd

from siting.language import Label, text
from siting.language.quantities import quantity, scale_of
from siting.render.answers.prices import MONEY
from siting.render.html.charts.bars import Bar, Part, draw_bars
from siting.render.html.charts.frame import Axis, Frame
from siting.render.html.charts.svg import Chart
from siting.render.html.report.parts import Section, Sentence
from siting.render.palette import BLUE, ORANGE
from siting.render.table import NOTHING, Cell, Table, column, columns

MOST_BARS = 20


def sensitivity_sections(figures: pd.DataFrame, *, base_cny: float, n_planned: int) -> tuple[Section, ...]:
    """Return the sections about figures, those first with which the plan no longer holds, then by what they move."""
    broken = (figures["low_broken"] + figures["high_broken"]) > 0
    chief = figures.sort_values("swing_cny_per_year", ascending=False).iloc[0]
    values = {
        "n": len(figures), "broken": int(broken.sum()), "key": chief["key"],
        "swing": quantity(float(chief["swing_cny_per_year"]), MONEY), "cost": quantity(base_cny, MONEY),
    }  # fmt: skip
    said = [Sentence(text("answers.sensitivity.lead", **values), "lead")]
    if n_planned:
        flips = int(figures["flips"].map(len).gt(0).sum())
        said.append(Sentence(text("answers.sensitivity.flips_lead", n=n_planned, flips=flips), "key"))
        said += [Sentence(one, "key") for one in _first(figures)]
    said.append(Sentence(text(f"answers.sensitivity.{'how_planned' if n_planned else 'how'}"), "note"))
    return (
        Section("conclusion", text("answers.sensitivity.conclusion"), tuple(said)),
        Section("tornado", text("answers.sensitivity.tornado"), (tornado(figures),)),
        Section("figures", text("answers.sensitivity.figures"), (_rows(figures),)),
    )


def _first(figures: pd.DataFrame) -> list[Label]:
    """Return what is to be surveyed first: the figure that flips a site by the least change, relative to its value."""
    known = [one for one in figures.to_dict("records") if math.isfinite(one["first_flip_at"])]
    if not known:
        return []
    one = min(known, key=lambda row: abs(row["first_flip_at"] - row["value"]) / max(abs(row["value"]), 1e-12))
    values = {
        "key": one["key"], "at": f"{one['first_flip_at']:,.4g}", "sites": " ".join(one["first_flips"]),
        "value": quantity(float(one["value"]), one["unit"], digits=4),
    }  # fmt: skip
    return [text("answers.sensitivity.first_lead", **values)]


def tornado(figures: pd.DataFrame) -> Chart:
    """Draw the change of cost at the low and the high end of each figure, the largest change on top."""
    shown = figures.sort_values("swing_cny_per_year", ascending=False).head(MOST_BARS).to_dict("records")
    ends = [float(one[f"{end}_moves_cny_per_year"]) for one in shown for end in ("low", "high")]
    scale = scale_of([one for one in ends if math.isfinite(one)], MONEY)
    names = {end: text(f"answers.sensitivity.{end}_end") for end in ("low", "high")}
    colours = {"low": BLUE, "high": ORANGE}
    bars = []
    for one in shown:
        moves = {end: float(one[f"{end}_moves_cny_per_year"]) for end in ("low", "high")}
        parts = tuple(Part(0.0, cny, colours[end], names[end]) for end, cny in moves.items() if math.isfinite(cny))
        low, high = (scale.number(moves[end], signed=True) for end in ("low", "high"))
        bars.append(Bar(str(one["key"]), text("charts.from_to", low=low, high=high), parts))
    axis = Axis.of_scale([one for one in ends if math.isfinite(one)], scale)
    legend: dict[Label | str, str] = {names[end]: colours[end] for end in names}
    return draw_bars(Frame(text("answers.sensitivity.tornado"), legend), axis, bars)


def _rows(figures: pd.DataFrame) -> Table:
    rows = []
    for one in figures.to_dict("records"):
        moves = [_whole(float(one[f"{end}_moves_cny_per_year"])) for end in ("low", "high")]
        broken = int(one["low_broken"]), int(one["high_broken"])
        tones = [Cell(n, tone="missed" if n else "") for n in broken]
        written = [quantity(float(one[name]), one["unit"], digits=6) for name in ("value", "low", "high")]
        flips = " ".join(one["flips"]), _value(one["first_flip_at"], one["unit"])
        rows.append((one["key"], text(f"results.status.{one['status']}"), *written, *moves, *tones, *flips))
    unit = text("answers.money")
    heads = (
        *(column(f"answers.sensitivity.{name}") for name in ("key", "status", "value", "low", "high")),
        *(column(f"answers.sensitivity.{end}_moves", "whole", unit) for end in ("low", "high")),
        *columns("answers.sensitivity", low_broken="whole", high_broken="whole", flips="text", first_flip_at="text"),
    )
    return Table(NOTHING, heads, tuple(rows), is_wide=True, frozen=1)


def _value(value: float, unit: str) -> Label:
    return quantity(value, unit, digits=4) if math.isfinite(value) else NOTHING


def _whole(value: float) -> float | Label:
    return round(value) + 0.0 if math.isfinite(value) else text("answers.sensitivity.other")
