"""Passes of a solve: visits priced for a density that is assumed, then for the points that a plan opens."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from siting.certificate import certificate_faults, proven_bound
from siting.model import build_whole
from siting.passes import SAME_COST, at_prices, visited
from siting.problem import read_config, read_run
from siting.solve.solve import solve
from siting.solve.start import Start
from siting.verify import verify
from siting.vocabulary import Measure
from tests.prepare.test_flows import fleet, vehicle
from tests.small_city import small_config, write_small_city
from tests.tiny import make_target


def dear_stops(**more):
    """A city in which stops cost much, so that the density of points matters; half of what is offered is collected."""
    config = small_config() | fleet(van=vehicle(cny_per_km=400.0)) | more
    config["facilities"]["point"]["kiosk"]["sizes"]["only"]["emptying"] = {"load_t": 0.02, "stop_h": 0.1}
    return config


def test_the_bound_holds_for_the_density_of_the_last_pass(tmp_path):

    problem = read_config(write_small_city(tmp_path, config=dear_stops()))
    asked = problem.instance
    result = problem.solve(gap=0.0)
    record, notes = result.record, [line for line in result.record.log.splitlines() if "tours, pass" in line]
    assert len(notes) >= 2
    assert not np.array_equal(record.instance.visits.km, asked.visits.km)
    plans = record.solution.plans
    own = problem.prepared.tours.at_open(asked, plans[-1].is_open)
    moved = visited(own, plans).cny - visited(record.instance, plans).cny
    assert abs(moved) < SAME_COST * record.solution.cost_cny
    assert certificate_faults(record.instance, build_whole(record.instance), record.solution) == []
    best = solve(record.instance, engine="exact", gap=0.0, time_limit_s=60).cost_cny
    assert record.solution.bound_cny <= best <= record.solution.cost_cny * (1 + 1e-9)


def test_cost_and_bound_are_told_at_the_density_of_the_points_opened(tmp_path, monkeypatch):
    monkeypatch.setattr("siting.passes.SAME_COST", 9.0)  # one pass, whatever the density moves
    monkeypatch.setattr("siting.passes.SAME_VISITS", 9.0)
    problem = read_config(write_small_city(tmp_path, config=fleet(van=vehicle())))
    result = problem.solve(engine="city", gap=0.0, work=2.0)
    instance, solution = result.record.instance, result.solution
    own = problem.prepared.tours.at_open(problem.instance.with_links_of(instance), solution.plan.is_open)
    assert not np.array_equal(instance.visits.km, problem.instance.visits.km)
    assert np.array_equal(instance.visits.km, own.visits.km)
    assert verify(instance, solution.plan).cost_cny == pytest.approx(solution.cost_cny)
    assert certificate_faults(instance, build_whole(instance), solution) == []
    best = solve(instance, engine="exact", gap=0.0, time_limit_s=60).cost_cny
    assert solution.bound_cny <= best <= solution.cost_cny * (1 + 1e-9)
    result.write(tmp_path / "out", parts=())
    assert read_run(tmp_path / "out").verify().holds


def test_a_bound_that_is_the_word_of_a_solver_is_told_at_no_other_prices(tmp_path):
    problem = read_config(write_small_city(tmp_path, config=fleet(van=vehicle())))
    solution = solve(problem.instance, engine="exact", gap=0.0, time_limit_s=60)
    priced = problem.prepared.tours.at_open(problem.instance, solution.plan.is_open)
    by_solver = dataclasses.replace(solution, proven=solution.bound - 1.0)
    assert at_prices(priced, by_solver) is None
    broke = dataclasses.replace(
        priced, targets=(*priced.targets, make_target(priced, Measure.OPERATION, 1.0, is_at_least=False))
    )
    assert at_prices(broke, dataclasses.replace(solution, proven=solution.bound)) is None


def test_one_pass_is_enough_where_detours_cost_little(tmp_path):
    result = read_config(
        write_small_city(tmp_path, config=fleet(van=vehicle(cny_per_km=0.01, local_km_per_h=1000.0)))
    ).solve()
    assert sum("tours, pass" in line for line in result.record.log.splitlines()) == 1


def test_multipliers_of_other_prices_prove_a_bound_at_once(tmp_path):
    problem = read_config(write_small_city(tmp_path, config=dear_stops()))
    instance, tours = problem.instance, problem.prepared.tours
    first = solve(instance, engine="city", gap=0.0, work=2.0, time_limit_s=60)
    multipliers = first.certificate.multipliers
    priced = tours.at_open(instance, first.plan.is_open)
    again = solve(
        priced,
        engine="city",
        gap=0.0,
        work=2.0,
        time_limit_s=60,
        start=Start(instance, first.plans),
        multipliers=multipliers,
    )
    begun = next(line for line in again.history if line.stage == "multipliers of the start")
    expected = proven_bound(build_whole(priced), multipliers) * 1e4
    assert begun.bound_cny == pytest.approx(expected)
    assert again.bound_cny >= begun.bound_cny - 1e-6 * abs(expected)
