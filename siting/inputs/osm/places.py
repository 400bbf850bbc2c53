"""Candidate sites and existing facilities from features."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.inputs.osm.kinds import FACILITY_RULES, LAND_RULES, POINT_RULES, by_rules, materials_of

WGS84 = "EPSG:4326"
# Land that a station or a centre needs; a comprehensive centre has more than 3,000 m² by the national standard.
LEAST_AREA_M2 = {"transfer": 500.0, "sorting": 3000.0}
LEAST_PARKING_M2 = 1500.0
CANDIDATE_COLUMNS = ["id", "echelon", "kind", "osm_class", "name", "area_m2"]
FACILITY_COLUMNS = [*CANDIDATE_COLUMNS, "role", "materials", "existing_type", "existing_size", "capacity_t"]
ECHELON_OF = {"recycling_point": "point", "recycling_centre": "transfer", "transfer_station": "transfer"}
ECHELON_OF |= {"scrap_yard": "sorting"}


def make_candidates(features: pd.DataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Points first, then land for transfer stations, then for sorting centres; and notes on what was left out.

    One piece of land may stand in all three echelons; the id of the latter two ends in `-transfer`, `-sorting`.
    """
    kind, value = by_rules(features, POINT_RULES)
    below = np.array([tags.get("parking") == "underground" for tags in features["tags"]], dtype=bool)
    is_underground = (kind == "parking") & below
    kind[is_underground] = None
    parts = [_rows(features, kind, value, "point"), *_land(features, is_underground)]
    number = int(is_underground.sum())
    notes = [f"{number:,} underground car parks left out of the candidates"] if number else []
    return _on_map(pd.concat(parts, ignore_index=True), CANDIDATE_COLUMNS), notes


def make_facilities(features: pd.DataFrame) -> gpd.GeoDataFrame:
    """Recycling places, transfer stations, scrap yards, landfills and incinerators that exist.

    A recycling centre counts as a transfer station: it takes from residents and passes on unsorted. A landfill and an
    incinerator belong to no echelon (missing).
    """
    kind, value = by_rules(features, FACILITY_RULES)
    is_centre = [tags.get("recycling_type") == "centre" for tags in features["tags"]]
    kind[(kind == "recycling_point") & np.array(is_centre, dtype=bool)] = "recycling_centre"
    rows = _rows(features, kind, value, None)
    rows["echelon"] = pd.Series([ECHELON_OF.get(one) for one in rows["kind"]], dtype=object)
    rows["role"] = "existing"
    rows["materials"] = pd.Series([materials_of(tags) for tags in rows["tags"]], dtype=object)
    for column in ("existing_type", "existing_size"):
        rows[column] = pd.Series(None, index=rows.index, dtype=object)
    rows["capacity_t"] = np.full(len(rows), np.nan)
    return _on_map(rows, FACILITY_COLUMNS)


def _land(features: pd.DataFrame, is_underground: np.ndarray[Any, Any]) -> list[pd.DataFrame]:
    """Industrial and idle land, warehouses, works and large car parks with enough area, for each echelon."""
    kind, value = by_rules(features, LAND_RULES)
    area = features["area_m2"].to_numpy()
    kind[is_underground | ((kind == "parking") & ~(area >= LEAST_PARKING_M2))] = None
    parts = []
    for echelon, least_m2 in LEAST_AREA_M2.items():
        enough = kind.copy()
        enough[~(area >= least_m2)] = None
        part = _rows(features, enough, value, echelon)
        parts.append(part.assign(id=part["id"] + f"-{echelon}"))
    return parts


def _rows(features: pd.DataFrame, kind: Any, value: Any, echelon: str | None) -> pd.DataFrame:
    """The features that have a kind."""
    chosen = ~pd.isna(kind)
    rows: pd.DataFrame = features.loc[chosen, ["id", "name", "area_m2", "point", "tags"]].reset_index(drop=True)
    return rows.assign(echelon=echelon, kind=kind[chosen], osm_class=value[chosen])


def _on_map(rows: pd.DataFrame, columns: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows[columns], geometry=rows["point"].to_numpy(), crs=WGS84).reset_index(drop=True)
