"""The embedded city: complete, in agreement with the census, believable."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from siting.config import load_config
from siting.inputs.assemble import assemble_city
from siting.inputs.assemble.readme import district_figures
from siting.inputs.assemble.spec import assembly_keys
from siting.inputs.city import read_city
from siting.inputs.spacing import distance_to_nearest

FOLDER = Path(__file__).parents[2] / "data" / "tianjin"
SOURCES = Path(os.environ.get("SITING_TIANJIN_SOURCES", "no such folder"))
INNER = ["120101", "120102", "120103", "120104", "120105", "120106"]
# 2020 census by district, written here a second time on purpose
RESIDENTS = {
    **{
        "120101": 355_000,
        "120102": 858_787,
        "120103": 822_174,
        "120104": 917_106,
        "120105": 647_702,
        "120106": 483_130,
    },
    **{"120110": 936_322, "120111": 1_180_770, "120112": 928_066, "120113": 909_643, "120114": 1_153_235},
    **{"120115": 722_367, "120116": 1_973_752, "120117": 395_333, "120118": 787_106, "120119": 795_516},
}


@pytest.fixture(scope="module")
def city():
    return read_city(FOLDER)


@pytest.fixture(scope="module")
def figures(city):
    tables = {stem: getattr(city, stem) for stem in ("districts", "demand", "candidates", "generators")}
    return district_figures(tables, city.crs_metric)


def test_residents_of_every_district_are_the_census(city):
    assert sum(RESIDENTS.values()) == 13_866_009 == city.meta["population"]
    assert city.demand.groupby("district")["residents"].sum().to_dict() == RESIDENTS
    assert city.districts.set_index("code")["residents"].to_dict() == RESIDENTS


def test_the_city_is_as_large_as_the_methods_are_meant_for(city):
    echelons = city.candidates["echelon"].value_counts()
    assert len(city.demand) >= 7_500
    assert echelons["point"] >= 10_000 and 300 <= echelons["transfer"] <= 500 and 60 <= echelons["sorting"] <= 100
    assert 350 <= len(city.generators) <= 600


def test_the_airport_area_is_a_unit_of_its_own_and_its_residents_count_where_they_live(city):
    airport = city.demand[city.demand["area"] == "airport_area"]
    assert set(airport["district"]) == {"120110"}
    assert 100_000 < airport["residents"].sum() < 150_000
    assert set(city.demand["area"].dropna()) == {"airport_area", "eco_city", "dongjiang_port", "ziya_zone"}
    assert "2,067,318" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_no_hospital_fire_station_or_plant_in_operation_is_a_candidate(city):
    assert not city.candidates["osm_class"].isin(["hospital", "fire_station", "industrial", "warehouse"]).any()


def test_stops_that_stand_for_an_estate_a_village_or_a_market_are_told_from_platforms(city):
    stops = city.candidates[city.candidates["osm_class"].isin(["bus_stop", "subway_station", "bus_station"])]
    gates = stops.loc[stops["kind"] == "estate_gate", "name"]
    assert not gates.str.contains("公园|地铁站|产业园|大学").any()
    assert gates.str.endswith(("里", "园", "苑")).mean() > 0.7
    assert stops["kind"].value_counts(normalize=True)["transit_stop"] < 0.4


def test_every_district_has_places_for_kiosks_near_its_residents(city):
    config = load_config(FOLDER.parents[1] / "configs" / "tianjin-2027.yaml").config
    points = city.candidates[city.candidates["echelon"] == "point"]
    fit = points[points["kind"].isin(config.facilities.point["kiosk"].kinds) & (points["area_m2"] >= 10)]
    near = distance_m(city, city.demand, fit) <= 400  # straight: about 500 m along the streets
    reached = city.demand["residents"].where(near, 0).groupby(city.demand["district"]).sum()
    assert (reached / city.demand.groupby("district")["residents"].sum() > 0.8).all()


@pytest.mark.parametrize("table", ["demand", "candidates"])
def test_every_place_lies_in_its_district(city, table):
    places = getattr(city, table)
    inside = places.sjoin(city.districts[["code", "geometry"]], predicate="within")
    assert (inside["district"] == inside["code"]).sum() == len(places)


def test_people_are_inside_their_cell_and_no_cell_comes_twice(city):
    at = city.demand.geometry.to_crs(city.crs_metric)
    assert (at.x - city.demand["cell_x_m"]).between(0, city.demand["cell_size_m"]).all()
    assert (at.y - city.demand["cell_y_m"]).between(0, city.demand["cell_size_m"]).all()
    assert not city.demand.duplicated(["cell_x_m", "cell_y_m"]).any()


def test_densities_are_believable(figures):
    assert figures["peak_per_km2"].max() < 65_000
    assert figures.loc[INNER, "mean_per_km2"].between(15_000, 40_000).all()
    assert (figures.drop(INNER)["peak_per_km2"] < 35_000).all()


def test_urban_shares_follow_the_census(figures):
    assert figures.loc[INNER, "urban_share"].eq(1.0).all()
    assert figures.loc["120115", "urban_share"] == pytest.approx(0.4278, abs=0.01)


def test_every_district_can_reach_its_residents(figures):
    assert (figures["reach_1000_share"] > 0.90).all()
    assert (figures["reach_500_share"] > 0.85).all()
    assert (figures["transfer"] >= 6).all()


def test_sorting_centres_stand_outside_the_inner_city_with_room_for_25_of_320_kt(city, figures):
    sorting = city.candidates[city.candidates["echelon"] == "sorting"]
    assert (figures.loc[INNER, "sorting"] == 0).all() and (figures.drop(INNER)["sorting"] >= 4).all()
    assert (sorting["area_m2"] >= 50_000).sum() >= 45
    assert 4 <= (sorting["area"] == "ziya_zone").sum() <= 8


def test_the_target_of_8_mt_can_be_met_but_binds(city):
    tonnes = city.generators.groupby("material")["tonnes"].sum()
    assert 8.2e6 < tonnes.sum() < 8.5e6
    assert tonnes["scrap_metal"] / tonnes.sum() == pytest.approx(0.65, abs=0.01)
    assert city.generators["tonnes"].max() <= 150_000


def test_the_road_network_is_one_piece(city):
    ends = city.road_edges[["u", "v"]].to_numpy()
    assert connected_components(coo_matrix((np.ones(len(ends)), ends.T)), directed=False)[0] == 1
    assert np.array_equal(city.road_nodes["node"], np.arange(len(city.road_nodes)))
    assert not city.road_edges.loc[city.road_edges["road_class"].isin(["motorway", "ramp"]), "walkable"].any()


def test_every_table_says_where_it_comes_from_and_synthetic_ones_say_so(city):
    tables = city.meta["tables"]
    assert {path.stem for path in FOLDER.glob("*.parquet")} == set(tables)
    assert tables["generators"]["nature"] == tables["candidates"]["nature"] == "synthetic"
    assert all("OpenStreetMap contributors" in tables[stem]["licence"] for stem in ("demand", "candidates", "water"))
    assert (city.candidates["role"] == "candidate").all()


def test_the_folder_tells_people_the_same_figures_and_stays_small(city):
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"{len(city.candidates):,}" in text and "© OpenStreetMap contributors" in text
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5e6
    assert assembly_keys(FOLDER / "city-source.yaml")[0]["tables"] == city.meta["tables"]


def distance_m(city, places, others):
    at, of = places.geometry.to_crs(city.crs_metric), others.geometry.to_crs(city.crs_metric)
    return distance_to_nearest(np.column_stack([at.x, at.y]), np.column_stack([of.x, of.y]))


def test_sorting_centres_keep_away_from_housing_schools_and_waters(city):
    sorting = city.candidates[city.candidates["echelon"] == "sorting"]
    dense = city.demand[city.demand["residents"] / 0.25 > 6000]
    schools = city.candidates[city.candidates["kind"] == "school"]
    assert distance_m(city, sorting, dense).min() >= 699
    assert distance_m(city, sorting, schools).min() >= 199
    assert distance_m(city, sorting, city.water).min() >= 99


def test_land_is_dearer_towards_the_centre_of_its_ring(city):
    points = city.candidates[(city.candidates["echelon"] == "point") & city.candidates["district"].isin(INNER)]
    centre = gpd.GeoSeries.from_xy([117.195], [39.125], crs=4326)
    near = distance_m(city, points, gpd.GeoDataFrame(geometry=centre))
    price = points["land_price_cny_per_m2"].to_numpy()
    assert price[near < 2000].min() > price[near > 6000].max()


@pytest.mark.skipif(not SOURCES.is_dir(), reason="the raw sources are not here; set SITING_TIANJIN_SOURCES")
def test_the_folder_is_the_one_that_its_source_list_makes(tmp_path):
    assemble_city(FOLDER / "city-source.yaml", tmp_path / "city", source=SOURCES)
    for path in FOLDER.glob("*.parquet"):
        assert_frame_equal(gpd.read_parquet(path), gpd.read_parquet(tmp_path / "city" / path.name), obj=path.stem)
    for name in ("README.md", "city.yaml"):
        assert (FOLDER / name).read_bytes() == (tmp_path / "city" / name).read_bytes()
