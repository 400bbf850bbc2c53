from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.errors import ConfigError, DataError
from siting.inputs.datums import (
    basemap_datum,
    from_wgs84,
    is_in_china,
    is_north_first,
    needs_datum,
    parse_datum,
    to_wgs84,
    undeclared,
)

GEOD = pyproj.Geod(ellps="WGS84")
TIANJIN = np.array([117.2]), np.array([39.12])
china = st.lists(st.tuples(st.floats(73.5, 135.0), st.floats(18.0, 53.5)), min_size=1, max_size=30)


def apart_m(lon, lat, other_lon, other_lat):
    return GEOD.inv(lon, lat, other_lon, other_lat)[2]


@pytest.mark.parametrize("name", ["gcj02", "bd09"])
@given(places=china)
def test_a_round_trip_through_a_web_map_stays_within_a_millimetre_in_china(name, places):
    lon, lat = np.array(places).T
    datum = parse_datum(name)
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    is_deep = is_in_china(lon - 0.02, lat - 0.02) & is_in_china(lon + 0.02, lat + 0.02)
    is_deep &= is_in_china(lon, lat)
    assert apart_m(lon, lat, *back)[is_deep].max(initial=0) < 1e-3


@pytest.mark.parametrize("code", [4490, *range(4491, 4555)])
def test_every_zone_of_cgcs2000_goes_both_ways_and_in_either_order(code):
    datum = parse_datum(f"EPSG:{code}")
    west, south, east, north = pyproj.CRS.from_epsg(code).area_of_use.bounds
    lon, lat = np.linspace(west + 0.1, east - 0.1, 5), np.linspace(max(south, 19.0) + 0.1, north - 0.1, 5)
    x, y = from_wgs84(lon, lat, datum)
    assert apart_m(lon, lat, *to_wgs84(x, y, datum)).max() < 1e-3
    if code != 4490:
        assert not is_north_first(x, y, datum) and is_north_first(y, x, datum)
        assert apart_m(lon, lat, *to_wgs84(y, x, datum)).max() < 1e-3


def test_a_survey_table_means_the_place_that_pyproj_says_in_the_order_of_the_authority():
    lat, lon = pyproj.Transformer.from_crs("EPSG:4548", "EPSG:4326").transform(4331559, 518568)
    for datum, easting in (("EPSG:4548", 518568.0), ("EPSG:4527", 39518568.0)):
        found = to_wgs84(np.array([4331559.0]), np.array([easting]), parse_datum(datum))
        assert found == (pytest.approx([lon]), pytest.approx([lat]))


@pytest.mark.parametrize(
    ("name", "least_m", "most_m", "azimuths"), [("gcj02", 527, 593, (74, 81)), ("bd09", 1327, 1380, (80, 90))]
)
def test_the_shift_in_tianjin_is_as_long_as_measured_by_others(name, least_m, most_m, azimuths):
    azimuth, _, apart = GEOD.inv(*TIANJIN, *from_wgs84(*TIANJIN, parse_datum(name)))
    assert least_m <= apart[0] <= most_m
    if name == "gcj02":
        assert azimuths[0] <= azimuth[0] <= azimuths[1]


