"""Prices raised step by step: the bound never falls, nears what the relaxation proves, and hands early prices over."""

from concurrent.futures import Future

import numpy as np
import pytest
from hypothesis import given, settings

from siting.certificate.decomposition import site_bound
from siting.model import build_model, build_whole
from siting.solve.city.ascent import ascend, ascend_twice, first_prices
from siting.solve.city.echelons import make_tiers
from siting.solve.city.sitewise import Sitewise
from siting.solve.clock import Record
from siting.solve.relaxation import relax
from tests.tiny import tiny_instance, tiny_instances


def prepared(instance):
    model, columns = build_model(instance)
    sitewise = Sitewise(instance, model, columns, make_tiers(instance, model, columns))
    return model, sitewise, first_prices(model, columns, instance)


@settings(max_examples=20, deadline=None)
@given(instance=tiny_instances())
def test_the_bound_rises_and_is_that_of_the_prices(instance):
    _, sitewise, first = prepared(instance)

    few, many = (ascend(sitewise, first, Record(60.0), steps=steps) for steps in (20, 200))

    at_first, _ = sitewise.least(sitewise.usable(first[sitewise.rows]))
    assert at_first <= few.bound <= many.bound
    proven, _ = sitewise.least(sitewise.usable(many.multipliers[sitewise.rows]))
    assert proven == pytest.approx(many.bound, rel=1e-12)
    assert many.bound <= site_bound(build_whole(instance), many.multipliers) + 1e-3 * (1 + abs(many.bound))


@pytest.mark.parametrize("seed", range(12))
def test_what_is_proven_comes_near_the_relaxation_or_above(seed):
    instance = tiny_instance(seed)
    model, sitewise, first = prepared(instance)
    root = relax(model, time_limit_s=30)
    if root is None:
        pytest.skip("no plan, not even a fractional one")

    found = ascend_twice(sitewise, first, Record(60.0), (None, None))

    scale = float(np.abs(model.cost) @ np.maximum(found.values, 0))
    assert found.bound >= root.bound - 0.02 * scale


def test_early_prices_are_handed_over_whatever_ends_the_ascent():
    _, sitewise, first = prepared(tiny_instance(1))
    soon = Future(), Future()

    last = ascend_twice(sitewise, first, Record(60.0), soon)
    stopped = Record(60.0)
    stopped.is_stopped = True
    at_once = Future()
    ended = ascend(sitewise, first, stopped, steps=1000, soon=at_once)

    assert soon[0].result().bound <= last.bound
    assert at_once.result().bound == ended.bound
