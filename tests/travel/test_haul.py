import numpy as np
import pytest

from siting.errors import DataError
from siting.travel import Network, haul_pairs

# A motorway of 10 km beside a street of 10 km, joined at both ends by streets of 1 km.
NODES = np.array([[0.0, 0.0], [10_000.0, 0.0], [0.0, 1000.0], [10_000.0, 1000.0]])
ROADS = Network(
    NODES,
    np.array([[0, 1], [0, 2], [1, 3], [2, 3]]),
    np.array([13_000.0, 1000.0, 1000.0, 10_000.0]),
    np.array([True, True, True, False]),
)


def test_a_haul_takes_the_motorway_where_that_is_shorter():
    pairs, _ = haul_pairs(ROADS, NODES[:1], NODES[1:2], nearest=1)
    assert pairs.distance_m == pytest.approx([12_000])


def test_a_place_beside_the_motorway_has_its_access_on_the_street():
    pairs, report = haul_pairs(ROADS, np.array([[0.0, 900.0], [100.0, 1000.0]]), NODES[:1], nearest=1)
    assert pairs.distance_m == pytest.approx([900, 1000 + 120])
    assert report.far_origins.tolist() == []


def test_of_equally_near_destinations_the_first_is_kept():
    same = np.repeat(NODES[1:2], 3, axis=0)
    pairs, _ = haul_pairs(ROADS, NODES[:1], same, nearest=2)
    assert pairs.destination.tolist() == [0, 1]
    many_origins = np.repeat(NODES[:1], 9, axis=0)
    pairs, _ = haul_pairs(ROADS, many_origins, same, nearest=2)
    assert pairs.destination.tolist() == [0, 1] * 9


@pytest.mark.parametrize(("n_origins", "n_destinations"), [(3000, 1500), (1500, 3000)])
def test_many_places_searched_in_batches_get_what_a_few_of_them_get_alone(n_origins, n_destinations):
    rng = np.random.default_rng(0)
    origins, destinations = rng.uniform(0, 10_000, (n_origins, 2)), rng.uniform(0, 10_000, (n_destinations, 2))
    many, _ = haul_pairs(ROADS, origins, destinations, nearest=4)
    few, _ = haul_pairs(ROADS, origins[-20:], destinations, nearest=4)
    is_few = many.origin >= n_origins - 20
    assert len(many) == 4 * n_origins
    assert many.destination[is_few].tolist() == few.destination.tolist()
    assert many.distance_m[is_few] == pytest.approx(few.distance_m)


def test_a_destination_beyond_the_cut_off_makes_no_pair():
    pairs, report = haul_pairs(ROADS, NODES[:1], NODES[1:], nearest=3, cutoff_m=11_000)
    assert pairs.destination.tolist() == [1, 2]
    assert report.origins_without_pair.tolist() == []


def test_an_origin_on_another_piece_of_the_network_is_listed():
    island = Network(
        np.vstack([NODES, [[0.0, 5000.0], [10.0, 5000.0]]]),
        np.vstack([ROADS.edge_nodes, [[4, 5]]]),
        np.append(ROADS.edge_length_m, 10.0),
        np.append(ROADS.edge_is_walkable, True),
    )
    pairs, report = haul_pairs(island, np.array([[5.0, 5000.0], [5.0, 0.0]]), NODES[:1], nearest=1)
    assert pairs.origin.tolist() == [1]
    assert report.cut_off_origins.tolist() == [0]
    assert report.origins_without_pair.tolist() == [0]


@pytest.mark.parametrize(("n_origins", "n_destinations"), [(0, 2), (2, 0), (0, 0)])
def test_no_places_make_no_pairs(n_origins, n_destinations):
    pairs, _ = haul_pairs(ROADS, NODES[:n_origins], NODES[:n_destinations], nearest=2)
    assert len(pairs) == 0


@pytest.mark.parametrize("wrong", [{"nearest": 0}, {"cutoff_m": 0.0}, {"access_detour": 0.5}])
def test_a_parameter_out_of_range_is_refused_with_the_cure(wrong):
    with pytest.raises(DataError, match="or more"):
        haul_pairs(ROADS, NODES, NODES, **{"nearest": 1, **wrong})
