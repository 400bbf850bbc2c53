"""Each part of the model, and every pair of parts, against brute force and against the verification."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from siting.errors import InfeasibleError
from siting.instance import Instance
from siting.solve.solve import solve
from siting.verify import reach as reach_of
from siting.verify import verify_stages, whole_cost_cny
from siting.vocabulary import Measure
from tests.brute_force import optimum, staged_optimum
from tests.parts import PARTS, STAGED, with_parts
from tests.tiny import make_target, tiny_instance

SMALL = {"n_cells": 3, "n_points": 2, "n_transfers": 1, "n_centres": 2, "n_generators": 1}
SINGLE = [name for name in PARTS if name not in STAGED]
PAIRS = [
    pair
    for pair in itertools.combinations(PARTS, 2)
    if not set(pair) <= set(STAGED) and set(pair) != {"processing base", "dismantling"}
]


def solved(instance: Instance):
    """The solution of the exact engine, held to what the verification recomputes; None where there is no plan."""
    try:
        solution = solve(instance, engine="exact", time_limit_s=60, gap=0.0)
    except InfeasibleError:
        return None
    found = verify_stages(instance, solution.plans)
    assert [fault for one in found for fault in one.faults] == []
    if instance.objective is None:
        assert whole_cost_cny(instance, found) == pytest.approx(solution.cost_cny, rel=1e-5, abs=0.05)
    return solution


def assert_same(instance: Instance, expected: float | None) -> None:
    solution = solved(instance)
    if expected is None:
        assert solution is None
    else:
        assert solution is not None
        assert solution.value == pytest.approx(expected, rel=1e-4, abs=0.5)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", SINGLE)
def test_a_part_alone_has_the_optimum_of_brute_force(name, seed):
    instance = with_parts(tiny_instance(seed, **SMALL), seed, name)
    assert_same(instance, optimum(instance))


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if not set(pair) & set(STAGED)], ids=" + ".join)
def test_two_parts_together_have_the_optimum_of_brute_force(pair):
    seed = PAIRS.index(pair)
    instance = with_parts(tiny_instance(seed, **SMALL), seed, *pair)
    assert_same(instance, optimum(instance))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", STAGED)
def test_stages_have_the_optimum_of_brute_force(name, seed):
    instance = with_parts(tiny_instance(seed, **SMALL), seed, name)
    assert_same(instance, staged_optimum(instance))


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if set(pair) & set(STAGED)], ids=" + ".join)
def test_a_part_with_stages_has_the_optimum_of_brute_force(pair):
    seed = PAIRS.index(pair)
    instance = with_parts(tiny_instance(seed, **SMALL), seed, *pair)
    assert_same(instance, staged_optimum(instance))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("measure", [Measure.LEAST_COVERAGE, Measure.COVERAGE_RANGE], ids=str)
def test_the_fairest_plan_can_be_had_and_a_fairer_one_cannot(measure, seed):
    instance = tiny_instance(seed, **SMALL)
    floor = make_target(instance, Measure.COVERAGE, 0.3, within_m=1500.0)
    best_is_most = measure is Measure.LEAST_COVERAGE
    goal = make_target(instance, measure, 0.0, within_m=1500.0, is_at_least=best_is_most)
    instance = dataclasses.replace(instance, targets=(floor,))
    solution = solved(dataclasses.replace(instance, objective=goal))
    assert solution is not None
    assert reach_of(instance, solution.plan, goal) == pytest.approx(solution.value, abs=1e-4)
    for step, is_possible in ((-1e-4, True), (0.01, False)):
        value = solution.value + (step if best_is_most else -step)
        asked = dataclasses.replace(goal, value=value)
        best = optimum(dataclasses.replace(instance, targets=(floor, asked)))
        assert (best is not None) == is_possible or (not best_is_most and value < 0)


GOALS = {
    Measure.COVERAGE: {"within_m": 800.0, "is_at_least": True},
    Measure.COLLECTED: {"is_at_least": True},
    Measure.COLLECTED_SHARE: {"is_at_least": True},
    Measure.RECYCLED_SHARE: {"is_at_least": True},
    Measure.WALK: {"is_at_least": False},
    Measure.EMISSIONS: {"is_at_least": False},
    Measure.NET_EMISSIONS: {"is_at_least": False},
    Measure.INVESTMENT: {"is_at_least": False},
    Measure.COUNT: {"is_at_least": False},
    Measure.COST: {"is_at_least": False},
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("measure", GOALS, ids=str)
def test_another_objective_has_the_optimum_of_brute_force(measure, seed):
    instance = with_parts(tiny_instance(seed, **SMALL), seed, "light material", "budgets")
    goal = make_target(instance, measure, 0.0, **GOALS[measure])
    hard = tuple(target for target in instance.targets if target.is_hard)
    reach = make_target(instance, Measure.COVERAGE, 0.4, within_m=1500.0)
    instance = dataclasses.replace(instance, objective=goal, targets=(*hard, reach))
    best = optimum(instance)
    solution = solved(instance)
    assert (solution is None) == (best is None)
    if solution is not None:
        assert solution.value == pytest.approx(-best if goal.is_at_least else best, rel=1e-4, abs=1e-4)
        reached = reach_of(instance, solution.plan, goal)
        if measure is Measure.WALK:  # a mean over those served there, over all residents here
            reached *= (
                float(instance.demand.residents[instance.walks.demand] @ solution.plan.assign) / instance.residents
            )
        assert reached == pytest.approx(solution.value, rel=1e-4, abs=1e-4)
