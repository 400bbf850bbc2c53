"""Sheets of origins: what the figures rest on, the standards that were held to, and where the data come from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from siting.language import Label
from siting.language.units import UNITS
from siting.render.xlsx.duties import COUNTED, form_of, unit_of
from siting.render.xlsx.page import Page, Row, Section, Shown, head
from siting.results.assumptions import assumption_table
from siting.results.labels import STATUS_LABELS
from siting.results.record import RunRecord
from siting.results.units import unit_label

USES = {True: Label(en="constraint", zh="作为约束"), False: Label(en="check", zh="仅作检查")}


def assumption_page(run: RunRecord) -> Page:
    """Each figure of the config that has a source: its value, status, source and range."""
    table = assumption_table(run.figures)
    rows = tuple(_assumption(one) for one in table.to_dict("records"))
    return Page(
        name=Label(en="Assumptions", zh="参数与假设"),
        title=Label(en="Figures used, their status and source", zh="所用参数的状态与来源"),
        columns=(
            head("配置项", "key of the config"),
            head("取值", "value", "any"),
            head("状态", "status"),
            head("参数表编号", "key of the parameter table"),
            head("表中取值", "value in the table", "any"),
            head("单位（参数表）", "unit in the table"),
            head("下限", "low", "any"),
            head("上限", "high", "any"),
            head("来源", "source"),
            head("说明", "note"),
            head("数据年份", "year of the figure"),
        ),
        rows=rows,
        notes=(
            Label(
                en="Before any decision replace what is marked as an assumption. Unit, low and high are those of the"
                " parameter table; the value is in the unit of the config's key.",
                zh="标为“假设”的参数在用于决策前须核实替换。单位、上下限为参数表口径；取值按配置项的单位。",
            ),
        ),
        frozen=1,
    )


def _assumption(one: dict[Any, Any]) -> Row:
    label = STATUS_LABELS.get(str(one["status"]), Label(en=str(one["status"]), zh=str(one["status"])))
    low, high = (None if pd.isna(one[end]) else float(one[end]) for end in ("low", "high"))
    return (
        one["path"], one["value"], Shown(label, is_missed=one["status"] == "assumption"), one["key"],
        one["table_value"] if one["key"] else None, one["unit"], low, high,
        one["source"], one["note"], str(one["year"]),
    )  # fmt: skip


def standard_page(run: RunRecord, table: pd.DataFrame) -> Page:
    """Each rule of the standards that the config names, for each unit, from the table of `standards_table`."""
    rows = tuple(_rule(run, one) for one in table.to_dict("records"))
    return Page(
        name=Label(en="Standards", zh="标准"),
        title=Label(en="Rules of the standards: asked and reached", zh="标准规范符合情况"),
        columns=(
            head("规则", "rule"),
            head("责任单位", "responsibility unit"),
            head("用法", "use"),
            head("要求", "asked", "any"),
            head("达到", "reached", "any"),
            head("计量单位", "measured in"),
            head("是否符合", "holds"),
            head("不足设施数", "facilities that fall short", "whole"),
            head("依据", "source"),
            head("条款", "clause"),
            head("状态", "status"),
            head("说明", "note"),
        ),
        rows=rows,
        frozen=1,
    )


def _rule(run: RunRecord, one: dict[Any, Any]) -> Row:
    asked, reached, short = (None if pd.isna(one[key]) else one[key] for key in ("asked", "reached", "number_short"))
    holds = None if pd.isna(one["holds"]) else bool(one["holds"])
    form = form_of(one["measured_in"]) if _unit(one["measured_in"]) else "any"
    return (
        Label(en=one["title_en"], zh=one["title_zh"]), unit_label(run, str(one["unit"])),
        USES[one["use"] == "constraint"], Shown(asked, form), Shown(reached, form), _unit(one["measured_in"]),
        Shown(holds, is_missed=holds is False), short, one["source"], one["clause"],
        STATUS_LABELS.get(one["status"], Label(en=one["status"], zh=one["status"])), one["note"],
    )  # fmt: skip


def _unit(measured_in: Any) -> Label | None:
    """The unit of a rule for readers, as it stands where none is known; None where it has none."""
    if not isinstance(measured_in, str) or not measured_in:
        return None
    known = measured_in in UNITS or measured_in in COUNTED
    return unit_of(measured_in) if known else Label(en=measured_in, zh=measured_in)


def source_page(run: RunRecord) -> Page:
    """What is real, derived or synthetic; whom to credit; the files and programs that the run was made from."""
    rows: list[Row] = [Section(Label(en="What is real, derived or synthetic", zh="数据性质（真实、推算或合成）"))]
    rows += [(note, None) for note in run.geography.notes]
    rows.append(Section(Label(en="Credits, to be shown with the data", zh="来源与署名（须随数据标注）")))
    rows += [(credit, None) for credit in run.geography.attributions]
    rows.append(Section(Label(en="Input files and their SHA-256", zh="输入文件及其 SHA-256 校验值")))
    rows += list(run.inputs.items())
    rows.append(Section(Label(en="Programs and their versions", zh="程序及版本")))
    rows += list(run.versions.items())
    return Page(
        name=Label(en="Data sources", zh="数据来源"),
        title=Label(en="Where the data come from", zh="数据来源"),
        columns=(head("内容", "what"), head("值", "value")),
        rows=tuple(rows),
        is_list=False,
        widths={0: 110, 1: 70},
    )
