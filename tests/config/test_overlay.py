"""Scenarios and single values laid over a config."""

import json

import numpy as np
import pytest
import yaml

import siting
from siting.config.targets import target_lines
from siting.errors import ConfigError
from siting.render.html.report.page import draw_report
from tests.commands import failing
from tests.commands import siting as command
from tests.small_city import small_config, write_small_city

PARAMETERS = """key,value,low,high,unit,year,source,status,note
rate,0.08,0.04,0.1,1/yr,2006,a book,published,
lifetime,10,8,,yr,2006,a book,recalled,
"""
STANDING = [{"id": "P0", "type": "kiosk", "size": "only"}, {"id": "P9", "type": "kiosk", "size": "only"}]


def config(**keys):
    raw = small_config() | keys
    raw["facilities"]["point"]["kiosk"]["life_years"] = {"from": "lifetime", "times": 2}
    raw["scenarios"] = {
        "frugal": {
            "title": {"en": "few points", "zh": "少设网点"},
            "targets": {"count-point": {"at_least": 3}, "processed": None},
            "parameters": {"rate": "low", "lifetime": {"times": 1.5}},
            "facilities.transfer.station.life_years": {"times": 2},
            "demand": 1.5,
            "participation": 0.5,
            "money": {"carbon_cny_per_t": 150},
        },
        "more": {"targets": {"count-point": "+3"}},
    }
    return raw


def written(folder, raw=None):
    path = write_small_city(folder, config=raw or config())
    (folder / "parameters.csv").write_text(PARAMETERS, encoding="utf-8")
    return path


@pytest.fixture
def problem(tmp_path):
    return siting.read_config(written(tmp_path))


def lines(problem):
    return target_lines(problem.config.targets)


def changes(problem):
    return {one.key: (one.was, one.now) for one in problem.loaded.changes}


def test_a_scenario_changes_what_it_names_and_nothing_else(problem):
    frugal = problem.with_scenario("frugal")
    assert lines(frugal)["count-point"].at_least == 3
    assert list(lines(frugal)) == ["count-point", "served-700-each-district"]
    assert frugal.config.money.discount_rate == 0.04
    assert frugal.config.facilities.point["kiosk"].life_years == 30
    assert frugal.config.facilities.transfer["station"].life_years == 20
    assert frugal.config.participation.at_zero == 0.3
    assert frugal.config.money.carbon_cny_per_t == 150
    assert frugal.config.name == "small-frugal"
    assert (frugal.config.title.en, frugal.config.title.zh) == ("A small city: few points", "小城：少设网点")
    same = frugal.with_config(
        {"targets": problem.config.model_dump()["targets"], "name": "small", "title": problem.config.title}
    )
    for name in ("materials", "travel", "transport", "scope", "solve", "sites"):
        assert getattr(same.config, name) == getattr(problem.config, name)
    assert changes(frugal) == {
        "parameters.rate": (0.08, 0.04),
        "parameters.lifetime": (10, 15),
        "targets.count-point.at_least": (4, 3),
        "targets.processed": (1500, None),
        "facilities.transfer.station.life_years": (10, 20),
        "demand.tonnes": (1, 1.5),
        "participation.at_zero": (0.6, 0.3),
        "money.carbon_cny_per_t": (0, 150),
    }


def test_figures_of_a_scenario_keep_their_source(problem):
    figures = {one.path: one for one in problem.with_scenario("frugal").loaded.figures}
    assert (figures["money.discount_rate"].use, figures["money.discount_rate"].parameter.source) == ("low", "a book")
    own = {one.path: one for one in problem.with_values({"rate": 0.2}).loaded.figures}["money.discount_rate"]
    assert (own.value, own.parameter.status) == (0.2, "assumption")
    assert "the table has 0.08 (a book)" in own.parameter.source
    plain = problem.with_values({"money.discount_rate": 0.03})
    assert [one.path for one in plain.loaded.figures] == ["facilities.point.kiosk.life_years"]


