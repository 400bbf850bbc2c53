"""The volume algorithm on covering programs that HiGHS solves too: least cost @ x, matrix @ x >= side, 0 <= x <= 1."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from siting.solve.volume import LEAST_WEIGHT, LONGER, SHORTER, Pace, Volume

PACE = Pace(length=0.1, losses=3, weight=0.5)


def program(seed):
    rng = np.random.default_rng(seed)
    matrix = rng.uniform(0, 1, (8, 20)) * (rng.random((8, 20)) < 0.5)
    return rng.uniform(1, 5, 20), matrix, matrix.sum(axis=1) * rng.uniform(0.1, 0.6, 8)


def answer(cost, matrix, side, prices):
    """The bound at prices, and the x that reaches it."""
    reduced = cost - prices @ matrix
    return float(prices @ side + np.minimum(reduced, 0).sum()), (reduced < 0).astype(float)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_bound_comes_near_the_relaxation_and_the_average_is_of_all_answers(seed):
    cost, matrix, side = program(seed)
    best = linprog(cost, A_ub=-matrix, b_ub=-side, bounds=(0, 1))
    bound, mean = answer(cost, matrix, side, np.zeros(8))
    volume = Volume(np.zeros(8), bound, side - matrix @ mean, PACE)
    for number in range(1, 1501):
        missed = np.where((volume.prices <= 0) & (volume.missed < 0), 0.0, volume.missed)
        prices = np.maximum(0.0, volume.ahead(missed, max(cost @ mean - volume.bound, 0.1, 0.02 * volume.bound)))
        bound, x = answer(cost, matrix, side, prices)
        before = volume.bound
        mean += volume.learn(prices, bound, side - matrix @ x) * (x - mean)
        assert volume.bound == max(before, bound)
        if number % 100 == 0:
            volume.look()

    assert answer(cost, matrix, side, volume.prices)[0] == volume.bound
    assert 0.995 * best.fun <= volume.bound <= best.fun * (1 + 1e-9)
    assert volume.missed == pytest.approx(side - matrix @ mean, abs=1e-9)


@given(st.integers(0, 10_000))
def test_an_answer_weighs_what_leaves_least_missed(seed):
    rng = np.random.default_rng(seed)
    missed, now = rng.normal(size=5), rng.normal(size=5)
    volume = Volume(np.zeros(5), 0.0, missed, PACE)
    scale = 1 / np.sqrt(volume.lately)
    volume.ahead(missed, 1.0)
    share = volume.learn(np.zeros(5), -1.0, now)

    tried = np.linspace(0.05, 0.5, 1001)
    left = [scale @ (missed + one * (now - missed)) ** 2 for one in tried]
    assert share == pytest.approx(tried[np.argmin(left)], abs=1e-3)
    assert volume.missed == pytest.approx(missed + share * (now - missed))


def test_a_step_would_reach_the_aim_if_the_bound_were_flat():
    missed = np.array([1.0, -2.0, 4.0])
    volume = Volume(np.ones(3), 10.0, missed, PACE, worth=np.array([1.0, 5.0, 2.0]))
    moved = volume.ahead(missed, 7.0) - 1.0
    assert moved @ missed == pytest.approx(0.1 * 7.0)
    assert moved / missed == pytest.approx(moved[0] * np.array([1.0, 5.0 / 2.0, 2.0 / 4.0]))


def test_steps_lengthen_after_gains_and_shorten_after_losses_in_a_row():
    onward, back = np.array([1.0, 1.0]), np.array([-1.0, -1.0])
    volume = Volume(np.zeros(2), 0.0, onward, PACE)

    def length_after(bound, missed):
        volume.learn(volume.ahead(onward, 1.0), bound, missed)
        return volume.length

    assert length_after(1.0, onward) == pytest.approx(0.1 * LONGER)
    assert length_after(2.0, back) == pytest.approx(0.1 * LONGER)  # better, but the step went too far already
    kept = volume.prices
    assert [length_after(1.5, back) for _ in range(3)] == pytest.approx(
        [0.1 * LONGER, 0.1 * LONGER, 0.1 * LONGER * SHORTER]
    )
    assert volume.prices is kept
    assert volume.bound == 2.0


def test_answers_weigh_less_once_the_bound_gains_slowly():
    volume = Volume(np.zeros(1), 100.0, np.ones(1), PACE)
    volume.bound = 101.0
    assert volume.look() == pytest.approx(0.01)
    assert volume.weight == 0.5
    assert volume.look() == 0.0
    assert volume.weight == 0.25
    for _ in range(20):
        volume.look()
    assert volume.weight == LEAST_WEIGHT


def test_rows_are_remembered_by_what_they_have_lately_been_missed_by():
    volume = Volume(np.zeros(2), 0.0, np.array([3.0, 4.0]), PACE)
    assert volume.lately.tolist() == [9.0, 16.0]
    for _ in range(400):
        volume.learn(volume.ahead(np.ones(2), 1.0), -1.0, np.array([1.0, 5.0]))
    assert volume.lately == pytest.approx([1.0, 25.0], rel=0.01)
