"""The front between two goals as a table, and as files that others can plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from rich.table import Table

from siting.files import write_csv
from siting.instance import Target
from siting.plan import Status

BAR = 24


@dataclass(frozen=True)
class FrontRow:
    """One plan of a front, in the units of the two measures. `gap` is that of the first."""

    first: float
    first_bound: float
    gap: float
    second: float
    cost_cny: float
    facilities: int
    status: Status


def front_table(goals: tuple[Target, Target], rows: Sequence[FrontRow]) -> Table:
    """The front for the terminal: both measures, what a step costs, and the gap of each plan."""
    names = [f"{goal.measure.record.label.en}\n{goal.measure.unit}" for goal in goals]
    table = Table(title="Front between the two goals; nothing found is better in both", title_justify="left")
    for name in (names[0], "no plan beats", names[1], "", "first per unit of second", "net cost, CNY/yr", "facilities"):
        table.add_column(name, justify="right")
    least, most = min(row.second for row in rows), max(row.second for row in rows)
    before: FrontRow | None = None
    for row in rows:
        filled = round(BAR * (row.second - least) / (most - least)) if most > least else BAR
        step = "" if before is None else f"{(row.first - before.first) / (row.second - before.second):,.4g}"
        table.add_row(
            f"{row.first:,.6g}",
            f"{row.first_bound:,.6g}",
            f"{row.second:,.6g}",
            "█" * filled + "·" * (BAR - filled),
            step,
            f"{row.cost_cny:,.0f}",
            f"{row.facilities:,}",
        )
        before = row
    return table


def write_front(path: Path, goals: tuple[Target, Target], rows: Sequence[FrontRow]) -> None:
    """Write the front as CSV, one row a plan.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    first, second = (str(goal.measure) for goal in goals)
    columns = {
        first: [row.first for row in rows],
        f"{first}_bound": [row.first_bound for row in rows],
        "gap": [row.gap for row in rows],
        second: [row.second for row in rows],
        "net_cost_cny": [row.cost_cny for row in rows],
        "facilities": [row.facilities for row in rows],
        "status": [str(row.status) for row in rows],
    }
    write_csv(path, pd.DataFrame(columns))
