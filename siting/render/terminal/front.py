"""The Pareto front between two goals on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.console import Group
from rich.text import Text

from siting.language import spoken
from siting.render.answers.front import NamedGoal, end_sentences, front_rows, front_sentence
from siting.render.terminal.table import rich_table

BAR = 24


def rich_front(first: NamedGoal, second: NamedGoal, front: pd.DataFrame, runs: Sequence[str] = ()) -> Group:
    """Return the front, as `front_table` makes it: what it spans, then each plan with what a step costs.

    `runs` are the names of the run folders of the plans.
    """
    bars = [_bar(front[second.key], number) for number in range(len(front))]
    table = front_rows(first, second, front, runs=runs, bars=bars)
    said = (front_sentence(first, second, front), *end_sentences(second, front))
    return Group(*(Text(spoken(one)) for one in said), rich_table(table))


def _bar(reached: pd.Series[float], number: int) -> str:
    lowest, highest = reached.min(), reached.max()
    filled = round(BAR * (reached.iloc[number] - lowest) / (highest - lowest)) if highest > lowest else BAR
    return "█" * filled + "·" * (BAR - filled)
