"""The terminal's view of an evaluation: a plan in drawn years of demand, the verdict first."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from rich.console import Console
from rich.text import Text

from siting.behaviour import WalkTo
from siting.evaluate import Evaluation
from siting.evaluate.report import facility_risks, spare_by_echelon, verdict
from siting.language import Label, spoken
from siting.render.behaviour import figure_table, overload_tables
from siting.render.evaluation import chain_spread_table, missed_table, risk_table, spare_table, spread_table
from siting.render.table import Table
from siting.render.terminal.report import print_behaviour
from siting.render.terminal.table import rich_table
from siting.results.results import Results

MOST_LISTED = 12
FILES = {"targets": "evaluation.json", "facilities": "evaluation-facilities.csv"}


def print_trial(console: Console, tried: Evaluation, *, results: Results, title: Label) -> None:
    """Print the verdicts first: of residents who choose where they do, then of the drawn years, with their tables."""
    if tried.walk_to is WalkTo.NEAREST:
        print_behaviour(console, results)
    risks = facility_risks(tried) if tried.samples else None
    if risks is not None:
        console.print(Text(spoken(verdict(tried, risks)), style="yellow" if risks["is_flagged"].any() else "green"))
    if tried.walk_to is WalkTo.NEAREST:
        behaviour = results.behaviour
        if behaviour.changes and not behaviour.is_followed:
            console.print(rich_table(figure_table(behaviour.figures)))
            for table in overload_tables(results, behaviour):
                console.print(rich_table(table))
    if risks is not None:
        _print_years(console, tried, risks=risks, title=title)


def _print_years(console: Console, tried: Evaluation, *, risks: pd.DataFrame, title: Label) -> None:
    """Print the distribution of each figure, targets missed, facilities that overflow, and the cost of spare."""
    by_chain = chain_spread_table(tried)
    if by_chain.rows:
        console.print(rich_table(by_chain))
    console.print(rich_table(replace(spread_table(tried), title=title)))
    missed, overflow = missed_table(tried), risk_table(risks)
    if missed.rows:
        _print_first(console, missed, FILES["targets"])
    else:
        console.print(Text(spoken("evaluate.all_hold"), style="green"))
    if overflow.rows:
        _print_first(console, overflow, FILES["facilities"])
    else:
        console.print(Text(spoken("evaluate.none_overflows"), style="green"))
    console.print(rich_table(spare_table(spare_by_echelon(risks))))


def _print_first(console: Console, table: Table, file: str) -> None:
    """Print the first rows of a table, and how many more a file has."""
    console.print(rich_table(replace(table, rows=table.rows[:MOST_LISTED])))
    if len(table.rows) > MOST_LISTED:
        console.print(spoken("evaluate.more", n=len(table.rows) - MOST_LISTED, file=file))
