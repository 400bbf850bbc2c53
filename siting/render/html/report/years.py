"""Several planning years, or cases of demand, side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd

from siting.instance import Stages
from siting.language import Label
from siting.language.quantities import scale_of
from siting.render.html.report.costs import draw_stacked
from siting.render.html.report.parts import Cell, Column, Piece, Section, Sentence, Table, cells, draw, same
from siting.results.record import RunRecord
from siting.results.rollout import stage_column, stage_table
from siting.results.wording import STAGE_WORDS, rollout_sentence
from siting.vocabulary import Echelon

ROWS: tuple[tuple[str, Label, str], ...] = (
    ("residents", Label(en="residents", zh="居民"), "residents"),
    ("offered_t", Label(en="offered", zh="可回收物产生量"), "t/yr"),
    ("collected_t", Label(en="collected", zh="回收量"), "t/yr"),
    ("processed_t", Label(en="sorted", zh="分拣量"), "t/yr"),
    ("served_share", Label(en="residents with a point", zh="有回收点服务的居民"), "share"),
    *((f"open_{one.key}", one.label, "facilities") for one in Echelon),
    ("opening", Label(en="facilities that open", zh="新开设施"), "facilities"),
    ("closing", Label(en="facilities that close", zh="关停设施"), "facilities"),
    ("investment_cny", Label(en="paid once, land included", zh="一次性投资（含土地）"), "CNY"),
    ("cost_cny", Label(en="net cost", zh="年净成本"), "CNY/yr"),
    ("emissions_t", Label(en="emissions", zh="碳排放"), "t CO2e/yr"),
)


def year_section(run: RunRecord) -> Section | None:
    """The years as columns, their cost as a chart; None where there is one only."""
    if run.rollout is None:
        return None
    stages, table = run.rollout.stages, stage_table(run)
    table["emissions_t"] = table["emissions_kg_co2e"] / 1000
    names = [str(name) for name in table[stage_column(run)]]
    costs_cny = [one.cost_cny for one in run.rollout.verifications]
    costs = {name: one.cost_terms_cny for name, one in zip(names, run.rollout.verifications, strict=True)}
    title = _title(stages)
    pieces: tuple[Piece, ...] = (
        Sentence(rollout_sentence(stages, costs_cny)),
        draw(lambda language: draw_stacked(costs, title, language)),
        _side_by_side(table, names, title),
    )
    return Section("years", title, pieces)


def _title(stages: Stages) -> Label:
    word = STAGE_WORDS[stages.is_nested]
    return Label(en=f"{word.en.capitalize()} side by side", zh=f"分{'年' if stages.is_nested else '情景'}对比")


def _side_by_side(table: pd.DataFrame, names: list[str], title: Label) -> Table:
    rows = [
        _row(label, unit, table[column].tolist())
        for column, label, unit in ROWS
        if column in table and (unit != "facilities" or table[column].any())
    ]
    rows.append(cells([Label(en="targets that hold", zh="达成目标"), *map(_held, table.to_dict("records"))]))
    columns = (Column(Label(en="figure", zh="指标")), *(Column(same(name), is_number=True) for name in names))
    return Table(title, columns, tuple(rows))


def _row(label: Label, unit: str, values: list[float]) -> tuple[Cell, ...]:
    """One figure over the years, in one unit, which stands behind its name."""
    scale = scale_of(values, unit)
    named = label
    if scale.unit.zh:
        named = Label(en=f"{label.en}, {scale.unit.en}".removesuffix(", "), zh=f"{label.zh}（{scale.unit.zh}）")
    return cells([named, *(scale.number(value) for value in values)])


def _held(row: dict[Any, Any]) -> Cell:
    n_held, n_all = int(row["targets_held"]), int(row["targets"])
    tone = "holds" if n_held == n_all else "missed" if row["hard_missed"] else "soft"
    return Cell(Label(en=f"{n_held:,} of {n_all:,}", zh=f"{n_held:,}/{n_all:,}"), tone)
