"""Roads of a city folder on their way to distances: what may be left out, one-way streets, places that are lost."""

import numpy as np
import pandas as pd
import pytest
import shapely

from siting.errors import DataError
from siting.inputs.city import read_city
from siting.prepare import lost_places
from siting.prepare.roads import network_of
from tests.commands import failing, siting
from tests.prepare.test_prepare import prepared
from tests.small_city import small_tables, write_small_city

FAR_ID = "P0"


def city_with(folder, change):
    tables = small_tables()
    change(tables)
    write_small_city(folder, tables=tables)
    return read_city(folder / "city")


def set_columns(**columns):
    def change(tables):
        for name, values in columns.items():
            tables["road_edges"][name] = values

    return change


def test_roads_without_the_new_columns_are_drivable_both_ways_with_the_speed_of_their_class(tmp_path):
    edges = city_with(tmp_path, lambda tables: None).road_edges
    assert edges["drivable"].all()
    assert not edges["oneway"].any()
    assert set(edges["speed_kmh"]) == {40.0}


def test_a_value_that_is_missing_in_a_column_means_what_a_missing_column_means(tmp_path):
    def change(tables):
        n = len(tables["road_edges"])
        tables["road_edges"]["oneway"] = pd.Series([True, None] + [False] * (n - 2), dtype="boolean")
        tables["road_edges"]["drivable"] = pd.Series([None] * n, dtype=object)
        tables["road_edges"]["speed_kmh"] = [12.0] + [None] * (n - 1)

    edges = city_with(tmp_path, change).road_edges
    assert edges["oneway"].tolist() == [True] + [False] * (len(edges) - 1)
    assert edges["drivable"].all() and edges["oneway"].dtype == edges["drivable"].dtype == bool
    assert edges["speed_kmh"].tolist()[:2] == [12.0, 40.0]


def test_every_wrong_flag_and_speed_is_told_at_once(tmp_path):
    with pytest.raises(DataError) as told:
        city_with(tmp_path, set_columns(oneway="perhaps", drivable=3, speed_kmh="fast"))
    for words in ("oneway: 58 values are neither true nor false, first ['perhaps'", "drivable: 58", "speed_kmh: 58"):
        assert words in str(told.value)


def test_text_for_yes_and_no_as_csv_tables_have_it_is_understood(tmp_path):
    edges = city_with(tmp_path, set_columns(oneway="false", walkable="True")).road_edges
    assert edges["walkable"].all() and not edges["oneway"].any()


def test_one_way_streets_lengthen_hauls_and_no_walk(tmp_path):
    plain = prepared(tmp_path / "plain").instance
    tables = small_tables()
    tables["road_edges"]["oneway"] = tables["road_edges"]["u"] % 2 == 0
    directed = prepared(tmp_path / "directed", tables=tables).instance
    assert directed.walks.distance_m.tolist() == plain.walks.distance_m.tolist()
    assert directed.haul.distance_m.sum() > plain.haul.distance_m.sum() + 1000


def test_bent_roads_are_travelled_as_they_are_drawn(tmp_path):
    def change(tables):
        edges = tables["road_edges"]
        first = edges.geometry.iloc[0]
        middle = first.interpolate(0.5, normalized=True)
        bent = shapely.LineString([first.coords[0], (middle.x, middle.y + 0.001), first.coords[1]])
        edges.loc[0, "geometry"] = bent
        edges.loc[0, "length_m"] = 560.0

    network, _ = network_of(city_with(tmp_path, change))
    assert network.n_nodes == 36
    assert len(network.edge_nodes) == 59
    assert network.edge_length_m.sum() == pytest.approx(57 * 500 + 560, abs=5)


def test_roads_and_places_that_are_left_out_are_listed_by_id(tmp_path):
    tables = small_tables()
    tables["road_edges"]["oneway"] = np.arange(58) == 0  # a corner: the other street there is not drivable
    tables["road_edges"]["drivable"] = ~((tables["road_edges"]["u"] == 0) & (tables["road_edges"]["v"] == 7))
    site = tables["candidates"].geometry
    site.loc[tables["candidates"]["id"] == FAR_ID] = shapely.Point(117.18, 39.09)
    tables["candidates"] = tables["candidates"].set_geometry(site)
    ready = prepared(tmp_path, tables=tables)
    lines = lost_places(read_city(tmp_path / "city"), ready.instance, ready.snapping)
    assert lines[0].startswith("roads: 1 edges (0.5 km, 1.8 % of the drivable length)")
    assert any(line.startswith("walk: 1 of 10 points are over 500 m from a road: P0") for line in lines)
    told = siting("check", tmp_path / "plan.yaml")
    assert "are over 500 m from a road: P0" in told.output


def test_the_log_of_a_run_lists_the_places_it_does_not_reach(tmp_path):
    tables = small_tables()
    site = tables["candidates"].geometry
    site.loc[tables["candidates"]["id"] == FAR_ID] = shapely.Point(117.18, 39.09)
    tables["candidates"] = tables["candidates"].set_geometry(site)
    path = write_small_city(tmp_path, tables=tables)
    assert siting("run", path, "--out", tmp_path / "run").exit_code == 0
    assert "points are over 500 m from a road: P0" in (tmp_path / "run/log.txt").read_text(encoding="utf-8")


def test_streets_that_all_lead_one_way_are_refused_with_the_cure(tmp_path):
    path = write_small_city(tmp_path)
    tables = small_tables()
    tables["road_edges"]["oneway"] = True
    path = write_small_city(tmp_path / "oneway", tables=tables)
    assert "none leads back; correct `oneway`" in failing(2, "run", path)
