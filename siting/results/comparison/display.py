"""Figures and targets of a comparison for readers: one unit a row, differences with their sense."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from siting.language import Label, text
from siting.language.quantities import Scale, difference, quantity, scale_of
from siting.results.comparison.comparison import Better, Comparison, Figure, TargetComparison

DIGITS = 5
NOTHING = 1e-9
NEARLY_NOTHING = Label("≈ 0", "≈ 0")
"""A difference too small for the digits that are shown; it is called neither better nor worse."""
NONE, EQUAL = Label("–", "–"), Label("=", "=")


class Judged(enum.StrEnum):
    """Verdict on a difference to the first run."""

    BETTER = "better"
    WORSE = "worse"
    OTHER = "other"
    SAME = "same"
    NOT_COMPARED = "not_compared"

    @property
    def label(self) -> Label:
        """Name for readers."""
        return text(f"comparison.judged.{self}")


@dataclass(frozen=True)
class Change:
    """A difference to the first run: as text with an arrow, as a share of the first, and what it is worth."""

    text: Label
    percent: str
    judged: Judged


@dataclass(frozen=True)
class ReadRow:
    """A row for readers: values in `unit`, and a change for each run but the first. `is_part`: of the row above."""

    group: str
    label: Label
    unit: Label
    values: tuple[Label, ...]
    changes: tuple[Change, ...]
    is_part: bool = False


def read_figure(comparison: Comparison, figure: Figure, *, digits: int = DIGITS) -> ReadRow:
    """Return a figure for readers, its largest number rounded to `digits` digits."""
    differences = [comparison.difference(figure, 0, number) for number in range(1, len(figure.values))]
    row = _row(figure.label, figure.values, differences, unit=figure.unit, better=figure.better, digits=digits)
    return replace(row, group=figure.group, is_part="/" in figure.key and figure.group == "facilities")


def read_target(comparison: Comparison, row: TargetComparison) -> ReadRow:
    """Return the values that the runs reach of a target, for readers."""
    differences = [comparison.target_difference(row, 0, number) for number in range(1, len(row.values))]
    return _row(row.label, row.values, differences, unit=row.measured_in, better=row.better)


def asked_text(row: TargetComparison, number: int) -> Label:
    """Return the required value of a target in a run; a dash if the run has no such target."""
    one = row.reached[number]
    if one is None:
        return NONE
    key = "comparison.asked" if one.is_hard else "comparison.asked_soft"
    return text(key, sign="≥" if row.is_at_least else "≤", value=quantity(one.asked, row.measured_in))


def _row(
    label: Label,
    values: Sequence[float],
    differences: Sequence[float],
    *,
    unit: str,
    better: Better,
    digits: int = DIGITS,
) -> ReadRow:
    scale = scale_of([*values, *differences], unit, digits=digits)
    changes = []
    for more in differences:
        judged = judge_difference(more, better, scale=abs(values[0]))
        text = _change_text(more, scale, unit=unit, judged=judged)
        if text == NEARLY_NOTHING:
            judged = Judged.OTHER
        changes.append(Change(text, _percent(more, values[0], unit), judged))
    return ReadRow("", label, scale.unit, tuple(scale.number(value) for value in values), tuple(changes))


def _change_text(more: float, scale: Scale, *, unit: str, judged: Judged) -> Label:
    """Return a difference with an arrow, in the unit of its row; that of shares in percentage points."""
    if judged is Judged.NOT_COMPARED:
        return NONE
    if judged is Judged.SAME:
        return EQUAL
    number = difference(more, unit) if unit.startswith("share") else scale.number(more, signed=True)
    if not number.en.strip("0.,"):
        return NEARLY_NOTHING
    arrow = "▲" if more > 0 else "▼"
    return Label(f"{arrow} {number.en}", f"{arrow} {number.zh}")


def _percent(more: float, first: float, unit: str) -> str:
    """Return a difference as a share of the first run's figure; empty where that is undefined."""
    if unit.startswith("share") or not first or not math.isfinite(more) or abs(more) <= NOTHING * abs(first):
        return ""
    return quantity(more / abs(first), "share", signed=True).en


def judge_difference(more: float, better: Better, *, scale: float = 1.0) -> Judged:
    """Judge a difference; nan is not compared, one that is nothing beside `scale` is the same.

    >>> judge_difference(-3.0, Better.LESS)
    <Judged.BETTER: 'better'>
    """
    if not math.isfinite(more):
        return Judged.NOT_COMPARED
    if abs(more) <= NOTHING * max(1.0, scale):
        return Judged.SAME
    if better is Better.NEITHER:
        return Judged.OTHER
    return Judged.BETTER if (more > 0) == (better is Better.MORE) else Judged.WORSE
