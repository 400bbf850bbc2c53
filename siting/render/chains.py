"""Tables by chain and by payer, as the terminal and the report show them."""

from __future__ import annotations

import math
from collections.abc import Callable

from siting.chains import ChainTotals
from siting.language import Label, listed, text
from siting.language.quantities import quantity, scale_of
from siting.render.table import NOTHING, Column, Row, Table, Total, column
from siting.results.results import Results
from siting.vocabulary import COST_TERMS, PENALTY, Echelon

Figure = Callable[[ChainTotals], float]


def chain_overview(results: Results) -> Table:
    """Return a row for each chain of the last period, and a total of what can be summed where there are several."""
    totals, invested_cny = results.last.chain_totals, results.invested_by_chain
    penalties: tuple[tuple[str, str, Figure, bool], ...] = (("penalties", "CNY/yr", lambda one: one.penalty_cny, True),)
    figures: tuple[tuple[str, str, Figure, bool], ...] = (
        ("residents", "residents", lambda one: one.residents, True),
        ("collected", "t/yr", lambda one: one.collected_t, True),
        ("net_cost", "CNY/t", lambda one: one.cost_cny_per_t, False),
        ("net_cost", "CNY per resident", lambda one: one.cost_cny_per_resident, False),
        ("net_cost", "CNY/yr", lambda one: one.paid_cny, True),
        *(penalties if any(one.penalty_cny for one in totals) else ()),
        ("paid_once", "CNY", lambda one: invested_cny[one.chain], True),
    )
    heads, cells = [column("chains.chain")], []
    for name, unit, figure, is_sum in figures:
        values = [figure(one) for one in totals]
        total = math.fsum(value for value in values if math.isfinite(value))
        beside = [one.paid_cny for one in totals] if name == "penalties" else []
        scale = scale_of([*values, *beside, total if is_sum else None], unit)
        heads.append(Column(text(f"chains.{name}"), "any", scale.unit))
        numbers = [scale.number(value) if math.isfinite(value) else NOTHING for value in values]
        cells.append([*numbers, scale.number(total) if is_sum else NOTHING])
    rows: list[Row] = [(one.chain.label, *(column[n] for column in cells)) for n, one in enumerate(totals)]
    if len(totals) > 1:
        rows.append(Total((text("chains.together"), *(column[-1] for column in cells))))
    return Table(text("chains.title"), tuple(heads), tuple(rows), is_list=False)


def chain_terms(results: Results, title: Label, *, digits: int = 5) -> Table:
    """Return the cost of the last period by term and chain, penalties below the sum, for nobody pays them.

    Shares are of spending, without income.
    """
    totals, costs = results.last.chain_totals, results.last.costs
    costs = costs[costs["cny_per_year"] != 0]
    net_cny = float(costs["cny_per_year"][costs["term"] != PENALTY].sum())
    scale = scale_of([*costs["cny_per_year"], net_cny], "CNY/yr", digits=digits)
    is_several = len(totals) > 1
    rows: dict[str, Row] = {}
    for one in costs.to_dict("records"):
        term, cny = str(one["term"]), float(one["cny_per_year"])
        by_chain = [scale.number(of.cost_terms_cny[term]) for of in totals] if is_several else []
        share = NOTHING if term == PENALTY else text("report.costs.income")
        if math.isfinite(one["spent_share"]):
            share = quantity(one["spent_share"], "share")
        rows[term] = (COST_TERMS[term], *by_chain, scale.number(cny), share)
    below = [rows.pop(PENALTY)] if PENALTY in rows else []
    net = [scale.number(of.paid_cny) for of in totals] if is_several else []
    sums = Total((text("report.costs.net"), *net, scale.number(net_cny), NOTHING))
    whole = text("chains.together") if is_several else NOTHING
    heads = (
        column("report.costs.term"),
        *(Column(of.chain.label, "any", scale.unit) for of in totals if is_several),
        Column(whole, "any", scale.unit),
        column("report.costs.spent_share", "any"),
    )
    return Table(title, heads, (*rows.values(), sums, *below), is_list=False)


def chain_facilities(results: Results) -> Table:
    """Return the open facilities of each echelon that one chain has to itself, and those that chains share."""
    totals = results.last.chain_totals
    heads = [column("chains.echelon")]
    heads += [column("chains.only", "whole", chain=one.chain.label) for one in totals]
    rows: list[Row] = []
    for echelon in Echelon:
        counts = (*(one.whole[echelon] for one in totals), totals[0].shared[echelon])
        if any(counts):
            rows.append((echelon.label, *counts))
    heads.append(column("chains.shared", "whole"))
    return Table(text("chains.facilities"), tuple(heads), tuple(rows), is_list=False)


def payer_overview(results: Results) -> Table:
    """Return a row for each payer: its part of the net cost of each chain, subsidies that it pays, and what it pays."""
    payers = results.last.payer_totals
    chains = results.last.chain_shares.chains
    has_subsidies = any(one.subsidies_cny for one in payers)
    scale = scale_of([cny for one in payers for cny in (*one.by_chain.values(), one.cost_cny)], "CNY/yr")
    once = scale_of([one.investment_cny for one in payers], "CNY")
    rows: list[Row] = [
        (
            one.payer.label,
            *(scale.number(one.by_chain[chain]) for chain in chains),
            *((scale.number(one.subsidies_cny),) if has_subsidies else ()),
            scale.number(one.cost_cny),
            once.number(one.investment_cny),
        )
        for one in payers
    ]
    heads = (
        column("chains.payer"),
        *(column("chains.part_of", "any", scale.unit, chain=chain.label) for chain in chains),
        *((column("chains.subsidies", "any", scale.unit),) if has_subsidies else ()),
        column("chains.sum", "any", scale.unit),
        column("chains.paid_once", "any", once.unit),
    )
    return Table(text("chains.payers"), heads, tuple(rows), is_list=False)


def chain_meanings(results: Results) -> Label:
    """Return the definition of each chain."""
    chains = results.last.chain_shares.chains
    return text(
        "chains.meanings",
        listed=listed(text("chains.meaning", chain=one.label, meaning=one.meaning) for one in chains),
    )
