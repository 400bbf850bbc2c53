"""What hauling on costs before anything is solved: each facility on the way filled to its capacity."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from siting.instance import Floats, Instance
from siting.model.columns import Columns
from siting.model.linear import LinearModel
from siting.vocabulary import Echelon


def first_prices(model: LinearModel, columns: Columns, instance: Instance) -> Floats:
    """Multipliers of all rows (n_rows,): at what leaves a site, minus the cheapest way to the end a kt; others 0.

    What becomes of material on the way is left aside.
    """
    y = np.zeros(model.n_rows)
    haul, material = columns.haul_link, columns.haul_material
    if len(haul) == 0:
        return y
    here = _cost_at_site(model, columns, instance)
    tail, head = instance.haul.tail[haul], instance.haul.head[haul]
    beyond = np.zeros((instance.n_sites, instance.n_materials))
    beyond[tail, material] = np.inf
    way = model.cost[columns["haul"]]
    for _ in list(Echelon)[:-1]:  # each pass knows the way from one echelon more
        np.minimum.at(beyond, (tail, material), way + (here + beyond)[head, material])
    rows = model.rows_of("conserve_material")
    entries = sparse.csr_array(model.matrix[rows])[:, columns["haul"]].tocoo()
    onward = beyond[tail[entries.col], material[entries.col]]
    y[rows[entries.row]] = np.where(np.isfinite(onward), -onward, 0.0)
    return y


def _cost_at_site(model: LinearModel, columns: Columns, instance: Instance) -> Floats:
    """Cost of a kt at each site in its cheapest full option, (n_sites, n_materials); inf where nothing takes it."""
    options = instance.options
    fits = model.column_upper[columns["open"]] > 0
    per_kt = model.cost[columns["open"]] / (options.capacity_t / 1000)
    load = np.zeros((instance.n_options, instance.n_materials))
    load[columns.load_option, columns.load_material] = model.cost[columns["load"]]
    here = np.full((instance.n_sites, instance.n_materials), np.inf)
    option, number = np.nonzero(fits[:, None] & options.accepts)
    np.minimum.at(here, (options.site[option], number), per_kt[option] + load[option, number])
    return here
