"""Both engines on one model: what one proves and what the other plans come together, whichever ends first."""

import time

import pytest

from siting.errors import InfeasibleError, SolverError
from siting.plan import Status
from siting.solve import solve as front
from siting.solve.solve import solve
from siting.verify import verify
from tests.brute_force import optimum
from tests.tiny import hand_instance, tiny_instance


@pytest.fixture(autouse=True)
def both_engines(monkeypatch):
    """Both engines take models of any size."""
    monkeypatch.setattr(front, "BOTH_COLUMNS", 0)


@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_is_found_and_proven(seed):
    instance = tiny_instance(seed)
    truth = optimum(instance)
    if truth is None:
        with pytest.raises(InfeasibleError):
            solve(instance, time_limit_s=20, gap=0.0)
        return

    solution = solve(instance, time_limit_s=20, gap=0.0)

    assert verify(instance, solution.plan).faults == ()
    assert (solution.value, solution.bound) == (pytest.approx(truth, rel=1e-6), pytest.approx(truth, rel=1e-6))
    assert solution.status is Status.OPTIMAL


def test_the_end_of_one_engine_ends_the_other(monkeypatch):
    """The city engine would go on for the whole time limit."""

    def waits(_whole, _tight, record, **_how):
        while record.seconds_left > 0:
            time.sleep(0.01)

    monkeypatch.setattr(front, "_solve_city", waits)

    assert solve(hand_instance(), time_limit_s=120, gap=0.0).seconds < 60


def test_a_solver_that_is_not_there_is_told_of():
    with pytest.raises(SolverError, match="nosuch"):
        solve(hand_instance(), solver="nosuch", time_limit_s=120)
