"""The terminal's view of an audit: claimed and recomputed figures side by side."""

from __future__ import annotations

import math
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.audit import Audit, Bound, Line


def print_audit(console: Console, audit: Audit) -> None:
    """Print cost by term as claimed and as recomputed, a table for each period, and the bounds."""
    for period, lines in groupby(audit.lines, key=lambda line: line.period):
        console.print(_table(list(lines), period))
    _print_bound(console, audit.bound)


def _table(lines: list[Line], period: str) -> Table:
    table = Table(title=f"Cost a year, CNY{f', {period}' if period else ''}", title_justify="left")
    for name in ("term", "claimed", "recomputed", ""):
        table.add_column(name, justify="right" if name in ("claimed", "recomputed") else "left")
    for line in lines:
        if line.claimed or line.recomputed:
            mark = Text("agrees", style="green") if line.agrees else Text("DIFFERS", style="bold red")
            table.add_row(line.name.replace("_", " "), f"{line.claimed:,.0f}", f"{line.recomputed:,.0f}", mark)
    return table


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
