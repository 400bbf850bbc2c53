"""Tables of a sweep, for the terminal, the page and the workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from siting.config import Change
from siting.language import Label, text
from siting.language.catalogue import listed
from siting.render.changes import shown
from siting.render.table import NOTHING, Cell, Column, Row, Table, Value, column
from siting.render.xlsx.write import workbook_bytes
from siting.results.sweep.outcome import Outcome
from siting.results.sweep.sweep import Sweep
from siting.vocabulary import Echelon

MONEY, ONCE, TONNES, SECONDS = (text(f"sweep.unit.{name}") for name in ("money", "once", "tonnes", "seconds"))


@dataclass(frozen=True)
class Figure:
    """A column of the table of scenarios: what it holds of an outcome, and whether a narrow table leaves it out."""

    column: Column
    value: Callable[[Outcome], Value | Cell]
    is_wide: bool = False


def order_table(sweep: Sweep, *, is_narrow: bool = False, with_links: bool = False) -> Table:
    """Return one row for each scenario, the cheapest first.

    Parameters
    ----------
    sweep
        The sweep.
    is_narrow
        Leave out what the files of the sweep have, for a terminal: how each solve ended too, where all have a plan.
    with_links
        Link the names to the reports of the runs, for a page beside their folders.
    """
    figures = [one for one in _figures(sweep, with_links=with_links) if not (is_narrow and one.is_wide)]
    return Table(
        text("sweep.order.title"),
        tuple(one.column for one in figures),
        tuple(tuple(one.value(outcome) for one in figures) for outcome in sweep.by_cost),
        (text("sweep.order.note"),),
        text("sweep.order.sheet"),
        frozen=1,
        is_wide=True,
    )


def _figures(sweep: Sweep, *, with_links: bool) -> Iterator[Figure]:
    def name(one: Outcome) -> Cell:
        link = f"{one.name}/report.html" if with_links and one.has_plan else ""
        return Cell(one.name, tone="strong" if one is sweep.base else "", link=link)

    def of(key: str) -> Callable[[Outcome], Value]:
        return lambda one: one.figures.get(key)

    def paid(one: Outcome) -> Value:
        return one.paid_cny if one.has_plan else None

    def penalties(one: Outcome) -> Value:
        return one.cost_cny - one.paid_cny if one.has_plan else None

    def difference(end: str) -> Callable[[Outcome], Value]:
        return lambda one: getattr(sweep.difference(one), end, None)

    used = [one for one in Echelon if any(f"open_{one.key}" in outcome.figures for outcome in sweep.outcomes)]
    within_m = next((one.figures["within_m"] for one in sweep.outcomes if one.has_plan), 0.0)
    yield Figure(column("sweep.column.name"), name)
    yield Figure(column("sweep.column.title"), lambda one: one.title, is_wide=True)
    yield Figure(
        column("sweep.column.ending"), lambda one: Cell(ending(one), tone="" if one.has_plan else "missed"),
        is_wide=all(one.has_plan for one in sweep.outcomes),
    )  # fmt: skip
    yield Figure(column("sweep.column.cost", "money", MONEY), paid)
    if any(penalties(one) for one in sweep.outcomes if one.has_plan):
        yield Figure(column("sweep.column.penalties", "money", MONEY), penalties)
    yield Figure(column("sweep.column.gap", "fine share"), of("gap"))
    yield Figure(column("sweep.column.decidable_gap", "fine share"), of("decidable_gap"), is_wide=True)
    yield Figure(column("sweep.column.difference", "money", MONEY), difference("found"))
    yield Figure(column("sweep.column.low", "money", MONEY), difference("low"), is_wide=True)
    yield Figure(column("sweep.column.high", "money", MONEY), difference("high"), is_wide=True)
    for echelon in used:
        yield Figure(Column(echelon.label, "whole"), of(f"open_{echelon.key}"))
    if not sweep.is_of_cities:
        yield Figure(column("sweep.column.covered", "share", within_m=within_m), of("covered_share"))
    yield Figure(column("sweep.column.collected", "whole", TONNES), of("collected_t"), is_wide=True)
    yield Figure(column("sweep.column.investment", "money", ONCE), of("investment_cny"), is_wide=True)
    yield Figure(column("sweep.column.targets", "any"), _held)
    yield Figure(column("sweep.column.seconds", "whole", SECONDS), of("seconds"), is_wide=True)
    yield Figure(column("sweep.column.changes", "long"), lambda one: changes_text(one.changes), is_wide=True)


def _held(one: Outcome) -> Cell:
    if not one.has_plan:
        return Cell(NOTHING)
    n, held = one.figures["targets"], one.figures["targets_held"]
    return Cell(text("sweep.held", held=held, n=n), tone="" if held == n else "missed")


def ending(one: Outcome) -> Label:
    """Return the ending of a scenario, for readers."""
    return text(f"sweep.ending.{one.status if one.has_plan else one.ending}")


def changes_text(changes: Iterable[Change]) -> Label:
    """Return changes one after the other."""
    return listed(text("sweep.change", key=one.key, was=shown(one.was), now=shown(one.now)) for one in changes)


def ladder_table(sweep: Sweep) -> Table:
    """Return the rungs of the ladder of budgets, with what a further percentage point costs from the rung below."""
    rows: list[Row] = []
    below = None
    for rung in sweep.ladder:
        step = None
        if below is not None:
            step = (rung.cost_cny - below.cost_cny) / (100 * (rung.covered_share - below.covered_share))
        rows.append((rung.name, rung.cost_cny, rung.covered_share, step))
        below = rung
    within_m = next(one.figures["within_m"] for one in sweep.outcomes if one.has_plan)
    columns = (
        column("sweep.column.name"), column("sweep.ladder.budget", "money", MONEY),
        column("sweep.column.covered", "share", within_m=within_m), column("sweep.ladder.step", "money", MONEY),
    )  # fmt: skip
    name = text("sweep.ladder.title")
    return Table(text("sweep.ladder.caption"), columns, tuple(rows), (text("sweep.ladder.note"),), name)


def site_table(sweep: Sweep) -> Table:
    """Return by echelon how many sites are open in all plans, in at least half of them and in any."""
    n = sweep.n_plans
    rows = tuple(
        (
            Echelon[echelon.upper()].label,
            sum(count == n for count in counts.values()),
            sum(2 * count >= n for count in counts.values()),
            len(counts),
        )
        for echelon, counts in sweep.site_counts.items()
    )
    columns = (
        column("sweep.sites.echelon"),
        *(column(f"sweep.sites.{one}", "whole") for one in ("all", "most", "any")),
    )
    name = text("sweep.sites.title")
    return Table(text("sweep.sites.caption"), columns, rows, (text("sweep.sites.note", n=n),), name)


def sweep_workbook(sweep: Sweep) -> bytes:
    """Return the workbook of a sweep."""
    tables = [order_table(sweep)]
    tables += [ladder_table(sweep)] if sweep.ladder else []
    tables += [site_table(sweep)] if sweep.site_counts else []
    return workbook_bytes(tables, "en")
