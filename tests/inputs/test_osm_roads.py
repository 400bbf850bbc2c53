from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from siting.errors import DataError
from siting.inputs.osm import read_osm_file
from tests.osm_xml import STREET, grid, write_xml

GEOD = Geod(ellps="WGS84")


def edges_of(tmp_path, ways, nodes=None):
    return read_osm_file(write_xml(tmp_path / "city.osm", nodes or grid(), ways)).road_edges


def test_a_way_is_cut_where_another_meets_it_and_nowhere_else(tmp_path):
    # 4-5-6 crosses 2-5-8 in 5; 7-8-9 bends through 8, the end of the second
    tables = read_osm_file(
        write_xml(tmp_path / "city.osm", grid(), [(1, [4, 5, 6], STREET), (2, [2, 5, 8], STREET), (3, [1, 2], STREET)])
    )
    edges, nodes = tables.road_edges, tables.road_nodes
    ends = [tuple(nodes["osm_node"].to_numpy()[[u, v]].tolist()) for u, v in zip(edges["u"], edges["v"], strict=True)]
    assert ends == [(4, 5), (5, 6), (2, 5), (5, 8), (1, 2)]
    assert nodes["osm_node"].tolist() == [1, 2, 4, 5, 6, 8]
    assert nodes["node"].tolist() == list(range(6))


def test_a_bent_street_is_as_long_as_its_bends_on_the_ellipsoid(tmp_path):
    edges = edges_of(tmp_path, [(1, [1, 2, 5, 6, 9], STREET)])
    line = edges.geometry.item()
    assert len(line.coords) == 5
    assert edges["length_m"].item() == pytest.approx(GEOD.geometry_length(line), abs=0.01)
    assert edges["length_m"].item() > 1.2 * GEOD.inv(*line.coords[0], *line.coords[-1])[2]


def test_lines_begin_and_end_at_their_nodes(tmp_path):
    ways = [(1, [1, 2, 3], {**STREET, "oneway": "-1"}), (2, [2, 5, 8, 9], STREET), (3, [9, 6, 3], STREET)]
    tables = read_osm_file(write_xml(tmp_path / "city.osm", grid(), ways))
    at = shapely.get_coordinates(tables.road_nodes.geometry)
    for edge in tables.road_edges.itertuples():
        assert np.allclose(edge.geometry.coords[0], at[edge.u])
        assert np.allclose(edge.geometry.coords[-1], at[edge.v])


def test_oneway_against_the_way_turns_the_edge_round(tmp_path):
    tables = read_osm_file(write_xml(tmp_path / "city.osm", grid(), [(1, [1, 2], {**STREET, "oneway": "-1"})]))
    edge = tables.road_edges.iloc[0]
    ids = tables.road_nodes["osm_node"].to_numpy()
    assert (ids[edge["u"]], ids[edge["v"]], edge["oneway"]) == (2, 1, True)
    assert edge.geometry.coords[0] == pytest.approx((117.201, 39.1))


@pytest.mark.parametrize(
    ("tags", "oneway", "drivable", "walkable"),
    [
        ({"highway": "residential"}, False, True, True),
        ({"highway": "residential", "oneway": "yes"}, True, True, True),
        ({"highway": "motorway"}, True, True, False),
        ({"highway": "motorway", "oneway": "no"}, False, True, False),
        ({"highway": "primary", "junction": "roundabout"}, True, True, True),
        ({"highway": "footway", "oneway": "yes"}, False, False, True),
        ({"highway": "trunk", "motorroad": "yes"}, False, True, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, False, False, True),
        ({"highway": "pedestrian", "motor_vehicle": "delivery"}, False, True, True),
        ({"highway": "residential", "vehicle": "no"}, False, False, True),
        ({"highway": "service", "motorcar": "no", "hgv": "destination"}, False, True, True),
        ({"highway": "residential", "hgv": "no"}, False, True, True),
        ({"highway": "pedestrian", "area": "yes"}, False, False, True),
        ({"highway": "residential", "foot": "no"}, False, True, False),
        ({"highway": "footway", "access": "yes"}, False, False, True),
        ({"highway": "service", "area": "yes"}, False, False, True),
    ],
)
def test_tags_say_who_may_go_where(tmp_path, tags, oneway, drivable, walkable):
    edge = edges_of(tmp_path, [(1, [1, 2], tags)]).iloc[0]
    assert (edge["oneway"], edge["drivable"], edge["walkable"]) == (oneway, drivable, walkable)


def test_a_sign_counts_more_than_the_class_and_nonsense_less(tmp_path):
    signs = {"30 mph": 48.28, "walk": 6.0, "none": 130.0, "CN:urban": 50.0, "999": 30.0, "": 30.0}
    ways = [(n, [1, 1 + n], {**STREET, **({"maxspeed": s} if s else {})}) for n, s in enumerate(signs, start=1)]
    tables = read_osm_file(write_xml(tmp_path / "city.osm", grid(), ways))
    assert tables.road_edges["speed_kmh"].to_list() == pytest.approx(list(signs.values()), abs=0.01)
    assert "1 roads have the usual speed of their class, not: 999 1" in tables.notes


