"""Walks and hauls on random small networks, against Floyd–Warshall and against what must hold of any distance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.travel import Network, haul_pairs, network_of_lines, walk_pairs

SIDE_M = 1000.0
seeds = st.integers(0, 2**32 - 1)
cutoffs_m = st.sampled_from([60.0, 200.0, 700.0, 2500.0, np.inf])


def random_network(rng, is_all_walkable=False, has_parallels=True, is_directed=False):
    """Few nodes, few edges: pieces, dead ends, rings, loops and parallel edges all come up."""
    n_nodes, n_edges = rng.integers(2, 14), rng.integers(1, 18)
    node_xy_m = rng.uniform(0, SIDE_M, (n_nodes, 2))
    edge_nodes = rng.integers(0, n_nodes, (n_edges, 2))
    if not has_parallels:
        edge_nodes = np.unique(np.sort(edge_nodes, axis=1), axis=0)
        n_edges = len(edge_nodes)
    straight_m = np.linalg.norm(node_xy_m[edge_nodes[:, 0]] - node_xy_m[edge_nodes[:, 1]], axis=1)
    length_m = straight_m * rng.uniform(1.0, 1.5, n_edges) + rng.choice([0.0, 50.0], n_edges)
    is_walkable = (rng.random(n_edges) < 0.8) | is_all_walkable
    is_walkable[0] = True
    if not is_directed:
        return Network(node_xy_m, edge_nodes, length_m, is_walkable)
    is_drivable = (rng.random(n_edges) < 0.8) | (np.arange(n_edges) == 0)
    return Network(node_xy_m, edge_nodes, length_m, is_walkable, is_drivable, rng.random(n_edges) < 0.5)


def random_places(rng, most=12):
    return rng.uniform(-100.0, SIDE_M + 100.0, (rng.integers(1, most), 2))


def access_by_brute_force(network, is_used, place_m):
    """Edge, metres along it, and straight line to the nearest point of any walkable edge travelled on."""
    best = (np.inf, -1, 0.0)
    for edge in np.flatnonzero(network.edge_is_walkable & is_used):
        start, end = network.node_xy_m[network.edge_nodes[edge]]
        squared = (end - start) @ (end - start)
        share = 0.0 if squared == 0 else min(1.0, max(0.0, (place_m - start) @ (end - start) / squared))
        gap_m = np.linalg.norm(place_m - start - share * (end - start))
        is_same = abs(gap_m - best[0]) < 1e-9  # parallel edges: the shortest has the access
        if gap_m < best[0] - 1e-9 or (is_same and network.edge_length_m[edge] < network.edge_length_m[best[1]]):
            best = (gap_m, edge, share * network.edge_length_m[edge])
    return best


def matrix_by_brute_force(network, is_used, origins_m, destinations_m, *, is_directed=False):
    """Put every access into the graph as a node of its own and run Floyd–Warshall."""
    places = [access_by_brute_force(network, is_used, place) for place in np.vstack([origins_m, destinations_m])]
    oneway = network.edge_is_oneway & is_directed
    n_nodes = len(network.node_xy_m)
    path_m = np.full((n_nodes + len(places),) * 2, np.inf)
    np.fill_diagonal(path_m, 0.0)

    def join(a, b, edge, length_m):
        path_m[a, b] = min(path_m[a, b], length_m)
        if not oneway[edge]:
            path_m[b, a] = min(path_m[b, a], length_m)

    for edge in np.flatnonzero(is_used):
        join(*network.edge_nodes[edge], edge, network.edge_length_m[edge])
    for i, (_, edge, along_m) in enumerate(places):
        first, last = network.edge_nodes[edge]
        join(first, n_nodes + i, edge, along_m)
        join(n_nodes + i, last, edge, network.edge_length_m[edge] - along_m)
        if along_m == 0:  # at the junction itself one leaves in any direction
            join(n_nodes + i, first, edge, 0.0)
        if along_m == network.edge_length_m[edge]:
            join(last, n_nodes + i, edge, 0.0)
        for j, (_, other, other_m) in enumerate(places):
            if other == edge and other_m >= along_m:
                join(n_nodes + i, n_nodes + j, edge, other_m - along_m)
    for k in range(len(path_m)):
        path_m = np.minimum(path_m, path_m[:, [k]] + path_m[[k], :])
    leg_m = 1.2 * np.array([gap_m for gap_m, _, _ in places])
    whole_m = leg_m[:, None] + path_m[n_nodes:, n_nodes:] + leg_m
    return whole_m[: len(origins_m), len(origins_m) :]


def dense(pairs, n_origins, n_destinations):
    matrix = np.full((n_origins, n_destinations), np.inf)
    matrix[pairs.origin, pairs.destination] = pairs.distance_m
    assert np.isfinite(matrix).sum() == len(pairs)  # each pair once
    return matrix


def straight_matrix(origins_m, destinations_m):
    return np.linalg.norm(origins_m[:, None] - destinations_m[None], axis=2)


def assert_sorted(pairs, n_destinations):
    keys = pairs.origin.astype(int) * n_destinations + pairs.destination
    assert (np.diff(keys) > 0).all()


@settings(max_examples=150, deadline=None)
@given(seeds, cutoffs_m)
def test_walks_equal_floyd_warshall_on_the_walkable_edges_up_to_the_cut_off(seed, cutoff_m):
    rng = np.random.default_rng(seed)
    network, origins, destinations = random_network(rng), random_places(rng), random_places(rng)
    pairs, _ = walk_pairs(network, origins, destinations, cutoff_m=cutoff_m, near_m=0.0)
    expected = matrix_by_brute_force(network, network.edge_is_walkable, origins, destinations)
    expected[expected > cutoff_m] = np.inf
    np.testing.assert_allclose(dense(pairs, *expected.shape), expected)
    assert_sorted(pairs, len(destinations))


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_hauls_to_all_destinations_equal_floyd_warshall_on_all_edges(seed):
    rng = np.random.default_rng(seed)
    network, origins, destinations = random_network(rng), random_places(rng), random_places(rng)
    pairs, _ = haul_pairs(network, origins, destinations, nearest=len(destinations))
    is_used = np.ones(len(network.edge_nodes), dtype=bool)
    expected = matrix_by_brute_force(network, is_used, origins, destinations)
    np.testing.assert_allclose(dense(pairs, *expected.shape), expected)
    assert_sorted(pairs, len(destinations))


@settings(max_examples=100, deadline=None)
@given(seeds, cutoffs_m, st.integers(1, 5))
def test_the_nearest_hauls_are_the_first_of_the_sorted_full_matrix(seed, cutoff_m, nearest):
    rng = np.random.default_rng(seed)
    network, origins, destinations = random_network(rng), random_places(rng), random_places(rng)
    whole = dense(haul_pairs(network, origins, destinations, nearest=99)[0], len(origins), len(destinations))
    pairs, _ = haul_pairs(network, origins, destinations, nearest=nearest, cutoff_m=cutoff_m)
    for origin, distance_m in enumerate(whole):
        expected = np.sort(distance_m[distance_m <= min(cutoff_m, 1e9)])[:nearest]
        np.testing.assert_allclose(np.sort(pairs.distance_m[pairs.origin == origin]), expected)
    np.testing.assert_allclose(pairs.distance_m, whole[pairs.origin, pairs.destination])


@settings(max_examples=60, deadline=None)
@given(seeds, cutoffs_m)
def test_the_walk_there_is_as_long_as_the_walk_back(seed, cutoff_m):
    rng = np.random.default_rng(seed)
    network, origins, destinations = random_network(rng), random_places(rng), random_places(rng, most=30)
    there, _ = walk_pairs(network, origins, destinations, cutoff_m=cutoff_m)
    back, _ = walk_pairs(network, destinations, origins, cutoff_m=cutoff_m)
    shape = (len(origins), len(destinations))
    np.testing.assert_allclose(dense(there, *shape), dense(back, *shape[::-1]).T)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_no_haul_between_nodes_is_shorter_by_way_of_a_third(seed):
    rng = np.random.default_rng(seed)
    network = random_network(rng, is_all_walkable=True)
    nodes = network.node_xy_m[np.unique(network.edge_nodes)]
    matrix = dense(haul_pairs(network, nodes, nodes, nearest=99)[0], len(nodes), len(nodes))
    detour_m = (matrix[:, :, None] + matrix[None, :, :]).min(axis=1)
    assert (matrix <= detour_m + 1e-6).all()
    np.testing.assert_allclose(np.diag(matrix), 0.0, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(seeds, cutoffs_m)
def test_no_walk_is_shorter_than_the_straight_line_or_longer_than_the_cut_off(seed, cutoff_m):
    rng = np.random.default_rng(seed)
    network, origins, destinations = random_network(rng), random_places(rng), random_places(rng)
    for near_m in (0.0, 150.0):
        pairs, _ = walk_pairs(network, origins, destinations, cutoff_m=cutoff_m, near_m=near_m)
        straight_m = straight_matrix(origins, destinations)[pairs.origin, pairs.destination]
        assert (pairs.distance_m >= straight_m - 1e-6).all()
        assert (pairs.distance_m <= cutoff_m).all()
        assert np.isfinite(pairs.distance_m).all()


@settings(max_examples=60, deadline=None)
@given(seeds, cutoffs_m)
def test_the_near_rule_gives_the_lesser_of_path_and_lengthened_straight_line(seed, cutoff_m):
    rng = np.random.default_rng(seed)
    network, origins, destinations = (
        random_network(rng, is_all_walkable=True),
        random_places(rng),
        random_places(rng),
    )
    pairs, report = walk_pairs(network, origins, destinations, cutoff_m=cutoff_m, near_m=400.0, near_detour=1.3)
    path_m = matrix_by_brute_force(network, network.edge_is_walkable, origins, destinations)
    straight_m = straight_matrix(origins, destinations)
    expected = np.where(straight_m <= 400.0, np.minimum(path_m, 1.3 * straight_m), path_m)
    is_straight = (expected < path_m) & (expected <= cutoff_m)
    expected[expected > cutoff_m] = np.inf
    np.testing.assert_allclose(dense(pairs, *expected.shape), expected)
    assert report.n_straight_pairs == is_straight.sum()
    assert report.n_network_pairs + report.n_along_pairs + report.n_straight_pairs == len(pairs)


@settings(max_examples=60, deadline=None)
@given(seeds, cutoffs_m)
def test_permuting_the_places_permutes_the_pairs(seed, cutoff_m):
    rng = np.random.default_rng(seed)
    network, origins, destinations = random_network(rng), random_places(rng), random_places(rng)
    rows, columns = rng.permutation(len(origins)), rng.permutation(len(destinations))
    shape = (len(origins), len(destinations))
    for search in (
        lambda o, d: walk_pairs(network, o, d, cutoff_m=cutoff_m),
        lambda o, d: haul_pairs(network, o, d, nearest=3, cutoff_m=cutoff_m),
    ):
        plain = dense(search(origins, destinations)[0], *shape)
        moved = dense(search(origins[rows], destinations[columns])[0], *shape)
        np.testing.assert_allclose(moved, plain[rows][:, columns])


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_bends_drawn_on_a_straight_edge_change_no_distance(seed):
    rng = np.random.default_rng(seed)
    network = random_network(rng, has_parallels=False)
    origins, destinations = random_places(rng), random_places(rng)
    vertices, edges = [], []
    for edge, ends in enumerate(network.edge_nodes):
        start, end = network.node_xy_m[ends[:: rng.choice([-1, 1])]]
        shares = np.sort(np.concatenate([[0.0, 1.0], rng.random(rng.integers(0, 4))]))
        vertices.append(start + shares[:, None] * (end - start))
        edges.append(np.full(len(shares), edge))
    bent = network_of_lines(network, vertex_xy_m=np.vstack(vertices), vertex_edge=np.concatenate(edges))
    assert bent.edge_length_m.sum() == pytest.approx(network.edge_length_m.sum())
    plain, _ = haul_pairs(network, origins, destinations, nearest=99)
    drawn, _ = haul_pairs(bent, origins, destinations, nearest=99)
    shape = (len(origins), len(destinations))
    np.testing.assert_allclose(dense(drawn, *shape), dense(plain, *shape), atol=1e-6)
