"""Bad input: each kind ends with its exit code and a message that says where, what and the cure."""

import shutil
import subprocess
import sys

import geopandas as gpd
import pandas as pd
import pytest

from tests.commands import failing
from tests.small_city import CRS_METRIC, small_config, small_tables, write_small_city

COMMANDS = ("run", "check")


def _written(folder, *, change_config=None, change_tables=None):
    config, tables = small_config(), small_tables()
    if change_config is not None:
        change_config(config)
    if change_tables is not None:
        change_tables(tables)
    return write_small_city(folder, tables=tables, config=config)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_misspelt_key_is_named_with_its_line_and_the_nearest_one(tmp_path, command):
    path = _written(tmp_path, change_config=lambda config: config["travel"].update(walk_cutof_m=500))
    text = failing(2, command, path)
    assert "travel.walk_cutof_m: unknown key; did you mean 'walk_cutoff_m'?" in text


def test_every_fault_of_a_config_stands_in_one_list(tmp_path):
    def change(config):
        config["participation"]["at_zero"] = 1.5
        config["targets"][0]["unitt"] = "city"
        del config["year"]

    text = failing(2, "check", _written(tmp_path, change_config=change))
    assert "3 faults" in text
    for piece in ("participation.at_zero", "unitt", "year: missing"):
        assert piece in text


def test_a_missing_config_is_named(tmp_path):
    assert "check the path of the config" in failing(2, "run", tmp_path / "none.yaml")


def test_a_missing_city_folder_is_named(tmp_path):
    path = _written(tmp_path)
    shutil.rmtree(tmp_path / "city")
    assert "no such city folder; check `city:` in the config" in failing(2, "run", path)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_table_is_named(tmp_path, command):
    path = _written(tmp_path)
    (tmp_path / "city/candidates.parquet").unlink()
    assert "candidates.parquet: missing; a city folder needs it" in failing(2, command, path)


def test_a_missing_parameter_table_is_named(tmp_path):
    path = _written(tmp_path)
    (tmp_path / "parameters.csv").unlink()
    assert "parameters.csv: cannot be read" in failing(2, "run", path)


def test_an_unknown_parameter_is_named_with_the_nearest_one(tmp_path):
    path = _written(tmp_path, change_config=lambda config: config["money"].update(discount_rate={"from": "rat"}))
    assert "no parameter 'rat'; did you mean 'rate'?" in failing(2, "run", path)


@pytest.mark.parametrize("stem", ["demand", "road_edges"])
def test_a_table_in_another_crs_is_refused_with_the_cure(tmp_path, stem):
    path = _written(tmp_path, change_tables=lambda tables: tables.update({stem: tables[stem].to_crs(CRS_METRIC)}))
    text = failing(2, "run", path)
    assert f"{stem}: its CRS is EPSG:32650; convert it to WGS-84 lon/lat (EPSG:4326)" in text


def test_metres_that_pass_for_degrees_are_refused(tmp_path):
    def change(tables):
        tables["demand"] = tables["demand"].to_crs(CRS_METRIC).set_crs("EPSG:4326", allow_override=True)

    failing(2, "run", _written(tmp_path, change_tables=change))


def test_a_district_without_cells_is_named(tmp_path):
    def change(tables):
        tables["demand"] = tables["demand"][tables["demand"]["district"] == "d1"]

    text = failing(2, "run", _written(tmp_path, change_tables=change))
    assert "district d2 (East) has no cells; add its demand or drop the district" in text


def test_a_negative_demand_is_named_with_its_row(tmp_path):
    def change(tables):
        tables["demand"].loc[3, "residents"] = -5

    text = failing(2, "run", _written(tmp_path, change_tables=change))
    assert "residents: must be a number above 0; row 3" in text
    assert "-5" in text


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95])
def test_a_truncated_table_is_named(tmp_path, share):
    path = _written(tmp_path)
    table = tmp_path / "city/demand.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[: int(share * len(whole))])
    text = failing(2, "run", path)
    assert "demand.parquet: cannot be read, it may be truncated" in text


def test_a_table_given_as_csv_works_too(tmp_path):
    path = _written(tmp_path)
    source = tmp_path / "city/generators.parquet"
    table = gpd.read_parquet(source)
    source.unlink()
    csv = pd.DataFrame(table.drop(columns="geometry")).assign(lon=table.geometry.x, lat=table.geometry.y)
    csv.to_csv(tmp_path / "city/generators.csv", index=False, encoding="utf-8-sig")
    failing(0, "check", path)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_target_beyond_reach_says_how_far_it_can_be_reached(tmp_path, command):
    path = _written(tmp_path, change_config=lambda config: config["targets"][1].update(at_least=0.9))
    text = failing(3, command, path)
    assert "no plan can meet the targets" in text
    assert "East" in text
    assert "66.7 %" in text
    assert "West: " not in text


def test_targets_that_clash_are_named_with_the_least_change(tmp_path):
    def change(config):
        config["targets"][1]["at_least"] = 0.66
        config["targets"].append({"unit": "city", "measure": "count", "echelon": "point", "at_most": 4})

    text = failing(3, "run", _written(tmp_path, change_config=change))
    assert "cannot hold together" in text
    assert "West: beside the other targets 50.0 %" in text
    assert not (tmp_path / "runs/small").exists()


def test_out_of_time_with_no_plan_has_its_own_exit_code(tmp_path):
    text = failing(4, "run", _written(tmp_path), "--time-limit", "0.001")
    assert "raise solve.time_limit_s (--time-limit) or relax the targets" in text


def test_a_solver_that_is_not_here_is_refused_with_those_that_are(tmp_path):
    text = failing(2, "run", _written(tmp_path), "--solver", "abacus")
    assert "solver 'abacus' is not installed" in text
    assert "highs" in text


def test_a_run_folder_below_a_file_is_refused_before_the_solve(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    text = failing(2, "run", _written(tmp_path / "here"), "--out", tmp_path / "file" / "run")
    assert "the run could not be written there" in text
    assert "solve" not in text


def test_a_folder_of_something_else_is_never_replaced(tmp_path):
    kept = tmp_path / "photos" / "cat.txt"
    kept.parent.mkdir()
    kept.write_text("dear", encoding="utf-8")
    text = failing(2, "run", _written(tmp_path / "here"), "--out", kept.parent)
    assert "exists and has no plan.json; choose another name" in text
    assert kept.read_text(encoding="utf-8") == "dear"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_is_found_before_the_solve(tmp_path):
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "from siting.cli import main; sys.argv = ['siting', *sys.argv[1:]]; main()"
    )
    command = [sys.executable, "-c", code, "run", str(_written(tmp_path))]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "the run could not be written there" in done.stderr
    assert "solve" not in done.stderr
    assert not (tmp_path / "runs/small").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_map_on_a_full_disk_is_refused(tmp_path):
    path = _written(tmp_path)
    failing(0, "run", path, "--quiet")
    assert "No space left on device" in failing(2, "map", tmp_path / "runs/small", "--out", "/dev/full")
