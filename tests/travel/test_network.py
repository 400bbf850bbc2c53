import numpy as np
import pytest

from siting.errors import DataError
from siting.travel import Network, network_of_lines

NODES = np.array([[0.0, 0.0], [100.0, 0.0]])
EDGES = np.array([[0, 1]])
LENGTH = np.array([120.0])
WALKABLE = np.array([True])


def test_a_length_below_the_straight_line_is_raised_to_it():
    network = Network(NODES, np.array([[0, 1], [0, 1]]), np.array([99.9, 120.0]), np.array([True, True]))
    assert network.edge_length_m.tolist() == [100.0, 120.0]


@pytest.mark.parametrize(
    ("arrays", "cure"),
    [
        ((np.empty((0, 2)), np.empty((0, 2), dtype=int), np.empty(0), np.empty(0, dtype=bool)), "cover the city"),
        ((NODES, EDGES, np.array([1.0, 2.0]), WALKABLE), r"edge_length_m .*give \(1,\)"),
        ((NODES, EDGES.ravel(), LENGTH, WALKABLE), "edge_nodes"),
        ((np.array([[0.0, 0.0], [np.nan, 0.0]]), EDGES, LENGTH, WALKABLE), "road nodes 1: .*correct or drop"),
        ((NODES, EDGES, np.array([np.inf]), WALKABLE), "road edges 0: .*measure it in metres"),
        ((NODES, EDGES, np.array([-1.0]), WALKABLE), "road edges 0: .*measure it in metres"),
        ((NODES, np.array([[0, 2]]), LENGTH, WALKABLE), "no such node; nodes are 0 … 1"),
        ((NODES, EDGES, LENGTH, np.array([False])), "mark all but motorways as walkable"),
    ],
)
def test_a_network_that_cannot_be_travelled_is_refused_with_the_cure(arrays, cure):
    with pytest.raises(DataError, match=cure):
        Network(*arrays)


def test_all_faults_of_a_network_come_in_one_list():
    with pytest.raises(DataError, match=r"2 faults:\n.*nodes 0.*\n.*walkable"):
        Network(np.array([[np.nan, 0.0], [1.0, 0.0]]), EDGES, LENGTH, np.array([False]))


def test_a_bent_road_becomes_its_straight_pieces_which_share_its_length():
    line = np.array([[0.0, 0.0], [0.0, 30.0], [100.0, 30.0], [100.0, 0.0]])
    bent = Network(NODES, EDGES, np.array([320.0]), WALKABLE)
    network = network_of_lines(bent, vertex_xy_m=line, vertex_edge=np.zeros(4, dtype=int))
    assert network.node_xy_m.tolist() == [[0, 0], [100, 0], [0, 30], [100, 30]]
    assert network.edge_nodes.tolist() == [[0, 2], [2, 3], [3, 1]]
    assert network.edge_length_m.tolist() == [60.0, 200.0, 60.0]


@pytest.mark.parametrize("vertex_edge", [[0], [0, 1, 1], [1, 1]])
def test_lines_that_do_not_fit_the_edges_are_refused(vertex_edge):
    line = np.zeros((len(vertex_edge), 2))
    with pytest.raises(DataError, match="give one line per edge"):
        network_of_lines(Network(NODES, EDGES, LENGTH, WALKABLE), vertex_xy_m=line, vertex_edge=np.array(vertex_edge))
