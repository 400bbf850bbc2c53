"""Run folders that someone changed: each file in several ways, with its digest mended where figures can be recomputed.

`siting verify` refuses each and names the file; no reader of the folder ends in a traceback.
"""

import io
import json
import re
import shutil
import sqlite3
import zipfile
from contextlib import closing

import numpy as np
import openpyxl
import pytest

from siting.errors import FileError, RefusedPlanError
from siting.problem import read_config, read_run
from siting.runs.judge import changed_tables
from siting.runs.manifest import changed_files, note_file
from siting.verify import stages
from tests.commands import failing, siting
from tests.small_city import write_small_city

DIGIT = re.compile(rb"(?<=[,\d])[1-8](?=[\d.]*[,\n])")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    config = write_small_city(tmp_path_factory.mktemp("planned"))
    assert siting("run", config).exit_code == 0
    return config.parent / "runs" / "small"


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "small")


def faults_of(folder):
    return read_run(folder).verify(check=False).faults


def refused(folder, name):
    """Whether a folder is refused and the file is named, be it while it is read or by the audit."""
    try:
        faults = faults_of(folder)
    except FileError as error:
        faults = (str(error),)
    assert faults, f"{name}: was changed and the run passes"
    assert any(name in fault for fault in faults), (name, faults)


def test_a_run_as_it_was_written_passes(folder):
    assert faults_of(folder) == ()


def csv_names(folder):
    return sorted(path.name for path in folder.glob("*.csv"))


def forgeable(folder):
    """Tables that are made anew from instance and plan; assumptions come from the city, and have their digest alone."""
    return [name for name in csv_names(folder) if name not in {"standards.csv", "assumptions.csv"}]


def test_a_figure_in_any_table_is_missed_although_its_digest_was_mended(copy):
    assert len(forgeable(copy)) >= 8
    results = read_run(copy).results
    for name in forgeable(copy):
        path = copy / name
        whole = path.read_bytes()
        places = [one.start() for one in DIGIT.finditer(whole, whole.index(b"\n"))]
        assert places, name
        for place in {places[0], places[len(places) // 2], places[-1]}:
            path.write_bytes(whole[:place] + bytes([whole[place] + 1]) + whole[place + 1 :])
            assert changed_tables(copy, results) == [f"{name}: is not what the plan gives; run again to write it anew"]
        note_file(path)
        refused(copy, name)
        path.write_bytes(whole)
        note_file(path)
    assert faults_of(copy) == ()


def test_rows_that_are_added_or_taken_away_are_missed(copy):
    results = read_run(copy).results
    for name in forgeable(copy):
        path = copy / name
        whole = path.read_bytes()
        lines = whole.splitlines(keepends=True)
        for changed in (lines[:-1], [*lines, lines[-1]]):
            path.write_bytes(b"".join(changed))
            assert any(name in fault for fault in changed_tables(copy, results)), name
        path.write_bytes(whole)


def arrays_of(path):
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def bent(array):
    """An array with its last element made another one; None where there is none to change."""
    if not array.size:
        return None
    changed = array.copy()
    last = changed.reshape(-1)
    if array.dtype.kind == "b":
        last[-1] = not last[-1]
    elif array.dtype.kind in "iu":
        last[-1] = 0 if last[-1] else 1
    elif array.dtype.kind == "f":
        last[-1] = 0.5 * last[-1] if last[-1] and np.isfinite(last[-1]) else 7.0
    else:
        changed = array.astype(f"{array.dtype.kind}{array.dtype.itemsize // 4 + 8}")
        changed.reshape(-1)[-1] = "forged"
    return changed


@pytest.mark.parametrize("name", ["instance.npz", "plan.npz", "verification.npz", "model.npz"])
def test_any_array_is_missed_although_its_digest_was_mended(copy, name):
    path = copy / name
    whole = path.read_bytes()
    arrays = {key: array for key, array in arrays_of(path).items() if key != "scalars"}
    proven = read_run(copy).verify(check=False).bound.proven
    tried = 0
    for key, array in arrays.items():
        changed = bent(array)
        if changed is None:
            continue
        np.savez_compressed(path, **{**arrays_of(io.BytesIO(whole)), key: changed})
        note_file(path)
        try:
            audit = read_run(copy).verify(check=False)
        except FileError:
            tried += 1
            continue
        still_proven = key.startswith("certificate.") and audit.bound.proven >= proven
        assert audit.faults or still_proven, f"{name}: {key} was changed and the run passes"
        tried += bool(audit.faults)
    assert tried > 5
    path.write_bytes(whole)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("verification.npz", "cost_cny", 1.0),
        ("verification.npz", "tonne_km", {"haul": 1.0}),
        ("plan.npz", "cost_cny", 1.0),
        ("plan.npz", "seconds", 99.0),
        ("plan.npz", "bound_cny", 1e12),
        ("plan.npz", "history", []),
    ],
)
def test_scalars_are_missed_although_the_digest_was_mended(copy, name, key, value):
    arrays = arrays_of(copy / name)
    scalars = json.loads(str(arrays["scalars"]))
    assert scalars[key] != value
    arrays["scalars"] = np.array(json.dumps(scalars | {key: value}))
    np.savez_compressed(copy / name, **arrays)
    note_file(copy / name)
    try:
        assert faults_of(copy)
    except FileError as error:
        assert name in str(error)


