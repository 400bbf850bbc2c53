"""Every command that takes a config takes a workbook."""

import pytest

from tests.commands import failing, siting
from tests.starter.test_book import plan_book

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return plan_book(tmp_path_factory.mktemp("town") / "town.xlsx")


COMMANDS = {
    "check": [],
    "evaluate": ["--samples", "2"],
    "prices": ["--time-limit", "1"],
    "explain": [],
    "alternatives": ["--count", "1", "--time-limit", "1"],
    "breakeven": ["--time-limit", "1"],
    "sensitivity": [],
    "sweep": ["--no-pages", "--time-limit", "2"],
    "repair": [],
    "export": ["--out", "model.lp"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_takes_a_workbook(command, book, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = siting(command, book, *COMMANDS[command])
    assert done.exit_code == 0, done.output
    if command == "export":
        assert (tmp_path / "model.lp").read_text(encoding="utf-8").startswith(("\\", "Minimize", "min"))


def test_facilities_are_scored_by_a_workbook(book, tmp_path):
    sites = tmp_path / "sites.csv"
    sites.write_text("id,type,size\nP0,kiosk,standard\n", encoding="utf-8")
    assert "P0" in siting("evaluate", book, "--facilities", sites).output


def test_what_needs_a_run_says_so_of_a_workbook(book):
    assert "is no run folder" in failing(2, "verify", book)
    assert "a workbook or archive; give a config in YAML here" in failing(2, "region", book)
