"""A whole build by named features from a tiny synthetic source: Tianjin's rules, two made-up districts."""

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

from siting.errors import ConfigError, DataError, FileError
from siting.inputs.assemble import assemble_city
from siting.inputs.assemble.spec import assembly_keys
from siting.inputs.city import read_city

EMBEDDED = Path(__file__).parents[2] / "data" / "tianjin" / "city-source.yaml"
METRIC = "EPSG:32650"
WEST, EAST = "990001", "990002"
RESIDENTS = {WEST: 123_457, EAST: 20_011}
LEFT_M, LOW_M, SIDE_M = 500_100.0, 4_330_100.0, 6_000.0


def to_degrees(x_m, y_m):
    return Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True).transform(x_m, y_m)


def spec_of_two_districts() -> dict:
    spec, _ = assembly_keys(EMBEDDED)
    middle = list(to_degrees(LEFT_M + SIDE_M, LOW_M + SIDE_M / 2))
    for name, zone in spec["zones"].items():
        zone["districts"] = {"inner": [WEST], "outer": [EAST]}.get(name, [])
        zone["centre"] = middle
    spec["areas"] = {}
    for source in spec["sources"]["features"]:
        source["columns"] = {"layer": f"={source['file'].split('_')[1]}"}
    del spec["sources"]["towns"], spec["tables"]["places"]
    made = spec["from_features"]["candidates"]
    made["point"]["number"] = 150
    made["transfer"] |= {
        "number": 9,
        "least_per_district": 2,
        "least_spacing_m": 100,
        "from_dense_m": dict.fromkeys(spec["zones"], 0),
    }
    made["sorting"] |= {
        "number": 4,
        "least_per_district": 1,
        "per_area": {},
        "from_dense_m": dict.fromkeys(spec["zones"], 0),
    }
    for rules in spec["from_features"]["generators"]:
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
    names = {"code": [WEST, EAST], "name": ["西", "东"], "name_en": ["West", "East"]}
    districts = gpd.GeoDataFrame(names, geometry=outlines, crs=METRIC).to_crs(4326)
    districts.to_file(folder / "districts.geojson", driver="GeoJSON")
    shares = {"share_urban_centre": [1.0, 0.3], "share_dense_urban": [0.0, 0.2]}
    shares |= {"share_low_density": [0.0, 0.1], "share_very_low_density": [0.0, 0.05]}
    pd.DataFrame(
        names
        | {"population_2020": RESIDENTS.values(), "urban_share": [1.0, 0.5], "household_size": [2.2, 2.7]}
        | shares
    ).to_csv(folder / "census2020.csv", index=False)
    roads = scattered(["tertiary", "residential", "secondary", "primary", "motorway"], 400, 1)
    roads.to_csv(folder / "osm_road_points.csv", index=False)
    scattered(["bus_stop", "toll_booth"], 150, 2).to_csv(folder / "osm_transport_points.csv", index=False)
    scattered(["apartments", "school", "yes", "temple"], 60, 3).to_csv(folder / "osm_building_points.csv", index=False)
    scattered(["canal"], 5, 4).to_csv(folder / "osm_water_points.csv", index=False)
    chain = roads.sort_values("lon").head(30)
    pd.DataFrame({"node": range(30), "lon": chain["lon"], "lat": chain["lat"]}).to_csv(
        folder / "road_nodes.csv", index=False
    )
    kinds = ["motorway", "ramp", *["tertiary"] * 27]
    edges = {"u": range(29), "v": range(1, 30), "class": kinds, "name": [None] * 29, "length_m": 100.0}
    pd.DataFrame(edges).to_csv(folder / "road_edges.csv", index=False)


