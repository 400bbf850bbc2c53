"""Demand nodes of a plan: which are cells and generators, who is served, and how far they walk."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.instance import Floats, Instance, Ints
from siting.plan import Plan
from siting.results.haulprice import HaulPrices
from siting.vocabulary import DemandKind

LEAST_SHARE = 1e-6


def cell_rows(instance: Instance) -> Ints:
    """Return the rows of the demand nodes that are residential cells."""
    return np.flatnonzero(instance.demand.is_household)


def served_shares(instance: Instance, plan: Plan) -> Floats:
    """Return the share of each demand node that is assigned to a point, (n_demand,)."""
    served: Floats = np.bincount(instance.walks.demand, weights=plan.assign, minlength=instance.n_demand).astype(float)
    return served


def mean_walks_m(instance: Instance, plan: Plan) -> Floats:
    """Return the mean walk of served residents by demand node, m, (n_demand,); nan without any."""
    walks, served = instance.walks, served_shares(instance, plan)
    walked_m = np.bincount(walks.demand, weights=plan.assign * walks.distance_m, minlength=instance.n_demand)
    return np.where(served > LEAST_SHARE, walked_m / np.maximum(served, LEAST_SHARE), np.nan)


def demand_table(instance: Instance, plan: Plan, prices: HaulPrices) -> pd.DataFrame:
    """Return one row for each demand node, in the order of the instance.

    Columns: `id`, `kind` (of `DemandKind`), `district` (row), `residents`, `tonnes` offered and `given_t` taken, t a
    year, `served_share` of residents assigned to a point, `walk_m` their mean walk (nan where nobody is assigned) and
    `haul_cny_per_t` of what is given (nan where nothing is).
    """
    return pd.DataFrame(
        {
            "id": instance.demand.id,
            "kind": [DemandKind(one).key for one in instance.demand.kind],
            "district": instance.demand.district,
            "residents": instance.demand.residents,
            "tonnes": instance.demand.tonnes.sum(axis=1),
            "given_t": prices.given_t,
            "served_share": served_shares(instance, plan),
            "walk_m": mean_walks_m(instance, plan),
            "haul_cny_per_t": prices.demand,
        }
    )
