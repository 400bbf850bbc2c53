"""The districts beside one another: how near residents are to their point, what is collected, what stands there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from markupsafe import Markup

from siting.instance import Floats, Instance, Ints
from siting.language import Label
from siting.language.quantities import NO_NUMBER, Scale, quantity, scale_of
from siting.render.colours import BLUE, SKY
from siting.render.html.charts import Axis, Bar, Frame, Part, draw_bars
from siting.render.html.report.parts import Cell, Column, Section, Table, cells, draw, told
from siting.results.record import RunRecord
from siting.results.units import district_labels
from siting.verify.districts import coverage_distances_m
from siting.vocabulary import Echelon, Measure

Figures = Mapping[str, Floats]

FIXED = ("investment_cny", "land_cny", "fixed_operation_cny")
TITLE = Label(en="Districts", zh="分区情况")
SHOWN_ECHELONS = (Echelon.POINT, Echelon.TRANSFER, Echelon.SORTING)
WHOLE = Label(en="all", zh="合计")


def district_section(run: RunRecord) -> Section:
    """Coverage by district as a chart, the figures as a table."""
    figures = run.district_figures
    n_open = sum(figures[f"open_{one.key}"] for one in SHOWN_ECHELONS)
    used = np.flatnonzero((figures["residents"] > 0) | (figures["collected_t"] > 0) | (n_open > 0))
    labels = [district_labels(run)[str(run.instance.districts[row])] for row in used]
    within_m = shown_distance_m(run.instance)
    pieces = (
        draw(lambda language: _chart(run, used, language)),
        _table(figures, used, labels, within_m),
    )
    return Section("districts", TITLE, pieces)


def shown_distance_m(instance: Instance) -> float:
    """The distance that districts are compared at: that of most coverage targets, else the nearest of the usual."""
    asked_m = [t.within_m for t in instance.targets if t.measure is Measure.COVERAGE and t.within_m is not None]
    return max(sorted(set(asked_m)), key=asked_m.count) if asked_m else coverage_distances_m(instance)[0]


def _chart(run: RunRecord, used: Ints, language: str) -> Markup:
    within_m = shown_distance_m(run.instance)
    figures = run.district_figures
    peopled = used[figures["residents"][used] > 0]
    near = figures[f"residents_within_{within_m:g}_m"][peopled] / figures["residents"][peopled]
    served = figures["assigned_residents"][peopled] / figures["residents"][peopled]
    labels = district_labels(run)
    names = {
        "en": (f"within {within_m:g} m of their point", "farther, but served"),
        "zh": (f"{within_m:g}米以内有回收点", "较远但有服务"),
    }[language]
    bars = []
    for row in np.argsort(near, kind="stable"):
        label = labels[str(run.instance.districts[peopled[row]])]
        farther = Part(near[row], max(near[row], served[row]), SKY, names[1])
        parts = (Part(0.0, near[row], BLUE, names[0]), farther)
        bars.append(Bar(told(label, language), told(quantity(near[row], "share"), language), parts))
    name = {"en": "share of residents, %", "zh": "居民比例（%）"}[language]
    axis = Axis((0.0, 0.25, 0.5, 0.75, 1.0), name, lambda tick: f"{100 * tick:.0f}")
    about = "; ".join(f"{bar.label} {bar.told}" for bar in bars)
    title = {"en": "Residents by walk to their point", "zh": "各区居民与回收点的距离"}[language]
    return draw_bars(Frame(title, about, ((names[0], BLUE), (names[1], SKY))), axis, bars)


def _table(figures: Figures, used: Ints, labels: list[Label], within_m: float) -> Table:
    """One row a district, and all of them together."""
    tonnes = scale_of([*figures["collected_t"][used], *figures["processed_t"][used]], "t/yr")
    money = scale_of([_sum(figures, np.array([row]), *FIXED) for row in used], "CNY/yr")
    groups = [np.array([row]) for row in used]
    rows = [
        cells([label, *_numbers(figures, group, within_m), *_amounts(figures, group, tonnes, money)])
        for label, group in zip(labels, groups, strict=True)
    ]
    total = [WHOLE, *_numbers(figures, used, within_m), *_amounts(figures, used, tonnes, money)]
    rows.append(tuple(Cell(text, "strong") for text in total))
    columns = (
        Column(Label(en="district", zh="区")),
        Column(Label(en="residents", zh="居民"), is_number=True),
        Column(Label(en=f"within {within_m:g} m", zh=f"{within_m:g}米内"), is_number=True),
        Column(Label(en="served", zh="有服务"), is_number=True),
        Column(Label(en="mean walk", zh="平均步行"), is_number=True),
        *(Column(one.label, is_number=True) for one in SHOWN_ECHELONS),
        Column(Label(en="collected", zh="回收量"), tonnes.unit, is_number=True),
        Column(Label(en="sorted here", zh="本区分拣"), tonnes.unit, is_number=True),
        Column(Label(en="facilities' fixed cost", zh="设施固定成本"), money.unit, is_number=True),
    )
    return Table(Label(en="Figures by district", zh="分区指标表"), columns, tuple(rows), is_wide=True)


def _sum(figures: Figures, rows: Ints, *names: str) -> float:
    return float(sum(figures[name][rows].sum() for name in names))


def _numbers(figures: Figures, rows: Ints, within_m: float) -> list[Label]:
    """Of one district or several: residents, how near they are to their point, open facilities."""
    residents, assigned = _sum(figures, rows, "residents"), _sum(figures, rows, "assigned_residents")
    near = _sum(figures, rows, f"residents_within_{within_m:g}_m")
    walked_m = float(np.nansum(figures["mean_walk_m"][rows] * figures["assigned_residents"][rows]))
    people = [
        quantity(residents, "residents"), quantity(near / residents, "share"), quantity(assigned / residents, "share")
    ] if residents else [NO_NUMBER] * 3  # fmt: skip
    walk = quantity(walked_m / assigned, "m") if assigned else NO_NUMBER
    opened = [quantity(_sum(figures, rows, f"open_{one.key}"), "facilities") for one in SHOWN_ECHELONS]
    return [*people, walk, *opened]


def _amounts(figures: Figures, rows: Ints, tonnes: Scale, money: Scale) -> list[Label]:
    """Of one district or several: what is collected and sorted, and what its facilities cost."""
    moved = [tonnes.number(_sum(figures, rows, name)) for name in ("collected_t", "processed_t")]
    return [*moved, money.number(_sum(figures, rows, *FIXED))]
