"""Columns of short numbers: how the page of a map is given its tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from siting.instance import Floats, Ints
from siting.render.html.map.basemap import whole_numbers


def rows_of(nodes: Ints, n_demand: int) -> Ints:
    """Where each demand node stands in `nodes`, (n_demand,); −1 where it does not."""
    rows = np.full(n_demand, -1)
    rows[nodes] = np.arange(len(nodes))
    return rows


def place_columns(lonlat: Floats, origin: Floats) -> dict[str, list[int]]:
    """Places (n, 2) in lon/lat as the columns `x` and `y`, whole numbers from `origin`."""
    x, y = whole_numbers(lonlat.reshape(-1, 2), origin).T
    return {"x": x.tolist(), "y": y.tolist()}


def rounded_column(values: Any, decimals: int = 0) -> list[float]:
    """Numbers with no more digits than are shown.

    >>> rounded_column([1.0, 2.26], 1)
    [1, 2.3]
    """
    rounded = np.round(np.asarray(values, dtype=float), decimals)
    return [int(v) if v == int(v) else float(v) for v in rounded]


def level_column(column: pd.Series[Any]) -> dict[str, list[Any]]:
    """A column of repeating texts as its levels and their numbers."""
    codes, levels = pd.factorize(column.fillna("").astype(str))
    return {"levels": list(levels), "codes": codes.tolist()}
