"""How full each transfer station, sorting centre and processing base is."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from siting.language import Label
from siting.language.quantities import quantity, scale_of
from siting.render.colours import ECHELON_COLOURS
from siting.render.html.charts import Axis, Frame, Strip, draw_strips
from siting.render.html.report.parts import Cell, Column, Piece, Section, Sentence, Table, cells, draw, same, told
from siting.results.facilities import facility_table
from siting.results.facilitynames import facility_names, type_labels
from siting.results.record import RunRecord
from siting.results.rollout import all_facilities
from siting.results.units import district_labels
from siting.vocabulary import Echelon

LOADED = (Echelon.TRANSFER, Echelon.SORTING, Echelon.BASE)
TITLE = Label(en="Load of stations and centres", zh="中转站与分拣中心负荷")
AXIS = Label(en="tonnes that enter over capacity, %", zh="处理量占能力的比例（%）")


def load_section(run: RunRecord) -> Section:
    """A dot for each facility at its load, and the tables of them all, the fullest first."""
    table = facility_table(run)
    parts = {one: table[table["echelon"] == one.key] for one in LOADED}
    parts = {one: part.sort_values("utilisation_share", ascending=False) for one, part in parts.items() if len(part)}
    if not parts:
        nothing = Label(en="No station or centre is open.", zh="方案未开设中转站或分拣中心。")
        return Section("load", TITLE, (Sentence(nothing),))
    pieces: list[Piece] = [_lead(parts), draw(lambda language: _chart(parts, language))]
    pieces += [_table(run, one, part) for one, part in parts.items()]
    return Section("load", TITLE, tuple(pieces))


def _lead(parts: dict[Echelon, pd.DataFrame]) -> Sentence:
    told_en, told_zh = [], []
    for one, part in parts.items():
        load = quantity(part["throughput_t"].sum() / part["capacity_t"].sum(), "share")
        label = one.label
        told_en.append(f"{label.en}: {len(part):,}, together {load.en} loaded")
        told_zh.append(f"{label.zh}{len(part):,}座，总体负荷率{load.zh}")
    english = "; ".join(told_en) + ". A facility near 100 % has no room for growth, one near 0 % is hardly used."
    return Sentence(
        Label(
            en=english[0].upper() + english[1:], zh="；".join(told_zh) + "。接近100%的设施没有余量，接近0%的很少使用。"
        )
    )


def _chart(parts: dict[Echelon, pd.DataFrame], language: str) -> Markup:
    strips = []
    for one, part in parts.items():
        dots = [(_told_load(row), float(row["utilisation_share"])) for row in part.to_dict("records")]
        strips.append(Strip(told(one.label, language), tuple(dots), ECHELON_COLOURS[one]))
    most = max(load for strip in strips for _, load in strip.dots)
    axis = Axis.over([max(1.0, most)], told(AXIS, language), lambda tick: f"{100 * tick:.0f}")
    about = "; ".join(f"{strip.label}: {len(strip.dots)}" for strip in strips)
    return draw_strips(Frame(told(TITLE, language), about), axis, strips)


def _told_load(row: dict[Any, Any]) -> str:
    """A facility with its load, for where the pointer rests."""
    name = row["name"] if isinstance(row["name"], str) else ""
    return f"{row['id']} {name}".strip() + f": {100 * row['utilisation_share']:.0f} %"


def _table(run: RunRecord, echelon: Echelon, part: pd.DataFrame) -> Table:
    types, districts = type_labels(run.config), district_labels(run)
    names = facility_names(run, all_facilities(run))
    scale = scale_of(part["capacity_t"], "t/yr")
    rows = [
        cells(
            [
                same(row["id"]), names[str(row["id"])],
                districts[str(row["district_code"])], types[row["type"]],
                scale.number(row["capacity_t"]), scale.number(row["throughput_t"]),
                Cell(quantity(row["utilisation_share"], "share"), "strong"),
            ]
        )
        for row in part.to_dict("records")
    ]  # fmt: skip
    columns = (
        Column(Label(en="id", zh="编号")),
        Column(Label(en="place", zh="位置")),
        Column(Label(en="district", zh="所在区")),
        Column(Label(en="type", zh="类型")),
        Column(Label(en="capacity", zh="能力"), scale.unit, is_number=True),
        Column(Label(en="throughput", zh="处理量"), scale.unit, is_number=True),
        Column(Label(en="load", zh="负荷率"), is_number=True),
    )
    label = echelon.label
    return Table(Label(en=label.en.capitalize(), zh=label.zh), columns, tuple(rows), is_wide=True)
