"""A Pareto front that is interrupted: plans found so far stay, and the next run solves the others alone."""

import dataclasses

import pytest

from siting.plan import Status
from siting.problem import read_config, read_run
from siting.results.front import front_table
from siting.scenarios import front
from siting.solve import goals
from siting.solve.goals import solve_goals
from tests.small_city import small_config, write_small_city

pytestmark = pytest.mark.slow

GOALS = [{"minimise": "cost_cny"}, {"maximise": "coverage", "within_m": 500}]


class PowerCutError(Exception):
    """Ends a front between two plans."""


class Writer:
    """Writes the files that a run is read from, and fails once `most` folders are written."""

    def __init__(self, most=99):
        self.most, self.names = most, []

    def __call__(self, result, folder):
        result.write(folder, parts=())
        self.names.append(result.name)
        if len(self.names) == self.most:
            raise PowerCutError


def small_problem(folder):
    return read_config(write_small_city(folder, config=small_config() | {"pareto": {"goals": GOALS}}))


def csv_of(problem, found):
    points, results = zip(*found, strict=True)
    goals = [goal for goal, _ in problem.prepared.front]
    table = front_table(*goals, points, [result.paid_cny for result in results])
    return table.assign(run=[result.name for result in results]).to_csv()


def test_an_interrupted_front_goes_on_and_ends_with_the_same_table(tmp_path):
    problem = small_problem(tmp_path)
    whole = Writer()
    expected = csv_of(problem, front(problem, tmp_path / "whole", 4, write=whole))
    order = ["small-front-1", "small-front-4", "small-front-3", "small-front-2"]
    assert whole.names == order
    with pytest.raises(PowerCutError):
        front(problem, tmp_path / "cut", 4, write=Writer(most=3))
    assert sorted(path.name for path in (tmp_path / "cut").iterdir()) == sorted(order[:3])
    rest = Writer()
    found = front(problem, tmp_path / "cut", 4, write=rest)
    assert rest.names == order[3:]
    assert csv_of(problem, found) == expected
    assert {result.name for _, result in found if result.folder is None} <= {order[3]}  # the others were read


def test_plans_of_another_level_or_config_are_solved_again(tmp_path):
    problem = small_problem(tmp_path)
    front(problem, tmp_path / "runs", 3, write=Writer())
    more = Writer()
    front(problem, tmp_path / "runs", 4, write=more)
    assert more.names == ["small-front-4", "small-front-3", "small-front-2"]  # the best of the first goal is the same
    tighter = Writer()
    front(problem, tmp_path / "runs", 4, write=tighter, gap=0.0)
    assert len(tighter.names) == 4


def test_a_plan_whose_solve_was_interrupted_is_solved_again(tmp_path):
    def write(result, folder):
        if result.name == "small-front-3":
            solution = dataclasses.replace(result.solution, status=Status.INTERRUPTED)
            result.record = dataclasses.replace(result.record, solution=solution)
        result.write(folder, parts=())

    problem = small_problem(tmp_path)
    front(problem, tmp_path / "runs", 3, write=write)
    again = Writer()
    found = front(problem, tmp_path / "runs", 3, write=again)
    assert again.names == ["small-front-3"]
    assert found[-1][1].status != Status.INTERRUPTED


def test_ctrl_c_keeps_the_plan_of_its_point_and_ends_the_front(tmp_path, monkeypatch):
    def interrupted(*args, **how):
        outcome = solve_goals(*args, **how)
        return dataclasses.replace(outcome, solution=dataclasses.replace(outcome.solution, status=Status.INTERRUPTED))

    problem, written = small_problem(tmp_path), Writer()
    monkeypatch.setattr(goals, "solve_goals", interrupted)
    with pytest.raises(KeyboardInterrupt):
        front(problem, tmp_path / "runs", 3, write=written)
    assert written.names == ["small-front-1"]
    assert read_run(tmp_path / "runs" / "small-front-1").verify().holds
