"""Values of road layers: usual spellings are understood, others listed, many others refused."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString

from siting.errors import DataError
from siting.inputs.assemble.roads import read_roads
from siting.inputs.assemble.spec import RoadSource


def layer(folder, **columns):
    """Four streets in a row, drawn eastwards, with these columns; what is read of them."""
    lines = [LineString([(24.9 + k / 1000, 60.17), (24.901 + k / 1000, 60.17)]) for k in range(4)]
    given = {name: pd.Series(values, dtype=object).infer_objects() for name, values in columns.items()}
    frame = gpd.GeoDataFrame(given, geometry=lines, crs="EPSG:4326")
    frame.to_file(folder / "roads.gpkg")
    return read_roads(folder, RoadSource(file="roads.gpkg"), ())


def ways(roads):
    """For each edge from west to east: 1 driven eastwards only, −1 westwards only, 0 both."""
    at = roads.nodes.set_index("node").geometry.x
    edges = roads.edges.assign(west=roads.edges[["u", "v"]].map(at.get).min(axis=1)).sort_values("west")
    east = edges["v"].map(at) > edges["u"].map(at)
    return [0 if not one else 1 if is_east else -1 for one, is_east in zip(edges["oneway"], east, strict=True)]


@pytest.mark.parametrize(
    "values",
    [
        ["F", "T", "B", "B"],
        ["FT", "TF", "B", None],
        [1.0, -1.0, 0.0, 0.0],
        [1.0, -1.0, None, None],
        [1, -1, 0, 0],
        ["yes", "-1", "no", None],
        ["YES", "-1", "NO", ""],
        ["是", "反向", "否", "否"],
        ["单行", "逆向", "双向", None],
        ["true", "reverse", "false", "reversible"],
    ],
)
def test_one_way_streets_run_the_right_way(tmp_path, values):
    assert ways(layer(tmp_path, oneway=values)) == [1, -1, 0, 0]


@pytest.mark.parametrize("header", ["oneway", "ONEWAY", "DIR_TRAVEL", "单行"])
def test_headers_are_known_in_any_case(tmp_path, header):
    assert ways(layer(tmp_path, **{header: ["yes", "-1", "no", "no"]})) == [1, -1, 0, 0]


def test_true_and_false_of_an_old_table_are_not_taken_for_directions(tmp_path):
    with pytest.raises(DataError, match=r"oneway: 4 of 4 roads .*'f' \(3\), 't' \(1\).*values: \{oneway"):
        layer(tmp_path, oneway=["T", "F", "F", "F"])


def test_classes_in_chinese_say_where_one_walks(tmp_path):
    edges = layer(tmp_path, 道路等级=["高速公路", "快速路", "支路", "人行道"]).edges.sort_values("road_class")
    read = dict(zip(edges["road_class"], zip(edges["walkable"], edges["drivable"], strict=True), strict=True))
    assert read == {
        "motorway": (False, True),
        "trunk": (False, True),
        "tertiary": (True, True),
        "footway": (True, False),
    }


def test_unknown_values_are_an_error_unless_they_are_few_or_mapped(tmp_path):
    with pytest.raises(DataError, match=r"road_class: 3 of 4 roads .*'A' \(2\), 'B' \(1\).*values: \{road_class"):
        layer(tmp_path, highway=["A", "A", "B", "residential"])
    source = RoadSource(file="roads.gpkg", values={"road_class": {"A": "motorway", "B": "footway"}})
    edges = read_roads(tmp_path, source, ()).edges
    assert edges["walkable"].tolist().count(False) == 2 and edges["drivable"].tolist().count(False) == 1


def test_a_few_unknown_values_are_noted(tmp_path):
    lines = [LineString([(24.9, 60.17 + k / 1e4), (24.91, 60.17 + k / 1e4)]) for k in range(40)]
    frame = gpd.GeoDataFrame({"oneway": ["no"] * 39 + ["perhaps"]}, geometry=lines, crs="EPSG:4326")
    frame.to_file(tmp_path / "roads.gpkg")
    notes = read_roads(tmp_path, RoadSource(file="roads.gpkg"), ()).notes
    assert any("1 of 40 roads" in note and "'perhaps' (1); taken for both ways" in note for note in notes)


def test_flags_and_speeds_as_offices_write_them(tmp_path):
    edges = layer(
        tmp_path,
        drivable=["yes", "no", "是", "1"],
        walkable=["1", "0", "否", "Y"],
        maxspeed=["30 mph", "50", "0", "60公里/小时"],
    ).edges
    assert sorted(edges["drivable"].tolist()) == [False, True, True, True]
    assert sorted(edges["walkable"].tolist()) == [False, False, True, True]
    assert sorted(edges["speed_kmh"].dropna().round().tolist()) == [48, 50, 60]
