"""A fixed plan in drawn years: the draws, what is taken and turned away, the report and its repeatability."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from siting.evaluate import Law, draw_factors, evaluate, stage_to_try
from siting.evaluate.recourse import solve_recourse
from siting.evaluate.report import evaluation_summary, sample_table
from siting.plan import site_inflow_t
from siting.problem import read_config
from siting.solve.solve import solve
from siting.verify import verify
from tests.commands import failing, siting
from tests.small_city import small_config, write_small_city
from tests.test_verify import hand_plan
from tests.tiny import hand_instance, tiny_instance


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A run of the small city: its instance, its plan, its folder."""
    folder = tmp_path_factory.mktemp("evaluate")
    result = read_config(write_small_city(folder)).solve()
    result.write(folder / "out")
    record = result.record
    return record.instance, record.solution.plan, folder / "out"


def ones(instance):
    return np.ones(instance.demand.tonnes.shape)


@pytest.mark.parametrize("law", list(Law))
def test_factors_have_mean_one_and_the_asked_spread_in_each_district(small, law):
    instance, _, _ = small
    drawn = np.array([draw_factors(instance, n, seed=3, cv=0.2, law=law) for n in range(4000)])
    assert drawn.mean(axis=0) == pytest.approx(1.0, abs=0.02)
    assert drawn.std(axis=0) == pytest.approx(0.2, abs=0.02)
    west = instance.demand.district == 0
    assert (drawn[:, west, 0] == drawn[:, west, 0][:, :1]).all()
    assert not (drawn[0, west][0] == drawn[0, ~west][0]).all()
    assert (drawn >= 0).all()


def test_a_year_is_the_same_however_many_are_drawn(small):
    instance, plan, _ = small
    few, many = (evaluate(instance, plan, samples=n, seed=5, cv=0.2) for n in (2, 4))
    assert [one.cost_cny for one in many.samples[:2]] == [one.cost_cny for one in few.samples]
    other = evaluate(instance, plan, samples=2, seed=6, cv=0.2)
    assert other.samples[0].cost_cny != few.samples[0].cost_cny


