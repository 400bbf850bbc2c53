"""A fixed plan in drawn years: the draws, what is taken and turned away, the report and its repeatability."""

from __future__ import annotations

import dataclasses
import html
import json

import numpy as np
import openpyxl
import pandas as pd
import pytest

from siting.behaviour import WalkTo, walk_to_nearest
from siting.errors import ConfigError
from siting.evaluate import Draw, Evaluation, Law, Sample, draw_factors, evaluate, stage_to_try
from siting.evaluate.bychain import chain_years
from siting.evaluate.recourse import solve_recourse
from siting.evaluate.report import chain_spread, evaluation_summary, facility_risks, sample_table, spare_by_echelon
from siting.instance import Expansions
from siting.plan import site_inflow_t
from siting.problem import read_config, read_run
from siting.results.behaviour import verdict as behaviour_verdict
from siting.solve.solve import solve
from siting.verify import verify
from siting.vocabulary import Chain, Echelon, Measure
from tests.commands import failing, siting
from tests.small_city import small_config, write_small_city
from tests.tiny import hand_instance, make_target, tiny_instance
from tests.verify.test_verify import hand_plan


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
    few, many = (evaluate(instance, plan, Draw(samples=n, seed=5, cv=0.2)) for n in (2, 4))
    assert [one.cost_cny for one in many.samples[:2]] == [one.cost_cny for one in few.samples]
    other = evaluate(instance, plan, Draw(samples=2, seed=6, cv=0.2))
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
    tried = evaluate(instance, plan, Draw(samples=3, seed=1, cv=0.0))
    summary = evaluation_summary(tried, {})
    assert summary["figures"]["cost_cny"]["sd"] == pytest.approx(0, abs=1e-6)
    assert summary["figures"]["turned_away_t"]["max"] == pytest.approx(0, abs=1e-3)
    assert all(target["holds_in_share"] in {0.0, 1.0} for target in summary["targets"])


def test_a_year_as_planned_is_the_plan_itself(small):
    instance, plan, _ = small
    planned = verify(instance, plan)
    (year,) = evaluate(instance, plan, Draw(samples=1, cv=0.0)).samples
    assert year.cost_cny == pytest.approx(planned.cost_cny)
    assert year.reached == pytest.approx([outcome.reached for outcome in planned.targets])
    served = instance.demand.residents[instance.walks.demand] @ plan.assign / instance.residents
    assert year.served_share == pytest.approx(served)
    almost = solve_recourse(instance, plan, (1 + 1e-9) * ones(instance))
    assert almost.plan.assign == pytest.approx(plan.assign, abs=1e-4)
    assert almost.plan.direct_t == pytest.approx(plan.direct_t, abs=1e-2)


def test_demand_is_scaled_by_hand(small):
    instance, plan, folder = small
    (year,) = evaluate(instance, plan, Draw(samples=1, cv=0.0, mean=0.8)).samples
    assert year.offered_t == pytest.approx(0.8 * instance.demand.tonnes.sum())
    assert year.turned_away_t == pytest.approx(0.0, abs=1e-3)
    out = siting("evaluate", folder, "--samples", 1, "--cv", 0, "--demand", 0.8)
    assert out.exit_code == 0 and "mean 0.8" in (folder / "evaluation.html").read_text(encoding="utf-8")


def test_households_are_turned_away_after_generators():
    instance = hand_instance()  # the plan brings the centre 8 t of households and 5 t of the generator
    options = dataclasses.replace(instance.options, capacity_t=np.array([10.0, 10.0, 10.0, 20.0, 12.0]))
    taken = solve_recourse(dataclasses.replace(instance, options=options), hand_plan(), ones(instance))
    assert taken.turned_away_t[:, 0] == pytest.approx([0.0, 0.0, 1.0], abs=1e-3)


