"""What surrounds a run: the folder found writable, the plan kept when it is not, the journal, the digests."""

import hashlib
import logging
import warnings
from pathlib import Path

import pytest

from siting.cli.plan import write_or_rescue
from siting.config import load_config
from siting.errors import FileError
from siting.journal import Journal, quiet_libraries
from siting.problem import Problem
from siting.result import Result
from siting.runs.caches import cache_folder, default_cache
from siting.runs.folder import read_run, require_writable
from siting.runs.provenance import input_digests
from siting.verify import verify
from tests.outputs_city import make_run
from tests.small_city import write_small_city


def test_a_run_tells_its_progress_and_returns_what_its_folder_holds(tmp_path):
    heard = []
    loaded = load_config(write_small_city(tmp_path))
    result = Problem(loaded).solve(watch=heard.append)
    result.write(tmp_path / "out")
    record = result.record
    assert heard[-1].cost_cny == pytest.approx(record.solution.cost_cny)
    stored = read_run(tmp_path / "out")
    assert verify(stored.instance, stored.solution.plan).cost_cny == pytest.approx(record.solution.cost_cny)
    assert stored.log == record.log


def test_the_same_seed_gives_the_same_plan(tmp_path):
    loaded = load_config(write_small_city(tmp_path))
    first, second = (Problem(loaded).solve() for _ in "ab")
    assert (first.solution.plan.is_open == second.solution.plan.is_open).all()


def test_travel_is_kept_beside_the_runs_unless_told_otherwise(tmp_path, monkeypatch):
    loaded = load_config(write_small_city(tmp_path))
    monkeypatch.delenv("SITING_CACHE", raising=False)
    Problem(loaded, cache=cache_folder(loaded.config)).solve()
    assert list((tmp_path / "runs/.cache").glob("walk-*.cache"))
    assert default_cache(loaded.config) == tmp_path / "runs/.cache"
    monkeypatch.setenv("SITING_CACHE", str(tmp_path / "mine"))
    assert cache_folder(loaded.config) == default_cache(loaded.config) == tmp_path / "mine"


def test_travel_is_kept_in_the_cache_of_the_user_where_there_are_no_runs(tmp_path, monkeypatch):
    monkeypatch.delenv("SITING_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    Problem(load_config(write_small_city(tmp_path))).solve()
    assert list((tmp_path / "mine" / "siting").glob("walk-*.cache"))
    assert not (tmp_path / "runs").exists()


def test_a_plan_is_saved_elsewhere_when_its_folder_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(FileError, match="The plan is not lost: this run was saved in") as caught:
        write_or_rescue(Result(make_run()), tmp_path / "file" / "run")
    saved = Path(str(caught.value).rsplit("saved in ", 1)[1])
    assert read_run(saved).config.name == "small"


def test_a_folder_that_can_be_written_is_left_as_it_was(tmp_path):
    require_writable(tmp_path / "new" / "run", make_run().config)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_disk_with_too_little_room_is_refused_before_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr("siting.runs.folder.LEAST_FREE_MB", 1e12)
    with pytest.raises(FileError, match="MB are free on its disk"):
        require_writable(tmp_path / "run", make_run().config)


def test_digests_are_of_the_bytes_of_each_input(tmp_path):
    loaded = load_config(write_small_city(tmp_path))
    digests = input_digests(loaded)
    table = tmp_path / "city/demand.parquet"
    assert digests["city/demand.parquet"] == hashlib.sha256(table.read_bytes()).hexdigest()
    table.write_bytes(table.read_bytes() + b" ")
    changed = input_digests(loaded)
    assert [name for name in digests if digests[name] != changed[name]] == ["city/demand.parquet"]


def test_a_stage_that_fails_is_not_among_the_stages_done():
    journal = Journal()
    with journal.phase("one"):
        pass
    with pytest.raises(KeyError), journal.phase("two"):
        raise KeyError
    assert [stage.name for stage in journal.phases] == ["one"]


def test_warnings_of_libraries_go_to_the_log_and_not_to_the_terminal(capfd):
    journal = Journal(tell=print)
    with quiet_libraries(journal), warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old way", stacklevel=1)
        logging.getLogger("some.library").warning("slow\nway")
    assert capfd.readouterr() == ("", "")
    assert "old way" in journal.text
    assert "slow way" in journal.text
