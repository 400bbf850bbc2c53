"""Section of the report of several years: what to build now, what can wait, and what only growth needs."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from siting.language import Label, listed, text
from siting.language.quantities import quantity, scale_of
from siting.render.html.report.parts import Piece, Section, Sentence
from siting.render.table import NOTHING, Column, Row, Table, Total, Value, column, columns
from siting.results.actions import action_label
from siting.results.results import Results
from siting.results.timing import CLASSES, Timing
from siting.vocabulary import Echelon

MOST_TARGETS = 6
"""Targets that a sentence names."""


def timing_section(results: Results) -> Section | None:
    """Return what opens and closes by urgency; None where the run has no planning years or nothing changes."""
    timing = results.timing
    if timing is None or timing.table.empty:
        return None
    pieces: list[Piece] = [
        Sentence(_lead(timing.table), "lead"),
        _summary(timing.table),
        *(Sentence(one) for one in _years_said(results, timing)),
        Sentence(text("report.timing.how"), "note"),
    ]
    large = timing.table[timing.table["echelon"] != Echelon.POINT.key]
    if len(large):
        pieces.append(_large(results, large))
    return Section("timing", text("report.timing.title"), tuple(pieces))


def _lead(table: pd.DataFrame) -> Label:
    parts = {name: table[table["class"] == name] for name in CLASSES}
    counts = {name: len(part) for name, part in parts.items()}
    paid = {f"{name}_cny": quantity(part["investment_cny"].sum(), "CNY") for name, part in parts.items()}
    return text("report.timing.lead", **counts, **paid)


def _groups(table: pd.DataFrame) -> Iterator[tuple[Label, pd.DataFrame]]:
    """Yield the facilities of each class and year, in the order of urgency."""
    for name in CLASSES:
        for year, part in table[table["class"] == name].groupby("year"):
            yield text(f"report.timing.{name}", year=str(year)), part


def _summary(table: pd.DataFrame) -> Table:
    shown = [one for one in Echelon if (table["echelon"] == one.key).any()]
    scale = scale_of([table["investment_cny"].sum()], "CNY")
    closes = bool((table["action"] == "close").any())

    def figures(part: pd.DataFrame) -> tuple[Value, ...]:
        opening = part[part["action"] != "close"]
        counts = [int((opening["echelon"] == one.key).sum()) for one in shown]
        closing = [len(part) - len(opening)] if closes else []
        of_opening = [int(part[name].sum()) for name in ("is_proven", "has_room")]
        return (*counts, *closing, *of_opening, scale.number(float(part["investment_cny"].sum())))

    rows: list[Row] = [(label, *figures(part)) for label, part in _groups(table)]
    rows.append(Total((text("report.timing.all"), *figures(table))))
    heads = (
        column("report.timing.when"),
        *(Column(one.label, "whole") for one in shown),
        *((column("report.timing.closing", "whole"),) if closes else ()),
        *columns("report.timing", proven="whole", room="whole"),
        column("report.timing.paid_once", "any", scale.unit),
    )
    return Table(text("report.timing.caption"), heads, tuple(rows), is_list=False)


def _years_said(results: Results, timing: Timing) -> Iterator[Label]:
    """Yield why facilities open in each later year: the targets that those before would miss."""
    years = [int(year) for year in dict.fromkeys(results.run.rollout.stages.year)] if results.run.rollout else []
    names = list(results.by_period)
    for number, (name, missed) in enumerate(timing.missed.items()):
        if not ((timing.table["year"] == years[number + 1]) & (timing.table["action"] != "close")).any():
            continue
        ends = {"year": name, "before": names[number]}
        if not missed:
            yield text("report.timing.unneeded", **ends)
            continue
        named = listed(
            text("report.brief.of_unit", unit=one.unit_label, target=one.label) for one in missed[:MOST_TARGETS]
        )
        more = text("report.timing.more", n=len(missed) - MOST_TARGETS) if len(missed) > MOST_TARGETS else NOTHING
        yield text("report.timing.needed", targets=named, more=more, **ends)


def _large(results: Results, large: pd.DataFrame) -> Table:
    """Return the stations, centres and bases by name."""
    rows: list[Row] = []
    for label, part in _groups(large):
        for one in part.to_dict("records"):
            others = text(f"report.timing.{'has_room' if one['has_room'] else 'no_room'}")
            rows.append(
                (
                    label, results.facility_labels[one["id"]], results.type_labels[one["type"]],
                    results.district_labels[one["district_code"]], action_label(one["action"]),
                    bool(one["is_proven"]), NOTHING if one["action"] == "close" else others,
                )
            )  # fmt: skip
    heads = columns(
        "report.timing", when="text", place="text", type="text", district="text", action="text", proven="text",
        others="text",
    )  # fmt: skip
    return Table(text("report.timing.large"), heads, tuple(rows), is_wide=True)
