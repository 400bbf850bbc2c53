"""A sheet of a workbook before it is written: columns with their units, rows of values, what stands above them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from siting.language import Label

Language = Literal["zh", "en"]
Value = str | float | int | bool | Label | None
NOTHING = Label(en="", zh="")
CNY_10K = 1e4
MONEY = Label(en="10,000 CNY", zh="万元")
MONEY_A_YEAR = Label(en="10,000 CNY a year", zh="万元/年")
SITES = Label(en="facilities", zh="处")
TONNES_A_YEAR = Label(en="t a year", zh="吨/年")

FORMS = {
    "text": "General",
    "whole": "#,##0",
    "tenth": "#,##0.0",
    "hundredth": "#,##0.00",
    "thousandth": "0.000",
    "money": "#,##0.00",
    "share": "0.0%",
    "fine share": "0.00%",
    "year": "0",
    "degrees": "0.000000",
    "any": "General",
}
"""Number formats of Excel by what a number is; money is in 10,000 CNY (万元)."""


@dataclass(frozen=True)
class Column:
    """A column: what its head says in both languages, the unit of its numbers, how they are written."""

    label: Label
    form: str = "text"
    unit: Label = NOTHING


def head(zh: str, en: str, form: str = "text", unit: Label = NOTHING) -> Column:
    """A column by its names in both languages."""
    return Column(Label(en=en, zh=zh), form, unit)


@dataclass(frozen=True)
class Shown:
    """A value that is written in another way than its column: by its own form, behind a sign, or marked as missed."""

    value: Value
    form: str = "text"
    sign: str = ""
    is_missed: bool = False


@dataclass(frozen=True)
class Section:
    """A row that is the heading of those below it."""

    label: Label


@dataclass(frozen=True)
class Total:
    """A row of sums below the others."""

    values: tuple[Value | Shown, ...]


Row = tuple[Value | Shown, ...] | Section | Total


@dataclass(frozen=True)
class Page:
    """A sheet: its name on the tab, a title, notes above the table, columns, and rows in their order.

    `is_list`: rows are alike, can be filtered and are numbered by their order. `frozen` columns stay in sight.
    """

    name: Label
    title: Label
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Label, ...] = ()
    is_list: bool = True
    frozen: int = 0
    widths: Mapping[int, int] = field(default_factory=dict)


STAGES = {"year": head("年份", "year", "year"), "case": head("情景", "case")}
"""The column that says which year or case of demand a row is of, by the name of it."""


def stage_value(stage: str, name: str) -> tuple[Value, ...]:
    """What stands in that column for the stage `name`; nothing where a run has no such column.

    >>> stage_value("year", "2025"), stage_value("case", "more paper"), stage_value("", "")
    ((2025,), ('more paper',), ())
    """
    if not stage:
        return ()
    return (int(name) if stage == "year" else name,)


def in_10k(cny: float | None) -> float | None:
    """CNY as 10,000 CNY, to the CNY; None where it is not known.

    >>> in_10k(123_456.4)
    12.3456
    """
    return None if cny is None or math.isnan(cny) else round(cny) / CNY_10K
