"""The city engine with every part of the model: its bound, the optimum and its plan in this order."""

from __future__ import annotations

import pytest

from siting.errors import InfeasibleError, OutOfTimeError, SolverError
from siting.solve.solve import solve
from siting.verify import verify_stages, whole_cost_cny
from tests.brute_force import optimum, staged_optimum
from tests.parts import PARTS, STAGED, with_parts
from tests.tiny import tiny_instance

SMALL = {"n_cells": 3, "n_points": 2, "n_transfers": 1, "n_centres": 2, "n_generators": 1}
PAIRS = [("budgets", "processing base"), ("booked pick-up", "rebuilding"), ("nearest point", "fairness")]
TAKEN = [(name,) for name in PARTS if name != "one point a cell"]
TAKEN += [*PAIRS, ("rebuilding", "years"), ("budgets", "cases")]


@pytest.mark.parametrize("names", TAKEN, ids=" + ".join)
def test_the_optimum_lies_between_bound_and_plan(names):
    seed = TAKEN.index(names)
    instance = with_parts(tiny_instance(seed, **SMALL), seed, *names)
    best = staged_optimum(instance) if set(names) & set(STAGED) else optimum(instance)
    try:
        solution = solve(instance, engine="city", time_limit_s=20, gap=0.6)
    except InfeasibleError:
        assert best is None
        return
    except OutOfTimeError:
        assert best is None or set(names) & set(STAGED), "one stage always ends with a plan"
        return
    found = verify_stages(instance, solution.plans)
    assert [fault for one in found for fault in one.faults] == []
    room = 1e-4 * abs(best) + 0.5
    assert solution.bound_cny - room <= best <= solution.cost_cny + room
    assert whole_cost_cny(instance, found) == pytest.approx(solution.cost_cny, rel=1e-5, abs=0.05)


@pytest.mark.parametrize("stages", ["years", "cases"])
def test_the_city_engine_says_that_it_does_not_buy_by_the_tonne_over_stages(stages):
    instance = with_parts(tiny_instance(0, **SMALL), 0, "capacity by the tonne", stages)
    with pytest.raises(SolverError, match="take `engine: exact`"):
        solve(instance, engine="city", time_limit_s=10)
    assert solve(instance, engine="auto", time_limit_s=30).engine == "exact"


def test_the_city_engine_says_that_it_does_not_take_whole_cells():
    instance = with_parts(tiny_instance(0, **SMALL), 0, "one point a cell")
    with pytest.raises(SolverError, match="take `engine: exact`"):
        solve(instance, engine="city", time_limit_s=10)
    assert solve(instance, engine="auto", time_limit_s=30).engine == "exact"


def test_whoever_watches_years_hears_which_year_on_a_clock_that_never_goes_back():
    names = ("years",)
    seed = TAKEN.index(names)
    instance = with_parts(tiny_instance(seed, **SMALL), seed, *names)
    heard = []
    solve(instance, engine="city", time_limit_s=20, gap=0.6, watch=heard.append)
    for name in instance.stages.name:
        assert any(told.stage.startswith(f"{name}: ") and told.cost_cny < float("inf") for told in heard), name
    seconds = [told.seconds for told in heard]
    assert seconds == sorted(seconds)
