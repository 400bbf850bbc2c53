"""The sheet of the chains: figures, facilities and cost by term of each chain, and who pays."""

from __future__ import annotations

import math
from collections.abc import Callable

from siting.chains import ChainTotals
from siting.language import Label, text
from siting.render.chains import chain_meanings
from siting.render.table import Cell, Column, Row, Section, Table, column
from siting.render.xlsx.units import MONEY, MONEY_A_YEAR, PERSONS, SITES, TONNES_A_YEAR, plain_unit
from siting.results.costs import PayerTotals
from siting.results.results import Results
from siting.vocabulary import COST_TERMS, Echelon

Figure = Callable[[ChainTotals], float]


def chain_page(results: Results) -> Table:
    """Return a column for each chain of the last period and, where there are several, their sum."""
    totals = results.last.chain_totals
    several = len(totals) > 1
    rows = [*_figure_rows(results, totals), *_facility_rows(totals), *_term_rows(totals), *_payer_rows(results)]
    return Table(
        name=text("workbook.sheet.chains"),
        title=text("chains.title"),
        columns=(
            column("workbook.column.item"),
            *(Column(one.chain.label, "any") for one in totals),
            *((column("chains.together", "any"),) if several else ()),
            column("workbook.column.unit"),
        ),
        rows=tuple(rows),
        notes=(chain_meanings(results), *((text("chains.split"),) if several else ()), text("chains.payers_rule")),
        is_list=False,
        frozen=1,
    )


def _figure_rows(results: Results, totals: tuple[ChainTotals, ...]) -> list[Row]:
    """Return money and tonnes by chain; figures per tonne or resident have no sum."""
    invested_cny = results.invested_by_chain
    per_t, per_resident, co2e = (plain_unit(unit) for unit in ("CNY/t", "CNY per resident", "t CO2e/yr"))
    figures: tuple[tuple[str, Figure, str, Label], ...] = (
        ("chains.per_t", lambda one: one.cost_cny_per_t, "hundredth", per_t),
        ("chains.per_resident", lambda one: one.cost_cny_per_resident, "hundredth", per_resident),
        ("chains.residents", lambda one: one.residents, "whole", PERSONS),
        ("workbook.tonnes.offered", lambda one: one.offered_t, "tenth", TONNES_A_YEAR),
        ("workbook.tonnes.collected", lambda one: one.collected_t, "tenth", TONNES_A_YEAR),
        ("chains.net_cost", lambda one: one.paid_cny, "money", MONEY_A_YEAR),
        ("chains.paid_once", lambda one: invested_cny[one.chain], "money", MONEY),
        ("chains.emissions", lambda one: sum(one.emissions_kg_co2e.values()) / 1000, "tenth", co2e),
    )
    return [
        _row(totals, text(key), figure, Cell(unit, form), is_sum=unit not in (per_t, per_resident))
        for key, figure, form, unit in figures
    ]


def _facility_rows(totals: tuple[ChainTotals, ...]) -> list[Row]:
    """Return the open facilities that each chain has to itself and, in the column of the sum, those it shares."""
    rows: list[Row] = [Section(text("chains.facilities"))]
    for echelon in Echelon:
        counts = [one.whole[echelon] for one in totals]
        shared = totals[0].shared[echelon]
        if any(counts) or shared:
            both = [Cell(sum(counts) + shared, "whole")] if len(totals) > 1 else []
            rows.append((echelon.label, *(Cell(n, "whole") for n in counts), *both, SITES))
        if shared:
            label = text("chains.of_chain", chain=echelon.label, figure=text("chains.shared"))
            rows.append((label, *(None for _ in totals), Cell(shared, "whole"), SITES))
    return rows


def _term_rows(totals: tuple[ChainTotals, ...]) -> list[Row]:
    rows: list[Row] = [Section(text("workbook.title.costs"))]
    for term, label in COST_TERMS.items():
        if any(one.cost_terms_cny[term] for one in totals):
            rows.append(_row(totals, label, _term(term), Cell(MONEY_A_YEAR, "money")))
    return rows


def _term(term: str) -> Figure:
    return lambda one: one.cost_terms_cny[term]


def _payer_rows(results: Results) -> list[Row]:
    """Return the payments of each payer: by chain, subsidies, and those made once."""
    payers, chains = results.last.payer_totals, results.last.chain_shares.chains
    rows: list[Row] = [Section(text("chains.payers"))]
    for one in payers:
        by_chain = [Cell(one.by_chain[chain], "money") for chain in chains]
        both = [Cell(sum(one.by_chain.values()), "money")] if len(chains) > 1 else []
        rows.append((one.payer.label, *by_chain, *both, MONEY_A_YEAR))
    for name, figure in (("subsidies", _subsidies), ("sum", _sum)):
        if any(one.subsidies_cny for one in payers):
            rows += [_of_payer(one, name, figure(one), len(chains), MONEY_A_YEAR) for one in payers if figure(one)]
    rows += [_of_payer(one, "paid_once", one.investment_cny, len(chains), MONEY) for one in payers]
    return rows


def _subsidies(one: PayerTotals) -> float:
    return one.subsidies_cny


def _sum(one: PayerTotals) -> float:
    return one.cost_cny


def _of_payer(one: PayerTotals, name: str, cny: float, n_chains: int, unit: Label) -> Row:
    """Return an amount of a payer that is of no single chain, in the last column of amounts."""
    label = text("chains.of_chain", chain=one.payer.label, figure=text(f"chains.{name}"))
    return label, *(None for _ in range(n_chains - (n_chains == 1))), Cell(cny, "money"), unit


def _row(totals: tuple[ChainTotals, ...], label: Label, figure: Figure, unit: Cell, *, is_sum: bool = True) -> Row:
    """Return a figure of each chain and their sum, in the form of the cell of its unit."""
    form = unit.form
    values = [figure(one) for one in totals]
    cells = [Cell(value if math.isfinite(value) else None, form) for value in values]
    both = [Cell(math.fsum(v for v in values if math.isfinite(v)) if is_sum else None, form)] if len(values) > 1 else []
    return label, *cells, *both, unit.value
