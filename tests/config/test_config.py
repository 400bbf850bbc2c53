from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from siting.config import load_config
from siting.config.targets import TargetLine, target_lines
from siting.errors import ConfigError, DataError, FileError
from tests.small_city import small_config

HEADER = "key,value,low,high,unit,year,source,status,note\n"
ROWS = (
    "rate,0.08,0.06,0.1,a year,2006,Methods and Parameters,published,\ncapacity,550,,,t/yr,2024,a guess,assumption,\n"
)
CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))


def load(folder, config=None, *, text=None, rows=ROWS):
    """The config, given as plain data or as text, read from a file."""
    (folder / "parameters.csv").write_text(HEADER + rows, encoding="utf-8")
    path = folder / "plan.yaml"
    path.write_text(text or yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_config(path)


def faults_of(folder, config=None, **what):
    with pytest.raises(ConfigError) as caught:
        load(folder, config, **what)
    return str(caught.value)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_the_configs_that_come_with_the_program_are_valid(path):
    loaded = load_config(path)
    assert loaded.config.city.is_dir()
    assert loaded.figures


def test_a_mapping_a_path_as_text_and_a_config_are_read_as_the_file_is(tmp_path, monkeypatch):
    loaded = load(tmp_path, small_config())
    monkeypatch.chdir(tmp_path)
    mapping = load_config(small_config() | {"city": Path(small_config()["city"])})
    assert mapping.config == loaded.config == load_config("plan.yaml").config
    assert mapping.figures == loaded.figures
    assert (mapping.path, mapping.files) == (None, (Path("parameters.csv"),))
    assert load_config(loaded.config).config == loaded.config


def test_a_mapping_can_extend_a_file(tmp_path):
    loaded = load(tmp_path, small_config())
    longer = load_config({"extends": str(tmp_path / "plan.yaml"), "travel": {"walk_cutoff_m": 5000}})
    assert longer.config.travel.walk_cutoff_m == 5000
    assert longer.config.city == loaded.config.city
    assert longer.files == (tmp_path / "plan.yaml", tmp_path / "parameters.csv")


def test_faults_of_a_mapping_name_the_key_without_a_line():
    with pytest.raises(ConfigError, match=r"config: travell: unknown key; did you mean 'travel'"):
        load_config({key: value for key, value in small_config().items() if key != "parameters"} | {"travell": {}})


def test_a_reference_takes_its_figure_from_the_table_and_remembers_where(tmp_path):
    loaded = load(tmp_path, small_config())
    assert loaded.config.money.discount_rate == 0.08
    (figure,) = [figure for figure in loaded.figures if figure.path == "money.discount_rate"]
    assert (figure.value, figure.use, figure.parameter.source) == (0.08, "value", "Methods and Parameters")


def test_a_reference_can_take_an_end_of_the_range_times_a_factor(tmp_path):
    config = small_config()
    config["money"]["discount_rate"] = {"from": "rate", "use": "low", "times": 0.5}
    assert load(tmp_path, config).config.money.discount_rate == pytest.approx(0.03)


def test_a_figure_of_ones_own_keeps_its_status_and_source(tmp_path):
    config = small_config()
    config["money"]["carbon_cny_per_t"] = {"value": 80, "status": "assumption", "source": "allowances", "low": 60}
    loaded = load(tmp_path, config)
    (figure,) = [figure for figure in loaded.figures if figure.path == "money.carbon_cny_per_t"]
    assert loaded.config.money.carbon_cny_per_t == 80
    assert (figure.parameter.status, figure.parameter.source, figure.parameter.low) == ("assumption", "allowances", 60)


def test_paths_are_relative_to_the_config(tmp_path):
    config = load(tmp_path, small_config()).config
    assert config.city == tmp_path / "city"
    assert config.runs == tmp_path / "runs"


UNKNOWN = {
    "a key at the top": (("materails",), {}, "materails: unknown key; did you mean 'materials'"),
    "a key of a section": (
        ("travel", "walk_cutof_m"),
        900,
        "travel.walk_cutof_m: unknown key; did you mean 'walk_cutoff_m'",
    ),
    "a key of a material": (("materials", "paper", "sale_cny_per_t"), 1, "did you mean 'sales_cny_per_t'"),
    "a key of a size": (("facilities", "point", "kiosk", "sizes", "only", "capacity"), 1, "did you mean 'capacity_t'"),
    "a key of a target": (("targets", 0, "at_leest"), 1, "targets.0.at_leest: unknown key; did you mean 'at_least'"),
    "a key like no other": (("solve", "zzz"), 1, "solve.zzz: unknown key; known keys here: engine, gap, seed"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_key_suggests_the_nearest(name, tmp_path):
    at, value, words = UNKNOWN[name]
    config = small_config()
    section = config
    for part in at[:-1]:
        section = section[part]
    section[at[-1]] = value
    assert words in faults_of(tmp_path, config)


def test_all_faults_stand_in_one_list_with_file_and_line(tmp_path):
    config = small_config()
    config["year"] = 1066
    config["participation"]["at_zero"] = 1.5
    config["money"]["discount_rate"] = {"from": "rat"}
    config["materials"]["paper"]["colour"] = "white"
    text = yaml.safe_dump(config, sort_keys=False)
    message = faults_of(tmp_path, text=text)
    assert message.startswith("4 faults:")
    for key in ("year: ", "at_zero: ", "discount_rate:", "colour: "):
        line = next(number for number, content in enumerate(text.splitlines(), start=1) if key in content)
        assert re.search(rf"plan\.yaml:{line}: [\w.]*{key}", message), (key, message)
    assert "(is 1066)" in message
    assert "no parameter 'rat'; did you mean 'rate'" in message


def test_a_key_given_twice_is_named_with_its_line(tmp_path):
    text = yaml.safe_dump(small_config(), sort_keys=False) + "year: 2030\n"
    message = faults_of(tmp_path, text=text)
    assert re.search(rf"plan\.yaml:{len(text.splitlines())}: year is given twice; keep one", message)


def test_a_missing_key_is_named(tmp_path):
    config = small_config()
    del config["participation"]
    assert "participation: missing; add it" in faults_of(tmp_path, config)


REFERENCES = {
    "an end that the row lacks": ({"from": "capacity", "use": "low"}, "parameter 'capacity' has no 'low'; use value"),
    "an odd key": ({"from": "rate", "time": 2}, "unknown key 'time' beside `from`"),
    "a factor that is no number": ({"from": "rate", "times": "two"}, "times is 'two'; it must be a number"),
    "no source": ({"value": 0.1, "status": "assumption"}, r"value, status and source; missing ['source']"),
    "an unknown status": (
        {"value": 0.1, "status": "certain", "source": "me"},
        "choose from published, recalled, assum",
    ),
    "words for a number": ({"value": "high", "status": "recalled", "source": "me"}, "'high'; it must be a number"),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_that_cannot_be_used_says_why(name, tmp_path):
    reference, words = REFERENCES[name]
    config = small_config()
    config["money"]["discount_rate"] = reference
    message = faults_of(tmp_path, config)
    assert words in message
    assert "money.discount_rate" in message


TARGETS = {
    "no side": ({"unit": "city", "measure": "collected_t"}, "give exactly one of at_least and at_most"),
    "no distance": ({"unit": "city", "measure": "coverage", "at_least": 0.5}, "needs within_m"),
    "a percentage": ({"unit": "city", "measure": "coverage", "within_m": 500, "at_least": 85}, r"85 % is 0.85"),
    "no echelon": (
        {"unit": "city", "measure": "count", "at_least": 5},
        "needs echelon: point, transfer, sorting or base",
    ),
    "coverage by type": (
        {"unit": "city", "measure": "coverage", "within_m": 500, "at_least": 0.5, "type": "kiosk"},
        "counts every type; remove `type`",
    ),
    "count by material": (
        {"unit": "city", "measure": "count", "echelon": "point", "at_least": 5, "material": "paper"},
        "counts every material; remove `material`",
    ),
    "overrides of the city": (
        {"unit": "city", "measure": "collected_t", "at_least": 5, "overrides": {"West": 3}},
        "overrides go with unit: each_district",
    ),
    "a budget of a district": ({"unit": "West", "measure": "cost_cny", "at_most": 5}, "write unit: city"),
    "a least budget": ({"unit": "city", "measure": "cost_cny", "at_least": 5}, "is a limit; give at_most"),
    "a soft ratio": (
        {"unit": "city", "measure": "walk_m", "at_most": 5, "penalty_cny": 3},
        "is no sum and cannot be soft; remove penalty_cny",
    ),
    "a shared share in per cent": (
        {"unit": "city", "measure": "shared_share", "echelon": "point", "at_least": 30},
        "shared is a share between 0 and 1",
    ),
    "a floor that is a ceiling": (
        {"unit": "city", "measure": "least_coverage", "within_m": 500, "at_most": 0.5},
        "is a floor; give at_least",
    ),
    "fairness within nothing": ({"unit": "city", "measure": "coverage_gini", "at_most": 0.5}, "needs within_m"),
    "a negative budget for building": (
        {"unit": "city", "measure": "investment_cny", "at_most": -1},
        "cannot be negative",
    ),
    "a count within a distance": (
        {"unit": "city", "measure": "count", "echelon": "point", "at_least": 5, "within_m": 300},
        "knows no distance; remove `within_m`",
    ),
    "emissions of one echelon": (
        {"unit": "city", "measure": "emissions_t", "at_most": 5, "echelon": "point"},
        "counts every echelon; remove `echelon`",
    ),
    "processing at points": (
        {"unit": "city", "measure": "processed_t", "at_least": 5, "echelon": "point"},
        "counts what enters sorting centres; remove `echelon`",
    ),
    "an unknown type": (
        {"unit": "city", "measure": "processed_t", "at_least": 5, "type": "kiosque"},
        "targets.0.type: no facility type 'kiosque'; there are ['centre', 'kiosk', 'station']",
    ),
    "an unknown material": (
        {"unit": "city", "measure": "processed_t", "at_least": 5, "material": "gold"},
        "targets.0.material: no material 'gold'",
    ),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_that_cannot_be_used_says_why(name, tmp_path):
    line, words = TARGETS[name]
    assert words in faults_of(tmp_path, small_config() | {"targets": [line]})


COUNT = {"unit": "city", "measure": "count", "echelon": "point", "at_least": 5}
COVERAGE = {"unit": "city", "measure": "coverage", "within_m": 500, "at_least": 0.5}
IDS = {
    "what is counted": (
        [
            COUNT,
            COUNT | {"type": "kiosk"},
            COVERAGE,
            COVERAGE | {"unit": "each_district"},
            COVERAGE | {"unit": "Hexi"},
            {"unit": "city", "measure": "collected_t", "material": "paper", "at_least": 5},
            {"unit": "city", "measure": "net_emissions_t", "at_most": 5},
        ],
        "count-point count-kiosk coverage-500 coverage-500-each-district coverage-500-hexi collected-paper"
        " net-emissions",
    ),
    "years": ([COUNT | {"year": 2024}, COUNT | {"year": 2030}], "count-point-2024 count-point-2030"),
    "sides": ([COUNT, {**COUNT, "at_least": None, "at_most": 9}], "count-point-at-least count-point-at-most"),
    "numbers": ([COUNT, COUNT, COUNT | {"id": "count-point-2"}], "count-point count-point-3 count-point-2"),
    "an id of its own": ([COUNT | {"id": "count-point"}, COUNT | {"year": 2024}], "count-point count-point-2024"),
}


@pytest.mark.parametrize("name", IDS)
def test_targets_are_called_by_what_they_count_and_by_more_where_they_clash(name):
    lines, ids = IDS[name]
    found = target_lines([TargetLine.model_validate(line) for line in lines])
    assert list(found) == ids.split()
    assert [line.at_least for line in found.values()] == [line.get("at_least") for line in lines]


def test_ids_given_twice_are_all_in_one_list(tmp_path):
    ids = ["a", "b", "a", "b", "c"]
    message = faults_of(tmp_path, small_config() | {"targets": [COUNT | {"id": one} for one in ids]})
    assert "id 'a' is given to targets.0, targets.2; give each its own" in message
    assert "id 'b' is given to targets.1, targets.3" in message


def test_an_id_is_lower_case_letters_digits_and_dashes(tmp_path):
    assert "targets.0.id: string should match pattern" in faults_of(
        tmp_path, small_config() | {"targets": [COUNT | {"id": "Points 2030"}]}
    )


def test_a_type_used_at_two_echelons_is_refused(tmp_path):
    config = small_config()
    config["facilities"]["transfer"]["kiosk"] = config["facilities"]["point"]["kiosk"]
    assert "a facility type id is used twice" in faults_of(tmp_path, config)


def test_a_material_that_no_one_knows_is_refused_in_facilities(tmp_path):
    config = small_config()
    config["facilities"]["sorting"]["centre"]["accepts"] = ["gold"]
    assert "facilities.sorting.centre: no material 'gold'; there are ['metal', 'paper']" in faults_of(tmp_path, config)


def test_broken_yaml_is_told_with_its_line(tmp_path):
    assert re.search(r"plan\.yaml:2: not valid YAML: .*; check colons", faults_of(tmp_path, text="name: a\n  b: [1\nc"))


def test_a_config_that_is_a_list_is_refused(tmp_path):
    assert "not a config; expected keys such as `name:`" in faults_of(tmp_path, text="- a\n- b\n")


def test_a_missing_config_says_so(tmp_path):
    with pytest.raises(FileError, match="check the path of the config"):
        load_config(tmp_path / "nowhere.yaml")


def test_a_config_in_another_encoding_says_so(tmp_path):
    (tmp_path / "plan.yaml").write_bytes("name: 天津".encode("gb18030"))
    with pytest.raises(ConfigError, match="save the config as UTF-8"):
        load_config(tmp_path / "plan.yaml")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("rate,x,,,,,,published,\n", r"parameters\.csv:2: rate: not a usable row"),
        ("rate,1,,,,,,sure,\n", r"parameters\.csv:2: rate: status 'sure' is not one of"),
        ("rate,1,,,,,,recalled,\nrate,2,,,,,,recalled,\n", r"parameters\.csv:3: rate: key given twice; keep one"),
    ],
)
def test_a_fault_of_the_parameter_table_is_told_with_its_line(rows, words, tmp_path):
    with pytest.raises(DataError, match=words):
        load(tmp_path, small_config(), rows=rows)


def test_a_missing_parameter_table_says_so(tmp_path):
    with pytest.raises(FileError, match=r"check `parameters:` in the config"):
        load(tmp_path, small_config() | {"parameters": "nowhere.csv"})


def test_run_folders_go_where_the_config_says_relative_to_itself(tmp_path, monkeypatch):
    load(tmp_path, small_config() | {"runs": "../elsewhere"})
    monkeypatch.chdir(tmp_path)
    assert load_config(Path("plan.yaml")).config.runs == tmp_path.parent / "elsewhere"
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/plan.yaml").write_text("extends: ../plan.yaml\n", encoding="utf-8")
    assert load_config(Path("deep/plan.yaml")).config.runs == tmp_path.parent / "elsewhere"


def opex(folder, node):
    """The fixed operation of a kiosk, given as a figure, and the figures taken for it by the end of their path."""
    config = small_config()
    config["facilities"]["point"]["kiosk"]["sizes"]["only"]["opex_cny"] = node
    loaded = load(folder, config)
    start = "facilities.point.kiosk.sizes.only.opex_cny"
    taken = {one.path.removeprefix(start): one for one in loaded.figures if one.path.startswith(start)}
    return loaded.config.facilities.point["kiosk"].sizes["only"].opex_cny, taken


STAFF = {"from": "capacity", "times": 2}
FREE = {"value": 30, "status": "published", "source": "bill", "low": 20, "high": 50}


def test_a_sum_lists_itself_and_its_parts_with_the_weakest_status_and_the_range(tmp_path):
    value, taken = opex(tmp_path, {"sum": [STAFF, FREE, 5]})
    assert value == 2 * 550 + 30 + 5
    assert list(taken) == ["", ".sum.0", ".sum.1"]
    assert (taken[""].value, taken[""].use, taken[""].parameter.status) == (1135, "sum", "assumption")
    assert (taken[""].parameter.low, taken[""].parameter.high) == (1125, 1155)
    assert (taken[".sum.0"].value, taken[".sum.0"].parameter.key) == (1100, "capacity")
    assert "3 parts" in taken[""].parameter.source


def test_figures_can_be_multiplied_and_the_smaller_one_taken(tmp_path):
    value, taken = opex(tmp_path, {"min": [{"product": [FREE, 10, 2]}, STAFF]})
    assert value == 600
    assert list(taken) == ["", ".min.0", ".min.0.product.0", ".min.1"]
    assert taken[".min.0"].parameter.status == "published"
    assert (taken[""].parameter.low, taken[""].parameter.high) == (400, 1000)
    assert opex(tmp_path, {"min": [{"product": [FREE, 100]}, STAFF]})[0] == 1100


COMBINED = {
    "two ways at once": ({"sum": [1], "min": [2]}, r"opex_cny: one of sum, product, min stands alone; found min, sum"),
    "no parts": ({"sum": []}, r"opex_cny\.sum: has no parts; list figures or numbers"),
    "a part that is no number": ({"sum": [5, "many"]}, r"opex_cny\.sum\.1: 'many'; a part is a figure or a number"),
    "a part below 0": ({"product": [-5]}, r"opex_cny\.product\.0: -5; .* not below 0"),
    "a part not in the table": ({"sum": [{"from": "capacty"}]}, r"opex_cny\.sum\.0: no parameter 'capacty'"),
}


@pytest.mark.parametrize("name", COMBINED)
def test_a_combination_that_cannot_be_read_names_the_part(name, tmp_path):
    node, words = COMBINED[name]
    with pytest.raises(ConfigError, match=words):
        opex(tmp_path, node)


def test_a_type_may_be_called_like_a_combination(tmp_path):
    config = small_config()
    config["facilities"]["point"]["min"] = config["facilities"]["point"]["kiosk"]
    assert "min" in load(tmp_path, config).config.facilities.point


ALL_CONFIGS = sorted((Path(__file__).parents[2] / "configs").rglob("*.yaml"))


def below(node, at=()):
    """Every node of a config with the keys that lead to it."""
    yield at, node
    if isinstance(node, dict | list):
        for key, one in node.items() if isinstance(node, dict) else enumerate(node):
            yield from below(one, (*at, key))


@pytest.mark.parametrize("path", ALL_CONFIGS, ids=lambda path: path.stem)
def test_no_shipped_size_is_the_end_of_a_range(path):
    sizes = (at for at, node in below(yaml.safe_load(path.read_text(encoding="utf-8"))) if "use" in at)
    assert [at for at in sizes if at[:1] == ("facilities",)] == []


def test_a_kiosk_takes_what_its_attendant_or_its_floor_can_take():
    kiosk = load_config(CONFIGS[-1].parent / "tianjin-2027.yaml").config.facilities.point["kiosk"]
    standard, long_day, small = (kiosk.sizes[name] for name in ("standard", "long_day", "small"))
    assert standard.capacity_t == pytest.approx(0.8 * 310) and standard.area_m2 == 10
    assert long_day.capacity_t == pytest.approx(min(2 * 0.8, 2 * 10 * 0.09) * 310)
    assert small.capacity_t == pytest.approx(0.5 * 0.8 * 310)
    assert standard.opex_cny == pytest.approx(1.3 * 72_000 + 8_000)
    assert standard.capex_cny == pytest.approx(10 * 2_000 + 20_000)


def test_every_type_of_tianjin_says_where_it_may_stand_and_none_may_in_a_hospital():
    facilities = load_config(CONFIGS[-1].parent / "tianjin-2027.yaml").config.facilities
    kinds = {name: set(one.kinds) for _, name, one in facilities.by_echelon()}
    assert all(kinds.values()) and not any("hospital" in one or "factory" in one for one in kinds.values())
    assert not kinds["kiosk"] & {"transit_stop", "roadside", "school"} and kinds["kiosk"] < kinds["smart_box"]
    assert "roadside_lot" not in kinds["comprehensive"] | kinds["metal_yard"] | kinds["fibre_yard"]


def test_a_later_parameter_table_replaces_rows_of_an_earlier_one(tmp_path):
    config = small_config() | {"parameters": ["parameters.csv", "own.csv"]}
    config["money"]["discount_rate"] = {"from": "rate"}
    (tmp_path / "own.csv").write_text(HEADER + "rate,0.03,,,,,here,published,\n", encoding="utf-8")
    loaded = load(tmp_path, config, rows="rate,0.08,,,,,there,recalled,\nother,1,,,,,,recalled,\n")
    assert loaded.config.money.discount_rate == 0.03
    assert [figure.parameter.source for figure in loaded.figures if figure.parameter.key == "rate"] == ["here"]
    assert loaded.files[1:] == (tmp_path / "parameters.csv", tmp_path / "own.csv")
