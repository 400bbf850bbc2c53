"""Counted work ends a solve: the same plan again, however busy the machine is; the time limit stays and is told."""

import multiprocessing
from contextlib import contextmanager
from dataclasses import replace

import pytest

import siting
from siting.errors import SolverError
from siting.plan import Status
from siting.solve import solve as front
from siting.solve.clock import Record
from siting.solve.purse import LEAST_S, Purse
from siting.solve.solve import solve
from siting.solve.start import Start
from siting.solve_run import ending_line
from siting.synthetic import synthetic_instance
from tests.small_city import write_small_city
from tests.tiny import hand_instance


def _turn():
    while True:
        pass


@contextmanager
def busy_machine():
    """Take a core away, and as much of the others as the system gives."""
    processes = [multiprocessing.get_context("spawn").Process(target=_turn, daemon=True) for _ in range(3)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
            process.join()


def everything(solution):
    """All decisions, and the proof, as bytes."""
    plans = [array.tobytes() for plan in solution.plans for array in vars(plan).values()]
    return [*plans, solution.certificate.multipliers.tobytes(), solution.bound, solution.work]


@pytest.mark.parametrize(("assigns_nearest", "threads"), [(True, 1), (False, 2)])
def test_the_same_work_gives_the_same_plan_on_a_busy_machine(assigns_nearest, threads):
    city = replace(synthetic_instance(40), assigns_nearest=assigns_nearest)
    how = {"engine": "city", "work": 3.0, "time_limit_s": 600, "gap": 0.0, "threads": threads}

    quiet = solve(city, **how)
    with busy_machine():
        busy = solve(city, **how)

    assert everything(quiet) == everything(busy)
    assert quiet.is_repeatable
    assert quiet.status in {Status.WORK_LIMIT, Status.SEARCH_ENDED}
    assert len({line.cost_cny for line in quiet.history}) > 2  # the search has found plans after the first


def test_heping_is_planned_alike_twice_by_the_city_engine():
    instance = siting.examples.load("heping").instance
    how = {"engine": "city", "work": 5.0, "time_limit_s": 900, "gap": 0.0, "threads": 1}

    first = solve(instance, **how)
    with busy_machine():
        second = solve(instance, **how)

    assert everything(first) == everything(second)
    assert first.is_repeatable


def test_both_engines_in_turn_and_the_exact_one_repeat_themselves(monkeypatch):
    monkeypatch.setattr(front, "BOTH_COLUMNS", 0)
    city = synthetic_instance(30)
    for engine in ("auto", "exact"):
        how = {"engine": engine, "work": 2.0, "time_limit_s": 600, "gap": 0.0}
        first, second = (solve(city, **how) for _ in range(2))
        assert everything(first) == everything(second)
        assert first.status is Status.WORK_LIMIT
        assert first.is_repeatable


def test_the_time_limit_still_ends_a_solve_and_the_run_says_so():
    city = synthetic_instance(40)
    how = {"engine": "city", "gap": 0.0, "threads": 1}
    start = Start(city, solve(city, work=1.0, time_limit_s=600, **how).plans)

    solution = solve(city, work=1e6, time_limit_s=2, start=start, **how)

    assert solution.seconds < 120
    assert solution.status is Status.TIME_LIMIT
    assert not solution.is_repeatable
    assert "another run may end elsewhere" in ending_line(solution)


def test_without_a_limit_of_work_the_clock_decides():
    solution = solve(hand_instance(), engine="city", time_limit_s=20, gap=0.0)

    assert solution.work > 0
    assert solution.work_limit is None
    assert not solution.is_repeatable


def test_other_solvers_cannot_be_counted():
    with pytest.raises(SolverError, match="tells of no work"):
        solve(hand_instance(), engine="exact", solver="cbc", work=5.0, time_limit_s=20)


def test_a_record_reads_the_clock_that_ends_it():
    timed, counted = Record(60.0), Record(60.0, work_limit=10.0)
    for record in (timed, counted):
        record.charge(4.0)

    assert timed.limit == 60.0
    assert timed.left == pytest.approx(60.0, abs=1.0)
    assert (counted.limit, counted.spent, counted.left) == (10.0, 4.0, 6.0)
    part = counted.part(2.5)
    part.charge(2.0, is_timed_out=True)
    counted.add(part)
    assert (counted.left, counted.is_timed_out) == (4.0, True)


def test_a_purse_divides_work_and_lets_each_solve_have_the_time_that_is_left():
    purse = Purse(100.0, 10.0)
    limits = purse.share(0.5)
    assert limits["work"] == 5.0
    assert limits["time_limit_s"] == pytest.approx(100.0, abs=1.0)

    done = solve(hand_instance(), engine="city", gap=0.0, **limits)
    purse.pay(done)

    assert purse.left == pytest.approx(10.0 - done.work)
    assert purse.all_of(done).work_limit == 10.0
    assert Purse(100.0, None).share(0.5)["work"] is None


def test_ctrl_c_leaves_later_solves_the_least():
    purse = Purse(100.0, None)
    done = solve(hand_instance(), engine="city", gap=0.0, work=1.0)
    purse.pay(done)
    assert purse.share(1.0)["time_limit_s"] > 50.0

    purse.pay(replace(done, status=Status.INTERRUPTED))

    assert purse.share(1.0)["time_limit_s"] == LEAST_S


def test_work_of_a_config_ends_the_run_and_is_in_its_outputs(tmp_path):
    problem = siting.read_config(write_small_city(tmp_path)).with_config({"solve": {"engine": "city", "gap": 0.0}})

    first, second = (problem.solve(work=1.0, time_limit_s=300) for _ in range(2))

    assert everything(first.solution) == everything(second.solution)
    first.write(tmp_path / "run")
    told = siting.read_run(tmp_path / "run")
    assert told.solution.work_limit == 1.0
    assert told.solution.is_repeatable
    assert "a run like this gives the same plan" in told.record.log


def test_goals_share_the_work(tmp_path):
    changes = {
        "objective": [{"maximise": "coverage", "within_m": 300, "give_up": 0.01}, {"minimise": "cost_cny"}],
        "solve": {"work": 4.0, "time_limit_s": 300, "gap": 0.0},
    }
    problem = siting.read_config(write_small_city(tmp_path)).with_config(changes)

    solution = problem.solve().solution

    assert solution.work_limit == 4.0
    assert solution.work > 0
