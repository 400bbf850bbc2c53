from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siting.inputs.datums import from_wgs84, parse_datum, suspicions, to_wgs84

WGS84 = parse_datum("wgs84")


@pytest.fixture(scope="module")
def roads():
    return gpd.read_parquet("data/tianjin/road_edges.parquet", columns=["name", "road_class", "length_m", "geometry"])


@pytest.fixture(scope="module")
def districts():
    return gpd.read_parquet("data/tianjin/districts.parquet")


@pytest.fixture(scope="module")
def stops():
    places = gpd.read_parquet("data/tianjin/candidates.parquet", columns=["kind", "name", "geometry"])
    return places[places["kind"] == "transit_stop"].iloc[::5]


def lonlat(frame):
    return np.column_stack([frame.geometry.x, frame.geometry.y])


def shown_in(points, name):
    return np.column_stack(from_wgs84(*points.T, parse_datum(name)))


@pytest.mark.parametrize("name", ["gcj02", "bd09"])
def test_stops_in_the_coordinates_of_a_web_map_are_found_out_by_the_roads_of_tianjin(name, stops, roads, districts):
    found = suspicions(shown_in(lonlat(stops), name), roads_lonlat=roads, districts=districts)
    assert "from the nearest road" in found[0]
    assert all(f"declare `datum: {name}`" in sentence for sentence in found)


@pytest.mark.parametrize("name", ["gcj02", "bd09"])
def test_a_source_of_true_coordinates_declared_as_a_web_map_is_found_out(name, stops, roads, districts):
    declared = parse_datum(name)
    points = np.column_stack(to_wgs84(*lonlat(stops).T, declared))
    (sentence,) = suspicions(points, roads_lonlat=roads, districts=districts, declared=declared)
    assert "declare `datum: wgs84`" in sentence


def test_baidu_declared_as_amap_is_found_out(stops, roads, districts):
    amap = parse_datum("gcj02")
    points = np.column_stack(to_wgs84(*shown_in(lonlat(stops), "bd09").T, amap))
    (sentence,) = suspicions(points, roads_lonlat=roads, districts=districts, declared=amap)
    assert "declare `datum: bd09`" in sentence


def test_thirty_shops_along_streets_are_enough_and_twenty_nine_are_not(stops, roads):
    points = shown_in(lonlat(stops)[::10], "gcj02")
    assert len(suspicions(points[:30], roads_lonlat=roads, districts=None)) == 1
    assert suspicions(points[:29], roads_lonlat=roads, districts=None) == []


def test_right_data_and_rightly_converted_data_raise_no_suspicion(stops, roads, districts):
    assert suspicions(lonlat(stops), roads_lonlat=roads, districts=districts) == []
    for name in ("gcj02", "bd09"):
        datum = parse_datum(name)
        back = np.column_stack(to_wgs84(*shown_in(lonlat(stops), name).T, datum))
        assert suspicions(back, roads_lonlat=roads, districts=districts, declared=datum) == []


@pytest.mark.parametrize("seed", range(12))
def test_random_places_raise_no_suspicion_however_they_cluster(seed, roads, districts):
    rng = np.random.default_rng(seed)
    n = int(rng.choice([30, 60, 300]))
    centres = lonlat(gpd.read_parquet("data/tianjin/demand.parquet", columns=["geometry"]).sample(5, random_state=seed))
    points = centres[rng.integers(5, size=n)] + rng.normal(0, [0.002, 0.01, 0.1][seed % 3], (n, 2))
    inside = shapely.contains_xy(districts.union_all(), *points.T)
    assert suspicions(points[inside], roads_lonlat=roads, districts=districts) == []


