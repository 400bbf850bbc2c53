"""Units and number forms of a workbook, and the column of the year or case that a row is of."""

from __future__ import annotations

from siting.language import Label, text
from siting.language.units import UNITS
from siting.render.table import NOTHING, Column, Value, column

MONEY, MONEY_A_YEAR = text("workbook.unit.money"), text("workbook.unit.money_a_year")
SITES, PERSONS, METRES = (text(f"workbook.unit.{name}") for name in ("facilities", "persons", "metres"))
TONNES_A_YEAR, DEGREES, TARGETS = (text(f"workbook.unit.{name}") for name in ("tonnes_a_year", "degrees", "targets"))
COUNTED = {"facilities": SITES, "vehicles": text("workbook.unit.vehicles")}
FORMS = {"t/yr": "tenth", "t CO2e/yr": "tenth", "Gini coefficient": "thousandth"}
COLUMN = "workbook.column."
NUMBERS = {
    ("whole", NOTHING): "no targets hold missed facilities_that_fall_short",
    ("whole", SITES): "number",
    ("whole", PERSONS): "residents_served",
    (
        "any",
        NOTHING,
    ): "required reached missing asked planned_margin margin value value_in_the_table low high rule_asks rule_reached",
    ("year", NOTHING): "year due_by opens_in closed_by",
    ("share", NOTHING): "share_of_spending load load_of_planned_limit",
    ("degrees", DEGREES): "longitude latitude",
    ("degrees", NOTHING): "lon lat",
    ("tenth", TONNES_A_YEAR): "capacity planned_limit throughput load_if_nearest tonnes",
    ("hundredth", text("workbook.unit.kilometres")): "distance_one_way",
    ("money", MONEY): "investment land investment_and_land land_cost sum investment_without_land",
    ("money", MONEY_A_YEAR): "annual_cost haul_and_handling",
}
"""Columns of numbers, by their form and unit."""
HEADS = {name: column(COLUMN + name, form, unit) for (form, unit), names in NUMBERS.items() for name in names.split()}


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


def heads(names: str) -> tuple[Column, ...]:
    """Return the columns with these names in the catalogue, set apart by spaces."""
    return tuple(HEADS.get(name) or column(COLUMN + name) for name in names.split())


def stage_columns(stage: str) -> tuple[Column, ...]:
    """Return the column `year` or `case` of several periods; none where a run has one only."""
    return heads(stage)


def stage_value(stage: str, name: str) -> tuple[Value, ...]:
    """Return the value of that column for the stage `name`.

    >>> stage_value("year", "2025"), stage_value("case", "more paper"), stage_value("", "")
    ((2025,), ('more paper',), ())
    """
    if not stage:
        return ()
    return (int(name) if stage == "year" else name,)
