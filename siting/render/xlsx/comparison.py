"""A comparison as a workbook: what can be concluded, figures, targets, sites, and how the configs differ."""

from __future__ import annotations

from collections.abc import Iterator

from siting.language import Label
from siting.language.quantities import scale_of
from siting.render.xlsx.page import (
    CNY_10K,
    MONEY,
    MONEY_A_YEAR,
    Column,
    Language,
    Page,
    Row,
    Section,
    Shown,
    Value,
    head,
)
from siting.render.xlsx.write import workbook_bytes
from siting.results.comparison.comparison import Comparison, Figure, Pair, TargetRow
from siting.results.comparison.labels import GROUPS
from siting.results.comparison.reading import JUDGED_LABELS, Judged, asked_text, better_of, judge_difference
from siting.results.comparison.sites import OpenSite
from siting.results.comparison.verdict import verdict_sentence
from siting.results.wording import ECHELON_LABELS

FORMS = {
    "CNY/yr": "money",
    "CNY": "money",
    "facilities": "whole",
    "residents": "whole",
    "m": "whole",
    "t-km/yr": "whole",
}
UNITS = {"CNY/yr": MONEY_A_YEAR, "CNY": MONEY}
STATES = {
    "both": Label(en="in both", zh="两者均有"),
    "changed": Label(en="in both, type or size changed", zh="两者均有，类型或规模改变"),
    "moved": Label(en="moved", zh="迁移"),
}


def comparison_workbook(comparison: Comparison, language: Language) -> bytes:
    """The workbook as the bytes of an .xlsx; heads are in both languages, other texts in `language`."""
    pages = [_figure_page(comparison), _target_page(comparison)]
    pages += [_site_page(comparison, pair) for pair in comparison.pairs if pair.first == 0 and pair.sites is not None]
    pages.append(_setting_page(comparison))
    return workbook_bytes([page for page in pages if page.rows], language)


def _title(comparison: Comparison) -> Label:
    names = " · ".join(face.name for face in comparison.runs)
    return Label(en=f"Comparison: {names}", zh=f"方案比较：{names}")


def conclusions(comparison: Comparison) -> tuple[Label, ...]:
    """What stands in the way of comparing each run with the first, and what the bounds prove."""
    told: list[Label] = []
    for pair in comparison.pairs:
        if pair.first == 0:
            told += [] if pair.verdict is None else [_verdict(comparison, pair)]
            told += [obstacle.reason for obstacle in pair.obstacles]
    return tuple(told)


def _verdict(comparison: Comparison, pair: Pair) -> Label:
    if pair.verdict is None:
        raise ValueError("a pair that is not compared has no verdict")
    return verdict_sentence(pair.verdict, comparison.runs[pair.first], comparison.runs[pair.second])


def _run_columns(comparison: Comparison) -> Iterator[Column]:
    """A column for each run, and for each but the first its difference and what that is worth."""
    for number, face in enumerate(comparison.runs):
        yield head(face.name, face.name, "any")
        if number:
            yield head(f"{face.name} 差值", f"{face.name}: difference", "any")
            yield head("判断", "judged")


def _figure_page(comparison: Comparison) -> Page:
    rows: list[Row] = []
    for group, label in GROUPS.items():
        figures = [figure for figure in comparison.figures if figure.group == group]
        if figures:
            rows += [Section(label), *(_figure_row(comparison, figure) for figure in figures)]
    return Page(
        name=Label(en="Figures", zh="指标"),
        title=_title(comparison),
        columns=(head("指标", "figure"), head("单位", "unit"), *_run_columns(comparison)),
        rows=tuple(rows),
        notes=conclusions(comparison),
        is_list=False,
        frozen=2,
    )


def _figure_row(comparison: Comparison, figure: Figure) -> Row:
    differences = [comparison.difference(figure, 0, number) for number in range(len(figure.values))]
    judged = [judge_difference(more, figure.better, scale=abs(figure.values[0])) for more in differences]
    unit = UNITS.get(figure.unit) or scale_of([0.0], figure.unit).unit
    return (figure.label, unit, *_run_cells(figure.unit, figure.values, (differences, judged)))


