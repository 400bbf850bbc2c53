"""Rules that the builders of synthetic cities share: tonnes that sorting centres deliver, and roads between places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import Delaunay

PARAMETERS = Path(__file__).parent / "parameters.csv"
CIRCUITY = 1.2
"""Road distance over straight-line distance, for more than 30 km, as in the road networks of Beijing and Tianjin."""
RECOVERED = {
    "nonferrous": "cn.recovery.nonferrous_2022",
    "vehicles": "cn.recovery.elv_2022",
    "appliances": "cn.recovery.weee_2022",
    "plastics": "cn.recovery.plastics_2022",
    "paper": "cn.recovery.paper_2022",
    "tyres": "cn.recovery.tyres_2022",
    "glass": "cn.recovery.glass_2022",
}
"""Material → key in parameters.csv of the quantity recovered in China in 2022, Mt a year."""
NATIONAL_RESIDENTS = 1_411_780_000
"""Residents of China, 2020 census."""


def delivered_t(residents: pd.Series) -> dict[str, pd.Series]:
    """Return the tonnes a year that places deliver, by material: the national quantity in proportion to residents."""
    national_mt = pd.read_csv(PARAMETERS, encoding="utf-8-sig").set_index("key")["value"]
    return {
        material: (residents * float(national_mt[key]) * 1e6 / NATIONAL_RESIDENTS).round(1)
        for material, key in RECOVERED.items()
    }


def straight_roads(nodes_m: NDArray[np.float64]) -> pd.DataFrame:
    """Return straight roads between neighbouring nodes (n_nodes, 2): node numbers `u` and `v`, and road attributes.

    Neighbours are the ends of the edges of the Delaunay triangulation; of up to three nodes, all pairs. `length_m` is
    the straight-line distance times `CIRCUITY`.
    """
    if len(nodes_m) > 3:
        triangles = Delaunay(nodes_m).simplices
        ends = np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])
    else:
        ends = np.array([(u, v) for u in range(len(nodes_m)) for v in range(u)])
    ends = np.unique(np.sort(ends, axis=1), axis=0)
    length_m = np.hypot(*(nodes_m[ends[:, 0]] - nodes_m[ends[:, 1]]).T)
    table = {
        "u": ends[:, 0],
        "v": ends[:, 1],
        "road_class": "primary",
        "length_m": np.round(np.maximum(length_m * CIRCUITY, 1.0), 1),
        "walkable": True,
        "name": None,
    }
    return pd.DataFrame(table)
