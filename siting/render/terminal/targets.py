"""Targets on the terminal: the city's line by line, the districts' in one table, the worst first."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.instance import Target
from siting.results.record import RunRecord, TargetOutcome
from siting.results.targets import outcome_label
from siting.results.units import district_of_unit
from siting.vocabulary import Measure

Row = dict[str, TargetOutcome]

SHOWN_UNITS = {"facilities": "", "vehicles": "", "m a served resident": "m"}
"""What is written after a value, where it is not the name of the unit."""


NOTHING = 1e-6


def print_district_table(console: Console, run: RunRecord) -> None:
    """Print what each district reaches of its targets, the districts with the most missed first."""
    by_district: dict[int, Row] = {}
    asked: dict[str, set[str]] = {}
    for outcome in run.verification.targets:
        district = district_of_unit(run, outcome.target.unit)
        if district >= 0:
            column = outcome_label(run, outcome.target).en
            by_district.setdefault(district, {})[column] = outcome
            asked.setdefault(column, set()).add(_asked(outcome.target))
    common = {column: next(iter(values)) for column, values in asked.items() if len(values) == 1}
    table = Table(title="Districts: reached", title_justify="left")
    table.add_column("district")
    table.add_column("residents", justify="right")
    for column in asked:
        table.add_column(f"{column}\n{common.get(column, 'asked in brackets')}", justify="right")
    names = dict(zip(run.geography.districts["code"], run.geography.districts["name_en"], strict=True))
    for district in sorted(by_district, key=lambda one: _worst(by_district[one].values())):
        cells = [_district_cell(by_district[district].get(column), column in common) for column in asked]
        residents = f"{run.district_figures['residents'][district]:,.0f}"
        table.add_row(Text(str(names[run.instance.districts[district]])), residents, *cells)
    console.print(table)


def _worst(outcomes: Iterable[TargetOutcome]) -> tuple[int, float]:
    """What sorts the worst first: how many are missed, then the least margin."""
    margins = [_urgency(outcome) for outcome in outcomes]
    return -sum(not holds for holds, _ in margins), min(margin for _, margin in margins)


def _urgency(outcome: TargetOutcome) -> tuple[bool, float]:
    """Missed before held, then by margin as a share of what is asked."""
    return outcome.holds, outcome.margin / max(abs(outcome.target.value), 1e-9)


def _district_cell(outcome: TargetOutcome | None, in_head: bool) -> Text:
    """What a district reaches, with what is asked of it unless the head of the column says so."""
    if outcome is None:
        return Text("")
    text = _value(outcome.target, outcome.reached) + ("" if in_head else f" ({_asked(outcome.target)})")
    return Text(text) if outcome.holds else Text(f"{text} MISSED", style="bold red")


def target_table(run: RunRecord, outcomes: Iterable[TargetOutcome]) -> Table:
    """Targets line by line, the missed and the tightest first."""
    table = Table(title="Targets of the city and of other units", title_justify="left")
    table.add_column("unit")
    table.add_column("target")
    for name in ("asked", "reached", "margin"):
        table.add_column(name, justify="right")
    table.add_column("")
    for outcome in sorted(outcomes, key=_urgency):
        target = outcome.target
        mark = Text("holds", style="green") if outcome.holds else Text("MISSED", style="bold red")
        if not target.is_hard:
            mark.append(" (soft)", style="dim")
        reached, margin = _value(target, outcome.reached), _value(target, outcome.margin, signed=True)
        table.add_row(Text(target.unit), Text(outcome_label(run, target).en), _asked(target), reached, margin, mark)
    return table


def _asked(target: Target) -> str:
    return f"{'≥' if target.is_at_least else '≤'} {_value(target, target.value)}"


def _value(target: Target, value: float, *, signed: bool = False) -> str:
    """A value in the unit that the target is measured in."""
    sign = "+" if signed else ""
    unit = target.measure.unit
    if abs(value) < NOTHING:
        value = 0.0  # a margin of rounding, which would read as -0.0 %
    if unit.startswith("share"):
        return f"{100 * value:{sign}.1f} %"
    if target.measure is Measure.COVERAGE_GINI:
        return f"{value:{sign}.3f}"
    if target.measure is Measure.VEHICLES:
        return f"{value:{sign},.2f}".rstrip("0").rstrip(".")
    return f"{value:{sign},.0f} {SHOWN_UNITS.get(unit, unit)}".rstrip()
