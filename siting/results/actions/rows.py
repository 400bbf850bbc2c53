"""What a responsibility unit has to do: one row for each target that it answers for and each facility in it."""

from __future__ import annotations

from dataclasses import dataclass

from siting.language import Label

NOTHING = Label(en="", zh="")

ACTION_LABELS = {
    "reach": Label(en="reach", zh="完成指标"),
    "build": Label(en="build", zh="新建"),
    "upgrade": Label(en="upgrade", zh="改造提升"),
    "move": Label(en="move", zh="迁建"),
    "close": Label(en="close", zh="关停"),
    "keep": Label(en="keep", zh="保留"),
}
SITE_ACTIONS = tuple(ACTION_LABELS)[1:]


@dataclass(frozen=True)
class Aim:
    """One target of a unit; `asked`, `reached`, `margin` and `missing` in `measured_in`, a share in [0, 1].

    `margin` is negative where the target is missed, `missing` 0 where it holds. `case` is the case of demand it was
    judged in; empty where there is one only.
    """

    id: str
    is_at_least: bool
    asked: float
    reached: float
    margin: float
    missing: float
    measured_in: str
    holds: bool
    is_hard: bool
    source: str
    case: str


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
    aim: Aim | None = None
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


def unit_totals(rows: tuple[ActionRow, ...]) -> tuple[UnitTotal, ...]:
    """The totals of each unit, in the order of the rows."""
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
