"""Sheets of places: facilities by district, and flows between them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from siting.language import Label, text
from siting.language.catalogue import texts
from siting.render.table import Cell, Row, Table, column
from siting.render.xlsx.units import TONNES_A_YEAR, heads, stage_columns, stage_value
from siting.results.actions import action_label
from siting.results.facilities import OUT_OF_USE
from siting.results.results import Results
from siting.results.units import NOTHING
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
    rows = (_facility(results, one, extra, number) for number, one in enumerate(table.to_dict("records"), start=1))
    stages = [str(name).removeprefix("throughput_").removesuffix("_t") for name in extra]
    return Table(
        name=text("workbook.sheet.facilities"),
        title=text("workbook.title.facilities"),
        columns=(
            *heads(
                "no district id name_of_the_place echelon type size action opens_in closed_by kind_of_place longitude "
                "latitude capacity planned_limit throughput load load_of_planned_limit use residents_served"
            ),
            column("workbook.column.land", "tenth", text("workbook.unit.square_metres")),
            *heads("investment_without_land annual_cost load_if_nearest"),
            *(column("workbook.column.throughput_in", "tenth", TONNES_A_YEAR, stage=stage) for stage in stages),
        ),
        rows=tuple(rows),
        notes=(text("workbook.note.facilities"),),
        frozen=4,
    )


def _facility(results: Results, one: dict[Any, Any], extra: list[Any], number: int) -> Row:
    opened, closed = (None if pd.isna(one[key]) else int(one[key]) for key in ("opened", "closed"))
    kind = "" if pd.isna(one["kind"]) else kind_label(str(one["kind"]))
    return (
        number, results.district_labels[one["district_code"]], one["id"], results.facility_labels[one["id"]],
        Echelon.named(one["echelon"]).label, results.type_labels[one["type"]], one["size"],
        action_label(one["action"]), opened, closed, kind, one["lon"], one["lat"],
        round(one["capacity_t"], 1), round(one["planned_limit_t"], 1), round(one["throughput_t"], 1),
        round(one["utilisation_share"], 4), round(one["planned_load_share"], 4), _use(one),
        None if pd.isna(one["residents_served"]) else round(one["residents_served"]), one["area_m2"],
        one["investment_cny"], sum(one[name] for name in YEARLY),
        None if pd.isna(one["load_if_nearest_t"]) else round(one["load_if_nearest_t"], 1),
        *(None if pd.isna(one[name]) else round(one[name], 1) for name in extra),
    )  # fmt: skip


def _use(one: dict[Any, Any]) -> Cell:
    label = text(f"results.use.{one['use']}") if one["use"] else NOTHING
    return Cell(label, tone="caution" if one["use"] in OUT_OF_USE else "")


def flow_page(results: Results) -> Table:
    """Return one row for each link and material; the smallest ones are left to flows.csv."""
    table = results.flows
    by_size = table.sort_values("tonnes", ascending=False, kind="stable")
    kept = by_size.head(MOST_FLOWS).sort_index()
    demand, n_left = results.run.geography.demand, len(table) - len(kept)
    kinds = zip(demand["id"], demand["kind"], strict=True)
    names = results.facility_labels | {
        str(node): kind_label(str(kind)) for node, kind in kinds if kind != "residential"
    }
    left_t = float(table["tonnes"].sum() - kept["tonnes"].sum())
    return Table(
        name=text("workbook.sheet.flows"),
        title=text("workbook.title.flows"),
        columns=(
            *stage_columns(results.period_column),
            *heads("link from_id from to_id to material tonnes distance_one_way vehicle haul_and_handling"),
        ),
        rows=tuple(_flow(results, one, names) for one in kept.to_dict("records")),
        notes=(text("workbook.note.flows_left_out", n_rows=n_left, tonnes=left_t),) if n_left else (),
    )


def _flow(results: Results, one: dict[Any, Any], names: dict[str, Label]) -> Row:
    """Return one flow; its vehicle only where it is not that of the link class."""
    vehicle = str(one["vehicle"])
    return (
        *stage_value(results.period_column, one["period"]),
        LINKS[one["link_class"]].label, one["from"], names.get(one["from"], one["from"]),
        one["to"], names.get(one["to"], one["to"]), results.material_labels[one["material"]],
        round(one["tonnes"], 3), round(one["distance_km"], 3),
        "" if vehicle in LINKS else vehicle.replace("_", " "), one["cny"],
    )  # fmt: skip


def kind_label(kind: str) -> Label:
    """Return the name of a kind of candidate or generator: as the city writes it where the catalogue has no text.

    >>> kind_label("shop").zh, kind_label("bus_depot").zh
    ('商铺', 'bus depot')
    """
    own = kind.replace("_", " ")
    return texts("places").get(f"places.kind.{kind}", Label(own, own))
