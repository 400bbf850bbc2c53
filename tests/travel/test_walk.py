import numpy as np
import pytest

from siting.errors import DataError
from siting.travel import Network, walk_pairs


def network(nodes, edges, lengths=None, walkable=None):
    node_xy_m, edge_nodes = np.array(nodes, dtype=float), np.array(edges)
    straight_m = np.linalg.norm(node_xy_m[edge_nodes[:, 0]] - node_xy_m[edge_nodes[:, 1]], axis=1)
    return Network(
        node_xy_m,
        edge_nodes,
        straight_m if lengths is None else np.array(lengths, dtype=float),
        np.ones(len(edges), dtype=bool) if walkable is None else np.array(walkable),
    )


def places(*xy_m):
    return np.array(xy_m, dtype=float).reshape(-1, 2)


STREET = network([(0, 0), (1000, 0)], [(0, 1)])
# Two streets of 1,000 m side by side, 100 m apart, joined at their eastern ends only.
HAIRPIN = network([(0, 0), (1000, 0), (1000, 100), (0, 100)], [(0, 1), (1, 2), (2, 3)])


def test_a_walk_is_leg_plus_path_plus_leg():
    grid = network([(0, 0), (300, 0), (300, 400)], [(0, 1), (1, 2)])
    pairs, report = walk_pairs(grid, places((100, -10)), places((320, 300)), cutoff_m=1000, near_m=0)
    assert pairs.distance_m == pytest.approx([10 * 1.2 + 200 + 300 + 20 * 1.2])
    assert (report.n_network_pairs, report.n_along_pairs, report.n_straight_pairs) == (0, 1, 0)


def test_a_walk_through_a_junction_is_counted_as_such():
    star = network([(0, 0), (500, 0), (0, 500), (-500, 0)], [(0, 1), (0, 2), (0, 3)])
    pairs, report = walk_pairs(star, places((200, 0)), places((0, 300), (400, 0)), cutoff_m=1000, near_m=0)
    assert pairs.distance_m == pytest.approx([500, 200])
    assert (report.n_network_pairs, report.n_along_pairs, report.n_straight_pairs) == (1, 1, 0)


def test_two_places_on_one_edge_are_joined_along_it_and_not_round_its_ends():
    pairs, _ = walk_pairs(STREET, places((480, 0)), places((520, 0)), cutoff_m=100, near_m=0)
    assert pairs.distance_m == pytest.approx([40])


def test_of_parallel_edges_the_shortest_has_the_access():
    bow = network([(0, 0), (100, 0)], [(0, 1), (0, 1)], lengths=[1000, 100])
    west, east = places((1, 0)), places((99, 0))
    only_bow = network([(0, 0), (100, 0)], [(0, 1)], lengths=[1000])
    assert walk_pairs(only_bow, west, east, cutoff_m=2000, near_m=0)[0].distance_m == pytest.approx([980])
    assert walk_pairs(bow, west, east, cutoff_m=2000, near_m=0)[0].distance_m == pytest.approx([98])


def test_two_places_on_one_edge_leave_it_where_the_way_round_is_shorter():
    bow = network([(0, 0), (100, 0), (50, -1)], [(0, 1), (0, 2), (2, 1)], lengths=[1000, 60, 60])
    pairs, report = walk_pairs(bow, places((1, 5)), places((99, 5)), cutoff_m=2000, near_m=0)
    assert pairs.distance_m == pytest.approx([6 + 10 + 120 + 10 + 6])
    assert (report.n_network_pairs, report.n_along_pairs) == (1, 0)


def test_a_ring_is_walked_the_short_way_round():
    ring = network([(0, 0), (100, 0), (100, 100), (0, 100)], [(0, 1), (1, 2), (2, 3), (3, 0)])
    pairs, _ = walk_pairs(ring, places((10, 0)), places((0, 20), (100, 50)), cutoff_m=500, near_m=0)
    assert pairs.distance_m == pytest.approx([30, 140])


def test_the_access_detour_lengthens_the_leg():
    pairs, _ = walk_pairs(STREET, places((500, 50)), places((600, 0)), cutoff_m=500, access_detour=2.0, near_m=0)
    assert pairs.distance_m == pytest.approx([200])


def test_a_pair_exactly_at_the_cut_off_counts():
    pairs, _ = walk_pairs(STREET, places((0, 0)), places((800, 0), (801, 0)), cutoff_m=800)
    assert pairs.destination.tolist() == [0]


