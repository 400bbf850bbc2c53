"""Demand nodes as columns for the page of a map: the residential cells and the generators, and how each is served."""

from __future__ import annotations

from typing import Any

import numpy as np

from siting.instance import Floats, Instance
from siting.outputs.basemap import outlines
from siting.outputs.haulprice import HaulPrices
from siting.outputs.mapcolumns import cell_rows, generator_rows, level_column, place_columns, rounded_column
from siting.outputs.record import RunRecord
from siting.plan import Plan

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


def served_shares(instance: Instance, plan: Plan) -> Floats:
    """Share of each demand node that is assigned to a point, (n_demand,)."""
    served: Floats = np.bincount(instance.walks.demand, weights=plan.assign, minlength=instance.n_demand).astype(float)
    return served


def mean_walks_m(instance: Instance, plan: Plan) -> Floats:
    """Mean walk of those of each demand node who have a point, m, (n_demand,); nan where nobody has."""
    walks, served = instance.walks, served_shares(instance, plan)
    walked_m = np.bincount(walks.demand, weights=plan.assign * walks.distance_m, minlength=instance.n_demand)
    return np.where(served > LEAST_SHARE, walked_m / np.maximum(served, LEAST_SHARE), np.nan)


def served_columns(run: RunRecord, prices: HaulPrices) -> dict[str, Any]:
    """Residents of the cells, per cent assigned to a point, mean walk and cost of haul (−1: nobody is assigned)."""
    instance, cells = run.instance, cell_rows(run.instance)
    served = served_shares(instance, run.solution.plan)
    return {
        "residents": rounded_column(instance.demand.residents[cells]),
        "served_percent": rounded_column(100 * served[cells]),
        "walk_m": rounded_column(np.nan_to_num(mean_walks_m(instance, run.solution.plan)[cells], nan=-1)),
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
