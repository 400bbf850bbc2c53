"""Residents who choose for themselves: the nearest open point, or one that is not much farther; none is turned away."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from siting.explain.elastic import without_rows
from siting.model import build_model, plan_of
from siting.model.linear import MODEL_CNY
from siting.model.nearest_rows import chosen_walks, least_loads_t
from siting.plan import Plan
from siting.solve.city.echelons import make_tiers, placing_tiers
from siting.solve.highs import program_of, run_highs
from siting.verify import verify
from siting.vocabulary import Echelon, Measure
from tests.edges import with_targets
from tests.parts import with_parts
from tests.tiny import hand_instance, make_target, tiny_instance

SEEDS = [0, *range(2, 10)]  # tiny instance 1 has no plan
FAR_M = 1e6


def choosing(instance, tolerance_m):
    return dataclasses.replace(instance, assigns_nearest=True, assignment_tolerance_m=tolerance_m)


def solved(instance, *without):
    """The cheapest plan and its cost, CNY a year, with some row families dropped; None and inf where there is none."""
    model, columns = build_model(instance)
    model = without_rows(model, model.rows_of(*without)) if without else model
    options = {"mip_rel_gap": 0.0, "mip_abs_gap": 0.0, "mip_feasibility_tolerance": 1e-9}
    answer = run_highs(program_of(model, is_linear=False), time_limit_s=60, options=options)
    if not answer.is_optimal:
        return None, np.inf
    return plan_of(instance, columns, answer.values), answer.cost * MODEL_CNY


def choices(instance, plan):
    """For each cell with an open point that takes what it brings: all its walks, and those that it may choose."""
    walks, options = instance.walks, instance.options
    for i in range(instance.n_demand):
        usable = []
        for w in np.flatnonzero(walks.demand == i):
            brings = (instance.demand.tonnes[i] > 0) & (walks.participation[w] > 0)
            opened = np.flatnonzero(plan.is_open & (options.site == walks.site[w]))
            if len(opened) and options.accepts[opened[0]][brings].all():
                usable.append(int(w))
        if usable:
            least_m = min(walks.distance_m[w] for w in usable)
            limit_m = least_m + instance.assignment_tolerance_m
            yield np.flatnonzero(walks.demand == i), [w for w in usable if walks.distance_m[w] <= limit_m]


@pytest.mark.parametrize("tolerance_m", [0.0, 150.0, FAR_M])
def test_who_has_an_open_point_is_served_in_full_by_points_not_much_farther(tolerance_m):
    n_served = 0
    for seed in SEEDS:
        instance = tiny_instance(seed)
        one_point = make_target(instance, Measure.COUNT, 1, echelon=Echelon.POINT)
        instance = choosing(with_targets(instance, one_point), tolerance_m)
        plan, _ = solved(instance)
        found = [] if plan is None else list(choices(instance, plan))
        n_served += len(found)
        for own, chosen in found:
            assert plan.assign[chosen].sum() == pytest.approx(1.0, abs=1e-6)
            assert plan.assign[own].sum() == pytest.approx(1.0, abs=1e-6)
        if found:
            marked = np.concatenate([chosen for _, chosen in found])
            assert sorted(np.flatnonzero(chosen_walks(instance, plan.is_open))) == sorted(marked)
            assert verify(instance, plan).faults == ()
    assert n_served > len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cost_never_rises_with_the_tolerance_nor_falls_below_that_of_designated_points(seed):
    instance = tiny_instance(seed)
    costs = [solved(choosing(instance, tolerance_m))[1] for tolerance_m in (0.0, 150.0, 400.0, FAR_M)]
    costs.append(solved(instance)[1])
    for dearer, cheaper in pairwise(costs):
        assert cheaper <= dearer + 1e-4 * abs(cheaper)


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_that_serve_whoever_has_access_change_no_whole_plan_and_raise_the_relaxation(seed):
    instance = with_parts(tiny_instance(seed), seed, "near points", "fairness")
    model, _ = build_model(instance)
    assert len(model.rows_of("serve_near"))
    assert solved(instance)[1] == pytest.approx(solved(instance, "serve_near")[1], rel=1e-6)
    weak = run_highs(program_of(without_rows(model, model.rows_of("serve_near")), is_linear=True), time_limit_s=60)
    strong = run_highs(program_of(model, is_linear=True), time_limit_s=60)
    assert strong.is_infeasible or strong.cost >= weak.cost - 1e-7


@pytest.mark.parametrize("seed", SEEDS)
def test_an_option_with_too_little_room_for_who_has_no_other_choice_opens_in_no_plan(seed):
    instance = choosing(tiny_instance(seed), 150.0)
    model, columns = build_model(instance)
    is_small = least_loads_t(instance) > instance.most_load_t() * (1 + 1e-6)
    placed = np.concatenate([tier.option for _, tier in placing_tiers(instance, model, columns)])
    known = np.concatenate([tier.option for _, tier in make_tiers(instance, model, columns)])
    assert set(known) - set(placed) == set(columns.at("open", np.flatnonzero(is_small))) & set(known)
    for option in np.flatnonzero(is_small):
        held = dataclasses.replace(model, column_lower=model.column_lower.copy())
        held.column_lower[columns.at("open", option)] = 1.0
        assert np.isinf(_least(held))


def _least(model):
    answer = run_highs(program_of(model, is_linear=False), time_limit_s=60, options={"mip_rel_gap": 0.0})
    return answer.cost * MODEL_CNY if answer.is_optimal else np.inf


def test_least_loads_are_of_cells_with_one_candidate_within_the_tolerance():
    hand = hand_instance()
    walks = hand.walks
    for tolerance_m in (0.0, 150.0, FAR_M):
        instance, expected = choosing(hand, tolerance_m), np.zeros(hand.n_options)
        for w, (cell, site, metres) in enumerate(zip(walks.demand, walks.site, walks.distance_m, strict=True)):
            rivals = (walks.demand == cell) & (walks.distance_m <= metres + tolerance_m)
            if rivals.sum() == 1:
                expected[hand.options.site == site] += hand.brought_t()[w].sum()
        assert least_loads_t(instance) == pytest.approx(expected)
    assert least_loads_t(choosing(hand, 0.0)).any()
    assert not least_loads_t(hand).any()  # nobody has to go anywhere where points are designated


def opened(*points):
    """Options of the hand instance that are open: these of its three points, the station and the centre."""
    is_open = np.ones(5, dtype=bool)
    is_open[:3] = np.isin(np.arange(3), points)
    return is_open


def test_a_point_that_does_not_take_what_a_cell_brings_is_no_point_for_it():
    instance = choosing(hand_instance(), 0.0)
    assert chosen_walks(instance, opened(0, 1)).tolist() == [True, True, False, False]
    instance.options.accepts[0] = False
    assert chosen_walks(instance, opened(0, 1)).tolist() == [False, True, False, False]
    assert chosen_walks(instance, opened(0, 1, 2)).tolist() == [False, True, True, False]


def test_verification_names_who_goes_too_far_and_who_is_turned_away():
    assign = np.array([0.0, 0.5, 1.0, 0.0])  # the first cell walks 300 m past its point
    plan = Plan(opened(0, 1, 2), assign, np.array([[5.0]]), np.array([[0.0], [5.0], [8.0], [13.0]]))
    faults = verify(choosing(hand_instance(), 300.0), plan).faults
    assert not any("too far" in fault for fault in faults)
    assert any("has an open point in reach, yet 0.5 of it is turned away" in fault for fault in faults)
    faults = verify(choosing(hand_instance(), 250.0), plan).faults
    assert any("goes 50 m too far past an open point" in fault for fault in faults)
    assert not any("point in reach" in fault for fault in verify(hand_instance(), plan).faults)
