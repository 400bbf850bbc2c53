from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.errors import DataError
from siting.inputs.assemble.generators import generators_from, spread_generators
from siting.inputs.assemble.spec import SpreadGenerators
from siting.inputs.population.cells import HexCells, SquareCells
from siting.inputs.population.census import match_census
from siting.inputs.population.people import People, spread_census
from siting.inputs.population.weights import weigh_layers

UTM = "EPSG:32650"
SQUARES, HEXAGONS = SquareCells(500.0, UTM), HexCells(8, UTM)
WEST, SOUTH = 517_000.0, 4_328_000.0
both = pytest.mark.parametrize("cells", [SQUARES, HEXAGONS], ids=["squares", "hexagons"])


def metric(shapes, **columns):
    moved = [shapely.transform(shape, lambda c: c + np.array([WEST, SOUTH])) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=moved, crs=UTM).to_crs(4326)


def two_districts(residents=(6000, 3001)):
    shapes = [shapely.box(0, 0, 2300, 3000), shapely.box(2300, 0, 5000, 3000)]
    names = {"code": ["d1", "d2"], "name_zh": ["和平区", "滨海新区"], "name_en": ["Heping District", "Binhai"]}
    return metric(shapes, **names, residents=list(residents))


def points(x, y, weight):
    return metric(shapely.points(np.asarray(x, dtype=float), np.asarray(y, dtype=float)), weight=weight)


def some_points(seed=0, n=400):
    rng = np.random.default_rng(seed)
    return points(rng.uniform(-200, 5200, n), rng.uniform(0, 3000, n), rng.exponential(1.0, n))


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    residents=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
    is_hexagonal=st.booleans(),
)
def test_residents_sum_to_every_census_total_and_the_order_of_the_weights_does_not_matter(
    seed, residents, is_hexagonal
):
    cells, districts, weights = HEXAGONS if is_hexagonal else SQUARES, two_districts(residents), some_points(seed, 80)
    demand = spread_census(None, districts, weights, cells=cells)
    sums = demand.groupby("district")["residents"].sum()
    assert [sums.get("d1", 0), sums.get("d2", 0)] == list(residents)
    assert (demand["residents"] > 0).all() and demand["id"].is_unique
    turned = spread_census(None, districts, weights.sample(frac=1.0, random_state=seed % 999), cells=cells)
    pd.testing.assert_frame_equal(
        pd.DataFrame(demand.drop(columns=["geometry", "cell"])), pd.DataFrame(turned.drop(columns=["geometry", "cell"]))
    )
    assert demand.geometry.geom_equals(turned.geometry).all()


@both
def test_each_row_lies_in_its_district_and_in_its_cell(cells):
    districts = two_districts()
    demand = spread_census(None, districts, some_points(), cells=cells)
    home = districts.set_index("code").geometry.to_crs(UTM).buffer(0.1)
    at = demand.geometry.to_crs(UTM)
    assert at.within(home[demand["district"]].set_axis(demand.index)).all()
    drawn = demand["cell"].notna()
    assert drawn.all() if cells is HEXAGONS else 0 < drawn.sum() < len(demand)
    own = demand["cell"][drawn].to_crs(UTM)
    assert own.covers(at[drawn]).all()
    assert own.within(home[demand["district"][drawn]].set_axis(own.index)).all()
    assert at.x[~drawn].between(demand["cell_x_m"][~drawn], demand["cell_x_m"][~drawn] + 500).all()


def test_a_cell_crossed_by_a_border_is_cut_along_it_and_named_by_both_districts():
    districts = two_districts((100, 300))
    demand = spread_census(None, districts, points([2200, 2400], [600, 600], [1.0, 1.0]), cells=SQUARES)
    assert sorted(demand["id"]) == ["D1038-8657-d1", "D1038-8657-d2"]
    assert demand.set_index("district")["residents"].to_dict() == {"d1": 100, "d2": 300}
    assert demand["cell"].to_crs(UTM).area.sum() == pytest.approx(500 * 500, rel=1e-3)
    assert demand["cell"].to_crs(UTM).area.max() == pytest.approx(300 * 500, rel=1e-2)


