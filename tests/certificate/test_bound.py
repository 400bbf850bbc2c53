from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from siting.certificate.lagrangian import lagrangian_bound, usable_multipliers
from siting.model import build_model
from siting.model.linear import Families, LinearModel, RowAssembler
from siting.solve.highs import Program, run_highs
from siting.solve.relaxation import relax
from tests.tiny import tiny_instance


def optimal_cost(model, *, is_integer=True):
    parts = (model.cost, model.column_lower, model.column_upper, model.matrix, model.row_lower, model.row_upper)
    program = Program(*parts, model.is_integer if is_integer else None)
    return run_highs(program, time_limit_s=60, options={"mip_rel_gap": 0.0}).cost


def one_row_model():
    """Minimise 2 x + 3 y over x + y >= 1, x, y in [0, 1]: 2 at x = 1."""
    rows = RowAssembler(2)
    rows.add("cover", [(np.zeros(2, dtype=int), np.arange(2), 1.0)], n_rows=1, lower=1.0)
    return LinearModel(
        cost=np.array([2.0, 3.0]),
        column_lower=np.zeros(2),
        column_upper=np.ones(2),
        is_integer=np.ones(2, dtype=bool),
        matrix=rows.matrix(),
        row_lower=rows.bounds()[0],
        row_upper=rows.bounds()[1],
        column_families=Families(),
        row_families=rows.families,
    )


@pytest.mark.parametrize(
    ("multiplier", "bound"), [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (2.5, 2.0), (3.0, 2.0), (4.0, 1.0)]
)
def test_the_bound_of_one_row_is_what_it_is_in_the_head(multiplier, bound):
    assert lagrangian_bound(one_row_model(), np.array([multiplier])) == pytest.approx(bound)


def test_a_multiplier_for_a_side_that_the_row_does_not_have_counts_as_none():
    model = one_row_model()
    assert usable_multipliers(model, np.array([-1.0])).tolist() == [0.0]
    assert lagrangian_bound(model, np.array([-1.0])) == pytest.approx(0.0)
    assert lagrangian_bound(model, np.array([np.nan])) == pytest.approx(0.0)
    at_most = dataclasses.replace(model, row_lower=np.array([-np.inf]), row_upper=np.array([1.0]))
    assert usable_multipliers(at_most, np.array([1.0])).tolist() == [0.0]
    assert lagrangian_bound(at_most, np.array([1.0])) == pytest.approx(0.0)


@pytest.mark.parametrize("seed", range(25))
def test_any_multipliers_give_a_bound_that_no_plan_beats(seed):
    model, _ = build_model(tiny_instance(seed))
    cost = optimal_cost(model)
    duals = relax(model, time_limit_s=30)
    rng = np.random.default_rng(seed)
    random = [rng.normal(0, scale, model.n_rows) for scale in (1e-3, 1.0, 1e3)]
    near = [] if duals is None else [duals.multipliers * rng.uniform(0.5, 1.5, model.n_rows) for _ in range(5)]
    for multipliers in (*random, *near, np.zeros(model.n_rows)):
        assert lagrangian_bound(model, multipliers) <= cost + 1e-9 * abs(cost)


@pytest.mark.parametrize("method", ["choose", "ipm"])
@pytest.mark.parametrize("seed", [0, 2, 3, 5, 7])
def test_the_multipliers_of_the_relaxation_prove_its_optimum(seed, method):
    model, _ = build_model(tiny_instance(seed))
    root = relax(model, time_limit_s=30, method=method)
    linear = optimal_cost(model, is_integer=False)
    assert root.bound == pytest.approx(linear, rel=1e-5)
    assert root.bound <= linear + 1e-9 * abs(linear)
