"""Optional columns of road edges (direction, driving, walking, speed): checks and defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

FLAGS: dict[str, bool | None] = {"walkable": None, "drivable": True, "oneway": False}
"""Columns of yes and no with what a missing column or value means; None: must be given."""

SPEED_KMH = {
    "motorway": 80.0, "trunk": 60.0, "primary": 40.0, "secondary": 35.0, "tertiary": 30.0, "residential": 20.0,
    "unclassified": 25.0, "living_street": 10.0, "service": 10.0, "pedestrian": 5.0, "footway": 5.0,
}  # fmt: skip
"""Usual speed of a loaded truck by road class, stops included, where no speed is given (assumption)."""
OTHER_SPEED_KMH = 20.0
YES, NO = (
    ("true", "yes", "y", "t", "1", "1.0", "是", "可", "有"),
    ("false", "no", "n", "f", "0", "0.0", "否", "不可", "无"),
)
YES_NO: dict[Any, bool] = {True: True, False: False} | dict.fromkeys(YES, True) | dict.fromkeys(NO, False)
MOST_LISTED = 5


def road_faults(where: str, edges: gpd.GeoDataFrame) -> Iterator[str]:
    """Yield the flags that are neither yes nor no, speeds that are no speeds, geometries that are no lines."""
    for column, default in FLAGS.items():
        if column in edges:
            odd = [row for row, value in enumerate(edges[column]) if _flag(value, default) is None]
            if odd:
                values = [edges[column].iloc[row] for row in odd[:MOST_LISTED]]
                yield f"{where}.{column}: {len(odd)} values are neither true nor false, first {values}; correct them"
    if "speed_kmh" in edges:
        numbers = pd.to_numeric(edges["speed_kmh"], errors="coerce")
        odd = list(np.flatnonzero(edges["speed_kmh"].notna() & ~numbers.between(1, 200)))
        if odd:
            values = [edges["speed_kmh"].iloc[row] for row in odd[:MOST_LISTED]]
            yield f"{where}.speed_kmh: {len(odd)} values are no speeds from 1 to 200 km/h, first {values}; correct them"
    kinds = sorted(set(edges.geometry.geom_type.dropna()) - {"LineString"})
    if kinds:
        yield f"{where}: geometries of kind {kinds}; give one plain line for each edge"


def with_defaults(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the checked edges with every flag as a bool and a speed for each, km/h: by class where none is given."""
    filled = edges.copy()
    for column, default in FLAGS.items():
        values = edges[column] if column in edges else [default] * len(edges)
        filled[column] = np.array([_flag(value, default) for value in values], dtype=bool)
    by_class = edges["road_class"].astype(str).str.removesuffix("_link").map(SPEED_KMH).fillna(OTHER_SPEED_KMH)
    given = pd.to_numeric(edges["speed_kmh"]) if "speed_kmh" in edges else pd.Series(np.nan, index=edges.index)
    filled["speed_kmh"] = given.astype(float).fillna(by_class.astype(float))
    return filled


def _flag(value: Any, default: bool | None) -> bool | None:
    """Return a cell as yes or no; the default where it is empty, None where it is neither."""
    return default if pd.isna(value) else flag_of(value)


def flag_of(value: Any) -> bool | None:
    """Return a filled cell as yes or no; None where it is neither.

    >>> flag_of("Yes"), flag_of("否"), flag_of(1.0), flag_of("perhaps")
    (True, False, True, None)
    """
    return YES_NO.get(value.strip().lower() if isinstance(value, str) else value)
