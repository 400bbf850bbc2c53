"""The floor: what every plan pays for its tonnes. No plan pays less, and nothing of it is a decision."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from siting.certificate import floor_bound
from siting.instance import Visits
from siting.model import build_model, build_whole
from siting.model.costs import column_costs
from siting.model.forced import forced_costs, stage_weights, whole_forced_costs
from siting.model.linear import MODEL_CNY
from siting.solve.floor import find_floor
from siting.solve.highs import Program, run_highs
from siting.solve.solve import solve
from siting.vocabulary import Measure
from tests.brute_force import optimum as brute_optimum
from tests.certificate.test_omitted import narrowed, widened
from tests.multipliers import assert_below, optimum, some_multipliers
from tests.parts import PARTS, STAGED, with_parts
from tests.tiny import hand_instance, make_target, tiny_instance

MIXTURES = [
    (),
    *((name,) for name in PARTS),
    ("rebuilding", "capacity by the tonne", "disposal", "reserve"),
    ("processing base", "dismantling", "collection tours", "margins"),
    *(("processing base", "rebuilding", "disposal", "margins", staged) for staged in STAGED),
]


HAND = hand_instance()


@pytest.fixture(scope="module")
def solution():
    return solve(HAND, time_limit_s=20, gap=0.0)


def least_forced(whole):
    """The least forced cost of any plan, in the model's unit, by branch and bound; infinite where there is no plan."""
    model = whole.model
    parts = (model.column_lower, model.column_upper, model.matrix, model.row_lower, model.row_upper, model.is_integer)
    answer = run_highs(Program(whole_forced_costs(whole), *parts), time_limit_s=60, options={"mip_rel_gap": 0.0})
    return math.inf if answer.is_infeasible else answer.cost


def least_cost(whole):
    """The least cost of any plan, in the model's unit; infinite where there is no plan."""
    found = optimum(whole)
    return math.inf if found is None else found


@pytest.mark.parametrize("parts", MIXTURES, ids=" + ".join)
@pytest.mark.parametrize("seed", range(3))
def test_no_plan_pays_less_whatever_the_multipliers(seed, parts):
    whole = build_whole(with_parts(tiny_instance(seed), seed, *parts))
    least, cost = least_forced(whole), least_cost(whole)
    assert_below(least, cost)
    for y in (find_floor(whole), *some_multipliers(whole, seed)):
        assert_below(floor_bound(whole, y), max(0.0, least))


@pytest.mark.parametrize("parts", MIXTURES, ids=" + ".join)
def test_it_holds_for_plans_over_links_that_the_model_omits(parts):
    instance = narrowed(with_parts(tiny_instance(5), 5, *parts), 5)
    narrow, wide = build_whole(instance), build_whole(widened(instance))
    least = least_forced(wide)
    for y in (find_floor(narrow), *some_multipliers(narrow, 5)):
        assert_below(floor_bound(narrow, y), max(0.0, least))


def without_places(instance):
    """The instance in which ways, visits and emissions are free, and capacity has the lowest price a t of its type."""
    options, rates = instance.options, instance.link_rates
    paid = options.investment_cny + options.land_cny + options.fixed_operation_cny
    usable_t = options.capacity_t * options.max_load_share / options.peak_factor
    lowest = [
        min(
            paid[other] / usable_t[other]
            for other in range(instance.n_options)
            if (options.type[other], options.is_existing[other]) == (options.type[one], options.is_existing[one])
        )
        for one in range(instance.n_options)
    ]
    nothing, zero = np.zeros(instance.n_options), np.zeros(len(rates.vehicle))
    return dataclasses.replace(
        instance,
        options=dataclasses.replace(
            options, investment_cny=lowest * usable_t, land_cny=nothing, fixed_operation_cny=nothing
        ),
        link_rates=dataclasses.replace(rates, cny_per_tkm=zero, unload_cny_per_t=zero),
        rates=dataclasses.replace(instance.rates, carbon_cny_per_t=0.0),
        walks=dataclasses.replace(instance.walks, cost_cny=0 * instance.walks.cost_cny),
        visits=Visits.none(),
        targets=tuple(one for one in instance.targets if one.penalty_cny is None),
    )


