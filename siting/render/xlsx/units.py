"""Units and number forms of a workbook, and the column of the year or case that a row is of."""

from __future__ import annotations

from siting.language import Label, text
from siting.language.units import UNITS
from siting.render.table import Column, Value, column

MONEY, MONEY_A_YEAR = text("workbook.unit.money"), text("workbook.unit.money_a_year")
SITES, PERSONS, METRES = (text(f"workbook.unit.{name}") for name in ("facilities", "persons", "metres"))
TONNES_A_YEAR, DEGREES, TARGETS = (text(f"workbook.unit.{name}") for name in ("tonnes_a_year", "degrees", "targets"))
COUNTED = {"facilities": SITES, "vehicles": text("workbook.unit.vehicles")}
FORMS = {"t/yr": "tenth", "t CO2e/yr": "tenth", "Gini coefficient": "thousandth"}
STAGES = {"year": column("workbook.column.year", "year"), "case": column("workbook.column.case")}
"""The column that says which year or case of demand a row is of, by the name of it."""


def plain_unit(unit: str) -> Label:
    """Return the name of a unit of `UNITS` as it follows small numbers."""
    known = UNITS[unit]
    return Label(known.en[0].name.strip(), known.zh[0].name.strip())


def unit_of(measured_in: str) -> Label:
    """Return the unit of a target's figures."""
    if measured_in.startswith("share"):
        return text("workbook.unit.share")
    return COUNTED.get(measured_in) or plain_unit(measured_in)


def form_of(measured_in: str) -> str:
    """Return the form of a target's figures."""
    return "share" if measured_in.startswith("share") else FORMS.get(measured_in, "whole")


def stage_columns(stage: str) -> tuple[Column, ...]:
    """Return the column of the year or case; none where a run has one stage only."""
    return (STAGES[stage],) if stage else ()


def stage_value(stage: str, name: str) -> tuple[Value, ...]:
    """Return the value of that column for the stage `name`.

    >>> stage_value("year", "2025"), stage_value("case", "more paper"), stage_value("", "")
    ((2025,), ('more paper',), ())
    """
    if not stage:
        return ()
    return (int(name) if stage == "year" else name,)
