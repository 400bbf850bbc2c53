"""Action list (责任清单) of each responsibility unit: its targets, and the action for each facility."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from siting.language import Label, listed, text
from siting.plan import paid_once_cny
from siting.results.facilities import OUT_OF_USE, is_named, without_rebuilt
from siting.results.moves import find_moves
from siting.results.record import RunRecord
from siting.results.targets import TargetRow
from siting.results.units import CITY, NOTHING, bodies_of_facility, unit_label
from siting.vocabulary import ECHELONS

if TYPE_CHECKING:
    from siting.results.results import Results

SITE_ACTIONS = ("build", "upgrade", "move", "close", "keep")
PAID = ("build", "upgrade")
COLUMNS = (
    "unit", "unit_zh", "district_code", "action", "action_zh", "what", "what_zh", "id", "name", "name_zh", "echelon",
    "kind", "lon", "lat", "type", "size", "capacity_t", "area_m2", "year", "investment_cny", "land_cny",
    "sense", "asked", "reached", "missing", "measured_in", "holds", "strength", "case",
    "responsible", "responsible_zh", "lead", "lead_zh", "source", "note", "note_zh",
)  # fmt: skip


def action_label(action: str) -> Label:
    """Return the name of `reach` or one of `SITE_ACTIONS`."""
    return text(f"actions.action.{action}")


@dataclass(frozen=True)
class Work:
    """One facility of a unit, WGS-84 degrees. What is closed has the type, size and capacity that it has today.

    `investment_cny` (without land, as in facilities.csv) and `land_cny` are paid once; 0 for what is kept or closed.
    `is_named`: whether the place has a name of its own; else `name` is the district, the type and a number.
    """

    id: str
    name: Label
    is_named: bool
    echelon: str
    kind: str
    lon: float
    lat: float
    type: str
    size: str
    capacity_t: float
    area_m2: float
    investment_cny: float
    land_cny: float


@dataclass(frozen=True)
class ActionRow:
    """One line of the action list: a target (`aim`, action `reach`) or a facility (`work`, any other action).

    `what` is what the target counts, or the facility type. `year` is that by which it is due; None for what stays.
    `responsible` answers for it and `lead` is the body of the city's target that it counts towards, empty where there
    is none. `district_code` is empty for the city and for units that are no district.
    """

    unit: Label
    district_code: str
    action: str
    what: Label
    year: int | None
    responsible: Label
    lead: Label
    note: Label
    aim: TargetRow | None = None
    work: Work | None = None


@dataclass(frozen=True)
class UnitTotal:
    """A unit's action list in one line: targets and those missed, facilities by action, CNY paid once."""

    unit: Label
    district_code: str
    targets: int
    missed: int
    facilities: dict[str, int]
    investment_cny: float
    land_cny: float


def action_rows(results: Results) -> tuple[ActionRow, ...]:
    """Return the action list of a run: the city, its districts by code, then units that are no district.

    Of each unit first its targets, then its facilities: bases and centres before points, and of each echelon what is to
    be done before what is kept.
    """
    run = results.run
    rank = {code: number for number, code in enumerate(sorted(map(str, run.instance.districts)), start=1)}
    last, city = len(rank) + 1, unit_label(run, CITY)

    def place(row: ActionRow) -> tuple[int, str, int, int]:
        unit = rank.get(row.district_code, last) if row.district_code else 0 if row.unit == city else last
        if row.work is None:
            return unit, row.unit.en if unit == last else "", -len(ECHELONS), 0
        return unit, "", -ECHELONS[row.work.echelon], SITE_ACTIONS.index(row.action)

    of_targets = (
        ActionRow(one.unit_label, one.district_code, "reach", one.label, one.due, one.body, NOTHING, NOTHING, aim=one)
        for one in results.target_rows
    )
    return tuple(sorted([*of_targets, *_of_facilities(results)], key=place))