def _run_cells(
    unit: str, values: tuple[float, ...], changes: tuple[list[float], list[Judged]]
) -> Iterator[Value | Shown]:
    for number, (value, more, judged) in enumerate(zip(values, *changes, strict=True)):
        yield _number(value, unit)
        if number:
            yield _number(more, unit)
            yield JUDGED_LABELS[judged]


def _number(value: float, unit: str) -> Shown:
    """A number in the unit of its row: money in 10,000 CNY, shares as per cent."""
    if unit.startswith("share"):
        return Shown(value, "fine share" if unit == "share proven" else "share")
    form = FORMS.get(unit, "hundredth" if unit.startswith("CNY") else "tenth")
    return Shown(value / CNY_10K if unit in UNITS else value, form)


def _target_page(comparison: Comparison) -> Page:
    columns = [head("责任单元", "unit"), head("目标", "target"), head("单位", "measured in")]
    columns += [head(f"{face.name} 要求", f"{face.name}: asked") for face in comparison.runs]
    return Page(
        name=Label(en="Targets", zh="目标"),
        title=Label(en="Targets: asked and reached", zh="目标：要求与完成"),
        columns=(*columns, *_run_columns(comparison)),
        rows=tuple(_target_row(comparison, row) for row in comparison.targets),
        frozen=2,
    )


def _target_row(comparison: Comparison, row: TargetRow) -> Row:
    values = tuple(float("nan") if one is None else one.reached for one in row.reached)
    differences = [comparison.target_difference(row, 0, number) for number in range(len(values))]
    judged = [judge_difference(more, better_of(row), scale=abs(values[0])) for more in differences]
    unit = UNITS.get(row.measured_in) or scale_of([0.0], row.measured_in).unit
    asked = tuple(asked_text(row, number) for number in range(len(values)))
    return (row.unit, row.label, unit, *asked, *_run_cells(row.measured_in, values, (differences, judged)))


def _site_page(comparison: Comparison, pair: Pair) -> Page:
    first, second = comparison.runs[pair.first].name, comparison.runs[pair.second].name
    columns = [head("层级", "echelon"), head("情况", "what"), head("所在区", "district")]
    for name in (first, second):
        columns += [
            head(f"{name} 编号", f"{name}: id"),
            head("名称", "name"),
            head("类型", "type"),
            head("规模", "size"),
        ]
        columns += [head("经度", "lon", "degrees"), head("纬度", "lat", "degrees")]
    return Page(
        name=Label(en=f"Sites {pair.second + 1}", zh=f"场址 {pair.second + 1}"),
        title=Label(en=f"Sites: {first} and {second}", zh=f"场址：{first} 与 {second}"),
        columns=(*columns, head("迁移距离", "moved by", "whole", Label(en="m", zh="米"))),
        rows=tuple(_site_rows(pair, (first, second))),
        frozen=2,
    )


def _site_rows(pair: Pair, names: tuple[str, str]) -> Iterator[Row]:
    """All sites of the two runs, the ones that differ first."""
    if pair.sites is None:
        return
    alone = [Label(en=f"only in {name}", zh=f"仅 {name}") for name in names]
    for one in pair.sites.moved:
        yield _site_row(STATES["moved"], one.first, one.second, one.distance_m)
    for site in pair.sites.only_first:
        yield _site_row(alone[0], site, None)
    for site in pair.sites.only_second:
        yield _site_row(alone[1], None, site)
    for one in sorted(pair.sites.both, key=lambda both: not both.is_changed):
        yield _site_row(STATES["changed" if one.is_changed else "both"], one.first, one.second)


def _site_row(state: Label, first: OpenSite | None, second: OpenSite | None, moved_m: float | None = None) -> Row:
    known = first or second
    if known is None:
        raise ValueError("a row is of a site")
    cells: list[Value] = [ECHELON_LABELS[known.echelon], state, known.district]
    for site in (first, second):
        if site is None:
            cells += [None] * 6
        else:
            cells += [site.id, site.name, site.type_label, site.size, site.lon, site.lat]
    return (*cells, moved_m)


def _setting_page(comparison: Comparison) -> Page:
    return Page(
        name=Label(en="Settings", zh="配置差异"),
        title=Label(en="What the configs do not have alike, targets aside", zh="配置差异（目标除外）"),
        columns=(head("配置项", "key"), *(head(face.name, face.name) for face in comparison.runs)),
        rows=tuple((one.path, *one.values) for one in comparison.settings),
        frozen=1,
    )
