"""A whole build from a tiny synthetic source."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import yaml
from pandas.testing import assert_frame_equal
from pyproj import Transformer
from shapely.geometry import box

from siting.errors import DataError, FileError
from siting.inputs.build import build_city
from siting.inputs.city import read_city

EMBEDDED = Path(__file__).parents[1] / "data" / "tianjin" / "city-source.yaml"
METRIC = "EPSG:32650"
WEST, EAST = "990001", "990002"
RESIDENTS = {WEST: 123_457, EAST: 20_011}
LEFT_M, LOW_M, SIDE_M = 500_100.0, 4_330_100.0, 6_000.0


def to_degrees(x_m, y_m):
    return Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True).transform(x_m, y_m)


def spec_of_two_districts() -> dict:
    spec = yaml.safe_load(EMBEDDED.read_text(encoding="utf-8"))
    middle = list(to_degrees(LEFT_M + SIDE_M, LOW_M + SIDE_M / 2))
    for name, ring in spec["rings"].items():
        ring["districts"] = {"inner": [WEST], "outer": [EAST]}.get(name, [])
        ring["centre"] = middle
    spec["areas"] = {}
    spec["points"]["number"] = 150
    spec["transfer"] |= {
        "number": 9,
        "least_per_district": 2,
        "least_spacing_m": 100,
        "from_dense_m": dict.fromkeys(spec["rings"], 0),
    }
    spec["sorting"] |= {
        "number": 4,
        "least_per_district": 1,
        "per_area": {},
        "from_dense_m": dict.fromkeys(spec["rings"], 0),
    }
    for rules in spec["generators"]:
        rules |= {
            "number": 5,
            "shares": {WEST: 0.5, EAST: 0.5} if rules["kind"] == "industrial" else {},
            "largest_t": 9e6,
        }
    return spec


def scattered(classes, number, seed):
    """Points over both districts, thinning out towards the east."""
    rng = np.random.default_rng(seed)
    x_m = LEFT_M + 2 * SIDE_M * rng.beta(1.0, 2.0, number)
    lon, lat = to_degrees(x_m, LOW_M + SIDE_M * rng.random(number))
    return pd.DataFrame(
        {"osm_type": rng.choice(classes, number), "name": [f"n{k}" for k in range(number)], "lon": lon, "lat": lat}
    )


def write_source(folder: Path) -> None:
    folder.mkdir()
    outlines = [box(LEFT_M + k * SIDE_M, LOW_M, LEFT_M + (k + 1) * SIDE_M, LOW_M + SIDE_M) for k in (0, 1)]
    districts = gpd.GeoDataFrame({"code": [WEST, EAST]}, geometry=outlines, crs=METRIC).to_crs(4326)
    districts.to_file(folder / "districts.geojson", driver="GeoJSON")
    shares = {"share_urban_centre": [1.0, 0.3], "share_dense_urban": [0.0, 0.2]}
    shares |= {"share_low_density": [0.0, 0.1], "share_very_low_density": [0.0, 0.05]}
    facts = {
        "code": [WEST, EAST],
        "name": ["西", "东"],
        "name_en": ["West", "East"],
        "population_2020": RESIDENTS.values(),
    }
    pd.DataFrame(facts | {"urban_share": [1.0, 0.5], "household_size": [2.2, 2.7]} | shares).to_csv(
        folder / "census2020.csv"
    )
    roads = scattered(["tertiary", "residential", "secondary", "primary", "motorway"], 400, 1)
    roads.to_csv(folder / "osm_road_points.csv")
    scattered(["bus_stop", "toll_booth"], 150, 2).to_csv(folder / "osm_transport_points.csv")
    scattered(["apartments", "school", "yes", "temple"], 60, 3).to_csv(folder / "osm_building_points.csv")
    scattered(["canal"], 5, 4).to_csv(folder / "osm_water_points.csv")
    chain = roads.sort_values("lon").head(30)
    pd.DataFrame({"node": range(30), "lon": chain["lon"], "lat": chain["lat"]}).to_csv(folder / "road_nodes.csv")
    kinds = ["motorway", "ramp", *["tertiary"] * 27]
    edges = {"u": range(29), "v": range(1, 30), "class": kinds, "name": [None] * 29, "length_m": 100.0}
    pd.DataFrame(edges).to_csv(folder / "road_edges.csv")


def write_spec(path: Path, spec: dict) -> Path:
    path.write_text(yaml.safe_dump(spec, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A folder with `spec.yaml`, `source` and the city built from them, `city`."""
    folder = tmp_path_factory.mktemp("build")
    write_source(folder / "source")
    build_city(write_spec(folder / "spec.yaml", spec_of_two_districts()), folder / "source", folder / "city")
    return folder


@pytest.fixture(scope="module")
def city(workshop):
    return read_city(workshop / "city")


