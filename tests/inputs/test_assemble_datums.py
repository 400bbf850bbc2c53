"""Sources in other datums through the whole build: an Amap list on Tianjin's streets, survey metres."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siting.errors import DataError
from siting.inputs.assemble import assemble_city
from siting.inputs.city import read_city
from siting.inputs.datums import from_wgs84, parse_datum
from tests.assembly_sources import small_sources, small_spec, write_sources
from tests.commands import failing, siting
from tests.inputs.test_assemble import assembled

TIANJIN = Path(__file__).parents[2] / "data/tianjin"
HEPING = "120101"
METRES = "EPSG:4548"


@pytest.fixture(scope="module")
def heping():
    """Files of Heping district, in WGS-84, and 60 named places on its streets."""
    tables = {stem: gpd.read_parquet(TIANJIN / f"{stem}.parquet") for stem in ("districts", "demand", "candidates")}
    district = tables["districts"].query("code == @HEPING")
    edges = gpd.read_parquet(TIANJIN / "road_edges.parquet")
    near = edges[edges.intersects(shapely.box(*district.total_bounds).buffer(0.003))]
    cells = tables["demand"].query("district == @HEPING")
    mine = tables["candidates"].query("district == @HEPING")
    hauls = mine[mine["echelon"] == "transfer"].head(4).copy()
    hauls["echelon"] = ["transfer", "transfer", "transfer", "sorting"]
    streets = mine[(mine["kind"] == "street") & (off_street_m(mine, near) < 1)].head(60)
    sources = {
        "districts.geojson": district[["code", "name_zh", "name_en", "geometry"]],
        "roads.gpkg": near[["road_class", "name", "geometry"]],
        "demand.csv": _rows(cells[["id", "residents", "geometry"]]),
        "hauls.csv": _rows(hauls[["id", "echelon", "geometry"]]),
    }
    return sources, streets, near


def off_street_m(points, edges):
    """Distance of each point to the roads that bear its name, m; infinite where none does."""
    by_name = edges.to_crs(METRES).dissolve("name").geometry.reindex(points["name"])
    return points.to_crs(METRES).geometry.distance(by_name, align=False).fillna(np.inf).to_numpy()


def _rows(table):
    return pd.DataFrame(table.drop(columns="geometry")).assign(lon=table.geometry.x, lat=table.geometry.y)


def amap_list(streets, datum="gcj02"):
    """The places as a list from a map service: Chinese headers, coordinates shifted."""
    lon, lat = from_wgs84(streets.geometry.x.to_numpy(), streets.geometry.y.to_numpy(), parse_datum(datum))
    return pd.DataFrame({"名称": streets["name"].to_numpy(), "经度": lon, "纬度": lat, "面积（㎡）": 25})


def spec_of(datum):
    listed = {"file": "amap.xlsx", "columns": {"kind": "=street"}}
    spec = small_spec() | {"id": "heping", "name_zh": "和平区", "name_en": "Heping"}
    spec["sources"]["candidates"] = [
        {"file": "hauls.csv", "datum": "wgs84"},
        listed | ({"datum": datum} if datum else {}),
    ]
    return spec


def written(folder, heping, datum, **kwargs):
    sources, streets, _ = heping
    return write_sources(folder, sources=sources | {"amap.xlsx": amap_list(streets)}, spec=spec_of(datum), **kwargs)


def test_a_list_in_amap_coordinates_lands_on_the_streets_that_it_names(tmp_path, heping):
    _, streets, edges = heping
    assemble_city(written(tmp_path, heping, "gcj02"), tmp_path / "city")
    city = read_city(tmp_path / "city")
    points = city.candidates[city.candidates["echelon"] == "point"].to_crs(METRES)
    truth = streets.to_crs(METRES)
    assert len(points) == len(streets) > 50 and points["kind"].eq("street").all()
    assert points.geometry.distance(truth.geometry, align=False).max() < 1.0
    assert off_street_m(points, edges).max() < 2


def test_as_wgs84_the_same_list_would_stand_half_a_kilometre_away(heping):
    _, streets, edges = heping
    shifted = amap_list(streets)
    points = gpd.GeoSeries(gpd.points_from_xy(shifted["经度"], shifted["纬度"]), crs=4326).to_crs(METRES)
    assert points.distance(streets.to_crs(METRES).geometry, align=False).min() > 500
    shifted = gpd.GeoDataFrame({"name": streets["name"].to_numpy()}, geometry=points)
    assert np.median(off_street_m(shifted, edges)) > 200


def test_declared_as_wgs84_it_is_refused_with_the_evidence_and_accepted_only_on_demand(tmp_path, heping):
    path = written(tmp_path, heping, "wgs84")
    told = failing(2, "data", "build", path, "--out", tmp_path / "city")
    assert "amap.xlsx: " in told and "looks like GCJ-02" in told and "declare `datum: gcj02`" in told
    assert "--accept-suspicions" in told and not (tmp_path / "city").exists()
    result = siting("data", "build", path, "--out", tmp_path / "city", "--accept-suspicions")
    assert result.exit_code == 0, result.output
    assert "Accepted although it looks wrong: amap.xlsx" in " ".join(result.output.split())
    assert any("accepted although" in note for note in read_city(tmp_path / "city").meta["notes"])


def test_without_a_datum_it_is_refused_with_the_choices(tmp_path, heping):
    told = failing(2, "data", "build", written(tmp_path, heping, None), "--out", tmp_path / "city")
    assert "amap.xlsx" in told
    for choice in ("wgs84", "gcj02", "bd09", "cgcs2000"):
        assert choice in told


def survey(table):
    """lon and lat as X (north) and Y (east) of the 3° zone of CGCS2000 around 117° E."""
    east, north = from_wgs84(table["lon"].to_numpy(), table["lat"].to_numpy(), parse_datum(METRES))
    return table.drop(columns=["lon", "lat"]).assign(**{"X坐标": north, "Y坐标": east})


def test_sources_in_four_datums_become_the_same_city_as_all_in_one(tmp_path):
    def mixed(sources):
        sources["roads.gpkg"] = sources["roads.gpkg"].to_crs(METRES)
        sources["candidates.csv"] = survey(sources["candidates.csv"])
        lon, lat = (sources["demand.csv"][axis].to_numpy() for axis in ("lon", "lat"))
        sources["demand.csv"]["lon"], sources["demand.csv"]["lat"] = from_wgs84(lon, lat, parse_datum("bd09"))

    def declared(spec):
        spec["sources"]["candidates"]["datum"] = METRES
        spec["sources"]["demand"]["datum"] = "bd09"

    plain, _ = assembled(tmp_path / "plain")
    city, _ = assembled(tmp_path / "mixed", change_sources=mixed, change_spec=declared)
    for stem in ("demand", "candidates", "road_nodes"):
        key = "id" if stem != "road_nodes" else None
        tables = [getattr(one, stem).to_crs(METRES) for one in (plain, city)]
        if key:
            tables = [table.sort_values(key).reset_index(drop=True) for table in tables]
            assert tables[0].geometry.distance(tables[1].geometry).max() < 0.1
        else:
            assert len(tables[0]) == len(tables[1])
    assert len(city.road_edges) == len(plain.road_edges)


def test_survey_metres_that_are_declared_as_degrees_are_refused_with_their_zone(tmp_path):
    def metres(sources):
        table = sources["candidates.csv"]
        east, north = from_wgs84(table["lon"].to_numpy(), table["lat"].to_numpy(), parse_datum(METRES))
        sources["candidates.csv"] = table.assign(lon=east, lat=north)

    with pytest.raises(DataError, match=r"candidates.csv"):
        assembled(tmp_path, change_sources=metres)


def swap(name):
    def change(sources):
        sources[name][["lon", "lat"]] = sources[name][["lat", "lon"]].to_numpy()

    return change


def shift(name, degrees):
    def change(sources):
        sources[name]["lon"] += degrees

    return change


def points_for_roads(sources):
    at = sources["roads.gpkg"].representative_point()
    sources["roads.gpkg"] = gpd.GeoDataFrame(sources["roads.gpkg"][["road_class"]], geometry=at, crs=4326)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (shift("candidates.csv", 3.0), r"candidates.csv: .*(none of its 15 rows lies in a district|outside of every)"),
        (shift("demand.csv", 3.0), r"demand.csv: .*(none of its 12 rows lies in a district|outside of every)"),
        (swap("candidates.csv"), r"candidates.csv.*longitude and latitude exchanged"),
        (points_for_roads, r"roads.gpkg: no lines; give the layer of road centre lines"),
        (lambda s: s.update({"roads.gpkg": s["roads.gpkg"].iloc[:0]}), r"roads.gpkg, layer roads: empty"),
    ],
)
def test_a_source_of_another_place_or_kind_is_refused_and_named(tmp_path, change, told):
    with pytest.raises(DataError, match=told):
        assembled(tmp_path, change_sources=change)
    assert not (tmp_path / "city").exists()


def test_roads_without_a_crs_are_refused_with_the_cure(tmp_path):
    sources, spec = small_sources(), small_spec()
    sources["roads.shp"] = sources.pop("roads.gpkg")
    spec["sources"]["roads"] = {"file": "roads.shp"}
    path = write_sources(tmp_path, sources=sources, spec=spec)
    (tmp_path / "roads.prj").unlink()
    with pytest.raises(DataError, match=r"roads.shp: no .prj .*declare `datum:`"):
        assemble_city(path, tmp_path / "city")


def test_the_faults_of_all_sources_come_in_one_list(tmp_path):
    def broken(sources):
        sources["demand.csv"]["residents"] = sources["demand.csv"]["residents"].astype(object)
        sources["demand.csv"].loc[2, "residents"] = "many"
        sources["candidates.csv"].loc[1, "echelon"] = "palace"
        points_for_roads(sources)

    with pytest.raises(DataError) as told:
        assembled(tmp_path, change_sources=broken)
    for words in ("demand.csv", "many", "candidates.csv", "palace", "roads.gpkg: no lines"):
        assert words in str(told.value)
