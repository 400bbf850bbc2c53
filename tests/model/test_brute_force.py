from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from siting.verify import require_valid, verify
from siting.vocabulary import Measure
from tests.brute_force import _choices, _flow_floor, best_plan, columns_of, optimum, solve_choice
from tests.tiny import hand_instance, make_target, tiny_instance, tiny_instances

some = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def with_targets(instance, *targets):
    return dataclasses.replace(instance, targets=targets)


def test_the_hand_instance_costs_what_its_text_says():
    cost_cny, plan = best_plan(hand_instance())
    assert cost_cny == pytest.approx(1550)
    assert plan.is_open.tolist() == [False, False, True, True, True]
    assert plan.assign == pytest.approx([0, 0, 1, 1])


def test_without_the_coverage_target_the_hand_instance_still_opens_p3():
    instance = hand_instance()
    assert optimum(with_targets(instance, instance.targets[1])) == pytest.approx(1550)


def test_a_dearer_shortfall_changes_the_choice_in_the_hand_instance():
    instance = hand_instance()
    dear = dataclasses.replace(instance.targets[1], penalty_cny=150.0)
    assert optimum(with_targets(instance, instance.targets[0], dear)) == pytest.approx(1600)


def test_an_impossible_target_leaves_no_plan():
    instance = hand_instance()
    assert optimum(with_targets(instance, make_target(instance, Measure.COLLECTED, 26.0))) is None


def test_a_unit_without_residents_meets_any_coverage():
    instance = hand_instance()
    nobody = np.zeros(instance.n_demand, dtype=bool)
    target = make_target(instance, Measure.COVERAGE, 0.7, in_unit_demand=nobody)
    assert optimum(with_targets(instance, *instance.targets, target)) == pytest.approx(1550)


@some
@given(tiny_instances())
def test_verification_finds_the_cost_of_the_best_plan_and_no_fault(instance):
    best = best_plan(instance)
    if best is not None:
        require_valid(verify(instance, best[1]), claimed_cost_cny=best[0])


@settings(some, max_examples=5)
@given(tiny_instances(n_points=2))
def test_stopping_at_the_floor_leaves_out_no_better_choice(instance):
    columns = columns_of(instance)
    costs = [
        fixed_cny + s[0] for fixed_cny, opened in _choices(instance) if (s := solve_choice(instance, columns, opened))
    ]
    assert optimum(instance) == (pytest.approx(min(costs)) if costs else None)


@settings(some, max_examples=5)
@given(tiny_instances(n_points=2))
def test_the_flows_of_no_choice_cost_less_than_their_floor(instance):
    columns = columns_of(instance)
    floor_cny = _flow_floor(instance, columns)
    for _, opened in _choices(instance):
        solved = solve_choice(instance, columns, opened)
        assert solved is None or solved[0] >= floor_cny - 1e-6 * abs(floor_cny)


@some
@given(tiny_instances())
def test_cost_never_rises_when_hard_targets_are_dropped(instance):
    cost_cny = optimum(instance)
    soft_only = with_targets(instance, *(target for target in instance.targets if not target.is_hard))
    if cost_cny is not None:
        assert optimum(soft_only) <= cost_cny + 1e-6 * abs(cost_cny)


def test_random_instances_are_worth_a_test():
    plans = [best_plan(tiny_instance(seed)) for seed in range(20)]
    found = [(tiny_instance(seed), best[1]) for seed, best in enumerate(plans) if best is not None]
    assert len(found) >= 15, "most have a plan"
    assert any(not instance.options.accepts[plan.is_open].all() for instance, plan in found), "professional ones open"
    assert any(((plan.assign > 0.01) & (plan.assign < 0.99)).any() for _, plan in found), "cells are split"
    terms = [verify(*pair).cost_terms_cny for pair in found]
    of_parts = {"closing", "collection", "access", "avoided_carbon", "product_disposal"}
    assert all(sum(abs(t[name]) > 0 for t in terms) > 5 for name in set(terms[0]) - of_parts), "each cost term matters"
    measures = {(t.measure, t.is_hard) for instance, _ in found for t in instance.targets}
    plain = (Measure.COUNT, Measure.COVERAGE, Measure.COLLECTED, Measure.PROCESSED, Measure.CAPACITY)
    assert {measure for measure, _ in measures} == set(plain)
    assert len(measures) == 2 * len(plain)
