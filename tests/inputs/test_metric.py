"""Metres that are metres: unit and scale of every projected system, converted or refused."""

import geopandas as gpd
import numpy as np
import pytest

from siting.errors import DataError
from siting.inputs.city import read_city
from siting.inputs.metric import local_crs, metric_fault
from siting.locate import lscp, read_places, straight_arcs
from tests.small_city import write_small_city

HELSINKI, TIANJIN = np.array([[24.9, 60.17], [25.0, 60.2]]), np.array([[117.0, 39.0], [117.6, 39.3]])
CHONGQING = np.array([[105.3, 28.2], [110.2, 32.2]])  # of two zones, 48 and 49


@pytest.mark.parametrize(
    ("crs", "at", "word"),
    [
        ("EPSG:32635", HELSINKI, None),
        ("EPSG:3067", HELSINKI, None),
        ("EPSG:4548", TIANJIN, None),
        ("EPSG:32648", CHONGQING, None),
        ("EPSG:32647", CHONGQING, "0.986 m on the ground"),
        ("EPSG:3857", HELSINKI, "0.497 m on the ground"),
        ("EPSG:3857", TIANJIN, "on the ground"),
        ("EPSG:32631", TIANJIN, "on the ground"),
        ("EPSG:2263", HELSINKI, "foot"),
        ("EPSG:4326", HELSINKI, "not in metres"),
        ("EPSG:0", HELSINKI, "not known"),
    ],
)
def test_unit_and_scale_of_a_system_are_checked_where_it_is_used(crs, at, word):
    fault = metric_fault(crs, at)
    assert fault is None if word is None else word in fault


def test_a_local_projection_is_true_to_a_ten_thousandth():
    places = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*TIANJIN.T), crs="EPSG:4326")
    xy = places.to_crs(local_crs(places)).get_coordinates().to_numpy()
    true_m = places.crs.get_geod().inv(*TIANJIN[0], *TIANJIN[1])[2]
    assert np.hypot(*(xy[1] - xy[0])) == pytest.approx(true_m, rel=1e-4)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:2393", "EPSG:4326"])
def test_places_in_any_system_are_as_far_apart_as_on_the_ground(tmp_path, crs):
    at = gpd.GeoDataFrame(
        {"id": ["0101", "b"]}, geometry=gpd.points_from_xy([24.93, 24.93], [60.17, 60.174]), crs="EPSG:4326"
    )
    at.to_crs(crs).to_file(tmp_path / "places.gpkg")
    places = read_places(tmp_path / "places.gpkg")
    assert places["id"].tolist() == ["0101", "b"]
    arcs = straight_arcs(places, places)
    assert arcs.cost.max() == pytest.approx(445.7, rel=1e-3)  # 0.004° of latitude there


def test_a_distance_at_the_limit_is_within_it(tmp_path):
    at = gpd.points_from_xy([524288.0 - 500, 524288.0, 524288.0 + 500], [4331559.3] * 3)
    places = gpd.GeoDataFrame({"id": ["west", "middle", "east"]}, geometry=at, crs="EPSG:4548")
    places.to_file(tmp_path / "homes.gpkg")
    places.iloc[1:2].to_file(tmp_path / "site.gpkg")
    arcs = straight_arcs(read_places(tmp_path / "homes.gpkg"), read_places(tmp_path / "site.gpkg"), within_m=500.0)
    assert lscp(arcs, 500.0).value == 1


def test_a_city_folder_that_measures_in_degrees_or_false_metres_is_refused(tmp_path):
    folder = write_small_city(tmp_path).parent / "city"
    meta = folder / "city.yaml"
    text = meta.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("crs_metric"))
    for crs, word in (("EPSG:4326", "not in metres"), ("EPSG:3857", "on the ground")):
        meta.write_text(text.replace(line, f"crs_metric: {crs}"), encoding="utf-8")
        with pytest.raises(DataError, match=word):
            read_city(folder)
