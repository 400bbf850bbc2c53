"""Networks with few new sites: against all choices of sites, on random tiny problems."""

import itertools

import numpy as np
import pytest

from siting.errors import DataError
from siting.locate import mclp, p_median

N_NODES, N_SITES, WITHIN = 12, 9, 0.25


@pytest.mark.parametrize("seed", range(25))
def test_no_choice_with_so_few_new_sites_is_better_than_the_bound(seed):
    rng = np.random.default_rng(seed)
    distance = np.hypot(*(rng.random((2, N_NODES, 1)) - rng.random((2, 1, N_SITES))))
    weights = rng.integers(1, 9, N_NODES).astype(float)
    existing = rng.permutation(np.arange(N_SITES) < rng.integers(2, 6))
    most_new = int(rng.integers(0, 4))
    p = int(rng.integers(1, min(5, existing.sum() + most_new) + 1))
    choices = [
        list(one) for one in itertools.combinations(range(N_SITES), p) if (~existing[list(one)]).sum() <= most_new
    ]
    median = p_median(distance, weights, p, existing=existing, most_new=most_new)
    best = min(weights @ distance[:, one].min(axis=1) for one in choices)
    assert median.bound <= best + 1e-9
    assert median.value == pytest.approx(best, rel=0.02)
    cover = mclp(distance, WITHIN, p, weights=weights, existing=existing, most_new=most_new)
    most = max(weights @ (distance[:, one] <= WITHIN).any(axis=1) for one in choices)
    assert cover.bound >= most - 1e-9
    assert cover.value >= 0.95 * most
    for found in (median, cover):
        assert len(found.chosen) == p
        assert (~existing[found.chosen]).sum() <= most_new


def test_fixed_and_forbidden_sites_hold_beside_the_number_of_new_ones():
    street = np.abs(np.subtract.outer(np.arange(8.0), np.arange(8.0)))
    found = p_median(street, p=2, existing=[0, 1, 2], most_new=1, fixed=[0], forbidden=[5, 6])
    assert found.chosen.tolist() == [0, 4]
    assert found.value == 1 + 2 + 1 + 1 + 2 + 3
    with pytest.raises(DataError, match="1 new ones are fixed"):
        p_median(street, p=2, existing=[0, 1, 2], most_new=0, fixed=[7])
    with pytest.raises(DataError, match="most_new: -1"):
        mclp(street, 1.0, 2, existing=[0, 1, 2], most_new=-1)