def test_demand_is_scaled_in_the_instance_by_material_place_and_residents(problem):
    base = problem.instance.demand
    more = problem.with_values({"demand.tonnes": {"metal": 3, "paper": 2}}).instance.demand
    np.testing.assert_allclose(more.tonnes, base.tonnes * [2, 3])
    np.testing.assert_allclose(more.residents, base.residents)
    west = problem.with_values({"demand": {"residents": 2, "districts": {"d1": {"residents": 0.5}}}}).instance.demand
    factor = np.where(base.district == 0, 1.0, 2.0)
    np.testing.assert_allclose(west.residents, base.residents * factor)
    np.testing.assert_allclose(west.tonnes, base.tonnes * np.where(base.is_household, factor, 1.0)[:, None])
    with pytest.raises(ConfigError, match=r"demand.districts: 'd9' is no planned district"):
        problem.with_values({"demand": {"districts": {"d9": {"residents": 2}}}}).instance  # noqa: B018 — made to fail


def test_steps_of_participation_are_scaled(tmp_path):
    steps = [{"within_m": 300, "share": 0.8}, {"within_m": 900, "share": 0.2}]
    problem = siting.read_config(written(tmp_path, config(participation={"steps": steps})))
    assert [one.share for one in problem.with_values({"participation": 0.5}).config.participation.steps] == [0.4, 0.1]


def test_a_target_takes_another_side_other_keys_and_values_of_single_districts(problem):
    other = problem.with_values({"count-point.at_most": 6})
    assert (lines(other)["count-point"].at_least, lines(other)["count-point"].at_most) == (None, 6)
    assert lines(problem.with_values({"processed.margin": 0.1}))["processed"].margin == 0.1
    west = problem.with_values({"served-700-west": 0.5})
    assert lines(west)["served-700-each-district"].overrides == {"d1": 0.5}
    assert changes(west) == {"targets.served-700-west.at_least": (0.6, 0.5)}
    new = {"unit": "city", "measure": "count", "echelon": "transfer", "at_most": 2}
    assert lines(problem.with_values({"targets": {"few-stations": new}}))["few-stations"].at_most == 2


def test_signed_values_are_added_to_what_stands_today(tmp_path):
    problem = siting.read_config(written(tmp_path, config(sites={"existing": STANDING})))
    assert lines(problem.with_scenario("more"))["count-point"].at_least == 2 + 3
    assert lines(problem.with_values({"count-point": "+150%"}))["count-point"].at_least == 2 * 2.5
    each = [{"unit": "each_district", "measure": "coverage", "within_m": 700, "at_least": 0.1}]
    districts = problem.with_config({"targets": each})
    changed = districts.with_values({"coverage-700-each-district": "+0.25"})
    today = districts.instance
    share = {}
    for number, code in enumerate(today.districts):
        standing = today.options.site[today.options.is_existing]
        near = np.isin(today.walks.site, standing) & (today.walks.distance_m <= 700)
        is_near = np.isin(np.arange(len(today.demand.id)), today.walks.demand[near])
        here = today.demand.district == number
        share[str(code)] = today.demand.residents[here & is_near].sum() / today.demand.residents[here].sum()
    assert 0 < max(share.values()) < 1
    overrides = lines(changed)["coverage-700-each-district"].overrides
    assert overrides == pytest.approx({code: one + 0.25 for code, one in share.items()})
    one = districts.with_values(
        {"coverage-700-west": "-0.05"} if share["d1"] > 0.05 else {"coverage-700-west": "+0.05"}
    )
    assert abs(lines(one)["coverage-700-each-district"].overrides["d1"] - share["d1"]) == pytest.approx(0.05)


def test_signed_values_are_added_to_what_a_run_reaches(problem):
    base = problem.solve()
    reached = base.targets.set_index("id")["reached"]
    more = problem.with_values({"processed": "+10%", "served-700-west": "-0.01"}, base=base)
    assert lines(more)["processed"].at_least == pytest.approx(reached["processed"] * 1.1)
    west = lines(more)["served-700-each-district"].overrides["d1"]
    assert west == pytest.approx(reached["served-700-west"] - 0.01)


