"""Reasons why a target binds: slack, value or penalty; residents not counted; the certainty that outputs tell."""

import dataclasses
import json

import numpy as np
import pytest

from siting.certificate import Certainty
from siting.problem import read_config, read_run
from siting.results.results import Results
from tests.commands import failing, siting
from tests.small_city import small_config, write_small_city


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("binding")
    config = small_config()
    config["targets"] += [
        {"unit": "city", "measure": "coverage", "within_m": 700, "at_least": 0.1},
        {"unit": "city", "measure": "collected_t", "at_least": 1e6, "penalty_cny": 0.01},
    ]
    read_config(write_small_city(folder, config=config)).solve().write(folder / "out", parts=["tables"])
    return folder / "out"


@pytest.mark.parametrize(("id_", "state"), [("coverage-700", "slack"), ("processed", "binds"), ("collected", "missed")])
def test_a_target_has_slack_or_binds_or_is_missed(run_folder, id_, state):
    answer = read_run(run_folder).explain(target=id_, seconds=2.0)
    assert answer.summary["state"] == state
    assert "结论" in answer.page().text


def test_who_is_not_counted_adds_up_to_what_is_not_reached(run_folder):
    result = read_run(run_folder)
    answer = result.explain(target="coverage-700", seconds=1.0)
    left = sum(row["left"] for row in answer.summary["missing"])
    residents = result.record.instance.demand.residents.sum()
    assert left == pytest.approx((1 - answer.summary["reached"]) * residents, abs=2)
    assert all(row["near"] <= row["left"] for row in answer.summary["missing"])


def test_the_command_tells_it(run_folder):
    done = siting("explain", run_folder, "--target", "count-point", "--time-limit", 1)
    assert done.exit_code == 0, done.output
    assert json.loads((run_folder / "target-count-point.json").read_text(encoding="utf-8"))["state"] == "slack"
    assert "did you mean 'count-point'" in failing(2, "explain", run_folder, "--target", "count-points")
    assert "give one of them" in failing(2, "explain", run_folder, "--target", "count-point", "--site", "P0")


def test_facilities_tell_how_sure_they_are(run_folder):
    result = read_run(run_folder)
    certainty = result.facilities.set_index("id")["certainty"]
    assert set(certainty) <= {str(one) for one in Certainty}
    told = result.explain().table.set_index("id")["certainty"]
    both = certainty.index.intersection(told.index)
    assert len(both)
    assert (certainty[both] == told[both]).all()


def test_without_a_certificate_nothing_is_told(run_folder):
    record = read_run(run_folder).record
    solution = dataclasses.replace(record.solution, certificate=None, bound_cny=-np.inf)
    assert set(Results(dataclasses.replace(record, solution=solution)).facilities["certainty"]) == {""}
