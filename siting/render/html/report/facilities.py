"""Loads of stations, centres and bases, and the action list (责任清单) of each responsibility unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import pandas as pd

from siting.language import Label, text
from siting.language.quantities import quantity, scale_of
from siting.render.html.charts.frame import Axis, Frame
from siting.render.html.charts.strips import Dot, Strip, draw_strips
from siting.render.html.charts.svg import Chart
from siting.render.html.report.parts import Piece, Section, Sentence, capitalized
from siting.render.palette import ECHELON_COLOURS
from siting.render.table import Cell, Column, Row, Table, column, columns, missed_if
from siting.results.actions import SITE_ACTIONS, ActionRow, UnitTotal, action_label
from siting.results.facilities import OUT_OF_USE
from siting.results.results import Results
from siting.vocabulary import Echelon

MOST_NAMED = 20
LOADED = (Echelon.TRANSFER, Echelon.SORTING, Echelon.BASE)
Parts = Mapping[Echelon, pd.DataFrame]


def load_section(results: Results) -> Section:
    """Return a dot for each facility at its load, and the tables of them all, the fullest first."""
    table = results.open_facilities
    parts = {
        one: table[table["echelon"] == one.key].sort_values("utilisation_share", ascending=False) for one in LOADED
    }
    parts = {one: part for one, part in parts.items() if len(part)}
    title = text("report.loads.title")
    if not parts:
        return Section("load", title, (Sentence(text("report.loads.nothing")),))
    pieces: list[Piece] = [_load_lead(parts), Sentence(_out_of_use(table)), _load_chart(parts)]
    pieces += [_load_table(results, one, part) for one, part in parts.items()]
    return Section("load", title, tuple(pieces))


def _load_lead(parts: Parts) -> Sentence:
    """Return the number and the load of all facilities of each echelon."""
    loads = [
        text(
            "report.loads.of_echelon",
            facilities=echelon.label,
            n=len(part),
            load=quantity(part["throughput_t"].sum() / part["capacity_t"].sum(), "share"),
            planned=quantity(part["throughput_t"].sum() / part["planned_limit_t"].sum(), "share"),
        )
        for echelon, part in parts.items()
    ]
    lead = text("report.loads.lead", loads=reduce(lambda before, load: text("report.and_so", a=before, b=load), loads))
    return Sentence(capitalized(lead))


def _out_of_use(table: pd.DataFrame) -> Label:
    """Return the sentence on facilities of all echelons that are idle, or used less than it takes to count."""
    flagged = table[table["use"].isin(OUT_OF_USE)]
    if flagged.empty:
        return text("report.loads.all_in_use")
    ids = [str(one) for one in flagged["id"].head(MOST_NAMED)]
    more = "" if len(flagged) == len(ids) else " …"
    return text("report.loads.out_of_use", n=len(flagged), ids=Label(", ".join(ids) + more, "、".join(ids) + more))


def _load_chart(parts: Parts) -> Chart:
    strips = [
        Strip(
            echelon.label,
            tuple(map(_dot, part.to_dict("records"))),
            ECHELON_COLOURS[echelon],
        )
        for echelon, part in parts.items()
    ]
    largest = max(dot.value for strip in strips for dot in strip.dots)
    axis = Axis.over([max(1.0, largest)], text("report.loads.axis"), lambda tick: f"{100 * tick:.0f}")
    return draw_strips(Frame(text("report.loads.title")), axis, strips)


def _dot(facility: Mapping[Any, Any]) -> Dot:
    load, name = facility["utilisation_share"], facility["name"] if isinstance(facility["name"], str) else ""
    return Dot(f"{facility['id']} {name}".strip() + f": {100 * load:.0f} %", load)


def _load_table(results: Results, echelon: Echelon, part: pd.DataFrame) -> Table:
    scale = scale_of(part["capacity_t"], "t/yr")
    rows = [
        (
            one["id"], results.facility_labels[one["id"]], results.district_labels[one["district_code"]],
            results.type_labels[one["type"]],
            *(scale.number(one[name]) for name in ("capacity_t", "planned_limit_t", "throughput_t")),
            quantity(one["utilisation_share"], "share"),
            Cell(quantity(one["planned_load_share"], "share"), tone="strong"),
        )
        for one in part.to_dict("records")
    ]  # fmt: skip
    heads = (
        *columns("report.loads", id="text", place="text", district="text", type="text"),
        *(column(f"report.loads.{name}", "any", scale.unit) for name in ("capacity", "limit", "throughput")),
        *columns("report.loads", load="any", planned="any"),
    )
    return Table(capitalized(echelon.label), heads, tuple(rows), is_wide=True)


def action_section(results: Results) -> Section:
    """Return what each unit has to do; recycling points are counted here and listed in actions.csv."""
    totals = [one for one in results.unit_totals if one.targets or sum(one.facilities.values())]
    works = [row for row in results.action_rows if row.work and row.work.echelon != Echelon.POINT.key]
    pieces: list[Piece] = [Sentence(text("report.actions.lead")), _unit_table(totals)]
    pieces += [_work_table(works)] if works else []
    return Section("actions", text("report.actions.title"), tuple(pieces))


def _unit_table(totals: Sequence[UnitTotal]) -> Table:
    scale = scale_of([one.investment_cny + one.land_cny for one in totals], "CNY")
    used = [action for action in SITE_ACTIONS if any(one.facilities[action] for one in totals)]
    heads = (
        *columns("report.actions", unit="text", targets="any", missed="any"),
        *(Column(action_label(action), "any") for action in used),
        column("report.actions.paid_once_with_land", "any", scale.unit),
    )
    rows: list[Row] = [
        (
            one.unit,
            quantity(one.targets, "facilities"),
            missed_if(one.missed > 0, quantity(one.missed, "facilities")),
            *(quantity(one.facilities[action], "facilities") for action in used),
            scale.number(one.investment_cny + one.land_cny),
        )
        for one in totals
    ]
    return Table(text("report.actions.by_unit"), heads, tuple(rows), is_list=False)


def _work_table(rows: Sequence[ActionRow]) -> Table:
    works = [row.work for row in rows if row.work]
    money = scale_of([work.investment_cny + work.land_cny for work in works], "CNY")
    tonnes = scale_of([work.capacity_t for work in works], "t/yr")
    lines = [
        (
            row.unit, Cell(action_label(row.action), tone="strong"), row.what, work.name,
            f"{work.lon:.4f}, {work.lat:.4f}", tonnes.number(work.capacity_t),
            "–" if row.year is None else str(row.year), money.number(work.investment_cny + work.land_cny),
            row.responsible,
        )
        for row, work in zip(rows, works, strict=True)
    ]  # fmt: skip
    heads = (
        *columns("report.actions", unit="text", action="text", type="text", place="text", lonlat="text"),
        column("report.actions.capacity", "any", tonnes.unit),
        column("report.actions.year", "any"),
        column("report.actions.paid_once", "any", money.unit),
        column("report.actions.body"),
    )
    return Table(text("report.actions.works"), heads, tuple(lines), is_wide=True)