def test_the_figures_of_each_year_are_those_of_its_verification(small):
    instance, plan, _ = small
    tried = evaluate(instance, plan, Draw(samples=2, seed=4, cv=0.3))
    table = sample_table(tried)
    factors = draw_factors(instance, 1, seed=4, cv=0.3)
    year = dataclasses.replace(
        instance, demand=dataclasses.replace(instance.demand, tonnes=instance.demand.tonnes * factors)
    )
    found = verify(year, solve_recourse(instance, plan, factors).plan)
    assert table["cost_cny"][1] == pytest.approx(found.cost_cny, abs=0.1)
    assert table["collected_t"][1] == pytest.approx(found.collected_t.sum(), abs=0.1)
    assert list(tried.samples[1].holds) == [outcome.holds for outcome in found.targets]


def test_chains_add_up_to_the_year(small):
    instance, plan, _ = small
    tried = evaluate(instance, plan, Draw(samples=3, seed=5, cv=0.5))
    for year in tried.samples:
        assert [one.chain for one in year.chains] == [Chain.HOUSEHOLDS, Chain.GENERATORS]
        for name in ("offered_t", "collected_t", "turned_away_t", "cost_cny"):
            assert sum(getattr(one, name) for one in year.chains) == pytest.approx(getattr(year, name), rel=1e-9)
    table = sample_table(tried)
    households = chain_spread(tried)[Chain.HOUSEHOLDS]
    assert households["cost_cny"]["mean"] == pytest.approx(table["households_cost_cny"].mean(), abs=0.1)
    per_t = table["generators_cost_cny"] / table["generators_collected_t"]
    assert table["generators_cost_cny_per_t"].to_numpy() == pytest.approx(per_t.to_numpy(), rel=1e-2)


def test_a_reader_finds_which_chain_is_turned_away():
    instance = hand_instance()  # the plan brings the centre 8 t of households and 5 t of the generator
    options = dataclasses.replace(instance.options, capacity_t=np.array([10.0, 10.0, 10.0, 20.0, 12.0]))
    tight = dataclasses.replace(instance, options=options)
    taken = solve_recourse(tight, hand_plan(), ones(instance))
    households, generators = chain_years(tight, tight, taken, verify(tight, taken.plan).targets)
    assert (households.turned_away_t, generators.turned_away_t) == pytest.approx((0.0, 1.0), abs=1e-3)
    assert (households.collected_t, generators.collected_t) == pytest.approx((8.0, 4.0), abs=1e-3)
    closed = dataclasses.replace(taken, plan=dataclasses.replace(taken.plan, direct_t=0 * taken.plan.direct_t))
    demand = dataclasses.replace(tight.demand, tonnes=np.array([[10.0], [10.0], [0.0]]))
    quiet = dataclasses.replace(tight, demand=demand)
    _, generators = chain_years(tight, quiet, closed, verify(quiet, closed.plan).targets)
    assert (generators.collected_t, generators.cost_cny) == (0.0, 0.0)
    assert np.isnan(generators.cost_cny_per_t)


def test_the_command_prints_the_spread_and_leaves_it_in_the_folder(small):
    _, _, folder = small
    arguments = ("evaluate", folder, "--samples", 4, "--seed", 2, "--cv", 0.5)
    first = siting(*arguments)
    assert first.exit_code == 0, first.output
    assert "4 drawn years" in first.output
    assert "cannot be taken, t/yr" in first.output
    assert "By chain over the drawn years" in first.output
    assert "By chain over the drawn years" in (folder / "evaluation.html").read_text(encoding="utf-8")
    table = pd.read_csv(folder / "evaluation.csv", encoding="utf-8-sig")
    assert list(table["sample"]) == [1, 2, 3, 4]
    report = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    assert (report["samples"], report["seed"], report["cv"], report["law"]) == (4, 2, 0.5, "lognormal")
    assert report["figures"]["cost_cny"]["mean"] == pytest.approx(table["cost_cny"].mean(), abs=0.1)
    assert report["figures"]["turned_away_t"]["label"]["zh"] == "无法接纳量（吨/年）"
    assert list(report["chains"]) == ["households", "generators"]
    of_households = report["chains"]["households"]["figures"]
    assert of_households["cost_cny"]["mean"] == pytest.approx(table["households_cost_cny"].mean(), abs=0.1)
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


