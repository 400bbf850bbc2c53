"""Prices of targets as sections: the conclusion, the table, the curve of one target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from siting.language import Label, text
from siting.language.quantities import quantity
from siting.pricing import Known
from siting.render.html.charts.curve import Axes, Line, Point, draw_curve
from siting.render.html.charts.frame import Axis, Frame, round_ticks
from siting.render.html.charts.svg import Chart
from siting.render.html.report.parts import Section, Sentence
from siting.render.palette import SERIES
from siting.render.table import NOTHING, Row, Table, column, columns

MONEY = "CNY/yr"
MILLION = 1e6


def price_sections(prices: pd.DataFrame, run: Known, base: Known, *, is_curve: bool) -> tuple[Section, ...]:
    """Return the sections about a table of prices.

    `run` is what the run knew of its own problem, `base` what is known of it by now.
    """
    said = [_lead(prices, is_curve=is_curve), *_not_found(prices), _gap(base)]
    if base.cost_cny < run.cost_cny - 1:
        said.append(Sentence(text("answers.prices.better", less=quantity(run.cost_cny - base.cost_cny, MONEY)), "key"))
    said.append(Sentence(text("answers.prices.how"), "note"))
    sections = [Section("conclusion", text("answers.prices.conclusion"), tuple(said))]
    if is_curve and _has_plan(prices).any():
        sections.append(Section("curve", text("answers.prices.curve"), (price_curve(prices, base),)))
    return (*sections, Section("prices", text("answers.prices.section"), (price_table(prices),)))


def _has_plan(prices: pd.DataFrame) -> pd.Series[bool]:
    return prices["outcome"].isin(["priced", "met"])


def _lead(prices: pd.DataFrame, *, is_curve: bool) -> Sentence:
    priced = prices[_has_plan(prices)]
    n = {"n": len(prices), "priced": len(priced)}
    if is_curve:
        return Sentence(text("answers.prices.lead_curve", **n, **_names(prices.to_dict("records")[0])), "lead")
    if not len(priced):
        return Sentence(text("answers.prices.lead_none", **n), "caution")
    one = priced.sort_values("plan_cny_per_year").to_dict("records")[-1]
    plan = quantity(one["plan_cny_per_year"], MONEY, signed=True)
    return Sentence(text("answers.prices.lead", **n, **_names(one), plan=plan, interval=interval(one)), "lead")


def _not_found(prices: pd.DataFrame) -> list[Sentence]:
    """Return a caution where a step has no plan yet: a lead on the others alone would hide those that bind."""
    n = int((prices["outcome"] == "not_found").sum())
    return [Sentence(text("answers.prices.not_found", n=n), "caution")] if n else []


def _gap(base: Known) -> Sentence:
    cost, bound, gap = (
        quantity(value, MONEY) for value in (base.cost_cny, base.bound_cny, base.cost_cny - base.bound_cny)
    )
    return Sentence(text("answers.prices.gap", cost=cost, bound=bound, gap=gap), "note")


def _names(one: dict[Any, Any]) -> dict[str, Label]:
    return {
        "target": Label(one["label_en"], one["label_zh"]),
        "unit": Label(one["unit_en"], one["unit_zh"]),
        "asked": quantity(one["asked"], one["measured_in"]),
        "next": quantity(one["next"], one["measured_in"], digits=6),
    }


def interval(one: dict[Any, Any]) -> Label:
    """Return a proven interval in words."""
    least, most = one["least_cny_per_year"], one["most_cny_per_year"]
    if math.isinf(least) and least > 0:
        return text("answers.prices.outcome.no_plan")
    low, high = (quantity(value, MONEY, signed=value != 0) for value in (least, most))
    if math.isinf(least):
        return text("answers.at_most", most=high)
    return text("answers.at_least", least=low) if math.isinf(most) else text("answers.interval", least=low, most=high)


def price_table(prices: pd.DataFrame) -> Table:
    """Return one row for each target or value, with estimate, plan and interval."""
    rows = tuple(_row(one) for one in prices.to_dict("records"))
    texts = dict.fromkeys(("unit", "target", "id", "asked", "next"), "text")
    unit = text("answers.money")
    figures = (column(f"answers.prices.{name}", "whole", unit) for name in ("estimate", "plan", "least", "most"))
    heads = (*columns("answers.prices", **texts), *figures, column("answers.prices.note"))
    return Table(NOTHING, heads, rows, is_wide=True, frozen=3)


def _row(one: dict[Any, Any]) -> Row:
    names, outcome = _names(one), one["outcome"]
    figures = [one[f"{name}_cny_per_year"] for name in ("estimate", "plan", "least", "most")]
    note = "" if outcome == "priced" else text(f"answers.prices.outcome.{outcome}")
    following: str | Label = "" if outcome == "no_next" else names["next"]
    return (names["unit"], names["target"], one["id"], names["asked"], following, *map(_whole, figures), note)


def _whole(value: float) -> float:
    """Return an amount to the CNY, never −0."""
    return round(float(value)) + 0.0 if math.isfinite(value) else math.nan


def price_curve(prices: pd.DataFrame, base: Known) -> Chart:
    """Draw the cost of the cheapest plans found and the proven bounds by the value asked."""
    one = prices.to_dict("records")[0]
    names, asked = _names(one), float(one["asked"])
    known = [(float(value), float(cost), float(bound)) for value, cost, bound in _known(prices)]
    known = sorted([*known, (asked, base.cost_cny, base.bound_cny)])
    plans = tuple((value, cost / MILLION) for value, cost, _ in known if math.isfinite(cost))
    bounds = tuple((value, bound / MILLION) for value, _, bound in known if math.isfinite(bound))
    labels, colours = (text("answers.prices.plans"), text("answers.prices.bounds")), SERIES[:2]
    across = Axis(
        _ticks([value for value, *_ in known]),
        text("answers.prices.curve_axis", target=names["target"], unit=names["unit"]),
        lambda tick: quantity(tick, one["measured_in"]),
    )
    up = Axis(_ticks([y for _, y in (*plans, *bounds)]), text("answers.prices.cost_axis"), lambda tick: f"{tick:,g}")
    lines = [Line(*three) for three in zip(labels, (plans, bounds), colours, strict=True)]
    here = [Point(asked, base.cost_cny / MILLION, text("answers.prices.asked_here"), True)]
    said = "; ".join(f"{value:g}: {cost:,.0f} / {bound:,.0f}" for value, cost, bound in known)
    legend: dict[Label | str, str] = dict(zip(labels, colours, strict=True))
    return draw_curve(Frame(text("answers.prices.curve"), legend, said), Axes(across, up), lines, here)


def _known(prices: pd.DataFrame) -> Sequence[tuple[float, float, float]]:
    return list(prices[["next", "cost_cny_per_year", "bound_cny_per_year"]].itertuples(index=False, name=None))


def _ticks(values: Sequence[float]) -> tuple[float, ...]:
    return round_ticks(min(values), max(values))
