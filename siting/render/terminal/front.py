"""The Pareto front between two goals on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.console import Group
from rich.text import Text

from siting.instance import Target
from siting.language import Label, spoken, text
from siting.language.quantities import quantity, scale_of
from siting.render.table import NOTHING, Column, Row, columns
from siting.render.table import Table as FrontTable
from siting.render.terminal.table import rich_table
from siting.vocabulary import Measure

BAR = 24
PER_POINT = 100.0


def rich_front(first: Target, second: Target, front: pd.DataFrame, runs: Sequence[str] = ()) -> Group:
    """Return the front, as `front_table` makes it: what it spans, then each plan with what a step costs.

    `runs` are the names of the run folders of the plans.
    """
    return Group(Text(spoken(_sentence(first, second, front))), rich_table(_table(first, second, front, runs)))


def _sentence(first: Target, second: Target, front: pd.DataFrame) -> Label:
    """Return the values of both goals in the first and the last plan."""
    ends = front.iloc[[0, -1]]
    values = {
        f"{name}_{end}": quantity(float(row[str(goal.measure)]), goal.measure.unit)
        for name, goal in (("first", first), ("second", second))
        for end, row in zip(("from", "to"), ends.to_dict("records"), strict=True)
    }
    names = {"first": first.measure.record.label, "second": second.measure.record.label}
    return text("terminal.front.spans", n=len(front), **names, **values)


def _table(first: Target, second: Target, front: pd.DataFrame, runs: Sequence[str]) -> FrontTable:
    costs, reached = front[str(first.measure)], front[str(second.measure)]
    bounds, net_cny = front[f"{first.measure}_bound"], front["net_cost_cny"]
    is_cost = first.measure is Measure.COST
    one, other = scale_of([*costs, *bounds], first.measure.unit), scale_of(reached, second.measure.unit)
    money = scale_of(net_cny, "CNY/yr")
    rows: list[Row] = []
    for number in range(len(front)):
        figures = (one.number(costs.iloc[number]), one.number(bounds.iloc[number]), other.number(reached.iloc[number]))
        paid = () if is_cost else (money.number(net_cny.iloc[number]),)
        step, n_open = _step(first, second, front, number), int(front["facilities"].iloc[number])
        rows.append((*figures, _bar(reached, number), step, *paid, n_open, *runs[number : number + 1]))
    bound, a_step, cost, facilities, folder = columns(
        "terminal.front", bound="any", step="any", cost="any", facilities="whole", run="text"
    )
    heads = (
        Column(first.measure.record.label, "any", one.unit),
        bound,
        Column(second.measure.record.label, "any", other.unit),
        Column(NOTHING, "any"),
        a_step,
        *(() if is_cost else (Column(cost.label, "any", money.unit),)),
        facilities,
        *((folder,) if runs else ()),
    )
    return FrontTable(text("terminal.front.title"), heads, tuple(rows))


def _bar(reached: pd.Series[float], number: int) -> str:
    lowest, highest = reached.min(), reached.max()
    filled = round(BAR * (reached.iloc[number] - lowest) / (highest - lowest)) if highest > lowest else BAR
    return "█" * filled + "·" * (BAR - filled)


def _step(first: Target, second: Target, front: pd.DataFrame, number: int) -> Label:
    """Return the change of the first goal per unit (of a share: per point) of the second, from the plan before."""
    if not number:
        return NOTHING
    costs, reached = front[str(first.measure)], front[str(second.measure)]
    gained = float(reached.iloc[number] - reached.iloc[number - 1])
    if not gained:
        return NOTHING
    is_share = second.measure.unit.startswith("share")
    more = float(costs.iloc[number] - costs.iloc[number - 1]) / gained / (PER_POINT if is_share else 1.0)
    unit = Label("point", "个百分点") if is_share else scale_of([1.0], second.measure.unit).unit
    return text("terminal.front.per", more=quantity(more, first.measure.unit, signed=True), unit=unit)