def test_pages_workbook_layers_and_json_are_missed_although_their_digest_was_mended(copy):
    for name, change in {
        "map.html": lambda path: path.write_bytes(path.read_bytes().replace(b"<title>", b"<title>Best ", 1)),
        "report.html": lambda path: path.write_bytes(path.read_bytes().replace(b"CNY", b"CNYs", 1)),
        "plan.xlsx": in_workbook,
        "plan.gpkg": in_layers,
        "scorecard.json": lambda path: path.write_text(path.read_text().replace('"reached":', '"reached":1', 1)),
        "plan.json": lambda path: path.write_text(path.read_text().replace('"residents": ', '"residents": 1', 1)),
    }.items():
        path = copy / name
        whole = path.read_bytes()
        change(path)
        assert path.read_bytes() != whole, name
        refused(copy, name)
        note_file(path)
        refused(copy, name)
        path.write_bytes(whole)
        note_file(path)
    assert faults_of(copy) == ()


def in_workbook(path):
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    row = next(row for row in sheet.iter_rows() if any(isinstance(cell.value, int | float) for cell in row))
    next(cell for cell in row if isinstance(cell.value, int | float)).value = 99_999
    book.save(path)


def in_layers(path):
    with closing(sqlite3.connect(path)) as file, file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f'DROP TRIGGER "{name}"')
        file.execute("UPDATE facilities SET capacity_t = 99999 WHERE rowid = 1")


def test_every_file_has_a_digest_and_any_change_is_told(copy):
    listed = json.loads((copy / "files.json").read_text())
    names = {path.name for path in copy.iterdir()} - {"files.json"}
    assert names == set(listed)
    for name in names:
        path = copy / name
        whole = path.read_bytes()
        for changed in (whole + b" ", whole[1:], b"", bytes(reversed(whole))):
            path.write_bytes(changed)
            assert [one.split(":")[0] for one in changed_files(copy)] == [name]
        path.write_bytes(whole[: len(whole) // 2])
        refused(copy, name)
        path.unlink()
        assert changed_files(copy) == [f"{name}: is missing; run again to write it anew"]
        path.write_bytes(whole)
    (copy / "files.json").write_text("[]")
    refused(copy, "files.json")


@pytest.mark.parametrize("command", ["verify", "map", "report"])
def test_a_damaged_folder_names_the_file_and_ends_without_a_traceback(copy, command):
    for name in ("plan.json", "config.yaml", "instance.npz", "plan.npz", "geography.gpkg", "districts.csv"):
        path = copy / name
        whole = path.read_bytes()
        for changed in (whole[: len(whole) // 3], b"[1, 2]"):
            path.write_bytes(changed)
            assert name in failing(2, command, copy), name
        path.write_bytes(whole)


def test_pages_are_drawn_of_what_is_recomputed_and_not_of_what_is_stored(copy):
    true = read_run(copy).record.verification.collected_t.sum()
    arrays = arrays_of(copy / "verification.npz")
    arrays["collected_t"] = arrays["collected_t"] * 0 + 99_999
    np.savez_compressed(copy / "verification.npz", **arrays)
    forged = read_run(copy)
    assert forged.record.verification.collected_t.sum() == pytest.approx(true)
    assert "99,999" not in forged.report().text
    refused(copy, "verification.npz")


def test_a_bitten_archive_is_refused_wherever_it_was_bitten(copy):
    path = copy / "plan.npz"
    whole = path.read_bytes()
    assert zipfile.is_zipfile(path)
    for place in np.linspace(0, len(whole) - 1, 12).astype(int):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        refused(copy, "plan.npz")


@pytest.fixture
def doubted(monkeypatch):
    """Verification that finds a fault in every plan."""
    found = stages.verify

    def doubt(*args, **how):
        one = found(*args, **how)
        return type(one)(**{**vars(one), "faults": ("site P1: a rule is broken",)})

    monkeypatch.setattr(stages, "verify", doubt)


def test_a_plan_that_verification_refuses_is_kept_and_named_so(tmp_path, doubted):
    config = write_small_city(tmp_path)
    said = failing(5, "run", config)
    assert "must not be used" in said and "small.refused" in said and "a rule is broken" in said
    kept = tmp_path / "runs" / "small.refused"
    assert not (tmp_path / "runs" / "small").exists()
    assert json.loads((kept / "plan.json").read_text())["faults"] == ["site P1: a rule is broken"]
    assert "This plan breaks 1 rules" in (kept / "report.html").read_text()
    assert "a rule is broken" in (kept / "map.html").read_text()
    assert failing(2, "verify", kept)


def test_the_result_of_a_refused_plan_is_with_the_error(tmp_path, doubted):
    with pytest.raises(RefusedPlanError, match="a rule is broken") as caught:
        read_config(write_small_city(tmp_path)).solve()
    assert caught.value.result.cost_cny > 0
    assert caught.value.result.results.faults
