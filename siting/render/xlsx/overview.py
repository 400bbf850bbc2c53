"""The first sheet: what the plan is, how good it is known to be, and what its figures rest on."""

from __future__ import annotations

from collections.abc import Sequence

from siting.language import Label
from siting.language.units import UNITS
from siting.render.xlsx.notes import opening_notes
from siting.render.xlsx.page import (
    MONEY_A_YEAR,
    SITES,
    TONNES_A_YEAR,
    Page,
    Row,
    Section,
    Shown,
    Total,
    head,
    in_10k,
)
from siting.results.facilitynames import inside, type_labels
from siting.results.keyfigures import KeyFigure, key_figures
from siting.results.labels import key_figure_label
from siting.results.record import RunRecord
from siting.results.summary import plan_summary
from siting.results.wording import ECHELON_LABELS
from siting.vocabulary import Echelon

BOUND_NOTES = {
    False: Label(en="no plan under these assumptions costs less", zh="同样假设下任何方案的年成本都不低于此"),
    True: Label(
        en="no plan that keeps to the goals before it costs less",
        zh="在满足先行目标的前提下，任何方案的年成本都不低于此",
    ),
}
"""What the bound of the cost means, by whether goals were optimised in turn."""


def overview_page(run: RunRecord, others: Sequence[Page]) -> Page:
    """The plan in figures, its faults if it has any, and what the other sheets hold."""
    rows = [
        *_fault_rows(run),
        *_plan_rows(run),
        *_facility_rows(run),
        *_tonne_rows(run),
        *_figure_rows(run),
        *_sheet_rows(run, others),
    ]
    title = run.config.title
    return Page(
        name=Label(en="Overview", zh="概况"),
        title=Label(en=f"{title.en}: the plan", zh=f"{title.zh}：规划方案"),
        columns=(
            head("项目", "item"),
            head("数值", "value", "any"),
            head("单位", "unit"),
            head("说明", "note"),
        ),
        rows=tuple(rows),
        notes=opening_notes(run),
        is_list=False,
        widths={0: 46, 1: 22, 2: 26, 3: 90},
    )


def _fault_rows(run: RunRecord) -> list[Row]:
    faults = run.verification.faults
    if not faults:
        return []
    heading = Section(Label(en=f"This plan breaks {len(faults)} rules", zh=f"方案有 {len(faults)} 处校验未通过"))
    return [heading, *((Shown(fault, is_missed=True), None, None, None) for fault in faults)]


def _plan_rows(run: RunRecord) -> list[Row]:
    solution, outcomes = run.solution, run.verification.targets
    held, missed = (sum(o.holds == wanted for o in outcomes) for wanted in (True, False))
    return [
        Section(Label(en="The plan", zh="方案")),
        (Label(en="city", zh="城市"), _city(run), None, None),
        (Label(en="year", zh="规划年份"), Shown(run.instance.year, "year"), None, None),
        (Label(en="residents of the planned area", zh="规划范围居民"), Shown(round(run.instance.residents), "whole"),
         Label(en="persons", zh="人"), None),
        (Label(en="net cost a year", zh="年净成本"), Shown(in_10k(solution.cost_cny), "money"), MONEY_A_YEAR, None),
        (Label(en="proven bound", zh="已证下界"), Shown(_bound(run), "money"), MONEY_A_YEAR,
         BOUND_NOTES[bool(run.goals)]),
        (Label(en="gap", zh="最优差距"), Shown(round(solution.gap, 6), "fine share"), None,
         Label(en="of what is optimised, as a share of it", zh="优化目标值与其下界之差占该值的比例")),
        (Label(en="targets", zh="目标"), Shown(len(outcomes), "whole"), Label(en="targets", zh="项"), None),
        (Label(en="of them hold", zh="其中：达成"), Shown(held, "whole"), Label(en="targets", zh="项"), None),
        (Label(en="of them missed", zh="其中：未达成"), Shown(missed, "whole", is_missed=missed > 0),
         Label(en="targets", zh="项"), None),
    ]  # fmt: skip


def _city(run: RunRecord) -> Label:
    return Label(en=run.geography.city_name_en, zh=run.geography.city_name_zh)


