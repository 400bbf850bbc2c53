"""Budgets and caps: what a plan costs as they tighten, and what is said where none fits."""

from __future__ import annotations

import dataclasses
import itertools
import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from siting.errors import InfeasibleError
from siting.explain import check_arithmetic, explain_infeasible
from siting.explain.spending import least_to_reach, most_for
from siting.problem import read_config
from siting.solve.solve import solve
from siting.verify import reach
from siting.vocabulary import Echelon, Measure
from tests.brute_force import optimum, staged_optimum
from tests.commands import failing
from tests.edges import with_part, with_targets
from tests.model.test_parts import SMALL
from tests.parts import PARTS, STAGED, with_parts
from tests.small_city import small_config, write_small_city
from tests.tiny import hand_instance, make_target, tiny_instance

CAPS = (
    Measure.INVESTMENT, Measure.OPERATION, Measure.COST, Measure.EMISSIONS, Measure.NET_EMISSIONS, Measure.SUBSIDY,
    Measure.VEHICLES,
)  # fmt: skip


def cost_of(instance):
    """The least cost; inf where there is no plan."""
    try:
        return solve(instance, engine="exact", time_limit_s=60, gap=0.0)
    except InfeasibleError:
        return None


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("measure", CAPS, ids=str)
def test_cost_never_falls_as_a_limit_tightens(measure, seed):
    instance = with_parts(tiny_instance(seed, **SMALL), seed, "light material")
    serve = make_target(instance, Measure.COVERAGE, 0.4, within_m=1500.0)
    instance = dataclasses.replace(instance, targets=(serve,))
    free = cost_of(instance)
    assert free is not None
    reached = reach(instance, free.plan, make_target(instance, measure, 0.0, is_at_least=False))
    costs = []
    for share in (0.02, 0.0, -0.02, -0.1, -0.3, -0.9):
        limit = make_target(instance, measure, reached + share * abs(reached), is_at_least=False)
        limited = cost_of(dataclasses.replace(instance, targets=(serve, limit)))
        costs.append(np.inf if limited is None else limited.cost_cny)
        if limited is not None:
            assert reach(instance, limited.plan, limit) <= limit.value + 1e-6 * max(1, abs(limit.value))
    assert costs[0] == pytest.approx(free.cost_cny, rel=1e-5)
    assert all(after >= before - 0.05 for before, after in itertools.pairwise(costs)), costs


def test_a_budget_of_nothing_builds_nothing_and_keeps_what_stands():
    instance = with_part(hand_instance(), "options", min_load_t=np.zeros(5))
    budget = make_target(instance, Measure.INVESTMENT, 0.0, is_at_least=False)
    solution = cost_of(with_targets(instance, budget))
    opened = instance.options.site[solution.plan.is_open]
    assert sorted(str(one) for one in instance.sites.id[opened]) == ["s1", "t1"]


def test_a_budget_that_counts_rule_out_is_told_before_the_solve_by_how_much():
    instance = hand_instance()
    two = make_target(instance, Measure.COUNT, 2, echelon=Echelon.POINT)
    budget = make_target(instance, Measure.INVESTMENT, 13_000, is_at_least=False)
    (finding,) = check_arithmetic(with_targets(instance, two, budget))
    assert finding.is_fatal
    assert re.search(
        r"at least 14,000 CNY of investment in facilities is what the cheapest 2 recycling", finding.message
    )
    assert re.search(r"asks at most 13,000 CNY; lower .* or raise the target to 14000$", finding.message)
    enough = dataclasses.replace(budget, value=14_000.0)
    assert check_arithmetic(with_targets(instance, two, enough)) == []