def loaded(instance, plan, *loads_t):
    """The plan in years in which p3 gets these loads, and everything else nothing."""
    at_p3 = np.where(instance.sites.id == "p3", 1.0, 0.0)
    nothing = np.zeros(instance.n_sites, dtype=bool)
    years = tuple(
        Sample(
            cost_cny=0.0, offered_t=load_t, collected_t=load_t, turned_away_t=0.0, served_share=1.0,
            emissions_kg_co2e=0.0, load_t=load_t * at_p3, is_overloaded=nothing, is_underloaded=nothing,
            reached=np.zeros(len(instance.targets)), holds=np.ones(len(instance.targets), dtype=bool),
        )
        for load_t in loads_t
    )  # fmt: skip
    return Evaluation(instance, plan, WalkTo.ASSIGNED, instance.targets, years, Draw(len(years)))


def with_larger_p3(instance, **changes):
    """The hand instance with another size of p3; one of its row's figures by name."""
    options = {name: np.concatenate([column, column[2:3]]) for name, column in vars(instance.options).items()}
    for name, value in changes.items():
        options[name][-1] = value
    options["size"] = np.concatenate([instance.options.size, ["L"]])
    return dataclasses.replace(instance, options=dataclasses.replace(instance.options, **options))


def open_first(instance):
    plan = hand_plan()
    n_more = instance.n_options - len(plan.is_open)
    return dataclasses.replace(plan, is_open=np.append(plan.is_open, np.zeros(n_more, dtype=bool)))


def of_p3(instance, *loads_t):
    """What is found of p3, which holds 10 t and is planned to take 8."""
    risks = facility_risks(loaded(instance, open_first(instance), *loads_t))
    assert risks["id"][0] == "p3"
    return risks.iloc[0]


def test_overflow_of_a_facility_by_hand():
    """Of ten years one brings 14 t and one 12 t to p3, which holds 10 t."""
    found = of_p3(hand_instance(), *[10.0] * 8, 14.0, 12.0)
    assert (found["overflows_in_share"], found["mean_overflow_t"], found["worst_overflow_t"]) == (0.2, 3.0, 4.0)
    assert found["is_flagged"]
    assert (found["spare_90_t"], found["spare_95_t"]) == (2.0, 4.0)


def test_a_facility_that_keeps_within_what_it_holds_costs_nothing_more():
    found = of_p3(hand_instance(), *[10.0] * 9, 14.0)
    assert not found["is_flagged"]
    assert (found["spare_90_t"], found["spare_90_cny_per_year"]) == (0.0, 0.0)


def test_the_busiest_time_leaves_a_facility_less_than_its_capacity():
    instance = hand_instance()
    options = dataclasses.replace(instance.options, peak_factor=np.full(instance.n_options, 1.25))
    found = of_p3(dataclasses.replace(instance, options=options), 9.0)
    assert (found["holds_t"], found["worst_overflow_t"]) == (8.0, 1.0)


def test_further_facilities_cost_the_median_of_new_ones_of_the_type():
    """New points cost 1,000, 1,000 and 1,500 CNY a year for 10 t: 12 t too many take two of 1,000."""
    found = of_p3(hand_instance(), 22.0)
    assert found["tonne_more_cny_per_year"] == pytest.approx(100)
    assert found["spare_95_cny_per_year"] == pytest.approx(2000)
    assert found["spare_95_is_further"]


def test_a_larger_size_is_taken_where_it_is_cheaper():
    """It holds 25 t for 500 CNY a year more: of the annuity 300, and 25 CNY for each of the 8 t planned."""
    instance = with_larger_p3(hand_instance(), capacity_t=25.0, investment_cny=1300.0, unit_cny_per_t=30.0)
    found = of_p3(instance, 22.0)
    assert found["spare_95_cny_per_year"] == pytest.approx(500)
    assert found["tonne_more_cny_per_year"] == pytest.approx(500 / 15)
    assert not found["spare_95_is_further"]


