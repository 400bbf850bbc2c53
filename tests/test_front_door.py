"""The Python front door: what `import siting` gives, without a folder on disk, and how it shows itself."""

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

import siting
from siting.config.schema import Solve
from siting.config.targets import target_lines
from siting.errors import ConfigError, FileError, InfeasibleError, VerificationError
from siting.page import Page
from siting.problem import Settings
from siting.runs.caches import user_cache
from tests.commands import failing
from tests.commands import siting as command
from tests.small_city import small_config, write_small_city

EXPORTED = {
    "ConfigError", "DataError", "FileError", "InfeasibleError", "OutOfTimeError", "Problem", "Result", "SitingError",
    "SolverError", "VerificationError", "__version__", "compare", "examples", "read_config", "read_run",
}  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The plan of a small city, of which nothing is written."""
    return siting.read_config(write_small_city(tmp_path_factory.mktemp("city"))).solve(time_limit_s=20, gap=0)


def test_the_exported_names_are_these_and_no_others():
    assert set(siting.__all__) == set(dir(siting)) == EXPORTED
    assert all(getattr(siting, name) is not None for name in EXPORTED)
    with pytest.raises(AttributeError, match="no attribute 'everything'"):
        siting.everything  # noqa: B018 — looked up to see that it is refused


def test_importing_siting_loads_no_library():
    libraries = {"numpy", "pandas", "yaml", "rich", "typer", "pydantic"}
    code = f"import sys, siting; print(sorted({{name.split('.')[0] for name in sys.modules}} & {libraries}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_result_has_tables_with_their_geometry(base):
    assert isinstance(base.facilities, gpd.GeoDataFrame)
    assert base.facilities.crs == base.flows.crs == base.assignments.crs == base.districts.crs == "EPSG:4326"
    open_ones = base.facilities[base.facilities["action"] != "close"]
    assert len(open_ones) == base.solution.plan.is_open.sum()
    assert base.costs["cny_per_year"].sum() == pytest.approx(base.cost_cny)
    assert base.assignments["residents"].sum() <= base.districts["residents"].sum() * (1 + 1e-6)
    assert base.targets["id"].is_unique
    assert base.targets["holds"].all()
    assert {"key", "value", "unit"} <= set(base.key_figures)
    assert {"unit", "action"} <= set(base.actions)


def test_a_result_says_how_the_solve_ended(base):
    assert base.status == "optimal"
    assert base.bound_cny <= base.cost_cny * (1 + 1e-9)
    assert base.gap == pytest.approx((base.cost_cny - base.bound_cny) / base.cost_cny)
    assert f"{base.cost_cny:,.0f} CNY/yr" in repr(base)
    assert "A small city" in base._repr_html_()
    assert base._repr_html_().count("<tr>") == 6 + len(base.chains)


def test_a_solve_leaves_nothing_on_disk(tmp_path, monkeypatch):
    monkeypatch.setenv("SITING_CACHE", str(tmp_path / "cache"))
    path = write_small_city(tmp_path)
    before = {one for one in tmp_path.rglob("*") if "cache" not in one.parts}
    siting.read_config(path).solve(time_limit_s=20)
    assert {one for one in tmp_path.rglob("*") if "cache" not in one.relative_to(tmp_path).parts} == before


def test_a_stricter_target_costs_more_and_the_bounds_prove_it(base):
    id = base.targets.loc[base.targets["measure"] == "served", "id"].iloc[0]
    asked = base.targets.set_index("id").loc[id, "asked"]
    more = base.problem.with_target(id, at_least=min(1.0, asked + 0.05)).solve(start=base)
    looser = base.problem.with_target(id, at_least=asked / 2).solve()
    assert more.targets.set_index("id").loc[id, "asked"] == pytest.approx(min(1.0, asked + 0.05))
    with pytest.raises(ConfigError, match="give at_least, as it does"):
        base.problem.with_target(id, at_most=0.9)
    assert looser.cost_cny <= base.cost_cny * (1 + 1e-6) <= more.cost_cny * (1 + 2e-6)
    compared = siting.compare(base, more, names=["base", "more"])
    assert "base" in compared.verdict
    assert {"base", "more"} <= set(compared.figures.columns) & set(compared.targets.columns)
    assert compared.verdict in repr(compared)
    assert "<table" in compared._repr_html_()


def test_a_problem_does_not_change_and_shares_what_stays_the_same(base):
    problem = base.problem
    other = problem.with_config({"solve": {"gap": 0.01}})
    assert other.prepared is problem.prepared
    stricter = problem.with_sites(must_open=["P0"])
    assert stricter.city is problem.city
    assert stricter.config.sites.must_open == ("P0",)
    assert problem.config.sites.must_open == ()
    again = stricter.with_sites(must_close=["P0"])
    assert (again.config.sites.must_open, again.config.sites.must_close) == ((), ("P0",))


def test_sites_that_are_decided_are_decided(base):
    closed = base.facilities.loc[base.facilities["echelon"] == "point", "id"].iloc[0]
    other = base.problem.with_sites(must_close=[closed]).solve()
    assert closed not in set(other.facilities.loc[other.facilities["action"] != "close", "id"])
    assert other.cost_cny >= base.cost_cny * (1 - 1e-6)


@pytest.mark.parametrize(
    ("change", "cure"),
    [
        (lambda problem: problem.with_target("covrage-300", at_least=0.9), "unknown; did you mean|unknown; there are"),
        (lambda problem: problem.with_target("count-point"), "give one of at_least and at_most"),
        (lambda problem: problem.with_sites(must_open=["P0"], must_close=["P0"]), "keep it in one"),
        (lambda problem: problem.with_config({"solve": {"engine": "quick"}}), "changes: solve.engine"),
        (lambda problem: problem.solve(engine="quick"), "solve: solve.engine"),
        (lambda problem: problem.solve(time_limit=3), "unknown key; did you mean 'time_limit_s'"),
        (lambda problem: problem.with_target("count-point", at_least=float("nan")), "finite number"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_its_cure(base, change, cure):
    with pytest.raises(ConfigError, match=cure):
        change(base.problem)


def test_an_impossible_target_says_how_far_it_can_be_reached(base):
    id = base.targets.loc[base.targets["measure"] == "served", "id"].iloc[0]
    with pytest.raises(InfeasibleError, match=id):
        base.problem.with_target(id, at_least=0.99).with_sites(
            must_close=list(base.facilities.loc[base.facilities["echelon"] == "point", "id"])
        ).solve()


def test_parts_of_a_run_folder_are_written_and_it_is_read_back(base, tmp_path):
    base.write(str(tmp_path / "some"), parts=["map"])
    names = {path.name for path in (tmp_path / "some").iterdir()}
    assert "map.html" in names
    assert not names & {"report.html", "plan.xlsx", "facilities.csv"}
    again = siting.read_run(str(tmp_path / "some"))
    assert again.verify().holds
    assert again.cost_cny == base.cost_cny
    assert again.problem.config == base.problem.config
    assert again.problem.solve().cost_cny == pytest.approx(base.cost_cny)
    base.write(tmp_path / "one", parts="map")
    assert {path.name for path in (tmp_path / "one").iterdir()} == names
    with pytest.raises(ConfigError, match="choose from tables, workbook, map, report"):
        base.write(tmp_path / "other", parts=["pdf"])
    assert not (tmp_path / "other").exists()


def test_a_run_whose_bound_is_not_proven_does_not_hold(base):
    proof = base.solution.certificate
    false = siting.Result(
        _with(base.record, certificate=dataclasses.replace(proof, multipliers=proof.multipliers * 0), engine="city")
    )
    audit = false.verify(check=False)
    assert not audit.holds
    assert "do not hold" not in str(audit)
    with pytest.raises(VerificationError, match="the multipliers prove"):
        false.verify()
    assert base.verify().holds


def test_a_forged_floor_does_not_hold(base):
    solution = base.solution
    assert 0 < base.floor_cny < base.cost_cny
    assert base.decidable_gap == pytest.approx((base.cost_cny - base.bound_cny) / (base.cost_cny - base.floor_cny))
    assert base.verify().bound.floor_cny == pytest.approx(base.floor_cny)
    dearer = dataclasses.replace(solution.certificate, floor_multipliers=solution.certificate.floor_multipliers * 0.9)
    damaged = dataclasses.replace(solution.certificate, floor_multipliers=np.full(3, 1.0))
    forged = {
        "is claimed to be paid by every plan": [
            {"floor_cny": base.floor_cny * 1.1}, {"floor_cny": 0.0}, {"floor_cny": np.nan}, {"certificate": dearer}
        ],
        "its floor is of another model": [{"certificate": damaged}],
    }  # fmt: skip
    for fault, cases in forged.items():
        for changes in cases:
            found = siting.Result(_with(base.record, **changes)).verify(check=False).faults
            assert any(fault in one for one in found), (changes, found)


def _with(record, **changes):
    from dataclasses import replace

    return replace(record, solution=replace(record.solution, **changes))


def test_forged_files_of_a_run_do_not_hold(base, tmp_path):
    base.write(tmp_path / "run", parts=[])
    table = tmp_path / "run" / "districts.csv"
    rows = table.read_text(encoding="utf-8-sig").splitlines()
    cells = rows[1].split(",")
    cells[rows[0].split(",").index("residents")] = "1"
    table.write_text("\n".join([rows[0], ",".join(cells), *rows[2:]]), encoding="utf-8-sig")
    fault, changed = siting.read_run(tmp_path / "run").verify(check=False).faults
    assert fault.startswith("districts: residents is not what the plan gives")
    assert "run again" in fault
    assert changed.startswith("districts.csv: was changed after the run wrote it")
    path = tmp_path / "run" / "instance.npz"
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    np.savez_compressed(path, **{**arrays, "options.size": np.full_like(arrays["options.size"], "?")})
    fault, *changed = siting.read_run(tmp_path / "run").verify(check=False).faults
    assert [line.split(":")[0] for line in changed] == ["districts.csv", "instance.npz"]
    assert "made for another instance than the one stored beside it; run again" in fault


def test_a_target_of_a_district_with_a_chinese_name_can_be_changed(base):
    line = {"unit": "和平区", "measure": "count", "echelon": "point", "at_least": 1}
    problem = base.problem.with_config({"targets": [line]})
    (id,) = target_lines(problem.config.targets)
    assert id.endswith("和平区")
    (changed,) = problem.with_target(id, at_least=2).config.targets
    assert (changed.id, changed.at_least) == (id, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="a home is looked up otherwise")
def test_a_user_without_a_home_keeps_distances_in_the_folder_of_temporary_files(monkeypatch, tmp_path):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert user_cache() == tmp_path / ".cache" / "siting"


def test_pages_show_themselves_in_a_frame_and_are_saved(base, tmp_path):
    page = base.map()
    assert isinstance(page, Page)
    assert page._repr_html_().startswith("<iframe")
    assert "kB" in repr(page)
    assert page.save(tmp_path / "new" / "map.html").read_text(encoding="utf-8") == page.text
    assert base.report().text.startswith("<!doctype html>") or "<html" in base.report().text


def test_a_comparison_is_written_by_its_suffix(base, tmp_path):
    compared = siting.compare(base, base, names=["a", "b"])
    for suffix in (".html", ".json", ".xlsx"):
        compared.write(tmp_path / f"c{suffix}")
        assert (tmp_path / f"c{suffix}").stat().st_size > 100
    with pytest.raises(FileError, match=r"unknown format '\.pdf'; end the name in"):
        compared.write(tmp_path / "c.pdf")
    with pytest.raises(ConfigError, match="two runs or more"):
        siting.compare(base)


def test_a_mapping_is_a_config(tmp_path, monkeypatch):
    write_small_city(tmp_path)
    monkeypatch.chdir(tmp_path)
    problem = siting.read_config(small_config() | {"city": "city"})
    assert problem.city.folder == tmp_path / "city"
    problem.export(tmp_path / "model.lp")
    assert "Minimize" in (tmp_path / "model.lp").read_text()
    assert siting.read_config(problem.config).config == problem.config


def test_examples_are_listed_loaded_and_copied(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [example.name for example in siting.examples.list()][:2] == ["heping", "helsinki"]
    assert siting.examples.load("heping").config.runs == tmp_path / "runs"
    config = siting.examples.copy("helsinki", "mine")
    problem = siting.read_config(config)
    assert problem.config.city == tmp_path / "mine" / "data" / "helsinki" / "city"
    assert problem.config.runs == tmp_path / "mine" / "runs"
    assert len(problem.city.demand) > 0
    siting.examples.copy("tianjin-rollout", "other")
    assert siting.read_config("other/configs/tianjin-rollout.yaml").config.horizon.years == (2025, 2027, 2030)
    with pytest.raises(ConfigError, match="example 'atlantis': unknown; there are heping, helsinki"):
        siting.examples.load("atlantis")
    config.write_text(config.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    with pytest.raises(FileError, match="holds files, perhaps changed since"):
        siting.examples.copy("helsinki", "mine")
    assert config.read_text(encoding="utf-8").endswith("# mine\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(shell):
    given = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}  # the tests may have no shell above them to be found
    called = [sys.executable, "-m", "siting", "--show-completion", shell]
    script = subprocess.run(called, capture_output=True, text=True, check=True, env=os.environ | given).stdout
    assert "_SITING_COMPLETE" in script
    assert {"bash": "complete -o", "zsh": "#compdef siting", "fish": "complete --command siting"}[shell] in script


def test_bash_completes_what_is_begun():
    environment = os.environ | {"_SITING_COMPLETE": "complete_bash", "COMP_WORDS": "siting ver", "COMP_CWORD": "1"}
    command = [sys.executable, "-m", "siting"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["verify"]


def test_the_schema_of_a_config_is_printed():
    command = [sys.executable, "-m", "siting", "config", "schema"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert "targets" in json.loads(done.stdout)["properties"]


def test_commands_list_and_copy_examples_and_come_in_the_order_of_work(tmp_path):
    assert "heping" in command("examples", "list").output
    copied = command("examples", "copy", "heping", tmp_path / "mine")
    assert copied.exit_code == 0, copied.output
    assert (tmp_path / "mine" / "configs" / "heping.yaml").is_file()
    assert "unknown; there are heping" in failing(2, "examples", "copy", "atlantis", tmp_path / "other")
    lines = command("--help").output.splitlines()
    names = [line.split()[1] for line in lines if line.startswith("│ ") and len(line.split()) > 1 and line[2] != " "]
    wanted = ["new", "data", "check", "run", "verify", "map", "compare", "locate", "doctor"]
    assert [name for name in names if name in wanted] == wanted


def test_the_settings_of_a_solve_are_those_of_a_config():
    assert set(Settings.__annotations__) == set(Solve.model_fields)