def _of_facilities(results: Results) -> Iterator[ActionRow]:
    """Yield one row for each facility that is open in some period or exists today, in the order of the sites.

    What is rebuilt at its place is one row; what closes while another opens near by is one row too, of the new.
    """
    run, facilities = results.run, without_rebuilt(results.facilities)
    moves = find_moves(_as_measured(run, facilities), run.geography.crs_metric)
    moved = {closed for closed, _ in moves.values()}
    paid_cny = paid_once_cny(run.instance, run.solution.plan)
    bodies = cache(lambda code, type_id: bodies_of_facility(run, code, type_id))
    for number, facility in enumerate(facilities.to_dict("records")):
        if number in moved:
            continue
        code, name, notes = facility["district_code"], results.facility_labels[facility["id"]], []
        responsible, lead = bodies(code, facility["type"])
        if number in moves:
            closed, metres = moves[number]
            former = results.facility_labels[facilities["id"][closed]]
            notes.append(text("actions.takes_place", former=former, metres=metres))
        if facility["extended_t"] > 0:
            notes.append(text("actions.extended", tonnes=facility["extended_t"]))
        if facility["use"] in OUT_OF_USE:
            notes.append(text(f"results.use.{facility['use']}"))
        yield ActionRow(
            unit=results.district_labels[code],
            district_code=code,
            action="move" if number in moves else facility["action"],
            what=results.type_labels[facility["type"]],
            year=_year(facility),
            responsible=responsible,
            lead=lead,
            note=listed(notes),
            work=_work(facility, name, paid_cny[facility["option"]]),
        )


def _as_measured(run: RunRecord, facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return facilities at their places as these are, also in a run for the public."""
    places = run.measured_geography.sites.geometry.to_numpy()[facilities["site"]]
    return facilities.set_geometry(gpd.GeoSeries(places, index=facilities.index, crs="EPSG:4326"))


def _year(facility: dict[Hashable, Any]) -> int | None:
    """Return the year in which a facility opens, or by which it closes; None for what stays."""
    year = facility["closed" if facility["action"] == "close" else "opened"]
    return None if pd.isna(year) else int(year)


def _work(facility: dict[Hashable, Any], name: Label, paid_cny: float) -> Work:
    is_paid = facility["action"] in PAID or facility["extended_t"] > 0
    investment_cny = float(facility["investment_cny"]) if is_paid else 0.0
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
        land_cny=(float(paid_cny) if is_paid else 0.0) - investment_cny,
    )


def unit_totals(rows: Iterable[ActionRow]) -> tuple[UnitTotal, ...]:
    """Return the totals of each unit, in the order of the rows."""
    by_unit: dict[tuple[str, str], list[ActionRow]] = {}
    for row in rows:
        by_unit.setdefault((row.district_code, row.unit.en), []).append(row)
    return tuple(_total(part) for part in by_unit.values())


def _total(rows: list[ActionRow]) -> UnitTotal:
    works = [row.work for row in rows if row.work is not None]
    aims = [row.aim for row in rows if row.aim is not None]
    return UnitTotal(
        unit=rows[0].unit,
        district_code=rows[0].district_code,
        targets=len(aims),
        missed=sum(not aim.holds for aim in aims),
        facilities={action: sum(row.action == action for row in rows) for action in SITE_ACTIONS},
        investment_cny=sum(work.investment_cny for work in works),
        land_cny=sum(work.land_cny for work in works),
    )


def action_table(rows: Iterable[ActionRow]) -> pd.DataFrame:
    """Return one row for each action; columns as in docs/reference/run-folder.md, missing where they do not apply."""
    table = pd.DataFrame([_columns(row) for row in rows], columns=list(COLUMNS))
    return table.astype({"year": "Int64", "holds": object})


def _columns(row: ActionRow) -> dict[str, Any]:
    labels = {"unit": row.unit, "action": action_label(row.action), "what": row.what, "responsible": row.responsible}
    texts = {"lead": row.lead, "note": row.note} | labels
    both = {name: label.en for name, label in texts.items()} | {f"{name}_zh": one.zh for name, one in texts.items()}
    own = {"action": row.action, "district_code": row.district_code or None, "year": row.year}
    return both | own | _columns_of_work(row.work) | _columns_of_aim(row.aim)


def _columns_of_work(work: Work | None) -> dict[str, Any]:
    if work is None:
        return {}
    names = {"name": work.name.en, "name_zh": work.name.zh}
    same = {key: getattr(work, key) for key in ("id", "echelon", "kind", "type", "size")}
    digits = {"lon": 6, "lat": 6, "capacity_t": 1, "area_m2": 1, "investment_cny": None, "land_cny": None}
    return names | same | {key: round(getattr(work, key), places) for key, places in digits.items()}


def _columns_of_aim(aim: TargetRow | None) -> dict[str, Any]:
    if aim is None:
        return {}
    return {
        "id": aim.id, "sense": "at_least" if aim.is_at_least else "at_most", "asked": aim.asked,
        "reached": round(aim.reached, 4), "missing": round(aim.missing, 4), "measured_in": aim.measured_in,
        "holds": aim.holds, "strength": "hard" if aim.is_hard else "soft", "case": aim.case or None,
        "source": aim.source,
    }  # fmt: skip
