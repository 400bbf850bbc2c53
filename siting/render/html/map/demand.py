"""Demand nodes as columns for the page of a map: the residential cells and the generators, and how each is served."""

from __future__ import annotations

from typing import Any

import numpy as np

from siting.instance import Floats
from siting.render.html.map.basemap import outlines
from siting.render.html.map.columns import level_column, place_columns, rounded_column
from siting.results.demand import cell_rows, generator_rows, mean_walks_m, served_shares
from siting.results.haulprice import HaulPrices
from siting.results.record import RunRecord


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
