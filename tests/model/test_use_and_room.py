"""Least use, planned limits and margins: properties and edges of their rows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from siting.certificate.omitted import proven_bound
from siting.errors import DataError
from siting.model import build_whole
from siting.solve.solve import solve
from siting.verify import verify
from siting.vocabulary import Echelon, Measure
from tests.brute_force import optimum
from tests.edges import in_other_order, with_part, with_targets
from tests.model.test_properties import at_most, least_cost
from tests.parts import with_parts
from tests.tiny import hand_instance, make_target, tiny_instance

SEEDS = (0, 2, 3, 4, 5)


def with_limits(instance, share, peak):
    n = instance.n_options
    return with_part(instance, "options", max_load_share=np.full(n, share), peak_factor=np.full(n, peak))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_planned_limit_is_a_smaller_capacity_that_costs_as_much(seed):
    instance = tiny_instance(seed, has_targets=False)
    smaller = with_part(instance, "options", capacity_t=instance.options.capacity_t * 0.9 / 1.2)
    assert least_cost(with_limits(instance, 0.9, 1.2)) == pytest.approx(least_cost(smaller), rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_reserve_never_makes_a_plan_cheaper(seed):
    instance = tiny_instance(seed, has_targets=False)
    costs = [least_cost(with_limits(instance, share, 1.1)) for share in (1.0, 0.9, 0.7)]
    assert at_most(costs[0], costs[1])
    assert at_most(costs[1], costs[2])


def test_a_limit_that_is_exactly_enough_holds_and_a_little_less_costs():
    """p3 takes 8 t of its 10 t: the plan of 1,550 CNY stands at 0.8 of capacity."""
    at_points = np.array([1.0, 1.0, 0.8, 1.0, 1.0])
    exact = with_part(hand_instance(), "options", max_load_share=at_points)
    assert least_cost(exact) == pytest.approx(1550)
    assert least_cost(with_part(exact, "options", max_load_share=at_points - 0.01 * (at_points < 1))) > 1551


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (
            {"max_load_share": np.array([1, 1, 0, 1, 1.0])},
            r"max_load_share: row 2 is 0; it must be above 0 and at most 1",
        ),
        ({"peak_factor": np.array([1, 0.9, 1, 1, 1])}, r"peak_factor: row 1 is 0\.9; it must be at least 1"),
    ],
)
def test_limits_that_leave_nothing_or_more_than_capacity_are_refused(limits, words):
    with pytest.raises(DataError, match=words):
        with_part(hand_instance(), "options", **limits)


def with_kept_point(count, least_use_t):
    """The hand instance where p1 stands, must stay and may be idle, and so many points in use are asked for."""
    instance = hand_instance()
    instance = with_part(instance, "sites", must_open=np.array([True, False, False, True, True]))
    options = {
        "is_existing": np.array([True, False, False, True, True]),
        "least_use_t": np.array([least_use_t, 0.0, 0.0, 1.0, 2.0]),
    }
    instance = with_part(instance, "options", **options)
    asked = make_target(instance, Measure.COUNT, count, echelon=Echelon.POINT)
    return with_targets(instance, *instance.targets, asked)


@pytest.mark.parametrize("least_use_t", [0.0, 4.0, 5.0, 5.1])
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_what_may_be_idle_counts_from_its_least_use_on(count, least_use_t):
    """p1 can be brought 5 t and no more: with a least use of 5.1 t three points in use cannot be."""
    instance = with_kept_point(count, least_use_t)
    expected = optimum(instance)
    assert (expected is None) == (count == 3 and least_use_t > 5)
    cost = least_cost(instance)
    assert cost is None if expected is None else cost == pytest.approx(expected, rel=1e-6)


def test_a_limit_on_a_number_counts_what_is_idle_too():
    """At most one point, and p1 must stay: only it is open, used or not."""
    instance = with_kept_point(0, 5.0)
    limit = make_target(instance, Measure.COUNT, 1, is_at_least=False, echelon=Echelon.POINT, penalty_cny=1.0)
    instance = with_targets(instance, *instance.targets, limit)
    plan = solve(instance, engine="exact", time_limit_s=60, gap=0.0).plan
    found = verify(instance, plan)
    assert found.faults == ()
    assert found.targets[-1].reached == plan.is_open[:3].sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_with_idle_facilities_the_order_of_the_sites_does_not_matter(seed):
    instance = with_parts(tiny_instance(seed), seed, "idle", "reserve")
    order = np.random.default_rng(seed).permutation(instance.n_sites)
    cost = least_cost(instance)
    assert least_cost(in_other_order(instance, order)) == (None if cost is None else pytest.approx(cost, rel=1e-6))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_margin_is_a_target_with_the_value_asked(seed):
    instance = with_parts(tiny_instance(seed), seed, "margins")
    plain = [
        dataclasses.replace(one, value=one.value + one.margin * (1 if one.is_at_least else -1), margin=0.0)
        for one in instance.targets
    ]
    assert any(one.margin for one in instance.targets)
    assert least_cost(with_targets(instance, *plain)) == pytest.approx(least_cost(instance), rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_city_engine_plans_with_idle_facilities_below_their_limits(seed):
    size = {"n_cells": 14, "n_points": 10, "n_transfers": 3, "n_centres": 3, "n_generators": 3}
    instance = with_parts(tiny_instance(seed, has_targets=False, **size), seed, "idle", "reserve")
    solution = solve(instance, engine="city", work=2.0, time_limit_s=60, gap=0.02)
    found = verify(instance, solution.plan)
    assert found.faults == ()
    best = solve(instance, engine="exact", time_limit_s=60, gap=1e-4).cost_cny
    room = 1e-3 * abs(best)
    assert solution.bound_cny - room <= best <= solution.cost_cny + room <= best + 0.05 * abs(best)
    proven = proven_bound(build_whole(instance), solution.certificate.multipliers) * 1e4
    assert proven == pytest.approx(solution.bound_cny, rel=1e-6)
