"""Results: every table computed once, with the period as a column, and the same from the run as from its folder."""

import io
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from siting.instance import Target
from siting.plan import Status
from siting.render.answers.front import NamedGoal
from siting.render.terminal.front import rich_front
from siting.results.comparison.compare import compare_runs
from siting.results.front import front_table
from siting.results.results import Results
from siting.runs.folder import read_run, write_run
from siting.vocabulary import Echelon, Measure
from tests.outputs_city import make_rollout, make_run

BY_PERIOD = ("assignments", "flows", "districts", "targets", "costs", "key_figures")
TABLES = (*BY_PERIOD, "facilities", "actions", "demand", "assumptions")


@pytest.fixture(scope="module")
def results():
    return Results(make_run())


@pytest.fixture(scope="module")
def of_years():
    return Results(make_rollout())


@pytest.mark.parametrize("name", BY_PERIOD)
def test_a_table_has_the_rows_of_every_period_under_its_name(of_years, name):
    table = getattr(of_years, name)
    assert table.columns[0] == "period"
    sizes = {period: len(getattr(one, name)) for period, one in of_years.by_period.items()}
    assert list(sizes) == ["2025", "2027"]
    assert table.groupby("period").size().to_dict() == {period: size for period, size in sizes.items() if size}


@pytest.mark.parametrize("name", BY_PERIOD)
def test_the_period_of_a_run_with_one_is_empty(results, name):
    assert set(getattr(results, name)["period"]) == {""}


def test_a_table_is_computed_once(results):
    for name in TABLES:
        assert getattr(results, name) is getattr(results, name), name


@pytest.mark.parametrize("make", [make_run, make_rollout])
def test_a_run_folder_gives_back_the_same_tables(tmp_path, make):
    run = make()
    write_run(tmp_path / "run", run, parts=[])
    before, after = Results(run), Results(read_run(tmp_path / "run"))
    for name in TABLES:
        ours, theirs = (pd.DataFrame(getattr(one, name)) for one in (before, after))
        pd.testing.assert_frame_equal(ours, theirs, check_dtype=False, obj=name)


def test_terms_of_cost_sum_to_the_cost_and_shares_of_spending_to_one(results):
    costs = results.costs
    assert costs["cny_per_year"].sum() == pytest.approx(results.run.verification.cost_cny)
    assert costs["spent_share"].sum() == pytest.approx(1.0)
    assert costs.loc[costs["cny_per_year"] <= 0, "spent_share"].isna().all()


def test_open_facilities_are_counted_by_echelon_type_and_size(results):
    counts = results.facility_counts
    assert list(counts) == ["point", "transfer", "sorting"], "the city has no bases"
    assert {Echelon.named(key): one["open"] for key, one in counts.items()} == results.open_counts
    for one in counts.values():
        assert sum(one["by_type_and_size"].values()) == one["open"]
    assert sum(one["open"] for one in counts.values()) == results.run.solution.plan.is_open.sum()


def test_demand_nodes_are_served_as_the_assignments_say(results):
    demand, assigned = results.demand.set_index("id"), results.assignments
    share = assigned.groupby("cell")["share"].sum()
    assert demand.loc[share.index, "served_share"].to_numpy() == pytest.approx(share.to_numpy())
    assert set(demand.loc[share.index, "kind"]) == {"household"}
    walked_m = (assigned["share"] * assigned["distance_m"]).groupby(assigned["cell"]).sum() / share
    assert demand.loc[share.index, "walk_m"].to_numpy() == pytest.approx(walked_m.to_numpy())


def test_a_verdict_reads_as_a_sentence_and_a_pair_without_one_says_why(results):
    pair = compare_runs([results, results], names=["a", "b"]).pair(0, 1)
    assert str(pair.verdict) == pair.conclusion.en
    assert str(pair.verdict).startswith("a and b solve the same problem: their plans cost the same")
    assert pair.conclusion.zh.startswith("a 与 b 求解的是同一问题：两个方案成本相同")
    blocked = compare_runs([results, Results(make_rollout())], names=["a", "b"]).pair(0, 1)
    assert blocked.verdict is None
    assert blocked.conclusion.en.startswith("Other years or cases: a plans 2027; b plans 2025, 2027.")


def test_a_front_is_a_table_and_its_steps_are_shown():
    def goal(measure):
        of_all = np.ones(1, dtype=bool)
        return Target("g", "city", measure, False, 0.0, 0, None, None, None, "", "", of_all, of_all, of_all, of_all)

    def point(first, second, end=math.nan):
        plan = SimpleNamespace(is_open=np.array([True, False, True]))
        solution = SimpleNamespace(cost_cny=first, plan=plan)
        bound, gap = 0.9 * first, 0.1
        return SimpleNamespace(
            first=first, first_bound=bound, gap=gap, second=second, second_bound=end, solution=solution,
            status=Status.GAP_REACHED,
        )  # fmt: skip

    goals = goal(Measure.COST), goal(Measure.EMISSIONS)
    table = front_table(*goals, [point(1000.0, 30.0), point(1600.0, 10.0, 8.0)])
    assert table["cost_cny"].tolist() == [1000.0, 1600.0]
    assert table["facilities"].tolist() == [2, 2]
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(rich_front(*(NamedGoal(one, one.measure.record.label) for one in goals), table))
    text = console.export_text()
    assert "█" * 24 in text
    assert "−30 CNY a year per" in text, "600 CNY more for 20 t less"
    assert "the last plan reaches 10 t" in text
    assert "no plan reaches less than 8 t" in text
