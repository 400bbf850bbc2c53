"""Sheets of duties: the action list of each responsibility unit, its totals, and the scorecard."""

from __future__ import annotations

from siting.language import Label
from siting.language.units import UNITS
from siting.render.xlsx.page import MONEY, NOTHING, SITES, TONNES_A_YEAR, Page, Row, Shown, Total, head, in_10k
from siting.results.actions import ACTION_LABELS, SITE_ACTIONS, ActionRow, Aim, Work, unit_totals

COUNTED = {"facilities": SITES, "vehicles": Label(en="vehicles", zh="辆")}
SHARE = Label(en="share", zh="比例")
STRENGTHS = {True: Label(en="must hold", zh="约束性"), False: Label(en="sought", zh="预期性")}
WHOSE = Label(
    en="Where the targets name no body, the government of the district is entered: an assumption of this program.",
    zh="目标中未指明责任主体的，按所在区人民政府填列，属本程序的假定，使用前请核定。",
)
MOVES = Label(
    en="A move is read from the plan: a facility closes and another of its kind opens near by in the same year.",
    zh="“迁建”由方案推得：同一年份内同类设施一关一建且相距较近。",
)


def unit_of(measured_in: str) -> Label:
    """The unit of a target's figures, for readers."""
    if measured_in.startswith("share"):
        return SHARE
    if measured_in in COUNTED:
        return COUNTED[measured_in]
    known = UNITS[measured_in]
    return Label(en=known.en[0].name.strip(), zh=known.zh[0].name.strip())


def form_of(measured_in: str) -> str:
    """How a target's figures are written."""
    if measured_in.startswith("share"):
        return "share"
    return {"t/yr": "tenth", "t CO2e/yr": "tenth", "Gini coefficient": "thousandth"}.get(measured_in, "whole")


def total_page(rows: tuple[ActionRow, ...]) -> Page:
    """One row for each responsibility unit, and one for all."""
    totals = unit_totals(rows)
    lines: list[Row] = [
        (
            total.unit, total.targets, total.targets - total.missed,
            Shown(total.missed, "whole", is_missed=total.missed > 0),
            *(total.facilities[action] for action in SITE_ACTIONS),
            *(in_10k(cny) for cny in (total.investment_cny, total.land_cny, total.investment_cny + total.land_cny)),
        )
        for total in totals
    ]  # fmt: skip
    investment_cny, land_cny = (
        sum(getattr(total, name) for total in totals) for name in ("investment_cny", "land_cny")
    )
    counts = [sum(total.targets for total in totals), sum(total.missed for total in totals)]
    everything = (
        Label(en="all", zh="合计"), counts[0], counts[0] - counts[1], counts[1],
        *(sum(total.facilities[action] for total in totals) for action in SITE_ACTIONS),
        *(in_10k(cny) for cny in (investment_cny, land_cny, investment_cny + land_cny)),
    )  # fmt: skip
    return Page(
        name=Label(en="Duties", zh="责任汇总"),
        title=Label(en="Duties of each responsibility unit: totals", zh="责任清单汇总（按责任单位）"),
        columns=(
            head("责任单位", "responsibility unit"),
            head("目标数", "targets", "whole"),
            head("达成", "hold", "whole"),
            head("未达成", "missed", "whole"),
            *(head(ACTION_LABELS[one].zh, ACTION_LABELS[one].en, "whole", SITES) for one in SITE_ACTIONS),
            head("建设投资", "investment", "money", MONEY),
            head("用地", "land", "money", MONEY),
            head("投资合计", "both", "money", MONEY),
        ),
        rows=(*lines, Total(everything)),
        frozen=1,
    )


def action_page(rows: tuple[ActionRow, ...]) -> Page:
    """The action list itself, a row for each target and each facility."""
    return Page(
        name=Label(en="Action list", zh="责任清单"),
        title=Label(en="Action list of each responsibility unit", zh="再生资源回收网络建设责任清单"),
        columns=_ACTION_COLUMNS,
        rows=tuple(_action(number, row) for number, row in enumerate(rows, start=1)),
        notes=(WHOSE, MOVES, Label(en="Coordinates: WGS-84.", zh="坐标系：WGS-84。")),
        frozen=4,
    )


