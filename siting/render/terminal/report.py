"""The report on the terminal: how the solve ended, targets, standards, costs and key figures of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
from rich.console import Console
from rich.text import Text

from siting.language import Label, listed, reader_language, spoken, text
from siting.language.quantities import quantity
from siting.language.units import UNITS
from siting.render.chains import chain_overview, chain_terms, payer_overview
from siting.render.changes import change_table
from siting.render.table import NOTHING, Cell, Column, Row, Table, Value, column, columns
from siting.render.terminal.table import rich_table
from siting.results.behaviour import verdict
from siting.results.keyfigures import KeyFigure
from siting.results.results import Results
from siting.results.targets import TargetRow, standing, tightest_first
from siting.vocabulary import ECHELONS, PENALTY, Echelon

MOST_LISTED = 12
SHOWN_UNITS = {"facilities": "", "vehicles": "", "m a served resident": "m"}
"""Unit after a value, where it is not the name of the unit."""
ROUNDING = 1e-6


def print_scorecard(console: Console, results: Results, *, has_details: bool = True) -> None:
    """Print what breaks a rule, whether the targets hold, how the solve ended, and the targets, the missed first.

    Targets of the city and of units that are no district come line by line; districts share one table. Without details
    that is a screen: the tightest targets only, no districts that miss nothing, no cost by term, no key figures.
    """
    run = results.run
    if results.faults:
        _print_refusal(console, results)
    if run.verification.targets:
        _print_standing(console, results)
    console.print(Text(spoken(results.closing_sentence)))
    if run.changes:
        console.print(rich_table(change_table(run.changes, text("report.changes.caption"))))
    if results.has_periods:
        _print_rollout(console, results)
    console.print(rich_table(chain_overview(results)))
    console.print(_facility_line(results))
    if results.action_sentence is not None:
        console.print(Text(spoken(results.action_sentence)))
    if run.verification.targets:
        _print_targets(console, results, has_details=has_details)
    print_behaviour(console, results.last)
    if results.standards is not None and run.checks:
        _print_standards(console, results.standards)
    if has_details:
        console.print(rich_table(chain_terms(results, text("terminal.title.costs"))))
        if len(results.payer_totals) > 1:
            console.print(rich_table(payer_overview(results)))
        console.print(rich_table(_figure_table(results.figures)))


def _print_refusal(console: Console, results: Results) -> None:
    """Print that the plan must not be used, and the rules that it breaks."""
    console.print(Text(spoken("terminal.refused", n=len(results.faults)), style="bold red"))
    faults = [spoken("terminal.fault", fault=fault) for fault in results.faults]
    _print_lines(console, faults, style="bold red", file="plan.json")


def _print_lines(console: Console, lines: Sequence[str], *, style: str, file: str, indent: str = "") -> None:
    """Print the first lines, and how many more a file has."""
    for line in lines[:MOST_LISTED]:
        console.print(Text(f"{indent}{line}", style=style), soft_wrap=bool(indent))
    if len(lines) > MOST_LISTED:
        more = indent + spoken("terminal.more", number=len(lines) - MOST_LISTED, file=file)
        console.print(Text(more, style=style.removeprefix("bold ")))


def _print_rollout(console: Console, results: Results) -> None:
    """Print a row for each year or case, the targets that a year misses, and what the cost of them all means."""
    console.print(rich_table(_rollout_table(results)))
    missed = [
        spoken("terminal.missed_in", period=row.period, unit=_unit(row), target=row.label, id=row.id)
        for row in results.target_rows
        if not row.holds
    ]
    _print_lines(console, missed, style="bold red", file="scorecard.csv")
    if results.period_sentence is not None and results.shown_sentence is not None:
        console.print(Text(spoken(results.period_sentence)))
        below = "terminal.below_year" if results.are_years else "terminal.below_case"
        console.print(Text(spoken(below, name=results.last.period)))


def _rollout_table(results: Results) -> Table:
    periods = results.periods
    used = [one for one in Echelon if periods[f"open_{one.key}"].any()]
    chains = results.last.chain_shares.chains
    of_chains = [f"paid_{one.key}_cny" for one in chains if len(chains) > 1]
    opened = [f"open_{one.key}" for one in used]
    term = f"{PENALTY}_cny_per_year"
    penalties = [term] if periods[term].any() else []
    numbers = [*opened, "opening", "closing", "investment_cny", *of_chains, "paid_cny", *penalties, "collected_t"]
    rows: list[Row] = [
        (
            str(one["period"]),
            *(float(one[name]) for name in numbers),
            Cell(float(one["served_share"]), "share"),
            text("terminal.held_of", held=one["targets_held"], targets=one["targets"]),
        )
        for one in periods.to_dict("records")
    ]
    return Table(
        text("terminal.title.years" if results.are_years else "terminal.title.cases"),
        (
            column("terminal.column.year" if results.are_years else "terminal.column.case"),
            *(Column(one.label, "whole") for one in used),
            *columns("terminal.column", opening="whole", closing="whole", investment="whole"),
            *(column("terminal.column.cost_of", "whole", chain=one.label) for one in chains if len(chains) > 1),
            *columns("terminal.column", cost="whole", **dict.fromkeys(["penalties"] * len(penalties), "whole")),
            *columns("terminal.column", collected="whole", served="share", held="any"),
        ),
        tuple(rows),
    )


def _print_standing(console: Console, results: Results) -> None:
    """Print how many targets hold, in the colour of the worst."""
    rows = results.last.target_rows
    missed = [row.is_hard for row in rows if not row.holds]
    style = "red" if any(missed) else "yellow" if missed else "green"
    console.print(Text(spoken(standing(rows)), style=style))


def _print_targets(console: Console, results: Results, *, has_details: bool) -> None:
    rows = results.last.target_rows
    of_city = [row for row in rows if not row.district_code]
    shown = of_city if has_details else tightest_first(of_city)[:MOST_LISTED]
    if shown:
        console.print(rich_table(target_table(shown)))
    if len(of_city) < len(rows) and (has_details or not all(row.holds for row in rows if row.district_code)):
        console.print(rich_table(district_table(results)))


def print_behaviour(console: Console, results: Results) -> None:
    """Print what comes of the plan of one period if residents walk to the nearest open point."""
    behaviour = results.behaviour
    if not behaviour.has_walkers:
        return
    style = "yellow" if len(behaviour.overloaded) and not behaviour.is_followed else ""
    console.print(Text(spoken(verdict(results.run.instance, behaviour)), style=style))


def _print_standards(console: Console, table: pd.DataFrame) -> None:
    holds = table["holds"].tolist()
    unknown = sum(pd.isna(one) for one in holds)
    style = "red" if False in holds else "green"
    counts = {"held": holds.count(True), "rules": len(holds) - unknown}
    held = text("terminal.standards.held", **counts)
    if unknown:
        held = text("terminal.standards.held_beside", **counts, unknown=unknown)
    console.print(Text(spoken(held), style=style))
    missed = []
    for row in table[[one is False for one in holds]].to_dict("records"):
        unit = row["measured_in"]
        reached, asked = (
            quantity(one, unit) if unit in UNITS else f"{one:,.4g} {unit}" for one in (row["reached"], row["asked"])
        )
        rule = Label(row["title_en"], row["title_zh"])
        told = {name: row[name] for name in ("unit", "source", "status")} | {"reached": reached, "asked": asked}
        if pd.notna(row["number_short"]):
            missed.append(spoken("terminal.standards.short", **told, rule=rule, short=row["number_short"]))
        else:
            missed.append(spoken("terminal.standards.missed", **told, rule=rule))
    _print_lines(console, missed, style="yellow", file="standards.csv", indent="  ")


def _facility_line(results: Results) -> Text:
    """Return the number of open facilities by echelon and type."""
    by_type, names = results.last.open_facilities["type"].value_counts(), results.type_labels
    parts = []
    for key, counts in results.facility_counts.items():
        echelon = ECHELONS[key]
        if not counts["open"]:
            parts.append(text("terminal.open_none", echelon=echelon.label))
            continue
        kinds = dict.fromkeys(name.split("/")[0] for name in counts["by_type_and_size"])
        types = [text("terminal.of_type", type=names[kind], number=int(by_type[kind])) for kind in kinds]
        label = echelon.singular if counts["open"] == 1 else echelon.label
        parts.append(text("terminal.open_of", number=counts["open"], echelon=label, types=listed(types, ", ", "、")))
    return Text(spoken("terminal.open", facilities=listed(parts)))


def _figure_table(figures: Sequence[KeyFigure]) -> Table:
    """Return the known figures, with published ranges where the config gives any."""
    known = [figure for figure in figures if figure.value == figure.value]
    has_ranges = any(figure.published for figure in known)
    published, source = columns("terminal.column", published="any", source="text")
    beside = (published, Column(NOTHING), source)
    return Table(
        text("terminal.title.figures_beside_ranges" if has_ranges else "terminal.title.figures"),
        (*columns("terminal.column", figure="text", value="any"), *(beside if has_ranges else ())),
        tuple(
            (figure.label, quantity(figure.value, figure.reader_unit), *(_range_cells(figure) if has_ranges else ()))
            for figure in known
        ),
    )


def _range_cells(figure: KeyFigure) -> tuple[Value | Cell, ...]:
    """Return the published range in the unit of the figure, whether the figure lies in it, and its source."""
    published = figure.published
    if published is None:
        return None, None, None
    low, high = (quantity(one, figure.reader_unit) for one in (published.low, published.high))
    mark = Cell(text("terminal.in_range"), tone="holds")
    if not figure.is_plausible:
        mark = Cell(text("terminal.outside"), tone="caution")
    return Label(f"{low.en} – {high.en}", f"{low.zh} – {high.zh}"), mark, published.source


def target_table(rows: Iterable[TargetRow]) -> Table:
    """Return targets line by line, the missed and the tightest first."""
    return Table(
        text("terminal.title.targets"),
        (
            *columns("terminal.column", unit="text", target="text", asked="any", reached="any", margin="any"),
            Column(NOTHING),
        ),
        tuple(_target(row) for row in tightest_first(rows)),
    )


def _target(row: TargetRow) -> Row:
    state = ("holds" if row.holds else "missed") + ("" if row.is_hard else "_soft")
    mark = Cell(text(f"terminal.{state}"), tone="holds" if row.holds else "missed")
    return _unit(row), row.label, _asked(row), _value(row, row.reached), _value(row, row.margin, signed=True), mark


def district_table(results: Results) -> Table:
    """Return the values that districts reach of their targets, the districts with most misses first."""
    by_district: dict[str, dict[Label, TargetRow]] = {}
    asked: dict[Label, set[str]] = {}
    for row in results.last.target_rows:
        if row.district_code:
            by_district.setdefault(row.district_code, {})[row.label] = row
            asked.setdefault(row.label, set()).add(_asked(row))
    common = {label: next(iter(values)) for label, values in asked.items() if len(values) == 1}
    residents = results.last.districts.set_index("code")["residents"]
    return Table(
        text("terminal.title.districts"),
        (
            *columns("terminal.column", district="text", residents="whole"),
            *(_district_column(label, common.get(label)) for label in asked),
        ),
        tuple(
            (
                results.district_labels[code],
                float(residents[code]),
                *(_district_cell(by_district[code].get(label), label in common) for label in asked),
            )
            for code in sorted(by_district, key=lambda one: _worst(by_district[one].values()))
        ),
    )


def _district_column(label: Label, asked: str | None) -> Column:
    if asked is None:
        return column("terminal.column.in_brackets", "any", target=label)
    return column("terminal.column.in_district", "any", target=label, asked=asked)


def _worst(rows: Iterable[TargetRow]) -> tuple[int, float]:
    """Return a sort key, the worst first: how many are missed, then the smallest margin."""
    tightness = [row.tightness for row in rows]
    return -sum(not holds for holds, _ in tightness), min(margin for _, margin in tightness)


def _district_cell(row: TargetRow | None, in_head: bool) -> Cell:
    """Return the value of a district, with its required value unless the column head has it."""
    if row is None:
        return Cell(None)
    value = _value(row, row.reached) + ("" if in_head else f" ({_asked(row)})")
    if row.holds:
        return Cell(value)
    mark = text("terminal.missed")
    return Cell(Label(f"{value} {mark.en}", f"{value} {mark.zh}"), tone="missed")


def _asked(row: TargetRow) -> str:
    planned = f" ({'+' if row.is_at_least else '-'}{_value(row, row.planned_margin)})" if row.planned_margin else ""
    return f"{'≥' if row.is_at_least else '≤'} {_value(row, row.asked)}{planned}"


def _value(row: TargetRow, value: float, *, signed: bool = False) -> str:
    sign, unit = "+" if signed else "", row.measured_in
    if abs(value) < ROUNDING:
        value = 0.0  # rounding, which would be printed as -0.0 %
    if unit.startswith("share"):
        return f"{100 * value:{sign}.1f} %"
    if unit == "Gini coefficient":
        return f"{value:{sign}.3f}"
    if unit == "vehicles":
        return f"{value:{sign},.2f}".rstrip("0").rstrip(".")
    return f"{value:{sign},.0f} {_unit_name(unit)}".rstrip()


def _unit_name(unit: str) -> str:
    """Return the unit after a value; nothing where the name of the target says what is counted."""
    if reader_language() == "zh" and unit in UNITS:
        return UNITS[unit].zh[0].name
    return SHOWN_UNITS.get(unit, unit)


def _unit(row: TargetRow) -> Label:
    """Return the responsibility unit: as the config names it, in Chinese by its name."""
    return Label(row.unit, row.unit_label.zh)
