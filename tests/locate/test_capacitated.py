"""Facility location with capacities against every choice, on random tiny ones; what a published small case gives."""

import time
from functools import partial
from itertools import chain, combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from siting import locate
from siting.errors import DataError, InfeasibleError
from siting.locate import Plants
from siting.locate.arcs import as_arcs
from siting.locate.capacitated import simulated_annealing as capacity_search
from siting.locate.capacitated import solver
from siting.locate.capacitated.branch_and_bound import compile_ahead, solve_stages
from siting.locate.capacitated.facilities import FREE, MUST, NEVER, Stages, facilities, no_plants, topped_up
from siting.locate.capacitated.lagrangian import Ascent, bound_at, cover, first_prices, forced, ruled_out
from siting.locate.capacitated.network_simplex import new_tree, ship
from siting.locate.capacitated.simulated_annealing import annealed, least_change, shipped
from siting.locate.capacitated.solver import solve_planning_model
from siting.locate.io.request import Problem, Request, answer

SEEDS = st.integers(0, 10_000)

cflp = partial(locate.cflp, time_limit_s=600.0)
tscflp = partial(locate.tscflp, time_limit_s=600.0)
"""However long the machine takes to compile, once."""


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


def test_whole_nodes_get_the_site_that_shared_ones_would_not_need():
    """Two sites of 9 could share three nodes of 6; whole, the third node needs the third site."""
    cost, opening = np.ones((3, 3)), [1.0, 1.0, 50.0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "SIFTED_ARCS", 0)
        located = cflp(cost, opening, [6, 6, 6], [9, 9, 9], single_source=True)
    assert (located.value, located.bound) == pytest.approx((55.0, 55.0))


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


def middling(seed):
    """A two-stage problem with a few sites to choose from."""
    rng = np.random.default_rng(seed)
    cost, opening = rng.uniform(1, 20, (10, 6)), rng.uniform(5, 30, 6)
    demand, capacity = rng.integers(1, 6, 10).astype(float), rng.integers(15, 30, 6).astype(float)
    if seed % 2:
        demand, capacity = demand + rng.random(10), capacity + 10 * rng.random(6)
    plants = Plants(rng.uniform(0, 3, (6, 3)), rng.uniform(0, 20, 3), np.full(3, 35.0))
    return cost, opening, demand, capacity, plants


