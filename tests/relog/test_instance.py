"""A case of RELOG as an instance: the cost of RELOG's own model on random cases, verified plan by plan."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from siting.errors import InfeasibleError
from siting.plan import Plan
from siting.relog import case_instance, read_case, solve_case
from siting.relog.answer import PlanYear
from siting.solve.solve import solve
from siting.verify import require_valid_stages, verify_stages
from tests.relog_cases import at, offers, one_plant_case, size, small_disposal, two_stage_case, write_case
from tests.relog_reference import reference_cost


def random_case(seed):
    """Two products, one made of the other, three plants, two or three years, everything that a case may have."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 4))

    def by_year(low, high):
        return np.round(rng.uniform(low, high, n), 2).tolist()

    def place(**more):
        return at(float(rng.uniform(0, 3)), float(rng.uniform(0, 3)), **more)

    def plant(low, high, **more):
        fixed = by_year(10, 40)
        sizes = {str(low): size(by_year(500, 1500), fixed, more.pop("run"), n)}
        if rng.random() < 0.6:
            sizes[str(high)] = size(by_year(1600, 4000), [one * 2 for one in fixed], next(iter(sizes.values()))
                                    ["variable operating cost ($/tonne)"], n)  # fmt: skip
        if rng.random() < 0.3:
            more["initial capacity (tonne)"] = float(rng.choice([low, (low + high) / 2]))
        return place(**{"capacities (tonne)": sizes}, **more)

    def product(**more):
        return {"transportation cost ($/km/tonne)": by_year(0.01, 0.1)} | more

    amounts = {f"C{k}": place(**{"amount (tonne)": by_year(20, 120)}) for k in range(3)}
    left = {"disposal cost ($/tonne)": by_year(-2, 60), "disposal limit (tonne)": by_year(0, 150)}
    rest = {"Q": small_disposal(0) | {"cost ($/tonne)": by_year(-9, 40), "limit (tonne)": by_year(10, 200)}}
    firsts = {name: plant(100, 400, run=by_year(1, 9), disposal=rest) for name in ("L1", "L2")}
    building = sorted(rng.choice(np.arange(1, n + 1), int(rng.integers(1, n + 1)), replace=False).tolist())
    return {
        "parameters": {"time horizon (years)": n, "building period (years)": building},
        "products": {
            "P": product(**{"initial amounts": amounts, "acquisition cost ($/tonne)": by_year(0, 5)}, **left),
            "Q": product(),
        },
        "plants": {
            "F": {"input": "P", "outputs (tonne/tonne)": {"Q": 0.4}, "locations": firsts},
            "G": {"input": "Q", "locations": {"L3": plant(50, 200, run=by_year(-30, 5))}},
        },
    }


def read(folder, case):
    return read_case(write_case(folder, case))


@pytest.mark.parametrize("seed", range(12))
def test_random_cases_have_the_cost_of_the_reference(tmp_path, seed):
    case = read(tmp_path, random_case(seed))
    expected = reference_cost(case)
    if expected is None:
        with pytest.raises(InfeasibleError):
            solve_case(case, gap=0.0)
        return
    answer = solve_case(case, gap=0.0)
    assert answer.value == pytest.approx(expected, rel=1e-6, abs=0.05)
    assert answer.bound <= expected + 0.05


@pytest.mark.parametrize("case", [two_stage_case(), *map(random_case, (0, 1, 2, 4))])
def test_a_plan_is_verified_and_costs_what_the_reference_says_of_its_plants(tmp_path, case):
    case = read(tmp_path, case)
    instance = case_instance(case)
    solution = solve(instance, engine="exact", time_limit_s=30, gap=0.0)
    require_valid_stages(
        instance, verify_stages(instance, solution.plans), claimed_cost_cny=solution.cost_cny, tolerance=1e-5
    )
    is_open = np.array([plan.is_open[: len(case.plants)] for plan in solution.plans]).T
    cost = solution.cost_cny * case.n_years + case.acquisition
    assert cost == pytest.approx(reference_cost(case, is_open), rel=1e-6, abs=0.05)
    assert cost == pytest.approx(solve_case(case, gap=0.0).value, rel=1e-6, abs=0.05)


def test_random_cases_are_worth_a_test(tmp_path):
    cases = [read(tmp_path, random_case(seed)) for seed in range(12)]
    assert any(len(case.building) < case.n_years for case in cases)
    assert any(plant.initial_t > plant.least_t for case in cases for plant in case.plants)
    answers = []
    for case in cases:
        try:
            answers.append(solve_case(case, gap=0.0))
        except InfeasibleError:
            continue
    assert len(answers) >= 8
    for term in ("opening", "extension", "fixed", "variable", "transport", "disposal", "acquisition"):
        assert any(abs(answer.costs[term]) > 1 for answer in answers), term


def test_a_plant_bought_later_costs_the_price_of_that_year(tmp_path):
    """Nothing is offered in the first year: the plant opens in the second, for 700 instead of 1000."""
    case = one_plant_case(
        product={"initial amounts": offers([(0, 0, [0, 150])])}, parameters={"building period (years)": [1, 2]}
    )
    sizes = case["plants"]["F"]["locations"]["L"]["capacities (tonne)"]
    sizes["100"]["opening cost ($)"], sizes["300"]["opening cost ($)"] = [1000, 700], [1400, 1300]
    answer = solve_case(read(tmp_path, case))
    assert answer.costs["opening"] == pytest.approx(700)
    assert answer.costs["extension"] == pytest.approx(50 * (1300 - 700) / 200)


def test_a_plant_that_opens_later_is_paid_for_once_and_buys_nothing_else(tmp_path):
    case = read(tmp_path, one_plant_case())
    instance = case_instance(case)
    stage = instance.at_stage(0)
    n_direct, n_haul = len(stage.direct.tail), len(stage.haul.tail)
    bought = np.zeros(len(stage.expansions.option)), np.zeros(len(stage.disposals.option))
    closed = Plan(
        np.zeros(stage.n_options, dtype=bool), np.empty(0), np.zeros((n_direct, 1)), np.zeros((n_haul, 1)), *bought
    )
    opened = dataclasses.replace(closed, is_open=np.ones(stage.n_options, dtype=bool))
    costs = [PlanYear(case, instance, (closed, opened, opened), year).costs() for year in (0, 1)]
    assert [cost["opening"] for cost in costs] == [0, 1000]
    assert [sum(cost.values()) for cost in costs] == [0, 1000 + 10]
    assert [len(PlanYear(case, instance, (closed, opened), year).plants()) for year in (0, 1)] == [0, 1]
