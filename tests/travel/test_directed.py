"""Driving on one-way streets, the part of a network that hangs together, and bends of one-way streets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.errors import DataError
from siting.travel import Network, haul_pairs, network_of_lines, strong_core, walk_pairs
from tests.travel.test_distances import dense, matrix_by_brute_force, random_network, random_places

seeds = st.integers(0, 2**32 - 1)
YES, NO = True, False


def network(nodes, edges, *, walkable=None, drivable=None, oneway=None):
    node_xy_m, edge_nodes = np.array(nodes, dtype=float), np.array(edges)
    length_m = np.linalg.norm(node_xy_m[edge_nodes[:, 0]] - node_xy_m[edge_nodes[:, 1]], axis=1)
    flags = {"edge_is_drivable": drivable, "edge_is_oneway": oneway}
    given_flags = {name: np.array(values) for name, values in flags.items() if values is not None}
    walks = np.ones(len(edges), dtype=bool) if walkable is None else np.array(walkable)
    return Network(node_xy_m, edge_nodes, length_m, walks, **given_flags)


def places(*xy_m):
    return np.array(xy_m, dtype=float).reshape(-1, 2)


def haul_m(roads, origin, destination):
    """The haul from one place to another, m; infinite where there is none."""
    pairs, _ = haul_pairs(roads, places(origin), places(destination), nearest=1)
    return float(pairs.distance_m[0]) if len(pairs) else np.inf


# A block of 100 m × 100 m whose four streets are driven round one way only: 0 → 1 → 2 → 3 → 0.
BLOCK = network([(0, 0), (100, 0), (100, 100), (0, 100)], [(0, 1), (1, 2), (2, 3), (3, 0)], oneway=[YES] * 4)


@settings(max_examples=250, deadline=None)
@given(seeds)
def test_hauls_equal_floyd_warshall_on_drivable_edges_in_their_direction(seed):
    rng = np.random.default_rng(seed)
    roads = random_network(rng, is_directed=True, has_parallels=False)
    origins, destinations = random_places(rng), random_places(rng)
    pairs, _ = haul_pairs(roads, origins, destinations, nearest=99)
    expected = matrix_by_brute_force(roads, roads.edge_is_drivable, origins, destinations, is_directed=True)
    np.testing.assert_allclose(dense(pairs, *expected.shape), expected)


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_walks_know_no_direction_and_may_take_what_is_not_drivable(seed):
    rng = np.random.default_rng(seed)
    roads = random_network(rng, is_directed=True)
    origins, destinations = random_places(rng), random_places(rng)
    pairs, _ = walk_pairs(roads, origins, destinations, cutoff_m=np.inf, near_m=0.0)
    expected = matrix_by_brute_force(roads, roads.edge_is_walkable, origins, destinations)
    np.testing.assert_allclose(dense(pairs, *expected.shape), expected)


def test_against_a_one_way_street_the_load_goes_round_the_block():
    assert haul_m(BLOCK, (20, 0), (80, 0)) == pytest.approx(60)
    assert haul_m(BLOCK, (80, 0), (20, 0)) == pytest.approx(340)


def test_a_one_way_street_drawn_backwards_is_driven_from_its_first_node_to_its_second():
    lines = np.array([[0, 0], [50, 40], [100, 0], [0, 0], [100, 0]], dtype=float)  # the second is drawn as it is driven
    streets = Network(
        places((0, 0), (100, 0)),
        np.array([[1, 0], [0, 1]]),
        np.array([130.0, 100.0]),
        np.array([YES, YES]),
        edge_is_oneway=np.array([YES, YES]),
    )
    roads = network_of_lines(streets, vertex_xy_m=lines, vertex_edge=np.array([0, 0, 0, 1, 1]))
    assert haul_m(roads, (100, 0), (0, 0)) == pytest.approx(130)
    assert haul_m(roads, (0, 0), (100, 0)) == pytest.approx(100)


def test_a_load_at_a_footway_is_taken_to_the_nearest_street():
    roads = network([(0, 0), (100, 0), (0, 30), (100, 30)], [(0, 1), (2, 3)], drivable=[YES, NO])
    assert haul_m(roads, (50, 30), (0, 0)) == pytest.approx(30 * 1.2 + 50)


def test_where_nothing_can_be_loaded_the_cure_is_told():
    roads = network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)], walkable=[YES, NO], drivable=[NO, YES])
    with pytest.raises(DataError, match="correct `walkable`"):
        haul_m(roads, (0, 0), (100, 0))
    with pytest.raises(DataError, match="mark all but footways as drivable"):
        network([(0, 0), (100, 0)], [(0, 1)], drivable=[NO])


def test_streets_that_lead_in_and_never_out_are_left_out_of_driving_with_their_length():
    trap = network([*BLOCK.node_xy_m, (200, 0)], [*BLOCK.edge_nodes, (1, 4)], oneway=[YES] * 5)
    core, dropped = strong_core(trap)
    assert core.edge_is_drivable.tolist() == [YES] * 4 + [NO]
    assert (dropped.n_edges, dropped.length_km, dropped.share) == (1, pytest.approx(0.1), pytest.approx(0.2))
    assert core.edge_is_walkable.all()
    assert haul_m(core, (150, 0), (50, 0)) == pytest.approx(50 * 1.2 + 350)


def test_a_network_in_one_piece_stays_what_it_is_and_keeps_its_key_in_the_cache():
    plain = network([(0, 0), (100, 0)], [(0, 1)])
    core, dropped = strong_core(plain)
    assert core is plain
    assert (dropped.n_edges, dropped.length_km, dropped.share) == (0, 0.0, 0.0)
    assert len(plain.arrays()) == 4
    assert len(BLOCK.arrays()) == 6


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_within_the_core_every_load_gets_from_every_street_to_every_other(seed):
    rng = np.random.default_rng(seed)
    roads = random_network(rng, is_all_walkable=True, is_directed=True)
    try:
        core, _ = strong_core(roads)
    except DataError as error:
        assert "none leads back" in str(error) and roads.edge_is_oneway[roads.edge_is_drivable].all()
        return
    nodes = core.node_xy_m[np.unique(core.edge_nodes[core.edge_is_drivable])]
    pairs, _ = haul_pairs(core, nodes, nodes, nearest=99)
    assert len(pairs) == len(nodes) ** 2
