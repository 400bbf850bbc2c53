"""Targets on the terminal: the city's line by line, the districts' in one table, the worst first."""

from __future__ import annotations

from collections.abc import Iterable

from siting.language import Label, text
from siting.render.table import NOTHING, Cell, Column, Row, Table, column, columns
from siting.results.results import Results
from siting.results.targets import TargetRow, tightest_first

SHOWN_UNITS = {"facilities": "", "vehicles": "", "m a served resident": "m"}
"""Unit after a value, where it is not the name of the unit."""
ROUNDING = 1e-6


def target_table(rows: Iterable[TargetRow]) -> Table:
    """Return targets line by line, the missed and the tightest first."""
    return Table(
        text("terminal.title.targets"),
        (
            *columns("terminal.column", unit="text", target="text", asked="any", reached="any", margin="any"),
            Column(NOTHING),
        ),
        tuple(_target(row) for row in tightest_first(rows)),
    )


def _target(row: TargetRow) -> Row:
    state = ("holds" if row.holds else "missed") + ("" if row.is_hard else "_soft")
    mark = Cell(text(f"terminal.{state}"), tone="holds" if row.holds else "missed")
    return row.unit, row.label, _asked(row), _value(row, row.reached), _value(row, row.margin, signed=True), mark


def district_table(results: Results) -> Table:
    """Return what each district reaches of its targets, the districts with the most missed first."""
    by_district: dict[str, dict[Label, TargetRow]] = {}
    asked: dict[Label, set[str]] = {}
    for row in results.last.target_rows:
        if row.district_code:
            by_district.setdefault(row.district_code, {})[row.label] = row
            asked.setdefault(row.label, set()).add(_asked(row))
    common = {label: next(iter(values)) for label, values in asked.items() if len(values) == 1}
    residents = results.last.districts.set_index("code")["residents"]
    return Table(
        text("terminal.title.districts"),
        (
            *columns("terminal.column", district="text", residents="whole"),
            *(_district_column(label, common.get(label)) for label in asked),
        ),
        tuple(
            (
                results.district_labels[code],
                float(residents[code]),
                *(_district_cell(by_district[code].get(label), label in common) for label in asked),
            )
            for code in sorted(by_district, key=lambda one: _worst(by_district[one].values()))
        ),
    )


def _district_column(label: Label, asked: str | None) -> Column:
    if asked is None:
        return column("terminal.column.in_brackets", "any", target=label)
    return column("terminal.column.in_district", "any", target=label, asked=asked)


def _worst(rows: Iterable[TargetRow]) -> tuple[int, float]:
    """Return a sort key, the worst first: how many are missed, then the smallest margin."""
    tightness = [row.tightness for row in rows]
    return -sum(not holds for holds, _ in tightness), min(margin for _, margin in tightness)


def _district_cell(row: TargetRow | None, in_head: bool) -> Cell:
    """Return what a district reaches, with what is asked of it unless the head of the column says so."""
    if row is None:
        return Cell(None)
    value = _value(row, row.reached) + ("" if in_head else f" ({_asked(row)})")
    if row.holds:
        return Cell(value)
    mark = text("terminal.missed")
    return Cell(Label(f"{value} {mark.en}", f"{value} {mark.zh}"), tone="missed")


def _asked(row: TargetRow) -> str:
    return f"{'≥' if row.is_at_least else '≤'} {_value(row, row.asked)}"


def _value(row: TargetRow, value: float, *, signed: bool = False) -> str:
    """Return a value in the unit that the target is measured in."""
    sign, unit = "+" if signed else "", row.measured_in
    if abs(value) < ROUNDING:
        value = 0.0  # a margin of rounding, which would read as -0.0 %
    if unit.startswith("share"):
        return f"{100 * value:{sign}.1f} %"
    if unit == "Gini coefficient":
        return f"{value:{sign}.3f}"
    if unit == "vehicles":
        return f"{value:{sign},.2f}".rstrip("0").rstrip(".")
    return f"{value:{sign},.0f} {SHOWN_UNITS.get(unit, unit)}".rstrip()
