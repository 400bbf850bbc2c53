"""Row multipliers to try bounds with, and what the bounds are held against."""

from __future__ import annotations

import numpy as np

from siting.certificate.cell_bound import CellItems
from siting.certificate.decomposition import site_bound
from siting.solve.highs import program_of, run_highs
from siting.solve.relaxation import relax

TOLERANCE = 1e-6


def no_items(model, part):
    """Nothing that binds hauls to cells."""
    none = np.empty(0, dtype=np.int64)
    return CellItems(none, none, none, np.empty(0), np.zeros(len(part.columns.haul_link), dtype=bool))


def optimum(whole):
    """The least cost in the model's unit, as branch and bound finds it; None where there is no plan."""
    answer = run_highs(program_of(whole.model, is_linear=False), time_limit_s=30, options={"mip_rel_gap": 0.0})
    return None if answer.is_infeasible else answer.cost


def some_multipliers(whole, seed):
    """Multipliers drawn at random, those of the relaxation, and some near these."""
    rng, n = np.random.default_rng(seed), whole.model.n_rows
    drawn = [rng.normal(0, scale, n) for scale in (1e-2, 1.0, 1e2)]
    root = relax(whole.model, time_limit_s=30)
    if root is None:
        return [*drawn, np.zeros(n)]
    near = [root.multipliers * rng.uniform(0.5, 1.5, n) for _ in range(3)]
    shifted = [root.multipliers + rng.normal(0, 0.1, n) * np.abs(root.multipliers).mean() for _ in range(3)]
    return [*drawn, np.zeros(n), root.multipliers, *near, *shifted]


def climbed(whole, multipliers, seed, *, n_steps):
    """The highest site bound that steps at random lead to."""
    rng, best = np.random.default_rng(seed), site_bound(whole, multipliers)
    for _ in range(n_steps):
        tried = multipliers * np.where(rng.random(len(multipliers)) < 0.3, rng.uniform(0.5, 1.5, len(multipliers)), 1)
        bound = site_bound(whole, tried)
        if bound > best:
            multipliers, best = tried, bound
    return best


def assert_below(bound, cost):
    assert bound <= cost + TOLERANCE * max(1.0, abs(cost))
