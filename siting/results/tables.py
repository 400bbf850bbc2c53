"""The tables of a plan as files have them: facilities, assignments and flows with their geometry, rounded."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from siting.results.movements import assignment_table, flow_table
from siting.results.record import RunRecord
from siting.results.rollout import all_facilities, over_stages

WHOLE = (
    "residents_served", "investment_cny", "investment_cny_per_year", "land_cny_per_year",
    "fixed_operation_cny_per_year", "unit_operation_cny_per_year", "closing_cny_per_year",
    "distance_m", "cny", "cost_cny", "bound_cny",
)  # fmt: skip
DECIMALS = dict.fromkeys(WHOLE, 0) | {
    "capacity_t": 1, "extended_t": 1, "throughput_t": 1, "disposed_t": 1, "area_m2": 1, "residents": 1,
    "tonnes": 3, "distance_km": 3, "seconds": 2,
    "utilisation_share": 4, "vehicles": 3, "share": 4, "participation_share": 4, "lon": 6, "lat": 6,
}  # fmt: skip


def plan_tables(run: RunRecord) -> dict[str, gpd.GeoDataFrame]:
    """Facilities, assignments and flows by name, of all years or cases; columns as in docs/run-folder.md.

    A run for the public has no assignments.
    """
    tables = {
        "facilities": all_facilities(run).drop(columns=["site", "option"]),
        "assignments": over_stages(run, assignment_table),
        "flows": over_stages(run, flow_table),
    }
    if run.publication is not None:
        del tables["assignments"]
    return {name: gpd.GeoDataFrame(_rounded(gpd.GeoDataFrame(table))) for name, table in tables.items()}


def district_layer(run: RunRecord) -> gpd.GeoDataFrame:
    """Outline, names and figures of each district; of several years or cases the last."""
    frame = run.geography.districts.set_index("code", drop=False).loc[list(run.instance.districts)]
    figures = {name: np.round(values, 1) for name, values in run.district_figures.items()}
    names = {name: frame[name].to_numpy() for name in ("code", "name_en", "name_zh")}
    return gpd.GeoDataFrame({**names, **figures}, geometry=frame.geometry.to_numpy(), crs="EPSG:4326")


def _rounded(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return table.round({column: _decimals(column) for column in table if _decimals(column) is not None})


def _decimals(column: str) -> int | None:
    return DECIMALS["throughput_t"] if column.startswith("throughput_") else DECIMALS.get(column)