def test_residents_follow_the_weights_and_the_point_is_their_middle():
    weights = points([100, 200, 1100], [100, 100, 100], [1.0, 3.0, 4.0])
    demand = spread_census(None, two_districts((800, 0)), weights, cells=SQUARES)
    assert demand["residents"].tolist() == [400, 400]
    assert demand.geometry.to_crs(UTM).x.to_numpy() - WEST == pytest.approx([175, 1100], abs=0.1)


def test_the_point_is_the_heaviest_place_where_the_middle_lies_across_the_border():
    notch = shapely.box(100, 50, 400, 450)
    shapes = [shapely.box(0, 0, 500, 500) - notch, notch]
    districts = metric(shapes, code=["d1", "d2"], residents=[90, 10])
    weights = points([50, 450, 250], [250, 250, 250], [1.0, 2.0, 1.0])
    demand = spread_census(None, districts, weights, cells=SQUARES).set_index("district")
    assert demand.geometry.to_crs(UTM).x.to_numpy() - WEST == pytest.approx([450, 250], abs=0.1)


def test_hexagons_are_those_of_h3_and_their_square_has_the_same_area():
    demand = spread_census(None, two_districts(), some_points(), cells=HexCells(8))
    whole = demand[~demand["id"].str.contains("-")]
    middle = whole["cell"].representative_point()
    labels = [h3.latlng_to_cell(lat, lon, 8) for lon, lat in zip(middle.x, middle.y, strict=True)]
    assert [f"H{label}" for label in labels] == whole["id"].tolist()
    areas = [h3.cell_area(label, unit="m^2") for label in labels]
    assert (whole["cell_size_m"] ** 2).to_numpy() == pytest.approx(areas, rel=2e-3)


def test_no_cell_is_fuller_than_the_limit_where_others_can_take_people():
    weights = points([100, 700, 1200], [100, 100, 100], [100.0, 1.0, 1.0])
    people = People(most_per_km2=20_000)
    demand = spread_census(None, two_districts((10_000, 0)), weights, cells=SQUARES, people=people)
    assert sorted(demand["residents"]) == [2500, 2500, 5000]


def test_households_and_settlement_come_from_the_census_where_it_has_them():
    census = pd.DataFrame({"name": ["和平", "天津市滨海新区"], "residents": [6000, 3001], "households": [3000, None]})
    demand = spread_census(census, two_districts(), some_points(), cells=SQUARES)
    size = demand["residents"] / demand["households"]
    assert size[demand["district"] == "d1"].to_numpy() == pytest.approx(2.0, rel=0.02)
    assert size[demand["district"] == "d2"].median() == pytest.approx(2.62, rel=0.02)
    shared = spread_census(census.assign(urban_share=[0.5, 0.0]), two_districts(), some_points(), cells=SQUARES)
    urban = shared[shared["settlement"] == "urban"].groupby("district")["residents"].sum()
    assert urban.to_dict() == pytest.approx({"d1": 3000}, rel=0.1)


def test_dense_cells_are_urban_and_the_factor_of_generation_follows():
    people = People(urban_above_per_km2=1000, urban_factor=1.2, rural_factor=0.8)
    weights = points([100, 700], [100, 100], [9.0, 1.0])
    demand = spread_census(None, two_districts((1000, 0)), weights, cells=SQUARES, people=people)
    assert demand["settlement"].tolist() == ["urban", "rural"]
    assert demand["generation_factor"].tolist() == [1.2, 0.8]


def test_points_outside_of_every_district_are_told():
    demand = spread_census(None, two_districts(), some_points(), cells=SQUARES)
    (note,) = demand.attrs["notes"]
    assert note.endswith("of 400 weighted points lie in no district and weigh nothing")


