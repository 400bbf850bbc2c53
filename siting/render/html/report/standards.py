"""How the plan stands by the standards that its config names."""

from __future__ import annotations

from typing import Any

import pandas as pd

from siting.language import Label
from siting.language.quantities import NO_NUMBER, quantity
from siting.render.html.report.parts import Cell, Column, Section, Sentence, Table, cells, same
from siting.results.record import RunRecord
from siting.results.units import unit_label

TITLE = Label(en="Standards", zh="标准符合情况")
KEPT = Cell(Label(en="kept", zh="符合"), "holds")
TO_JUDGE = Cell(Label(en="for you to judge", zh="需人工判断"))


def standard_section(run: RunRecord, table: pd.DataFrame) -> Section | None:
    """One row for each rule and unit, as in standards.csv; None where no standard was named."""
    if table.empty:
        return None
    rows = [_row(run, row) for row in sorted(table.to_dict("records"), key=_order)]
    columns = (
        Column(Label(en="rule", zh="条款要求")),
        Column(Label(en="unit", zh="责任单元")),
        Column(Label(en="asked", zh="要求"), is_number=True),
        Column(Label(en="reached", zh="方案达到"), is_number=True),
        Column(Label(en="verdict", zh="结论")),
        Column(Label(en="source", zh="依据"), is_long=True),
    )
    listing = Table(Label(en="Rules", zh="条款对照表"), columns, tuple(rows), is_wide=True)
    return Section("standards", TITLE, (Sentence(_lead(table)), listing))


def _holds(row: dict[Any, Any]) -> bool | None:
    return None if pd.isna(row["holds"]) else str(row["holds"]) == "True"


def _order(row: dict[Any, Any]) -> int:
    return {False: 0, None: 1, True: 2}[_holds(row)]


def _lead(table: pd.DataFrame) -> Label:
    holds = [_holds(row) for row in table.to_dict("records")]
    kept, broken, open_ = holds.count(True), holds.count(False), holds.count(None)
    return Label(
        en=f"Of {len(holds):,} rules {kept:,} are kept and {broken:,} are not; {open_:,} are for you to judge.",
        zh=f"共{len(holds):,}项条款：符合{kept:,}项，不符合{broken:,}项，需人工判断{open_:,}项。",
    )


def _row(run: RunRecord, row: dict[Any, Any]) -> tuple[Cell, ...]:
    n_short = row["number_short"]
    short = "" if pd.isna(n_short) else f" ({int(n_short):,})"
    broken = Cell(Label(en=f"not kept{short}", zh=f"不符合{short}"), "missed")
    verdict = {True: KEPT, False: broken, None: TO_JUDGE}[_holds(row)]
    given = [row[name] for name in ("source", "clause", "status")]
    source = ", ".join(str(text) for text in given if not pd.isna(text) and text)
    numbers = [_number(row[name], row["measured_in"]) for name in ("asked", "reached")]
    title = Label(en=str(row["title_en"]), zh=str(row["title_zh"]))
    return cells([title, unit_label(run, str(row["unit"])), *numbers, verdict, same(source)])


def _number(value: Any, unit: Any) -> Label:
    """A number of a rule with its unit; a dash where there is none."""
    return NO_NUMBER if pd.isna(value) else quantity(value, unit)
