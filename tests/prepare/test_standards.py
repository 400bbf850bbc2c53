from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import yaml

from siting.config import load_config
from siting.config.standards import Standard, applied_rules, pack_names, read_pack
from siting.errors import ConfigError, FileError
from siting.results.standards import standards_table
from siting.solve.solve import solve
from siting.verify import verify
from siting.vocabulary import Measure
from tests.commands import siting
from tests.outputs_city import make_run
from tests.prepare.test_prepare import changed, options_at, prepared
from tests.small_city import small_config, small_tables, write_small_city

RATIO = {"requires": "households_per_facility", "applies_to": {"echelon": "point"}}


def pack_of(folder, *rules):
    """A file with a pack of these rules, each with what every rule needs."""
    folder.mkdir(exist_ok=True)
    common = {"title": {"en": "A rule", "zh": "规则"}, "source": "a code", "clause": "4.2", "status": "published"}
    rows = [{"id": f"r{n}"} | common | rule for n, rule in enumerate(rules)]
    text = yaml.safe_dump({"id": "own", "title": {"en": "Own", "zh": "自定"}, "rules": rows}, allow_unicode=True)
    (folder / "own.yaml").write_text(text, encoding="utf-8")


def with_rules(folder, *rules, use="constraint", config=None, tables=None, **standard):
    pack_of(folder, *rules)
    config = (config or small_config() | {"targets": []}) | {"standards": [{"pack": "own.yaml", "use": use} | standard]}
    return prepared(folder, config=config, tables=tables)


def solved(both):
    solution = solve(both.instance, engine="exact", time_limit_s=60, gap=0.0)
    assert verify(both.instance, solution.plan).faults == ()
    return solution


def judged(both, solution):
    """The table of standards of a plan, by rule and unit."""
    run = dataclasses.replace(make_run(), instance=both.instance, solution=solution, checks=both.checks)
    return standards_table(run).set_index(["rule", "unit"])


def test_every_pack_that_comes_along_can_be_read_and_cites_its_sources():
    packs = [read_pack(name) for name in pack_names()]
    assert {pack.id for pack in packs} >= {
        "national-sorting", "beijing-points-2024", "points-older", "walking-distances", "buffers"
    }  # fmt: skip
    for pack, name in zip(packs, pack_names(), strict=True):
        assert pack.id == name
        assert all(rule.source and rule.title.zh for rule in pack.rules)


def test_the_national_standard_asks_more_than_3000_m2_and_30000_t_of_comprehensive_centres():
    rules = {rule.id: rule for rule in read_pack("national-sorting").rules}
    assert (rules["comprehensive-area"].value, rules["comprehensive-capacity"].value) == (3000, 30_000)
    assert rules["comprehensive-area"].applies_to.takes == "several"


def test_households_for_each_point_become_a_count_in_each_district(tmp_path):
    # 2,400 households in each district: 6 cells of 400
    targets = with_rules(tmp_path, RATIO | {"value": 500}).instance.targets
    assert [(t.unit, t.value, t.measure) for t in targets] == [("West", 5, Measure.COUNT), ("East", 5, Measure.COUNT)]
    assert targets[0].source == "a code (4.2)"


def test_town_and_country_have_ratios_of_their_own(tmp_path):
    tables = changed("demand", ["cell-0", "cell-1", "cell-2"], settlement="rural")
    rule = RATIO | {"by_settlement": {"urban": 500, "rural": 300}}
    both = with_rules(tmp_path, rule, tables=tables)
    assert [t.value for t in both.instance.targets] == [math.ceil(1200 / 500 + 1200 / 300), 5]
    only = RATIO | {"value": 300, "applies_to": {"echelon": "point", "settlement": "rural"}}
    rural = with_rules(tmp_path / "b", only, tables=tables)
    assert [(t.unit, t.value) for t in rural.instance.targets] == [("West", 4)]