_ACTION_COLUMNS = (
    head("序号", "no.", "whole"),
    head("责任单位", "responsibility unit"),
    head("事项", "action"),
    head("内容（指标或设施类型）", "what"),
    head("名称（依托场所）", "name of the place"),
    head("经度", "longitude", "degrees", Label(en="°", zh="°")),
    head("纬度", "latitude", "degrees", Label(en="°", zh="°")),
    head("规模", "size"),
    head("能力", "capacity", "tenth", TONNES_A_YEAR),
    head("目标要求", "required", "any"),
    head("方案达到", "reached", "any"),
    head("缺口", "missing", "any"),
    head("计量单位", "measured in"),
    head("完成年份", "due by", "year"),
    head("建设投资", "investment", "money", MONEY),
    head("用地费", "land", "money", MONEY),
    head("责任主体", "responsible"),
    head("牵头单位", "led by"),
    head("依据", "source"),
    head("备注", "note"),
)


def _action(number: int, row: ActionRow) -> Row:
    where, size, money = _of_work(row.work)
    return (
        number, row.unit, ACTION_LABELS[row.action], row.what, *where, *size, *_of_aim(row.aim), row.year, *money,
        row.responsible, row.lead, row.aim.source if row.aim else None, _note(row),
    )  # fmt: skip


def _note(row: ActionRow) -> Label:
    """The note of a row; of a target also the case of demand it was judged in."""
    if row.aim is None or not row.aim.case:
        return row.note
    return Label(en=f"case: {row.aim.case}", zh=f"情景：{row.aim.case}")


def _of_work(work: Work | None) -> tuple[tuple[Shown | Label | float | None, ...], ...]:
    """Name and place, size and capacity, and money of a facility."""
    if work is None:
        return (None,) * 3, (None,) * 2, (None,) * 2
    place = (work.name, round(work.lon, 6), round(work.lat, 6))
    size = (Shown(work.size), round(work.capacity_t, 1))
    return place, size, (in_10k(work.investment_cny), in_10k(work.land_cny))


def _of_aim(aim: Aim | None) -> tuple[Shown | Label | None, ...]:
    """What is required, reached and missing, and the unit of the three."""
    if aim is None:
        return (None,) * 4
    form = form_of(aim.measured_in)
    return (
        Shown(aim.asked, form, sign="≥" if aim.is_at_least else "≤"),
        Shown(aim.reached, form),
        Shown(aim.missing, form, is_missed=not aim.holds),
        unit_of(aim.measured_in),
    )


def scorecard_page(rows: tuple[ActionRow, ...]) -> Page:
    """One row for each target: asked, reached, margin, its source, who answers for it."""
    aims = [(row, row.aim) for row in rows if row.aim is not None]
    has_cases = any(aim.case for _, aim in aims)
    return Page(
        name=Label(en="Scorecard", zh="目标评价"),
        title=Label(en="Scorecard: each target, asked and reached", zh="目标完成情况评价"),
        columns=(
            head("编号", "id"),
            head("责任单位", "responsibility unit"),
            head("指标", "target"),
            head("年份", "year", "year"),
            *((head("情景", "case"),) if has_cases else ()),
            head("目标要求", "asked", "any"),
            head("方案达到", "reached", "any"),
            head("余量", "margin", "any"),
            head("计量单位", "measured in"),
            head("是否达成", "holds"),
            head("性质", "strength"),
            head("责任主体", "responsible"),
            head("依据", "source"),
        ),
        rows=tuple(_score(row, aim, has_cases) for row, aim in aims),
        notes=(
            Label(
                en="A negative margin is what lacks to the target. Shares are of residents if nothing else is said.",
                zh="余量为负即距目标的缺口。比例未另注明的，均指占居民的比例。",
            ),
        ),
        frozen=3,
    )


def _score(row: ActionRow, aim: Aim, has_cases: bool) -> Row:
    form = form_of(aim.measured_in)
    return (
        aim.id, row.unit, row.what, row.year, *((aim.case,) if has_cases else ()),
        Shown(aim.asked, form, sign="≥" if aim.is_at_least else "≤"), Shown(aim.reached, form),
        Shown(aim.margin, form, is_missed=not aim.holds), unit_of(aim.measured_in),
        Shown(aim.holds, is_missed=not aim.holds), STRENGTHS[aim.is_hard], row.responsible, aim.source or NOTHING,
    )  # fmt: skip
