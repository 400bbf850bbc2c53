from __future__ import annotations

import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from siting.certificate import certified_bound
from siting.errors import DataError, SolverError
from siting.model import build_model, plan_of
from siting.model.linear import MODEL_CNY
from siting.solve.clock import Record
from siting.solve.exact import available_solvers, solve_exact
from siting.solve.solve import solve
from siting.verify import require_valid, verify
from siting.vocabulary import Echelon, Measure
from tests.brute_force import best_plan
from tests.edges import with_targets
from tests.tiny import hand_instance, make_target, tiny_instance

HARD = {"n_cells": 60, "n_points": 40, "n_transfers": 10, "n_centres": 6, "n_generators": 10, "n_materials": 3}


def solved(instance, *, solver="highs", time_limit_s=60.0, watch=None):
    model, columns = build_model(instance)
    record = Record(time_limit_s, watch)
    return solve_exact(model, record, solver=solver, gap=0.0, threads=1, seed=1), record, columns


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(n, marks=pytest.mark.slow) for n in range(6, 30))])
def test_the_exact_engine_finds_what_trying_every_choice_finds(seed):
    instance = tiny_instance(seed)
    best = best_plan(instance)
    ended, record, columns = solved(instance)
    if best is None:
        assert ended.is_infeasible
        assert record.best_values is None
        return
    assert ended.is_optimal
    assert record.best_cost * MODEL_CNY == pytest.approx(best[0], rel=1e-6)
    assert record.best_bound * MODEL_CNY <= best[0] + 1e-6 * abs(best[0])
    verification = verify(instance, plan_of(instance, columns, record.best_values))
    require_valid(verification, claimed_cost_cny=record.best_cost * MODEL_CNY)


@pytest.mark.parametrize("solver", sorted(set(available_solvers()) - {"highs"}))
@pytest.mark.parametrize("seed", [0, 3, 7])
def test_other_solvers_agree_with_highs(solver, seed):
    _, record, _ = solved(tiny_instance(seed))
    _, other, _ = solved(tiny_instance(seed), solver=solver)
    assert other.best_cost == pytest.approx(record.best_cost, rel=1e-6)
    assert other.best_bound <= record.best_cost + 1e-6 * abs(record.best_cost)
    assert other.gap <= 1e-6, "what it proved is told"


@pytest.mark.parametrize("solver", sorted(available_solvers()))
def test_each_solver_says_that_no_plan_exists(solver):
    instance = hand_instance()
    near = make_target(instance, Measure.COVERAGE, 1.0, within_m=300.0)
    few = make_target(instance, Measure.COUNT, 1, echelon=Echelon.POINT, is_at_least=False)
    ended, record, _ = solved(with_targets(instance, near, few), solver=solver)
    assert ended.is_infeasible
    assert not ended.is_optimal
    assert record.best_values is None


@pytest.mark.slow
@pytest.mark.parametrize("solver", sorted(available_solvers()))
def test_at_the_time_limit_there_is_a_plan_with_an_honest_bound(solver):
    instance = tiny_instance(3, **HARD)
    ended, record, columns = solved(instance, solver=solver, time_limit_s=3.0)
    assert not ended.is_optimal
    assert record.seconds < 15
    assert record.best_bound < record.best_cost
    verification = verify(instance, plan_of(instance, columns, record.best_values))
    require_valid(verification, claimed_cost_cny=record.best_cost * MODEL_CNY)


def test_ctrl_c_keeps_the_plan_and_the_bound_and_is_raised_again():
    pressed_at = []

    def interrupt(progress):
        if progress.cost_cny < float("inf") and not pressed_at:
            pressed_at.append(progress.seconds)
            os.kill(os.getpid(), signal.SIGINT)

    model, _ = build_model(tiny_instance(3, **HARD))
    record = Record(60.0, interrupt)
    former = signal.signal(signal.SIGINT, signal.default_int_handler)  # a worker of pytest-xdist does not listen
    try:
        with pytest.raises(KeyboardInterrupt):
            solve_exact(model, record, solver="highs", gap=0.0, threads=1, seed=1)
    finally:
        signal.signal(signal.SIGINT, former)
    assert record.seconds < pressed_at[0] + 10
    assert record.best_values is not None
    assert float("-inf") < record.best_bound < record.best_cost, "nothing was proven yet"


def test_a_solver_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(SolverError, match=r"'gorubi' is not installed; available here: .*highs"):
        solved(hand_instance(), solver="gorubi")


def test_a_failure_inside_the_solver_is_raised_as_one_and_not_as_a_lack_of_time():
    told = []

    def fail(progress):
        told.append(progress.stage)
        if told.count("branch and bound") == 1:
            raise ValueError("a watcher that fails")

    with pytest.raises(SolverError, match=r"HiGHS broke off on a program of [\d,]+ columns .*a watcher that fails"):
        solved(tiny_instance(3, **HARD), watch=fail)


def test_a_program_that_the_solver_does_not_take_is_refused_with_the_cure():
    model, _ = build_model(hand_instance())
    matrix = model.matrix.copy()
    matrix.data[0] = 1e20

    with pytest.raises(SolverError, match=r"does not take the program of .*look for a price, capacity or tonnage"):
        solve_exact(replace(model, matrix=matrix), Record(5.0), solver="highs", gap=0.0, threads=1, seed=1)


def test_figures_of_a_model_that_overflow_are_refused_before_the_solve():
    instance = hand_instance()
    far = replace(instance.haul, distance_m=np.full_like(instance.haul.distance_m, 1e9))
    dear = replace(instance.link_rates, cny_per_tkm=np.full_like(instance.link_rates.cny_per_tkm, 1e14))

    with pytest.raises(DataError, match=r"model: cost of column haul_0 is .* must be finite and below 1e\+15"):
        solve(replace(instance, haul=far, link_rates=dear))


def test_no_more_threads_are_used_than_there_are_cores():
    lines = []
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()

    solve(hand_instance(), engine="city", time_limit_s=5.0, gap=0.0, threads=4096, watch=lines.append)

    assert any(
        line.stage == f"4,096 threads asked for; {cores} used, one for each core of this machine" for line in lines
    )


def test_ctrl_c_while_the_bound_is_recomputed_keeps_the_plan(monkeypatch):
    calls = []

    def interrupted_once(*arguments):
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return certified_bound(*arguments)

    monkeypatch.setattr("siting.solve.solve.certified_bound", interrupted_once)
    found = solve(hand_instance(), engine="exact", time_limit_s=20, gap=0.0)
    assert len(calls) == 2
    require_valid(verify(hand_instance(), found.plan), claimed_cost_cny=found.cost_cny)
    assert not found.is_repeatable
