"""The Pareto front between two goals on the terminal."""

from __future__ import annotations

import pandas as pd
from rich.table import Table

from siting.instance import Target

BAR = 24


def rich_front(first: Target, second: Target, front: pd.DataFrame) -> Table:
    """Return the front, as `front_table` makes it: both measures, what a step costs, and the gap of each plan."""
    names = [f"{goal.measure.record.label.en}\n{goal.measure.unit}" for goal in (first, second)]
    table = Table(title="Front between the two goals; nothing found is better in both", title_justify="left")
    for name in (names[0], "no plan beats", names[1], "", "first per unit of second", "net cost, CNY/yr", "facilities"):
        table.add_column(name, justify="right")
    costs, reached = front[str(first.measure)], front[str(second.measure)]
    lowest, highest = reached.min(), reached.max()
    steps = costs.diff() / reached.diff()
    for number, row in enumerate(front.to_dict("records")):
        value = row[str(second.measure)]
        filled = round(BAR * (value - lowest) / (highest - lowest)) if highest > lowest else BAR
        table.add_row(
            f"{row[str(first.measure)]:,.6g}",
            f"{row[f'{first.measure}_bound']:,.6g}",
            f"{value:,.6g}",
            "█" * filled + "·" * (BAR - filled),
            f"{steps[number]:,.4g}" if number else "",
            f"{row['net_cost_cny']:,.0f}",
            f"{row['facilities']:,}",
        )
    return table