def write_spec(path: Path, spec: dict) -> Path:
    path.write_text(yaml.safe_dump(spec, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A folder with `spec.yaml`, `source` and the city built from them, `city`."""
    folder = tmp_path_factory.mktemp("build")
    write_source(folder / "source")
    assemble_city(
        write_spec(folder / "spec.yaml", spec_of_two_districts()), source=folder / "source", out=folder / "city"
    )
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
    assert kinds["apartments"].tolist() == ["community"] and kinds["tertiary"].tolist() == ["street"]
    assert set(kinds["bus_stop"]) == {"transit_stop", "neighbourhood"}  # stops stand in where a cell has no other
    assert set(kinds["yes"]) <= {"building", "neighbourhood"}


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
        pd.concat([pd.read_csv(path), row]).to_csv(path, index=False)
    spec = spec_of_two_districts()
    spec["from_features"]["candidates"]["point"]["number"] = 10_000
    assemble_city(write_spec(tmp_path / "spec.yaml", spec), source=source, out=tmp_path / "city")
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
    for rules in spec_of_two_districts()["from_features"]["generators"]:
        wanted[rules["material"]] = wanted.get(rules["material"], 0.0) + rules["tonnes"]
    assert city.generators.groupby("material")["tonnes"].sum().to_dict() == pytest.approx(wanted, abs=5)


def test_nobody_walks_on_motorways_or_ramps(city):
    walkable = city.road_edges.groupby("road_class")["walkable"].all().to_dict()
    assert walkable == {"motorway": False, "ramp": False, "tertiary": True}


def test_the_order_of_rows_in_the_sources_changes_nothing(tmp_path, workshop):
    source = tmp_path / "source"
    shutil.copytree(workshop / "source", source)
    for path in source.glob("osm_*.csv"):
        pd.read_csv(path).sample(frac=1.0, random_state=7).to_csv(path, index=False)
    assemble_city(workshop / "spec.yaml", source=source, out=tmp_path / "city")
    for path in (workshop / "city").glob("*.parquet"):
        assert_frame_equal(gpd.read_parquet(path), gpd.read_parquet(tmp_path / "city" / path.name))


def test_the_same_sources_give_the_same_bytes_and_a_folder_can_be_built_again_in_place(tmp_path, workshop):
    shutil.copytree(workshop / "city", tmp_path / "city")
    assemble_city(tmp_path / "city" / "city-source.yaml", source=workshop / "source", out=tmp_path / "city")
    for path in (workshop / "city").iterdir():
        assert path.read_bytes() == (tmp_path / "city" / path.name).read_bytes(), path.name


def test_a_failed_build_leaves_the_old_folder_as_it_was(tmp_path, workshop):
    shutil.copytree(workshop / "city", tmp_path / "city")
    shutil.copytree(workshop / "source", tmp_path / "source")
    nodes = pd.read_csv(tmp_path / "source" / "road_nodes.csv").drop(index=10)
    nodes.to_csv(tmp_path / "source" / "road_nodes.csv", index=False)
    with pytest.raises(DataError, match=r"road_edges\.csv: 2 edges end at nodes that road_nodes\.csv does not have"):
        assemble_city(workshop / "spec.yaml", source=tmp_path / "source", out=tmp_path / "city")
    assert {path.name for path in tmp_path.iterdir()} == {"city", "source"}
    assert len(read_city(tmp_path / "city").demand) > 0


def test_a_network_in_two_pieces_keeps_the_larger_and_says_so(tmp_path, workshop):
    shutil.copytree(workshop / "source", tmp_path / "source")
    edges = pd.read_csv(tmp_path / "source" / "road_edges.csv").drop(index=10)
    edges.to_csv(tmp_path / "source" / "road_edges.csv", index=False)
    built = assemble_city(workshop / "spec.yaml", source=tmp_path / "source", out=tmp_path / "city")
    assert any("10 road edges (1.0 km, 35.7 %) do not lead both in and out by car" in note for note in built.notes)


def test_streets_on_foot_that_stand_apart_are_kept_only_where_all_are_asked_for(tmp_path, workshop, city):
    spec = spec_of_two_districts()
    spec["rules"]["walking"] = "largest"
    shutil.copytree(workshop / "source", tmp_path / "source")
    edges = pd.read_csv(tmp_path / "source" / "road_edges.csv")
    edges.loc[10, "class"] = "motorway"
    edges.to_csv(tmp_path / "source" / "road_edges.csv", index=False)
    walked = []
    for walking in ("largest", "all"):
        spec["rules"]["walking"] = walking
        path = write_spec(tmp_path / "spec.yaml", spec)
        assemble_city(path, source=tmp_path / "source", out=tmp_path / "city")
        walked.append(int(read_city(tmp_path / "city").road_edges["walkable"].sum()))
    assert walked == [18, 26]


def test_a_folder_with_other_files_in_it_is_not_replaced(tmp_path, workshop):
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "thesis.docx").write_text("mine")
    with pytest.raises(FileError, match=r"thesis\.docx.*move them away"):
        assemble_city(workshop / "spec.yaml", source=workshop / "source", out=tmp_path / "city")
    assert [path.name for path in tmp_path.iterdir()] == ["city"]
    assert (tmp_path / "city" / "thesis.docx").read_text() == "mine"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda spec: spec.update(colour="red"), r"spec.yaml:\d+: colour: unknown key"),
        (lambda spec: spec["zones"]["outer"].update(districts=["990003"]), "zones.outer: no district 990003"),
        (lambda spec: spec["zones"]["outer"].update(districts=[WEST]), "zones: district 990001 stands twice; keep one"),
        (
            lambda spec: spec["sources"].pop("features"),
            "from_features.candidates: needs named features; give `sources.",
        ),
        (lambda spec: spec["sources"]["population"]["density"].update(class_weights={}), "no feature has a weight"),
        (lambda spec: spec["sources"]["population"].update(cells="h3"), "density needs square cells"),
        (
            lambda spec: spec["from_features"]["candidates"]["point"]["kinds"][0]["area_m2"].update(low=99),
            "low 99.0 is above high 80.0; exchange them",
        ),
    ],
)
def test_a_fault_of_the_spec_is_named_with_its_place_and_cure(tmp_path, workshop, change, message):
    spec = copy.deepcopy(spec_of_two_districts())
    change(spec)
    with pytest.raises((ConfigError, DataError), match=message):
        assemble_city(write_spec(tmp_path / "spec.yaml", spec), source=workshop / "source", out=tmp_path / "city")
    assert not (tmp_path / "city").exists()


def test_a_table_tells_what_its_sources_say_unless_the_spec_says_it(tmp_path, workshop, city):
    spec = spec_of_two_districts()
    assert city.meta["tables"]["demand"] == spec["tables"]["demand"]
    del spec["tables"]
    spec["sources"]["features"][0] |= {"origin": "a map", "licence": "ODbL 1.0"}
    assemble_city(write_spec(tmp_path / "spec.yaml", spec), source=workshop / "source", out=tmp_path / "city")
    tables = read_city(tmp_path / "city").meta["tables"]
    assert tables["generators"]["nature"] == tables["candidates"]["nature"] == "synthetic"
    assert "a map" in tables["candidates"]["origin"] and "ODbL 1.0" in tables["demand"]["licence"]
    assert "invented" in " ".join(tables["generators"]["flaws"])


def test_functional_areas_mark_places_of_their_districts_and_get_the_sites_they_are_due(tmp_path, workshop):
    spec = spec_of_two_districts()
    area = {"name_en": "Port", "name_zh": "港区", "districts": [EAST], "words": ["n1"], "within_m": 900}
    spec["areas"] = {"port": area}
    spec["from_features"]["candidates"]["transfer"] |= {"per_area": {"port": 2}}
    assemble_city(write_spec(tmp_path / "spec.yaml", spec), source=workshop / "source", out=tmp_path / "city")
    city = read_city(tmp_path / "city")
    for table in (city.demand, city.candidates):
        marked = table[table["area"].notna()]
        assert set(marked["area"]) == {"port"} and set(marked["district"]) == {EAST}
    stations = city.candidates[city.candidates["echelon"] == "transfer"]
    assert (stations["kind"] == "port").sum() == 2 == stations["area"].notna().sum()


def test_a_missing_source_or_column_is_named(tmp_path, workshop):
    shutil.copytree(workshop / "source", tmp_path / "source")
    (tmp_path / "source" / "osm_water_points.csv").unlink()
    with pytest.raises(DataError, match=r"osm_water_points\.csv: no such file"):
        assemble_city(workshop / "spec.yaml", source=tmp_path / "source", out=tmp_path / "city")
    pd.read_csv(workshop / "source" / "osm_water_points.csv").drop(columns="lat").to_csv(
        tmp_path / "source" / "osm_water_points.csv", index=False
    )
    with pytest.raises(DataError, match=r"osm_water_points\.csv: a column for lon but none for its other half"):
        assemble_city(workshop / "spec.yaml", source=tmp_path / "source", out=tmp_path / "city")


def test_numbers_of_the_census_out_of_their_range_are_all_named(tmp_path, workshop):
    shutil.copytree(workshop / "source", tmp_path / "source")
    census = pd.read_csv(tmp_path / "source" / "census2020.csv")
    census.assign(urban_share=[1.2, 0.5], household_size=[2.2, 0.1]).to_csv(
        tmp_path / "source" / "census2020.csv", index=False
    )
    with pytest.raises(DataError) as caught:
        assemble_city(workshop / "spec.yaml", source=tmp_path / "source", out=tmp_path / "city")
    told = str(caught.value)
    assert "2 faults" in told
    assert "cell E2 (urban_share): 1.2 is out of range, 0 to 1" in told
    assert "cell F3 (household_size): 0.1 is out of range, 0.5 to 20" in told


def test_a_settlement_share_that_the_census_lacks_is_named(tmp_path, workshop):
    shutil.copytree(workshop / "source", tmp_path / "source")
    census = pd.read_csv(tmp_path / "source" / "census2020.csv").drop(columns="share_low_density")
    census.to_csv(tmp_path / "source" / "census2020.csv", index=False)
    with pytest.raises(DataError, match="census: district 990001: no share_low_density; add it, or leave it out"):
        assemble_city(workshop / "spec.yaml", source=tmp_path / "source", out=tmp_path / "city")


def test_a_district_with_residents_but_no_features_is_named(tmp_path, workshop):
    shutil.copytree(workshop / "source", tmp_path / "source")
    for path in (tmp_path / "source").glob("osm_*.csv"):
        points = pd.read_csv(path)
        points[points["lon"] < to_degrees(LEFT_M + SIDE_M - 50, LOW_M)[0]].to_csv(path, index=False)
    with pytest.raises(DataError, match="district 990002: has residents but no feature"):
        assemble_city(workshop / "spec.yaml", source=tmp_path / "source", out=tmp_path / "city")