def test_a_ring_is_an_edge_from_a_node_to_itself(tmp_path):
    tables = read_osm_file(
        write_xml(tmp_path / "city.osm", grid(), [(1, [5, 6, 9, 8, 5], STREET), (2, [1, 5], STREET)])
    )
    ring = tables.road_edges.iloc[0]
    assert ring["u"] == ring["v"]
    assert ring["length_m"] == pytest.approx(GEOD.geometry_length(ring.geometry), abs=0.01)


def test_a_node_named_twice_in_a_row_makes_no_edge_of_no_length(tmp_path):
    edges = edges_of(tmp_path, [(1, [1, 1, 2, 2], STREET), (2, [5, 5], STREET)])
    assert len(edges) == 1
    assert edges["length_m"].item() > 80


def test_two_nodes_in_one_place_make_no_edge_of_no_length(tmp_path):
    nodes = [*grid(), (90, 117.201, 39.1, {})]
    edges = edges_of(tmp_path, [(1, [1, 2], STREET), (2, [2, 90], STREET), (3, [1, 4], STREET)], nodes)
    assert (edges["length_m"] > 80).all()


def test_a_way_with_missing_nodes_keeps_the_stretches_that_are_there(tmp_path):
    tables = read_osm_file(write_xml(tmp_path / "city.osm", grid(), [(1, [1, 2, 77, 5, 6, 78, 9], STREET)]))
    ids = tables.road_nodes["osm_node"].to_numpy()
    ends = {(ids[u], ids[v]) for u, v in zip(tables.road_edges["u"], tables.road_edges["v"], strict=True)}
    assert ends == {(1, 2), (5, 6)}
    assert any(note.startswith("1 road ways name nodes") for note in tables.notes)


def test_roads_out_of_use_are_counted_not_kept(tmp_path):
    ways = [(1, [1, 2], STREET), (2, [2, 3], {"highway": "construction"}), (3, [3, 6], {**STREET, "access": "no"})]
    tables = read_osm_file(write_xml(tmp_path / "city.osm", grid(), ways))
    assert len(tables.road_edges) == 1
    assert "1 highway ways left out, no road or path in use: construction 1" in tables.notes
    assert "1 roads left out that nobody may use (access=private, no …)" in tables.notes


HOUSING = (9, [1, 3, 9, 7, 1], {"landuse": "residential"})


@pytest.mark.parametrize(
    ("tags", "is_open"),
    [
        ({"access": "private"}, True),
        ({"access": "no"}, True),
        ({"access": "private", "foot": "private"}, True),
        ({"access": "private", "foot": "no"}, False),
        ({"access": "private", "highway": "construction"}, False),
    ],
)
def test_residents_walk_on_the_private_ways_of_their_estate_and_no_vehicle_drives_there(tmp_path, tags, is_open):
    outside = [*grid(), (70, 117.21, 39.1, {}), (71, 117.211, 39.1, {})]
    private = {"highway": "service", **tags}
    ways = [(1, [1, 2], STREET), (2, [2, 5], private), (3, [70, 71], private), HOUSING]
    tables = read_osm_file(write_xml(tmp_path / "city.osm", outside, ways))
    edges = tables.road_edges.set_index("osm_way")
    assert set(edges.index) == ({1, 2} if is_open else {1}), "elsewhere a private way stays closed"
    if is_open:
        assert (edges.loc[2, "walkable"], edges.loc[2, "drivable"]) == (True, False)
    told = "1 private roads inside housing estates are open to residents on foot, and closed to vehicles"
    assert (told in tables.notes) == is_open


def test_a_private_way_counts_as_inside_where_most_of_it_is(tmp_path):
    ways = [(1, [1, 2], STREET), (2, [1, 3, 9], {**STREET, "access": "private"}), (3, [2, 5], STREET)]
    half, corner = (4, [1, 2, 8, 7, 1], {"landuse": "residential"}), (5, [2, 3, 6, 9, 5, 2], {"landuse": "residential"})
    for estate, is_inside in ((half, False), (corner, True)):
        assert (2 in set(edges_of(tmp_path, [*ways, estate])["osm_way"])) == is_inside


@pytest.mark.parametrize(
    "ways", [[], [(1, [1, 2], {"building": "yes"})], [(1, [77, 78], STREET)], [(1, [1, 2], {"highway": "proposed"})]]
)
def test_a_file_without_roads_is_refused_with_a_cure(tmp_path, ways):
    with pytest.raises(DataError, match=r"no roads.*take an extract that holds all of a city"):
        edges_of(tmp_path, ways)