def test_districts_with_residents_and_nothing_that_weighs_are_all_listed():
    with pytest.raises(DataError, match=r"(?s)2 faults:.*d1: 6,000 residents.*add roads.*d2: 3,001"):
        spread_census(None, two_districts(), points([-900], [0], [1.0]), cells=SQUARES)


@pytest.mark.parametrize(
    ("census", "cure"),
    [
        ({"name": ["和平", "河西"], "residents": [1, 2]}, "row 2 \\(河西\\): no such district"),
        ({"code": ["d1", "d1"], "residents": [1, 2]}, "2 rows for district d1; keep one"),
        ({"code": ["d1"], "residents": [1]}, "no row for district d2; add its residents"),
        ({"code": ["d1", "d2"], "residents": ["many", -1]}, "residents is many; give a whole number"),
        ({"code": ["d1", "d2"], "residents": [1.5, 2]}, "residents is 1.5"),
        ({"code": ["d1", "d2"]}, "no column 'residents'"),
        ({"residents": [1, 2]}, "no column 'code' or 'name'"),
    ],
)
def test_a_census_that_does_not_fit_is_refused_with_the_cure(census, cure):
    with pytest.raises(DataError, match=cure):
        match_census(pd.DataFrame(census), two_districts())


def test_names_match_in_either_language_with_or_without_their_ending():
    for names in (
        ["和平", "滨海"],
        ["和平区", "滨海新区"],
        ["天津市和平区", "天津市滨海新区"],
        ["heping", "Binhai District"],
    ):
        census = pd.DataFrame({"name": names[::-1], "residents": [2, 1]})
        assert match_census(census, two_districts())["residents"].tolist() == [1, 2]
    numbers = match_census(
        pd.DataFrame({"code": [110.0, 120.0], "residents": [1, 2]}), two_districts().assign(code=["110", "120"])
    )
    assert numbers["residents"].tolist() == [1, 2]


def test_roads_weigh_by_length_and_class_along_their_whole_course():
    lines = [
        shapely.LineString([(0, 10), (1000, 10)]),
        shapely.LineString([(0, 20), (500, 20)]),
        shapely.LineString([(0, 0), (9, 9)]),
    ]
    roads = metric(lines, road_class=["residential", "primary", "motorway"])
    table = {"roads": {"residential": 100.0, "primary": 10.0, "default": 0.0}}
    weights = weigh_layers({"roads": roads}, table, crs_metric=UTM)
    assert weights["weight"].sum() == pytest.approx(105.0, rel=1e-3)
    assert len(weights) in (15, 16, 17)
    east = weights.geometry.to_crs(UTM).x - WEST
    assert east.min() == pytest.approx(50, abs=5) and east.max() == pytest.approx(950, abs=5)


def test_buildings_weigh_by_floor_area_stops_by_number_and_land_by_area():
    buildings = metric([shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 20)], osm_class=["apartments", "apartments"])
    buildings["floor_area_m2"] = [1000.0, None]
    stops = metric([shapely.Point(5, 5)] * 3, osm_class=["bus_stop", "platform", "bus_stop"])
    landuse = metric(
        [shapely.box(0, 0, 1000, 500), shapely.box(0, 0, 20, 20), shapely.box(0, 0, 900, 900)],
        osm_class=["residential", "residential", "forest"],
    )
    table = {
        "buildings": {"apartments": 0.1},
        "stops": {"platform": 5.0, "default": 1.0},
        "landuse": {"residential": 1000.0, "default": 0.0},
    }
    weigh = {
        name: weigh_layers({name: layer}, table, crs_metric=UTM)["weight"].sum()
        for name, layer in (("buildings", buildings), ("stops", stops), ("landuse", landuse))
    }
    assert weigh == pytest.approx({"buildings": 120.0, "stops": 7.0, "landuse": 500.4}, rel=1e-3)
    together = weigh_layers({"buildings": buildings, "stops": stops, "landuse": landuse}, table, crs_metric=UTM)
    assert together["weight"].sum() == pytest.approx(627.4, rel=1e-3)


