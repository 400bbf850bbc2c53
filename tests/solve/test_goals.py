"""Goals in order, the longest walk as a goal, and fronts, on tiny instances."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest

import siting.solve.goals as goals_module
import siting.solve.levels as levels_module
from siting.errors import InfeasibleError, OutOfTimeError
from siting.model import build_whole
from siting.plan import Status
from siting.solve.goals import FrontPoint, front, solve_for_all_links, solve_goals
from siting.solve.purse import Purse
from siting.verify import reach, verify_stages
from siting.vocabulary import Measure
from tests.brute_force import optimum
from tests.tiny import make_target, tiny_instance

SMALL = {"n_cells": 3, "n_points": 2, "n_transfers": 1, "n_centres": 2, "n_generators": 1}
HOW = {"time_limit_s": 60.0, "gap": 0.0, "engine": "exact"}


def plain(seed, *targets):
    return dataclasses.replace(tiny_instance(seed, **SMALL), targets=targets)


def least(instance, measure, **what):
    return make_target(instance, measure, 0.0, is_at_least=False, **what)


def most(instance, measure, **what):
    return make_target(instance, measure, 0.0, is_at_least=True, **what)


def test_no_goal_stands_for_least_cost():
    instance = tiny_instance(1, **SMALL)
    outcome = solve_goals(instance, (), **HOW)
    assert outcome.solution.value == pytest.approx(optimum(instance), rel=1e-5)
    assert outcome.reached == ()


@pytest.mark.parametrize("seed", range(4))
def test_the_second_goal_is_optimised_among_the_best_of_the_first(seed):
    instance = plain(seed)
    covered = most(instance, Measure.COVERAGE, within_m=1200.0)
    cheapest = least(instance, Measure.COST)
    outcome = solve_goals(instance, [(covered, 0.0), (cheapest, 0.0)], **HOW)
    share = outcome.reached[0].value
    assert share == pytest.approx(-optimum(dataclasses.replace(instance, objective=covered)), abs=1e-6)
    held = dataclasses.replace(covered, value=share * (1 - 1e-6))
    assert outcome.solution.value == pytest.approx(optimum(dataclasses.replace(instance, targets=(held,))), rel=1e-4)
    assert reach(outcome.instance, outcome.solution.plan, covered) >= share * (1 - 1e-5)
    assert not [fault for one in verify_stages(outcome.instance, outcome.solution.plans) for fault in one.faults]


@pytest.mark.parametrize("seed", range(3))
def test_what_may_be_given_up_makes_the_next_goal_no_worse(seed):
    instance = plain(seed)
    goals = most(instance, Measure.COVERAGE, within_m=1200.0), least(instance, Measure.COST)
    strict = solve_goals(instance, [(goals[0], 0.0), (goals[1], 0.0)], **HOW)
    loose = solve_goals(instance, [(goals[0], 0.3), (goals[1], 0.0)], **HOW)
    assert loose.solution.value <= strict.solution.value + 1e-3
    assert reach(instance, loose.solution.plan, goals[0]) >= 0.7 * strict.reached[0].value - 1e-5


@pytest.mark.parametrize("seed", range(6))
def test_the_least_longest_walk_is_that_of_trying_every_distance(seed):
    instance = plain(seed)
    covered = make_target(instance, Measure.SERVED, 0.6, within_m=3000.0)
    instance = dataclasses.replace(instance, targets=(covered,))
    goal = least(instance, Measure.WORST_WALK)
    distances = np.unique(instance.walks.distance_m)
    possible = [
        d
        for d in distances
        if optimum(dataclasses.replace(instance, targets=(covered, dataclasses.replace(goal, value=d)))) is not None
    ]
    if not possible:
        with pytest.raises(InfeasibleError):
            solve_goals(instance, [(goal, 0.0)], **HOW)
        return
    outcome = solve_goals(instance, [(goal, 0.0)], **HOW)
    assert outcome.solution.value == pytest.approx(min(possible))
    assert outcome.solution.bound == pytest.approx(min(possible))
    assert outcome.solution.status is Status.OPTIMAL


@pytest.mark.parametrize("seed", range(2))
def test_no_point_of_a_front_is_beaten_and_its_ends_are_the_best_of_each_goal(seed):
    instance = plain(seed)
    goals = least(instance, Measure.COST), most(instance, Measure.COVERAGE, within_m=1500.0)
    points = front(instance, goals, points=4, **HOW)
    assert points[0].first == pytest.approx(optimum(instance), rel=1e-4)
    assert points[-1].second == pytest.approx(
        -optimum(dataclasses.replace(instance, objective=goals[1])), rel=1e-4, abs=1e-6
    )
    for one, other in itertools.pairwise(points):
        assert other.first > one.first
        assert other.second > one.second
        assert other.first_bound >= one.first_bound  # what holds for less holds for more
    for point in points:
        assert reach(instance, point.solution.plan, goals[1]) == pytest.approx(point.second, abs=1e-5)
        assert point.first_bound <= point.first + 1e-6


def test_a_level_of_a_front_begins_with_the_plan_and_the_prices_of_the_one_before(monkeypatch):
    begun = []

    def told(instance, **how):
        begun.append((build_whole(instance).model.n_rows, how.get("start"), how.get("multipliers")))
        return solve_for_all_links(instance, **how)

    monkeypatch.setattr(goals_module, "solve_for_all_links", told)
    instance = plain(0)
    front(instance, (least(instance, Measure.COST), most(instance, Measure.COVERAGE, within_m=1500.0)), points=4, **HOW)

    ends, levels = begun[:4], begun[4:]
    assert all(multipliers is None for _, _, multipliers in ends)
    assert ends[0][1] is None and ends[2][1] is not None  # the other end begins with the plan of the first
    assert len(levels) == 2
    for n_rows, start, multipliers in levels:
        assert start is not None
        assert multipliers.shape == (n_rows,)


@pytest.mark.parametrize("seed", range(3))
def test_a_large_model_reaches_a_goal_by_plans_at_its_levels(seed):
    instance = plain(seed)
    covered, cheapest = most(instance, Measure.COVERAGE, within_m=1200.0), least(instance, Measure.COST)
    outcome = solve_goals(instance, [(covered, 0.0), (cheapest, 0.0)], **HOW | {"engine": "city", "work": 20.0})
    (reached, _), best = outcome.reached, -optimum(dataclasses.replace(instance, objective=covered))
    assert reached.value == pytest.approx(best, abs=1e-4)
    assert reached.bound >= best - 1e-6
    assert not [fault for one in verify_stages(outcome.instance, outcome.solution.plans) for fault in one.faults]


def test_ctrl_c_ends_the_levels_and_keeps_what_was_found(monkeypatch):
    asked = []

    def told(instance, **how):
        asked.append(instance)
        if len(asked) == 4:  # the cheapest, the bound, a level that is found, and the next
            raise KeyboardInterrupt
        return solve_for_all_links(instance, **how)

    monkeypatch.setattr(levels_module, "solve_for_all_links", told)
    monkeypatch.setattr(levels_module, "FIRST_LEVEL", 0.5)
    instance = plain(0)
    covered = most(instance, Measure.COVERAGE, within_m=1200.0)
    _, solution = levels_module.best_by_levels(instance, covered, Purse(60.0, 20.0), gap=0.0, engine="city")
    assert len(asked) == 5  # after Ctrl-C what the best plan reaches, and its bound
    (held,) = [one for one in asked[2].targets if one.id.endswith("-held")]
    assert solution.value >= held.value - 1e-6
    assert solution.status is Status.INTERRUPTED


def test_a_level_without_a_plan_took_the_work_that_it_was_given():
    purse = Purse(60.0, 20.0)
    purse.lose(purse.share(0.5))
    assert purse.left == pytest.approx(10.0)


def test_levels_of_a_large_model_are_asked_for_down_from_the_bound_and_up_from_what_is_found(monkeypatch):
    asked = []

    def told(instance, **how):
        held = [one.value for one in instance.targets if one.id.endswith("-held")]
        asked.append((instance.objective is not None, *held))
        if held and len(asked) == 3:
            raise OutOfTimeError("no plan")
        return solve_for_all_links(instance, **how)

    monkeypatch.setattr(levels_module, "solve_for_all_links", told)
    instance = plain(0)
    covered = most(instance, Measure.COVERAGE, within_m=1200.0)
    _, solution = levels_module.best_by_levels(instance, covered, Purse(60.0, 20.0), gap=0.0, engine="city")
    assert asked[:2] == [(False,), (True,)]  # the cheapest plan, then the bound
    assert asked[-1] == (True,)  # what the last plan reaches, with the bound
    highest, lowest, *others = [held for _, *(held,) in asked[2:-1]]
    assert lowest < highest
    assert others == sorted(others)
    assert all(lowest < level < highest for level in others)
    assert len(others) <= levels_module.TRIES - 2
    assert solution.value >= max(lowest, *others) - 1e-6


@pytest.mark.parametrize(
    ("is_at_least", "bounds", "expected"), [(False, [5, 3, 6], [5, 5, 6]), (True, [9, 10, 8], [9, 9, 8])]
)
def test_a_bound_on_the_first_goal_holds_for_stricter_levels_of_the_second(is_at_least, bounds, expected):
    first = dataclasses.replace(least(plain(0), Measure.COST), is_at_least=is_at_least)
    points = [
        FrontPoint(number, 7.0, float(number), bound, math.nan, 0.0, Status.TIME_LIMIT, None, None)
        for number, bound in enumerate(bounds, 1)
    ]
    assert [point.first_bound for point in goals_module._with_bounds_of_looser(points, first)] == expected
