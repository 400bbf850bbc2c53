"""Why two runs differ: each changed figure alone with the plan held, by its terms; and the sites that it moves."""

import json

import pytest

from siting.errors import ConfigError
from siting.problem import read_config, read_run
from siting.verify import verify
from siting.versus import changed_parts
from tests.commands import failing, siting
from tests.small_city import write_small_city

DEARER = {"facilities": {"transfer": {"station": {"sizes": {"only": {"opex_cny": 50_000.0}}}}}}
DISPOSAL = {"money": {"disposal_cny_per_t": 250.0}}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("versus")
    problem = read_config(write_small_city(folder))
    first = problem.solve()
    first.write(folder / "first", parts=[])
    one_more = int((first.facilities["echelon"] == "point").sum()) + 1
    second = problem.with_config(DEARER).with_config(DISPOSAL).with_target("count-point", at_least=one_more)
    second.with_config({"name": "dearer"}).solve().write(folder / "second", parts=[])
    return folder / "first", folder / "second"


def test_the_parts_that_differ_are_figures_and_targets(runs):
    first, second = (read_run(folder).record.config for folder in runs)
    keys = {change.key: (change.was, change.now) for change in changed_parts(first, second)}
    assert keys == {
        "targets.count-point": (4, second.targets[0].at_least),
        "facilities.transfer.station.sizes.only.opex_cny": (40_000.0, 50_000.0),
        "money.disposal_cny_per_t": (100.0, 250.0),
    }


def test_each_figure_moves_what_the_plan_held_costs_more(runs):
    first, second = (read_run(folder) for folder in runs)
    answer = first.explain_versus(second)
    moved = answer.table.set_index("key")
    stations = (first.facilities["echelon"] == "transfer").sum()
    dearer = moved.loc["facilities.transfer.station.sizes.only.opex_cny"]
    assert dearer["moves_cny_per_year"] == pytest.approx(10_000 * stations, rel=1e-6)
    assert set(dearer["terms"]) == {"fixed_operation"}
    instance = first.problem.with_config(DISPOSAL).instance
    plan = first.solution.plan
    truth = verify(instance, plan).cost_cny - verify(first.problem.instance, plan).cost_cny
    assert moved.loc["money.disposal_cny_per_t", "moves_cny_per_year"] == pytest.approx(truth)
    assert truth > 0
    assert moved.loc["targets.count-point", "moves_cny_per_year"] == pytest.approx(0.0, abs=0.01)
    totals = answer.summary["totals"]
    assert totals["together_cny"] - totals["first_cny"] == pytest.approx(moved["moves_cny_per_year"].sum())
    assert totals["second_cny"] == pytest.approx(second.cost_cny)


def test_sites_that_differ_are_told_with_the_target_that_moves_them(runs):
    first, second = (read_run(folder) for folder in runs)
    answer = first.explain_versus(second, seconds=3.0)
    sites = {row["id"]: row for row in answer.summary["sites"]}
    old, new = (set(run.facilities["id"]) for run in (first, second))
    assert {id_ for id_, row in sites.items() if row["change"] == "opened"} == new - old
    assert {id_ for id_, row in sites.items() if row["change"] == "closed_now"} == old - new
    by = [row["moved_by"] for row in sites.values()]
    assert new - old
    assert any("targets.count-point" in one for one in by)
    assert "由何引起" in answer.page().text


def test_the_command_and_what_it_refuses(runs):
    done = siting("explain", runs[0], "--versus", runs[1])
    assert done.exit_code == 0, done.output
    told = json.loads((runs[0] / "versus-dearer.json").read_text(encoding="utf-8"))
    assert len(told["figures"]) == 3
    assert "do not differ" in failing(2, "explain", runs[0], "--versus", runs[0])
    with pytest.raises(ConfigError, match="do not differ"):
        read_run(runs[0]).explain_versus(read_run(runs[0]))
