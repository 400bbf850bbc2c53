"""The facilities of a run as columns for the page of a map: where they are, and what each is in each year or case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np

from siting.instance import Floats, Ints
from siting.plan import site_inflow_t
from siting.render.html.map.columns import level_column, place_columns, rounded_column
from siting.results.facilities import facility_table
from siting.results.haulprice import HaulPrices
from siting.results.record import RunRecord
from siting.results.rollout import opening_years
from siting.results.without import losses_without

ACTIONS = ("", "keep", "upgrade", "build", "close")
"""What a facility is in a year: not there yet, or what `site_actions` says."""
LEAST_T = 0.05


def drawn_sites(records: Sequence[RunRecord]) -> Ints:
    """The sites where something is open, or stands today, in any of the years or cases."""
    tables = [facility_table(record, with_closed=True)["site"].to_numpy() for record in records]
    return np.unique(np.concatenate(tables)).astype(np.int64)


def lasting_columns(run: RunRecord, sites: Ints, origin: Floats) -> dict[str, Any]:
    """What does not change with the year; `opened` is the year in which a new facility opens, 0: it stands today."""
    frame, of = run.geography.sites.iloc[sites], run.instance.sites
    return {
        **place_columns(np.column_stack([frame.geometry.x, frame.geometry.y]), origin),
        "id": of.id[sites].tolist(),
        "name": frame["name"].fillna("").astype(str).tolist(),
        "echelon": of.echelon[sites].tolist(),
        "district": of.district[sites].tolist(),
        "kind": level_column(frame["kind"]),
        "osm_class": level_column(frame["osm_class"]),
        "is_shared": of.is_shared[sites].astype(int).tolist(),
        "opened": _opening_years(run)[sites].tolist(),
    }


def _opening_years(run: RunRecord) -> Ints:
    """The year in which something new opens at each site, (n_sites,); 0 where nothing does."""
    years = np.array([run.instance.year]) if run.rollout is None else run.rollout.stages.year
    opened, _ = opening_years(run.instance, years, run.solution.plans)
    of_site = np.zeros(run.instance.n_sites, dtype=np.int64)
    np.maximum.at(of_site, run.instance.options.site, opened)
    return of_site


def passing_columns(run: RunRecord, sites: Ints, prices: HaulPrices) -> dict[str, Any]:
    """What each facility is, takes and costs in one year or case; `inflow` is told as by `_inflow`.

    Where nothing is there yet, `action` is 0 and the figures mean nothing. −1 stands for none.
    """
    table = facility_table(run, with_closed=True).set_index("site", drop=False).reindex(sites)
    annual_cny = table[[name for name in table if str(name).endswith("_cny_per_year")]].sum(axis=1)
    option = table["option"].fillna(-1).astype(np.int64).to_numpy()
    losses = losses_without(run.instance, run.solution.plan)
    return {
        "action": [ACTIONS.index(str(one)) if isinstance(one, str) else 0 for one in table["action"]],
        "type": np.where(option >= 0, run.instance.options.type[option], 0).tolist(),
        "size": level_column(table["size"]),
        **{name: _rounded(table, column, decimals) for name, (column, decimals) in FIGURES.items()},
        "annual_cny": rounded_column(annual_cny),
        "inflow": _inflow(run, sites),
        "haul_cny_per_t": rounded_column(np.nan_to_num(prices.site[sites], nan=-1), 1),
        "lost_t": rounded_column(losses.lost_t[sites], 1),
        "lost_residents": rounded_column(losses.lost_residents[sites]),
        "alone_t": rounded_column(losses.alone_t[sites], 1),
        "alone_residents": rounded_column(losses.alone_residents[sites]),
        "detour_m": rounded_column(np.nan_to_num(losses.detour_m[sites], nan=-1)),
    }


FIGURES = {
    "capacity_t": ("capacity_t", 0),
    "throughput_t": ("throughput_t", 1),
    "residents": ("residents_served", 0),
    "investment_cny": ("investment_cny", 0),
    "investment_cny_per_year": ("investment_cny_per_year", 0),
    "land_cny_per_year": ("land_cny_per_year", 0),
    "area_m2": ("area_m2", 0),
}
"""Columns of the page from those of the facility table, with their digits."""


def _rounded(table: gpd.GeoDataFrame, column: str, decimals: int) -> list[float]:
    return rounded_column(table[column].fillna(0), decimals)


def _inflow(run: RunRecord, sites: Ints) -> list[list[float]]:
    """What enters each facility: rows of materials and their tonnes in turn, the largest first."""
    inflow_t = site_inflow_t(run.instance, run.solution.plan)[sites]
    entered = []
    for row in inflow_t:
        materials = [int(m) for m in np.argsort(-row, kind="stable") if row[m] >= LEAST_T]
        entered.append([part for m in materials for part in (m, *rounded_column([row[m]], 1))])
    return entered