def test_the_built_folder_is_one_that_runs_accept_and_holds_nothing_else(workshop, city):
    assert list(city.districts["name_en"]) == ["West", "East"]
    left = {path.name for path in workshop.iterdir()}
    assert left == {"spec.yaml", "source", "city"}
    stems = {path.stem for path in (workshop / "city").glob("*.parquet")}
    assert stems == set(city.meta["tables"])


def test_every_district_sums_to_its_census_exactly(city):
    assert city.demand.groupby("district")["residents"].sum().to_dict() == RESIDENTS
    assert city.meta["population"] == sum(RESIDENTS.values())


def test_households_are_residents_by_the_household_size_of_their_district(city):
    size = city.demand["district"].map({WEST: 2.2, EAST: 2.7})
    assert city.demand["households"].to_numpy() == pytest.approx(
        (city.demand["residents"] / size).to_numpy(), abs=0.006
    )


def test_people_are_inside_their_cell_and_inside_their_district(city):
    at = city.demand.geometry.to_crs(METRIC)
    off_x, off_y = at.x - city.demand["cell_x_m"], at.y - city.demand["cell_y_m"]
    assert off_x.between(0, 500).all() and off_y.between(0, 500).all()
    inside = city.demand.sjoin(city.districts[["code", "geometry"]], predicate="within")
    assert len(inside) == len(city.demand) and (inside["district"] == inside["code"]).all()
    assert not city.demand.duplicated(["cell_x_m", "cell_y_m"]).any()


def test_urban_residents_have_the_urban_share_up_to_one_cell(city):
    east = city.demand[city.demand["district"] == EAST]
    urban = east["residents"].where(east["settlement"] == "urban", 0).sum()
    assert 0.5 * RESIDENTS[EAST] <= urban <= 0.5 * RESIDENTS[EAST] + east["residents"].max()
    assert (city.demand.loc[city.demand["district"] == WEST, "settlement"] == "urban").all()


def test_no_motorway_toll_booth_or_temple_becomes_a_candidate(city):
    assert not city.candidates["osm_class"].isin(["motorway", "toll_booth", "temple"]).any()
    kinds = city.candidates.groupby("osm_class")["kind"].unique()
    assert kinds["bus_stop"].tolist() == ["transit_stop"] and kinds["apartments"].tolist() == ["community"]
    assert kinds["yes"].tolist() == ["building"]


def test_candidate_points_keep_their_distance(city):
    at = city.candidates[city.candidates["echelon"] == "point"].geometry.to_crs(METRIC)
    places_m = np.column_stack([at.x, at.y])
    apart_m = np.hypot(*(places_m[:, None] - places_m[None]).transpose(2, 0, 1)) + np.eye(len(at)) * 1e9
    assert apart_m.min() >= 29.8 and len(at) == 150


def test_of_two_places_close_together_the_more_specific_stays(tmp_path, workshop):
    source = tmp_path / "source"
    shutil.copytree(workshop / "source", source)
    lon, lat = to_degrees(LEFT_M + 3000.0, LOW_M + 3000.0)
    for stem, osm_class in (("transport", "bus_stop"), ("building", "apartments")):
        path = source / f"osm_{stem}_points.csv"
        row = pd.DataFrame({"osm_type": [osm_class], "name": ["twin"], "lon": [lon], "lat": [lat]})
        pd.concat([pd.read_csv(path), row]).to_csv(path)
    spec = spec_of_two_districts()
    spec["points"]["number"] = 10_000
    build_city(write_spec(tmp_path / "spec.yaml", spec), source, tmp_path / "city")
    candidates = read_city(tmp_path / "city").candidates
    assert candidates.loc[candidates["name"] == "twin", "kind"].tolist() == ["community"]


def test_sorting_centres_stay_out_of_the_inner_ring_and_have_room(city):
    sorting = city.candidates[city.candidates["echelon"] == "sorting"]
    assert len(sorting) == 4 and set(sorting["district"]) == {EAST}
    assert (sorting["area_m2"] >= 50_000).sum() >= 2


def test_prices_lie_in_the_range_of_the_ring(city):
    price = city.candidates.groupby("district")["land_price_cny_per_m2"].agg(["min", "max"])
    assert price.loc[WEST, "min"] >= 2000 and price.loc[WEST, "max"] <= 6100
    assert price.loc[EAST, "min"] >= 215 and price.loc[EAST, "max"] <= 557


def test_generators_reach_their_total_by_material(city):
    wanted: dict[str, float] = {}
    for rules in spec_of_two_districts()["generators"]:
        wanted[rules["material"]] = wanted.get(rules["material"], 0.0) + rules["tonnes"]
    assert city.generators.groupby("material")["tonnes"].sum().to_dict() == pytest.approx(wanted, abs=5)


def test_nobody_walks_on_motorways_or_ramps(city):
    walkable = city.road_edges.groupby("road_class")["walkable"].all().to_dict()
    assert walkable == {"motorway": False, "ramp": False, "tertiary": True}


