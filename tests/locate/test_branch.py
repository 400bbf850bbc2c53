"""The relaxation by radius rows is that with a column for each arc; branch and bound on it ends at the optimum."""

import time

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from siting.locate.arcs import as_arcs
from siting.locate.arguments import site_rules
from siting.locate.problems.uncapacitated import prove
from siting.locate.uncapacitated import radius_relaxation as radius
from siting.locate.uncapacitated.incumbent import Best, nearest_arcs
from siting.locate.uncapacitated.lagrangian import Siting, most_cost, price
from siting.locate.uncapacitated.radius_relaxation import RadiusProgram

KINDS = ["median", "facilities", "covering"]


def problem(kind, seed):
    rng = np.random.default_rng(seed)
    n, m = 40, 25
    xy, at = rng.random((n, 2)), rng.random((m, 2))
    metres = np.hypot(*(xy[:, None] - at[None]).transpose(2, 0, 1))
    weight = rng.integers(1, 30, n).astype(float)
    if kind == "covering":
        arcs = as_arcs(np.where(metres <= 0.2, 0.0, np.inf))
        return Siting(arcs, site_rules(arcs, None, None), np.zeros(m), 0, 4, weight)
    arcs = as_arcs(weight[:, None] * metres)
    opening = rng.uniform(5, 30, m) if kind == "facilities" else np.zeros(m)
    least, most = (0, m) if kind == "facilities" else (4, 4)
    return Siting(arcs, site_rules(arcs, None, None), opening, least, most, np.full(n, np.inf))


def arc_model(siting, *, is_whole):
    """The optimum with a column for each arc, and one for each node that may stay unserved."""
    arcs, m, n = siting.arcs, siting.arcs.n_sites, siting.arcs.n_nodes
    k = len(arcs.site)
    may_stay = np.where(np.isfinite(siting.unserved), siting.unserved, 1e6)
    serve = sparse.csr_array((np.ones(k), (arcs.node, np.arange(k))), shape=(n, k))
    use = sparse.csr_array((-np.ones(k), (np.arange(k), arcs.site)), shape=(k, m))
    rows = sparse.bmat([[None, serve, sparse.eye(n)], [use, sparse.eye(k), None]])
    count = np.concatenate([np.ones(m), np.zeros(k + n)])[None]
    answer = milp(
        np.concatenate([siting.opening, arcs.cost, may_stay]),
        integrality=np.arange(m + k + n) < (m if is_whole else 0),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(rows, np.r_[np.ones(n), np.full(k, -np.inf)], np.r_[np.ones(n), np.zeros(k)]),
            LinearConstraint(count, siting.least, siting.most),
        ],
    )
    return answer.fun


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_the_relaxation_is_that_with_a_column_for_each_arc(kind, seed):
    siting = problem(kind, seed)
    relaxed = RadiusProgram(siting, np.zeros(siting.arcs.n_nodes)).solve(siting.rules, deadline=time.monotonic() + 20)
    right = arc_model(siting, is_whole=False)

    assert relaxed.bound == pytest.approx(right, rel=1e-6)
    assert relaxed.priced.bound == pytest.approx(right, rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_branch_and_bound_ends_at_the_optimum(kind, seed):
    siting = problem(kind, seed)
    best = Best(siting, nearest_arcs(siting), 1e-6, deadline=time.monotonic() + 20)
    best.offer(np.arange(siting.arcs.n_sites) < 4)
    prove(best, price(siting, np.zeros(siting.arcs.n_nodes)))
    right = arc_model(siting, is_whole=True)

    assert best.is_proven
    assert best.cost == pytest.approx(right, rel=1e-6)
    assert best.bound == pytest.approx(right, rel=1e-6)


def test_no_choice_costs_more_than_all_nodes_left_unserved():
    siting = problem("covering", 1)

    assert most_cost(siting) == siting.unserved.sum()


def test_a_row_that_stays_broken_within_tolerance_is_not_added_again(monkeypatch):
    monkeypatch.setattr(radius, "BROKEN", -1.0)
    monkeypatch.setattr(radius, "CLOSE", -1.0)
    siting = problem("median", 2)
    program = RadiusProgram(siting, np.zeros(siting.arcs.n_nodes))
    relaxed = program.solve(siting.rules, deadline=time.monotonic() + 5)

    assert len(set(zip(program.row_node, program.row_radius, strict=True))) == len(program.row_node)
    assert relaxed.bound == pytest.approx(arc_model(siting, is_whole=False), rel=1e-6)
