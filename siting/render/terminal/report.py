"""The report on the terminal: how the solve ended, targets, costs and key figures of a run."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.language.quantities import quantity
from siting.render.terminal.rollout import print_rollout
from siting.render.terminal.targets import print_district_table, target_table
from siting.results.keyfigures import KeyFigure, key_figures
from siting.results.record import RunRecord
from siting.results.standards import print_standards
from siting.results.summary import plan_summary
from siting.results.units import district_of_unit
from siting.results.wording import action_sentence, closing_sentence
from siting.vocabulary import COST_TERMS, ECHELONS

MOST_FAULTS = 12

__all__ = ["print_district_table", "print_scorecard"]


def print_scorecard(console: Console, run: RunRecord) -> None:
    """Print how the solve ended, what breaks a rule, the targets, the cost by term and the key figures.

    Targets of the city and of units that are no district come line by line, the missed first; districts share one
    table, which `print_district_table` makes.
    """
    console.print(Text(closing_sentence(run.solution, run.goals).en))
    print_rollout(console, run)
    for fault in run.verification.faults[:MOST_FAULTS]:
        console.print(Text(f"Does not hold: {fault}", style="bold red"))
    if len(run.verification.faults) > MOST_FAULTS:
        console.print(Text(f"… and {len(run.verification.faults) - MOST_FAULTS} more; see plan.json", style="red"))
    console.print(_facility_line(run))
    if run.instance.options.is_existing.any():
        console.print(Text(action_sentence(run.instance, run.solution.plan).en))
    if run.verification.targets:
        _print_targets(console, run)
    if run.checks:
        print_standards(console, run)
    console.print(_cost_table(run))
    console.print(_figure_table(key_figures(run)))


def _print_targets(console: Console, run: RunRecord) -> None:
    outcomes = run.verification.targets
    held = sum(outcome.holds for outcome in outcomes)
    style = "green" if held == len(outcomes) else "red"
    console.print(Text(f"Targets: {held} of {len(outcomes)} hold", style=style))
    of_city = [outcome for outcome in outcomes if district_of_unit(run, outcome.target.unit) < 0]
    if of_city:
        console.print(target_table(run, of_city))
    if len(of_city) < len(outcomes):
        print_district_table(console, run)


def _facility_line(run: RunRecord) -> Text:
    """Open facilities by echelon, with their types."""
    parts = []
    for echelon, counts in plan_summary(run)["facilities"].items():
        kinds: dict[str, int] = {}
        for name, number in counts["by_type_and_size"].items():
            kinds[name.split("/")[0]] = kinds.get(name.split("/")[0], 0) + number
        inner = ", ".join(f"{kind} {number:,}" for kind, number in kinds.items())
        label = ECHELONS[echelon].label.en
        label = label.removesuffix("s") if counts["open"] == 1 else label
        parts.append(f"{counts['open']:,} {label} ({inner})" if inner else f"no {label}")
    return Text("Open: " + "; ".join(parts))


def _cost_table(run: RunRecord) -> Table:
    """Cost by term; the share is of what is spent, income not counted."""
    terms = run.verification.cost_terms_cny
    spent = sum(value for value in terms.values() if value > 0)
    table = Table(title="Cost a year", title_justify="left")
    table.add_column("term")
    table.add_column("CNY", justify="right")
    table.add_column("share of spending", justify="right")
    for term, value in terms.items():
        if value:
            share = f"{100 * value / spent:.1f} %" if value > 0 else "income"
            table.add_row(COST_TERMS[term].en, f"{value:,.0f}", share)
    table.add_section()
    table.add_row("net cost", f"{run.verification.cost_cny:,.0f}", "")
    return table


def _figure_table(figures: tuple[KeyFigure, ...]) -> Table:
    """The figures that are known; those beside published ranges with them, where the config gives any."""
    known = [figure for figure in figures if figure.value == figure.value]
    has_ranges = any(figure.published for figure in known)
    title = "Key figures beside published ranges" if has_ranges else "Key figures"
    table = Table(title=title, title_justify="left")
    for name in ("figure", "value", *(("published", "", "source") if has_ranges else ())):
        table.add_column(name, justify="right" if name in ("value", "published") else "left")
    mark = {True: Text("in", style="green"), False: Text("OUTSIDE", style="bold yellow"), None: Text("")}
    for figure in known:
        value = quantity(figure.value, figure.reader_unit).en
        beside = (
            _between(figure),
            mark[figure.is_plausible],
            Text(figure.published.source if figure.published else ""),
        )
        table.add_row(figure.label.en, value, *(beside if has_ranges else ()))
    return table


def _between(figure: KeyFigure) -> str:
    """The published range, in the unit of the figure."""
    if figure.published is None:
        return ""
    low, high = (quantity(one, figure.reader_unit).en for one in
                 (figure.published.low, figure.published.high))  # fmt: skip
    return f"{low} – {high}"
