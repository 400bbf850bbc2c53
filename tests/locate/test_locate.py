"""The classic problems against every choice of sites, on random tiny ones."""

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from siting.errors import DataError, InfeasibleError
from siting.locate import lscp, mclp, p_center, p_median, straight_arcs, uflp
from siting.locate.arcs import as_arcs
from siting.locate.io.places import nearest_needed

SEEDS = st.integers(0, 10_000)
STREET = np.abs(np.subtract.outer(np.arange(8.0), np.arange(8.0)))


def tiny(seed, *, ties=False):
    """Distances with pairs that cannot be, weights, how many sites, and sites that are fixed and forbidden."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 8)), int(rng.integers(2, 8))
    distance = rng.integers(0, 5, (n, m)).astype(float) if ties else rng.uniform(0, 10, (n, m))
    distance[rng.random((n, m)) < 0.2] = np.inf
    weights = rng.integers(0, 5, n).astype(float)
    marks = rng.permutation(m)
    return distance, weights, int(rng.integers(1, m)), marks[:1][rng.random(1) < 0.4], marks[1:2][rng.random(1) < 0.4]


def choices(m, fixed, forbidden, counts):
    allowed = [j for j in range(m) if j not in forbidden]
    return [c for p in counts for c in combinations(allowed, p) if set(fixed) <= set(c)]


def agrees(located, values, sense=min):
    """Whether the value is what enumeration finds, and the bound as near to it as the gap of 1e-6 asks."""
    right = sense(values)
    assert located.value == pytest.approx(right, abs=1e-6)
    assert located.bound == pytest.approx(right, rel=1.01e-6, abs=1e-6)
    assert located.status == "optimal"


def usable(values):
    return [value for value in values if np.isfinite(value)]


@given(SEEDS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_p_median_is_the_best_of_all_choices(seed, ties):
    distance, weights, p, fixed, forbidden = tiny(seed, ties=ties)
    heavy = weights > 0
    found = choices(distance.shape[1], fixed, forbidden, [p])
    values = usable([(weights[heavy] * distance[heavy][:, c].min(axis=1)).sum() for c in found])
    if not found:
        return
    if not values:
        with pytest.raises(InfeasibleError):
            p_median(distance, weights, p, fixed=fixed, forbidden=forbidden)
        return
    located = p_median(distance, weights, p, fixed=fixed, forbidden=forbidden)
    agrees(located, values)
    assert len(located.chosen) == p
    assert set(fixed) <= set(located.chosen)
    assert not set(forbidden) & set(located.chosen)
    served = located.site_of_node[heavy]
    assert (weights[heavy] * distance[heavy, served]).sum() == pytest.approx(located.value)


@given(SEEDS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_uflp_is_the_best_of_all_choices(seed, ties):
    distance, weights, _, fixed, forbidden = tiny(seed, ties=ties)
    opening = np.random.default_rng(seed).integers(0, 9, distance.shape[1]).astype(float)
    heavy = weights > 0
    found = choices(distance.shape[1], fixed, forbidden, range(1, distance.shape[1] + 1))
    cost = weights[heavy, None] * distance[heavy]
    values = usable([opening[list(c)].sum() + cost[:, c].min(axis=1).sum() for c in found])
    if not heavy.any():
        values.append(opening[fixed].sum())
    if not values:
        with pytest.raises(InfeasibleError):
            uflp(distance, opening, weights=weights, fixed=fixed, forbidden=forbidden)
        return
    agrees(uflp(distance, opening, weights=weights, fixed=fixed, forbidden=forbidden), values)


@given(SEEDS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_lscp_is_the_smallest_of_all_covers(seed, ties):
    distance, _, _, fixed, forbidden = tiny(seed, ties=ties)
    m = distance.shape[1]
    found = choices(m, fixed, forbidden, range(1, m + 1))
    sizes = [len(c) for c in found if (distance[:, c].min(axis=1) <= 3.0).all()]
    if not sizes:
        with pytest.raises(InfeasibleError, match="node"):
            lscp(distance, 3.0, fixed=fixed, forbidden=forbidden)
        return
    located = lscp(distance, 3.0, fixed=fixed, forbidden=forbidden)
    agrees(located, sizes)
    assert (located.site_of_node >= 0).all()


@given(SEEDS)
@settings(max_examples=40, deadline=None)
def test_lscp_with_costs_is_the_cheapest_cover(seed):
    distance, _, _, fixed, forbidden = tiny(seed)
    m = distance.shape[1]
    cost = np.random.default_rng(seed).uniform(1, 4, m)
    found = choices(m, fixed, forbidden, range(1, m + 1))
    values = [cost[list(c)].sum() for c in found if (distance[:, c].min(axis=1) <= 4.0).all()]
    if values:
        agrees(lscp(distance, 4.0, site_cost=cost, fixed=fixed, forbidden=forbidden), values)


@given(SEEDS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_mclp_covers_most_of_all_choices(seed, ties):
    distance, weights, p, fixed, forbidden = tiny(seed, ties=ties)
    found = choices(distance.shape[1], fixed, forbidden, [p])
    if not found:
        return
    values = [weights[distance[:, c].min(axis=1) <= 3.0].sum() for c in found]
    located = mclp(distance, 3.0, p, weights=weights, fixed=fixed, forbidden=forbidden)
    agrees(located, values, max)
    assert len(located.chosen) == p
    assert weights[located.node].sum() == pytest.approx(located.value)


@given(SEEDS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_p_center_is_the_best_of_all_choices(seed, ties):
    distance, _, p, fixed, forbidden = tiny(seed, ties=ties)
    found = choices(distance.shape[1], fixed, forbidden, [p])
    if not found:
        return
    values = usable([distance[:, c].min(axis=1).max() for c in found])
    if not values:
        with pytest.raises(InfeasibleError):
            p_center(distance, p, fixed=fixed, forbidden=forbidden)
        return
    located = p_center(distance, p, fixed=fixed, forbidden=forbidden)
    agrees(located, values)
    assert len(located.chosen) == p


@given(SEEDS)
@settings(max_examples=6, deadline=None)
def test_the_order_of_rows_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    distance, weights = rng.uniform(0, 10, (12, 9)), rng.uniform(1, 5, 12)
    rows, columns = rng.permutation(12), rng.permutation(9)
    turned = distance[rows][:, columns]
    assert p_median(turned, weights[rows], 3).value == pytest.approx(p_median(distance, weights, 3).value)
    assert mclp(turned, 2.0, 3, weights=weights[rows]).value == pytest.approx(
        mclp(distance, 2.0, 3, weights=weights).value
    )
    assert p_center(turned, 3).value == p_center(distance, 3).value


@given(SEEDS)
@settings(max_examples=3, deadline=None)
def test_more_sites_or_a_wider_circle_never_do_worse(seed):
    rng = np.random.default_rng(seed)
    distance = rng.uniform(0, 10, (14, 8))
    assert np.all(np.diff([p_median(distance, p=p).value for p in range(1, 9)]) <= 1e-9)
    assert np.all(np.diff([p_center(distance, p).value for p in range(1, 9)]) <= 0)
    assert np.all(np.diff([mclp(distance, 2.0, p).value for p in range(1, 9)]) >= 0)
    assert np.all(np.diff([mclp(distance, within, 3).value for within in (1.0, 2.0, 4.0)]) >= 0)
    assert np.all(np.diff([lscp(distance, within).value for within in (9.0, 9.5, 10.0)]) <= 0)


def test_dense_sparse_and_table_say_the_same():
    far = np.where(STREET > 4, np.inf, STREET)
    node, site = np.nonzero(np.isfinite(far))
    stored = sparse.coo_array((far[node, site], (node, site)), shape=far.shape)
    table = pd.DataFrame({"node": node, "site": site, "distance": far[node, site]})
    values = [p_median(given, p=2).value for given in (far, stored, sparse.csr_matrix(stored), table)]
    assert values == [8.0] * 4


def test_a_table_names_its_places():
    table = pd.DataFrame({"node": ["a", "a", "b", "b"], "site": ["x", "y", "x", "y"], "distance": [5, 1, 5, 2]})
    located = p_median(table, {"a": 1, "b": 10}, 1)
    assert located.chosen_id.tolist() == ["y"]
    assert located.table().to_dict("list") == {"node": ["a", "b"], "site": ["y", "y"], "share": [1.0, 1.0]}
    assert p_median(table, {"a": 1, "b": 10}, 1, forbidden=["y"]).value == 55.0


def test_the_nearest_arcs_prove_the_whole_problem(monkeypatch):
    from siting.locate.uncapacitated import incumbent as search

    monkeypatch.setattr(search, "NEAR_ARCS", 40)
    rng = np.random.default_rng(3)
    places = rng.uniform(0, 100, (40, 2))
    distance = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    located = p_median(distance, p=12)
    monkeypatch.undo()
    whole = p_median(distance, p=12)
    assert located.value == pytest.approx(whole.value)
    assert located.bound == pytest.approx(whole.bound, rel=1e-5)


def test_bounds_hold_when_the_time_is_up():
    rng = np.random.default_rng(5)
    places = rng.uniform(0, 100, (60, 2))
    distance = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    best = p_median(distance, p=4).value
    hasty = p_median(distance, p=4, time_limit_s=0.02)
    assert hasty.bound <= best + 1e-6 <= hasty.value + 2e-6


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: p_median([[1.0, -2.0]], p=1), DataError, r"distance \[0, 1\]: -2.0; give a number ≥ 0"),
        (lambda: p_median([[1.0, np.nan]], p=1), DataError, "inf where there is no way"),
        (lambda: p_median(STREET, p=9), DataError, "lower p or allow more"),
        (lambda: p_median(STREET, p=0), DataError, "1 or more"),
        (lambda: p_median(STREET, p=1, fixed=[0, 1]), DataError, "raise p or fix fewer"),
        (lambda: p_median(STREET, p=2, fixed=[0], forbidden=[0]), DataError, "fixed and forbidden at once"),
        (lambda: p_median(STREET, p=2, fixed=["x"]), DataError, "no site 'x'"),
        (lambda: p_median(STREET, [1, 2], p=2), DataError, "give one for each"),
        (lambda: p_median(STREET, [-1] * 8, p=2), DataError, "weights of 0: -1.0"),
        (lambda: p_median([[np.inf, np.inf], [1, 2]], p=1), InfeasibleError, "node 0: no site can be reached"),
        (lambda: lscp(STREET, 0.5, forbidden=[3]), InfeasibleError, "node 3: .* within 0.5"),
        (lambda: p_center([[0, np.inf], [np.inf, 0]], 1), InfeasibleError, "no 1 sites reach every node"),
        (lambda: p_median(pd.DataFrame({"node": [1]}), p=1), DataError, "no column site, distance"),
        (
            lambda: p_median(pd.DataFrame({"node": [1, 1], "site": [2, 2], "distance": [1, 1]}), p=1),
            DataError,
            "stands twice",
        ),
    ],
)
def test_bad_input_is_told_with_its_cure(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_equal_distances_and_one_node_are_no_trouble():
    assert p_median(np.ones((5, 5)), p=2).value == 5.0
    assert p_center(np.ones((5, 5)), 2).value == 1.0
    assert mclp(np.ones((5, 5)), 1.0, 2).value == 5.0
    assert lscp(np.ones((5, 5)), 1.0).value == 1.0
    assert uflp([[3.0]], [2.0]).value == 5.0
    assert p_median(np.zeros((3, 3)), p=1).value == 0.0


def test_the_nearest_sites_of_each_node_prove_the_whole_problem():
    rng = np.random.default_rng(11)
    demand, sites = (
        gpd.GeoDataFrame({"id": range(n)}, geometry=gpd.points_from_xy(*rng.uniform(0, 5000, (2, n))), crs="EPSG:32650")
        for n in (120, 60)
    )
    whole, near = straight_arcs(demand, sites), straight_arcs(demand, sites, nearest=15)
    assert np.diff(near.start).tolist() == [15] * 120
    assert near.site.reshape(120, 15).tolist() == [whole.site[a : a + 15].tolist() for a in whole.start[:-1]]
    assert near.beyond == pytest.approx(whole.cost[whole.start[:-1] + 15])
    located, best = p_median(near, p=15), p_median(whole, p=15)
    assert located.value == pytest.approx(best.value)
    assert best.value * (1 - 1e-5) <= located.bound <= best.value * (1 + 1e-9)


def test_a_bound_from_too_few_sites_still_holds():
    """With 3 sites listed a node and 20 to choose of 60, sites beyond the lists matter: a bound, maybe no proof."""
    rng = np.random.default_rng(12)
    places = rng.uniform(0, 100, (60, 2))
    whole = as_arcs(np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)))
    best = p_median(whole, p=20)
    located = p_median(whole.nearest(3), p=20, time_limit_s=2)
    assert located.bound <= best.value * (1 + 1e-9) <= located.value * (1 + 2e-9)


def test_cities_are_measured_to_the_nearest_sites_only():
    assert nearest_needed(1000, 1000, 5) is None
    assert nearest_needed(8874, 5470, 300) == 8 * 5470 // 300
    assert nearest_needed(8874, 5470, 5000) == 50
    assert nearest_needed(8874, 5470, 1) == 30_000_000 // 8874