def test_a_year_as_planned_takes_all_and_costs_no_more_than_the_plan(small):
    instance, plan, _ = small
    taken = solve_recourse(instance, plan, ones(instance))
    assert taken.turned_away_t.sum() == pytest.approx(0, abs=1e-3)
    assert not taken.is_overloaded.any()
    planned, again = verify(instance, plan), verify(instance, taken.plan)
    assert again.collected_t.sum() >= planned.collected_t.sum() - 1e-3
    assert again.cost_cny <= planned.cost_cny * (1 + 1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_taken_keeps_every_rule_of_flows(seed):
    instance = tiny_instance(seed, n_cells=4, n_points=3, n_transfers=2, n_centres=2, n_generators=2)
    plan = solve(instance, engine="exact", gap=0.0).plan
    for factor in (0.5, 1.0, 3.0):
        factors = factor * ones(instance)
        taken = solve_recourse(instance, plan, factors)
        bare = dataclasses.replace(
            instance,
            targets=(),
            demand=dataclasses.replace(instance.demand, tonnes=instance.demand.tonnes * factors),
            options=dataclasses.replace(instance.options, min_load_t=np.zeros(instance.n_options)),
        )
        assert verify(bare, taken.plan, tolerance=1e-5).faults == ()


def test_a_reader_finds_what_the_hand_plan_turns_away():
    """The point takes 8 of 10 t; twice as much is 16 t, 6 t too many. Station (20 t) and centre (25 t) have room."""
    instance = hand_instance()
    taken = solve_recourse(instance, hand_plan(), 2.0 * ones(instance))
    assert taken.turned_away_t.sum() == pytest.approx(6.0, abs=1e-3)
    assert instance.sites.id[taken.is_overloaded].tolist() == ["p3"]
    assert taken.plan.direct_t.sum() == pytest.approx(10.0, abs=1e-3)


def test_what_is_collected_and_turned_away_is_what_the_plan_would_take(small):
    instance, plan, _ = small
    factors = 10.0 * ones(instance)
    taken = solve_recourse(instance, plan, factors)
    year = dataclasses.replace(
        instance, demand=dataclasses.replace(instance.demand, tonnes=instance.demand.tonnes * factors)
    )
    planned_t = verify(instance, plan).collected_t.sum() * 10
    collected_t = verify(year, taken.plan).collected_t.sum()
    assert taken.turned_away_t.sum() > 0
    assert collected_t + taken.turned_away_t.sum() >= planned_t * (1 - 1e-6)
    full = taken.is_overloaded
    assert full.any()
    opened = np.flatnonzero(plan.is_open)
    capacity_t = np.zeros(instance.n_sites)
    capacity_t[instance.options.site[opened]] = instance.options.capacity_t[opened]
    assert site_inflow_t(year, taken.plan).sum(axis=1)[full] == pytest.approx(capacity_t[full], rel=1e-4)


def test_more_demand_never_turns_less_away(small):
    instance, plan, _ = small
    turned = [solve_recourse(instance, plan, factor * ones(instance)).turned_away_t.sum() for factor in (1, 2, 4, 8)]
    assert turned == sorted(turned)
    assert turned[-1] > turned[0]


def test_no_demand_is_no_fault(small):
    instance, plan, _ = small
    taken = solve_recourse(instance, plan, 0.0 * ones(instance))
    assert taken.turned_away_t.sum() == 0
    assert taken.plan.haul_t.sum() == 0


def test_a_plan_without_spread_is_the_same_in_every_year(small):
    instance, plan, _ = small
    tried = evaluate(instance, plan, samples=3, seed=1, cv=0.0)
    summary = evaluation_summary(tried, {})
    assert summary["figures"]["cost_cny"]["sd"] == pytest.approx(0, abs=1e-6)
    assert summary["figures"]["turned_away_t"]["max"] == pytest.approx(0, abs=1e-3)
    assert all(target["holds_in_share"] in {0.0, 1.0} for target in summary["targets"])


def test_the_figures_of_each_year_are_those_of_its_verification(small):
    instance, plan, _ = small
    tried = evaluate(instance, plan, samples=2, seed=4, cv=0.3)
    table = sample_table(tried)
    factors = draw_factors(instance, 1, seed=4, cv=0.3)
    year = dataclasses.replace(
        instance, demand=dataclasses.replace(instance.demand, tonnes=instance.demand.tonnes * factors)
    )
    found = verify(year, solve_recourse(instance, plan, factors).plan)
    assert table["cost_cny"][1] == pytest.approx(found.cost_cny, abs=0.1)
    assert table["collected_t"][1] == pytest.approx(found.collected_t.sum(), abs=0.1)
    assert list(tried.samples[1].holds) == [outcome.holds for outcome in found.targets]


def test_the_command_prints_the_spread_and_leaves_it_in_the_folder(small):
    _, _, folder = small
    arguments = ("evaluate", folder, "--samples", 4, "--seed", 2, "--cv", 0.5)
    first = siting(*arguments)
    assert first.exit_code == 0, first.output
    assert "4 drawn years" in first.output
    assert "cannot be taken, t/yr" in first.output
    table = pd.read_csv(folder / "evaluation.csv", encoding="utf-8-sig")
    assert list(table["sample"]) == [1, 2, 3, 4]
    report = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    assert (report["samples"], report["seed"], report["cv"], report["law"]) == (4, 2, 0.5, "lognormal")
    assert report["figures"]["cost_cny"]["mean"] == pytest.approx(table["cost_cny"].mean(), abs=0.1)
    assert report["figures"]["turned_away_t"]["label"]["zh"] == "无法接纳量（吨/年）"
    siting(*arguments)
    assert json.loads((folder / "evaluation.json").read_text(encoding="utf-8")) == report


def test_the_stage_to_try_is_the_last_year_unless_told(tmp_path):
    config = small_config() | {"year": 2030, "horizon": {"years": [2027, 2030]}}
    path = write_small_city(tmp_path, config=config)
    result = read_config(path).solve()
    result.write(tmp_path / "out")
    record = result.record
    assert stage_to_try(record.whole_instance, None) == 1
    assert stage_to_try(record.whole_instance, "2027") == 0
    result = siting("evaluate", tmp_path / "out", "--samples", 1, "--stage", "2027")
    assert "1 drawn years, 2027" in result.output
    assert "there are 2027, 2030" in failing(2, "evaluate", tmp_path / "out", "--stage", "2028")


def test_a_run_of_one_year_knows_no_stages(small):
    _, _, folder = small
    assert "it has one only" in failing(2, "evaluate", folder, "--stage", "2030")
