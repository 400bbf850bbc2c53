"""Districts beside one another, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.instance import Floats
from siting.results.record import RunRecord
from siting.vocabulary import Echelon

FIXED_COSTS = ("investment_cny", "land_cny", "fixed_operation_cny")
ALL = ""


def district_table(run: RunRecord) -> gpd.GeoDataFrame:
    """Return one row for each district of a run of one period: `code`, names, figures and outline."""
    frame = run.geography.districts.set_index("code", drop=False).loc[list(run.instance.districts)]
    names = {name: frame[name].to_numpy() for name in ("code", "name_en", "name_zh")}
    figures: dict[str, Floats] = dict(run.district_figures)
    return gpd.GeoDataFrame({**names, **figures}, geometry=frame.geometry.to_numpy(), crs="EPSG:4326")


def district_totals(codes: list[str], figures: Mapping[str, Floats], within_m: float) -> pd.DataFrame:
    """Return one row for each district with residents, material or a facility, and a last one for all of them.

    Columns: `code` (empty for all), `residents`, `near_share` of them with an open point within `within_m`,
    `reach_share` with one in reach, `served_share` assigned to one, `walk_m` (mean walk), `open_<echelon>` of each
    echelon with a candidate, `collected_t`, `processed_t`, and `fixed_cny`, the fixed cost of facilities. Shares and
    walks are nan where there are none; tonnes and CNY are a year.
    """
    table = pd.DataFrame({name: figures[name] for name in figures})
    opened = [f"open_{one.key}" for one in counted(table)]
    sums = table[
        ["residents", "residents_with_point", "assigned_residents", "collected_t", "processed_t", *opened]
    ].copy()
    sums["near"] = table[f"residents_within_{within_m:g}_m"]
    sums["walked_m"] = (table["mean_walk_m"] * table["assigned_residents"]).fillna(0)
    sums["fixed_cny"] = table[list(FIXED_COSTS)].sum(axis=1)
    sums.insert(0, "code", codes)
    used = sums[(table["residents"] > 0) | (table["collected_t"] > 0) | (table[opened].sum(axis=1) > 0)]
    whole = {"code": ALL} | used.drop(columns="code").sum().to_dict()
    used = pd.concat([used, pd.DataFrame([whole])], ignore_index=True)
    used["near_share"] = _ratio(used["near"], used["residents"])
    used["reach_share"] = _ratio(used["residents_with_point"], used["residents"])
    used["served_share"] = _ratio(used["assigned_residents"], used["residents"])
    used["walk_m"] = _ratio(used["walked_m"], used["assigned_residents"])
    return used.drop(columns=["near", "walked_m", "residents_with_point", "assigned_residents"])


def counted(table: pd.DataFrame) -> list[Echelon]:
    """Return the echelons whose open facilities the table counts."""
    return [one for one in Echelon if f"open_{one.key}" in table]


def _ratio(part: pd.Series[Any], whole: pd.Series[Any]) -> pd.Series[Any]:
    return part / whole.where(whole > 0, np.nan)
