"""Sheets of places: facilities by district, and what is hauled between them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from siting.language import Label, text
from siting.language.catalogue import texts
from siting.render.table import (
    Row,
    Table,
    column,
)
from siting.render.xlsx.units import (
    DEGREES,
    MONEY,
    MONEY_A_YEAR,
    PERSONS,
    TONNES_A_YEAR,
    stage_columns,
    stage_value,
)
from siting.results.actions import action_label
from siting.results.record import RunRecord
from siting.results.results import Results
from siting.vocabulary import LINKS, Echelon

MOST_FLOWS = 20_000
YEARLY = (
    "investment_cny_per_year", "land_cny_per_year", "fixed_operation_cny_per_year", "unit_operation_cny_per_year",
    "closing_cny_per_year",
)  # fmt: skip


def facility_page(results: Results) -> Table:
    """Return one row for each facility, by district, the largest echelon first; as many as facilities.csv has."""
    table = results.facilities
    echelon = table["echelon"].map({one.key: -one for one in Echelon})
    table = table.assign(rank=echelon).sort_values(["district_code", "rank", "site", "option"], kind="stable")
    extra = [name for name in table if str(name).startswith("throughput_") and name != "throughput_t"]
    rows = [
        _facility(results, facility, extra, number) for number, facility in enumerate(table.to_dict("records"), start=1)
    ]
    columns = (
        *_FACILITY_COLUMNS,
        *(column("workbook.column.throughput_in", "tenth", TONNES_A_YEAR, stage=_stage(name)) for name in extra),
    )
    return Table(
        name=text("workbook.sheet.facilities"),
        title=text("workbook.title.facilities"),
        columns=columns,
        rows=tuple(rows),
        notes=(text("workbook.note.facilities"),),
        frozen=4,
    )


_FACILITY_COLUMNS = (
    column("workbook.column.no", "whole"),
    column("workbook.column.district"),
    column("workbook.column.id"),
    column("workbook.column.name_of_the_place"),
    column("workbook.column.echelon"),
    column("workbook.column.type"),
    column("workbook.column.size"),
    column("workbook.column.action"),
    column("workbook.column.opens_in", "year"),
    column("workbook.column.closed_by", "year"),
    column("workbook.column.kind_of_place"),
    column("workbook.column.longitude", "degrees", DEGREES),
    column("workbook.column.latitude", "degrees", DEGREES),
    column("workbook.column.capacity", "tenth", TONNES_A_YEAR),
    column("workbook.column.throughput", "tenth", TONNES_A_YEAR),
    column("workbook.column.load", "share"),
    column("workbook.column.residents_served", "whole", PERSONS),
    column("workbook.column.land", "tenth", text("workbook.unit.square_metres")),
    column("workbook.column.investment_without_land", "money", MONEY),
    column("workbook.column.annual_cost", "money", MONEY_A_YEAR),
)


def _stage(column: object) -> str:
    """Return the year or case of a column `throughput_<stage>_t`."""
    return str(column).removeprefix("throughput_").removesuffix("_t")


def _facility(results: Results, one: dict[Any, Any], extra: list[Any], number: int) -> Row:
    opened, closed = (None if pd.isna(one[key]) else int(one[key]) for key in ("opened", "closed"))
    kind = "" if pd.isna(one["kind"]) else kind_label(str(one["kind"]))
    return (
        number, results.district_labels[one["district_code"]], one["id"], results.facility_labels[one["id"]],
        Echelon.named(one["echelon"]).label, results.type_labels[one["type"]], one["size"],
        action_label(one["action"]), opened, closed, kind, one["lon"], one["lat"],
        round(one["capacity_t"], 1), round(one["throughput_t"], 1), round(one["utilisation_share"], 4),
        None if pd.isna(one["residents_served"]) else round(one["residents_served"]), one["area_m2"],
        one["investment_cny"], sum(one[name] for name in YEARLY),
        *(None if pd.isna(one[name]) else round(one[name], 1) for name in extra),
    )  # fmt: skip


def flow_page(results: Results) -> Table:
    """Return one row for each link and material; the smallest ones are left to flows.csv."""
    table = results.flows
    by_size = table.sort_values("tonnes", ascending=False, kind="stable")
    kept = by_size.head(MOST_FLOWS).sort_index()
    names = results.facility_labels | _generator_names(results.run)
    stage = results.period_column
    rows = tuple(_flow(results, one, names) for one in kept.to_dict("records"))
    return Table(
        name=text("workbook.sheet.flows"),
        title=text("workbook.title.flows"),
        columns=(
            *stage_columns(stage),
            column("workbook.column.link"),
            column("workbook.column.from_id"),
            column("workbook.column.from"),
            column("workbook.column.to_id"),
            column("workbook.column.to"),
            column("workbook.column.material"),
            column("workbook.column.tonnes", "tenth", TONNES_A_YEAR),
            column("workbook.column.distance_one_way", "hundredth", text("workbook.unit.kilometres")),
            column("workbook.column.vehicle"),
            column("workbook.column.haul_and_handling", "money", MONEY_A_YEAR),
        ),
        rows=rows,
        notes=_left_out(len(table) - len(kept), float(table["tonnes"].sum() - kept["tonnes"].sum())),
    )


def _left_out(n_rows: int, tonnes: float) -> tuple[Label, ...]:
    if not n_rows:
        return ()
    return (text("workbook.note.flows_left_out", n_rows=n_rows, tonnes=tonnes),)


def _generator_names(run: RunRecord) -> dict[str, Label]:
    """Return the name of each demand node that gives its material directly: its kind."""
    demand = run.geography.demand
    kinds = zip(demand["id"], demand["kind"], strict=True)
    return {str(node): kind_label(str(kind)) for node, kind in kinds if kind != "residential"}


def _flow(results: Results, one: dict[Any, Any], names: dict[str, Label]) -> Row:
    return (
        *stage_value(results.period_column, one["period"]),
        LINKS[one["link_class"]].label, one["from"], names.get(one["from"], one["from"]),
        one["to"], names.get(one["to"], one["to"]), results.material_labels[one["material"]],
        round(one["tonnes"], 3), round(one["distance_km"], 3), _vehicle(str(one["vehicle"])), one["cny"],
    )  # fmt: skip


def _vehicle(name: str) -> str:
    """Return the vehicle; empty where the config has one for each link class."""
    return "" if name in LINKS else name.replace("_", " ")


def kind_label(kind: str) -> Label:
    """Return the name of a kind of candidate or generator: as the city writes it where the catalogue has no text.

    >>> kind_label("shop").zh, kind_label("bus_depot").zh
    ('商铺', 'bus depot')
    """
    own = kind.replace("_", " ")
    return texts("places").get(f"places.kind.{kind}", Label(own, own))
