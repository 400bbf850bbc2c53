"""Sheets of figures: districts, and the years or cases of a run that has several."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from siting.language import Label, text
from siting.render.xlsx.page import (
    MONEY_A_YEAR,
    SITES,
    STAGES,
    TONNES_A_YEAR,
    Column,
    Page,
    Row,
    Section,
    Shown,
    Total,
    head,
    in_10k,
    stage_value,
)
from siting.results.record import RunRecord, stage_records
from siting.results.rollout import stage_column, stage_table
from siting.results.units import district_labels
from siting.results.wording import ECHELON_LABELS
from siting.vocabulary import Echelon

PERSONS = Label(en="persons", zh="人")
METRES = Label(en="m", zh="米")
TONNES = {
    "collected_household_t": Label(en="collected from households", zh="居民回收量"),
    "collected_generator_t": Label(en="collected from commerce and industry", zh="工商业回收量"),
    "collected_t": Label(en="collected", zh="回收量合计"),
    "processed_t": Label(en="sorted here", zh="本区分拣量"),
}
ANNUITIES = {
    "investment_cny": Label(en="investment, annuity", zh="建设投资（年金）"),
    "land_cny": Label(en="land, annuity", zh="用地（年金）"),
    "fixed_operation_cny": Label(en="fixed operation", zh="固定运行费"),
}
RESIDENTS = {
    "residents": Label(en="residents", zh="居民"),
    "assigned_residents": Label(en="residents with a point", zh="有回收点服务的居民"),
}
NAMED = ((RESIDENTS, "whole", PERSONS), (TONNES, "tenth", TONNES_A_YEAR), (ANNUITIES, "money", MONEY_A_YEAR))
"""Labels of the figures of a district with their form and unit."""
WHAT_STAGES_TELL = {
    "residents": (Label(en="residents", zh="居民"), "whole"),
    "offered_t": (Label(en="offered, t a year", zh="产生量（吨/年）"), "tenth"),
    "collected_t": (Label(en="collected, t a year", zh="回收量（吨/年）"), "tenth"),
    "processed_t": (Label(en="sorted, t a year", zh="分拣量（吨/年）"), "tenth"),
    "opening": (Label(en="facilities opening", zh="当期新开设施（处）"), "whole"),
    "closing": (Label(en="facilities closing", zh="当期关停设施（处）"), "whole"),
    "investment_cny": (Label(en="paid once, land included, 10,000 CNY", zh="当期一次性投入，含用地（万元）"), "money"),
    "cost_cny": (Label(en="net cost, 10,000 CNY a year", zh="年净成本（万元/年）"), "money"),
    "emissions_kg_co2e": (Label(en="emissions, kg CO₂e a year", zh="碳排放（千克二氧化碳当量/年）"), "whole"),
    "served_share": (Label(en="residents with a point", zh="有回收点服务的居民比例"), "share"),
    "targets": (Label(en="targets", zh="目标数"), "whole"),
    "targets_held": (Label(en="targets that hold", zh="达成目标数"), "whole"),
}


def district_page(run: RunRecord) -> Page:
    """One row for each district that has something, of each year or case, with sums of what can be summed."""
    stage, labels = stage_column(run), district_labels(run)
    rows: list[Row] = []
    columns: dict[str, Column] = {}
    for name, record in stage_records(run).items():
        figures = record.district_figures
        columns = {key: _district_column(key) for key in figures}
        for number, code in enumerate(run.instance.districts):
            values = [_figure(key, float(figures[key][number])) for key in columns]
            if not any(values):
                continue
            rows.append((*stage_value(stage, name), str(code), labels[str(code)], *values))
        sums = [None if key == "mean_walk_m" else _figure(key, float(np.sum(figures[key]))) for key in columns]
        rows.append(Total((*stage_value(stage, name), None, Label(en="all", zh="合计"), *sums)))
    return Page(
        name=Label(en="Districts", zh="分区"),
        title=Label(en="Figures of each district", zh="各区主要数据"),
        columns=(
            *((STAGES[stage],) if stage else ()),
            head("代码", "code"),
            head("区", "district"),
            *columns.values(),
        ),
        rows=tuple(rows),
        notes=(
            Label(
                en="Residents, walks and collection by the district of the resident; facilities, money and sorting by"
                " that of the site.",
                zh="居民、步行距离和回收量按居民所在区统计；设施、费用和分拣量按设施所在区统计。",
            ),
        ),
        is_list=not stage and bool(len(run.instance.districts)),
        frozen=3 if stage else 2,
    )


def _district_column(key: str) -> Column:
    for labels, form, unit in NAMED:
        if key in labels:
            return Column(labels[key], form, unit)
    if key.startswith("residents_within_"):
        metres = f"{float(key.removeprefix('residents_within_').removesuffix('_m')):,.0f}"
        return Column(text("common.residents_within", distance_m=metres), "whole", PERSONS)
    if key == "mean_walk_m":
        return head("平均步行距离", "mean walk", "whole", METRES)
    what, _, echelon = key.removesuffix("_t").partition("_")
    label = ECHELON_LABELS[Echelon[echelon.upper()]]
    if what == "open":
        return Column(label, "whole", SITES)
    return Column(text("common.capacity_of", facilities=label), "tenth", TONNES_A_YEAR)


def _figure(key: str, value: float) -> float | None:
    """A figure of a district in the unit of its column; None where there is none."""
    if math.isnan(value):
        return None
    return in_10k(value) if key in ANNUITIES else round(value, 4)


def stage_page(run: RunRecord) -> Page:
    """The years or cases side by side: a column for each."""
    table, column = stage_table(run), stage_column(run)
    word = STAGES[column].label
    rows: list[Row] = [Section(Label(en="what the plan does", zh="方案概要"))]
    rows += [_across(label, form, table[key].tolist()) for key, (label, form) in WHAT_STAGES_TELL.items()]
    rows.append(Section(Label(en="open facilities", zh="运行中的设施（处）")))
    rows += [_across(ECHELON_LABELS[one], "whole", table[f"open_{one.name.lower()}"].tolist()) for one in Echelon]
    return Page(
        name=Label(en=f"By {word.en}", zh=f"分{word.zh}"),
        title=Label(en=f"The {word.en}s of the plan side by side", zh=f"各{word.zh}对照"),
        columns=(head("指标", "figure"), *(head(str(name), str(name), "any") for name in table[column])),
        rows=tuple(rows),
        is_list=False,
        frozen=1,
    )


def _across(label: Label, form: str, values: list[Any]) -> Row:
    """One figure over the years or cases."""
    return (label, *(Shown(in_10k(value) if form == "money" else float(value), form) for value in values))
