"""Several years in one plan: weights, growth and targets by year, and what a run leaves of each year."""

from __future__ import annotations

import copy
import dataclasses
import json

import numpy as np
import openpyxl
import pandas as pd
import pytest

from siting.config import load_config
from siting.errors import ConfigError, InfeasibleError, VerificationError
from siting.inputs.city import read_city
from siting.plan import Plan
from siting.prepare import prepare
from siting.prepare.stages import year_weights
from siting.problem import Problem
from siting.results.facilities import opening_years
from siting.runs.folder import read_run
from siting.solve.solve import solve
from siting.verify import require_valid_stages, verify_stages
from siting.vocabulary import DemandKind, Measure
from tests.commands import failing, siting
from tests.parts import with_parts
from tests.small_city import small_config, small_tables, write_small_city
from tests.tiny import tiny_instance

YEARS = [2025, 2027, 2030]


def rollout_config(**horizon):
    """The small city over three years: fewer points and less coverage asked of the first."""
    config = small_config() | {"year": 2030, "horizon": {"years": YEARS, "closing_years": 5} | horizon}
    config["targets"] = [
        {"unit": "city", "measure": "count", "echelon": "point", "at_least": 2, "year": 2025},
        {"unit": "city", "measure": "count", "echelon": "point", "at_least": 4, "year": 2027},
        {"unit": "city", "measure": "count", "echelon": "point", "at_least": 6, "year": 2030},
        {"unit": "each_district", "measure": "served", "within_m": 700, "at_least": 0.6, "year": 2030},
        {"unit": "city", "measure": "served", "within_m": 700, "at_least": 0.2},
    ]
    return config


def instance_of(folder, config=None, tables=None):
    loaded = load_config(write_small_city(folder, config=config or rollout_config(), tables=tables))
    return prepare(loaded.config, read_city(loaded.config.city), None).instance


@pytest.fixture(scope="module")
def rolled_out(tmp_path_factory):
    """A run of the small city over three years, and its folder."""
    folder = tmp_path_factory.mktemp("rollout")
    loaded = load_config(write_small_city(folder, config=rollout_config(growth={"tonnes": 0.03})))
    result = Problem(loaded).solve()
    result.write(folder / "out")
    return result.record, folder / "out"


def test_a_year_weighs_as_the_discounted_years_that_it_stands_for():
    assert year_weights(YEARS, closing_years=5, discount_rate=0.0) == pytest.approx([0.2, 0.3, 0.5])
    factors = [1.08**-n for n in range(10)]
    spans = [sum(factors[:2]), sum(factors[2:5]), sum(factors[5:])]
    weights = year_weights(YEARS, closing_years=5, discount_rate=0.08)
    assert weights == pytest.approx(np.array(spans) / sum(factors))


def test_without_a_horizon_there_are_no_stages(tmp_path):
    instance = instance_of(tmp_path, small_config())
    assert instance.stages is None
    assert {target.year for target in instance.targets} == {2027}


def test_residents_and_what_they_give_grow_from_the_base_year(tmp_path):
    growth = {
        "residents": 0.01,
        "tonnes": {"paper": 0.02, "metal": 0.05},
        "districts": {"d2": {"residents": -0.02, "tonnes": 0.0}},
    }
    instance = instance_of(tmp_path, rollout_config(base_year=2024, growth=growth))
    stages, is_west = instance.stages, instance.demand.district == 0
    lives = instance.demand.residents > 0
    for number, year in enumerate(YEARS):
        age, stage = year - 2024, instance.at_stage(number)
        assert stage.year == year
        assert stage.demand.residents[is_west & lives] == pytest.approx(1000 * 1.01**age)
        assert stage.demand.residents[~is_west & lives] == pytest.approx(1000 * 0.98**age)
        assert stage.demand.tonnes[is_west & lives, 0] == pytest.approx(73 * (1.01 * 1.02) ** age)
        assert stage.demand.tonnes[~is_west & lives, 0] == pytest.approx(73 * 0.98**age)
        assert stage.demand.tonnes[~lives, 1] == pytest.approx([800 * 1.05**age, 1500.0])
    assert list(stages.name) == ["2025", "2027", "2030"]
    assert stages.is_nested


def test_growth_counts_from_the_first_year_unless_told(tmp_path):
    instance = instance_of(tmp_path, rollout_config(growth={"residents": 0.1}))
    assert instance.at_stage(0).residents == pytest.approx(12_000)
    assert instance.at_stage(1).residents == pytest.approx(12_000 * 1.21)


