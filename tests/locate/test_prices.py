"""Prices alone: bounds below the optimum however few arcs are listed, and nothing ruled out that the optimum needs."""

import dataclasses
import time
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.locate.arcs import as_arcs
from siting.locate.arguments import site_rules
from siting.locate.uncapacitated.lagrangian import Siting, climb, rule_out

N_NODES, N_SITES, P = 9, 7, 3


def tiny(seed):
    cost = np.random.default_rng(seed).uniform(0, 10, (N_NODES, N_SITES))
    choices = [list(c) for c in combinations(range(N_SITES), P)]
    best = min(choices, key=lambda c: cost[:, c].min(axis=1).sum())
    arcs = as_arcs(cost)
    siting = Siting(arcs, site_rules(arcs, None, None), np.zeros(N_SITES), P, P, np.full(N_NODES, np.inf))
    return cost, best, float(cost[:, best].min(axis=1).sum()), siting


def climbed(siting, cost, rounds):
    return climb(siting, lambda _: cost, rounds=rounds, until=lambda b, c: False, deadline=time.monotonic() + 5)


@given(st.integers(0, 10_000), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_few_arcs_bound_the_whole_problem(seed, most):
    cost, _, optimum, siting = tiny(seed)
    ranked = np.sort(cost, axis=1)
    rank = np.tile(np.arange(N_SITES), N_NODES)
    few = siting.arcs.keep(rank < most, beyond=ranked[:, most])
    assert climbed(Siting(few, *list(vars(siting).values())[1:]), optimum, 200).bound <= optimum + 1e-9


@given(st.integers(0, 10_000), st.sampled_from([0, 3, 30, 300]))
@settings(max_examples=80, deadline=None)
def test_nothing_is_ruled_out_that_the_optimum_needs(seed, rounds):
    cost, best, optimum, siting = tiny(seed)
    left = rule_out(siting, climbed(siting, optimum, rounds), optimum + 1e-9)
    assert left.may_open[best].all()
    assert set(np.flatnonzero(left.must_open)) <= set(best)
    kept = set(zip(siting.arcs.node[left.may_serve], siting.arcs.site[left.may_serve], strict=True))
    nearest = np.array(best)[cost[:, best].argmin(axis=1)]
    assert set(zip(range(N_NODES), nearest, strict=True)) <= kept


def test_arcs_of_closed_sites_are_ruled_out_while_no_choice_is_known():
    siting = dataclasses.replace(tiny(1)[-1], rules=site_rules(tiny(1)[-1].arcs, None, [0]))
    left = rule_out(siting, climbed(siting, np.inf, 3), np.inf)
    assert (left.may_serve == (siting.arcs.site != 0)).all()
