"""Which figures matter: what a plan costs at the ends of each range; rules that it breaks there; sites that flip."""

import dataclasses
import json

import pytest

from siting import sensitivity
from siting.problem import read_config, read_run
from siting.sensitivity import _Anew, doubted_parameters
from siting.verify import verify
from siting.vocabulary import Echelon
from tests.commands import failing, siting
from tests.small_city import small_config, write_small_city

ROWS = """key,value,low,high,unit,year,source,status,note
rate,0.08,0.04,0.12,1/yr,2006,a book,assumption,
disposal,100,50,300,CNY/t,2006,a book,recalled,
point_t,200,20,400,t/yr,2006,a book,assumption,
known,400000,300000,500000,CNY,2006,a book,published,
bare,0.6,,,1,2006,a book,assumption,
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sensitivity")
    config = small_config()
    config["money"]["disposal_cny_per_t"] = {"from": "disposal"}
    config["facilities"]["point"]["kiosk"]["sizes"]["only"]["capacity_t"] = {"from": "point_t"}
    config["facilities"]["transfer"]["station"]["sizes"]["only"]["capex_cny"] = {"from": "known"}
    config["participation"]["at_zero"] = {"from": "bare"}
    path = write_small_city(folder, config=config)
    (folder / "parameters.csv").write_text(ROWS, encoding="utf-8")
    read_config(path).solve().write(folder / "out", parts=[])
    return path, folder / "out"


def test_only_doubted_figures_with_a_range_are_tried(planned):
    assert {one.key for one in doubted_parameters(read_config(planned[0]).loaded)} == {"rate", "disposal", "point_t"}


def test_the_ends_of_a_range_move_the_cost_of_the_plan_held(planned):
    problem, result = read_config(planned[0]), read_run(planned[1])
    table = problem.sensitivity(result).table.set_index("key")
    plan, base = result.solution.plan, verify(problem.instance, result.solution.plan).cost_cny
    for end, value in (("low", 50.0), ("high", 300.0)):
        instance = problem.with_config({"money": {"disposal_cny_per_t": value}}).instance
        truth = verify(instance, plan).cost_cny - base
        assert table.loc["disposal", f"{end}_moves_cny_per_year"] == pytest.approx(truth)
    assert table.loc["rate", "low_moves_cny_per_year"] < 0 < table.loc["rate", "high_moves_cny_per_year"]
    swing = table.loc["rate", "high_moves_cny_per_year"] - table.loc["rate", "low_moves_cny_per_year"]
    assert table.loc["rate", "swing_cny_per_year"] == pytest.approx(swing)


def test_a_figure_with_which_the_plan_breaks_rules_comes_first(planned):
    problem, result = read_config(planned[0]), read_run(planned[1])
    answer = problem.sensitivity(result, seconds=2.0, most=1)
    first = answer.summary["figures"][0]
    assert first["key"] == "point_t"
    assert first["low_broken"] > 0
    assert first["high_broken"] == 0
    assert "<svg" in answer.page().text
    assert "优先核实" in answer.page().text


class Thresholds(_Anew):
    """A station opens at 0.7 and above, a centre closes at 0.32 and below."""

    def flips(self, key, value):
        return ["+T1"] if value >= 0.7 else ["−S1"] if value <= 0.32 else []


@pytest.mark.parametrize(("ends", "at", "first"), [((0.4, 1.0), 0.75, ["+T1"]), ((0.1, 0.6), 0.3, ["−S1"])])
def test_the_first_value_that_flips_a_site_is_found_by_halving(ends, at, first):
    low, high = ends
    found = Thresholds(None, (), None, 1.0).row({"key": "x", "value": 0.5, "low": low, "high": high})
    assert found == {"flips": first, "first_flips": first, "first_flip_at": pytest.approx(at)}


def test_the_end_that_flips_a_site_by_less_comes_first():
    found = Thresholds(None, (), None, 1.0).row({"key": "x", "value": 0.4, "low": 0.0, "high": 1.0})
    assert found["flips"] == ["−S1", "+T1"]
    assert found["first_flips"] == ["−S1"]
    assert found["first_flip_at"] == pytest.approx(0.3)


def test_a_plan_that_is_better_without_the_change_too_is_no_flip(planned, monkeypatch):
    instance, plan = read_config(planned[0]).instance, read_run(planned[1]).solution.plan
    opened = instance.option_echelon() > Echelon.POINT
    worse = dataclasses.replace(plan, is_open=plan.is_open | opened)  # all stations and centres
    monkeypatch.setattr(sensitivity, "_planned", lambda _instance, _plans, _seconds: (plan,))
    assert _Anew(instance, (worse,), lambda _: instance, 1.0).flips("x", 1.0) == []
    monkeypatch.setattr(sensitivity, "_planned", lambda _instance, _plans, _seconds: (worse,))
    flips = _Anew(instance, (plan,), lambda _: instance, 1.0).flips("x", 1.0)
    assert len(flips) == len(set(instance.options.site[worse.is_open & ~plan.is_open]))


def test_the_command_takes_a_run_of_the_config(planned):
    path, run = planned
    done = siting("sensitivity", path, "--run", run)
    assert done.exit_code == 0, done.output
    told = json.loads((run / "sensitivity.json").read_text(encoding="utf-8"))
    assert len(told["figures"]) == 3
    assert read_run(run).verify().holds


def test_a_config_without_doubted_figures_is_refused(tmp_path):
    path = write_small_city(tmp_path)
    read_config(path).solve().write(tmp_path / "out", parts=[])
    assert "has a low and a high end" in failing(2, "sensitivity", path, "--run", tmp_path / "out")
