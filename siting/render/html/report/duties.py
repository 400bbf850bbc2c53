"""The action list (责任清单) in the report: each unit in one line, then the stations and centres one by one."""

from __future__ import annotations

from siting.language import Label
from siting.language.quantities import Scale, quantity, scale_of
from siting.render.html.report.parts import Cell, Column, Section, Sentence, Table, cells, same
from siting.results.actions import ACTION_LABELS, ActionRow, UnitTotal, Work, action_rows, unit_totals
from siting.results.record import RunRecord
from siting.vocabulary import Echelon

TITLE = Label(en="Action list", zh="责任清单")
TO_DO = ("build", "upgrade", "move", "close", "keep")
POINT = Echelon.POINT.key


def duty_section(run: RunRecord) -> Section:
    """What each unit has to do; recycling points are counted here and listed in actions.csv."""
    rows = action_rows(run)
    totals = [one for one in unit_totals(rows) if one.targets or sum(one.facilities.values())]
    works = [(row, row.work) for row in rows if row.work is not None and row.work.echelon != POINT]
    lead = Label(
        en="What each responsibility unit has to do by when. actions.csv and plan.xlsx have every row, recycling points"
        " too, with coordinates.",
        zh="各责任单元的任务。逐项清单（含回收点及坐标）见 actions.csv 与 plan.xlsx。",
    )
    facilities = (_works(works),) if works else ()
    return Section("actions", TITLE, (Sentence(lead), _totals(totals), *facilities))


def _totals(totals: list[UnitTotal]) -> Table:
    scale = scale_of([one.investment_cny + one.land_cny for one in totals], "CNY")
    used = [action for action in TO_DO if any(one.facilities[action] for one in totals)]
    columns = (
        Column(Label(en="unit", zh="责任单元")),
        Column(Label(en="targets", zh="目标"), is_number=True),
        Column(Label(en="missed", zh="未达成"), is_number=True),
        *(Column(ACTION_LABELS[action], is_number=True) for action in used),
        Column(Label(en="paid once, land included", zh="一次性投资（含土地）"), scale.unit, is_number=True),
    )
    rows = tuple(_total(one, used, scale) for one in totals)
    return Table(Label(en="By responsibility unit", zh="按责任单元汇总"), columns, rows)


def _total(one: UnitTotal, used: list[str], scale: Scale) -> tuple[Cell, ...]:
    missed = Cell(quantity(one.missed, "facilities"), "missed" if one.missed else "")
    counts = [quantity(one.facilities[action], "facilities") for action in used]
    once = scale.number(one.investment_cny + one.land_cny)
    return cells([one.unit, quantity(one.targets, "facilities"), missed, *counts, once])


def _works(works: list[tuple[ActionRow, Work]]) -> Table:
    scale = scale_of([work.investment_cny + work.land_cny for _, work in works], "CNY")
    tonnes = scale_of([work.capacity_t for _, work in works], "t/yr")
    rows = [
        cells(
            [
                row.unit, Cell(ACTION_LABELS[row.action], "strong"), row.what, work.name,
                same(f"{work.lon:.4f}, {work.lat:.4f}"), tonnes.number(work.capacity_t),
                same(row.year if row.year is not None else "–"), scale.number(work.investment_cny + work.land_cny),
                row.responsible,
            ]
        )
        for row, work in works
    ]  # fmt: skip
    columns = (
        Column(Label(en="unit", zh="责任单元")),
        Column(Label(en="action", zh="任务")),
        Column(Label(en="type", zh="设施类型")),
        Column(Label(en="place", zh="位置")),
        Column(Label(en="lon, lat (WGS-84)", zh="经度、纬度（WGS-84）")),
        Column(Label(en="capacity", zh="能力"), tonnes.unit, is_number=True),
        Column(Label(en="year", zh="完成年份"), is_number=True),
        Column(Label(en="paid once", zh="一次性投资"), scale.unit, is_number=True),
        Column(Label(en="who answers", zh="责任主体")),
    )
    caption = Label(en="Stations, centres and bases", zh="中转站、分拣中心与加工利用基地")
    return Table(caption, columns, tuple(rows), is_wide=True)