@pytest.mark.parametrize(
    ("values", "cure"),
    [
        ({"count-pont": 3}, "did you mean 'count-point'"),
        ({"count-point.atleast": 3}, "did you mean 'count-point.at_least'"),
        ({"targets": {"count-pont": 3}}, "targets.count-pont: unknown; did you mean 'count-point'"),
        ({"rat": "low"}, "did you mean 'rate'"),
        ({"carbon_cny_per_t": 3}, "did you mean 'money.carbon_cny_per_t'"),
        ({"money": {"carbn_cny_per_t": 3}}, "did you mean 'carbon_cny_per_t'"),
        ({"facilities": {"point": {"kisk": {"life_years": 3}}}}, "facilities.point.kisk is new; did you mean 'kiosk'"),
        ({"facilities.point.kisk.life_years": 3}, "did you mean 'facilities.point.kiosk.life_years'"),
        ({"lifetime": "high"}, "value 10, low 8"),
        ({"parameters": {"wage": 3}}, "parameters.wage: no such parameter"),
        ({"processed": "+100"}, "depends on what flows in today's network"),
        ({"title": {"times": 2}}, "is no number that a factor could apply to"),
        ({"money.carbon_cny_per_t": {"times": "a"}}, "the factor 'a' is no number"),
        ({"served-700-west.at_most": 0.5}, "is one of served-700-each-district; give at_least"),
    ],
)
def test_what_cannot_be_changed_is_refused_with_its_cure(problem, values, cure):
    with pytest.raises(ConfigError, match=cure):
        problem.with_values(values)


def test_an_unknown_scenario_is_refused_with_the_nearest(problem):
    with pytest.raises(ConfigError, match="scenario frugl: unknown; did you mean 'frugal'"):
        problem.with_scenario("frugl")


def test_a_parameter_that_the_config_does_not_use_is_refused(tmp_path):
    path = written(tmp_path)
    (tmp_path / "parameters.csv").write_text(f"{PARAMETERS}rates,1,0,2,,,a book,published,\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"no key of this config uses it; did you mean 'rate'"):
        siting.read_config(path).with_values({"rates": "low"})


def test_changes_follow_each_other_and_figures_are_looked_up_again(problem):
    both = problem.with_values({"rate": "high"}).with_values({"rate": {"times": 2}})
    assert both.config.money.discount_rate == 0.2
    assert [one.key for one in both.loaded.changes] == ["parameters.rate", "parameters.rate"]


def test_a_run_of_a_scenario_says_what_was_changed(tmp_path):
    path = written(tmp_path)
    assert command("run", path, "--scenario", "frugal", "--set", "count-point=5").exit_code == 0
    folder = tmp_path / "runs" / "small-frugal-count-point-5"
    resolved = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    assert resolved["money"]["discount_rate"] == 0.04
    assert "scenarios" not in resolved
    listed = json.loads((folder / "plan.json").read_text(encoding="utf-8"))["changes"]
    assert {"key": "targets.count-point.at_least", "was": 3.0, "now": 5} in listed
    run = siting.read_run(folder)
    assert run.verify().holds
    page = draw_report(run.results)
    assert page.count("parameters.rate") == 2
    again = run.problem.with_values({"count-point": 6})
    assert [one.path for one in again.loaded.figures] == [one.path for one in run.record.figures]
    assert again.loaded.changes[-1].now == 6


def test_the_command_line_refuses_what_it_cannot_read(tmp_path):
    path = written(tmp_path)
    assert "write KEY=VALUE" in failing(2, "run", path, "--set", "count-point")
    assert "given twice" in failing(2, "run", path, "--set", "demand=1", "--set", "demand=2")
    assert "there is no scenario" in failing(2, "run", path, "--base", tmp_path)
    assert "did you mean 'frugal'" in failing(2, "run", path, "--scenario", "frugall")
    raw = config() | {"scenarios": {"少设网点": {}}}
    assert "name of a folder" in failing(2, "run", written(tmp_path / "zh", raw))


def test_a_plus_in_a_scenario_is_text_and_elsewhere_a_number(tmp_path):
    text = written(tmp_path).read_text(encoding="utf-8")
    path = tmp_path / "plan.yaml"
    path.write_text(text.replace("at_least: 1500", "at_least: +1500").replace("'+3'", "+3"), encoding="utf-8")
    problem = siting.read_config(path)
    assert lines(problem)["processed"].at_least == 1500
    assert problem.loaded.source.scenarios["more"]["targets"]["count-point"] == "+3"