@pytest.mark.parametrize("measure", [Measure.INVESTMENT, Measure.OPERATION, Measure.COST, Measure.EMISSIONS], ids=str)
def test_an_unattainable_limit_is_told_with_what_is_needed(measure):
    instance = hand_instance()
    serve = make_target(instance, Measure.SERVED, 1.0, within_m=300.0)
    free = cost_of(with_targets(instance, serve))
    asked = make_target(instance, measure, 0.0, is_at_least=False)
    least = reach(instance, free.plan, asked)
    limit = dataclasses.replace(asked, value=least * 0.5)
    sentences = explain_infeasible(with_targets(instance, serve, limit))
    told = [sentence for sentence in sentences if limit.id in sentence]
    assert told, sentences
    unit = {Measure.INVESTMENT: "CNY", Measure.EMISSIONS: "t CO2e/yr"}.get(measure, "CNY/yr")
    assert any(re.search(rf"at (least|most) [\d,.]+ {re.escape(unit)}", sentence) for sentence in told), told
    assert any(re.search(r"raise (it|the target) to \d+|residents", sentence) for sentence in sentences), sentences


@pytest.mark.parametrize("names", [(), *((name,) for name in PARTS), ("rebuilding", "spacing"), ("rebuilding", "years"),
                                   ("budgets", "cases"), ("spacing", "budgets")], ids=" + ".join)  # fmt: skip
def test_what_is_called_impossible_has_no_plan(names):
    """The arithmetic may miss what is impossible, but never calls impossible what brute force can plan."""
    rng = np.random.default_rng(len(names))
    fatal = 0
    for seed in range(12):
        instance = with_parts(tiny_instance(seed, **SMALL), seed, *names)
        offered_t = float(instance.demand.tonnes.sum())
        tight = (
            make_target(instance, Measure.INVESTMENT, rng.uniform(0, 9000), is_at_least=False),
            make_target(instance, Measure.VEHICLES, rng.uniform(0, 1), is_at_least=False),
            make_target(instance, Measure.COUNT, rng.integers(1, 4), echelon=Echelon.POINT),
            make_target(instance, Measure.COVERAGE, rng.uniform(0.5, 1), within_m=800.0),
            make_target(instance, Measure.PROCESSED, offered_t * rng.uniform(0.2, 0.9)),
        )
        chosen = tuple(tight[k] for k in rng.choice(len(tight), 2, replace=False))
        instance = dataclasses.replace(instance, targets=(*instance.targets, *chosen))
        if any(finding.is_fatal for finding in check_arithmetic(instance)):
            fatal += 1
            assert (staged_optimum if set(names) & set(STAGED) else optimum)(instance) is None
    assert fatal > 0, "no instance was tight enough to tell"


def test_a_run_that_no_budget_allows_ends_with_exit_code_3_and_how_much_is_needed(tmp_path):
    config = small_config()
    config["targets"] = [
        {"unit": "city", "measure": "count", "echelon": "point", "at_least": 4},
        {"unit": "city", "measure": "investment_cny", "echelon": "point", "at_most": 100_000},
    ]
    said = failing(3, "run", write_small_city(tmp_path, config=config), "--quiet")
    # 4 kiosks of 50,000 CNY on 12 m2 of 500 CNY each
    assert "at least 224,000 CNY of investment in recycling points" in said


def near_city(tmp_path):
    """The instance of a small city, and a target that nine of ten residents have a point near."""
    instance = read_config(write_small_city(tmp_path)).instance
    near = make_target(instance, Measure.COVERAGE, 0.9, within_m=1000.0)
    return dataclasses.replace(instance, targets=(near,)), near


def told_figures(sentences, pattern):
    (found,) = [match for sentence in sentences if (match := re.search(pattern, sentence))]
    return [float(one.replace(",", "")) for one in found.groups()]


