"""Who walks where and what is hauled where, as columns for the page of a map."""

from __future__ import annotations

from typing import Any

import numpy as np

from siting.instance import Ints
from siting.plan import collected_t
from siting.render.html.map.columns import rounded_column, rows_of
from siting.results.demand import cell_rows, generator_rows
from siting.results.record import RunRecord

LEAST_SHARE = 1e-6
LEAST_T = 0.05


def assignment_columns(run: RunRecord, row_of_site: Ints) -> dict[str, Any]:
    """Which cell walks to which open point: rows of `cells` and `facilities`."""
    walks, plan = run.instance.walks, run.solution.plan
    used = np.flatnonzero((plan.assign > LEAST_SHARE) & (row_of_site[walks.site] >= 0))
    row_of_cell = rows_of(cell_rows(run.instance), run.instance.n_demand)
    return {
        "cell": row_of_cell[walks.demand[used]].tolist(),
        "facility": row_of_site[walks.site[used]].tolist(),
        "share_percent": rounded_column(100 * plan.assign[used]),
        "distance_m": rounded_column(walks.distance_m[used]),
        "tonnes": rounded_column(collected_t(run.instance, plan)[used].sum(axis=1), 1),
    }


def haul_columns(run: RunRecord, row_of_site: Ints) -> dict[str, Any]:
    """What is hauled between facilities, all materials together: rows of `facilities`."""
    haul, tonnes = run.instance.haul, run.solution.plan.haul_t.sum(axis=1)
    used = np.flatnonzero((tonnes > LEAST_T) & (row_of_site[haul.tail] >= 0) & (row_of_site[haul.head] >= 0))
    return {
        "from": row_of_site[haul.tail[used]].tolist(),
        "to": row_of_site[haul.head[used]].tolist(),
        "tonnes": rounded_column(tonnes[used], 1),
        "distance_km": rounded_column(haul.distance_m[used] / 1000, 1),
    }


def direct_columns(run: RunRecord, row_of_site: Ints) -> dict[str, Any]:
    """What generators send to facilities: rows of `generators` and of `facilities`."""
    direct, tonnes = run.instance.direct, run.solution.plan.direct_t.sum(axis=1)
    row_of_generator = rows_of(generator_rows(run.instance), run.instance.n_demand)
    is_drawn = (row_of_site[direct.head] >= 0) & (row_of_generator[direct.tail] >= 0)
    used = np.flatnonzero((tonnes > LEAST_T) & is_drawn)
    return {
        "from": row_of_generator[direct.tail[used]].tolist(),
        "to": row_of_site[direct.head[used]].tolist(),
        "tonnes": rounded_column(tonnes[used], 1),
        "distance_km": rounded_column(direct.distance_m[used] / 1000, 1),
    }