def exactly(cost, opening, demand, capacity, plants=None):
    """The same by the exact engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "_solve_shared", solve_planning_model)
        if plants is None:
            return cflp(cost, opening, demand, capacity)
        return tscflp(cost, opening, demand, capacity, plants)


def test_what_is_compiled_ahead_is_all_that_a_solve_runs():
    compile_ahead()
    kernels = bound_at, forced, ship, capacity_search._anneal
    before = [kernel.signatures for kernel in kernels]
    cost, opening, demand, capacity, plants = middling(0)
    tscflp(cost, opening, demand, capacity, plants)
    cflp(np.asfortranarray(cost), pd.Series(opening), demand, pd.Series(capacity))
    assert all(before)
    assert [kernel.signatures for kernel in kernels] == before


@given(SEEDS)
@settings(max_examples=8, deadline=None)
def test_flows_and_the_exact_engine_agree(seed):
    cost, opening, demand, capacity, plants = middling(seed)
    for upper in ((), (plants,)):
        exact = exactly(cost, opening, demand, capacity, *upper)
        found = (tscflp if upper else cflp)(cost, opening, demand, capacity, *upper)
        assert found.value == pytest.approx(exact.value, rel=1e-5)
        assert exact.value * (1 - 1e-5) <= found.bound <= exact.value * (1 + 1e-7)


@given(SEEDS)
@settings(max_examples=5, deadline=None)
def test_whole_nodes_are_sifted_and_still_right(seed):
    """The way of large instances, taken by small ones."""
    cost, opening, demand, capacity, _ = middling(seed)
    small = cflp(cost, opening, demand, capacity, single_source=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "SIFTED_ARCS", 0)
        large = cflp(cost, opening, demand, capacity, single_source=True)
    assert large.value == pytest.approx(small.value, rel=1e-5)
    assert large.bound == pytest.approx(small.value, rel=1e-5)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_a_plan_in_two_stages_holds_what_is_asked(seed):
    cost, opening, demand, capacity, plants = middling(seed)
    located = tscflp(cost, opening, demand, capacity, plants, fixed=[2], forbidden=[4])
    assert {2} <= set(located.chosen.tolist()) <= {0, 1, 2, 3, 5}
    out = np.bincount(located.site, located.share * demand[located.node], minlength=6)
    supplied = np.bincount(located.link_site, located.link_amount, minlength=6)
    made = np.bincount(located.link_plant, located.link_amount, minlength=3)
    assert np.bincount(located.node, located.share) == pytest.approx(1.0)
    assert out == pytest.approx(supplied, abs=1e-6)
    assert (out <= capacity + 1e-6).all()
    assert (made <= plants.capacity + 1e-6).all()
    assert set(np.flatnonzero(made).tolist()) == set(located.plants.tolist())
    value = opening[located.chosen].sum() + plants.opening_cost[located.plants].sum()
    value += (cost[located.node, located.site] * located.share).sum()
    value += (plants.unit_cost[located.link_site, located.link_plant] * located.link_amount).sum()
    assert located.value == pytest.approx(value)


def test_who_asks_for_nothing_is_served_all_the_same():
    located = cflp([[1.0, 9.0], [9.0, 1.0]], [3.0, 3.0], demand=[5, 0], capacity=[5, 5])
    assert located.value == pytest.approx(8.0)
    assert located.site_of_node.tolist() == [0, 1]


def stages_of(seed):
    cost, opening, demand, capacity, plants = middling(seed)
    total, free = demand.sum(), np.zeros(6, dtype=np.int64)
    sites = facilities(as_arcs(cost / demand[:, None]), opening, capacity, free, total)
    upper = facilities(as_arcs(plants.unit_cost), plants.opening_cost, plants.capacity, free[:3], total)
    return Stages(demand, sites, upper, True)


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_flows_are_the_least_of_a_linear_program_after_any_change(seed):
    """From the flows of one choice on, those of the next are found."""
    cost, opening, demand, capacity, plants = middling(seed)
    stages, rng = stages_of(seed), np.random.default_rng([seed, 2])
    tree = new_tree(stages, np.ones(6, dtype=bool), np.ones(3, dtype=bool))
    for _ in range(6):
        tree.sites[:], tree.plants[:] = rng.random(6) < 0.6, rng.random(3) < 0.7
        best = opening[tree.sites].sum() + plants.opening_cost[tree.plants].sum()
        if tree.sites.any() and tree.plants.any():
            unit = plants.unit_cost[tree.sites][:, tree.plants]
            best += transport(cost[:, tree.sites], demand, capacity[tree.sites], unit, plants.capacity[tree.plants])
        else:
            best = np.inf
        assert ship(stages, tree) == pytest.approx(best, rel=1e-6)


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_a_change_costs_no_less_than_prices_say(seed):
    stages, rng = stages_of(seed), np.random.default_rng([seed, 3])
    was = shipped(stages, np.ones(6, dtype=bool), np.ones(3, dtype=bool))
    for _ in range(12):
        now = shipped(stages, rng.random(6) < 0.7, rng.random(3) < 0.8)
        if np.isfinite(now.cost):
            assert least_change(stages, was.tree, now.tree) <= now.cost - was.cost + 1e-6
            was = now
    assert least_change(stages, was.tree, was.tree) == 0


def test_what_opening_a_site_costs_is_known_where_nothing_is_full():
    """Two nodes at 9 from the open site; the other is 8 nearer to one of them."""
    cost, capacity, free = np.array([[9.0, 1.0], [9.0, 20.0]]), np.array([50.0, 50.0]), np.zeros(2, dtype=np.int64)
    for opening, change in ((45.0, 5.0), (30.0, -10.0)):
        sites = facilities(as_arcs(cost), np.array([1.0, opening]), capacity, free, 10.0)
        stages = Stages(np.array([5.0, 5.0]), sites, no_plants(2, 10.0), False)
        one, both = (shipped(stages, np.array([True, other]), np.ones(1, dtype=bool)) for other in (False, True))
        assert both.cost - one.cost == pytest.approx(change)
        assert least_change(stages, one.tree, both.tree) == pytest.approx(change)


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_bounds_from_prices_are_below_the_optimum_and_rule_nothing_out_that_is_in_it(seed):
    cost, opening, demand, capacity, plants = middling(seed)
    best, stages = tscflp(cost, opening, demand, capacity, plants), stages_of(seed)
    ascent = Ascent(stages, first_prices(stages))
    for _ in range(4):
        ascent.climb(20, cost=best.value * 1.01, deadline=np.inf)
        assert ascent.bound <= best.value * (1 + 1e-9)
        sites, made = ruled_out(stages, ascent.prices, best.value * (1 + 1e-6))
        assert (sites[best.chosen] != NEVER).all()
        assert set(np.flatnonzero(sites == MUST).tolist()) <= set(best.chosen.tolist())
        assert (made[best.plants] != NEVER).all()
        assert set(np.flatnonzero(made == MUST).tolist()) <= set(best.plants.tolist())


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_whenever_time_is_up_the_bound_holds(seed):
    best, stages = tscflp(*middling(seed)), stages_of(seed)
    for wait_s in (0.0, 0.002, 0.01):
        found = solve_stages(stages, gap=0.0, deadline=time.monotonic() + wait_s)
        assert found.bound <= best.value * (1 + 1e-9)
        assert found.plan.cost >= best.value * (1 - 1e-9)


def test_annealing_ends_with_its_time_however_many_changes_it_is_given():
    stages, begun = stages_of(1), time.monotonic()
    plan = shipped(stages, np.ones(6, dtype=bool), np.ones(3, dtype=bool))
    random = np.random.default_rng(0)
    assert annealed(stages, plan, steps=10**12, random=random, deadline=begun) is plan
    found = annealed(stages, plan, steps=10**12, random=random, deadline=begun + 0.2)
    assert found.cost < plan.cost
    assert time.monotonic() - begun < 5.0


def test_what_suffices_in_rounded_units_is_topped_up_until_it_does_in_truth():
    capacity, opening = np.array([0.5000001, 0.4999997, 0.3, 0.3]), np.array([1.0, 1.0, 9.0, 5.0])
    one = facilities(as_arcs(np.ones((1, 4))), opening, capacity, np.zeros(4, dtype=np.int64), 1.0)
    opens = np.zeros(4, dtype=bool)
    cover(one, opening, opens)
    assert opens.tolist() == [True, True, False, False]
    assert topped_up(one, opens, 1.0).tolist() == [True, True, False, True]


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_a_cover_is_the_least_of_all_that_hold_enough(seed):
    rng = np.random.default_rng(seed)
    worth, size = rng.uniform(-3, 9, 6), rng.integers(1, 9, 6).astype(float)
    rule = rng.choice([FREE, FREE, FREE, MUST, NEVER], 6)
    need = float(rng.integers(1, 1 + int(size.sum())))
    one = facilities(as_arcs(np.ones((1, 6))), worth * 0, size, rule, need)

    def least(wanted, unwanted=()):
        sums = [
            worth[list(c)].sum()
            for c in chain([()], subsets(6))
            if set(wanted) <= set(c) and not set(unwanted) & set(c) and size[list(c)].sum() >= need
        ]
        return min(sums, default=np.inf)

    must, never = np.flatnonzero(rule == MUST), np.flatnonzero(rule == NEVER)
    opens, with_each, without = np.zeros(6, dtype=bool), np.full(6, np.inf), np.full(6, np.inf)
    value = cover(one, worth, opens)
    assert value == pytest.approx(least(must, never))
    if np.isfinite(value):
        assert worth[opens].sum() == pytest.approx(value)
    forced(one, worth, with_each, without)
    for f in np.flatnonzero(rule == FREE):
        assert with_each[f] == pytest.approx(least([*must, f], never))
        assert without[f] == pytest.approx(least(must, [*never, f]))


def test_a_site_that_holds_nothing_is_not_opened():
    cost = [[1.0, 5.0], [9.0, 2.0]]
    found = cflp(cost, opening_cost=[0.0, 3.0], demand=[4, 0], capacity=[0, 10])
    assert found.chosen.tolist() == [1] and found.value == pytest.approx(3 + 5 + 2)


def test_a_node_larger_than_every_site_is_named():
    cost = [[1.0, 5.0], [9.0, 2.0]]
    with pytest.raises(InfeasibleError, match="node 0: needs 12, and no site that it reaches holds more than 10"):
        cflp(cost, [1.0, 1.0], demand=[12, 1], capacity=[8, 10], single_source=True)
    assert cflp(cost, [1.0, 1.0], demand=[12, 1], capacity=[8, 10]).value > 0


@pytest.mark.filterwarnings("error")
def test_nodes_without_weight_stay_with_the_nearest_open_site(tmp_path):
    (tmp_path / "homes.csv").write_text("id,lon,lat,t\na,24.93,60.17,5\nempty,24.95,60.17,0\n")
    (tmp_path / "sites.csv").write_text("id,lon,lat,cost,cap\nwest,24.93,60.17,1,4\neast,24.95,60.17,1,4\n")
    options = {"demand": tmp_path / "homes.csv", "sites": tmp_path / "sites.csv", "weight": "t"}
    found = answer(Request(Problem.CFLP, **options, opening="cost", capacity="cap"))
    assert found.located.site[found.located.node == 1].tolist() == [1]
