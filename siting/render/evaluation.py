"""Tables of an evaluation, for the terminal, the page and the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from siting.evaluate.bychain import CHAIN_FIGURES
from siting.evaluate.evaluate import Evaluation
from siting.evaluate.report import FIGURES, chain_spread, figure_label, figure_spread, target_risks
from siting.evaluate.spare import FLAGGED_SHARE, HELD_SHARES
from siting.language import Label, text
from siting.language.quantities import quantity
from siting.render.table import Cell, Column, Row, Table, Value, column, columns
from siting.vocabulary import MEASURES, Echelon, Measure

BEST_IF_LARGE = ("collected_t", "served_share", "targets_held_share")
TONNES, MONEY, MONEY_PER_T = (text(f"evaluate.unit.{name}") for name in ("tonnes", "money", "money_per_t"))


def spread_table(tried: Evaluation) -> Table:
    """Return the distribution of each figure over the drawn years."""
    spread = figure_spread(tried)
    rows: list[Row] = []
    for name in FIGURES:
        form = "share" if name.endswith("_share") else "whole"
        rows.append((figure_label(name), *(Cell(one, form) for one in _values(name, spread[name]))))
    return Table(
        text("evaluate.figures"),
        (column("evaluate.column.figure"), *_spread_heads()),
        tuple(rows),
        name=text("evaluate.sheet.figures"),
        is_list=False,
    )


def chain_spread_table(tried: Evaluation) -> Table:
    """Return the distribution of each figure of each chain over the drawn years; no rows where there is one chain."""
    spread = chain_spread(tried)
    rows: list[Row] = [
        (chain.label, figure_label(name), *(Cell(one, "whole") for one in _values(name, of_chain[name])))
        for chain, of_chain in spread.items()
        for name in CHAIN_FIGURES
        if len(spread) > 1
    ]
    return Table(
        text("evaluate.chains"),
        (*columns("evaluate.column", chain="text", figure="text"), *_spread_heads()),
        tuple(rows),
        name=text("evaluate.sheet.chains"),
        is_list=False,
    )


def _values(name: str, spread: Mapping[str, float]) -> tuple[float, ...]:
    """Return mean, the 5th, 50th and 95th percentile, and the worst."""
    worst = spread["min" if name in BEST_IF_LARGE else "max"]
    return spread["mean"], spread["p05"], spread["median"], spread["p95"], worst


def _spread_heads() -> tuple[Column, ...]:
    return tuple(column(f"terminal.drawn.{one}", "any") for one in ("mean", "low", "median", "high", "worst"))


def missed_table(tried: Evaluation) -> Table:
    """Return the targets that do not hold in every year, the least certain first."""
    rows = [
        (one["unit"], _target(one), one["id"], Cell(one["holds_in_share"], tone="caution"))
        for one in target_risks(tried)
        if one["holds_in_share"] < 1
    ]
    heads = (
        *columns("evaluate.column", unit="text", target="text", id="text"),
        column("evaluate.column.holds_in", "share"),
    )
    return Table(text("evaluate.targets"), heads, tuple(rows), name=text("evaluate.sheet.targets"))


def _target(one: Mapping[str, Any]) -> Label:
    label = MEASURES[Measure(one["measure"])].label
    return (
        label
        if one["within_m"] is None
        else text("evaluate.within", target=label, distance=quantity(one["within_m"], "m"))
    )


def risk_table(risks: pd.DataFrame, names: Mapping[str, Label] | None = None, *, is_whole: bool = False) -> Table:
    """Return the facilities that overflow in some year, the most often first; `is_whole`: all, with all columns.

    `names` are those of the places, by id; None: the table has no places.
    """
    shown = risks if is_whole else risks[risks["overflows_in_share"] > 0]
    shares = HELD_SHARES if is_whole else HELD_SHARES[-1:]
    more = ("too_small_in", "below_least_load_in") if is_whole else ()
    rows = tuple(_risk(one, names, shares=shares, more=more) for one in shown.to_dict("records"))
    heads = (
        column("evaluate.column.id"),
        *(() if names is None else columns("evaluate.column", place="text")),
        column("evaluate.column.echelon"),
        *(column(f"evaluate.column.{one}", "tenth", TONNES) for one in ("holds", "planned")),
        column("evaluate.column.overflows_in", "share"),
        *(column(f"evaluate.column.{one}", "tenth", TONNES) for one in ("mean_overflow", "worst_overflow")),
        *(column(f"evaluate.column.{one}", "share") for one in more),
        column("evaluate.column.tonne_more", "whole", MONEY_PER_T),
        *_spare_heads(shares),
    )
    sheet = text("evaluate.sheet.facilities")
    return Table(text("evaluate.facilities"), heads, rows, name=sheet, is_wide=True, frozen=1)


def _risk(
    one: Mapping[Any, Any], names: Mapping[str, Label] | None, *, shares: tuple[float, ...], more: tuple[str, ...]
) -> Row:
    return (
        one["id"], *(() if names is None else (names[one["id"]],)), Echelon.named(one["echelon"]).short,
        one["holds_t"], one["planned_t"],
        Cell(one["overflows_in_share"], tone="missed" if one["is_flagged"] else ""),
        one["mean_overflow_t"], one["worst_overflow_t"], *(one[f"{name}_share"] for name in more),
        one["tonne_more_cny_per_year"], *(value for share in shares for value in _spare(one, share)),
    )  # fmt: skip


def _spare(one: Mapping[Any, Any], share: float) -> tuple[Value, Value]:
    name = f"spare_{100 * share:g}"
    return one[f"{name}_t"], one[f"{name}_cny_per_year"]


def _spare_heads(shares: tuple[float, ...]) -> list[Column]:
    return [
        one
        for share in shares
        for one in (
            column("evaluate.column.spare", "tenth", TONNES, share=quantity(share, "share")),
            column("evaluate.column.spare_cost", "whole", MONEY),
        )
    ]


def spare_table(spare: pd.DataFrame) -> Table:
    """Return the cost of spare capacity at each echelon."""
    rows = []
    for one in spare.to_dict("records"):
        held = [
            value for share in HELD_SHARES for value in (*_spare(one, share), one[f"spare_{100 * share:g}_further"])
        ]
        counts = (one["open"], one["overflow"], one["flagged"], one["tonne_more_median"])
        rows.append((Echelon.named(one["echelon"]).label, *counts, *held))
    often = quantity(FLAGGED_SHARE, "share")
    heads: list[Column] = [
        column("evaluate.column.facilities"),
        *columns("evaluate.column", open="whole", overflow="whole"),
        column("evaluate.column.flagged", "whole", often=often),
        column("evaluate.column.tonne_more_median", "whole", MONEY_PER_T),
    ]
    for share in HELD_SHARES:
        heads += [*_spare_heads((share,)), column("evaluate.column.further", "whole")]
    return Table(
        text("evaluate.spare"),
        tuple(heads),
        tuple(rows),
        name=text("evaluate.sheet.spare"),
        is_list=False,
        is_wide=True,
    )