def test_the_order_of_rows_in_the_sources_changes_nothing(tmp_path, workshop):
    source = tmp_path / "source"
    shutil.copytree(workshop / "source", source)
    for path in source.glob("osm_*.csv"):
        pd.read_csv(path).sample(frac=1.0, random_state=7).to_csv(path)
    build_city(workshop / "spec.yaml", source, tmp_path / "city")
    for path in (workshop / "city").glob("*.parquet"):
        assert_frame_equal(gpd.read_parquet(path), gpd.read_parquet(tmp_path / "city" / path.name))


def test_the_same_sources_give_the_same_bytes_and_a_folder_can_be_built_again_in_place(tmp_path, workshop):
    shutil.copytree(workshop / "city", tmp_path / "city")
    build_city(tmp_path / "city" / "city-source.yaml", workshop / "source", tmp_path / "city")
    for path in (workshop / "city").iterdir():
        assert path.read_bytes() == (tmp_path / "city" / path.name).read_bytes(), path.name


def test_a_failed_build_leaves_the_old_folder_as_it_was(tmp_path, workshop):
    shutil.copytree(workshop / "city", tmp_path / "city")
    shutil.copytree(workshop / "source", tmp_path / "source")
    edges = pd.read_csv(tmp_path / "source" / "road_edges.csv").drop(index=10)
    edges.to_csv(tmp_path / "source" / "road_edges.csv")
    with pytest.raises(DataError, match=r"2 pieces.*join them"):
        build_city(workshop / "spec.yaml", tmp_path / "source", tmp_path / "city")
    assert {path.name for path in tmp_path.iterdir()} == {"city", "source"}
    assert len(read_city(tmp_path / "city").demand) > 0


def test_a_folder_with_other_files_in_it_is_not_replaced(tmp_path, workshop):
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "thesis.docx").write_text("mine")
    with pytest.raises(FileError, match=r"thesis\.docx.*move them away"):
        build_city(workshop / "spec.yaml", workshop / "source", tmp_path / "city")
    assert [path.name for path in tmp_path.iterdir()] == ["city"]
    assert (tmp_path / "city" / "thesis.docx").read_text() == "mine"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda spec: spec.update(colour="red"), "colour: Extra inputs"),
        (lambda spec: spec["rings"]["outer"].update(districts=[]), "rings of the build spec: lacks district.*990002"),
        (lambda spec: spec["tables"].pop("demand"), "tables.demand: missing; say where it comes from"),
        (lambda spec: spec["demand"].update(class_weights={}), "no feature of the sources has a weight"),
        (
            lambda spec: spec["points"]["kinds"][0]["area_m2"].update(low=99),
            "low 99.0 is above high 80.0; exchange them",
        ),
    ],
)
def test_a_fault_of_the_spec_is_named_with_its_place_and_cure(tmp_path, workshop, change, message):
    spec = copy.deepcopy(spec_of_two_districts())
    change(spec)
    with pytest.raises(DataError, match=message):
        build_city(write_spec(tmp_path / "spec.yaml", spec), workshop / "source", tmp_path / "city")
    assert not (tmp_path / "city").exists()


def test_a_missing_source_or_column_is_named(tmp_path, workshop):
    shutil.copytree(workshop / "source", tmp_path / "source")
    (tmp_path / "source" / "osm_water_points.csv").unlink()
    with pytest.raises(FileError, match=r"osm_water_points\.csv: cannot be read"):
        build_city(workshop / "spec.yaml", tmp_path / "source", tmp_path / "city")
    pd.read_csv(workshop / "source" / "osm_water_points.csv").drop(columns="lat").to_csv(
        tmp_path / "source" / "osm_water_points.csv"
    )
    with pytest.raises(DataError, match=r"osm_water_points\.csv: no column 'lat'"):
        build_city(workshop / "spec.yaml", tmp_path / "source", tmp_path / "city")


def test_numbers_of_the_census_out_of_their_range_are_all_named(tmp_path, workshop):
    shutil.copytree(workshop / "source", tmp_path / "source")
    census = pd.read_csv(tmp_path / "source" / "census2020.csv")
    census.assign(urban_share=[1.2, 0.5], household_size=[2.2, None]).to_csv(tmp_path / "source" / "census2020.csv")
    with pytest.raises(
        DataError, match=r"(?s)990001: urban_share is 1\.2; give.*|990002: household_size is nan"
    ) as caught:
        build_city(workshop / "spec.yaml", tmp_path / "source", tmp_path / "city")
    assert "2 faults" in str(caught.value)


def test_a_district_with_residents_but_no_features_is_named(tmp_path, workshop):
    shutil.copytree(workshop / "source", tmp_path / "source")
    for path in (tmp_path / "source").glob("osm_*.csv"):
        points = pd.read_csv(path)
        points[points["lon"] < to_degrees(LEFT_M + SIDE_M - 50, LOW_M)[0]].to_csv(path)
    with pytest.raises(DataError, match="district 990002: has residents but no feature"):
        build_city(workshop / "spec.yaml", tmp_path / "source", tmp_path / "city")
