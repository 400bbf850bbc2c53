"""Several years, or cases of demand, on the terminal: what each costs and reaches, and which targets each misses."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.results.record import RunRecord, stage_records
from siting.results.rollout import stage_column, stage_table
from siting.results.targets import outcome_label
from siting.results.wording import rollout_sentence, shown_sentence
from siting.vocabulary import Echelon

MOST_MISSED = 12


def print_rollout(console: Console, run: RunRecord) -> None:
    """Print a row for each year or case, the targets that a year misses, and what the cost of them all means."""
    if run.rollout is None:
        return
    stages, costs_cny = run.rollout.stages, [one.cost_cny for one in run.rollout.verifications]
    console.print(_table(run))
    missed = _missed(run)
    for line in missed[:MOST_MISSED]:
        console.print(Text(line, style="bold red"))
    if len(missed) > MOST_MISSED:
        console.print(Text(f"… and {len(missed) - MOST_MISSED} more; see scorecard.csv", style="red"))
    console.print(Text(rollout_sentence(stages, costs_cny).en))
    console.print(Text(f"{shown_sentence(stages).en.replace('Shown', 'Below')}"))


def _table(run: RunRecord) -> Table:
    rows = stage_table(run)
    column = stage_column(run)
    table = Table(title="Roll-out by year" if column == "year" else "Cases of demand", title_justify="left")
    used = [e for e in Echelon if rows[f"open_{e.key}"].any()]
    heads = [column, *(e.label.en for e in used), "opening", "closing", "investment CNY", "cost CNY/yr"]
    for head in (*heads, "collected t/yr", "served", "targets held"):
        table.add_column(head, justify="left" if head == column else "right")
    for _, row in rows.iterrows():
        numbers = [*(row[f"open_{e.key}"] for e in used), row["opening"], row["closing"]]
        money = [row["investment_cny"], row["cost_cny"], row["collected_t"]]
        held = f"{row['targets_held']} of {row['targets']}"
        cells = [*(f"{number:,.0f}" for number in [*numbers, *money]), f"{100 * row['served_share']:.1f} %", held]
        table.add_row(Text(str(row[column])), *cells)
    return table


def _missed(run: RunRecord) -> list[str]:
    return [
        f"{name}: {outcome.target.unit}: {outcome_label(record, outcome.target).en} MISSED ({outcome.target.id})"
        for name, record in stage_records(run).items()
        for outcome in record.verification.targets
        if not outcome.holds
    ]
