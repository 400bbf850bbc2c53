from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from siting.verify import district_figures, verify
from siting.vocabulary import Measure
from tests.brute_force import best_plan
from tests.tiny import hand_instance, make_target, tiny_instance
from tests.verify.test_verify import hand_plan


def test_figures_of_the_hand_plan_by_district_are_what_a_reader_finds():
    figures = district_figures(hand_instance(), hand_plan())
    expected = {
        "residents": [1000, 1000],
        "residents_with_point": [1000, 1000],
        "assigned_residents": [1000, 1000],
        "residents_within_500_m": [1000, 1000],
        "residents_within_1000_m": [1000, 1000],
        "mean_walk_m": [400, 400],
        "collected_household_t": [4, 4],
        "collected_generator_t": [0, 5],
        "collected_t": [4, 9],
        "processed_t": [0, 13],
        "open_point": [0, 1],
        "open_transfer": [1, 0],
        "open_sorting": [0, 1],
        "capacity_point_t": [0, 10],
        "capacity_transfer_t": [20, 0],
        "capacity_sorting_t": [0, 25],
        "investment_cny": [0, 1000],
        "land_cny": [0, 200],
        "fixed_operation_cny": [300, 2700],
    }
    assert set(figures) == set(expected)
    for name, values in expected.items():
        assert figures[name] == pytest.approx(values), name


def test_a_coverage_target_adds_its_distance():
    instance = hand_instance()
    instance = dataclasses.replace(instance, targets=(make_target(instance, Measure.COVERAGE, 0.0, within_m=399.0),))
    assert district_figures(instance, hand_plan())["residents_within_399_m"] == pytest.approx([0, 0])


def test_the_mean_walk_is_weighted_by_residents_and_shares_and_unknown_where_nobody_is_assigned():
    instance = hand_instance()
    plan = dataclasses.replace(hand_plan(), assign=np.array([0.25, 0.0, 0.5, 0.0]))
    mean_walk_m = district_figures(instance, plan)["mean_walk_m"]
    assert mean_walk_m[0] == pytest.approx((0.25 * 100 + 0.5 * 400) / 0.75)
    assert np.isnan(mean_walk_m[1])


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 5])
def test_districts_sum_to_the_city(seed):
    instance = tiny_instance(seed)
    plan = best_plan(instance)[1]
    figures, verification = district_figures(instance, plan), verify(instance, plan)
    for name in ("collected_t", "collected_household_t", "collected_generator_t", "processed_t"):
        assert figures[name].sum() == pytest.approx(getattr(verification, name).sum())
    for term in ("investment", "land", "fixed_operation"):
        assert figures[f"{term}_cny"].sum() == pytest.approx(verification.cost_terms_cny[term])
    assert sum(figures[f"open_{echelon}"].sum() for echelon in ("point", "transfer", "sorting")) == plan.is_open.sum()
