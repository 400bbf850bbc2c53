from __future__ import annotations

import pytest

from siting.inputs.osm import read_osm_file
from tests.osm_xml import STREET, grid, write_xml

LON, LAT = 117.2003, 39.1003
METRE_E, METRE_N = 1 / 86_500, 1 / 111_000  # degrees, near 39.1 N
BUS, POLE = {"highway": "bus_stop"}, {"highway": "bus_stop", "public_transport": "platform"}
HALT = {"public_transport": "stop_position", "highway": "bus_stop"}
PLATFORM = {"public_transport": "platform"}


def at(number, east_m, north_m, tags):
    return (number, LON + east_m * METRE_E, LAT + north_m * METRE_N, tags)


def stops_of(tmp_path, nodes, ways=()):
    tables = read_osm_file(write_xml(tmp_path / "city.osm", [*grid(), *nodes], [(1, [1, 2], STREET), *ways]))
    assert set(tables.stops["id"]) == set(tables.candidates["id"]), "stops weigh residents as often as they count"
    return dict(zip(tables.stops["id"], tables.stops["name"], strict=True)), tables.notes


def platform(first, north_m, tags=PLATFORM, length_m=20.0):
    """Nodes and way of a platform along the street, its number that of its first node."""
    ends = [at(first, 2, north_m, {}), at(first + 1, 2 + length_m, north_m, {})]
    return ends, (first, [first, first + 1], tags)


def test_a_pole_and_its_platform_are_one_stop(tmp_path):
    ends, way = platform(60, 3)
    stops, notes = stops_of(tmp_path, [at(50, 0, 0, {**BUS, "name": "Post"}), *ends], [way])
    assert stops == {"osm-n50": "Post"}
    assert any(note.startswith("1 stops of public transport are mapped twice") for note in notes)


def test_a_platform_that_alone_bears_the_name_passes_it_on(tmp_path):
    ends, way = platform(60, 3, {**PLATFORM, "name": "Post"})
    assert stops_of(tmp_path, [at(50, 0, 0, BUS), *ends], [way])[0] == {"osm-n50": "Post"}


def test_the_two_sides_of_a_street_stay_two_stops(tmp_path):
    (south, way_south), (north, way_north) = platform(60, -1), platform(70, 13)
    poles = [at(50, 0, 0, {**BUS, "name": "Post"}), at(51, 0, 12, {**BUS, "name": "Post"})]
    assert set(stops_of(tmp_path, [*poles, *south, *north], [way_south, way_north])[0]) == {"osm-n50", "osm-n51"}


def test_a_platform_whose_pole_is_not_mapped_is_not_that_of_the_other_side(tmp_path):
    (south, way_south), (north, way_north) = platform(60, -1), platform(70, 13)
    stops, _ = stops_of(tmp_path, [at(50, 0, 0, {**BUS, "name": "Post"}), *south, *north], [way_south, way_north])
    assert set(stops) == {"osm-n50", "osm-w70"}


@pytest.mark.parametrize(
    ("tags", "away_m", "number"),
    [
        ({**PLATFORM, "name": "VADUZ POST"}, 20, 1),
        ({**PLATFORM, "name": "Rathaus"}, 5, 2),
        (PLATFORM, 29, 1),
        (PLATFORM, 31, 2),
    ],
)
def test_a_platform_is_another_stop_where_it_is_far_or_named_otherwise(tmp_path, tags, away_m, number):
    ends, way = platform(60, away_m, tags)
    pole = at(50, 2, 0, {**BUS, "name": "Vaduz, Post"})
    assert len(stops_of(tmp_path, [pole, *ends], [way])[0]) == number


def test_a_halt_on_the_carriageway_is_the_pole_beside_it(tmp_path):
    nodes = [at(50, 0, 0, {**HALT, "name": "Post"}), at(51, 0, 6, {**POLE, "name": "Post"})]
    assert stops_of(tmp_path, nodes)[0] == {"osm-n51": "Post"}


def test_two_halts_at_an_island_platform_are_one_stop(tmp_path):
    ends, way = platform(60, 0, {**PLATFORM, "railway": "platform"})
    tram = {"railway": "tram_stop", "public_transport": "stop_position", "name": "Hörsaal"}
    assert stops_of(tmp_path, [at(50, 8, -4, tram), at(51, 8, 4, tram), *ends], [way])[0] == {"osm-w60": "Hörsaal"}


def test_two_platforms_with_poles_named_alike_are_two_stops(tmp_path):
    nodes = [at(50, 0, 0, {**POLE, "name": "Post"}), at(51, 0, 10, {**POLE, "name": "Post"})]
    assert len(stops_of(tmp_path, nodes)[0]) == 2


def test_a_station_is_its_building_or_its_node_not_both(tmp_path):
    corners = [at(60 + n, x, y, {}) for n, (x, y) in enumerate([(-20, -20), (20, -20), (20, 20), (-20, 20)])]
    area = (60, [60, 61, 62, 63, 60], {"public_transport": "station"})
    node = at(50, 0, 0, {"railway": "station", "name": "Schaan"})
    assert stops_of(tmp_path, [node, *corners], [area])[0] == {"osm-w60": "Schaan"}
