"""A Pareto front as sections: what it spans, a chart of plans and bounds, the table of plans."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from siting.instance import Target
from siting.language import Label, text
from siting.language.quantities import quantity, scale_of
from siting.render.html.charts.curve import Axes, Line, Point, draw_curve
from siting.render.html.charts.frame import Axis, Frame, round_ticks
from siting.render.html.charts.svg import Chart
from siting.render.html.report.parts import Section, Sentence
from siting.render.palette import SERIES
from siting.render.table import NOTHING, Column, Row, Table, columns
from siting.vocabulary import Measure

PER_POINT = 100.0


@dataclass(frozen=True)
class NamedGoal:
    """A goal with its name for readers, as "residents with a point within 500 m"."""

    goal: Target
    name: Label

    @property
    def key(self) -> str:
        """Column of the front that holds what is reached of it."""
        return str(self.goal.measure)

    @property
    def unit(self) -> str:
        """Unit of the measure."""
        return self.goal.measure.unit


def front_sections(first: NamedGoal, second: NamedGoal, front: pd.DataFrame) -> tuple[Section, ...]:
    """Return the sections about a front, as `front_table` makes it, with a column `run`."""
    said = (
        Sentence(front_sentence(first, second, front), "lead"),
        *(Sentence(one) for one in end_sentences(second, front)),
        Sentence(text("answers.front.how", first=first.name), "note"),
    )
    return (
        Section("conclusion", text("answers.front.conclusion"), said),
        Section("chart", text("answers.front.chart"), (front_chart(first, second, front),)),
        Section("plans", text("answers.front.plans"), (front_rows(first, second, front, runs=list(front["run"])),)),
    )


def front_sentence(first: NamedGoal, second: NamedGoal, front: pd.DataFrame) -> Label:
    """Return the values of both goals in the first and the last plan."""
    ends = front.iloc[[0, -1]]
    values = {
        f"{name}_{end}": quantity(float(row[goal.key]), goal.unit)
        for name, goal in (("first", first), ("second", second))
        for end, row in zip(("from", "to"), ends.to_dict("records"), strict=True)
    }
    names = {"first": first.name, "second": second.name}
    return text("answers.front.spans", n=len(front), **names, **values)


def end_sentences(second: NamedGoal, front: pd.DataFrame) -> tuple[Label, ...]:
    """Return the proven bound on the second goal beside what the last plan reaches; nothing where none is known."""
    bound = _end(second, front)
    if bound is None:
        return ()
    key = "answers.front.most" if second.goal.is_at_least else "answers.front.least"
    reached, unit = float(front[second.key].iloc[-1]), second.unit
    return (text(key, second=second.name, reached=quantity(reached, unit), bound=quantity(bound, unit)),)


def _end(second: NamedGoal, front: pd.DataFrame) -> float | None:
    """Return the bound on the best of the second goal, None where none is known."""
    bound = float(front[f"{second.key}_bound"].iloc[-1])
    return bound if math.isfinite(bound) else None


def front_chart(first: NamedGoal, second: NamedGoal, front: pd.DataFrame) -> Chart:
    """Draw the first goal of each plan, and its bound, by what the plan reaches of the second, up to its own bound."""
    end, known = _end(second, front), front.sort_values(second.key)
    ends = [] if end is None else [end]
    reached, costs = known[second.key].tolist(), known[first.key].tolist()
    bounds = known[f"{first.key}_bound"].tolist()
    across, up = (
        Axis(
            round_ticks(min(values), max(values)),
            goal.name,
            partial(quantity, unit=goal.unit),
        )
        for goal, values in ((second, [*reached, *ends]), (first, [*costs, *bounds]))
    )
    names = ("found", "bounds", *("end" for _ in ends))
    labels, colours = [text(f"answers.front.{name}") for name in names], SERIES[: len(names)]
    places = [zip(reached, costs, strict=True), zip(reached, bounds, strict=True), *_upright(ends, up)]
    lines = [Line(label, tuple(shown), colour) for label, shown, colour in zip(labels, places, colours, strict=True)]
    marks = [Point(x, y, run.rpartition("-")[2], True) for x, y, run in zip(reached, costs, known["run"], strict=True)]
    said = "; ".join(f"{x:g}: {y:g} / {bound:g}" for x, y, bound in zip(reached, costs, bounds, strict=True))
    legend: dict[Label | str, str] = dict(zip(labels, colours, strict=True))
    return draw_curve(Frame(text("answers.front.chart"), legend, said), Axes(across, up), lines, marks)


def _upright(ends: Sequence[float], up: Axis) -> list[tuple[tuple[float, float], ...]]:
    """Return the places of a line from the foot of the chart to its head at each of `ends`."""
    return [((end, up.ticks[0]), (end, up.ticks[-1])) for end in ends]


def front_rows(
    first: NamedGoal, second: NamedGoal, front: pd.DataFrame, *, runs: Sequence[str] = (), bars: Sequence[str] = ()
) -> Table:
    """Return one row for each plan, with what a step of the second goal costs.

    `runs` are the names of the run folders of the plans, `bars` a picture of what each reaches.
    """
    costs, reached = front[first.key], front[second.key]
    bounds, net_cny = front[f"{first.key}_bound"], front["net_cost_cny"]
    is_cost = first.goal.measure is Measure.COST
    one, other = scale_of([*costs, *bounds], first.unit), scale_of(reached, second.unit)
    money = scale_of(net_cny, "CNY/yr")
    rows: list[Row] = []
    for number in range(len(front)):
        figures = (one.number(costs.iloc[number]), one.number(bounds.iloc[number]), other.number(reached.iloc[number]))
        paid = () if is_cost else (money.number(net_cny.iloc[number]),)
        step, n_open = _step(first, second, front, number), int(front["facilities"].iloc[number])
        rows.append((*figures, *bars[number : number + 1], step, *paid, n_open, *runs[number : number + 1]))
    bound, a_step, cost, facilities, folder = columns(
        "answers.front", bound="any", step="any", cost="any", facilities="whole", run="text"
    )
    heads = (
        Column(first.name, "any", one.unit),
        bound,
        Column(second.name, "any", other.unit),
        *((Column(NOTHING, "any"),) if bars else ()),
        a_step,
        *(() if is_cost else (Column(cost.label, "any", money.unit),)),
        facilities,
        *((folder,) if runs else ()),
    )
    return Table(text("answers.front.title"), heads, tuple(rows), is_list=False)


def _step(first: NamedGoal, second: NamedGoal, front: pd.DataFrame, number: int) -> Label:
    """Return the change of the first goal per unit (of a share: per point) of the second, from the plan before."""
    if not number:
        return NOTHING
    costs, reached = front[first.key], front[second.key]
    gained = float(reached.iloc[number] - reached.iloc[number - 1])
    if not gained:
        return NOTHING
    is_share = second.unit.startswith("share")
    more = float(costs.iloc[number] - costs.iloc[number - 1]) / gained / (PER_POINT if is_share else 1.0)
    unit = Label("point", "个百分点") if is_share else scale_of([1.0], second.unit).unit
    return text("answers.front.per", more=quantity(more, first.unit, signed=True), unit=unit)