def test_nothing_weighs_nothing():
    stops = metric([shapely.Point(5, 5)], osm_class=["bus_stop"])
    assert len(weigh_layers({"stops": stops.iloc[:0]}, crs_metric=UTM)) == 0
    assert len(weigh_layers({"stops": stops}, {"stops": {}}, crs_metric=UTM)) == 0


def test_layers_and_weights_that_make_no_sense_are_all_listed():
    stops = metric([shapely.Point(5, 5)], kind=["bus_stop"])
    with pytest.raises(DataError, match="4 faults") as caught:
        weigh_layers({"stops": stops, "rivers": stops}, {"roads": {"primary": -1.0}, "lakes": {}}, crs_metric=UTM)
    for cure in ("'rivers'; choose from", "no column 'osm_class'", "weights.roads.primary: -1.0; give", "'lakes'"):
        assert cure in str(caught.value)


@pytest.mark.parametrize(
    "make", [lambda: SquareCells(0.0, UTM), lambda: SquareCells(np.nan, UTM), lambda: HexCells(14)]
)
def test_cells_of_impossible_size_are_refused(make):
    with pytest.raises(DataError, match="choose"):
        make()


def shops():
    return metric(
        [shapely.Point(10 * n, 0) for n in range(5)],
        kind=["shop", "shop", "office", "shop", "school"],
        osm_class="yes",
        name=list("abcde"),
        district="d1",
        area_m2=[100.0, 300.0, 400.0, None, 9000.0],
    )


def total(material, tonnes, at=("shop", "office"), kind="commercial", **more):
    return SpreadGenerators(material=material, tonnes=tonnes, at=at, kind=kind, **more)


def test_a_declared_total_is_spread_over_shops_and_offices_by_floor_area_and_marked_synthetic():
    table = generators_from(shops(), [total("paper", 100.0), total("metal", 7.0, at=("office",), kind="industrial")])
    paper = table[table["material"] == "paper"]
    assert paper["tonnes"].tolist() == pytest.approx([10.0, 30.0, 40.0, 20.0])
    assert table["name"].tolist() == ["a", "b", "c", "d", "c"]
    assert table["id"].str.startswith("synthetic-").all() and table["id"].is_unique
    assert table.iloc[-1][["kind", "tonnes"]].tolist() == ["industrial", 7.0]


def test_tonnes_of_generators_sum_to_the_total_to_the_kilogram_and_the_smallest_have_no_row():
    places = pd.concat([shops().iloc[[0]]] * 7, ignore_index=True)
    assert round(1000 * generators_from(places, [total("paper", 100.0, at=("shop",))])["tonnes"].sum(), 6) == 100_000
    assert len(generators_from(places, [total("paper", 0.003, at=("shop",))])) == 3


def test_no_generator_is_larger_than_the_largest():
    tonnes = generators_from(shops(), [total("paper", 100.0, largest_t=30.0)])["tonnes"]
    assert tonnes.max() == pytest.approx(30.0) and tonnes.sum() == pytest.approx(100.0)


def test_totals_that_cannot_be_spread_are_all_listed():
    totals = [total("paper", 0.0004), total("metal", 5.0, at=("mine",)), total("glass", 500.0, largest_t=10.0)]
    with pytest.raises(DataError, match="3 faults") as caught:
        generators_from(shops(), totals)
    for cure in ("give a kilogram at least", "no place of 'mine'", "cannot offer 500 t; raise it"):
        assert cure in str(caught.value)


def test_where_no_total_is_declared_there_are_no_made_up_generators():
    assert spread_generators(object(), [], two_districts()) == ()
