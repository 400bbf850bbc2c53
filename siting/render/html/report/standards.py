"""How the plan stands by the standards that its config names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from siting.language import Label, text
from siting.language.quantities import NO_NUMBER, quantity
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import Cell, Column, Row, Table, column
from siting.results.results import Results
from siting.results.units import unit_label


def standard_section(results: Results) -> Section | None:
    """Return one row for each rule and unit, as in standards.csv; None where no standard was named."""
    table = results.standards
    if table is None or table.empty:
        return None
    records = sorted(table.to_dict("records"), key=_order)
    holds = [_holds(one) for one in records]
    lead = text(
        "report.standards.lead",
        n=len(holds), kept=holds.count(True), broken=holds.count(False), open=holds.count(None),
    )  # fmt: skip
    columns = (
        column("report.standards.rule"),
        column("report.standards.unit"),
        column("report.standards.asked", "any"),
        column("report.standards.reached", "any"),
        column("report.standards.verdict"),
        Column(text("report.standards.source"), is_long=True),
    )
    rows = tuple(_row(results, one) for one in records)
    listing = Table(text("report.standards.caption"), columns, rows, is_wide=True)
    return Section("standards", text("report.standards.title"), (Sentence(lead), listing))


def _holds(rule: Mapping[Any, Any]) -> bool | None:
    return None if pd.isna(rule["holds"]) else str(rule["holds"]) == "True"


def _order(rule: Mapping[Any, Any]) -> int:
    return {False: 0, None: 1, True: 2}[_holds(rule)]


def _row(results: Results, rule: Mapping[Any, Any]) -> Row:
    given = [rule[name] for name in ("source", "clause", "status")]
    source = ", ".join(str(one) for one in given if not pd.isna(one) and one)
    numbers = [_number(rule[name], rule["measured_in"]) for name in ("asked", "reached")]
    title = Label(str(rule["title_en"]), str(rule["title_zh"]))
    return (title, unit_label(results.run, str(rule["unit"])), *numbers, _verdict(rule), source)


def _verdict(rule: Mapping[Any, Any]) -> Cell:
    holds, n_short = _holds(rule), rule["number_short"]
    if holds is None:
        return Cell(text("report.standards.to_judge"))
    if holds:
        return Cell(text("report.standards.kept"), tone="holds")
    short = "" if pd.isna(n_short) else f" ({int(n_short):,})"
    return Cell(text("report.standards.broken", number_short=short), tone="missed")


def _number(value: Any, unit: Any) -> Label:
    """Return a number of a rule with its unit; a dash where there is none."""
    return NO_NUMBER if pd.isna(value) else quantity(value, unit)
