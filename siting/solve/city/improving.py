"""Better plans from a plan: free the sites around one, decide them anew, keep what is cheaper.

Large neighbourhood search with small mixed-integer programs (fix and optimize).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from scipy import sparse

from siting.instance import Bools, Echelon, Floats, Instance, Ints
from siting.model.columns import Columns
from siting.solve.city.freeing import free_columns
from siting.solve.city.nearby import around, centre_graph, site_graph
from siting.solve.city.restrict import Holder
from siting.solve.city.rounding import Effort, holds, merged
from siting.solve.clock import Record


@dataclass(frozen=True)
class Kind:
    """One kind of neighbourhood: sites near each other in `graph`, up to `most` of `weight` (n_sites,)."""

    graph: sparse.csr_array
    weight: Ints
    most: int


LEAST_GAIN = 1e-3


class Search:
    """Draws neighbourhoods, seeded, and keeps improving a plan's column values until the record's time is up."""

    def __init__(self, instance: Instance, columns: Columns, holder: Holder, *, seed: int, effort: Effort) -> None:
        self.instance, self.columns, self.holder, self.effort = instance, columns, holder, effort
        self.random = np.random.default_rng(seed)
        near, centres = site_graph(instance), centre_graph(instance)
        self.kinds = [
            Kind(near, _weight(instance, Echelon.POINT, Echelon.TRANSFER), 120),
            Kind(near, _weight(instance, Echelon.TRANSFER), 60),
            Kind(centres, _weight(instance, Echelon.SORTING), 50),
        ]

    def improve(self, values: Floats, record: Record, *, gap: float, reserve_s: float) -> Floats:
        """Column values at most as dear as `values`; each better plan goes to `record`.

        Ends when the gap is small enough, or `reserve_s` before the record's time is up.
        """
        model = self.holder.model
        with ThreadPoolExecutor(self.effort.workers) as pool:
            while record.seconds_left > self.effort.seconds + reserve_s and record.gap > gap:
                frees = [self._neighbourhood(values) for _ in range(self.effort.workers)]
                answers = list(pool.map(self._decide, repeat(values), frees))
                for free, answer in zip(frees, answers, strict=True):
                    changed = None if answer is None else merged(values, free, answer)
                    gained = changed is not None and float(model.cost @ (values - changed)) > LEAST_GAIN
                    if changed is not None and gained and holds(self.holder, changed):
                        values = changed
                        record.offer_plan(values, float(model.cost @ values), "neighbourhood")
        return values

    def _decide(self, values: Floats, free: Ints) -> Floats | None:
        is_integer: Bools = self.holder.model.is_integer
        changed, _ = self.holder.resolve(
            values,
            free,
            is_integer=is_integer,
            time_limit_s=self.effort.seconds,
            gap=self.effort.gap,
            has_start=True,
        )
        return changed

    def _neighbourhood(self, values: Floats) -> Ints:
        """The columns to free around a site drawn at random, for a kind of neighbourhood drawn at random."""
        kind = self.kinds[int(self.random.integers(len(self.kinds)))]
        seed = int(self.random.choice(np.flatnonzero(kind.weight > 0)))
        sites = around(kind.graph, seed, kind.weight, kind.most)
        return free_columns(self.instance, self.columns, values, sites[kind.weight[sites] > 0])


def _weight(instance: Instance, *echelons: Echelon) -> Ints:
    """Options of each site of these echelons, (n_sites,)."""
    chosen = np.isin(instance.option_echelon(), echelons)
    return np.bincount(instance.options.site[chosen], minlength=instance.n_sites)