def with_sales(instance, share):
    """The instance with a share of its sales."""
    materials = dataclasses.replace(instance.materials, sales_cny_per_t=share * instance.materials.sales_cny_per_t)
    return dataclasses.replace(instance, materials=materials)


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("income", [0.0, 1.0])
def test_brute_force_finds_no_plan_below_it(seed, income):
    """The least cost of the instance without places, over all choices of facilities, by code that knows no model."""
    instance = tiny_instance(seed)
    instance = with_parts(with_sales(instance, income), seed, "collection tours")
    whole = build_whole(instance)
    least_cny = brute_optimum(without_places(instance))
    floor_cny = floor_bound(whole, find_floor(whole)) * MODEL_CNY
    assert_below(floor_cny, max(0.0, least_cny))
    assert income or floor_cny > 0.4 * least_cny
    assert least_forced(whole) * MODEL_CNY == pytest.approx(least_cny, rel=1e-6)


def test_the_floor_of_the_hand_instance_is_what_it_is_in_the_head():
    """Without sales a tonne costs 130 CNY: purchase 100, disposal 20, operation 60, less subsidy 50.

    At p3 8 t come, and room for them at the price of p1 costs 100 a t.
    Station and centre must stay: 300 and 2,400. The rest of the cost, p3 dearer than p1, ways and carbon, is decided.
    """
    solution = solve(with_sales(HAND, 0.0), time_limit_s=20, gap=0.0)
    assert solution.floor_cny == pytest.approx(8 * 130 + 8 * 100 + 300 + 2400)
    assert solution.cost_cny == pytest.approx(1550 + 8 * 400 + 1200)
    assert solution.decidable_cny == pytest.approx(solution.cost_cny - 4540)
    assert solution.gap_flatters
    assert solve(HAND, time_limit_s=20, gap=0.0).floor_cny == 0


def test_longer_ways_force_nothing():
    instance = with_parts(with_sales(tiny_instance(2), 0.0), 2, "collection tours")
    far = dataclasses.replace(
        instance, haul=dataclasses.replace(instance.haul, distance_m=9 * instance.haul.distance_m)
    )
    floors = [floor_bound(whole, find_floor(whole)) for whole in map(build_whole, (instance, far))]
    assert floors[0] == pytest.approx(floors[1])
    assert floors[0] > 0


def test_soft_targets_and_other_objectives_force_nothing():
    targets = tuple(dataclasses.replace(target, penalty_cny=1e6) for target in HAND.targets)
    soft = dataclasses.replace(with_sales(HAND, 0.0), targets=targets)
    assert solve(soft, time_limit_s=20).floor_cny == pytest.approx(2700)
    walk = dataclasses.replace(HAND, objective=make_target(HAND, Measure.WALK, 0.0, is_at_least=False))
    found = solve(walk, time_limit_s=20)
    assert math.isnan(found.floor_cny)
    assert math.isnan(found.decidable_gap)
    assert not found.gap_flatters


def test_the_dearest_case_costs_no_less_than_the_mean():
    whole = build_whole(with_parts(tiny_instance(0), 0, "worst case"))
    assert stage_weights(whole) == pytest.approx(1 / len(whole.parts))
    assert (whole_forced_costs(whole)[whole.model.columns_of("worst")] == 0).all()


@pytest.mark.parametrize("parts", MIXTURES, ids=" + ".join)
def test_no_column_costs_less_than_its_forced_cost(parts):
    instance = with_parts(tiny_instance(3), 3, *parts).at_stage(0)
    _, columns = build_model(instance)
    assert (forced_costs(instance, columns) <= column_costs(instance, columns)).all()


@pytest.mark.parametrize(
    ("cost", "bound", "floor", "gap", "flatters"),
    [
        (100.0, 98.0, 60.0, 0.05, True),
        (100.0, 98.0, 0.0, 0.02, False),
        (100.0, 98.0, 50.0, 0.04, False),
        (100.0, 100.0, 100.0, 0.0, True),
        (-50.0, -51.0, 0.0, 0.02, False),
        (100.0, -math.inf, 60.0, math.inf, True),
        (100.0, -math.inf, math.nan, math.nan, False),
    ],
)
def test_the_gap_of_what_is_decided(solution, cost, bound, floor, gap, flatters):
    found = dataclasses.replace(solution, cost_cny=cost, bound_cny=bound, floor_cny=floor)
    assert found.decidable_gap == pytest.approx(gap, nan_ok=True)
    assert found.gap_flatters is flatters
