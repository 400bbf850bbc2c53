"""`siting new`: a folder that can be built and planned at once from an extract, and one that says what to fill in."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from siting.cli.app import app
from siting.config import load_config
from siting.inputs.assemble.spec import read_assembly
from tests.commands import failing, siting

ROOT = Path(__file__).parents[2]
EXTRACT = ROOT / "data/helsinki/sources/helsinki.osm.pbf"


def test_the_parameter_table_of_new_folders_is_the_one_of_the_repository():
    assert (ROOT / "siting/starter/parameters.csv").read_bytes() == (ROOT / "data/parameters.csv").read_bytes()


@pytest.mark.slow
def test_from_an_extract_to_a_plan_without_touching_a_file(tmp_path):
    folder = tmp_path / "town"
    made = siting("new", folder, "--city-name", "My Town", "--osm", EXTRACT, "--lang", "en", "--yes")
    assert made.exit_code == 0, made.output
    assert "Assumption: residents by mapped roads" in made.output and "PLACEHOLDER" not in made.output
    spec = (folder / "city-source.yaml").read_text(encoding="utf-8")
    coarse = spec.replace("size_m: 200", "size_m: 500").replace("{point: 100}", "{point: 250}")  # a quick plan
    (folder / "city-source.yaml").write_text(coarse, encoding="utf-8")
    built = siting("data", "build", folder / "city-source.yaml", "--out", folder / "city")
    assert built.exit_code == 0, built.output
    assert siting("data", "check", folder / "city").exit_code == 0
    planned = siting("run", folder / "config.yaml", "--gap", "0.2", "--time-limit", "60", "--quiet")
    assert planned.exit_code == 0, planned.output
    assert (folder / "runs/my-town/map.html").exists()
    about = yaml.safe_load((folder / "city/city.yaml").read_text(encoding="utf-8"))
    assert about["tables"]["demand"]["method"].startswith("Assumption: residents by mapped roads")
    assert "placeholders" in " ".join(about["tables"]["candidates"]["flaws"])


@pytest.mark.parametrize(("lang", "words"), [("zh", "禁建区"), ("en", "zones where nothing may be built")])
def test_spec_and_config_are_valid_and_commented_in_the_language_asked_for(tmp_path, lang, words):
    folder = tmp_path / "new"
    options = ("--city-name", "Hepu", "--city-name-zh", "合浦", "--lang", lang, "--yes")
    assert siting("new", folder, *options).exit_code == 0
    assert words in (folder / "city-source.yaml").read_text(encoding="utf-8")
    spec, config = read_assembly(folder / "city-source.yaml"), load_config(folder / "config.yaml").config
    assert (spec.name_zh, config.title.zh, config.name) == ("合浦", "合浦再生资源回收网络", "hepu")
    assert (folder / "sources/workbook.xlsx").exists()


def test_what_is_still_missing_is_said_by_the_build(tmp_path):
    siting("new", tmp_path / "new", "--city-name", "Hepu", "--yes")
    told = failing(2, "data", "build", tmp_path / "new/city-source.yaml", "--out", tmp_path / "city")
    assert "districts.geojson: no such file" in told and "roads.gpkg" in told


def test_it_asks_for_what_was_not_given(tmp_path):
    answers = "Hepu\n合浦\n\n"
    result = CliRunner().invoke(app, ["new", str(tmp_path / "new")], input=answers)
    assert result.exit_code == 0, result.output
    spec = read_assembly(tmp_path / "new/city-source.yaml")
    assert (spec.name_en, spec.name_zh) == ("Hepu", "合浦")


def test_without_a_terminal_the_missing_option_is_named(tmp_path):
    assert "--city-name: missing, and nobody answers" in failing(2, "new", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_comments_are_english_unless_asked_otherwise(tmp_path):
    assert siting("new", tmp_path / "new", "--city-name", "Hepu", "--yes").exit_code == 0
    text = (tmp_path / "new/city-source.yaml").read_text(encoding="utf-8")
    assert "zones where nothing may be built" in text and "禁建区" not in text


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert "not empty; give a new folder" in failing(2, "new", tmp_path, "--city-name", "A", "--yes")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_options_that_exclude_or_lack_each_other_are_refused(tmp_path):
    told = failing(2, "new", tmp_path / "a", "--city-name", "A", "--osm", EXTRACT, "--place", "A", "--yes")
    assert "give one of them" in told
    assert "--city-name: missing" in failing(2, "new", tmp_path / "a", "--yes")


def test_an_extract_that_is_none_leaves_no_folder(tmp_path):
    bad = tmp_path / "bad.osm.pbf"
    bad.write_bytes(b"not a map")
    failing(2, "new", tmp_path / "a", "--city-name", "A", "--osm", bad, "--yes")
    assert not (tmp_path / "a").exists()
