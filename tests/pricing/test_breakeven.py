"""The subsidy at which a network pays for itself: the interval holds the one that solves to optimality lead to."""

import dataclasses
import json
import math

import numpy as np
import pytest

from siting.instance import Stages
from siting.pricing import Solved
from siting.pricing.breakeven import find_breakeven, with_subsidy
from siting.problem import read_config, read_run
from siting.solve.solve import solve
from siting.verify import verify
from tests.commands import failing, siting
from tests.small_city import write_small_city
from tests.tiny import hand_instance, tiny_instance

TOLERANCE = 0.02


def optimum(instance):
    found = solve(instance, engine="exact", gap=0.0, time_limit_s=60)
    assert found.cost_cny - found.bound_cny < 0.01  # the gap of a cost near 0 is no share of it
    return found


def truth(instance, materials):
    """The least subsidy more, by Dinkelbach's steps with an optimum each."""
    subsidy = 0.0
    for _ in range(30):
        found = optimum(with_subsidy(instance, materials, subsidy))
        own = verify(instance, found.plan)
        tonnes = float(own.collected_t[materials].sum())
        if found.cost_cny > -1e-4 and subsidy > 0:
            return subsidy
        if own.cost_cny <= 0:
            return 0.0
        if tonnes < 1e-3:
            subsidy = 2 * subsidy + 1000.0
            continue
        subsidy = own.cost_cny / tonnes
    return subsidy


def solved_of(instance, gap):
    solution = solve(instance, engine="exact", gap=gap, time_limit_s=60)
    lower_cny = solution.bound_cny - gap * abs(solution.bound_cny)
    return Solved.of(instance, dataclasses.replace(solution, bound_cny=lower_cny))


def paying(seed):
    """An instance that has to collect, and does not pay for itself."""
    instance = tiny_instance(seed, has_targets=False)
    asked = next(one for one in tiny_instance(seed).targets if one.measure.value == "collected_t")
    everything = np.ones_like(asked.counts_material)
    value = 0.3 * float(instance.demand.tonnes.sum())
    target = dataclasses.replace(asked, value=value, penalty_cny=None, counts_material=everything)
    poor = dataclasses.replace(instance.materials, sales_cny_per_t=0 * instance.materials.sales_cny_per_t)
    return dataclasses.replace(instance, materials=poor, targets=(target,))


@pytest.mark.slow
@pytest.mark.parametrize("gap", [0.0, 0.3])
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_interval_holds_the_subsidy_that_optima_lead_to(seed, gap):
    instance = paying(seed)
    materials = np.ones(instance.n_materials, dtype=bool)
    least = truth(instance, materials)
    assert least > 0
    found = find_breakeven(solved_of(instance, gap), materials, seconds=6.0)
    assert found.least - TOLERANCE <= least <= found.most + TOLERANCE
    assert found.most - found.least < 0.5 * found.most
    (own,) = (verify(instance, plan) for plan in Solved.of(instance, optimum(instance)).whole.plans_of(found.values))
    assert own.cost_cny == pytest.approx(found.cost_cny, abs=0.1)
    assert own.collected_t.sum() == pytest.approx(found.tonnes, rel=1e-6)


def test_a_network_that_earns_needs_none():
    instance = hand_instance()
    rich = dataclasses.replace(
        instance, materials=dataclasses.replace(instance.materials, sales_cny_per_t=np.array([5000.0]))
    )
    found = find_breakeven(solved_of(rich, 0.0), np.array([True]), seconds=2.0)
    assert (found.least, found.most) == (0.0, 0.0)


def test_years_are_counted_by_their_weights():
    instance = paying(1)
    stages = Stages(
        name=np.array(["2030", "2035"]), year=np.array([2030, 2035]), weight=np.array([0.5, 0.5]),
        tonnes_factor=np.array([1.0, 1.2])[:, None, None] * np.ones((2, instance.n_demand, 1)),
        residents_factor=np.ones((2, instance.n_demand)), is_nested=True,
    )  # fmt: skip
    whole = dataclasses.replace(instance, stages=stages)
    materials = np.ones(instance.n_materials, dtype=bool)
    found = find_breakeven(solved_of(whole, 0.0), materials, seconds=6.0)
    assert 0 < found.least <= found.most < math.inf
    pays = optimum(with_subsidy(whole, materials, found.most + 0.1)).cost_cny
    falls_short = optimum(with_subsidy(whole, materials, max(0.0, found.least - 0.1))).cost_cny
    assert pays <= 0.1
    assert falls_short > 0


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("breakeven")
    read_config(write_small_city(folder)).solve().write(folder / "out", parts=[])
    return folder / "out"


@pytest.mark.slow
def test_the_command_tells_the_interval(run_folder):
    done = siting("breakeven", run_folder, "--subsidy", "metal", "--time-limit", 5)
    assert done.exit_code == 0, done.output
    told = json.loads((run_folder / "breakeven-metal.json").read_text(encoding="utf-8"))
    assert told["subsidy_today_cny_per_t"] == 0
    assert 0 <= told["least_more_cny_per_t"] <= told["most_more_cny_per_t"]
    west, east = told["districts"]
    assert west["cost_cny"] + east["cost_cny"] == pytest.approx(told["plan_cost_cny"], abs=0.1)
    assert west["tonnes"] + east["tonnes"] == pytest.approx(told["plan_tonnes"])
    assert west["needed_more_cny_per_t"] == pytest.approx(west["cost_cny"] / west["tonnes"])
    assert west["balance_cny"] + east["balance_cny"] == pytest.approx(0, abs=0.1)
    least, most = sorted(one["needed_more_cny_per_t"] for one in (west, east))
    assert least < told["most_more_cny_per_t"] < most
    assert all(name in done.output for name in ("West", "East", "all districts"))
    assert "收支平衡" in (run_folder / "breakeven-metal.html").read_text(encoding="utf-8")
    assert read_run(run_folder).verify().holds
    assert "did you mean 'metal'" in failing(2, "breakeven", run_folder, "--subsidy", "metals")
