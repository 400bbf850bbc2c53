"""Runs are kept: no run folder is lost to another run, and a changed file of one is told by `verify`."""

import shutil
from pathlib import Path

import pytest
import yaml

from siting.config import load_config
from siting.problem import read_run
from siting.runs.manifest import note_file, write_manifest
from tests.commands import failing, siting
from tests.small_city import write_small_city

UNLISTED = {"files.json", "log.txt"}


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """The config of a small city that was planned once."""
    config = write_small_city(tmp_path_factory.mktemp("planned"))
    assert siting("run", config).exit_code == 0
    return config


@pytest.fixture
def config(planned, tmp_path):
    """The config in a copy of its folder, run folder included."""
    folder = shutil.copytree(planned.parent, tmp_path / "copy")
    return folder / planned.name


def run_of(config):
    return config.parent / "runs" / "small"


def change(config, **sections):
    raw = yaml.safe_load(config.read_text(encoding="utf-8"))
    config.write_text(yaml.safe_dump(raw | sections, allow_unicode=True), encoding="utf-8")


def test_the_same_config_again_keeps_the_earlier_run_beside_it(config):
    before = (run_of(config) / "plan.npz").read_bytes()
    for _ in range(2):
        assert siting("run", config, "--seed", 7).exit_code == 0
    assert sorted(path.name for path in run_of(config).parent.iterdir() if path.name[0] != ".") == [
        "small",
        "small.1",
        "small.2",
    ]
    assert (run_of(config).with_name("small.1") / "plan.npz").read_bytes() == before
    assert siting("verify", run_of(config).with_name("small.1")).exit_code == 0
    assert siting("run", config, "--overwrite").exit_code == 0
    assert not run_of(config).with_name("small.3").exists()


def test_a_run_of_another_config_is_not_replaced_unless_asked(config):
    before = (run_of(config) / "plan.json").read_bytes()
    change(config, year=2031)
    message = failing(2, "run", config)
    assert "holds the run of another config (year differ)" in message
    assert "--overwrite" in message
    assert (run_of(config) / "plan.json").read_bytes() == before
    assert siting("run", config, "--name", "later").exit_code == 0
    assert siting("run", config, "--overwrite").exit_code == 0
    assert read_run(run_of(config)).record.config.year == 2031


def test_notes_and_annotated_files_are_not_lost(config):
    (run_of(config) / "notes.txt").write_text("call the district", encoding="utf-8")
    with (run_of(config) / "plan.xlsx").open("ab") as workbook:
        workbook.write(b"annotated")
    assert "did not write (notes.txt, plan.xlsx)" in failing(2, "run", config)
    assert (run_of(config) / "notes.txt").read_text(encoding="utf-8") == "call the district"


def test_files_that_later_commands_wrote_belong_to_the_run(config):
    assert siting("map", run_of(config)).exit_code == 0
    assert siting("map", run_of(config), "--basemap", "osm").exit_code == 0
    assert siting("report", run_of(config)).exit_code == 0
    assert siting("evaluate", run_of(config), "--samples", 3).exit_code == 0
    assert siting("verify", run_of(config)).exit_code == 0
    assert siting("run", config).exit_code == 0
    assert (run_of(config).with_name("small.1") / "evaluation.json").exists()


def test_a_config_that_extends_another_has_a_name_of_its_own(config):
    variant = config.with_name("variant.yaml")
    variant.write_text(f"extends: {config.name}\n", encoding="utf-8")
    assert load_config(variant).config.name == "variant"
    variant.with_name("方案.yaml").write_text(f"extends: {config.name}\n", encoding="utf-8")
    assert "taken from the file's as there is none" in failing(2, "check", variant.with_name("方案.yaml"))


def test_verify_names_every_file_that_was_changed_or_taken_away(config):
    names = sorted(path.name for path in run_of(config).iterdir() if path.name not in UNLISTED)
    assert len(names) > 15
    folder = shutil.copytree(run_of(config), config.parent / "copy")
    for name in names:
        path = folder / name
        whole = path.read_bytes()
        path.write_bytes(whole + b" ")
        assert name in failing(2, "verify", folder), name
        path.write_bytes(whole)
    for name in {Path(name).suffix: name for name in names}.values():
        path = folder / name
        whole = path.read_bytes()
        path.unlink()
        assert name in failing_verify(folder), name
        path.write_bytes(whole)


def failing_verify(folder):
    result = siting("verify", folder)
    assert result.exit_code != 0, result.output
    assert "Traceback" not in result.output
    return result.output


def test_a_forged_table_is_told_although_its_digest_was_forged_too(config):
    folder = run_of(config)
    for name in ("facilities.csv", "scorecard.csv", "flows.csv", "actions.csv"):
        path = folder / name
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b"1", b"2", 1))
        assert path.read_bytes() != whole
        note_file(path)
        assert f"{name}: is not what the plan gives" in failing(2, "verify", folder)
        path.write_bytes(whole)
    write_manifest(folder)
    assert siting("verify", folder).exit_code == 0