def test_a_rule_that_binds_holds_in_the_plan_and_one_that_is_checked_may_not(tmp_path):
    rule = RATIO | {"value": 600}
    bound, free = (with_rules(tmp_path / use, rule, use=use) for use in ("constraint", "check"))
    assert free.instance.targets == ()
    kept, missed = judged(bound, solved(bound)), judged(free, solved(free))
    assert kept["holds"].tolist() == [True, True]
    assert kept["reached"].tolist() == [4, 4]
    assert missed["holds"].tolist() == [False, False]
    assert missed["reached"].tolist() == [0, 0]
    assert set(missed["use"]) == {"check"}


def test_a_rule_on_fixed_points_is_not_about_stops_of_a_van():
    fixed = {rule.id: rule.applies_to for rule in read_pack("beijing-points-2024").rules}
    types = load_config("configs/examples/mobile.yaml").config.facilities.point
    is_mobile = {name: one.mobile is not None for name, one in types.items()}
    assert set(is_mobile.values()) == {True, False}
    for name, one in types.items():
        assert fixed["households-per-point"].covers("point", one)
        assert fixed["least-area"].covers("point", one) is not is_mobile[name]
    assert not fixed["least-area"].covers("sorting", types["kiosk"])


def test_residents_within_a_walk_become_coverage_of_those_meant(tmp_path):
    tables = changed("demand", ["cell-0"], settlement="rural")
    rule = {
        "requires": "coverage",
        "within_m": 700,
        "value": 0.5,
        "applies_to": {"echelon": "point", "settlement": "urban"},
    }
    west, east = with_rules(tmp_path, rule, tables=tables).instance.targets
    assert (west.measure, west.within_m, west.value) == (Measure.COVERAGE, 700, 0.5)
    assert np.flatnonzero(west.in_unit_demand).tolist() == [1, 2, 3, 4, 5]
    assert np.flatnonzero(east.in_unit_demand).tolist() == [6, 7, 8, 9, 10, 11]


def centres(config):
    config["facilities"]["sorting"]["centre"]["sizes"]["big"] = {
        "capacity_t": 30_000, "capex_cny": 9_000_000, "area_m2": 9000
    }  # fmt: skip
    config["facilities"]["sorting"]["paper"] = config["facilities"]["sorting"]["centre"] | {"accepts": ["paper"]}
    return config


def test_a_least_capacity_leaves_small_sizes_out_of_comprehensive_centres_only(tmp_path):
    config = centres(small_config() | {"targets": []})
    rule = {"requires": "least_capacity_t", "value": 30_000, "applies_to": {"echelon": "sorting", "takes": "several"}}
    both = with_rules(tmp_path, rule, config=config)
    assert options_at(both.instance, "S0") == [("centre", "big"), ("paper", "only"), ("paper", "big")]
    assert "standards own.r0: 2 options below 30,000 t/yr (a code) fall away" in both.notes
    one = {"requires": "least_area_m2", "value": 6000, "applies_to": {"echelon": "sorting", "takes": "one"}}
    assert options_at(with_rules(tmp_path / "b", one, config=config).instance, "S0") == [
        ("centre", "only"), ("centre", "big"), ("paper", "big")
    ]  # fmt: skip


def test_a_minimum_that_no_size_has_is_an_error_with_the_cure(tmp_path):
    rule = {"requires": "least_area_m2", "value": 6000, "applies_to": {"echelon": "sorting"}}
    with pytest.raises(ConfigError, match=r"no size of \['centre'\] has 6,000 m2 .*; add a larger one"):
        with_rules(tmp_path, rule)


def test_a_least_distance_binds_as_a_buffer_and_is_measured_as_a_check(tmp_path):
    tables = changed("candidates", ["P1"], kind="school")
    rule = {
        "requires": "least_distance_m", "value": 800, "keeps_from": {"around": "candidates", "kinds": ["school"]},
        "applies_to": {"echelon": "transfer"},
    }  # fmt: skip
    bound = with_rules(tmp_path, rule, tables=tables)
    assert "T0" not in bound.instance.sites.id
    free = with_rules(tmp_path / "b", rule, tables=tables, use="check")
    (check,) = free.checks
    option = np.flatnonzero(free.instance.options.site == list(free.instance.sites.id).index("T0"))[0]
    assert check.figure[option] == pytest.approx(math.hypot(300 - 100, 1900 - 1200), abs=1)


