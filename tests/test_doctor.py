"""The doctor tries what a run needs, and says what to do about what does not work."""

import tempfile

from siting.doctor import Verdict, examine
from siting.solve.exact import available_solvers
from tests.commands import failing, siting


def test_every_solver_found_is_made_to_solve(tmp_path):
    symptoms = {symptom.name: symptom for symptom in examine(tmp_path)}
    solvers = {name for name in symptoms if name.startswith("solver ")}
    assert solvers == {f"solver {name}" for name in available_solvers()}
    assert "solver highs" in solvers
    assert all(symptom.verdict is not Verdict.FAULT for symptom in symptoms.values())


def test_the_table_ends_with_exit_code_0_where_nothing_is_wrong(tmp_path):
    result = siting("doctor", "--runs", tmp_path / "runs")
    assert result.exit_code == 0, result.output
    for what in ("python", "packages", "memory", "temporary folder", "projections", "solver highs"):
        assert what in result.output
    assert not (tmp_path / "runs").exists()


def test_runs_that_cannot_be_written_are_a_fault(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    text = failing(1, "doctor", "--runs", tmp_path / "file")
    assert "cannot be written" in text


def test_a_temporary_folder_with_spaces_is_a_warning(tmp_path, monkeypatch):
    folder = tmp_path / "my files"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    symptoms = {symptom.name: symptom for symptom in examine(tmp_path)}
    assert symptoms["temporary folder"].verdict is Verdict.WARNING
    assert "TMPDIR" in symptoms["temporary folder"].text
