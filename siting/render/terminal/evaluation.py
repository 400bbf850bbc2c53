"""The terminal's view of an evaluation: a plan in drawn years of demand."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from siting.evaluate import Evaluation
from siting.evaluate.report import FIGURES, figure_label
from siting.language import Label
from siting.render.table import Cell, Row, Table, column
from siting.render.terminal.table import rich_table

MOST_LISTED = 12
BEST_IF_LARGE = ("collected_t", "served_share", "targets_held_share")


def print_evaluation(console: Console, tried: Evaluation, summary: dict[str, Any]) -> None:
    """Print the distribution of each figure over the drawn years, targets missed and facilities too small."""
    stage = f", {summary['stage']}" if summary["stage"] else ""
    title = f"The plan in {len(tried.samples):,} drawn years{stage} (factors on demand: {tried.law}, cv {tried.cv:g})"
    heads = ("mean", "low", "median", "high", "worst")
    rows: list[Row] = []
    for name in FIGURES:
        figure = summary["figures"][name]
        worst = figure["min" if name in BEST_IF_LARGE else "max"]
        values = (figure["mean"], figure["p05"], figure["median"], figure["p95"], worst)
        rows.append(
            (figure_label(name), *(Cell(one, "share" if name.endswith("_share") else "whole") for one in values))
        )
    columns = (column("terminal.column.figure"), *(column(f"terminal.drawn.{one}", "any") for one in heads))
    console.print(rich_table(Table(Label(title, title), columns, tuple(rows))))
    missed = [target for target in summary["targets"] if target["holds_in_share"] < 1]
    for target in missed[:MOST_LISTED]:
        within = f" within {target['within_m']:,.0f} m" if target["within_m"] else ""
        line = f"{target['unit']}: {target['measure']}{within} ({target['id']}) holds in"
        console.print(Text(f"{line} {100 * target['holds_in_share']:.0f} % of the years", style="yellow"))
    small = [one for one in summary["facilities"] if one["too_small_in_share"] > 0]
    for one in small[:MOST_LISTED]:
        console.print(
            f"{one['echelon']} {one['id']}: too small in {100 * one['too_small_in_share']:.0f} % of the years"
        )
    for rows in (missed, small):
        if len(rows) > MOST_LISTED:
            console.print(f"… and {len(rows) - MOST_LISTED} more; see evaluation.json")
    if not missed and not small:
        console.print(Text("Every target holds and nothing is turned away in any of the years.", style="green"))