def test_very_near_places_are_walked_straight_where_the_network_goes_round():
    across = walk_pairs(HAIRPIN, places((0, 0)), places((0, 100)), cutoff_m=1000)
    assert across[0].distance_m == pytest.approx([130])
    assert across[1].n_straight_pairs == 1
    assert len(walk_pairs(HAIRPIN, places((0, 0)), places((0, 100)), cutoff_m=1000, near_m=99)[0]) == 0


def test_the_near_rule_never_lengthens_a_walk():
    pairs, report = walk_pairs(STREET, places((0, 0)), places((100, 0)), cutoff_m=1000)
    assert pairs.distance_m == pytest.approx([100])
    assert report.n_straight_pairs == 0


def test_the_near_rule_keeps_to_the_cut_off():
    assert len(walk_pairs(HAIRPIN, places((0, 0)), places((0, 100)), cutoff_m=129)[0]) == 0


def test_nobody_walks_straight_across_a_motorway():
    motorway = network(
        [(0, 0), (1000, 0), (1000, 100), (0, 100), (-500, 50), (500, 50)],
        [(0, 1), (1, 2), (2, 3), (4, 5)],
        walkable=[True, True, True, False],
    )
    pairs, report = walk_pairs(motorway, places((0, 0), (800, 0)), places((0, 100), (800, 100)), cutoff_m=1000)
    assert (pairs.origin.tolist(), pairs.destination.tolist()) == ([1], [1])
    assert report.origins_without_pair.tolist() == [0]


def test_a_walk_uses_no_motorway_and_has_no_access_on_one():
    cut = network([(0, 0), (100, 0), (200, 0), (300, 0)], [(0, 1), (1, 2), (2, 3)], walkable=[True, False, True])
    pairs, report = walk_pairs(cut, places((50, 0), (149, 10)), places((250, 0), (60, 0)), cutoff_m=1000, near_m=0)
    assert list(zip(pairs.origin.tolist(), pairs.destination.tolist(), strict=True)) == [(0, 1), (1, 1)]
    assert pairs.distance_m == pytest.approx([10, 40 + 1.2 * np.hypot(49, 10)])
    assert report.n_pieces == 2


def test_places_on_another_piece_of_the_network_are_listed_and_make_no_pair():
    island = network([(0, 0), (900, 0), (0, 500), (100, 500)], [(0, 1), (2, 3)])
    pairs, report = walk_pairs(island, places((50, 0), (50, 500)), places((60, 0)), cutoff_m=5000, near_m=0)
    assert (pairs.origin.tolist(), pairs.distance_m.tolist()) == ([0], [10])
    assert report.cut_off_origins.tolist() == [1]
    assert report.cut_off_destinations.tolist() == []
    assert report.origins_without_pair.tolist() == [1]


def test_places_far_from_the_network_are_listed_and_keep_their_long_leg():
    home, point = places((500, 600)), places((500, 0))
    pairs, report = walk_pairs(STREET, home, point, cutoff_m=1000, snap_limit_m=500)
    assert report.far_origins.tolist() == [0]
    assert report.far_destinations.tolist() == []
    assert pairs.distance_m == pytest.approx([720])


def test_a_network_without_a_motorway_and_places_on_one_spot_are_fine():
    pairs, _ = walk_pairs(STREET, places((5, 0), (5, 0)), places((5, 0)), cutoff_m=1)
    assert pairs.origin.tolist() == [0, 1]
    assert pairs.distance_m == pytest.approx([0, 0])


def test_no_places_make_no_pairs():
    nowhere = np.empty((0, 2))
    for origins, destinations in ((nowhere, places((0, 0))), (places((0, 0)), nowhere), (nowhere, nowhere)):
        pairs, report = walk_pairs(STREET, origins, destinations, cutoff_m=1000)
        assert len(pairs) == 0
        assert report.origins_without_pair.tolist() == list(range(len(origins)))


def test_a_place_without_a_coordinate_is_named():
    with pytest.raises(DataError, match=r"destinations 1: .*correct or drop"):
        walk_pairs(STREET, places((0, 0)), places((0, 0), (np.nan, 0)), cutoff_m=1000)


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"cutoff_m": 0}, "above 0"),
        ({"cutoff_m": np.nan}, "above 0"),
        ({"access_detour": 0.9}, "1 or more"),
        ({"near_m": -1}, "0 or more"),
    ],
)
def test_a_parameter_out_of_range_is_refused_with_the_cure(wrong, cure):
    with pytest.raises(DataError, match=cure):
        walk_pairs(STREET, places((0, 0)), places((0, 0)), **{"cutoff_m": 1000, **wrong})