def test_area_for_100_households_is_that_of_the_points_as_they_are_used(tmp_path):
    config = small_config() | {"targets": [{"unit": "city", "measure": "served", "within_m": 700, "at_least": 0.5}]}
    rule = {"requires": "area_m2_per_100_households", "value": 5, "applies_to": {"echelon": "point"}}
    both = with_rules(tmp_path, rule, config=config)
    solution = solved(both)
    served = np.bincount(both.instance.walks.site, weights=solution.plan.assign * 400, minlength=both.instance.n_sites)
    row = judged(both, solution).loc[("r0", "city")]
    assert row["reached"] == pytest.approx(12 / (served.max() / 100), rel=1e-3)
    assert row["holds"] == (row["reached"] >= 5)
    used = served[served > 1e-6]
    assert row["number_short"] == (12 / (used / 100) < 5).sum() > 0
    assert row["use"] == "check", "there is no row for it: it is checked even where it is said to bind"


def test_what_no_plan_tells_is_left_to_the_reader(tmp_path):
    rule = {"requires": "text", "applies_to": {"echelon": "point"}, "note": "go and look"}
    both = with_rules(tmp_path, rule)
    row = judged(both, solved(both)).loc[("r0", "city")]
    assert row["holds"] is None
    assert row["note"] == "go and look"


def test_single_rules_and_other_values_can_be_chosen(tmp_path):
    pack_of(tmp_path, RATIO | {"value": 500}, RATIO | {"value": 100})
    (one,) = applied_rules((Standard(pack=str(tmp_path / "own.yaml"), rules=("r0",), values={"r0": 800}),))
    assert (one.key, one.rule.value, one.is_constraint) == ("own.r0", 800, False)


def test_unknown_packs_and_rules_and_rules_used_twice_are_named(tmp_path):
    with pytest.raises(ConfigError, match=r"no pack 'nationl'; there are \['beijing-points-2024', .* ends in .yaml"):
        applied_rules((Standard(pack="nationl"),))
    with pytest.raises(FileError, match="check the path of the pack of standards"):
        applied_rules((Standard(pack=str(tmp_path / "none.yaml")),))
    with pytest.raises(ConfigError, match=r"pack 'buffers' has no rule 'water'; there(.|\n)*buffers.sorting-water is"):
        applied_rules((Standard(pack="buffers", values={"water": 1}), Standard(pack="buffers")))


@pytest.mark.parametrize(
    ("rule", "cure"),
    [
        (RATIO, "give value"),
        (RATIO | {"value": 5, "within_m": 3}, "coverage needs within_m, and nothing else"),
        ({"requires": "least_distance_m", "value": 5, "applies_to": {"echelon": "point"}}, "needs keeps_from"),
        (RATIO | {"valeu": 5}, r"rules.0.valeu: unknown key; did you mean 'value'\?"),
    ],
)
def test_a_pack_that_is_not_whole_is_refused_with_its_line(tmp_path, rule, cure):
    pack_of(tmp_path, rule)
    with pytest.raises(ConfigError, match=cure):
        read_pack(str(tmp_path / "own.yaml"))


def test_a_run_tells_its_standards_on_the_terminal_and_in_a_table(tmp_path):
    pack_of(tmp_path, RATIO | {"value": 50}, RATIO | {"value": 600})
    config = small_config() | {"standards": [{"pack": "own.yaml"}]}
    path = write_small_city(tmp_path, config=config, tables=small_tables())
    assert load_config(path).config.standards[0].pack == str(tmp_path / "own.yaml")
    said = " ".join(siting("run", path, "--out", tmp_path / "run", "--details").output.split())
    assert "Standards: " in said
    assert ", required 48 (a code; published)" in said
    assert (tmp_path / "run" / "standards.csv").read_text(encoding="utf-8-sig").count("own,r0") == 2
