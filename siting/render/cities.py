"""The table of a sweep over cities: one row for each, and their sums."""

from __future__ import annotations

from siting.language import Label, text
from siting.render.sweep import MONEY, SECONDS, ending
from siting.render.table import NOTHING, Cell, Column, Row, Table, Total, column
from siting.results.sweep.cities import CitySums, sums_of, with_place
from siting.results.sweep.outcome import Outcome
from siting.results.sweep.sweep import Sweep
from siting.vocabulary import Echelon

PEOPLE, KT, CNY = (text(f"cities.unit.{name}") for name in ("people", "kt", "cny"))


def city_table(sweep: Sweep, *, links: str | None) -> Table:
    """Return one row for each city, the most populous first, then those without a plan.

    `links` is what links to the reports begin with; None: there are none.
    """
    placed = with_place(sweep)
    sums = sums_of(placed)
    used = [one for one in Echelon if f"open_{one.key}" in sums.opened]
    without = [one for one in sweep.outcomes if one not in placed]
    heads = (
        column("cities.column.city"), column("cities.column.residents", "tenth", PEOPLE),
        *(Column(one.label, "whole") for one in used),
        column("cities.column.collected", "tenth", KT), column("cities.column.cost", "money", MONEY),
        column("cities.column.each", "hundredth", CNY), column("cities.column.gap", "fine share"),
        column("cities.column.ending"), column("cities.column.seconds", "whole", SECONDS),
    )  # fmt: skip
    rows: list[Row] = [_row(one, used, "" if links is None else f"{links}{one.name}/report.html") for one in placed]
    rows += [(one.title, *[None] * (len(heads) - 3), Cell(ending(one), tone="missed"), None) for one in without]
    return Table(text("cities.table"), heads, (*rows, _total(sums, used)), frozen=1, is_wide=True)


def _row(one: Outcome, used: list[Echelon], link: str) -> Row:
    figures = one.figures
    return (
        Cell(one.place.name if one.place else one.title, link=link),
        figures["residents"] / 1e4,
        *(figures.get(f"open_{echelon.key}") for echelon in used),
        figures["collected_t"] / 1e3,
        figures["cost_cny"],
        figures["cost_cny"] / figures["residents"],
        figures.get("gap"),
        ending(one),
        figures["seconds"],
    )


def _total(sums: CitySums, used: list[Echelon]) -> Total:
    opened = (sums.opened[f"open_{one.key}"] for one in used)
    each = sums.cost_cny / sums.residents if sums.residents else None
    gap = 1 - sums.bound_cny / sums.cost_cny if sums.cost_cny else None
    name: Label = text("cities.all", n=sums.cities)
    return Total(
        (name, sums.residents / 1e4, *opened, sums.collected_t / 1e3, sums.cost_cny, each, gap, NOTHING, sums.seconds)
    )