def test_a_larger_size_that_does_not_fit_or_hold_is_not_taken():
    big = with_larger_p3(hand_instance(), capacity_t=25.0, area_m2=30.0)
    assert of_p3(big, 22.0)["spare_95_is_further"]
    small = with_larger_p3(hand_instance(), capacity_t=20.0)
    assert of_p3(small, 22.0)["spare_95_is_further"]
    assert not of_p3(small, 20.0)["spare_95_is_further"]


def test_an_extension_is_paid_by_the_tonne():
    instance = hand_instance()
    five = np.array([5.0])
    expansions = Expansions(np.array([2]), five, 100 * five, 6 * five, 2 * five)
    instance = dataclasses.replace(instance, expansions=expansions)
    plan = dataclasses.replace(hand_plan(), expanded_t=np.zeros(1))
    risks = facility_risks(loaded(instance, plan, 14.0))
    assert risks["spare_95_cny_per_year"][0] == pytest.approx(4 * 40)
    assert risks["tonne_more_cny_per_year"][0] == pytest.approx(40)
    bought = dataclasses.replace(plan, expanded_t=np.array([3.0]))
    risks = facility_risks(loaded(instance, bought, 14.0))
    assert (risks["holds_t"][0], risks["spare_95_t"][0]) == (13, 1)
    assert risks["spare_95_cny_per_year"][0] == pytest.approx(40)


def test_echelons_sum_their_facilities(small):
    instance, plan, _ = small
    risks = facility_risks(evaluate(instance, plan, Draw(5, cv=0.5)))
    spare = spare_by_echelon(risks)
    assert spare["open"].sum() == len(risks) == plan.is_open.sum()
    assert spare["spare_90_t"].sum() == pytest.approx(risks["spare_90_t"].sum())
    assert (risks["spare_95_t"] >= risks["spare_90_t"]).all()
    shares = risks["overflows_in_share"].tolist()
    assert shares == sorted(shares, reverse=True)


def test_loads_of_a_year_as_planned_are_those_of_the_plan(small):
    instance, plan, _ = small
    tried = evaluate(instance, plan, Draw(1, cv=0.0))
    assert tried.samples[0].load_t == pytest.approx(site_inflow_t(instance, plan).sum(axis=1), abs=1e-6)


def test_residents_who_choose_go_to_no_other_point_in_any_year(small):
    instance, plan, _ = small
    walked = walk_to_nearest(instance, plan)
    for number in range(3):
        factors = draw_factors(instance, number, seed=1, cv=0.5)
        taken = solve_recourse(instance, walked, factors, walks_stay=True)
        assert not taken.plan.assign[walked.assign == 0].any()
        year = dataclasses.replace(
            instance, demand=dataclasses.replace(instance.demand, tonnes=instance.demand.tonnes * factors)
        )
        given_t = (year.brought_t() * walked.assign[:, None]).sum() + (
            plan.direct_t * factors[instance.direct.tail]
        ).sum()
        assert verify(year, taken.plan).collected_t.sum() + taken.turned_away_t.sum() >= given_t * (1 - 1e-6)
    tried = evaluate(instance, plan, Draw(1, cv=0.0), walk_to=WalkTo.NEAREST)
    assert tried.samples[0].load_t == pytest.approx(site_inflow_t(instance, walked).sum(axis=1), abs=1e-6)


def two_points():
    """p2 costs 900 CNY a tonne more than p3; the plan brings 2 t to it, and 6 t to p3."""
    instance = hand_instance()
    unit_cny = instance.options.unit_cny_per_t.copy()
    unit_cny[1] += 900.0
    options = dataclasses.replace(instance.options, unit_cny_per_t=unit_cny)
    plan = dataclasses.replace(
        hand_plan(),
        is_open=np.array([False, True, True, True, True]),
        assign=np.array([0.0, 0.4, 1.0, 0.5]),
        haul_t=np.array([[0.0], [2.0], [6.0], [8.0]]),
    )
    return dataclasses.replace(instance, targets=(), options=options), plan


