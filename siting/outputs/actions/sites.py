"""What is to be done with each facility: built, upgraded, moved, closed or kept."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd

from siting.config.base import Label
from siting.outputs.actions.bodies import bodies_of_facility, district_labels
from siting.outputs.actions.moves import find_moves
from siting.outputs.actions.rows import NOTHING, ActionRow, Work
from siting.outputs.record import RunRecord
from siting.outputs.rollout import all_facilities

PAID = ("build", "upgrade")


def facility_actions(run: RunRecord) -> list[ActionRow]:
    """One row for each facility that is open in some year or stands today, in the order of the sites.

    What is rebuilt at its place is one row; what closes while another opens near by is one row too, that of the new.
    """
    facilities = _without_rebuilt(all_facilities(run))
    labels = {name: facility_type.label for _, name, facility_type in run.config.facilities.by_echelon()}
    districts = district_labels(run)
    names = _names(facilities, districts, labels)
    moves = find_moves(facilities, run.geography.crs_metric)
    moved = {closed for closed, _ in moves.values()}
    bodies = cache(lambda code, type_id: bodies_of_facility(run, code, type_id))
    rows = []
    for number, facility in enumerate(facilities.to_dict("records")):
        if number in moved:
            continue
        responsible, lead = bodies(facility["district_code"], facility["type"])
        former, metres = moves.get(number, (number, 0.0))
        row = ActionRow(
            unit=districts[facility["district_code"]],
            district_code=facility["district_code"],
            action="move" if number in moves else facility["action"],
            what=labels[facility["type"]],
            year=_year(facility),
            responsible=responsible,
            lead=lead,
            note=_moved_note(names[former], metres) if number in moves else NOTHING,
            work=_work(run, facility, names[number]),
        )
        rows.append(row)
    return rows


def _without_rebuilt(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The facilities without what stood where something else is built: its upgrade tells of it."""
    upgraded = facilities.loc[facilities["action"] == "upgrade", "site"]
    is_former = facilities["site"].isin(upgraded) & facilities["is_existing"]
    return facilities[~is_former].reset_index(drop=True)


def _names(facilities: gpd.GeoDataFrame, districts: dict[str, Label], labels: dict[str, Label]) -> list[Label]:
    """The name of each facility's place; where it has none, its district, type and number among those of both."""
    number = facilities.groupby(["district_code", "type"]).cumcount() + 1
    names = []
    for row, name in enumerate(facilities["name"]):
        if _is_named(name):
            names.append(Label(en=name, zh=name))
            continue
        district, kind = districts[facilities["district_code"][row]], labels[facilities["type"][row]]
        names.append(
            Label(
                en=f"{district.en}, {kind.en.lower()} {number[row]:03d}",
                zh=f"{district.zh} {kind.zh} {number[row]:03d}",
            )
        )
    return names


def _is_named(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip())


def _moved_note(former: Label, metres: float) -> Label:
    return Label(
        en=f"takes the place of {former.en}, {metres:,.0f} m away", zh=f"由{former.zh}迁入，相距 {metres:,.0f} 米"
    )


def _year(facility: dict[Hashable, Any]) -> int | None:
    """The year in which it opens, or by which it closes; None for what stays."""
    year = facility["closed" if facility["action"] == "close" else "opened"]
    return None if pd.isna(year) else int(year)


def _work(run: RunRecord, facility: dict[Hashable, Any], name: Label) -> Work:
    is_paid = facility["action"] in PAID
    investment_cny = float(facility["investment_cny"]) if is_paid else 0.0
    whole_cny = float(run.instance.options.capex_cny[facility["option"]]) if is_paid else 0.0
    return Work(
        id=str(facility["id"]),
        name=name,
        is_named=_is_named(facility["name"]),
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