def test_a_target_with_a_year_holds_in_it_and_one_without_in_every_year(tmp_path):
    instance = instance_of(tmp_path)
    asked = [[(str(t.measure), t.value) for t in instance.at_stage(n).targets] for n in range(3)]
    every = ("served", 0.2)
    assert asked[0] == [("count", 2.0), every]
    assert asked[1] == [("count", 4.0), every]
    assert asked[2] == [("count", 6.0), ("served", 0.6), ("served", 0.6), every]


@pytest.mark.parametrize(
    ("change", "cure"),
    [
        ({"years": [2027, 2025, 2030]}, r"write \[2025, 2027, 2030\]"),
        ({"years": [2030]}, "remove `horizon` and set `year`"),
        ({"years": [2025, 2027]}, "it is the last planning year, 2027"),
        ({"years": [2026, 2030]}, r"targets.0.year: 2025 is no planning year; there are \[2026, 2030\]"),
        ({"growth": {"tonnes": {"papr": 0.1}}}, "no material 'papr'; there are"),
        ({"growth": {"districts": {"d1": {"tonnes": {"papr": 0.1}}}}}, "districts.d1.tonnes: no material 'papr'"),
        ({"growth": {"districts": {"d9": {"residents": 0.1}}}}, "'d9' is no planned district"),
        ({"growth": {"residents": 2}}, "less than 0.5"),
        ({"closing_years": 0}, "greater than or equal to 1"),
    ],
)
def test_a_horizon_that_does_not_fit_is_refused_with_a_cure(tmp_path, change, cure):
    with pytest.raises(ConfigError, match=cure):
        instance_of(tmp_path, rollout_config(**change))


def test_prices_grow_from_the_base_year_and_what_is_built_costs_the_same(tmp_path):
    config = rollout_config()
    config["horizon"]["prices"] = {"operation": 0.1, "transport": 0.2, "material": -0.1}
    instance = instance_of(tmp_path / "grown", config)
    plain = instance_of(tmp_path / "plain", rollout_config())
    years = [int(year) for year in instance.stages.year]
    for number, year in enumerate(years):
        stage, before = instance.at_stage(number), plain.at_stage(number)
        n = year - years[0]
        assert stage.options.fixed_operation_cny == pytest.approx(before.options.fixed_operation_cny * 1.1**n)
        assert stage.options.investment_cny == pytest.approx(before.options.investment_cny)
        assert stage.link_rates.cny_per_tkm == pytest.approx(before.link_rates.cny_per_tkm * 1.2**n)
        assert stage.materials.sales_cny_per_t == pytest.approx(before.materials.sales_cny_per_t * 0.9**n)
    dearer, cheaper = (solve(one, engine="exact", gap=0.0) for one in (instance, plain))
    assert dearer.cost_cny != pytest.approx(cheaper.cost_cny)
    assert [fault for one in verify_stages(instance, dearer.plans) for fault in one.faults] == []
    assert not plain.stages.prices


def test_years_and_cases_do_not_go_together(tmp_path):
    config = rollout_config() | {"uncertainty": {"cases": [{"name": "a"}, {"name": "b"}]}}
    with pytest.raises(ConfigError, match="try a plan with `siting evaluate`"):
        instance_of(tmp_path, config)


def test_what_households_book_at_the_door_grows_with_them(tmp_path):
    config = rollout_config(growth={"residents": 0.1})
    config["participation"]["booked"] = {"urban": 0.1, "rural": 0.1, "cny_per_tkm": 3.0}
    instance = instance_of(tmp_path, config)
    doors = instance.demand.kind == DemandKind.BOOKED
    assert doors.sum() == 12
    now, later = (instance.at_stage(number).demand.tonnes[doors].sum() for number in (0, 1))
    assert later == pytest.approx(now * 1.21)


def test_one_year_told_twice_costs_what_it_costs_once(tmp_path):
    """With no growth and the same targets every year, the equivalent annual cost is that of a single year."""
    plain = small_config()
    one = solve(instance_of(tmp_path / "one", plain), engine="exact", gap=0.0)
    config = copy.deepcopy(plain) | {"year": 2030, "horizon": {"years": [2027, 2030]}}
    several = solve(instance_of(tmp_path / "two", config), engine="exact", gap=0.0)
    assert several.cost_cny == pytest.approx(one.cost_cny, rel=1e-4)


def test_a_plan_that_must_build_by_2027_is_never_cheaper_than_years_planned_apart(tmp_path):
    instance = instance_of(tmp_path, rollout_config(growth={"residents": -0.03}))
    together = solve(instance, engine="exact", gap=0.0)
    apart = [solve(instance.at_stage(n), engine="exact", gap=0.0).cost_cny for n in range(3)]
    assert together.cost_cny >= np.dot(instance.stages.weight, apart) * (1 - 1e-5)


