"""The city engine on instances small enough to know the truth: its bound is below it, its plan is not."""

import time
from dataclasses import replace

import numpy as np
import pytest

from siting.certificate.omitted import proven_bound
from siting.errors import InfeasibleError
from siting.model import build_whole
from siting.model.linear import MODEL_CNY
from siting.solve.city import openings, ruin, sitecosts
from siting.solve.city.compiling import compile_ahead
from siting.solve.solve import solve
from siting.verify import verify
from tests.brute_force import optimum
from tests.tiny import hand_instance, tiny_instance


def test_the_hand_instance_is_solved_with_a_bound_below_its_optimum():
    solution = solve(hand_instance(), engine="city", time_limit_s=20, gap=0.0)

    assert verify(hand_instance(), solution.plan).faults == ()
    assert solution.cost_cny == pytest.approx(1550, abs=0.5)
    assert solution.bound_cny <= 1550 + 1e-6


@pytest.mark.parametrize("seed", range(30))
def test_bound_optimum_and_plan_stand_in_this_order(seed):
    instance = tiny_instance(seed)
    truth = optimum(instance)
    try:
        solution = solve(instance, engine="city", work=0.7, time_limit_s=60, gap=1e-4)
    except InfeasibleError:
        assert truth is None
        return

    assert truth is not None
    slack = 1e-6 * max(1.0, abs(truth))
    assert verify(instance, solution.plan).faults == ()
    assert solution.bound_cny <= truth + slack
    assert solution.cost_cny >= truth - slack


def test_the_certificate_proves_the_bound_without_the_engine():
    instance = tiny_instance(3)
    solution = solve(instance, engine="city", time_limit_s=6, gap=1e-4)

    assert solution.certificate is not None
    proven = proven_bound(build_whole(instance), solution.certificate.multipliers) * MODEL_CNY
    assert solution.bound_cny <= proven + 1e-6 * abs(proven)


def test_the_same_seed_gives_the_same_plan():
    first, second = (solve(hand_instance(), engine="city", time_limit_s=20, gap=0.0, seed=7) for _ in range(2))

    assert np.array_equal(first.plan.is_open, second.plan.is_open)


@pytest.mark.parametrize("assigns_nearest", [False, True])
def test_what_is_compiled_ahead_is_all_that_a_solve_runs(assigns_nearest):
    compile_ahead(assigns_nearest=assigns_nearest)
    kernels = (sitecosts.least_at_sites, ruin.rank_pairs, ruin.search)
    kernels += (openings.anneal, openings.serve, openings.see_near) if assigns_nearest else ()
    before = [kernel.signatures for kernel in kernels]

    solve(replace(hand_instance(), assigns_nearest=assigns_nearest), engine="city", time_limit_s=20, gap=0.0)

    assert all(before)
    assert [kernel.signatures for kernel in kernels] == before


def test_compiling_does_not_count_as_solving(monkeypatch):
    waited_s = 2.0
    monkeypatch.setattr("siting.solve.solve.compile_with_progress", lambda *_, **__: time.sleep(waited_s))
    begun = time.monotonic()

    solution = solve(hand_instance(), engine="city", time_limit_s=20, gap=0.0)

    assert solution.seconds <= time.monotonic() - begun - waited_s
