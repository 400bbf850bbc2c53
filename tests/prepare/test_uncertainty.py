"""Cases of demand for one set of facilities: preparation, what a run tells, expected and worst."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from siting.config import load_config
from siting.errors import ConfigError
from siting.inputs.city import read_city
from siting.prepare import prepare
from siting.solve.solve import solve
from siting.verify import verify_stages, whole_cost_cny
from tests.commands import siting
from tests.small_city import small_config, write_small_city

CASES = [
    {"name": "weak", "weight": 1, "tonnes": 0.8},
    {"name": "planned", "weight": 2},
    {"name": "strong", "weight": 1, "tonnes": {"paper": 1.2}, "districts": {"d2": {"residents": 1.5}}},
]


def instance_of(folder, cases, use="expected", **more):
    config = small_config() | {"uncertainty": {"use": use, "cases": cases}} | more
    loaded = load_config(write_small_city(folder, config=config))
    return prepare(loaded.config, read_city(loaded.config.city), None).instance


def test_factors_of_city_district_and_settlement_multiply(tmp_path):
    cases = [
        {"name": "base"},
        {
            "name": "other",
            "residents": 1.1,
            "tonnes": {"paper": 2.0},
            "districts": {"d1": {"tonnes": 0.5}},
            "settlements": {"urban": {"residents": 3.0}},
        },
    ]
    instance = instance_of(tmp_path, cases)
    base, other = (instance.at_stage(number) for number in (0, 1))
    assert (base.demand.tonnes == instance.demand.tonnes).all()
    west, lives = instance.demand.district == 0, instance.demand.residents > 0
    assert other.demand.residents[lives] == pytest.approx(1000 * 1.1 * 3)
    assert other.demand.tonnes[lives & west, 0] == pytest.approx(73 * 1.1 * 3 * 2 * 0.5)
    assert other.demand.tonnes[lives & ~west, 0] == pytest.approx(73 * 1.1 * 3 * 2)
    assert other.demand.tonnes[~lives, 1] == pytest.approx([400.0, 1500.0])


def test_weights_are_scaled_to_one(tmp_path):
    stages = instance_of(tmp_path, CASES).stages
    assert list(stages.weight) == [0.25, 0.5, 0.25]
    assert not stages.is_nested
    assert not stages.is_robust


def test_cases_that_are_all_alike_cost_what_one_year_costs(tmp_path):
    cases = [{"name": "one"}, {"name": "two", "weight": 3}]
    alike = solve(instance_of(tmp_path / "a", cases), engine="exact", gap=0.0)
    loaded = load_config(write_small_city(tmp_path / "b"))
    plain = solve(prepare(loaded.config, read_city(loaded.config.city), None).instance, engine="exact", gap=0.0)
    assert alike.cost_cny == pytest.approx(plain.cost_cny, rel=1e-4)


def test_the_worst_case_costs_no_less_than_the_mean_and_no_more_than_it_must(tmp_path):
    mean = instance_of(tmp_path / "mean", CASES)
    worst = instance_of(tmp_path / "worst", CASES, use="worst")
    expected, robust = (solve(one, engine="exact", gap=1e-4) for one in (mean, worst))
    of_mean = [one.cost_cny for one in verify_stages(mean, expected.plans)]
    of_worst = verify_stages(worst, robust.plans)
    assert robust.cost_cny == pytest.approx(whole_cost_cny(worst, of_worst), rel=1e-5)
    assert robust.cost_cny >= expected.cost_cny * (1 - 1e-4)
    assert robust.cost_cny <= max(of_mean) * (1 + 1e-4)


@pytest.mark.parametrize(
    ("cases", "cure"),
    [
        ([{"name": "alone"}], "give two cases or more"),
        ([{"name": "a"}, {"name": "a"}], "give each its own"),
        ([{"name": "a"}, {"name": "b", "weight": 0}], "greater than 0"),
        ([{"name": "a"}, {"name": "b", "tonnes": -1}], "greater than or equal to 0"),
        ([{"name": "a"}, {"name": "b", "tonnes": {"papr": 1}}], "cases.1.tonnes: no material 'papr'; there are"),
        ([{"name": "a"}, {"name": "b", "districts": {"d9": {}}}], "'d9' is no planned district"),
        ([{"name": "a"}, {"name": "b", "settlements": {"suburb": {}}}], "urban"),
        ([{"name": "a"}, {"name": "b", "tonne": 1}], "did you mean 'tonnes'"),
    ],
)
def test_cases_that_do_not_fit_are_refused_with_a_cure(tmp_path, cases, cure):
    with pytest.raises(ConfigError, match=cure):
        instance_of(tmp_path, cases)


@pytest.mark.parametrize("use", ["expected", "worst"])
def test_a_run_of_cases_tells_each_and_what_its_cost_means(tmp_path, use):
    config = small_config() | {"uncertainty": {"use": use, "cases": CASES}}
    result = siting("run", write_small_city(tmp_path, config=config), "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    table = pd.read_csv(tmp_path / "out/cases.csv", encoding="utf-8-sig")
    assert list(table["case"]) == ["weak", "planned", "strong"]
    assert table["open_point"].nunique() == 1
    costs = table["cost_cny"]
    dearest = table["case"][costs >= costs.max() * (1 - 1e-6)]  # under `worst` several may cost the same
    expected = ["mean of the cases of demand by their weights"]
    means = expected if use == "expected" else [f"cases of demand, {one}." for one in dearest]
    assert any(one in text for one in means)
    plan = json.loads((tmp_path / "out/plan.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in plan["cases"]] == ["weak", "planned", "strong"]
    assert plan["years"] == []
    assert set(pd.read_csv(tmp_path / "out/scorecard.csv", encoding="utf-8-sig")["case"]) == set(table["case"])
    assert siting("verify", tmp_path / "out").exit_code == 0
