"""The least subsidy a tonne at which a network pays for itself, as a proven interval.

With s CNY more for each collected tonne of some materials, a plan x costs C(x) − s T(x). The network pays for itself
from the least s on at which the least of these is 0 or below.

- Any plan gives an upper end: C(x) / T(x). Planning anew at that s leads to a plan that needs less, or to none
  (Dinkelbach 1967, On nonlinear fractional programming).
- Any multipliers give a lower end: the largest s at which the bound that they prove is above 0. With a bound B at s, no
  plan pays for itself below s + B / T, T the least tonnes of any plan where B < 0 (the most where B > 0).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from siting.certificate import lagrangian_bound, proven_bound
from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Bools, Floats, Instance, Materials
from siting.model import Whole, build_whole
from siting.model.linear import MODEL_CNY
from siting.pricing.replan import is_verified
from siting.pricing.solved import Solved
from siting.solve.relaxation import relax
from siting.solve.solve import EXACT_COLUMNS, solve
from siting.solve.start import Start

MOST_ROUNDS = 6
HALVINGS = 40
LEAST_T = 1e-3
SAME_CNY_PER_T = 0.01


@dataclass(frozen=True)
class Breakeven:
    """The least subsidy more, CNY for each collected tonne, lies in [`least`, `most`].

    `most` is inf where no plan is known that can pay for itself. `values` (n_columns,) are the plan that does at
    `most`; `cost_cny` and `tonnes` are what it costs and collects a year without it.
    """

    least: float
    most: float
    cost_cny: float
    tonnes: float
    values: Floats


def with_subsidy(instance: Instance, materials: Bools, more_cny_per_t: float) -> Instance:
    """Return the instance with so much more for each collected tonne of the `materials` (n_materials,)."""
    added = more_cny_per_t * materials

    def raised(one: Materials) -> Materials:
        return replace(one, subsidy_cny_per_t=one.subsidy_cny_per_t + added)

    stages = instance.stages
    if stages is not None and stages.prices:
        prices = tuple(replace(one, materials=raised(one.materials)) for one in stages.prices)
        stages = replace(stages, prices=prices)
    return replace(instance, materials=raised(instance.materials), stages=stages)


def find_breakeven(
    solved: Solved,
    materials: Bools,
    *,
    seconds: float,
    threads: int = 1,
    seed: int = 1,
    tell: Callable[[float, float], None] = lambda _least, _most: None,
) -> Breakeven:
    """Return the least subsidy on the `materials` at which the network pays for itself, found within `seconds` or so.

    `tell` hears of the interval whenever it becomes narrower.
    """
    search = _Search(solved, materials)
    tell(search.least, search.most)
    ends_at = time.monotonic() + seconds
    for number in range(MOST_ROUNDS):
        left_s = ends_at - time.monotonic()
        if left_s < 1 or search.is_settled or math.isinf(search.most):
            break
        before = search.least, search.most
        search.plan_at(search.most, time_limit_s=left_s / (MOST_ROUNDS - number), threads=threads, seed=seed + number)
        tell(search.least, search.most)
        if before == (search.least, search.most) and solved.whole.model.n_columns > EXACT_COLUMNS:
            break
    least = min(search.least, search.most)  # the two are equal up to rounding
    return Breakeven(least, search.most, search.cost_cny, search.tonnes, search.values)


class _Search:
    """The best plan so far, and the interval that it and the bounds prove."""

    def __init__(self, solved: Solved, materials: Bools) -> None:
        self.solved, self.materials = solved, materials
        self.at_zero = solved.whole.model.cost
        by_cny = self._whole(1.0).model.cost
        self.t_of_column = (self.at_zero - by_cny) * MODEL_CNY
        self.most_t = float(np.maximum(0.0, self._extreme_t(-1.0)))
        self.least_t = max(0.0, self._extreme_t(1.0))
        self.values = solved.values
        self.least = 0.0
        self._learn(0.0, solved.known.bound_cny)
        self._raise_least(solved.multipliers)

    @property
    def cost_cny(self) -> float:
        """Cost of the best plan without more subsidy."""
        return self.solved.cost_of(self.values)

    @property
    def tonnes(self) -> float:
        """Tonnes that the best plan collects, by the weights of its stages."""
        return float(self.t_of_column @ self.values)

    @property
    def most(self) -> float:
        """The subsidy more at which the best plan pays for itself."""
        if self.cost_cny <= 0:
            return 0.0
        return self.cost_cny / self.tonnes if self.tonnes > LEAST_T else math.inf

    @property
    def is_settled(self) -> bool:
        """Return whether the interval is as narrow as money is counted."""
        return self.most - self.least <= SAME_CNY_PER_T

    def plan_at(self, subsidy: float, *, time_limit_s: float, threads: int, seed: int) -> None:
        """Solve again with a higher subsidy, starting from the best plan, and keep the bound and the plan."""
        solved = self.solved
        instance = with_subsidy(solved.instance, self.materials, subsidy)
        begun = Start(solved.instance, solved.whole.plans_of(self.values))
        how: dict[str, Any] = {"time_limit_s": time_limit_s, "threads": threads, "seed": seed, "gap": 0.0}
        try:
            found = solve(instance, start=begun, multipliers=solved.multipliers, **how)
        except (InfeasibleError, OutOfTimeError):  # a budget of subsidies may leave no plan
            return
        self._learn(subsidy, found.bound_cny)
        if found.certificate is not None:
            self._raise_least(found.certificate.multipliers)
        values = Solved.of(instance, found).values if found.certificate is not None else None
        if values is None or not is_verified(instance, solved.whole, values, found.cost_cny):
            return
        tonnes, cost_cny = float(self.t_of_column @ values), solved.cost_of(values)
        if tonnes > LEAST_T and cost_cny / tonnes < self.most:
            self.values = values

    def _whole(self, subsidy: float) -> Whole:
        return build_whole(with_subsidy(self.solved.instance, self.materials, subsidy))

    def _extreme_t(self, sign: float) -> float:
        """Return the least tonnes (`sign` 1) or the most (−1) that any plan can collect, by a bound."""
        model = replace(self.solved.whole.model, cost=sign * self.t_of_column)
        root = relax(model, time_limit_s=60.0) if model.n_columns <= EXACT_COLUMNS else None
        bound = lagrangian_bound(model, np.zeros(model.n_rows) if root is None else root.multipliers)
        return sign * bound

    def _learn(self, subsidy: float, bound_cny: float) -> None:
        """Raise the lower end by a bound on the cost of every plan with so much subsidy more."""
        if bound_cny > 0 and self.most_t > 0:
            self.least = max(self.least, subsidy + bound_cny / self.most_t)
        elif math.isfinite(bound_cny) and self.least_t > 0:
            self.least = max(self.least, subsidy + bound_cny / self.least_t)

    def _raise_least(self, multipliers: Floats) -> None:
        """Raise the lower end to the largest subsidy at which the bound of these multipliers is above 0."""
        low, high = self.least, self.most
        if math.isinf(high) or not self._bound(high, multipliers) <= 0 or not self._bound(low, multipliers) > 0:
            return
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if self._bound(middle, multipliers) > 0:
                low = middle
            else:
                high = middle
            if high - low < SAME_CNY_PER_T / 2:
                break
        self.least = max(self.least, low)

    def _bound(self, subsidy: float, multipliers: Floats) -> float:
        return proven_bound(self._whole(subsidy), multipliers)
