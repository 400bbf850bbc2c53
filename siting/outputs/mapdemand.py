"""Demand nodes as columns for the page of a map: the residential cells and the generators, and how each is served."""

from __future__ import annotations

from typing import Any

import numpy as np

from siting.instance import Floats
from siting.outputs.basemap import outlines
from siting.outputs.haulprice import HaulPrices
from siting.outputs.mapcolumns import cell_rows, generator_rows, level_column, place_columns, rounded_column
from siting.outputs.record import RunRecord

LEAST_SHARE = 1e-6


def cell_columns(run: RunRecord, origin: Floats) -> dict[str, Any]:
    """Where the residential cells lie."""
    cells = cell_rows(run.instance)
    frame = run.geography.demand.iloc[cells]
    return {
        **place_columns(np.column_stack([frame.geometry.x, frame.geometry.y]), origin),
        "ring": [rings[0] for rings in outlines(frame["cell"], origin)],
        "district": run.instance.demand.district[cells].tolist(),
    }


def served_columns(run: RunRecord, prices: HaulPrices) -> dict[str, Any]:
    """Residents of the cells, per cent assigned to a point, mean walk and cost of haul (−1: nobody is assigned)."""
    instance, plan, cells = run.instance, run.solution.plan, cell_rows(run.instance)
    walks = instance.walks
    served = np.bincount(walks.demand, weights=plan.assign, minlength=instance.n_demand)
    walked_m = np.bincount(walks.demand, weights=plan.assign * walks.distance_m, minlength=instance.n_demand)
    walk_m = np.where(served > LEAST_SHARE, walked_m / np.maximum(served, LEAST_SHARE), -1.0)
    return {
        "residents": rounded_column(instance.demand.residents[cells]),
        "served_percent": rounded_column(100 * served[cells]),
        "walk_m": rounded_column(walk_m[cells]),
        "haul_cny_per_t": rounded_column(np.nan_to_num(prices.demand[cells], nan=-1), 1),
        "given_t": rounded_column(prices.given_t[cells], 1),
    }


def generator_columns(run: RunRecord, origin: Floats) -> dict[str, Any]:
    """Who and where the generators are."""
    rows = generator_rows(run.instance)
    frame = run.geography.demand.iloc[rows]
    return {
        **place_columns(np.column_stack([frame.geometry.x, frame.geometry.y]), origin),
        "id": run.instance.demand.id[rows].tolist(),
        "kind": level_column(frame["kind"]),
        "district": run.instance.demand.district[rows].tolist(),
    }


def given_columns(run: RunRecord, prices: HaulPrices) -> dict[str, Any]:
    """What the generators offer and give, and what its haul costs (−1: none is taken)."""
    rows = generator_rows(run.instance)
    return {
        "tonnes": rounded_column(run.instance.demand.tonnes[rows].sum(axis=1), 1),
        "given_t": rounded_column(prices.given_t[rows], 1),
        "haul_cny_per_t": rounded_column(np.nan_to_num(prices.demand[rows], nan=-1), 1),
    }
