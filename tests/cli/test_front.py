"""A Pareto front by command: readable units, and a run folder for each plan."""

import shutil

import pandas as pd
import pytest

from siting.comparison import compare
from siting.problem import read_run
from tests.commands import siting
from tests.small_city import small_config, write_small_city

pytestmark = pytest.mark.slow


def test_a_front_has_readable_units_and_a_run_folder_for_each_plan(tmp_path):
    goals = [{"minimise": "cost_cny"}, {"maximise": "coverage", "within_m": 500}]
    config = write_small_city(tmp_path, config=small_config() | {"pareto": {"goals": goals, "points": 3}})
    shown = siting("pareto", config)
    assert shown.exit_code == 0, shown.output
    said = " ".join(shown.output.split())
    assert "3 plans, none better than another in both goals: net cost from 1.192 million CNY a year to" in said
    assert "+1,555 CNY a year per" in said  # a further point of coverage
    table = pd.read_csv(tmp_path / "runs" / "small-front.csv", encoding="utf-8-sig")
    assert table["run"].tolist() == ["small-front-1", "small-front-2", "small-front-3"]
    assert table["net_cost_cny"].is_monotonic_increasing and table["coverage"].is_monotonic_increasing
    page = (tmp_path / "runs" / "small-front.html").read_text(encoding="utf-8")
    assert "帕累托前沿：年净成本与500 米内" in page and page.count("small-front-2") >= 2  # in both languages
    runs = [read_run(tmp_path / "runs" / name) for name in table["run"]]
    for run, row in zip(runs, table.to_dict("records"), strict=True):
        assert run.verify(check=False).faults == ()
        assert abs(run.paid_cny - row["net_cost_cny"]) < 1
        assert (run.folder / "map.html").is_file()
    assert "not solved again" not in said
    first = (tmp_path / "runs" / "small-front.csv").read_bytes()
    shutil.rmtree(tmp_path / "runs" / "small-front-2")
    again = siting("pareto", config)
    assert "2 of 3 plans were found by an earlier run" in " ".join(again.output.split())
    assert (tmp_path / "runs" / "small-front.csv").read_bytes() == first
    assert not list((tmp_path / "runs").glob("small-front-*.1"))
    assert "same problem" not in compare(*runs[:2]).verdict  # each is held to another level
