"""Nobody walks on water: neither to a street nor straight to a point; islands keep their streets."""

import numpy as np
import pytest
import shapely

from siting.inputs.assemble.roads import Roads, connected_roads
from siting.travel import Barriers, Network, barriers_of, walk_pairs

CANAL = barriers_of(np.array([shapely.LineString([(-50, 60), (1050, 60)])]))
LAKE = barriers_of(np.array([shapely.box(-50, 40, 1050, 80)]))


def banks(barriers=None):
    """A street along y = 0 and one along y = 120, 1 km long and joined at their eastern ends."""
    node_xy_m = np.array([[0.0, 0.0], [1000.0, 0.0], [1000.0, 120.0], [0.0, 120.0]])
    ends = np.array([[0, 1], [1, 2], [2, 3]])
    return Network(node_xy_m, ends, np.array([1000.0, 120.0, 1000.0]), np.ones(3, dtype=bool), barriers=barriers)


def walked(network, home, point, cutoff_m=4000.0):
    pairs, report = walk_pairs(network, np.array([home]), np.array([point]), cutoff_m=cutoff_m)
    return pairs.distance_m.tolist(), report


@pytest.mark.parametrize("barriers", [CANAL, LAKE], ids=["line", "area"])
def test_the_straight_rule_does_not_cross_water(barriers):
    home, point = (0.0, 0.0), (0.0, 120.0)
    assert walked(banks(), home, point)[0] == pytest.approx([120 * 1.3])
    distance_m, report = walked(banks(barriers), home, point)
    assert distance_m == pytest.approx([2120.0]) and report.n_straight_pairs == 0


@pytest.mark.parametrize("barriers", [CANAL, LAKE], ids=["line", "area"])
def test_a_home_goes_to_the_street_on_its_side(barriers):
    network = Network(
        np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 300.0], [1000.0, 300.0]]),
        np.array([[0, 1], [2, 3]]),
        np.array([1000.0, 1000.0]),
        np.ones(2, dtype=bool),
        barriers=barriers,
    )
    home = (500.0, 100.0)  # 100 m from the street beyond the water, 200 m from its own
    assert walked(network, home, (700.0, 300.0))[0] == pytest.approx([200 * 1.2 + 200])
    assert walked(network, home, (700.0, 0.0))[0] == []


def test_a_home_with_water_all_around_has_no_way_but_one_on_the_water_lands():
    ring = barriers_of(np.array([shapely.LinearRing([(400, 150), (600, 150), (600, 250), (400, 250)])]))
    assert walked(banks(ring), (500.0, 200.0), (700.0, 120.0))[0] == []
    assert walked(banks(LAKE), (500.0, 60.0), (700.0, 0.0))[0] == pytest.approx([60 * 1.2 + 200])


def test_barriers_of_every_kind_of_shape():
    shapes = np.array(
        [
            shapely.box(0, 0, 1, 1),
            shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 4)]]),
            shapely.Point(0, 0),
        ]
    )
    found = barriers_of(shapes)
    assert isinstance(found, Barriers) and found.xy_m.shape == (4 + 3, 2, 2)
    assert found.area.tolist() == [0] * 4 + [-1] * 3


def test_an_islands_streets_stay_on_foot_and_scraps_do_not():
    import geopandas as gpd

    at = [(0, 0), (0, 0.01), (0.1, 0), (0.1, 0.004), (0.2, 0), (0.2, 0.0001)]
    nodes = gpd.GeoDataFrame({"node": range(6)}, geometry=gpd.points_from_xy(*zip(*at, strict=True)), crs="EPSG:4326")
    facts = {"u": [0, 2, 4], "v": [1, 3, 5], "road_class": "residential", "length_m": [1100.0, 440.0, 11.0]}
    lines = [shapely.LineString([at[k], at[k + 1]]) for k in (0, 2, 4)]
    edges = gpd.GeoDataFrame(
        facts | {"walkable": True, "drivable": True, "oneway": False}, geometry=lines, crs="EPSG:4326"
    )
    kept = {walking: connected_roads(Roads(nodes, edges), walking).edges for walking in ("pieces", "largest", "all")}
    assert {walking: int(one["walkable"].sum()) for walking, one in kept.items()} == {
        "pieces": 2,
        "largest": 1,
        "all": 3,
    }
    assert kept["pieces"]["drivable"].tolist() == [True, False]