def test_a_budget_that_forbids_a_plan_is_answered_with_what_is_needed_and_what_it_buys(tmp_path):
    """Both are exact: with what is needed there is a plan, with a little less none; so with what the budget buys."""
    instance, near = near_city(tmp_path)
    budget = make_target(instance, Measure.INVESTMENT, 300_000.0, is_at_least=False)

    def is_possible(*targets):
        return cost_of(dataclasses.replace(instance, targets=targets)) is not None

    sentences = explain_infeasible(dataclasses.replace(instance, targets=(near, budget)))
    assert not any("lower it to 0.00" in one for one in sentences)
    (needed,) = told_figures(sentences, r"the other targets need ([\d,]+) CNY of investment")
    (bought,) = told_figures(sentences, r"300,000 CNY of investment .* buys ([\d.]+) % of residents")
    assert is_possible(near, dataclasses.replace(budget, value=needed))
    assert not is_possible(near, dataclasses.replace(budget, value=needed - 1))
    assert is_possible(dataclasses.replace(near, value=bought / 100 - 1e-3), budget)
    assert not is_possible(dataclasses.replace(near, value=bought / 100 + 1e-3), budget)


def test_a_budget_below_the_first_facilities_is_told_to_buy_nothing_and_not_to_lower_to_nothing(tmp_path):
    instance, near = near_city(tmp_path)
    budget = make_target(instance, Measure.INVESTMENT, 1_000.0, is_at_least=False)
    sentences = explain_infeasible(dataclasses.replace(instance, targets=(near, budget)))
    (said,) = [one for one in sentences if "buys" in one]
    assert re.search(r"1,000 CNY of investment .* buys nothing of target .*90\.0 %.* raise the budget", said)
    assert not any("lower it to" in one or "-0.0" in one for one in sentences)


def test_points_that_residents_need_are_money_before_any_solve(tmp_path):
    """No plan costs less than the arithmetic says, and the budget buys no more than it says."""
    instance, near = near_city(tmp_path)
    budget = make_target(instance, Measure.INVESTMENT, 200_000.0, is_at_least=False)
    findings = check_arithmetic(dataclasses.replace(instance, targets=(near, budget)))
    (finding,) = (one for one in findings if one.is_fatal)
    (least,) = told_figures([finding.message], r"at least ([\d,]+) CNY of investment in facilities is what recycling")
    (most,) = told_figures([finding.message], r"200,000 CNY buy at most ([\d.]+) % of residents")
    for value in (least - 1, 200_000.0):
        assert cost_of(dataclasses.replace(instance, targets=(near, dataclasses.replace(budget, value=value)))) is None
    more = dataclasses.replace(near, value=most / 100 + 1e-3)
    assert cost_of(dataclasses.replace(instance, targets=(more, budget))) is None
    said = failing(3, "run", config_with(tmp_path / "again", near, budget), "--quiet")
    assert "buy at most" in said and "the other targets need" in said and "buys" in said


def config_with(folder, near, budget):
    folder.mkdir()
    config = small_config()
    config["targets"] = [
        {"unit": "city", "measure": "coverage", "within_m": near.within_m, "at_least": near.value},
        {"unit": "city", "measure": "investment_cny", "at_most": budget.value},
    ]
    return write_small_city(folder, config=config)


@example([(1e-132, 0.0)], 0.0, 1e-132)
@given(
    st.lists(st.tuples(st.floats(0, 50), st.floats(0, 20)), min_size=1, max_size=7), st.floats(0, 60), st.floats(0, 200)
)
def test_no_set_of_sites_beats_the_arithmetic_of_budgets(sites, budget, asked):
    gain, spent = (np.array(values) for values in zip(*sites, strict=True))
    chosen = [np.array(one, dtype=bool) for one in itertools.product((0, 1), repeat=len(sites))]
    reached = max(gain[one].sum() for one in chosen if spent[one].sum() <= budget)
    assert most_for(gain, spent, budget) >= reached - 1e-9 * (1 + reached)
    enough = [spent[one].sum() for one in chosen if gain[one].sum() >= asked]
    assert least_to_reach(gain, spent, asked) <= min(enough, default=np.inf) + 1e-9 * (1 + budget)
