"""What is to be done with each facility: built, upgraded, moved, closed or kept."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd

from siting.language import Label
from siting.plan import paid_once_cny
from siting.results.actions.moves import find_moves
from siting.results.actions.rows import ActionRow, Work
from siting.results.facilitynames import facility_names, is_named, type_labels, without_rebuilt
from siting.results.record import RunRecord
from siting.results.rollout import all_facilities
from siting.results.units import bodies_of_facility, district_labels

PAID = ("build", "upgrade")


def facility_actions(run: RunRecord) -> list[ActionRow]:
    """One row for each facility that is open in some year or stands today, in the order of the sites.

    What is rebuilt at its place is one row; what closes while another opens near by is one row too, that of the new.
    """
    facilities = without_rebuilt(all_facilities(run))
    labels, districts, names = type_labels(run.config), district_labels(run), facility_names(run, facilities)
    moves = find_moves(_where_they_are(run, facilities), run.geography.crs_metric)
    moved = {closed for closed, _ in moves.values()}
    paid_cny = paid_once_cny(run.instance, run.solution.plan)
    bodies = cache(lambda code, type_id: bodies_of_facility(run, code, type_id))
    rows = []
    for number, facility in enumerate(facilities.to_dict("records")):
        if number in moved:
            continue
        responsible, lead = bodies(facility["district_code"], facility["type"])
        move = moves.get(number)
        row = ActionRow(
            unit=districts[facility["district_code"]],
            district_code=facility["district_code"],
            action="move" if move else facility["action"],
            what=labels[facility["type"]],
            year=_year(facility),
            responsible=responsible,
            lead=lead,
            note=_note((names[facilities["id"][move[0]]], move[1]) if move else None, facility["extended_t"]),
            work=_work(facility, names[facility["id"]], paid_cny[facility["option"]]),
        )
        rows.append(row)
    return rows


def _where_they_are(run: RunRecord, facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The facilities at their places as these are, also in a run for the public."""
    places = run.measured_geography.sites.geometry.to_numpy()[facilities["site"]]
    return facilities.set_geometry(gpd.GeoSeries(places, index=facilities.index, crs="EPSG:4326"))


def _note(move: tuple[Label, float] | None, extended_t: float) -> Label:
    """What a facility takes the place of and how far that was, if it moves; what its size is extended by, if it is."""
    en, zh = [], []
    if move is not None:
        former, metres = move
        en.append(f"takes the place of {former.en}, {metres:,.0f} m away")
        zh.append(f"由{former.zh}迁入，相距 {metres:,.0f} 米")
    if extended_t > 0:
        en.append(f"extended by {extended_t:,.0f} t a year")
        zh.append(f"扩建能力 {extended_t:,.0f} 吨/年")
    return Label(en="; ".join(en), zh="；".join(zh))


def _year(facility: dict[Hashable, Any]) -> int | None:
    """The year in which it opens, or by which it closes; None for what stays."""
    year = facility["closed" if facility["action"] == "close" else "opened"]
    return None if pd.isna(year) else int(year)


def _work(facility: dict[Hashable, Any], name: Label, paid_cny: float) -> Work:
    is_paid = facility["action"] in PAID or facility["extended_t"] > 0
    investment_cny = float(facility["investment_cny"]) if is_paid else 0.0
    whole_cny = float(paid_cny) if is_paid else 0.0
    return Work(
        id=str(facility["id"]),
        name=name,
        is_named=is_named(facility["name"]),
        echelon=str(facility["echelon"]),
        kind="" if pd.isna(facility["kind"]) else str(facility["kind"]),
        lon=float(facility["lon"]),
        lat=float(facility["lat"]),
        type=str(facility["type"]),
        size=str(facility["size"]),
        capacity_t=float(facility["capacity_t"]),
        area_m2=float(facility["area_m2"]),
        investment_cny=investment_cny,
        land_cny=whole_cny - investment_cny,
    )
