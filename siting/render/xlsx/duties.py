"""Sheets of duties: the action list of each responsibility unit, its totals, and the scorecard."""

from __future__ import annotations

from siting.language import text
from siting.render.table import Cell, Column, Row, Table, Total, Value, missed_if
from siting.render.xlsx.units import SITES, form_of, heads, unit_of
from siting.results.actions import SITE_ACTIONS, ActionRow, UnitTotal, action_label
from siting.results.targets import TargetRow

STRENGTHS = {True: text("workbook.strength.hard"), False: text("workbook.strength.soft")}


def total_page(totals: tuple[UnitTotal, ...]) -> Table:
    """Return one row for each responsibility unit, and one for all."""
    lines: list[Row] = [
        (
            total.unit, total.targets, total.targets - total.missed,
            missed_if(total.missed > 0, total.missed),
            *(total.facilities[action] for action in SITE_ACTIONS),
            total.investment_cny, total.land_cny, total.investment_cny + total.land_cny,
        )
        for total in totals
    ]  # fmt: skip
    n_targets, n_missed, investment_cny, land_cny = (
        sum(getattr(total, name) for total in totals) for name in ("targets", "missed", "investment_cny", "land_cny")
    )
    everything = (
        text("workbook.all"), n_targets, n_targets - n_missed, n_missed,
        *(sum(total.facilities[action] for total in totals) for action in SITE_ACTIONS),
        investment_cny, land_cny, investment_cny + land_cny,
    )  # fmt: skip
    return Table(
        name=text("workbook.sheet.duties"),
        title=text("workbook.title.duties"),
        columns=(
            *heads("responsibility_unit targets hold missed"),
            *(Column(action_label(one), "whole", SITES) for one in SITE_ACTIONS),
            *heads("investment land investment_and_land"),
        ),
        rows=(*lines, Total(everything)),
        frozen=1,
    )


def action_page(rows: tuple[ActionRow, ...]) -> Table:
    """Return the action list itself, a row for each target and each facility."""
    return Table(
        name=text("workbook.sheet.actions"),
        title=text("workbook.title.actions"),
        columns=heads(
            "no responsibility_unit duty content name_of_the_place longitude latitude size capacity required reached "
            "missing unit_of_measure due_by investment land_cost responsible led_by basis remark"
        ),
        rows=tuple(_action(number, row) for number, row in enumerate(rows, start=1)),
        notes=tuple(text(f"workbook.note.{one}") for one in ("bodies", "moves", "coordinates")),
        frozen=4,
    )


def _action(number: int, row: ActionRow) -> Row:
    """Return name, place, size, capacity and money of a facility, or required and reached values of a target."""
    work, aim, note = row.work, row.aim, row.note
    place: tuple[Value | Cell, ...] = (None,) * 5
    asked: tuple[Value | Cell, ...] = (None,) * 4
    if work is not None:
        place = (work.name, round(work.lon, 6), round(work.lat, 6), work.size, round(work.capacity_t, 1))
    if aim is not None:
        asked = (*_asked_and_reached(aim), missed_if(not aim.holds, aim.missing, form_of(aim.measured_in)),
                 unit_of(aim.measured_in))  # fmt: skip
        note = text("workbook.note.case", case=aim.case) if aim.case else note
    return (
        number, row.unit, action_label(row.action), row.what, *place, *asked, row.year,
        *((work.investment_cny, work.land_cny) if work else (None, None)),
        row.responsible, row.lead, aim.source if aim else None, note,
    )  # fmt: skip


def _asked_and_reached(aim: TargetRow) -> tuple[Cell, Cell]:
    form = form_of(aim.measured_in)
    return Cell(aim.asked, form, sign="≥" if aim.is_at_least else "≤"), Cell(aim.reached, form)


def scorecard_page(rows: tuple[ActionRow, ...]) -> Table:
    """Return one row for each target: required, planned margin, reached, margin, source, responsible body."""
    aims = [(row, row.aim) for row in rows if row.aim is not None]
    has_cases = any(aim.case for _, aim in aims)
    return Table(
        name=text("workbook.sheet.scorecard"),
        title=text("workbook.title.scorecard"),
        columns=(
            *heads("id responsibility_unit indicator year"),
            *(heads("case") if has_cases else ()),
            *heads("asked planned_margin reached margin unit_of_measure holds strength responsible basis"),
        ),
        rows=tuple(_score(row, aim, has_cases) for row, aim in aims),
        notes=(text("workbook.note.margins"),),
        frozen=3,
    )


def _score(row: ActionRow, aim: TargetRow, has_cases: bool) -> Row:
    asked, reached = _asked_and_reached(aim)
    planned = Cell(aim.planned_margin, form_of(aim.measured_in))
    return (
        aim.id, row.unit, row.what, row.year, *((aim.case,) if has_cases else ()), asked, planned, reached,
        missed_if(not aim.holds, aim.margin, form_of(aim.measured_in)), unit_of(aim.measured_in),
        missed_if(not aim.holds, aim.holds), STRENGTHS[aim.is_hard], row.responsible, aim.source,
    )  # fmt: skip