def test_a_tighter_budget_of_a_year_never_makes_a_plan_cheaper(tmp_path):
    plain = instance_of(tmp_path / "plain")
    free = solve(plain, engine="exact", gap=0.0)
    options, first = plain.options, free.plans[0].is_open
    spent_cny = float(options.capex_cny @ first)
    costs = [free.cost_cny]
    for share in (1.0, 0.97):
        config = rollout_config()
        budget = {"unit": "city", "measure": "investment_cny", "year": 2025, "at_most": spent_cny * share}
        config["targets"].append(budget)
        try:
            costs.append(solve(instance_of(tmp_path / str(share), config), engine="exact", gap=0.0).cost_cny)
        except InfeasibleError:
            costs.append(np.inf)
    assert costs[1] == pytest.approx(costs[0], rel=1e-5)
    assert costs[2] > costs[1] * (1 - 1e-6)


def test_every_year_of_a_run_is_verified_and_stays_open(rolled_out):
    record, _ = rolled_out
    found = verify_stages(record.whole_instance, record.solution.plans)
    assert [fault for one in found for fault in one.faults] == []
    opened = [plan.is_open for plan in record.solution.plans]
    assert (opened[0] <= opened[1]).all()
    assert (opened[1] <= opened[2]).all()
    assert opened[0].sum() < opened[2].sum()
    weight = record.whole_instance.stages.weight
    assert record.solution.cost_cny == pytest.approx(weight @ [one.cost_cny for one in found])


def test_a_false_cost_of_several_years_is_refused(rolled_out):
    record, _ = rolled_out
    found = verify_stages(record.whole_instance, record.solution.plans)
    with pytest.raises(VerificationError, match=r"for all stages, recomputed .* \(2025 "):
        require_valid_stages(record.whole_instance, found, claimed_cost_cny=record.solution.cost_cny + 10)


def test_the_faults_of_a_year_bear_its_name(rolled_out):
    record, _ = rolled_out
    plans = record.solution.plans
    closed = dataclasses.replace(plans[2], is_open=plans[2].is_open & ~plans[0].is_open)
    found = verify_stages(record.whole_instance, (*plans[:2], closed))
    with pytest.raises(VerificationError, match=r"2030: site .* opens by 2027 and is no longer open in 2030"):
        require_valid_stages(record.whole_instance, found, claimed_cost_cny=record.solution.cost_cny)


def table(folder, name):
    return pd.read_csv(folder / name, encoding="utf-8-sig", dtype={"district_code": str})


def test_the_run_folder_tells_the_rollout_year_by_year(rolled_out):
    record, folder = rolled_out
    years = table(folder, "years.csv")
    assert list(years["year"]) == YEARS
    assert years["weight"].sum() == pytest.approx(1, abs=1e-3)
    assert (years["weight"] @ years["cost_cny"]) == pytest.approx(record.solution.cost_cny, rel=1e-3)
    assert (years["targets"] == years["targets_held"]).all()
    assert list(years["open_point"].diff()[1:] >= 0) == [True, True]
    number = years[["open_point", "open_transfer", "open_sorting"]].sum(axis=1)
    assert list(number.diff()[1:]) == list(years["opening"][1:])
    facilities = table(folder, "facilities.csv")
    for year, at_year in zip(YEARS, number, strict=True):
        assert (facilities["opened"] <= year).sum() == at_year
    assert facilities["closed"].isna().all()
    assert facilities["throughput_2025_t"].sum() < facilities["throughput_2030_t"].sum()
    for name in ("assignments", "flows", "districts", "scorecard"):
        assert set(table(folder, f"{name}.csv")["year"]) == set(YEARS), name
    flows = table(folder, "flows.csv")
    hauled = flows[flows["link_class"] == "point_to_transfer"].groupby("year")["tonnes"].sum()
    taken = [facilities.loc[facilities["echelon"] == "point", f"throughput_{year}_t"].sum() for year in YEARS]
    assert list(hauled) == pytest.approx(taken, abs=0.5)


