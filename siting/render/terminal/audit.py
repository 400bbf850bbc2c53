"""The terminal's view of an audit: claimed and recomputed figures side by side."""

from __future__ import annotations

import math
from itertools import groupby

from rich.console import Console

from siting.audit import Audit, Bound, Line
from siting.language import Label, spoken, text
from siting.language.quantities import quantity
from siting.render.table import NOTHING, Cell, Column, Table, columns
from siting.render.terminal.table import rich_table
from siting.vocabulary.costs import COST_TERMS


def print_audit(console: Console, audit: Audit) -> None:
    """Print cost by term as claimed and as recomputed, a table for each period, and the bounds."""
    for period, lines in groupby(audit.lines, key=lambda line: line.period):
        console.print(rich_table(_cost_table(list(lines), period)))
    _print_bound(console, audit.bound)


def _cost_table(lines: list[Line], period: str) -> Table:
    agrees, differs = (
        Cell(text("terminal.audit.agrees"), tone="holds"),
        Cell(text("terminal.audit.differs"), tone="missed"),
    )
    rows = [
        (
            COST_TERMS.get(line.name, line.name.replace("_", " ")),
            line.claimed,
            line.recomputed,
            agrees if line.agrees else differs,
        )
        for line in lines
        if line.claimed or line.recomputed
    ]
    title = text("terminal.audit.title_of", period=period) if period else text("terminal.audit.title")
    heads = columns("terminal.audit", term="text", claimed="whole", recomputed="whole")
    return Table(title, (*heads, Column(NOTHING)), tuple(rows))


def _print_bound(console: Console, bound: Bound) -> None:
    is_known = math.isfinite(bound.claimed_gap)
    gap = f"{100 * bound.claimed_gap:.2f} %" if is_known else text("common.not_known")
    console.print(spoken("terminal.audit.bound_claimed", bound=_figure(bound.claimed, bound.unit), gap=gap))
    if math.isnan(bound.proven):
        console.print(spoken("terminal.audit.no_multipliers"))
        return
    figures = {"bound": _figure(bound.proven, bound.unit), "gap": 100 * bound.proven_gap}
    console.print(spoken("terminal.audit.bound_recomputed", **figures))
    if bound.floor_cny > 0:
        figures = {"floor": _figure(bound.floor_cny, bound.unit), "gap": 100 * bound.decidable_gap}
        console.print(spoken("terminal.audit.floor", **figures))
    if bound.by_solver:
        console.print(spoken("terminal.audit.by_solver"))


def _figure(value: float, unit: str) -> Label:
    return text("terminal.audit.cny", bound=value) if unit == "CNY/yr" else quantity(value, unit)
