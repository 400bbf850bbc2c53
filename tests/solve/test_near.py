"""Plans that may differ from that of an earlier run at few facilities only."""

from __future__ import annotations

import dataclasses
import math

import pytest

from siting.errors import ConfigError, InfeasibleError
from siting.problem import read_config, read_run
from siting.solve.solve import solve
from siting.solve.start import Start
from siting.synthetic import synthetic_instance
from siting.verify import verify_stages
from siting.verify.reach import reach
from siting.vocabulary import Measure
from tests.commands import failing, siting
from tests.edges import with_earlier, with_targets
from tests.small_city import small_config, write_small_city
from tests.tiny import make_target


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The small city, solved and written; its plan has four points."""
    folder = tmp_path_factory.mktemp("near")
    result = read_config(write_small_city(folder)).solve()
    result.write(folder / "runs" / "small")
    return result


def opened(result):
    return {tuple(row) for row in result.facilities[["id", "type", "size"]].itertuples(index=False)}


def changes_of(result):
    (row,) = result.targets.query("id == 'changes'").to_dict("records")
    return row["reached"]


def with_points(problem, number):
    return problem.with_target("count-point", at_least=number)


def test_without_changes_the_facilities_are_those_of_the_earlier_run(base):
    dearer = base.problem.with_values({"money.disposal_cny_per_t": 500})
    found = dearer.with_near(base, at_most_changes=0).solve(start=base)
    assert opened(found) == opened(base)
    assert changes_of(found) == 0


def test_few_changes_cost_no_less_than_many_and_are_counted_by_site(base):
    problem, bound_cny = base.problem.with_target("served-700-each-district", at_least=0.4), -math.inf
    for most in (20, 2, 1, 0):
        found = problem.with_near(base, at_most_changes=most).solve(start=base)
        assert len(opened(found) ^ opened(base)) == changes_of(found) <= most  # one size: an exchange is two changes
        assert found.cost_cny >= bound_cny
        bound_cny = max(bound_cny, found.bound_cny)
    assert bound_cny > 1.01 * problem.solve(start=base).cost_cny  # the limit binds


def test_what_needs_more_changes_is_told_with_the_number(base):
    problem = with_points(base.problem, 10)
    assert changes_of(problem.with_near(base, at_most_changes=2).solve(start=base)) == 2
    with pytest.raises(InfeasibleError) as caught:
        problem.with_near(base, at_most_changes=0).solve(start=base)
    assert "beside the other targets 2 facilities changed against the earlier plan are needed" in str(caught.value)


def test_facilities_of_places_that_are_gone_are_changes_in_every_plan(base):
    gone = base.facilities.query("echelon == 'point'")["id"].iloc[0]
    closed = base.problem.with_sites(must_close=gone)
    found = closed.with_near(base, at_most_changes=2).solve(start=base)
    assert changes_of(found) == len(opened(found) ^ opened(base)) == 2
    with pytest.raises(InfeasibleError, match="at least 1 facilities changed against the earlier plan are needed"):
        closed.with_near(base, at_most_changes=0).solve()


def test_a_run_folder_holds_the_limit_and_what_it_counts_against(base, tmp_path):
    found = with_points(base.problem, 10).with_near(base, at_most_changes=2).solve(start=base)
    found.write(tmp_path / "near")
    again = read_run(tmp_path / "near")
    assert again.record.config.near == found.record.config.near
    assert changes_of(again) == 2
    assert again.verify().faults == ()
    again.problem.solve(start=again)
    fewer = again.problem.with_near(base, at_most_changes=1)
    assert [one.at_most for one in fewer.config.targets if one.measure is Measure.CHANGES] == [1.0]


@pytest.mark.parametrize("engine", ["exact", "city"])
def test_both_engines_stay_near_and_their_bounds_hold(engine):
    town = synthetic_instance(60)
    weaker = with_targets(town, *(dataclasses.replace(one, value=0.9 * one.value) for one in town.targets))
    first = solve(weaker, engine="city", gap=0.0, work=1, threads=1, time_limit_s=120)
    limit = make_target(town, Measure.CHANGES, 4, is_at_least=False)
    asked = with_targets(with_earlier(town, first.plan), *town.targets, limit)
    start = Start(weaker, first.plans)
    found = solve(asked, engine=engine, gap=0.0, work=3, threads=1, time_limit_s=120, start=start)
    (verified,) = verify_stages(asked, found.plans)
    assert verified.faults == ()
    assert reach(asked, found.plan, limit) <= 4
    free = solve(town, engine="exact", gap=0.0, work=3, threads=1, time_limit_s=120, start=start)
    assert found.bound_cny <= found.cost_cny
    assert found.cost_cny >= free.bound_cny


def test_years_count_against_their_own_year(tmp_path):
    config = small_config() | {"year": 2030, "horizon": {"years": [2027, 2030], "growth": {"residents": 0.05}}}
    config["targets"].append({"unit": "city", "measure": "count", "echelon": "point", "at_least": 10, "year": 2030})
    first = read_config(write_small_city(tmp_path, config=config)).solve()
    assert [one.period for one in first.problem.with_near(first, at_most_changes=0).config.near.plans] == [
        "2027",
        "2030",
    ]
    same = first.problem.with_near(first, at_most_changes=0).solve(start=first)
    for before, after in zip(first.solution.plans, same.solution.plans, strict=True):
        assert (before.is_open == after.is_open).all()


def test_changes_without_an_earlier_run_are_refused(tmp_path):
    config = small_config()
    config["targets"].append({"unit": "city", "measure": "changes", "at_most": 3})
    with pytest.raises(ConfigError, match="there is no section `near`"):
        read_config(write_small_city(tmp_path, config=config))


def test_the_command_names_the_run_anew_and_needs_both_options(base):
    runs = base.record.config.runs
    run, config = runs / "small", runs.parent / "plan.yaml"
    message = failing(2, "run", config, "--near", run)
    assert "--at-most-changes NUMBER go together" in message
    done = siting("run", config, "--near", run, "--at-most-changes", 1, "--set", "count-point.at_least=9", "-q")
    assert done.exit_code == 0, done.output
    found = read_run(runs / "small-count-point.at_least-9-near")
    assert changes_of(found) == 1
    assert found.verify().faults == ()