def test_the_workbook_tells_the_years_and_sums_what_is_paid_in_each(rolled_out):
    folder = rolled_out[1]
    book, years = openpyxl.load_workbook(folder / "plan.xlsx"), table(folder, "years.csv")
    rows = {row[0]: row[1:] for row in book["分年份 By year"].iter_rows(values_only=True)}
    assert rows["指标\nfigure"] == tuple(str(year) for year in YEARS)
    assert rows["年净成本（万元/年）"] == pytest.approx(tuple(years["paid_cny"] / 1e4), abs=1e-3)
    paid = dict.fromkeys(YEARS, 0.0)
    for row in book["投资 Investment"].iter_rows(min_row=4, values_only=True):
        if row[0] in paid:
            paid[row[0]] += row[6]
    assert list(paid.values()) == pytest.approx(list(years["investment_cny"] / 1e4), abs=1e-3)
    actions = table(folder, "actions.csv")
    assert set(actions.loc[actions["action"] == "reach", "year"]) == set(YEARS)
    assert len(actions) - (actions["action"] == "reach").sum() == len(table(folder, "facilities.csv"))


def test_what_stands_closes_when_it_is_rebuilt_and_what_replaces_it_opens_then():
    instance = with_parts(tiny_instance(0, n_cells=3, n_points=2, n_transfers=1, n_centres=2), 0, "rebuilding")
    old = int(np.flatnonzero(instance.options.is_existing)[0])
    years, n = np.array([2025, 2027, 2030]), instance.n_options

    def with_open(*options):
        is_open = np.zeros(n, dtype=bool)
        is_open[list(options)] = True
        return Plan(is_open, np.empty(0), np.empty((0, 1)), np.empty((0, 1)))

    opened, closed = opening_years(instance, years, [with_open(old), with_open(old), with_open(old + 1)])
    assert (opened[old], closed[old]) == (0, 2030)
    assert (opened[old + 1], closed[old + 1]) == (2030, 0)
    _, at_once = opening_years(instance, years, [with_open()] * 3)
    assert at_once[old] == 2025
    assert at_once[~instance.options.is_existing].sum() == 0


def test_plan_json_has_every_year_and_the_last_one_on_top(rolled_out):
    record, folder = rolled_out
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in plan["years"]] == ["2025", "2027", "2030"]
    assert plan["year"] == 2030
    assert plan["cases"] == []
    assert plan["facilities"] == plan["years"][-1]["facilities"]
    assert plan["cost_cny"] == round(record.solution.cost_cny)


def test_a_rollout_comes_back_from_its_folder(rolled_out):
    record, folder = rolled_out
    again = read_run(folder)
    assert again.whole_instance.n_stages == 3
    assert again.instance.year == 2030
    assert [one.cost_cny for one in again.rollout.verifications] == [
        one.cost_cny for one in record.rollout.verifications
    ]
    for mine, theirs in zip(record.rollout.district_figures, again.rollout.district_figures, strict=True):
        assert theirs["residents"] == pytest.approx(mine["residents"])
    covering = [target for target in again.instance.targets if target.measure is Measure.SERVED]
    assert len(covering) == 3


def test_verify_recomputes_every_year_and_finds_a_false_one(rolled_out):
    _, folder = rolled_out
    result = siting("verify", folder)
    assert result.exit_code == 0, result.output
    assert "Cost a year, CNY, 2025" in result.output
    assert "All 8 targets hold." in " ".join(result.output.split())
    path = folder / "plan.json"
    honest = path.read_text(encoding="utf-8")
    false = json.loads(honest)
    false["years"][0]["cost_cny"] += 1000
    try:
        path.write_text(json.dumps(false), encoding="utf-8")
        assert "years.0.cost_cny" in failing(2, "verify", folder)
    finally:
        path.write_text(honest, encoding="utf-8")


def test_the_terminal_and_the_map_tell_the_years(rolled_out, tmp_path):
    _, folder = rolled_out
    config = write_small_city(tmp_path, config=rollout_config())
    result = siting("run", config, "--out", tmp_path / "out")
    text = " ".join(result.output.split())
    assert "Roll-out by year" in text
    assert "equivalent annual cost" in text
    page = (folder / "map.html").read_text(encoding="utf-8")
    assert "equivalent annual cost" in page
    assert "等效年成本" in page


def test_what_makes_one_year_impossible_is_told_with_the_year(tmp_path):
    config = rollout_config()
    config["targets"].append({"unit": "city", "measure": "collected_t", "at_least": 50_000, "year": 2027})
    output = failing(3, "run", write_small_city(tmp_path, config=config))
    assert "2027: city: at most" in output
    assert "2030: city: at most" not in output


def test_years_that_fit_alone_but_not_together_are_told(tmp_path):
    tables = small_tables()
    config = rollout_config()
    config["targets"] = [
        {"unit": "city", "measure": "count", "echelon": "point", "at_least": 6, "year": 2025},
        {"unit": "city", "measure": "count", "echelon": "point", "at_most": 3, "year": 2027},
    ]
    output = failing(3, "run", write_small_city(tmp_path, config=config, tables=tables))
    assert "each year has a plan of its own, but what opens stays open" in output
