"""Better plans from a plan: free the sites around one, decide them anew, keep what is cheaper.

Large neighbourhood search with small mixed-integer programs (fix and optimize).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Instance, Ints
from siting.model.columns import Columns
from siting.solve.city.neighbourhoods import around, centre_graph, free_columns, site_graph
from siting.solve.city.restrict import Holder, holds
from siting.solve.clock import Allowance, Record
from siting.solve.highs import Answer
from siting.vocabulary import Echelon


@dataclass(frozen=True)
class Effort:
    """How hard to try: seconds or work, and relative gap, for one neighbourhood, `workers` of them at a time."""

    most: float
    gap: float
    workers: int


@dataclass(frozen=True)
class Kind:
    """One kind of neighbourhood: sites near each other in `graph`, up to `most` of `weight` (n_sites,)."""

    graph: sparse.csr_array
    weight: Ints
    most: int


LEAST_EFFORT = 0.5
"""With less for a neighbourhood, in seconds or in units of work, none is looked at."""
LEAST_GAIN = 1e-3
LEAST_CHANCE = 0.1
"""A kind of neighbourhood that gains little is still drawn this often beside the one that gains most."""
MEMORY = 0.8
PATIENCE = 8
"""Times that neighbourhoods as many as it takes to cover the city may gain nothing in a row."""


class Search:
    """Draws neighbourhoods, seeded, and keeps improving a plan's column values until the record's limit is near."""

    def __init__(self, instance: Instance, columns: Columns, holder: Holder, *, seed: int, effort: Effort) -> None:
        self.instance, self.columns, self.holder, self.effort = instance, columns, holder, effort
        self.random = np.random.default_rng(seed)
        near, centres = site_graph(instance), centre_graph(instance)
        self.kinds = [
            Kind(near, _weight(instance, Echelon.POINT, Echelon.TRANSFER), 120),
            Kind(near, _weight(instance, Echelon.TRANSFER), 60),
            Kind(centres, _weight(instance, Echelon.SORTING), 50),
        ]
        self.kinds = [kind for kind in self.kinds if kind.weight.any()]
        self.rate = np.full(len(self.kinds), np.inf)  # cost gained for each column freed, lately; inf: never tried
        self.patience = sum(PATIENCE * (1 + int(kind.weight.sum()) // kind.most) for kind in self.kinds)

    def improve(self, values: Floats, record: Record, *, gap: float, reserve: float) -> Floats:
        """Return the column values at most as dear as `values`; each better plan goes to `record`.

        Ends when the gap is small enough, when neighbourhoods that cover the city some times over gained nothing, or
        `reserve` before the record's limit.
        """
        model = self.holder.model
        in_vain = 0
        with ThreadPoolExecutor(self.effort.workers) as pool:
            while in_vain < self.patience and record.gap > gap:
                most = min(self.effort.most, record.left - reserve)
                if most < LEAST_EFFORT:
                    break
                allowed = record.allow(most)
                drawn = [self._draw() for _ in range(self.effort.workers)]
                frees = [self._neighbourhood(values, self.kinds[number]) for number in drawn]
                decided = list(pool.map(self._decide, repeat(values), frees, repeat(allowed)))
                is_timed_out = any(told.is_timed_out for _, told in decided)
                record.charge(max(told.work for _, told in decided), is_timed_out=is_timed_out)
                for number, free, (answer, _) in zip(drawn, frees, decided, strict=True):
                    changed = None if answer is None else _merged(values, free, answer)
                    gained = 0.0 if changed is None else float(model.cost @ (values - changed))
                    in_vain += 1
                    if changed is None or gained <= LEAST_GAIN or not holds(self.holder, changed):
                        gained = 0.0
                    else:
                        values, in_vain = changed, 0
                        record.offer_plan(values, float(model.cost @ values), "neighbourhood")
                    self._remember(number, gained / max(1, len(free)))
        record.is_exhausted = in_vain >= self.patience
        return values

    def _draw(self) -> int:
        """Return the number of a kind, one that gained more lately more often; each in turn at first."""
        untried = np.flatnonzero(np.isinf(self.rate))
        if len(untried):
            return int(self.random.choice(untried))
        chance = self.rate + LEAST_CHANCE * self.rate.max() + 1e-9
        return int(self.random.choice(len(self.kinds), p=chance / chance.sum()))

    def _remember(self, number: int, rate: float) -> None:
        before = self.rate[number]
        self.rate[number] = rate if np.isinf(before) else MEMORY * before + (1 - MEMORY) * rate

    def _decide(self, values: Floats, free: Ints, allowed: Allowance) -> tuple[Floats | None, Answer]:
        is_integer: Bools = self.holder.model.is_integer
        return self.holder.resolve(
            values,
            free,
            is_integer=is_integer,
            time_limit_s=allowed.seconds,
            work=allowed.work,
            gap=self.effort.gap,
            has_start=True,
        )

    def _neighbourhood(self, values: Floats, kind: Kind) -> Ints:
        """Return the columns to free around a site drawn at random."""
        seed = int(self.random.choice(np.flatnonzero(kind.weight > 0)))
        sites = around(kind.graph, seed, kind.weight, kind.most)
        return free_columns(self.instance, self.columns, values, sites[kind.weight[sites] > 0])


def _merged(values: Floats, free: Ints, answer: Floats) -> Floats:
    """Return `values` with the `free` columns taken from `answer`."""
    changed = values.copy()
    changed[free] = answer[free]
    return changed


def _weight(instance: Instance, *echelons: Echelon) -> Ints:
    """Return the options of each site of these echelons, (n_sites,)."""
    chosen = np.isin(instance.option_echelon(), echelons)
    return np.bincount(instance.options.site[chosen], minlength=instance.n_sites)
