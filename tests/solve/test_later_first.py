"""Relax-and-fix: stations and centres with the points relaxed, then the points for what opens."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from siting.model import build_whole
from siting.model.linear import MODEL_CNY
from siting.solve.city.restrict import Holder, holds
from siting.solve.clock import Record
from siting.solve.exact import solve_exact
from siting.solve.later_first import plan_later_first
from siting.solve.relaxation import relax
from siting.verify import require_valid, verify
from siting.vocabulary import Echelon
from tests.brute_force import optimum, staged_optimum
from tests.parts import with_parts
from tests.tiny import hand_instance, tiny_instance

INSTANCES = {f"tiny {seed}": tiny_instance(seed, n_cells=4, n_points=4) for seed in (0, 2, 3, 4, 5)}
INSTANCES["by hand"] = hand_instance()
STAGED = {f"cases {seed}": with_parts(tiny_instance(seed, n_cells=3, n_points=3), seed, "cases") for seed in (2, 4)}


def planned(instance):
    """(whole, record, values) of relax-and-fix alone."""
    whole, record = build_whole(instance), Record(60.0)
    return whole, record, plan_later_first(whole, whole.model, record, gap=0.0, seed=1)


def later_columns(whole):
    """The numbers of the integer columns that open no recycling point."""
    (part,) = whole.parts
    of_points = part.in_whole("open")[part.instance.option_echelon() == Echelon.POINT]
    return np.setdiff1d(np.flatnonzero(whole.model.is_integer), of_points)


@pytest.mark.parametrize("name", INSTANCES | STAGED)
def test_the_plan_holds_and_its_bound_is_not_above_the_optimum(name):
    instance = (INSTANCES | STAGED)[name]
    best = optimum(instance) if instance.stages is None else staged_optimum(instance)
    whole, record, values = planned(instance)
    assert values is not None
    assert holds(Holder.of(whole.model), values)
    assert record.best_cost == pytest.approx(float(whole.model.cost @ values))
    assert record.best_cost * MODEL_CNY >= best - 1e-6 * abs(best)
    relaxed = relax(whole.model, time_limit_s=20.0)
    assert relaxed.bound * MODEL_CNY - 1e-3 <= record.solver_bound * MODEL_CNY <= best + 1e-6 * abs(best)
    if instance.stages is None:
        require_valid(verify(instance, *whole.plans_of(values)), claimed_cost_cny=record.best_cost * MODEL_CNY)


@pytest.mark.parametrize("name", INSTANCES)
def test_no_other_later_facilities_cost_less_with_the_points_relaxed(name):
    whole, _, values = planned(INSTANCES[name])
    columns = later_columns(whole)

    def relaxed_cost(opened):
        lower, upper = whole.model.column_lower.copy(), whole.model.column_upper.copy()
        lower[columns] = upper[columns] = opened
        held = replace(whole.model, column_lower=lower, column_upper=upper)
        answer = relax(held, time_limit_s=20.0)
        return np.inf if answer is None else answer.bound

    ends = zip(whole.model.column_lower[columns], whole.model.column_upper[columns], strict=True)
    costs = [relaxed_cost(np.array(opened)) for opened in itertools.product(*ends)]
    assert relaxed_cost(np.round(values[columns])) <= min(costs) + 2e-3 * abs(min(costs))


@pytest.mark.parametrize("name", INSTANCES)
def test_no_other_points_cost_less_with_the_later_facilities_as_they_are(name):
    whole, record, values = planned(INSTANCES[name])
    columns = later_columns(whole)
    lower, upper = whole.model.column_lower.copy(), whole.model.column_upper.copy()
    lower[columns] = upper[columns] = np.round(values[columns])
    alone = Record(20.0)
    solve_exact(
        replace(whole.model, column_lower=lower, column_upper=upper), alone, solver="highs", gap=0.0, threads=1, seed=1
    )
    assert record.best_cost == pytest.approx(alone.best_cost, rel=1e-6)


def test_nothing_is_found_where_nothing_may_open():
    whole, record = build_whole(hand_instance()), Record(60.0)
    closed = replace(whole.model, column_upper=np.where(whole.model.is_integer, 0.0, whole.model.column_upper))
    assert plan_later_first(whole, closed, record, gap=0.0, seed=1) is None
    assert record.best_values is None