def test_places_in_the_middle_of_square_blocks_raise_no_suspicion():
    lines = [shapely.LineString([(117 + k * 0.008, 39), (117 + k * 0.008, 39.2)]) for k in range(26)]
    lines += [shapely.LineString([(117, 39 + k * 0.006), (117.2, 39 + k * 0.006)]) for k in range(34)]
    x, y = np.meshgrid(117.004 + 0.008 * np.arange(20), 39.003 + 0.006 * np.arange(25))
    jitter = np.random.default_rng(1).normal(0, 3e-4, (x.size, 2))
    grid = gpd.GeoDataFrame(geometry=lines, crs=4326)
    assert suspicions(np.column_stack([x.ravel(), y.ravel()]) + jitter, roads_lonlat=grid, districts=None) == []


def test_a_reading_that_brings_points_back_onto_a_small_map_of_roads_is_not_taken_for_another(stops, roads):
    """Beside a map of one quarter everything is far from roads, so that any move towards it looks good."""
    middle = shapely.box(117.19, 39.11, 117.205, 39.12)
    few = roads[roads.intersects(middle)]
    points = lonlat(stops)
    inside = shown_in(points[shapely.contains_xy(middle, *points.T)], "gcj02")
    for sentence in suspicions(np.repeat(inside, 5, axis=0), roads_lonlat=few, districts=None):
        assert "`datum: gcj02`" in sentence


def test_points_of_roads_do_for_lines(stops, roads):
    lines = np.repeat(np.asarray(roads.geometry), 4)
    steps = np.tile(np.linspace(0.0, 1.0, 4), len(roads))
    corners = shapely.get_coordinates(shapely.line_interpolate_point(lines, steps, normalized=True))
    found = suspicions(shown_in(lonlat(stops), "gcj02"), roads_lonlat=corners, districts=None)
    assert len(found) == 1 and "gcj02" in found[0]


def test_points_off_the_shore_of_their_districts_are_found_out_without_roads(districts):
    coast = districts.to_crs(32650).union_all()
    around = shapely.get_coordinates(shapely.segmentize(coast.buffer(-100.0).exterior, 200.0))
    lon, lat = gpd.GeoSeries.from_xy(*around.T, crs=32650).to_crs(4326).pipe(lambda s: (s.x, s.y))
    points = np.column_stack([lon, lat])
    assert suspicions(points, roads_lonlat=None, districts=districts) == []
    (sentence,) = suspicions(shown_in(points, "gcj02"), roads_lonlat=None, districts=districts)
    assert "outside of every district" in sentence and "declare `datum: gcj02`" in sentence


def test_another_city_is_told(districts):
    (sentence,) = suspicions(np.full((40, 2), [121.5, 31.2]), roads_lonlat=None, districts=districts)
    assert "40 of 40 points lie outside of every district" in sentence


def test_swapped_columns_are_told_in_china_and_elsewhere(stops, districts):
    (sentence,) = suspicions(lonlat(stops)[:, ::-1], roads_lonlat=None, districts=districts)
    assert "swapped; exchange" in sentence
    helsinki = gpd.GeoDataFrame(geometry=[shapely.box(24.8, 60.1, 25.2, 60.3)], crs=4326)
    (sentence,) = suspicions(np.full((9, 2), [60.2, 24.9]), roads_lonlat=None, districts=helsinki)
    assert "0 of 9 points lie in a district, and 9 once lon and lat change places" in sentence


@pytest.mark.parametrize(
    ("datum", "cure", "turned"),
    [("EPSG:4548", "EPSG:4534–4554", False), ("EPSG:4527", "EPSG:4527", True), ("EPSG:4527", "EPSG:4527", False)],
)
def test_the_columns_of_a_survey_are_told_with_the_zone_to_declare(datum, cure, turned, stops, districts):
    points = shown_in(lonlat(stops), datum)
    (sentence,) = suspicions(points[:, ::-1] if turned else points, roads_lonlat=None, districts=districts)
    assert cure in sentence
    assert ("X is north" in sentence) == turned


def test_a_table_without_places_raises_no_suspicion(roads, districts):
    assert suspicions(np.zeros((0, 2)), roads_lonlat=roads, districts=districts) == []
    assert suspicions(np.full((50, 2), np.nan), roads_lonlat=roads, districts=districts) == []
