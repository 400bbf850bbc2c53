"""Better plans from a plan: free the sites around one, decide them anew, keep what is cheaper.

Large neighbourhood search with small mixed-integer programs (fix and optimize).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
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

POINT_OPTIONS = 220
CENTRE_OPTIONS = 70
CENTRE_SHARE = 0.25
"""Share of neighbourhoods that are of sorting centres."""
LEAST_GAIN = 1e-9


class Search:
    """Draws neighbourhoods, seeded, and keeps improving a plan's column values until the record's time is up."""

    def __init__(self, instance: Instance, columns: Columns, holder: Holder, *, seed: int, effort: Effort) -> None:
        self.instance, self.columns, self.holder, self.effort = instance, columns, holder, effort
        self.random = np.random.default_rng(seed)
        echelon = instance.option_echelon()
        is_centre = echelon == Echelon.SORTING
        self.near = site_graph(instance)
        self.centres = centre_graph(instance)
        self.weight = np.bincount(instance.options.site[~is_centre], minlength=instance.n_sites)
        self.centre_weight = np.bincount(instance.options.site[is_centre], minlength=instance.n_sites)

    def improve(self, values: Floats, record: Record, gap: float) -> Floats:
        """Column values at most as dear as `values`; each better plan goes to `record`."""
        model = self.holder.model
        with ThreadPoolExecutor(self.effort.workers) as pool:
            while record.seconds_left > self.effort.seconds and record.gap > gap:
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
        options = self.effort.options()
        limit_s = self.effort.seconds
        return self.holder.resolve(
            values, free, is_integer=is_integer, time_limit_s=limit_s, options=options, has_start=True
        )[0]

    def _neighbourhood(self, values: Floats) -> Ints:
        """The columns to free around a seed drawn at random: an open site, or any candidate."""
        of_centres = self.random.random() < CENTRE_SHARE
        weight = self.centre_weight if of_centres else self.weight
        graph: sparse.csr_array = self.centres if of_centres else self.near
        seed = int(self.random.choice(np.flatnonzero(weight > 0)))
        sites = around(graph, seed, weight, CENTRE_OPTIONS if of_centres else POINT_OPTIONS)
        return free_columns(self.instance, self.columns, values, sites)
