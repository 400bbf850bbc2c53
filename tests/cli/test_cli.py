"""The commands on a small city, as a planner types them."""

import dataclasses
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import typer
import yaml
from rich.console import Console
from typer.testing import CliRunner

import siting as package
from siting.cli.group import SafeGroup, resumable
from siting.cli.screen import Screen
from siting.plan import Progress, Solution
from siting.runs.arrays import load_arrays, save_arrays
from siting.runs.manifest import note_file
from tests.commands import failing, siting
from tests.small_city import write_small_city

SLOW_TO_IMPORT = ("folium", "geopandas", "highspy", "numpy", "pandas", "pulp", "pydantic", "scipy")


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """A folder with a small city, its config, and the result of its run."""
    folder = tmp_path_factory.mktemp("planned")
    return folder, siting("run", write_small_city(folder))


@pytest.fixture
def run_folder(planned, tmp_path):
    """A copy of the run folder, to be tampered with."""
    return shutil.copytree(planned[0] / "runs" / "small", tmp_path / "small")


def test_help_does_not_wait_for_heavy_libraries():
    code = (
        "import sys; from siting.cli import main; sys.argv = ['siting', '--help']\n"
        "try: main()\n"
        f"except SystemExit: print('LOADED', [name for name in {SLOW_TO_IMPORT!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert "LOADED []" in done.stdout
    assert "doctor" in done.stdout


def test_the_module_is_the_command():
    command = [sys.executable, "-m", "siting", "--version"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == f"siting {package.__version__}"


def test_a_terminal_that_knows_no_chinese_does_not_stop_a_command(planned):
    command = [sys.executable, "-m", "siting", "check", str(planned[0] / "plan.yaml")]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert done.returncode == 0, done.stderr


def test_a_run_ends_with_a_scorecard_that_holds_and_a_whole_run_folder(planned):
    folder, result = planned
    assert result.exit_code == 0, result.output
    assert "All 4 targets hold." in result.output
    assert (folder / "runs/small/map.html").stat().st_size > 100_000
    summary = json.loads((folder / "runs/small/plan.json").read_text(encoding="utf-8"))
    assert summary["status"] in ("optimal", "gap_reached")
    assert summary["gap"] <= 0.001


def test_the_log_tells_time_and_memory_of_every_stage(planned):
    log = (planned[0] / "runs/small/log.txt").read_text(encoding="utf-8")
    for stage in ("inputs", "travel and instance", "check", "solve", "verify", "outputs"):
        assert f" {stage}: " in log
    assert log.count("peak memory") >= 6


def test_the_run_folder_says_which_inputs_and_packages_made_it(planned):
    folder = planned[0] / "runs/small"
    inputs = json.loads((folder / "inputs.json").read_text(encoding="utf-8"))
    assert {"plan.yaml", "parameters.csv", "city/demand.parquet", "city/city.yaml"} <= set(inputs)
    versions = json.loads((folder / "versions.json").read_text(encoding="utf-8"))
    assert versions["siting"] == package.__version__
    assert {"python", "pulp", "highspy", "geopandas"} <= set(versions)


def test_options_of_the_command_line_replace_those_of_the_config(planned, tmp_path):
    out = tmp_path / "elsewhere"
    options = [
        "--gap",
        "0.5",
        "--time-limit",
        "30",
        "--threads",
        "1",
        "--seed",
        "7",
        "--name",
        "other",
        "--engine",
        "exact",
    ]
    result = siting("run", planned[0] / "plan.yaml", "--out", out, "--quiet", *options)
    assert (result.exit_code, result.output) == (0, "")
    config = yaml.safe_load((out / "config.yaml").read_text(encoding="utf-8"))
    assert config["name"] == "other"
    assert config["solve"] == {
        "engine": "exact", "solver": "highs", "time_limit_s": 30.0, "gap": 0.5, "threads": 1, "seed": 7
    }  # fmt: skip


@pytest.mark.parametrize("option", [["--gap", "2"], ["--engine", "magic"], ["--threads", "0"], ["--name", "a/b"]])
def test_an_option_out_of_range_is_refused(planned, option):
    failing(2, "run", planned[0] / "plan.yaml", *option)


def test_check_counts_what_there_is_and_what_can_be_reached(planned):
    result = siting("check", planned[0] / "plan.yaml")
    assert result.exit_code == 0, result.output
    for text in ("12,000", "recycling points", "66.7 %", "cell-10"):
        assert text in result.output


def test_a_map_is_drawn_again_from_the_run_folder_alone(planned, tmp_path, run_folder):
    before = (run_folder / "map.html").read_text(encoding="utf-8")
    result = siting("map", run_folder, "--out", tmp_path / "again.html")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == before


@pytest.mark.parametrize("suffix", [".lp", ".mps"])
def test_config_and_run_export_the_same_model(planned, tmp_path, suffix):
    folder = planned[0]
    for name, source in (("config", folder / "plan.yaml"), ("run", folder / "runs/small")):
        assert siting("export", source, "--out", tmp_path / f"{name}{suffix}").exit_code == 0
    text = (tmp_path / f"config{suffix}").read_text(encoding="utf-8")
    assert "reach_served_0" in text
    assert text == (tmp_path / f"run{suffix}").read_text(encoding="utf-8")


def test_a_run_is_exported_as_the_workbook_that_its_folder_has(tmp_path, run_folder):
    result = siting("export", run_folder, "--out", tmp_path / "again.xlsx")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "again.xlsx").read_bytes() == (run_folder / "plan.xlsx").read_bytes()
    assert siting("export", run_folder, "--out", tmp_path / "english.xlsx", "--lang", "en").exit_code == 0
    assert (tmp_path / "english.xlsx").read_bytes() != (run_folder / "plan.xlsx").read_bytes()


def test_a_workbook_of_a_config_is_refused_with_the_cure(planned, tmp_path):
    assert "siting run" in failing(2, "export", planned[0] / "plan.yaml", "--out", tmp_path / "plan.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("command", "name"), [("map", "map-publication.html"), ("report", "report-publication.html")])
def test_pages_are_made_for_the_public_beside_those_as_they_are(run_folder, command, name):
    before = (run_folder / f"{command}.html").read_bytes()
    result = siting(command, run_folder, "--publication", "--approval-number", "津S(2026)001")
    assert result.exit_code == 0, result.output
    assert "津S(2026)001" in (run_folder / name).read_text(encoding="utf-8")
    assert (run_folder / f"{command}.html").read_bytes() == before
    (run_folder / name).unlink()


def test_an_approval_number_is_for_the_public_only(run_folder, tmp_path):
    out = ("--out", tmp_path / "plan.kml")
    assert "add --publication" in failing(2, "export", run_folder, *out, "--approval-number", "1")
    assert siting("export", run_folder, *out, "--publication").exit_code == 0
    assert "审图号：____" in (tmp_path / "plan.kml").read_text(encoding="utf-8")
    assert "takes no option but --cuts" in failing(2, "export", run_folder, "--out", tmp_path / "m.lp", "--publication")


def test_a_run_is_exported_in_the_datum_of_a_web_map(tmp_path, run_folder):
    result = siting("export", run_folder, "--out", tmp_path / "plan.kml", "--datum", "高德")
    assert result.exit_code == 0, result.output
    assert "plan-gcj02.kml (gcj02)" in result.output.replace("\n", "")
    assert "choose wgs84" in failing(2, "export", run_folder, "--out", tmp_path / "plan.kml", "--datum", "mars")


def test_export_with_cuts_has_the_rows_of_whole_facilities(planned, tmp_path):
    config = planned[0] / "plan.yaml"
    for name, more in (("plain", ()), ("cut", ("--cuts",))):
        assert siting("export", config, "--out", tmp_path / f"{name}.lp", *more).exit_code == 0
    plain, cut = ((tmp_path / f"{name}.lp").read_text() for name in ("plain", "cut"))
    assert "cover_0" not in plain
    assert "cover_0:" in cut
    assert "leave it out" in failing(2, "export", config, "--out", tmp_path / "plan.kml", "--cuts")


def test_export_refuses_a_format_it_does_not_know(planned, tmp_path):
    assert "end the name in .xlsx" in failing(2, "export", planned[0] / "plan.yaml", "--out", tmp_path / "m.txt")


def test_verify_agrees_with_a_run_and_recomputes_its_bound(planned):
    result = siting("verify", planned[0] / "runs/small")
    assert result.exit_code == 0, result.output
    assert "Bound recomputed" in result.output
    assert "All 4 targets hold." in result.output
    assert "DIFFERS" not in result.output


def test_verify_refuses_a_run_folder_whose_summary_was_changed(run_folder):
    path = run_folder / "plan.json"
    summary = json.loads(path.read_text(encoding="utf-8"))
    summary["cost_cny"] -= 5000
    path.write_text(json.dumps(summary), encoding="utf-8")
    assert "plan.json: cost_cny says" in failing(2, "verify", run_folder)


def test_verify_refuses_a_plan_whose_cost_is_not_the_one_it_claims(run_folder):
    solution = load_arrays(run_folder / "plan.npz", Solution)
    save_arrays(run_folder / "plan.npz", _replaced(solution, cost_cny=solution.cost_cny * 0.99))
    assert "net cost: claimed" in failing(2, "verify", run_folder)


def test_verify_refuses_a_plan_that_closes_a_point_it_uses(run_folder):
    solution = load_arrays(run_folder / "plan.npz", Solution)
    is_open = solution.plan.is_open.copy()
    is_open[np.flatnonzero(is_open)[0]] = False
    save_arrays(run_folder / "plan.npz", _replaced(solution, plans=(_replaced(solution.plan, is_open=is_open),)))
    failing(2, "verify", run_folder)


def test_verify_refuses_a_bound_above_the_cost(run_folder):
    solution = load_arrays(run_folder / "plan.npz", Solution)
    save_arrays(
        run_folder / "plan.npz", _replaced(solution, bound=solution.value * 1.01, bound_cny=solution.cost_cny * 1.01)
    )
    assert "is above the cost of the plan" in failing(2, "verify", run_folder)


def test_verify_refuses_multipliers_of_another_model(run_folder):
    solution = load_arrays(run_folder / "plan.npz", Solution)
    save_arrays(
        run_folder / "plan.npz",
        _replaced(solution, certificate=dataclasses.replace(solution.certificate, multipliers=np.zeros(3))),
    )
    assert "certificate: 3 multipliers for a model of" in failing(2, "verify", run_folder)


def test_verify_refuses_a_run_without_its_certificate(run_folder):
    solution = load_arrays(run_folder / "plan.npz", Solution)
    save_arrays(run_folder / "plan.npz", _replaced(solution, certificate=None))
    assert "certificate: missing" in failing(2, "verify", run_folder)


def test_verify_refuses_a_claim_that_multipliers_prove_more_than_they_do(run_folder):
    solution = load_arrays(run_folder / "plan.npz", Solution)
    nothing = dataclasses.replace(solution.certificate, multipliers=np.zeros_like(solution.certificate.multipliers))
    save_arrays(run_folder / "plan.npz", _replaced(solution, certificate=nothing))
    assert "is said to be proven by multipliers, which prove" in failing(2, "verify", run_folder)


@pytest.mark.parametrize("name", ["cost", "row_lower", "data", "forced_cost"])
def test_verify_refuses_a_model_that_is_not_that_of_the_instance(run_folder, name):
    with np.load(run_folder / "model.npz") as archive:
        arrays = dict(archive)
    arrays[name] = np.where(np.arange(len(arrays[name])) == 0, 7.0, arrays[name])
    np.savez_compressed(run_folder / "model.npz", **arrays)
    note_file(run_folder / "model.npz")
    assert f"model.npz: {name} not as instance.npz makes it" in failing(2, "verify", run_folder)


def test_verify_refuses_a_bound_of_the_city_engine_that_its_multipliers_do_not_prove(run_folder):
    solution = load_arrays(run_folder / "plan.npz", Solution)
    nothing = dataclasses.replace(solution.certificate, multipliers=np.zeros_like(solution.certificate.multipliers))
    save_arrays(run_folder / "plan.npz", _replaced(solution, certificate=nothing, engine="city"))
    assert "is claimed, the multipliers prove" in failing(2, "verify", run_folder)


def _replaced(value, **changes):
    return type(value)(**{**{name: getattr(value, name) for name in value.__dataclass_fields__}, **changes})


@pytest.mark.parametrize("command", ["map", "verify"])
def test_a_folder_that_no_run_left_is_named(tmp_path, command):
    assert "is no run folder" in failing(2, command, tmp_path)


def test_debug_shows_the_traceback_wherever_it_stands(tmp_path):
    for arguments in (["--debug", "run", "none.yaml"], ["run", "none.yaml", "--debug"]):
        result = siting(*arguments)
        assert type(result.exception).__name__ == "FileError"


app_that_fails = typer.Typer(cls=SafeGroup, pretty_exceptions_enable=False)


@app_that_fails.callback()
def _options(debug: bool = False) -> None:
    """Options of every command."""


@app_that_fails.command()
def interrupted() -> None:
    raise KeyboardInterrupt


@app_that_fails.command()
def half_done() -> None:
    with resumable(Path("runs/half")):
        signal.raise_signal(signal.SIGTERM)


@app_that_fails.command()
def broken() -> None:
    raise ValueError("odd [red] thing")


@app_that_fails.command()
def too_large() -> None:
    raise MemoryError


def test_out_of_memory_is_no_fault_of_the_program():
    result = CliRunner().invoke(app_that_fails, ["too-large"])
    assert result.exit_code == 1
    assert "out of memory; close other programs" in result.output
    assert "fault of siting" not in result.output


def test_ctrl_c_before_a_result_ends_with_a_sentence():
    result = CliRunner().invoke(app_that_fails, ["interrupted"])
    assert result.exit_code == 130
    assert "stopped before there was a result" in result.output


def test_what_goes_on_later_says_where_it_is_kept():
    result = CliRunner().invoke(app_that_fails, ["half-done"])
    assert result.exit_code == 130
    assert "what was done is kept in runs/half, and the same command goes on from there" in result.output
    assert "nothing was written" not in result.output


def test_a_fault_of_ours_is_said_to_be_one_without_a_traceback():
    result = CliRunner().invoke(app_that_fails, ["broken"])
    assert result.exit_code == 1
    assert "ValueError: odd [red] thing" in result.output
    assert "--debug" in result.output


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_says_where_the_solve_stands(is_terminal):
    written = io.StringIO()
    screen = Screen(Console(file=written, force_terminal=is_terminal, width=200), interval_s=0.001)
    awaited, deadline = "s · points · plan 2,000,000 CNY/yr · bound 1,900,000 · gap 5.00 %", time.monotonic() + 20
    with screen:
        screen.begin("solve")
        screen.watch(Progress(3.0, 2e6, 1.9e6, "points"))
        while awaited not in written.getvalue() and time.monotonic() < deadline:
            pass
    assert awaited in written.getvalue()


def test_a_run_begins_from_the_plan_of_an_earlier_one_and_says_how_much_was_kept(planned, tmp_path):
    earlier, out = planned[0] / "runs/small", tmp_path / "again"
    result = siting("run", planned[0] / "plan.yaml", "--start", earlier, "--out", out, "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    log = (out / "log.txt").read_text(encoding="utf-8")
    n = len((earlier / "facilities.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert f"start small: of {n} facilities {n} carried over, 0 in another size, 0 dropped" in log
    assert "  start\n" in log, "it is the first incumbent"
