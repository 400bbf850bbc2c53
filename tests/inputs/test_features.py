"""Apportionment, spacing, spread and kinds: the small decisions a build is made of."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from siting.errors import DataError
from siting.inputs.apportion import densest_part, largest_remainder, share_out
from siting.inputs.features.candidates import with_kind, with_stand_ins
from siting.inputs.features.density import make_cells
from siting.inputs.features.names import area_of, town_places
from siting.inputs.features.schema import Area, Density, PlaceKind, Span, StandIn, Towns
from siting.inputs.spacing import distance_to_nearest, keep_spaced, spread_by_demand

weights = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=40).filter(lambda values: sum(values) > 1e-3)
coordinates = st.tuples(st.integers(0, 300), st.integers(0, 300))


@given(weights, st.integers(0, 2_000_000))
def test_largest_remainder_sums_to_the_total_and_rounds_every_share_up_or_down(values, total):
    parts = largest_remainder(np.array(values), total)
    exact = np.array(values) / sum(values) * total
    assert parts.sum() == total
    assert (np.abs(parts - exact) < 1 + 1e-6).all()


def test_the_largest_remainders_get_what_is_left():
    assert largest_remainder(np.array([0.30, 0.25, 0.45]), 10).tolist() == [3, 3, 4]
    assert largest_remainder(np.array([0.20, 0.29, 0.51]), 10).tolist() == [2, 3, 5]


def test_a_least_is_given_to_every_part_first():
    assert largest_remainder(np.array([0.0, 9.0]), 10, least=2).tolist() == [2, 8]


def test_splitting_by_no_weight_at_all_is_refused_with_the_cure():
    with pytest.raises(DataError, match="give some place a weight"):
        largest_remainder(np.zeros(3), 5)


@given(weights, st.floats(1.0, 1e6), st.floats(1.0, 1e5))
def test_no_share_exceeds_the_most_and_together_they_are_the_total(values, total, most):
    parts = share_out(np.array(values) + 1.0, total, most)
    assert parts.sum() == pytest.approx(total)
    assert parts.max() <= max(most, total / len(values)) * (1 + 1e-9)


def test_what_is_cut_off_goes_to_the_others_in_proportion():
    assert share_out(np.array([100.0, 2.0, 1.0]), 10.0, 4.0) == pytest.approx([4.0, 4.0, 2.0])


@settings(max_examples=60)
@given(st.lists(coordinates, max_size=40), st.integers(1, 120))
def test_keeping_places_apart_is_the_greedy_choice_in_the_given_order(places, spacing_m):
    kept: list[int] = []
    for row, (x, y) in enumerate(places):
        if all(np.hypot(x - places[other][0], y - places[other][1]) >= spacing_m for other in kept):
            kept.append(row)
    places_m = np.array(places, dtype=float).reshape(-1, 2)
    assert np.flatnonzero(keep_spaced(places_m, spacing_m)).tolist() == kept


def test_the_first_site_is_the_median_of_the_demand():
    rng = np.random.default_rng(4)
    places_m, demand_m, weight = rng.random((30, 2)) * 1e4, rng.random((50, 2)) * 1e4, rng.random(50)
    cost = [(np.hypot(*(demand_m - place).T) * weight).sum() for place in places_m]
    lone = spread_by_demand(places_m, demand_m, weight, 1)
    # the far bound of each demand caps the distance, so the first pick may tie but never beat the median
    assert cost[lone[0]] == pytest.approx(min(cost))


def test_every_town_gets_a_site_before_a_town_gets_two():
    places_m = np.array([[0, 0], [100, 0], [200, 0], [50_000, 0], [90_000, 0]], dtype=float)
    demand_m = np.array([[0, 0], [150, 0], [50_000, 0], [90_000, 0]], dtype=float)
    chosen = spread_by_demand(places_m, demand_m, np.array([5.0, 5.0, 1.0, 1.0]), 3)
    assert {3, 4} <= set(chosen.tolist())


def test_nothing_is_near_when_there_is_nothing():
    assert np.isinf(distance_to_nearest(np.zeros((2, 2)), np.zeros((0, 2)))).all()


def test_the_densest_part_is_the_smallest_set_that_reaches_the_share():
    assert densest_part(np.array([4.0, 3.0, 2.0, 1.0]), 0.7).tolist() == [True, True, False, False]
    assert densest_part(np.array([4.0, 3.0, 2.0, 1.0]), 1.0).all()
    assert not densest_part(np.array([4.0, 3.0]), 0.0).any()


KINDS = (
    PlaceKind(kind="community", layer="building", classes=("residential",), area_m2=Span(low=1, high=2)),
    PlaceKind(kind="street", layer="road", classes=("residential",), area_m2=Span(low=1, high=2)),
)


def test_a_class_means_what_it_means_in_its_layer_and_others_are_left_out():
    features = pd.DataFrame(
        [("road", "residential", "a"), ("building", "residential", "b"), ("building", "temple", "c")],
        columns=["layer", "osm_class", "name"],
    ).assign(lon=117.0, lat=39.0)
    found = with_kind(features, KINDS).set_index("name")["kind"].to_dict()
    assert found == {"b": "community", "a": "street"}


def test_a_kind_may_ask_for_a_name_and_the_first_kind_that_fits_counts():
    span = Span(low=1, high=2)
    kinds = (
        PlaceKind(kind="market", layer="stop", classes=("bus",), words=("市场",), but_not=("建材",), area_m2=span),
        PlaceKind(kind="estate", layer="stop", classes=("bus",), endings=("里", "园"), but_not=("公园",), area_m2=span),
        PlaceKind(kind="stop", layer="stop", classes=("bus",), area_m2=span),
    )
    names = ["宜君里市场", "宜君里", "长虹公园", "里仁路", "建材市场"]
    features = pd.DataFrame({"layer": "stop", "osm_class": "bus", "name": names, "lon": 117.0, "lat": 39.0})
    found = with_kind(features, kinds)
    assert found.set_index("name")["kind"].to_dict() == {
        "宜君里市场": "market",
        "宜君里": "estate",
        "长虹公园": "stop",
        "里仁路": "stop",
        "建材市场": "stop",
    }
    assert found["rank"].tolist() == [0, 1, 2, 2, 2]


def test_an_area_is_near_its_name_inside_its_districts_only():
    features = pd.DataFrame(
        {"name": ["子牙路", "子牙河桥"], "district": ["1", "1"], "x_m": [0.0, 9000.0], "y_m": [0.0, 0.0]}
    )
    places = pd.DataFrame(
        {"district": ["1", "2", "1", "1"], "x_m": [50.0, 50.0, 150.0, 9000.0], "y_m": [0.0, 0.0, 0.0, 0.0]}
    )
    area = Area(name_en="Z", name_zh="子", districts=("1",), words=("子牙",), but_not=("子牙河",), within_m=100)
    assert area_of(places, features, {"zone": area}).tolist() == ["zone", None, None, None]


SPREAD = Density(class_weights={"road": {"tertiary": 1.0}}, kernel_m=400)


def test_a_cell_crossed_by_a_border_belongs_to_the_district_with_the_most_weight_in_it():
    features = pd.DataFrame(
        {
            "layer": "road",
            "osm_class": "tertiary",
            "district": ["1", "2", "2"],
            "x_m": [10.0, 300.0, 320.0],
            "y_m": 50.0,
        }
    )
    outlines = gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[box(0, 0, 100, 500), box(100, 0, 500, 500)], crs=32650)
    cells = make_cells(features, outlines, SPREAD, 500)
    assert cells["district"].tolist() == ["2"] and cells["x_m"].tolist() == [310.0]


def test_people_stay_in_their_district_where_the_mean_of_its_features_would_leave_it():
    horseshoe = box(0, 0, 500, 500).difference(box(100, 100, 400, 500))
    features = pd.DataFrame(
        {"layer": "road", "osm_class": "tertiary", "district": "1", "x_m": [50.0, 450.0, 460.0], "y_m": 300.0}
    )
    cells = make_cells(features, gpd.GeoDataFrame({"code": ["1"]}, geometry=[horseshoe], crs=32650), SPREAD, 500)
    assert cells[["x_m", "y_m"]].to_numpy().tolist() == [[450.0, 300.0]]


def test_a_town_stands_at_the_stop_of_its_own_district_that_bears_its_name():
    stops = pd.DataFrame(
        {
            "layer": ["transport", "transport", "transport", "road"],
            "name": ["北仓镇政府", "北仓", "北仓", "南仓镇"],
            "district": ["1", "1", "2", "1"],
            "x_m": [0.0, 50.0, 9000.0, 0.0],
            "y_m": 0.0,
            "lon": [117.0, 117.1, 117.2, 117.3],
            "lat": 39.0,
        }
    )
    towns = pd.DataFrame({"code": ["10", "11"], "name": ["北仓镇", "南仓镇"], "district": ["1", "1"]})
    found = town_places(towns, stops, Towns(suffixes=("镇",), stop_suffixes=("镇政府", "镇")))
    assert found[["code", "name"]].to_numpy().tolist() == [["10", "北仓镇"]]
    assert found.geometry.x.tolist() == [117.0]


def test_a_cell_without_a_fitting_place_takes_the_nearest_that_may_stand_in():
    rule = StandIn(kind="among homes", of=("stop",), lacking=("shop",), residents_each=1000, within_m=200)
    places = pd.DataFrame(
        {"kind": ["stop", "stop", "shop", "stop", "school"], "x_m": [150.0, 50.0, 1000.0, 1010.0, 2000.0], "y_m": 0.0}
    )
    demand = pd.DataFrame({"residents": [900, 1500, 2500], "x_m": [0.0, 1000.0, 2000.0], "y_m": 0.0})
    found = with_stand_ins(places, demand, rule)
    assert found.tolist() == ["stop", "among homes", "shop", "among homes", "school"]
