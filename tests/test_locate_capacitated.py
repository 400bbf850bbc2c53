"""Facility location with capacities against every choice, on random tiny ones; what a published small case gives."""

from itertools import chain, combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from siting.errors import DataError, InfeasibleError
from siting.locate import Plants, cflp, tscflp

SEEDS = st.integers(0, 10_000)


def subsets(n):
    return chain.from_iterable(combinations(range(n), k) for k in range(1, n + 1))


def tiny(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    cost = rng.uniform(1, 20, (n, m))
    cost[rng.random((n, m)) < 0.15] = np.inf
    demand = rng.integers(1, 6, n).astype(float)
    capacity = rng.integers(1, 3 + int(demand.sum()), m).astype(float)
    return cost, rng.uniform(0, 15, m), demand, capacity


def transport(cost, demand, capacity, upper=None, upper_capacity=None):
    """The least cost of serving all demand over open sites, and plants; inf where they cannot."""
    n, m = cost.shape
    k = 0 if upper is None else upper.shape[1]
    objective = np.concatenate([cost.ravel(), [] if upper is None else upper.ravel()])
    bounds = [(0, None if np.isfinite(c) else 0) for c in objective]
    full, room = np.zeros((n, n * m + m * k)), np.zeros((m + k, n * m + m * k))
    balance = np.zeros((m if k else 0, n * m + m * k))
    for i, j in product(range(n), range(m)):
        full[i, i * m + j] = 1
        room[j, i * m + j] = demand[i]
        if k:
            balance[j, i * m + j] = demand[i]
    for j, q in product(range(m), range(k)):
        room[m + q, n * m + j * k + q] = 1
        balance[j, n * m + j * k + q] = -1
    right = np.concatenate([capacity, [] if upper is None else upper_capacity])
    equal = np.concatenate([np.ones(n), np.zeros(len(balance))])
    answer = linprog(
        np.where(np.isfinite(objective), objective, 0), A_ub=room, b_ub=right,
        A_eq=np.vstack([full, balance]), b_eq=equal, bounds=bounds,
    )  # fmt: skip
    return answer.fun if answer.success else np.inf


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_cflp_is_the_best_of_all_choices(seed):
    cost, opening, demand, capacity = tiny(seed)
    best = min(
        opening[list(c)].sum() + transport(cost[:, c], demand, capacity[list(c)]) for c in subsets(cost.shape[1])
    )
    if not np.isfinite(best):
        with pytest.raises(InfeasibleError):
            cflp(cost, opening, demand, capacity)
        return
    located = cflp(cost, opening, demand, capacity)
    assert located.value == pytest.approx(best, rel=1e-5)
    assert located.bound == pytest.approx(best, rel=1e-5)
    taken = np.bincount(located.site, located.share * demand[located.node], minlength=cost.shape[1])
    assert (taken <= capacity * (1 + 1e-5)).all()
    assert np.bincount(located.node, located.share) == pytest.approx(1.0)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_single_source_is_the_best_of_all_assignments(seed):
    cost, opening, demand, capacity = tiny(seed)
    n, m = cost.shape
    values = []
    for served in product(range(m), repeat=n):
        taken = np.bincount(served, demand, minlength=m)
        if (taken <= capacity).all():
            values.append(opening[sorted(set(served))].sum() + cost[np.arange(n), served].sum())
    best = min(values, default=np.inf)
    if not np.isfinite(best):
        with pytest.raises(InfeasibleError):
            cflp(cost, opening, demand, capacity, single_source=True)
        return
    located = cflp(cost, opening, demand, capacity, single_source=True)
    assert located.value == pytest.approx(best, rel=1e-5)
    assert located.share.tolist() == [1.0] * n


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_two_stages_are_the_best_of_all_choices(seed):
    cost, opening, demand, capacity = tiny(seed)
    rng = np.random.default_rng([seed, 1])
    m, k = cost.shape[1], int(rng.integers(1, 4))
    upper, plant_opening = rng.uniform(0, 3, (m, k)), rng.uniform(0, 15, k)
    plant_capacity = rng.integers(1, 3 + int(demand.sum()), k).astype(float)
    best = min(
        opening[list(c)].sum()
        + plant_opening[list(q)].sum()
        + transport(cost[:, c], demand, capacity[list(c)], upper[list(c)][:, q], plant_capacity[list(q)])
        for c in subsets(m)
        for q in subsets(k)
    )
    plants = Plants(upper, plant_opening, plant_capacity)
    if not np.isfinite(best):
        with pytest.raises(InfeasibleError):
            tscflp(cost, opening, demand, capacity, plants)
        return
    located = tscflp(cost, opening, demand, capacity, plants)
    assert located.value == pytest.approx(best, rel=1e-5)
    assert located.bound == pytest.approx(best, rel=1e-5)
    assert located.link_amount.sum() == pytest.approx(demand.sum(), rel=1e-5)


def test_capacity_exactly_enough_is_enough():
    assert cflp([[1.0], [2.0]], [3.0], [4, 6], [10]).value == pytest.approx(6.0)


def test_fixed_and_forbidden_sites_hold():
    cost, opening = [[1.0, 2.0, 9.0]], [1.0, 1.0, 1.0]
    assert cflp(cost, opening, [1], [5, 5, 5], fixed=[2]).value == pytest.approx(3.0)
    assert cflp(cost, opening, [1], [5, 5, 5], forbidden=[0]).chosen.tolist() == [1]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cflp([[1.0]], [1], [9], [5]), InfeasibleError, "demand of 9 in all, .* hold 5; allow more"),
        (lambda: cflp([[1.0]], [1], [-9], [5]), DataError, "demand of 0: -9.0"),
        (lambda: cflp([[np.inf]], [1], [1], [5]), InfeasibleError, "no site can be reached"),
        (lambda: tscflp([[1.0]], [1], [1], [5], Plants([[1.0], [1.0]], [1], [1])), DataError, "give a row for each"),
        (lambda: tscflp([[1.0]], [1], [5], [5], Plants([[1.0]], [1], [1])), InfeasibleError, "plants .* hold 1"),
    ],
)
def test_bad_input_is_told_with_its_cure(call, error, message):
    with pytest.raises(error, match=message):
        call()


