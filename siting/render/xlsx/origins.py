"""Sheets of origins: what the figures rest on, the standards that were held to, and where the data come from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from siting.language import Label, text
from siting.language.units import UNITS
from siting.render.table import Cell, Row, Section, Table, column, missed_if
from siting.render.xlsx.units import COUNTED, form_of, heads, unit_of
from siting.results.assumptions import status_label
from siting.results.record import RunRecord
from siting.results.units import unit_label

USES = {True: text("workbook.use.constraint"), False: text("workbook.use.check")}


def assumption_page(table: pd.DataFrame) -> Table:
    """Return a row for each figure of the config that has a source: its value, status, source and range."""
    return Table(
        name=text("workbook.sheet.assumptions"),
        title=text("workbook.title.assumptions"),
        columns=heads(
            "key_of_the_config value status key_of_the_parameter_table value_in_the_table unit_in_the_table low "
            "high source note year_of_the_figure"
        ),
        rows=tuple(_assumption(one) for one in table.to_dict("records")),
        notes=(text("workbook.note.assumptions"),),
        frozen=1,
    )


def _assumption(one: dict[Any, Any]) -> Row:
    label = status_label(str(one["status"]))
    low, high = (None if pd.isna(one[end]) else float(one[end]) for end in ("low", "high"))
    return (
        one["path"], one["value"], missed_if(one["status"] == "assumption", label), one["key"],
        one["table_value"] if one["key"] else None, one["unit"], low, high,
        one["source"], one["note"], str(one["year"]),
    )  # fmt: skip


def standard_page(run: RunRecord, table: pd.DataFrame) -> Table:
    """Return a row for each rule and unit of the standards that the config names."""
    return Table(
        name=text("workbook.sheet.standards"),
        title=text("workbook.title.standards"),
        columns=heads(
            "rule responsibility_unit use rule_asks rule_reached unit_of_measure rule_holds "
            "facilities_that_fall_short basis clause status note"
        ),
        rows=tuple(_rule(run, one) for one in table.to_dict("records")),
        frozen=1,
    )


def _rule(run: RunRecord, one: dict[Any, Any]) -> Row:
    asked, reached, short = (None if pd.isna(one[key]) else one[key] for key in ("asked", "reached", "number_short"))
    holds = None if pd.isna(one["holds"]) else bool(one["holds"])
    form = form_of(one["measured_in"]) if _unit(one["measured_in"]) else "any"
    return (
        Label(en=one["title_en"], zh=one["title_zh"]), unit_label(run, str(one["unit"])),
        USES[one["use"] == "constraint"], Cell(asked, form), Cell(reached, form), _unit(one["measured_in"]),
        missed_if(holds is False, holds), short, one["source"], one["clause"],
        status_label(one["status"]), one["note"],
    )  # fmt: skip


def _unit(measured_in: Any) -> Label | None:
    """Return the unit of a rule for readers; None where it has none."""
    if not isinstance(measured_in, str) or not measured_in:
        return None
    known = measured_in in UNITS or measured_in in COUNTED
    return unit_of(measured_in) if known else Label(en=measured_in, zh=measured_in)


def source_page(run: RunRecord) -> Table:
    """Return the nature of each table, credits, input files and program versions of the run."""
    parts = {
        "nature": ((note, None) for note in run.geography.notes),
        "credits": ((credit, None) for credit in run.geography.attributions),
        "inputs": run.inputs.items(),
        "versions": run.versions.items(),
    }
    rows: list[Row] = []
    for name, of_part in parts.items():
        rows += [Section(text(f"workbook.source.{name}")), *of_part]
    return Table(
        name=text("workbook.sheet.sources"),
        title=text("workbook.title.sources"),
        columns=(
            replace(column("workbook.column.item_of_source"), width=110),
            replace(column("workbook.column.value_of_source"), width=70),
        ),
        rows=tuple(rows),
        is_list=False,
    )
