"""A list of Amap in Excel, end to end: read, doubted, converted, and on the streets that it names."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import openpyxl
import pytest

from siting.errors import DataError
from siting.inputs.datums import from_wgs84, parse_datum, suspicions
from siting.inputs.tables import read_source

N = 200


@pytest.fixture(scope="module")
def roads():
    edges = gpd.read_parquet("data/tianjin/road_edges.parquet", columns=["name", "length_m", "geometry"])
    return edges[edges["name"].notna()].to_crs(32650).reset_index(drop=True)


@pytest.fixture(scope="module")
def streets(roads):
    """Long pieces of streets with a Chinese name, all over Tianjin."""
    long = roads[(roads["length_m"] > 150) & roads["name"].str.contains("[路街道]", regex=True)]
    return long.iloc[:: len(long) // N][:N]


@pytest.fixture(scope="module")
def workbook(streets, tmp_path_factory):
    places = streets.geometry.interpolate(0.5, normalized=True).to_crs(4326)
    lon, lat = from_wgs84(places.x.to_numpy(), places.y.to_numpy(), parse_datum("gcj02"))
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["再生资源回收网点一览表"])
    sheet.append(["名称", "经度", "纬度"])
    for row in zip(streets["name"], lon, lat, strict=True):
        sheet.append([row[0], *(round(float(number), 6) for number in row[1:])])
    path = tmp_path_factory.mktemp("amap") / "网点.xlsx"
    book.save(path)
    return path


def on_their_street(points, streets, roads):
    """The share of rows that lie within 2 m of a road of their name."""
    at = points.geometry.to_crs(32650)
    hits = [
        roads.geometry[roads["name"] == name].distance(place).min() < 2.0
        for name, place in zip(streets["name"], at, strict=True)
    ]
    return float(np.mean(hits))


def test_read_as_amap_every_place_lies_on_the_street_that_it_names(workbook, streets, roads):
    assert on_their_street(read_source(workbook, "candidates", datum="高德"), streets, roads) == 1.0


def test_read_as_gps_hardly_any_does_and_it_is_said_why(workbook, streets, roads):
    wrong = read_source(workbook, "candidates", datum="wgs84")
    assert on_their_street(wrong, streets, roads) < 0.05
    points = np.column_stack([wrong.geometry.x, wrong.geometry.y])
    (sentence,) = suspicions(points, roads_lonlat=roads.to_crs(4326), districts=None)
    assert "declare `datum: gcj02`" in sentence


def test_without_a_datum_it_is_refused_with_the_choices(workbook):
    with pytest.raises(DataError, match="gcj02"):
        read_source(workbook, "candidates")
