"""One goal other than cost for several years or cases: its mean by their weights."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from siting.config import load_config
from siting.errors import ConfigError, InfeasibleError
from siting.model.target_rows import objective_scale
from siting.solve.solve import solve
from siting.verify import reach, verify_stages
from siting.vocabulary import Measure
from tests.brute_force import staged_optimum
from tests.parts import with_parts
from tests.small_city import small_config, write_small_city
from tests.tiny import make_target, tiny_instance

SMALL = {"n_cells": 3, "n_points": 2, "n_transfers": 1, "n_centres": 2, "n_generators": 1}
GOALS = {
    Measure.EMISSIONS: {"is_at_least": False},
    Measure.OPERATION: {"is_at_least": False},
    Measure.COUNT: {"is_at_least": False},
    Measure.COLLECTED: {"is_at_least": True},
}


def with_goal(stages, measure, seed, **what):
    instance = with_parts(tiny_instance(seed, **SMALL), seed, stages)
    served = make_target(instance, Measure.COVERAGE, 0.3, within_m=1500.0)
    hard = tuple(target for target in instance.targets if target.is_hard)
    goal = dataclasses.replace(make_target(instance, measure, 0.0, **what), year=0)
    return dataclasses.replace(instance, targets=(*hard, dataclasses.replace(served, year=0)), objective=goal)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("stages", ["years", "cases"])
@pytest.mark.parametrize("measure", GOALS, ids=str)
def test_the_mean_of_a_goal_is_that_of_brute_force(measure, stages, seed):
    instance = with_goal(stages, measure, seed, **GOALS[measure])
    best = staged_optimum(instance)
    if best is None:
        with pytest.raises(InfeasibleError):
            solve(instance, engine="exact", gap=0.0)
        return
    solution = solve(instance, engine="exact", gap=0.0)
    assert [fault for one in verify_stages(instance, solution.plans) for fault in one.faults] == []
    assert solution.value == pytest.approx(-best if instance.objective.is_at_least else best, rel=1e-4, abs=1e-3)
    parts = [instance.at_stage(number) for number in range(2)]
    reached = [reach(part, plan, instance.objective) for part, plan in zip(parts, solution.plans, strict=True)]
    assert float(np.dot(instance.stages.weight, reached)) == pytest.approx(solution.value, rel=1e-4, abs=1e-3)


def test_coverage_of_years_is_that_of_the_residents_of_all_of_them():
    instance = with_goal("years", Measure.COVERAGE, 0, within_m=900.0)
    solution = solve(instance, engine="exact", gap=0.0)
    parts = [instance.at_stage(number) for number in range(2)]
    weight = instance.stages.weight * [part.residents for part in parts]
    reached = [reach(part, plan, instance.objective) for part, plan in zip(parts, solution.plans, strict=True)]
    assert solution.value == pytest.approx(float(weight @ reached / weight.sum()), abs=1e-5)
    assert objective_scale(instance) < 0


def of_years(**changes):
    config = small_config() | {"horizon": {"years": [2025, 2027]}, "year": 2027}
    config["targets"] = [{"unit": "city", "measure": "coverage", "within_m": 900, "at_least": 0.1, "source": "test"}]
    return config | changes


CASES = {"cases": [{"name": "low"}, {"name": "high", "tonnes": 1.2}]}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"objective": [{"maximise": "coverage", "within_m": 500}, {"minimise": "cost_cny"}]}, "has one goal"),
        ({"objective": [{"minimise": "investment_cny"}]}, "investment_cny has no mean over years"),
        ({"objective": [{"minimise": "worst_walk_m"}]}, "worst_walk_m has no mean"),
        (
            {"objective": [{"minimise": "emissions_t"}], "horizon": {}, "uncertainty": CASES | {"use": "worst"}},
            "take `use: expected`",
        ),
        ({"pareto": {"goals": [{"minimise": "cost_cny"}, {"minimise": "emissions_t"}]}}, "leave `pareto` to a plan"),
    ],
)
def test_goals_that_years_or_cases_cannot_have_are_refused_with_a_cure(tmp_path, changes, told):
    with pytest.raises(ConfigError, match=told):
        load_config(write_small_city(tmp_path, config=of_years(**changes)))


def test_one_goal_of_several_years_is_taken(tmp_path):
    goal = [{"minimise": "emissions_t"}]
    assert load_config(write_small_city(tmp_path, config=of_years(objective=goal))).config.objective[0].minimise