@given(SEEDS, st.booleans())
@settings(max_examples=5, deadline=None)
def test_large_ones_are_sifted_and_still_right(seed, single_source):
    """The way of large instances, taken by small ones."""
    from siting.locate import capacitated

    rng = np.random.default_rng(seed)
    cost, opening = rng.uniform(1, 20, (10, 6)), rng.uniform(5, 30, 6)
    demand, capacity = rng.integers(1, 6, 10).astype(float), rng.integers(15, 30, 6).astype(float)
    plants = Plants(rng.uniform(0, 3, (6, 3)), rng.uniform(0, 20, 3), np.full(3, 25.0))
    small = cflp(cost, opening, demand, capacity, single_source=single_source)
    small_two = tscflp(cost, opening, demand, capacity, plants)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(capacitated, "SIFTED_ARCS", 0)
        patch.setattr(capacitated, "EXACT_S", 0.0)
        large = cflp(cost, opening, demand, capacity, single_source=single_source)
        large_two = tscflp(cost, opening, demand, capacity, plants)
    assert large.value == pytest.approx(small.value, rel=1e-5)
    assert large.bound == pytest.approx(small.value, rel=1e-5)
    assert large_two.value == pytest.approx(small_two.value, rel=1e-5)


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_bounds_from_prices_are_below_the_optimum(seed):
    import time

    from siting.locate.arcs import as_arcs
    from siting.locate.asked import site_rules
    from siting.locate.capacity_prices import Capacitated, may_open, sift

    rng = np.random.default_rng(seed)
    cost, opening = rng.uniform(1, 20, (9, 6)), rng.uniform(5, 30, 6)
    demand = rng.integers(1, 6, 9).astype(float)
    capacity = np.full(6, 14.0) if seed % 2 else rng.integers(12, 30, 6).astype(float)
    best = cflp(cost, opening, demand, capacity)
    arcs = as_arcs(cost)
    problem = Capacitated(arcs, site_rules(arcs, None, None), demand, opening, capacity)
    sifted = sift(problem, deadline=time.monotonic() + 5)
    assert sifted.bound <= best.value * (1 + 1e-7)
    assert may_open(problem, sifted, best.value)[best.chosen].all()
