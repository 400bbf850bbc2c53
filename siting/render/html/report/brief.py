"""First page, for the decision maker: what, where, how much, by when, which targets hold, how sure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from siting.language import Label, text
from siting.language.quantities import quantity
from siting.render.chains import chain_overview
from siting.render.html.report.citymap import city_map
from siting.render.html.report.costs import bare, draw_chains
from siting.render.html.report.parts import capitalized, join_labels
from siting.render.html.report.targets import margin, target_cells, target_columns
from siting.render.html.report.trust import saving, synthetic_warning
from siting.render.table import NOTHING, Cell, Column, Row, Table, column, columns
from siting.results.behaviour import overload_warning
from siting.results.results import Results
from siting.results.sentences import LEAST_PENALTY_CNY
from siting.results.targets import TargetRow, standing, tightest_first
from siting.vocabulary import Chain, Echelon

MOST_TARGETS, MOST_BESIDE_CHAINS = 8, 6
"""Targets that are listed on the first page; fewer where it has a table of chains."""


@dataclass(frozen=True)
class Tile:
    """A headline number; `key` names it as plan.json does."""

    key: str
    label: Label
    number: Label
    note: Label


def first_page(results: Results) -> dict[str, Any]:
    """Return the content of the first page by the names of its template; None is omitted.

    `chains` where there are several, `years` where there are several periods, `money` where there is neither;
    `faults` counts broken rules.
    """
    targets = results.target_rows
    ranked = _ranked(results)
    several = len(results.last.chain_totals) > 1
    most = MOST_BESIDE_CHAINS if several else MOST_TARGETS
    n_more = len(ranked) - most
    tightest = Table(text("report.brief.which"), target_columns()[1:], tuple(_target_row(one) for one in ranked[:most]))
    missed = [one.is_hard for one in targets if not one.holds]
    return {
        "network": network_sentence(results),
        "tiles": headline_tiles(results),
        "map": city_map(results),
        "counts": results.open_counts,
        "standing": standing(targets),
        "tone": "missed" if any(missed) else "soft" if missed else "holds",
        "targets": tightest if ranked else None,
        "more": text("report.brief.more", n=n_more) if n_more > 0 else None,
        "districts": _district_targets(targets),
        "years": _period_table(results) if results.has_periods else None,
        "chains": chain_overview(results) if several else None,
        "money": None if results.has_periods or several else draw_chains(results),
        "actions": results.action_sentence,
        "penalty": penalty_sentence(results),
        "saving": saving(results),
        "behaviour": overload_warning(results.last.behaviour),
        "warning": synthetic_warning(results),
        "faults": len(results.faults),
    }


def network_sentence(results: Results) -> Label:
    """Return the network in one sentence."""
    facilities = join_labels(
        text(
            "report.network.points" if echelon is Echelon.POINT else "report.network.others",
            n=n,
            facilities=echelon.singular if n == 1 else echelon.label,
        )
        for echelon, n in results.open_counts.items()
    )
    return text(
        "report.network.sentence",
        year=results.run.instance.year,
        city=results.city,
        facilities=facilities if facilities.en else text("report.network.nothing"),
        residents=quantity(results.run.instance.residents, "residents"),
        collected=_collected(results),
    )


def _collected(results: Results) -> Label:
    """Return the tonnes collected, of each chain where there are several."""
    chains = results.last.chain_totals
    if len(chains) == 1:
        return text("report.network.collected", tonnes=quantity(results.collected_t, "t"))
    names = ["collected_from", *("and_from" for _ in chains[1:])]
    return join_labels(
        text(f"report.network.{name}", tonnes=quantity(one.collected_t, "t"), chain=one.chain.label)
        for name, one in zip(names, chains, strict=True)
    )


def headline_tiles(results: Results) -> tuple[Tile, ...]:
    """Return the cost of a tonne of each chain, then nearness; then tonnes and money, where no table has them."""
    within_m = results.shown_distance_m
    walk = text("report.tile.within_note", walk=quantity(results.figure_values["mean_walk_m"], "m"))
    share = quantity(results.share_within(within_m), "share")
    within = Tile("within_share", text("report.tile.within", within_m=within_m), share, walk)
    near = (within,) if results.has_points else ()
    if len(results.last.chain_totals) == 1:
        return *_chain_tiles(results), *near, *_tiles_of_all(results)
    return *_chain_tiles(results), *near, *((_cost_tile(results),) if results.has_periods else ())


def _tiles_of_all(results: Results) -> Iterator[Tile]:
    """Yield tonnes, investment and cost."""
    offered_t = results.offered_t
    share = quantity(results.collected_t / offered_t if offered_t else None, "share")
    tile = {
        "collected_t": (
            "collected", quantity(results.collected_t, "t"), text("report.tile.collected_note", share=share),
        ),
        "investment_cny": (
            "investment", quantity(results.invested_cny, "CNY"), text("report.tile.investment_note"),
        ),
    }  # fmt: skip
    for key, (name, number, note) in tile.items():
        yield Tile(key, text(f"report.tile.{name}"), number, note)
    yield _cost_tile(results)


def _cost_tile(results: Results) -> Tile:
    """Return the cost of the plan, of all periods and chains together."""
    name = "cost" if len(results.last.chain_totals) == 1 else "cost_of_both"
    cost = bare(quantity(results.paid_cny, "CNY/yr"), "year")
    return Tile("cost_cny", text(f"report.tile.{name}"), cost, _cost_note(results))


def _chain_tiles(results: Results) -> Iterator[Tile]:
    """Yield cost per tonne and per resident: where there is one chain in a tile each, else in one for each chain."""
    chains = results.last.chain_totals
    period = text("report.tile.of_period", period=results.last.period) if results.has_periods else NOTHING
    for one in chains:
        key, is_of_residents = one.chain.key, one.chain is Chain.HOUSEHOLDS
        per_tonne = bare(quantity(one.cost_cny_per_t, "CNY/t"), "tonne")
        per_resident = bare(quantity(one.cost_cny_per_resident, "CNY per resident"), "resident")
        if len(chains) > 1:
            cost = bare(quantity(one.paid_cny, "CNY/yr"), "year")
            name = "households_note" if is_of_residents else "chain_note"
            note = text(f"report.tile.{name}", per_resident=per_resident, cost=cost, of_period=period)
            yield Tile(
                f"cost_cny_per_t.{key}", text("report.tile.chain", chain=capitalized(one.chain.label)), per_tonne, note
            )
            continue
        note = text("report.tile.per_tonne_note", of_period=period)
        yield Tile(f"cost_cny_per_t.{key}", text("report.tile.per_tonne"), per_tonne, note)
        if is_of_residents:
            note = text("report.tile.per_resident_note", of_period=period)
            yield Tile(f"cost_cny_per_resident.{key}", text("report.tile.per_resident"), per_resident, note)


def _cost_note(results: Results) -> Label:
    rollout = results.run.rollout
    if rollout is None:
        return text("report.tile.cost_note")
    over = "over_years" if results.are_years else "over_dearest" if rollout.stages.is_robust else "over_mean"
    last = quantity(results.run.verification.paid_cny, "CNY/yr")
    cost = Label(bare(last, "year").en, last.zh)
    over_what, period = text(f"report.tile.{over}"), results.last.period
    return text("report.tile.cost_note_periods", over=over_what, period=period, cost=cost)


def penalty_sentence(results: Results) -> Label | None:
    """Return the penalties of missed soft targets, which no headline has in its cost; None without any."""
    if results.penalty_cny <= LEAST_PENALTY_CNY:
        return None
    return text("report.brief.penalty", penalty=quantity(results.penalty_cny, "CNY/yr"))


def _ranked(results: Results) -> list[TargetRow]:
    """Return targets: the missed, then those of the city, of the last period first, the tightest first."""
    periods = list(results.by_period)
    ranked = [
        ((row.holds, row.district >= 0, -periods.index(row.period), rank), row)
        for one in results.by_period.values()
        for rank, row in enumerate(tightest_first(one.target_rows))
    ]
    return [row for _, row in sorted(ranked, key=lambda entry: entry[0])]


def _target_row(target: TargetRow) -> Row:
    """Return a target with its unit (unless the city) and period, its required value and the value reached."""
    label = target.label
    if target.unit != "city":
        label = text("report.brief.of_unit", unit=target.unit_label, target=label)
    when = f" ({target.period})" if target.period else ""
    return (Label(label.en + when, label.zh + when), *target_cells(target)[2:])


def _district_targets(targets: Sequence[TargetRow]) -> Label | None:
    """Return how the targets of districts stand, and which is the tightest."""
    of_districts = tightest_first(one for one in targets if one.district >= 0)
    if not of_districts:
        return None
    tightest = of_districts[0]
    return text(
        "report.brief.districts",
        held=sum(one.holds for one in of_districts), n=len(of_districts),
        unit=tightest.unit_label, target=tightest.label, margin=margin(tightest),
    )  # fmt: skip


def _period_table(results: Results) -> Table:
    periods = results.periods
    used = [one for one in Echelon if periods[f"open_{one.key}"].any()]
    chains = results.last.chain_shares.chains if len(results.last.chain_totals) > 1 else ()
    rows: list[Row] = [
        (
            Cell(one["period"], tone="strong"),
            *(quantity(one[f"open_{echelon.key}"], "facilities") for echelon in used),
            quantity(one["investment_cny"], "CNY"),
            *(quantity(one[f"paid_{chain.key}_cny"], "CNY") for chain in chains),
            quantity(one["paid_cny"], "CNY"), quantity(one["collected_t"], "t"),
        )
        for one in periods.to_dict("records")
    ]  # fmt: skip
    heads = (
        column("report.brief.by_year" if results.are_years else "report.brief.case"),
        *(Column(one.label, "any") for one in used),
        column("report.brief.paid_once", "any"),
        *(column("chains.part_of", "any", chain=chain.label) for chain in chains),
        *columns("report.brief", net_cost="any", collected="any"),
    )
    caption = text("report.brief.years" if results.are_years else "report.brief.cases")
    return Table(caption, heads, tuple(rows), is_list=False)
