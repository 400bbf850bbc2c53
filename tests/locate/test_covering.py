"""Maximal covering: cuts hold for every choice, the bound stays below the optimum, and the end is the optimum."""

import itertools
import time

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from siting.locate import mclp
from siting.locate.coverage.maximal_covering import CoverProgram, as_siting, cover_best
from siting.locate.coverage.simulated_annealing import anneal, cover_of
from siting.locate.coverage.zero_half_cuts import Rows, half_cuts
from siting.locate.uncapacitated.branch_and_bound import Tree
from siting.locate.uncapacitated.incumbent import Best


def covering(seed, n=60, m=40, within=0.22):
    """(who covers whom, weights): places in the unit square, none without another."""
    rng = np.random.default_rng(seed)
    nodes, sites = rng.random((n, 2)), rng.random((m, 2))
    covers = (np.hypot(*(nodes[:, None] - sites[None]).transpose(2, 0, 1)) <= within).astype(float)
    covers = covers[covers.any(axis=1)][:, covers.any(axis=0)]
    return sparse.csr_array(covers), rng.integers(1, 30, covers.shape[0]).astype(float)


def most_covered(covers, weight, p):
    n, m = covers.shape
    rows = sparse.hstack([covers, -sparse.eye_array(n)])
    answer = milp(
        np.concatenate([np.zeros(m), -weight]),
        integrality=np.arange(m + n) < m,
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(rows, 0, np.inf), LinearConstraint(np.arange(m + n) < m, 0, p)],
    )
    return -answer.fun


@pytest.mark.parametrize("seed", range(4))
def test_a_cut_holds_for_every_choice_and_is_broken_by_the_shares(seed):
    rng, m = np.random.default_rng(seed), 10
    covers = sparse.csr_array((rng.random((25, m)) < 0.25).astype(float))
    choices = np.array(list(itertools.product([0.0, 1.0], repeat=m)))
    points = np.hstack([choices, choices @ covers.T.toarray() == 0])
    rows = Rows(sparse.csr_array(sparse.hstack([covers, sparse.eye_array(25)])), np.ones(25))
    found = 0
    for _ in range(20):
        share = np.where(rng.random(m) < 0.4, rng.choice([0.25, 0.5, 0.75], m, p=[0.1, 0.8, 0.1]), 0.0)
        x = np.concatenate([share, np.maximum(1.0 - covers @ share, 0.0)])
        cuts = half_cuts(rows, x, most=20, width=6)
        assert (points @ cuts.matrix.T.toarray() >= cuts.least).all()
        assert (cuts.matrix @ x < cuts.least).all()
        rows, found = rows.and_also(cuts), found + len(cuts.least)

    assert found


def test_three_nodes_of_which_each_two_share_a_site_make_the_least_cut():
    ring = np.array([[1.0, 1, 0, 1, 0, 0], [0, 1, 1, 0, 1, 0], [1, 0, 1, 0, 0, 1]])
    cuts = half_cuts(Rows(sparse.csr_array(ring), np.ones(3)), np.array([0.5, 0.5, 0.5, 0, 0, 0]), most=5, width=4)

    assert cuts.matrix.toarray().tolist() == [[1.0] * 6]
    assert cuts.least.tolist() == [2.0]


@pytest.mark.parametrize("seed", range(6))
def test_cuts_raise_the_bound_and_not_above_the_optimum(seed):
    covers, weight = covering(seed)
    siting = as_siting(covers, weight, 7)
    plain = CoverProgram(siting).solve(siting.rules, deadline=time.monotonic() + 20, rounds=1)
    program = CoverProgram(siting)
    cut = program.solve(siting.rules, deadline=time.monotonic() + 20, rounds=8)
    left = weight.sum() - most_covered(covers, weight, 7)

    assert plain.priced.bound == pytest.approx(plain.bound, abs=1e-6)
    assert cut.priced.bound <= left + 1e-6
    assert cut.bound > plain.bound if program.n_cuts else cut.bound == pytest.approx(plain.bound)


@pytest.mark.parametrize("seed", range(4))
def test_branching_on_a_relaxation_without_rounds_of_cuts_ends_at_the_optimum(seed, monkeypatch):
    covers, weight = covering(seed)
    siting = as_siting(covers, weight, 7)
    best = Best(siting, siting, 0.0, deadline=time.monotonic() + 20)
    best.offer(np.arange(covers.shape[1]) < 7)
    monkeypatch.setattr(CoverProgram, "cut", lambda self: False)
    Tree(best, siting, CoverProgram(siting)).grow()

    assert weight.sum() - best.cost == most_covered(covers, weight, 7)
    assert best.is_proven


@pytest.mark.parametrize("p", [1, 3, 6, 9])
@pytest.mark.parametrize("part", [1.0, 0.37])
def test_the_end_is_the_optimum_and_proven(p, part):
    covers, weight = covering(p)
    is_open, bound = cover_best(covers, weight * part, p, deadline=time.monotonic() + 20, gap=1e-6)
    right = part * most_covered(covers, weight, p)

    assert is_open.sum() <= p
    assert part * weight[(covers @ is_open) > 0].sum() == pytest.approx(right)
    assert bound == pytest.approx(right, rel=1e-6)


def test_more_sites_than_are_needed_cover_all():
    covers, weight = covering(1)
    is_open, bound = cover_best(covers, weight, covers.shape[1], deadline=time.monotonic() + 20, gap=1e-6)

    assert bound == weight[(covers @ is_open) > 0].sum() == weight.sum()


@pytest.mark.parametrize("seed", range(4))
def test_fixed_sites_count_and_forbidden_ones_stay_closed(seed):
    rng = np.random.default_rng(seed)
    distance, weight = rng.random((20, 9)), rng.integers(0, 9, 20)
    found = mclp(distance, 0.2, 3, weights=weight, fixed=[1], forbidden=[0, 4])
    choices = ((1, *more) for more in itertools.combinations([2, 3, 5, 6, 7, 8], 2))
    right = max(weight[(distance[:, list(chosen)] <= 0.2).any(axis=1)].sum() for chosen in choices)

    assert found.value == found.bound == right
    assert 1 in found.chosen
    assert not {0, 4} & set(found.chosen.tolist())


@pytest.mark.parametrize("seed", range(4))
def test_annealing_keeps_the_number_of_sites_and_is_never_worse(seed):
    covers, weight = covering(seed)
    start = np.arange(covers.shape[1]) < 6
    found = anneal(cover_of(covers, weight), start, exchanges=20_000, seed=seed, deadline=np.inf)

    assert found.sum() == 6
    assert weight[(covers @ found) > 0].sum() >= weight[(covers @ start) > 0].sum()
    assert weight[(covers @ found) > 0].sum() >= 0.98 * most_covered(covers, weight, 6)
