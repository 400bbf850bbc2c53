"""Targets of every measure: from the config to what a planner reads."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from siting.config import load_config
from siting.errors import ConfigError, InfeasibleError
from siting.explain import explain_infeasible
from siting.inputs.city import read_city
from siting.prepare import prepare
from siting.problem import read_config
from siting.render.terminal.report import print_scorecard
from siting.results.results import Results
from siting.vocabulary import MEASURES, Echelon, Measure
from tests.small_city import small_config, small_tables, write_small_city

CAPS = {
    Measure.WALK: 450.0,
    Measure.WORST_WALK: 1150.0,
    Measure.COVERAGE_RANGE: 0.5,
    Measure.COVERAGE_GINI: 0.2,
    Measure.COST: 5e6,
    Measure.INVESTMENT: 2e7,
    Measure.OPERATION: 5e6,
    Measure.SUBSIDY: 1e5,
    Measure.EMISSIONS: 900.0,
    Measure.NET_EMISSIONS: 900.0,
    Measure.VEHICLES: 3.0,
    Measure.COLLECTION_VEHICLES: 3.0,
}


def cap(measure, value):
    within = {"within_m": 700} if measure.record.counted == "districts" else {}
    return {"unit": "city", "measure": str(measure), "at_most": value, "source": "a plan"} | within


def prepared(tmp_path, targets, tables=None):
    path = write_small_city(tmp_path, tables=tables, config=small_config() | {"targets": targets})
    config = load_config(path).config
    return prepare(config, read_city(config.city), None)


def test_every_measure_has_its_record():
    assert set(MEASURES) == set(Measure)


def test_a_plan_within_every_limit_shows_each_in_its_unit(tmp_path):
    config = small_config()
    config["targets"] += [cap(measure, value) for measure, value in CAPS.items()]
    folder = tmp_path / "runs" / "small"
    result = read_config(write_small_city(tmp_path, config=config)).solve()
    result.write(folder)
    record = result.record
    assert all(outcome.holds for outcome in record.verification.targets)
    console = Console(file=io.StringIO(), width=140)
    print_scorecard(console, Results(record))
    text = console.file.getvalue()
    for words in (
        "≤ 450 m",
        "≤ 5,000,000 CNY/yr",
        "≤ 20,000,000 CNY",
        "≤ 900 t CO2e/yr",
        "≤ 0.200",
        "≤ 50.0 %",
        "mean walk to the point",
    ):
        assert words in text
    rows = (folder / "scorecard.csv").read_text(encoding="utf-8-sig")
    assert {record.unit for record in MEASURES.values() if record.unit in rows} >= {measure.unit for measure in CAPS}


def test_a_limit_that_no_plan_keeps_is_told_with_its_figure(tmp_path):
    targets = small_config()["targets"]
    of_money = prepared(tmp_path / "a", [*targets, cap(Measure.INVESTMENT, 1000.0)]).instance
    assert "CNY of investment in facilities" in "\n".join(explain_infeasible(of_money, time_limit_s=20))
    of_walk = prepared(tmp_path / "b", [*targets, cap(Measure.WALK, 1.0)]).instance
    assert "at most 1 m of mean walk to the point" in "\n".join(explain_infeasible(of_walk, time_limit_s=20))


@pytest.mark.slow
def test_tighter_limits_never_make_a_plan_cheaper(tmp_path):
    costs = []
    for number, most in enumerate((1e9, 6.75e6, 6.6e6, 6.5e6, 1e6)):
        config = small_config() | {"name": f"n{number}"}
        config["solve"]["gap"] = 0.0
        config["targets"] = [*config["targets"], cap(Measure.INVESTMENT, most)]
        path = tmp_path / str(number)
        try:
            record = read_config(write_small_city(path, config=config)).solve().record
        except InfeasibleError:
            costs.append(float("inf"))
            continue
        costs.append(round(record.verification.cost_cny, 2))
        assert record.verification.targets[-1].reached <= most
    assert costs == sorted(costs)
    assert costs[0] < float("inf")


def test_subsidies_of_a_part_of_a_district_are_refused(tmp_path):
    tables = small_tables()
    for stem in ("demand", "candidates"):
        tables[stem]["area"] = None
    tables["demand"].loc[:2, "area"] = "park"
    line = cap(Measure.SUBSIDY, 5.0) | {"unit": "park"}
    with pytest.raises(ConfigError, match="park is a part of one; name the district"):
        prepared(tmp_path, [line], tables)


def test_nobody_to_walk_is_refused(tmp_path):
    tables = small_tables()
    tables["demand"]["area"] = None
    tables["candidates"]["area"] = "port"
    line = cap(Measure.WALK, 400.0) | {"unit": "port"}
    with pytest.raises(ConfigError, match="port has no residents to walk"):
        prepared(tmp_path, [line], tables)


def test_a_negative_limit_of_cost_is_read(tmp_path):
    target = prepared(tmp_path, [cap(Measure.COST, -100.0)]).instance.targets[0]
    assert target.value == -100.0


def test_a_margin_is_of_a_share_in_its_unit_and_of_an_amount_a_share_of_it(tmp_path):
    lines = [
        {"unit": "city", "measure": "coverage", "within_m": 700, "at_least": 0.5, "margin": 0.01},
        {"unit": "city", "measure": "collected_t", "at_least": 200, "margin": 0.01, "penalty_cny": 50},
        {"unit": "city", "measure": "cost_cny", "at_most": 5e6, "margin": 0.1},
    ]
    targets = prepared(tmp_path, lines).instance.targets
    assert [one.margin for one in targets] == pytest.approx([0.01, 2.0, 5e5])
    assert [one.asked for one in targets] == pytest.approx([0.51, 202.0, 4.5e6])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            {"measure": "coverage", "within_m": 700, "at_least": 0.995},
            r"margin: 0\.995 with a margin of 0\.01.*lower it",
        ),
        ({"measure": "coverage_range", "within_m": 700, "at_most": 0.005}, r"margin: 0\.005 with a margin of 0\.01"),
        (
            {"measure": "collected_t", "at_least": 200, "margin": 2},
            "margin: a share of the value asked, such as 0.02, not 2",
        ),
    ],
)
def test_a_margin_that_cannot_be_is_refused_with_its_cure(tmp_path, line, words):
    with pytest.raises(ConfigError, match=words):
        prepared(tmp_path, [{"unit": "city", "margin": 0.01} | line])


def test_a_plan_keeps_the_margin_and_the_scorecard_shows_it_beside_the_value(tmp_path):
    config = small_config()
    config["targets"] = [
        {"unit": "city", "measure": "count", "echelon": "point", "at_least": 4, "margin": 0.5},
        {"unit": "city", "measure": "count", "echelon": "sorting", "at_least": 0},
    ]
    result = read_config(write_small_city(tmp_path, config=config)).solve()
    row = Results(result.record).target_rows[0]
    assert (row.asked, row.planned_margin, row.reached, row.margin, row.holds) == (4.0, 2.0, 6.0, 2.0, True)
    console = Console(file=io.StringIO(), width=140)
    print_scorecard(console, Results(result.record))
    shown = console.file.getvalue()
    assert "≥ 4 (+2)" in shown and "≥ 0 " in shown


def test_a_margin_out_of_reach_is_told_with_the_value_that_keeps_it(tmp_path):
    n = int((prepared(tmp_path / "none", []).instance.sites.echelon == Echelon.POINT).sum())
    line = {"unit": "city", "measure": "count", "echelon": "point", "at_least": n, "margin": 0.5}
    (message,) = explain_infeasible(prepared(tmp_path, [line]).instance)
    assert message.endswith(f"lower the target to {n * 2 // 3}")
