"""Layers: GeoPackage, GeoJSON, Shapefile, GeoParquet, with the encodings and gaps that they come with."""

import json
import zipfile

import geopandas as gpd
import pyogrio
import pytest
from shapely.geometry import LineString, Point, Polygon

from siting.errors import ConfigError, DataError, FileError
from siting.inputs.tables import read_fields, read_source
from tests.table_files import parcels, square, write_shapefile, write_text

ZONE = "EPSG:4548"


def refusal(path, kind="candidates", **options):
    with pytest.raises((DataError, ConfigError, FileError)) as caught:
        read_source(path, kind, **options)
    return str(caught.value)


def check_parcels(frame):
    assert frame["name"].tolist() == ["大沽南路地块", "南开三马路"]
    assert frame["district"].tolist() == ["和平区", "南开区"]
    assert frame["area_m2"].tolist() == [350.0, 1200.5]
    assert frame.crs.to_epsg() == 4326
    assert [round(x, 5) for point in frame.geometry for x in point.coords[0]] == [117.2, 39.13, 117.3, 39.15]


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", ZONE, "EPSG:32650"])
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".parquet", ".shp"])
def test_a_layer_of_any_format_and_crs_comes_in_wgs84(tmp_path, suffix, crs):
    path, frame = tmp_path / f"地块{suffix}", parcels("EPSG:4326" if suffix == ".geojson" else crs)
    if suffix == ".parquet":
        frame.to_parquet(path)
    elif suffix == ".shp":
        write_shapefile(path, frame)
    else:
        pyogrio.write_dataframe(frame, path)
    check_parcels(read_source(path, "candidates"))


@pytest.mark.parametrize("cpg", [True, False])
@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
def test_a_shapefile_reads_in_utf8_and_gbk_with_and_without_cpg(tmp_path, encoding, cpg):
    check_parcels(read_source(write_shapefile(tmp_path / "a.shp", parcels(), encoding=encoding, cpg=cpg), "candidates"))


def test_utf8_that_would_also_be_gbk_is_read_as_utf8(tmp_path):
    frame = gpd.GeoDataFrame({"name": ["中国", "中国"]}, geometry=parcels().geometry, crs="EPSG:4326")
    path = write_shapefile(tmp_path / "a.shp", frame, cpg=False)
    assert "中国".encode().decode("gb18030")
    assert read_source(path, "candidates")["name"].tolist() == ["中国", "中国"]


def test_a_cpg_that_is_wrong_is_seen_through(tmp_path):
    path = write_shapefile(tmp_path / "a.shp", parcels(), encoding="GBK")
    path.with_suffix(".cpg").write_text("UTF-8")
    frame = read_source(path, "candidates")
    check_parcels(frame)
    assert any(
        "texts read as GB18030; its .cpg says utf-8" in note.replace("UTF-8", "utf-8") for note in frame.attrs["notes"]
    )


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
def test_a_zipped_shapefile_with_chinese_names_is_read(tmp_path, encoding):
    write_shapefile(tmp_path / "规划地块.shp", parcels(ZONE), encoding=encoding, cpg=False)
    path = tmp_path / "地块.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in tmp_path.glob("规划地块.*"):
            archive.write(part, f"成果/{part.name}")
    check_parcels(read_source(path, "candidates"))


