"""Exchanges end where none saves, keep to what is asked, and cost what they say."""

from itertools import product

import numpy as np
import pytest

from siting.locate.arcs import as_arcs
from siting.locate.arguments import site_rules
from siting.locate.uncapacitated.lagrangian import Siting, cost_of
from siting.locate.uncapacitated.vertex_substitution import near_of, substitute

N_NODES, N_SITES = 30, 14
LIMITS = {"median": (4, 4), "facilities": (0, N_SITES), "covering": (0, 3)}


def problem(kind, seed):
    rng = np.random.default_rng(seed)
    cost = rng.uniform(0, 10, (N_NODES, N_SITES))
    unserved = np.full(N_NODES, np.inf)
    opening = rng.uniform(1, 20, N_SITES) if kind == "facilities" else np.zeros(N_SITES)
    if kind == "covering":
        cost, unserved = np.where(cost < 2, 0.0, np.inf), rng.integers(1, 9, N_NODES).astype(float)
    arcs = as_arcs(cost)
    return Siting(arcs, site_rules(arcs, [1], [2, 3]), opening, *LIMITS[kind], unserved)


def one_away(siting, is_open):
    """What every choice costs that is one exchange away."""
    free = np.flatnonzero(siting.rules.is_free)
    for opened, closed in product([-1, *free[~is_open[free]]], [-1, *free[is_open[free]]]):
        other = is_open.copy()
        other[[j for j in (opened,) if j >= 0]] = True
        other[[j for j in (closed,) if j >= 0]] = False
        if siting.least <= other.sum() <= siting.most:
            yield cost_of(siting, other)


@pytest.mark.parametrize("kind", LIMITS)
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n_open", [0, 2, 9])
def test_no_exchange_saves_where_they_end(kind, seed, n_open):
    siting = problem(kind, seed)
    is_open = np.random.default_rng(seed).permutation(N_SITES) < n_open
    found, _ = substitute(near_of(siting), is_open, kicks=0, rng=np.random.default_rng(seed), deadline=np.inf)

    assert siting.least <= found.sum() <= siting.most
    assert found[1]
    assert not found[[2, 3]].any()
    assert cost_of(siting, found) <= min(one_away(siting, found)) + 1e-9


@pytest.mark.parametrize("kind", LIMITS)
@pytest.mark.parametrize("seed", range(3))
def test_kicks_lose_nothing_and_the_cost_is_that_of_the_choice(kind, seed):
    siting = problem(kind, seed)
    near = near_of(siting)
    none = np.zeros(N_SITES, dtype=bool)
    local, _ = substitute(near, none, kicks=0, rng=np.random.default_rng(seed), deadline=np.inf)
    found, cost = substitute(near, local, kicks=30, rng=np.random.default_rng(seed), deadline=np.inf)

    assert cost == pytest.approx(cost_of(siting, found))
    assert cost <= cost_of(siting, local) + 1e-9
    assert siting.least <= found.sum() <= siting.most
    assert found[1]
    assert not found[[2, 3]].any()
