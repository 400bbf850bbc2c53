"""Any set of facilities scored: a run's own costs what the run says, fewer miss targets, broken rules are told."""

import json

import pandas as pd
import pytest

from siting.errors import ConfigError, DataError
from siting.problem import read_config, read_run
from tests.commands import siting
from tests.small_city import write_small_city


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scored")
    config = write_small_city(folder)
    read_config(config).solve().write(folder / "run", parts=["tables", "workbook"])
    return config, folder / "run"


@pytest.mark.parametrize("file", ["facilities.csv", "plan.xlsx", "plan.gpkg", ""])
def test_a_run_scored_by_its_own_files_costs_what_it_says(planned, file):
    config, run = planned
    result = read_run(run)
    answer = read_config(config).score(run / file if file else run)
    assert answer.summary["facilities"] == result.solution.plan.is_open.sum()
    assert answer.summary["cost_cny"] == pytest.approx(result.cost_cny, rel=2e-3)
    assert answer.summary["cost_cny"] >= result.bound_cny - 1
    assert answer.summary["faults"] == []
    assert all(row["holds"] for row in answer.summary["targets"])


def test_fewer_facilities_miss_targets_and_tell_by_how_much(planned, tmp_path):
    config, run = planned
    table = pd.read_csv(run / "facilities.csv", encoding="utf-8-sig")
    points = table["echelon"] == "point"
    kept = pd.concat([table[~points], table[points].head(1)])
    kept[["id"]].to_csv(tmp_path / "few.csv", index=False)
    answer = read_config(config).score(tmp_path / "few.csv")
    targets = {row["id"]: row for row in answer.summary["targets"]}
    assert not targets["count-point"]["holds"]
    assert targets["count-point"]["reached"] == 1
    assert any("count" in fault for fault in answer.summary["faults"])
    assert answer.summary["facilities"] == len(kept)
    page = answer.page().text
    assert "缺口" in page


def test_residents_who_would_overflow_their_point_are_assigned_and_it_is_told(planned, tmp_path):
    config, run = planned
    table = pd.read_csv(run / "facilities.csv", encoding="utf-8-sig")
    points = table["echelon"] == "point"
    pd.concat([table[~points], table[points].head(1)])[["id"]].to_csv(tmp_path / "one.csv", index=False)
    size = {"facilities": {"point": {"kiosk": {"sizes": {"only": {"capacity_t": 1}}}}}}
    problem = read_config(config).with_config({"assignment": "nearest"} | size)
    answer = problem.score(tmp_path / "one.csv")
    assert answer.summary["is_designated"]
    assert "assigned to a point with room" in answer.verdict
    assert answer.summary["faults"]


def test_unknown_sites_types_and_sizes_are_listed(planned, tmp_path):
    config, run = planned
    id_ = read_run(run).facilities["id"].iloc[0]
    path = tmp_path / "wrong.csv"
    path.write_text(f"id,type,size\nX9,,\n{id_},bridge,\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="2 faults") as caught:
        read_config(config).score(path)
    assert "row 3" in str(caught.value)
    path.write_text(f"id\n{id_}\n{id_}\n", encoding="utf-8")
    with pytest.raises(DataError, match="give each once"):
        read_config(config).score(path)
    path.write_text("name\nx\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column `id`"):
        read_config(config).score(path)


def test_the_command_scores_by_a_config_and_by_a_run(planned):
    config, run = planned
    done = siting("evaluate", config, "--facilities", run)
    assert done.exit_code == 0, done.output
    assert (config.parent / "runs" / "score-run.html").is_file()
    done = siting("evaluate", run, "--facilities", run / "plan.xlsx")
    assert done.exit_code == 0, done.output
    assert json.loads((run / "score-plan.json").read_text(encoding="utf-8"))["faults"] == []
    assert read_run(run).verify().holds