@pytest.mark.parametrize(
    ("place", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_gcj02_agrees_with_the_values_that_other_programs_are_tested_by(place, gcj02):
    found = from_wgs84(*np.array(place).reshape(2, 1), parse_datum("gcj02"))
    assert np.ravel(found) == pytest.approx(gcj02, abs=1e-9)


def test_bd09_agrees_with_the_values_that_other_programs_are_tested_by():
    place = to_wgs84(np.array([116.404]), np.array([39.915]), parse_datum("gcj02"))
    found = from_wgs84(*place, parse_datum("bd09"))
    assert np.ravel(found) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)


@pytest.mark.parametrize(
    ("lon", "lat", "inside"),
    [
        *[(116.4, 39.9, True), (87.6, 43.8, True), (109.5, 18.25, True), (114.06, 22.54, True), (122.2, 30.0, True)],
        *[(127.5, 50.25, True), (75.99, 39.47, True), (126.98, 37.57, False), (105.85, 21.03, False)],
        *[(106.9, 47.9, False), (77.2, 28.6, False), (139.7, 35.7, False), (24.94, 60.17, False), (76.9, 43.2, False)],
    ],
)
def test_only_places_in_china_are_shifted(lon, lat, inside):
    place = np.array([lon]), np.array([lat])
    for name in ("gcj02", "bd09"):
        assert (from_wgs84(*place, parse_datum(name))[0][0] != lon) == inside
        assert (to_wgs84(*place, parse_datum(name))[0][0] != lon) == inside


def test_missing_coordinates_stay_missing():
    lon, _ = to_wgs84(np.array([np.nan, 117.2]), np.array([39.1, 39.1]), parse_datum("gcj02"))
    assert np.isnan(lon).tolist() == [True, False]
    x, _ = to_wgs84(np.array([np.nan, 518568.0]), np.array([np.nan, 4331559.0]), parse_datum("EPSG:4548"))
    assert np.isnan(x).tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *[("WGS-84", "wgs84"), (" wgs 84 ", "wgs84"), ("GPS", "wgs84"), ("EPSG:4326", "wgs84"), ("天地图", "wgs84")],
        *[("CGCS2000", "cgcs2000"), ("国家2000坐标系", "cgcs2000"), ("2000国家大地坐标系", "cgcs2000")],
        *[("GCJ-02", "gcj02"), ("高德", "gcj02"), ("腾讯地图", "gcj02"), ("火星坐标系", "gcj02")],
        *[("BD-09", "bd09"), ("百度坐标", "bd09"), ("epsg:4548", "EPSG:4548"), ("EPSG:32650", "EPSG:32650")],
        *[("国家2000 3度带 117", "EPSG:4548"), ("CGCS2000 3度带 39带", "EPSG:4527")],
        *[("4490", "cgcs2000"), ("cgcs2000 6-degree zone 20", "EPSG:4498")],
        *[("CGCS2000 / 6-degree CM 117E", "EPSG:4509"), ("CGCS2000_3_Degree_GK_CM_120E", "EPSG:4549")],
    ],
)  # fmt: skip
def test_a_datum_is_named_in_many_ways(text, name):
    assert parse_datum(text).name == name


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("tokyo", "choose wgs84"),
        ("天津90", "local system.*CGCS2000"),
        ("西安80", "CGCS2000"),
        ("beijing54", "CGCS2000"),
        ("EPSG:2327", "not published; ask for the table in CGCS2000"),
        ("EPSG:4610", "not published"),
        ("EPSG:999999", "no such CRS"),
        ("EPSG:5773", "neither"),
        ("国家2000 3度带", "say the EPSG code"),
        ("cgcs2000 6度带 39带", "say the EPSG code"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_the_cure(text, cure):
    with pytest.raises(ConfigError, match=cure):
        parse_datum(text)


@pytest.mark.parametrize(
    ("datum", "x", "y", "cure"),
    [
        ("wgs84", [39.1, 39.2], [117.2, 117.3], "swapped; exchange.*row 0: \\(39.1, 117.2\\)"),
        ("cgcs2000", [4331559.0], [39518568.0], "declare the zone: EPSG:4527"),
        ("gcj02", [518568.0], [4331559.0], "declare the zone: EPSG:4534"),
        ("wgs84", [1e12], [0.0], "not degrees"),
        ("EPSG:4548", [39518568.0], [4331559.0], "begin with the zone number 39.*declare EPSG:4527"),
        ("EPSG:4527", [518568.0], [4331559.0], "no zone number.*declare EPSG:4534"),
        ("EPSG:4528", [39518568.0], [4331559.0], "declare EPSG:4527"),
        ("EPSG:4548", [518568.0, 518569.0, 4331559.0], [4331559.0, 4331559.0, 518568.0], "in some rows.*row 2"),
        ("EPSG:4548", [117.2], [39.1], "neither easting and northing"),
        ("EPSG:32650", [1e30], [1e30], "outside of what EPSG:32650 can hold"),
    ],
)
def test_coordinates_that_cannot_be_of_their_datum_are_listed_with_the_cure(datum, x, y, cure):
    with pytest.raises(DataError, match=cure):
        to_wgs84(np.array(x), np.array(y), parse_datum(datum))


@pytest.mark.parametrize(
    ("bounds", "needs"),
    [
        ((117.1, 39.0, 117.3, 39.2), True),
        ((39.0, 117.1, 39.2, 117.3), True),
        ((4.3e6, 5.1e5, 4.4e6, 5.2e5), True),
        ((24.9, 60.1, 25.0, 60.2), False),
        ((7.4, 43.7, 7.5, 43.8), False),
        ((np.nan, np.nan, np.nan, np.nan), False),
    ],
)
def test_a_source_in_china_or_in_metres_must_declare_its_datum(bounds, needs):
    assert needs_datum(np.array(bounds[::2]), np.array(bounds[1::2])) is needs
    assert "gcj02" in undeclared("shops.xlsx")


def test_each_basemap_has_its_datum():
    assert [basemap_datum(name).name for name in ("OSM", "天地图", "高德地图", "tencent", "百度")] == [
        *("wgs84", "wgs84", "gcj02", "gcj02", "bd09")
    ]
    with pytest.raises(ConfigError, match="choose one of osm"):
        basemap_datum("mars")


def test_a_list_of_amap_lands_on_its_streets_again(tianjin_streets):
    metric = tianjin_streets.geometry.to_crs(32650)
    points = metric.interpolate(0.5, normalized=True).to_crs(4326)
    lon, lat = points.x.to_numpy(), points.y.to_numpy()
    gcj02 = parse_datum("高德")
    amap = from_wgs84(lon, lat, gcj02)
    assert apart_m(lon, lat, *amap).min() > 500
    back = gpd.GeoSeries.from_xy(*to_wgs84(*amap, gcj02), index=tianjin_streets.index, crs=4326).to_crs(32650)
    assert back.distance(metric).max() < 0.01
    shown = gpd.GeoSeries.from_xy(*amap, index=tianjin_streets.index, crs=4326).to_crs(32650)
    assert shown.distance(metric).median() > 200


@pytest.fixture(scope="module")
def tianjin_streets():
    edges = gpd.read_parquet("data/tianjin/road_edges.parquet", columns=["name", "length_m", "geometry"])
    return edges[edges["name"].notna() & (edges["length_m"] > 50)].iloc[::40]
