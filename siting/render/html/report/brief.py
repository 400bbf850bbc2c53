"""First page, for the decision maker: what, where, how much, by when, which targets hold, how sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from siting.language import Label, text
from siting.language.quantities import quantity
from siting.render.html.report.citymap import city_map
from siting.render.html.report.costs import bare, draw_stacked
from siting.render.html.report.parts import join_labels
from siting.render.html.report.targets import margin, target_cells, target_columns
from siting.render.html.report.trust import saving, synthetic_warning
from siting.render.table import NOTHING, Cell, Column, Row, Table, column, columns
from siting.results.results import Results
from siting.results.targets import TargetRow, standing, tightest_first
from siting.vocabulary import Echelon

MOST_TARGETS = 8


@dataclass(frozen=True)
class Tile:
    """A headline number; `key` names it as plan.json does."""

    key: str
    label: Label
    number: Label
    note: Label


def first_page(results: Results) -> dict[str, Any]:
    """Return everything that stands on the first page, by the names of its template; None is left out.

    `years` where there are several periods, else `money`; `faults` counts broken rules.
    """
    targets = results.target_rows
    ranked = _ranked(results)
    n_more = len(ranked) - MOST_TARGETS
    tightest = Table(
        text("report.brief.which"), target_columns()[1:], tuple(_target_row(one) for one in ranked[:MOST_TARGETS])
    )
    costs = {str(results.run.instance.year): results.run.verification.cost_terms_cny}
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
        "money": None if results.has_periods else draw_stacked(costs, text("report.brief.money")),
        "actions": results.action_sentence,
        "saving": saving(results),
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
        collected=quantity(results.collected_t, "t"),
    )


def headline_tiles(results: Results) -> tuple[Tile, ...]:
    """Return money, tonnes and nearness: what a decision maker asks first."""
    figures, run = results.figure_values, results.run
    within_m, offered_t = results.shown_distance_m, results.offered_t
    period = text("report.tile.of_period", period=results.last.period) if results.has_periods else NOTHING
    per_resident = bare(quantity(figures["cost_cny_per_resident"], "CNY per resident"), "resident")
    share = quantity(results.collected_t / offered_t if offered_t else None, "share")
    walk = quantity(figures["mean_walk_m"], "m")
    tile = {
        "cost_cny": ("cost", bare(quantity(run.solution.cost_cny, "CNY/yr"), "year"), _cost_note(results)),
        "investment_cny": (
            "investment", quantity(results.invested_cny, "CNY"), text("report.tile.investment_note"),
        ),
        "cost_cny_per_resident": (
            "per_resident", per_resident, text("report.tile.per_resident_note", of_period=period),
        ),
        "cost_cny_per_t": (
            "per_tonne", bare(quantity(figures["cost_cny_per_t"], "CNY/t"), "tonne"),
            text("report.tile.per_tonne_note", of_period=period),
        ),
        "collected_t": (
            "collected", quantity(results.collected_t, "t"), text("report.tile.collected_note", share=share),
        ),
        "within_share": (
            "within", quantity(results.share_within(within_m), "share"), text("report.tile.within_note", walk=walk),
        ),
    }  # fmt: skip
    return tuple(
        Tile(key, text(f"report.tile.{name}", within_m=within_m), number, note)
        for key, (name, number, note) in tile.items()
    )


def _cost_note(results: Results) -> Label:
    rollout = results.run.rollout
    if rollout is None:
        return text("report.tile.cost_note")
    over = "over_years" if results.are_years else "over_dearest" if rollout.stages.is_robust else "over_mean"
    last = quantity(results.run.verification.cost_cny, "CNY/yr")
    cost = Label(bare(last, "year").en, last.zh)
    over_what, period = text(f"report.tile.{over}"), results.last.period
    return text("report.tile.cost_note_periods", over=over_what, period=period, cost=cost)


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
    """Return a target with its unit, where it is not the city, and its period before what is asked and reached."""
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
    rows: list[Row] = [
        (
            Cell(one["period"], tone="strong"),
            *(quantity(one[f"open_{echelon.key}"], "facilities") for echelon in used),
            quantity(one["investment_cny"], "CNY"), quantity(one["cost_cny"], "CNY"), quantity(one["collected_t"], "t"),
        )
        for one in periods.to_dict("records")
    ]  # fmt: skip
    heads = (
        column("report.brief.by_year" if results.are_years else "report.brief.case"),
        *(Column(one.label, "any") for one in used),
        *columns("report.brief", paid_once="any", net_cost="any", collected="any"),
    )
    caption = text("report.brief.years" if results.are_years else "report.brief.cases")
    return Table(caption, heads, tuple(rows), is_list=False)