def test_no_facility_is_given_up_because_others_are_cheaper_in_a_year():
    instance, plan = two_points()
    usual = solve_recourse(instance, plan, ones(instance))
    assert site_inflow_t(instance, usual.plan)[1, 0] == pytest.approx(2.0, abs=1e-3)
    assert usual.plan.assign == pytest.approx(plan.assign, abs=1e-6)
    assert usual.turned_away_t.sum() == pytest.approx(0.0, abs=1e-3)


def test_less_demand_takes_no_facility_from_a_count():
    instance, plan = two_points()
    least_t = np.where(instance.sites.id == "p2", 2.0, 0.0)
    counted = make_target(instance, Measure.COUNT, 2.0, echelon=Echelon.POINT)
    options = dataclasses.replace(instance.options, least_use_t=least_t)
    instance = dataclasses.replace(instance, options=options, targets=(counted,))
    tried = evaluate(instance, plan, Draw(6, cv=0.3))
    assert any(one.is_underloaded[1] for one in tried.samples)
    assert all(one.holds.all() for one in tried.samples)


def test_the_verdict_comes_first_and_the_files_say_the_same(small):
    _, _, folder = small
    result = siting("evaluate", folder, "--samples", 3, "--behaviour", "nearest")
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    trial = read_run(folder).evaluate(3, behaviour="nearest")
    first, second = (
        behaviour_verdict(trial.results.run.instance, trial.results.behaviour).en,
        trial.summary["verdict"]["en"],
    )
    assert said.startswith(f"{first} ")
    assert second in said
    assert trial.verdict == f"{first} {second}"
    written = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    assert (written["behaviour"], written["verdict"]) == ("nearest", trial.summary["verdict"])
    assert written["if_nearest"] == json.loads((folder / "plan.json").read_text(encoding="utf-8"))["behaviour"]
    page = (folder / "evaluation.html").read_text(encoding="utf-8")
    for language in ("en", "zh"):
        main = page.split(f'<main lang="{language}"')[1].split("</main>")[0]
        assert main.index(
            html.escape(behaviour_verdict(trial.results.run.instance, trial.results.behaviour).in_language(language))
        ) < main.index("<table")
        assert html.escape(trial.summary["verdict"][language]) in main
    table = pd.read_csv(folder / "evaluation-facilities.csv", encoding="utf-8-sig")
    assert table["id"].tolist() == trial.facilities["id"].tolist()
    assert table["worst_overflow_t"].tolist() == pytest.approx(trial.facilities["worst_overflow_t"].tolist(), abs=1e-3)
    sheets = openpyxl.load_workbook(folder / "evaluation.xlsx").sheetnames
    assert sheets == ["指标 Figures", "分来源 By chain", "备用能力 Spare capacity", "设施 Facilities", "目标 Targets"]


def test_a_run_that_was_tried_still_verifies(small):
    _, _, folder = small
    read_run(folder).evaluate(2).write(folder)
    result = siting("verify", folder)
    assert result.exit_code == 0, result.output


def test_no_year_is_drawn_where_residents_alone_are_asked_about(small):
    _, _, folder = small
    assert siting("evaluate", folder, "--samples", 0, "--behaviour", "nearest").exit_code == 0
    written = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    assert "figures" not in written
    assert "figures" in written["if_nearest"]
    assert "let residents walk to the nearest point" in failing(2, "evaluate", folder, "--samples", 0)


def test_unknown_words_are_answered_with_the_known_ones(small):
    _, _, folder = small
    result = read_run(folder)
    with pytest.raises(ConfigError, match="choose from assigned, nearest"):
        result.evaluate(1, behaviour="farthest")
    with pytest.raises(ConfigError, match="choose from lognormal, normal"):
        result.evaluate(1, law="cauchy")
