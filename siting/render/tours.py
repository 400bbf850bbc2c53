"""Sentences and tables of collection tours, for the terminal, the report and the workbook."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from siting.language import Label, listed, text
from siting.language.quantities import quantity
from siting.render.table import Cell, Column, Row, Table, Total, column
from siting.results.collection import SUMMED, Collection
from siting.results.results import Results

FORMS = {
    "tonnes": "whole", "visits_per_day": "whole", "km": "whole", "hours": "whole", "drivers": "tenth",
    "vehicles": "whole", "cny": "whole",
}  # fmt: skip


def tour_sentence(results: Results, collection: Collection) -> Label:
    """Return the cost of emptying per tonne by type of point, with vehicles, visits and hours."""
    costs = [
        text("collection.of_type", type=results.type_labels[str(one["type"])], cost=quantity(one["cny_per_t"], "CNY/t"))
        for one in collection.types.to_dict("records")
    ]
    if collection.door_t > 0:
        costs.append(text("collection.of_doors", cost=quantity(collection.door_cny / collection.door_t, "CNY/t")))
    table = collection.stations
    return text(
        "collection.sentence",
        types=listed(costs),
        vehicles=quantity(float(table["vehicles"].sum()), "vehicles"),
        visits=quantity(float(table["visits_per_day"].sum()), "visits/day"),
        hours=quantity(float(table["hours"].sum()), "h/yr"),
    )


def density_sentence(collection: Collection) -> Label:
    """Return the detour that is charged, and that at the density of the points that are open."""
    return text("collection.density", charged=collection.charged_detour_km, own=collection.own_detour_km)


def recomputed_sentence(collection: Collection) -> Label:
    """Return the kilometres of tours that were built, beside those charged."""
    share = quantity(collection.toured_share, "share")
    return text("collection.recomputed", toured=collection.toured_km, charged=collection.charged_km, share=share)


def station_table(results: Results, collection: Collection) -> Table:
    """Return the tours of each station, with a sum."""
    names = [(str(one), results.facility_labels.get(str(one), "")) for one in collection.stations["id"]]
    heads = (column("collection.column.station"), column("collection.column.place"))
    return _table(text("collection.stations"), heads, names, collection.stations)


def district_table(results: Results, collection: Collection) -> Table:
    """Return the tours of the points of each district, with a sum; vehicles are no whole ones."""
    names = [(results.district_labels[str(one)],) for one in collection.districts["id"]]
    table = collection.districts.drop(columns="vehicles")
    return _table(text("collection.districts"), (column("collection.column.district"),), names, table)


def _table(
    name: Label, heads: tuple[Column, ...], names: Sequence[tuple[Label | str, ...]], table: pd.DataFrame
) -> Table:
    keys = [one for one in SUMMED if one in table]
    rows: list[Row] = [
        (*named, *(Cell(float(one[key]), FORMS[key]) for key in keys))
        for named, one in zip(names, table.to_dict("records"), strict=True)
    ]
    blank = (None,) * (len(heads) - 1)
    rows.append(Total((text("workbook.all"), *blank, *(Cell(float(table[key].sum()), FORMS[key]) for key in keys))))
    of_keys = tuple(column(f"collection.column.{key}", FORMS[key]) for key in keys)
    return Table(name, (*heads, *of_keys), tuple(rows), notes=(text("collection.note"),))
