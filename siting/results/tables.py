"""The tables of a plan as files have them: facilities, assignments and flows with their geometry, rounded."""

from __future__ import annotations

from typing import TypeVar

import geopandas as gpd
import pandas as pd

from siting.results.results import Results

Table = TypeVar("Table", bound=pd.DataFrame)
WHOLE = (
    "residents_served", "investment_cny", "investment_cny_per_year", "land_cny_per_year",
    "fixed_operation_cny_per_year", "unit_operation_cny_per_year", "closing_cny_per_year",
    "distance_m", "cny", "cost_cny", "paid_cny", "bound_cny",
)  # fmt: skip
DECIMALS = dict.fromkeys(WHOLE, 0) | {
    "capacity_t": 1, "extended_t": 1, "planned_limit_t": 1, "throughput_t": 1, "load_if_nearest_t": 1, "disposed_t": 1,
    "area_m2": 1, "residents": 1, "tonnes": 3, "distance_km": 3, "seconds": 2,
    "utilisation_share": 4, "planned_load_share": 4, "vehicles": 3, "share": 4, "participation_share": 4,
    "lon": 6, "lat": 6,
}  # fmt: skip


def plan_tables(results: Results) -> dict[str, gpd.GeoDataFrame]:
    """Return facilities, assignments and flows by name, of all periods; columns as in docs/reference/run-folder.md.

    A run for the public has no assignments.
    """
    tables = {"facilities": results.facilities.drop(columns=["site", "option"])}
    if results.run.publication is None:
        tables["assignments"] = named_by_period(results, results.assignments)
    tables["flows"] = named_by_period(results, results.flows)
    return {name: gpd.GeoDataFrame(_rounded(gpd.GeoDataFrame(table))) for name, table in tables.items()}


def named_by_period(results: Results, table: Table) -> Table:
    """Return a table as files have it: the period under the name of `period_column`, nothing where there is one."""
    column = results.period_column
    if not column:
        return table.drop(columns="period")
    if column in table:
        return table.assign(**{column: table["period"]}).drop(columns="period")
    return table.rename(columns={"period": column})


def district_layer(results: Results) -> gpd.GeoDataFrame:
    """Return outline, names and figures of each district in the last period."""
    return gpd.GeoDataFrame(results.last.districts.drop(columns="period").round(1))


def _rounded(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return table.round({column: _decimals(column) for column in table if _decimals(column) is not None})


def _decimals(column: str) -> int | None:
    return DECIMALS["throughput_t"] if column.startswith("throughput_") else DECIMALS.get(column)