def _bound(run: RunRecord) -> float | None:
    bound = run.solution.bound_cny
    return in_10k(bound) if abs(bound) < float("inf") else None


def _facility_rows(run: RunRecord) -> list[Row]:
    """Open facilities by echelon, and of each type and size."""
    rows: list[Row] = [Section(Label(en="Open facilities", zh="设施数量"))]
    types = type_labels(run.config)
    for echelon, counts in plan_summary(run)["facilities"].items():
        rows.append((ECHELON_LABELS[Echelon[echelon.upper()]], Shown(counts["open"], "whole"), SITES, None))
        for name, number in counts["by_type_and_size"].items():
            type_id, _, size = name.rpartition("/")
            label = types[type_id]
            own = Label(en=f"  of them {inside(label.en)}, {size}", zh=f"  其中：{label.zh}（{size}）")
            rows.append((own, Shown(number, "whole"), SITES, None))
    return rows


def _tonne_rows(run: RunRecord) -> list[Row]:
    """Tonnes a year by material, offered, collected and sorted."""
    rows: list[Row] = [Section(Label(en="Tonnes", zh="物料量"))]
    words = {"offered": ("offered", "产生量"), "collected": ("collected", "回收量"), "processed": ("sorted", "分拣量")}
    for what, tonnes in plan_summary(run)["tonnes"].items():
        en, zh = words[what]
        rows.append((Label(en=en, zh=zh), Shown(tonnes["total"], "tenth"), TONNES_A_YEAR, None))
        if len(tonnes) > 2:
            for material, value in tonnes.items():
                if material != "total":
                    label = run.config.materials[material].label
                    own = Label(en=f"  {en}: {inside(label.en)}", zh=f"  {zh}：{label.zh}")
                    rows.append((own, Shown(value, "tenth"), TONNES_A_YEAR, None))
    return rows


def _figure_rows(run: RunRecord) -> list[Row]:
    heading = Section(Label(en="Key figures beside published ranges", zh="关键指标与公开数据区间对照"))
    return [heading, *(_figure(run, figure) for figure in key_figures(run) if figure.value == figure.value)]


def _figure(run: RunRecord, figure: KeyFigure) -> Row:
    is_share = figure.unit.startswith("share")
    form = "share" if is_share else "whole" if figure.unit == "facilities" else "hundredth"
    known, published = UNITS.get(figure.unit), figure.published
    unit = Label(en=known.en[0].name.strip(), zh=known.zh[0].name.strip()) if known and not is_share else None
    note = None
    if published is not None:
        low, high = (f"{100 * v:,.4g} %" if is_share else f"{v:,.6g}" for v in (published.low, published.high))
        out_en, out_zh = ("", "") if figure.is_plausible else ("OUTSIDE the range ", "超出区间 ")
        tail = f"{low} – {high}"
        note = Label(
            en=f"{out_en or 'range '}{tail} ({published.source})", zh=f"{out_zh or '区间 '}{tail}（{published.source}）"
        )
    outside = figure.is_plausible is False
    return key_figure_label(figure, run.config), Shown(figure.value, form, is_missed=outside), unit, note


def _sheet_rows(run: RunRecord, others: Sequence[Page]) -> list[Row]:
    """What the other sheets hold, and what is not in the workbook."""
    rows: list[Row] = [Section(Label(en="Sheets", zh="各工作表"))]
    for page in others:
        n_rows = sum(not isinstance(row, Section | Total) for row in page.rows)
        rows.append((page.name, Shown(n_rows, "whole"), Label(en="rows", zh="行"), page.title))
    if run.publication is not None:
        return rows
    n_walks = int((run.solution.plan.assign > 0).sum())
    rows.append(
        (
            Label(en="not in this workbook", zh="未列入本工作簿"), Shown(n_walks, "whole"), Label(en="rows", zh="行"),
            Label(
                en="who walks to which point: assignments.csv; geometry: plan.gpkg, both in the run folder",
                zh="居民网格与回收点的对应关系见运行目录中的 assignments.csv；空间数据见 plan.gpkg",
            ),
        )
    )  # fmt: skip
    return rows
