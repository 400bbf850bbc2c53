"""Sheets of duties: the action list of each responsibility unit, its totals, and the scorecard."""

from __future__ import annotations

from siting.language import Label, text
from siting.render.table import Cell, Column, Row, Table, Total, column, missed_if
from siting.render.xlsx.units import DEGREES, MONEY, SITES, TONNES_A_YEAR, form_of, unit_of
from siting.results.actions import SITE_ACTIONS, ActionRow, UnitTotal, Work, action_label
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
    investment_cny, land_cny = (
        sum(getattr(total, name) for total in totals) for name in ("investment_cny", "land_cny")
    )
    counts = [sum(total.targets for total in totals), sum(total.missed for total in totals)]
    everything = (
        text("workbook.all"), counts[0], counts[0] - counts[1], counts[1],
        *(sum(total.facilities[action] for total in totals) for action in SITE_ACTIONS),
        investment_cny, land_cny, investment_cny + land_cny,
    )  # fmt: skip
    return Table(
        name=text("workbook.sheet.duties"),
        title=text("workbook.title.duties"),
        columns=(
            column("workbook.column.responsibility_unit"),
            column("workbook.column.targets", "whole"),
            column("workbook.column.hold", "whole"),
            column("workbook.column.missed", "whole"),
            *(Column(action_label(one), "whole", SITES) for one in SITE_ACTIONS),
            column("workbook.column.investment", "money", MONEY),
            column("workbook.column.land", "money", MONEY),
            column("workbook.column.investment_and_land", "money", MONEY),
        ),
        rows=(*lines, Total(everything)),
        frozen=1,
    )


def action_page(rows: tuple[ActionRow, ...]) -> Table:
    """Return the action list itself, a row for each target and each facility."""
    return Table(
        name=text("workbook.sheet.actions"),
        title=text("workbook.title.actions"),
        columns=_ACTION_COLUMNS,
        rows=tuple(_action(number, row) for number, row in enumerate(rows, start=1)),
        notes=tuple(text(f"workbook.note.{one}") for one in ("bodies", "moves", "coordinates")),
        frozen=4,
    )


_ACTION_COLUMNS = (
    column("workbook.column.no", "whole"),
    column("workbook.column.responsibility_unit"),
    column("workbook.column.duty"),
    column("workbook.column.content"),
    column("workbook.column.name_of_the_place"),
    column("workbook.column.longitude", "degrees", DEGREES),
    column("workbook.column.latitude", "degrees", DEGREES),
    column("workbook.column.size"),
    column("workbook.column.capacity", "tenth", TONNES_A_YEAR),
    column("workbook.column.required", "any"),
    column("workbook.column.reached", "any"),
    column("workbook.column.missing", "any"),
    column("workbook.column.unit_of_measure"),
    column("workbook.column.due_by", "year"),
    column("workbook.column.investment", "money", MONEY),
    column("workbook.column.land_cost", "money", MONEY),
    column("workbook.column.responsible"),
    column("workbook.column.led_by"),
    column("workbook.column.basis"),
    column("workbook.column.remark"),
)


def _action(number: int, row: ActionRow) -> Row:
    where, size, money = _of_work(row.work)
    return (
        number, row.unit, action_label(row.action), row.what, *where, *size, *_of_aim(row.aim), row.year, *money,
        row.responsible, row.lead, row.aim.source if row.aim else None, _note(row),
    )  # fmt: skip


def _note(row: ActionRow) -> Label:
    """Return the note of a row; of a target also the case of demand it was judged in."""
    if row.aim is None or not row.aim.case:
        return row.note
    return text("workbook.note.case", case=row.aim.case)


def _of_work(work: Work | None) -> tuple[tuple[Cell | Label | float | None, ...], ...]:
    """Return name and place, size and capacity, and money of a facility."""
    if work is None:
        return (None,) * 3, (None,) * 2, (None,) * 2
    place = (work.name, round(work.lon, 6), round(work.lat, 6))
    size = (Cell(work.size), round(work.capacity_t, 1))
    return place, size, (work.investment_cny, work.land_cny)


def _of_aim(aim: TargetRow | None) -> tuple[Cell | Label | None, ...]:
    """Return what is required, reached and missing, and the unit of the three."""
    if aim is None:
        return (None,) * 4
    form = form_of(aim.measured_in)
    return (
        Cell(aim.asked, form, sign="≥" if aim.is_at_least else "≤"),
        Cell(aim.reached, form),
        missed_if(not aim.holds, aim.missing, form),
        unit_of(aim.measured_in),
    )


def scorecard_page(rows: tuple[ActionRow, ...]) -> Table:
    """Return one row for each target: asked, reached, margin, its source, who answers for it."""
    aims = [(row, row.aim) for row in rows if row.aim is not None]
    has_cases = any(aim.case for _, aim in aims)
    return Table(
        name=text("workbook.sheet.scorecard"),
        title=text("workbook.title.scorecard"),
        columns=(
            column("workbook.column.id"),
            column("workbook.column.responsibility_unit"),
            column("workbook.column.indicator"),
            column("workbook.column.year", "year"),
            *((column("workbook.column.case"),) if has_cases else ()),
            column("workbook.column.asked", "any"),
            column("workbook.column.reached", "any"),
            column("workbook.column.margin", "any"),
            column("workbook.column.unit_of_measure"),
            column("workbook.column.holds"),
            column("workbook.column.strength"),
            column("workbook.column.responsible"),
            column("workbook.column.basis"),
        ),
        rows=tuple(_score(row, aim, has_cases) for row, aim in aims),
        notes=(text("workbook.note.margins"),),
        frozen=3,
    )


def _score(row: ActionRow, aim: TargetRow, has_cases: bool) -> Row:
    form = form_of(aim.measured_in)
    return (
        aim.id, row.unit, row.what, row.year, *((aim.case,) if has_cases else ()),
        Cell(aim.asked, form, sign="≥" if aim.is_at_least else "≤"), Cell(aim.reached, form),
        missed_if(not aim.holds, aim.margin, form), unit_of(aim.measured_in),
        missed_if(not aim.holds, aim.holds), STRENGTHS[aim.is_hard], row.responsible, aim.source,
    )  # fmt: skip