def test_a_zip_without_a_shapefile_says_what_it_holds(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("点位.xlsx", b"")
    assert "a zip archive without a shapefile; it holds ['点位.xlsx']; unpack it" in refusal(tmp_path / "a.zip")


def test_a_shapefile_without_prj_needs_a_datum(tmp_path):
    path = write_shapefile(tmp_path / "a.shp", parcels(ZONE), prj=False)
    text = refusal(path)
    assert "a.shp: no .prj beside it that can be read" in text
    assert "declare `datum:`, one of wgs84" in text
    check_parcels(read_source(path, "candidates", datum=ZONE))
    assert "metres of a survey, not degrees" in refusal(path, datum="wgs84")


def test_a_shapefile_without_its_other_files_says_which_is_missing(tmp_path):
    path = write_shapefile(tmp_path / "a.shp", parcels())
    path.with_suffix(".shx").unlink()
    path.with_suffix(".dbf").unlink()
    assert "a.shx is not beside it" in refusal(path)


def test_a_shapefile_without_its_columns_is_refused(tmp_path):
    path = write_shapefile(tmp_path / "a.shp", parcels())
    path.with_suffix(".dbf").unlink()
    assert "a.dbf is not beside it" in refusal(path, datum="wgs84")


@pytest.mark.parametrize("member", [True, False])
def test_the_default_crs_of_geojson_declares_nothing_in_china(tmp_path, member):
    path = tmp_path / "a.geojson"
    text = parcels().to_json(ensure_ascii=False, drop_id=True)
    content = json.loads(text)
    content.pop("crs", None)
    if member:
        content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    if member:
        assert len(read_source(path, "candidates")) == 2
    else:
        assert "names no CRS, and that of its format is no declaration" in refusal(path)
        assert len(read_source(path, "candidates", datum="gcj02")) == 2


def test_every_layer_is_named_where_there_are_several(tmp_path):
    for name in ("draft", "approved"):
        parcels().to_file(tmp_path / "zones.gpkg", layer=name)
    with pytest.raises(DataError, match=r"several layers; name one with `layer:`, of draft .*approved"):
        read_fields(tmp_path / "zones.gpkg")
    assert len(read_fields(tmp_path / "zones.gpkg", layer="approved")) == 2


def test_a_declared_datum_overrides_the_crs_of_a_file_and_is_told(tmp_path):
    pyogrio.write_dataframe(parcels(), path := tmp_path / "a.geojson")
    frame = read_source(path, "candidates", datum="gcj02")
    assert 117.2 - frame.geometry.x.iloc[0] == pytest.approx(0.0063, abs=1e-3)
    assert any("read as gcj02, as declared" in note for note in frame.attrs["notes"])


def test_several_layers_are_listed_with_their_crs(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(parcels(), path, layer="points")
    pyogrio.write_dataframe(parcels(ZONE), path, layer="survey")
    assert "several layers; name one with `layer:`, of points (EPSG:4326), survey (EPSG:4548)" in refusal(path)
    assert "no layer 'survy'; did you mean 'survey'?" in refusal(path, layer="survy")
    check_parcels(read_source(path, "candidates", layer="survey"))


def test_a_layer_whose_degrees_are_metres_is_refused(tmp_path):
    wrong = parcels(ZONE).set_crs("EPSG:4326", allow_override=True)
    wrong.to_parquet(path := tmp_path / "a.parquet")
    assert "metres of a survey, not degrees of" in refusal(path)


def test_a_crs_that_nobody_published_the_way_of_is_refused(tmp_path):
    parcels().set_crs("EPSG:2384", allow_override=True).to_parquet(path := tmp_path / "a.parquet")
    assert "its way to WGS-84 is not published" in refusal(path)


def test_a_local_grid_on_an_old_datum_is_refused_and_one_on_cgcs2000_is_read(tmp_path):
    path = write_shapefile(tmp_path / "a.shp", parcels(ZONE))
    prj = path.with_suffix(".prj")
    local = prj.read_text().replace("CGCS2000_3_Degree_GK_CM_117E", "local").replace("500000.0", "400000.0")
    prj.write_text(local)
    assert read_source(path, "candidates").geometry.x.iloc[0] > 118
    prj.write_text(
        local.replace("D_China_2000", "D_Xian_1980").replace('"CGCS2000",6378137.0', '"Xian_1980",6378140.0')
    )
    assert "its CRS (local) has no published way to WGS-84" in refusal(path)


def test_outlines_that_cross_themselves_are_mended_and_told(tmp_path):
    bow = Polygon([(117, 39), (117.1, 39.1), (117.1, 39), (117, 39.1)])
    frame = gpd.GeoDataFrame({"code": ["1"], "name": ["甲"]}, geometry=[bow], crs="EPSG:4326")
    frame.to_parquet(path := tmp_path / "a.parquet")
    read = read_source(path, "districts")
    assert read.geometry.is_valid.all()
    assert any("1 outlines that cross themselves mended" in note for note in read.attrs["notes"])


def test_parcels_become_points_with_their_areas(tmp_path):
    frame = gpd.GeoDataFrame({"id": ["A"]}, geometry=[square(117.2, 39.1, 0.001)], crs="EPSG:4326")
    pyogrio.write_dataframe(frame, path := tmp_path / "a.gpkg")
    read = read_source(path, "candidates")
    assert read.geometry.iloc[0].within(frame.geometry.iloc[0])
    assert read["area_m2"].iloc[0] == pytest.approx(86.5 * 111.0, rel=0.01)
    assert any("measured on their outlines" in note for note in read.attrs["notes"])


def test_districts_need_areas_and_missing_shapes_are_named(tmp_path):
    shapes = [square(117.2, 39.1, 0.1), LineString([(117, 39), (118, 39)]), Point(117, 39)]
    frame = gpd.GeoDataFrame({"code": ["1", "2", "3"], "name": list("甲乙丙")}, geometry=shapes, crs="EPSG:4326")
    frame.to_parquet(path := tmp_path / "区.parquet")
    text = refusal(path, "districts")
    assert "区.parquet, feature 2: a LineString; districts needs areas" in text
    assert "区.parquet, feature 3: a Point" in text
    frame.assign(geometry=[shapes[0], None, shapes[0]]).to_parquet(path)
    assert "区.parquet, feature 2: no geometry" in refusal(path, "districts")


def test_a_wrong_number_in_a_layer_is_named_by_feature_and_field(tmp_path):
    parcels().assign(面积=["350", "很大"]).to_parquet(path := tmp_path / "a.parquet")
    assert "a.parquet, feature 2, field 面积 (面积): '很大' is not a number" in refusal(path)


def test_exclusion_zones_come_as_outlines_text_or_circles(tmp_path):
    rows = [["名称", "类别", "经度", "纬度", "半径(km)"], ["水源地", "水源保护区", 117.2, 39.1, 0.5]]
    zone = read_source(write_text(tmp_path / "a.csv", rows), "exclusion", datum="wgs84")
    assert zone["kind"].tolist() == ["water_source"]
    assert zone.to_crs(zone.estimate_utm_crs()).area.iloc[0] == pytest.approx(3.14159 * 500**2, rel=0.01)
    rows = [["name", "kind", "WKT"], ["x", "flood", square(117, 39, 0.1).wkt]]
    zone = read_source(write_text(tmp_path / "b.csv", rows, delimiter=";"), "exclusion", datum="wgs84")
    assert zone.geometry.iloc[0].equals(square(117, 39, 0.1))
    rows[1][2] = "POINT (117 39)"
    with pytest.raises(
        DataError, match=r"row 2: a Point; exclusion needs areas; give a layer of areas, or a radius \(半径\)"
    ):
        read_source(write_text(tmp_path / "b.csv", rows, delimiter=";"), "exclusion", datum="wgs84")
    rows[1][2] = "POLYGON ((1 2"
    with pytest.raises(DataError, match=r"cell C2: 'POLYGON \(\(1 2' is not well-known text"):
        read_source(write_text(tmp_path / "b.csv", rows, delimiter=";"), "exclusion", datum="wgs84")


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".parquet", ".shp"])
def test_a_layer_cut_off_is_refused(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    parcels().to_parquet(path) if suffix == ".parquet" else pyogrio.write_dataframe(parcels(), path)
    path.write_bytes(path.read_bytes()[:70])
    text = refusal(path)
    assert f"a{suffix}" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("part", [".dbf", ".shx", ".prj"])
@pytest.mark.parametrize("size", [0, 5, 40, 90])
def test_a_shapefile_with_a_part_cut_off_is_read_or_refused_in_words(tmp_path, part, size):
    path = write_shapefile(tmp_path / "a.shp", parcels(), cpg=False)
    cut = path.with_suffix(part)
    cut.write_bytes(cut.read_bytes()[:size])
    with pytest.raises((DataError, FileError), match=r"a\.(shp|dbf)"):
        read_source(path, "candidates")
