"""A plan to start from: the first incumbent of either engine, ignored with a remark where it is no plan."""

import dataclasses

import numpy as np
import pytest

from siting.solve.solve import solve
from siting.vocabulary import Echelon, Measure
from tests.edges import with_targets
from tests.test_verify import hand_plan
from tests.tiny import hand_instance, make_target

HAND = hand_instance()


def progress(instance, **how):
    lines = []
    found = solve(instance, time_limit_s=20, gap=0.0, watch=lines.append, **how)
    return found, lines


@pytest.mark.parametrize("engine", ["exact", "city"])
def test_a_start_is_the_first_incumbent_and_the_optimum_is_still_found(engine):
    best, _ = progress(HAND, engine=engine)
    found, lines = progress(HAND, engine=engine, start=(hand_plan(),))
    (started,) = [line for line in lines if line.stage == "start"]
    assert np.isfinite(started.cost_cny)
    assert started.cost_cny >= found.cost_cny - 1e-6
    assert found.cost_cny == pytest.approx(best.cost_cny)


def test_the_cost_of_a_start_is_that_of_its_plan():
    best, _ = progress(HAND, engine="exact")
    _, lines = progress(HAND, engine="exact", start=best.plans)
    assert next(line.cost_cny for line in lines if line.stage == "start") == pytest.approx(best.cost_cny)


@pytest.mark.parametrize("engine", ["exact", "city"])
def test_a_start_that_breaks_a_target_is_ignored_with_a_remark(engine):
    asked = with_targets(HAND, make_target(HAND, Measure.COUNT, 2, echelon=Echelon.POINT))
    few = dataclasses.replace(hand_plan(), is_open=np.zeros(HAND.n_options, dtype=bool))
    found, lines = progress(asked, engine=engine, start=(few,))
    assert any(line.stage.startswith("start ignored: it breaks") for line in lines)
    assert found.cost_cny == pytest.approx(progress(asked, engine=engine)[0].cost_cny)


def test_a_start_of_another_instance_is_ignored_with_a_remark():
    other = dataclasses.replace(hand_plan(), assign=np.zeros(1))
    _, lines = progress(HAND, start=(other,))
    assert any(line.stage.startswith("start ignored: it is a plan of other") for line in lines)
