"""The Pareto front between two goals on the terminal."""

from __future__ import annotations

import pandas as pd
from rich.table import Table

from siting.instance import Target
from siting.render.table import Row
from siting.render.terminal.table import english_column, english_table, rich_table

BAR = 24


def rich_front(first: Target, second: Target, front: pd.DataFrame) -> Table:
    """Return the front, as `front_table` makes it: both measures, what a step costs, and the gap of each plan."""
    names = [f"{goal.measure.record.label.en}\n{goal.measure.unit}" for goal in (first, second)]
    costs, reached = front[str(first.measure)], front[str(second.measure)]
    lowest, highest = reached.min(), reached.max()
    steps = costs.diff() / reached.diff()
    rows: list[Row] = []
    for number, row in enumerate(front.to_dict("records")):
        value = row[str(second.measure)]
        filled = round(BAR * (value - lowest) / (highest - lowest)) if highest > lowest else BAR
        figures = [f"{one:,.6g}" for one in (row[str(first.measure)], row[f"{first.measure}_bound"], value)]
        step = f"{steps[number]:,.4g}" if number else ""
        bar = "█" * filled + "·" * (BAR - filled)
        rows.append((*figures, bar, step, row["net_cost_cny"], row["facilities"]))
    heads = (names[0], "no plan beats", names[1], "", "first per unit of second")
    columns = [english_column(head, "any") for head in heads]
    columns += [english_column("net cost, CNY/yr", "whole"), english_column("facilities", "whole")]
    return rich_table(english_table("Front between the two goals; nothing found is better in both", columns, rows))
