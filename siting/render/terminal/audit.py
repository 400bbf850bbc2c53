"""The terminal's view of an audit: claimed and recomputed figures side by side."""

from __future__ import annotations

import math
from itertools import groupby

from rich.console import Console

from siting.audit import Audit, Bound, Line
from siting.render.table import Cell, Table
from siting.render.terminal.table import english_column, english_table, rich_table


def print_audit(console: Console, audit: Audit) -> None:
    """Print cost by term as claimed and as recomputed, a table for each period, and the bounds."""
    for period, lines in groupby(audit.lines, key=lambda line: line.period):
        console.print(rich_table(_cost_table(list(lines), period)))
    _print_bound(console, audit.bound)


def _cost_table(lines: list[Line], period: str) -> Table:
    agrees, differs = Cell("agrees", tone="holds"), Cell("DIFFERS", tone="missed")
    rows = [
        (line.name.replace("_", " "), line.claimed, line.recomputed, agrees if line.agrees else differs)
        for line in lines
        if line.claimed or line.recomputed
    ]
    title = f"Cost a year, CNY{f', {period}' if period else ''}"
    numbers = (english_column(name, "whole") for name in ("claimed", "recomputed"))
    return english_table(title, (english_column("term"), *numbers, english_column("")), rows)


def _print_bound(console: Console, bound: Bound) -> None:
    claimed_gap = f"{100 * bound.claimed_gap:.2f} %" if math.isfinite(bound.claimed_gap) else "not known"
    console.print(f"Bound claimed: {bound.claimed_cny:,.0f} CNY/yr (gap {claimed_gap})")
    if math.isnan(bound.proven_cny):
        console.print("No multipliers are stored: the bound rests on the solver's word alone.")
        return
    proven = f"{bound.proven_cny:,.0f} CNY/yr (gap {100 * bound.proven_gap:.2f} %)"
    console.print(f"Bound recomputed from the stored multipliers: {proven}")
    if bound.by_branching:
        console.print("What lies between the two was proven by the solver's branch and bound.")
