"""KML and Shapefiles, read back; every datum is said in the file and in its name."""

import zipfile
from dataclasses import fields, replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from siting.errors import ConfigError, FileError
from siting.inputs.datums import parse_datum, to_wgs84
from siting.plan import Plan
from siting.render.exports import export_run
from siting.render.gis.kml import colour
from siting.render.gis.layers import LONGEST, meaning, short_names
from siting.render.palette import type_symbols
from siting.results.results import Results
from siting.results.tables import plan_tables
from siting.verify import verify
from tests.outputs_city import make_run

KML = {"k": "http://www.opengis.net/kml/2.2"}


@pytest.fixture(scope="module")
def empty(run):
    """The run with nothing open and nothing hauled."""
    nothing = Plan(*(np.zeros_like(getattr(run.solution.plan, one.name)) for one in fields(Plan)))
    return replace(run, solution=replace(run.solution, plans=(nothing,)), verification=verify(run.instance, nothing))


def kml_of(run, folder):
    return ET.parse(export_run(run, folder / "plan.kml")).getroot().find("k:Document", KML)


def shapes_of(path, folder):
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return {file.stem: gpd.read_file(file) for file in Path(folder).glob("*.shp")}


def places_in(document, folder):
    """(name, lon, lat) of the points in a folder of a KML."""
    found = next(one for one in document.findall("k:Folder", KML) if one.find("k:name", KML).text == folder)
    return [
        (mark.find("k:name", KML).text, *map(float, mark.find("k:Point/k:coordinates", KML).text.split(",")))
        for mark in found.findall("k:Placemark", KML)
    ]


def test_a_kml_has_each_facility_where_it_stands_in_the_colour_of_its_type(run, tmp_path):
    document, table = kml_of(run, tmp_path), plan_tables(Results(run))["facilities"]
    placed = places_in(document, "有人值守点 Staffed point")
    expected = table.loc[table["type"] == "staffed", ["lon", "lat"]].to_numpy()
    assert np.array([place[1:] for place in placed]) == pytest.approx(expected, abs=1e-6)
    colours = {
        one.get("id"): one.find("k:IconStyle/k:color", KML).text for one in document.findall("k:Style", KML)[:-1]
    }
    wanted = {f"type-{n}": colour(s.colour) for n, s in enumerate(type_symbols(run.instance).values())}
    assert wanted.items() <= colours.items()
    used = {one.text for one in document.iter(f"{{{KML['k']}}}styleUrl")}
    assert used <= {f"#{name}" for name in [*colours, "district"]}


def test_a_kml_says_its_datum_its_credits_and_what_is_synthetic(run, tmp_path):
    text = kml_of(run, tmp_path).find("k:description", KML).text
    assert "WGS-84" in text
    assert "OpenStreetMap" in text
    assert "synthetic" in text


def test_flows_of_a_kml_are_wider_the_more_they_carry(run, tmp_path):
    document = kml_of(run, tmp_path)
    widths = [float(one.text) for one in document.iterfind(".//k:Style/k:LineStyle/k:width", KML)]
    assert len(widths) == len(plan_tables(Results(run))["flows"])
    assert max(widths) == 7.0
    assert min(widths) >= 1.0


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", 'A & "B"', "]]>", "\x07bell"])
def test_names_are_text_in_a_kml(name, tmp_path):
    document = kml_of(make_run(site_name=name), tmp_path)
    assert name.replace("\x07", " ") in {one.text for one in document.iter(f"{{{KML['k']}}}name")}


@pytest.mark.parametrize(("datum", "metres"), [("gcj02", (400, 700)), ("bd09", (1200, 1500)), ("cgcs2000", (0, 0.2))])
def test_a_kml_in_another_datum_is_moved_and_comes_back(run, tmp_path, datum, metres):
    asked = parse_datum(datum)
    path = export_run(run, tmp_path / "plan.kml", datum=asked)
    assert path.name == f"plan-{datum}.kml"
    document = ET.parse(path).getroot().find("k:Document", KML)
    assert document.find("k:name", KML).text.endswith(f"({datum})")
    moved = np.array([place[1:] for place in places_in(document, "中转站 Transfer station")])
    table = plan_tables(Results(run))["facilities"]
    true = table.loc[table["type"] == "station", ["lon", "lat"]].to_numpy()
    steps = np.hypot((moved - true)[:, 0] * 86_500, (moved - true)[:, 1] * 111_000)
    assert metres[0] <= steps.min() <= steps.max() <= metres[1]
    lon, lat = to_wgs84(moved[:, 0], moved[:, 1], asked)
    assert np.column_stack([lon, lat]) == pytest.approx(true, abs=3e-6)


def test_a_kml_in_metres_is_refused_with_a_cure(run, tmp_path):
    with pytest.raises(ConfigError, match="holds degrees; choose wgs84"):
        export_run(run, tmp_path / "plan.kml", datum=parse_datum("EPSG:4548"))
    assert not list(tmp_path.iterdir())


def test_shapefiles_come_back_with_their_rows_and_chinese_names(run, tmp_path):
    path = export_run(run, tmp_path / "plan.zip")
    shapes, tables = shapes_of(path, tmp_path / "out"), plan_tables(Results(run))
    assert set(shapes) == {"districts", "assignments", "flows", "facilities"}
    for name, table in tables.items():
        assert len(shapes[name]) == len(table)
        assert shapes[name].crs == "EPSG:4326"
    assert list(shapes["districts"]["name_zh"]) == ["和平区", "河东区"]
    assert shapes["flows"]["tonnes"].sum() == pytest.approx(tables["flows"]["tonnes"].sum())
    assert (tmp_path / "out" / "facilities.cpg").read_text() == "UTF-8"
    assert list(shapes["facilities"]["is_exist"]) == list(tables["facilities"]["is_existing"].astype(int))


def test_the_legend_explains_each_field_of_each_shapefile(run, tmp_path):
    path = export_run(run, tmp_path / "plan.zip")
    shapes = shapes_of(path, tmp_path / "out")
    legend = pd.read_csv(tmp_path / "out" / "fields.csv", encoding="utf-8-sig")
    for name, shape in shapes.items():
        of_layer = legend[legend["layer"] == name]
        assert list(of_layer["field"]) == list(shape.columns.drop("geometry"))
        assert of_layer["field"].str.len().max() <= LONGEST
    assert (legend["meaning_en"] != "").all()
    assert legend["meaning_zh"].str.contains(r"[\u4e00-\u9fff]").all()


def test_shapefiles_in_another_datum_say_so_and_claim_no_coordinate_system(run, tmp_path):
    path = export_run(run, tmp_path / "plan.zip", datum=parse_datum("baidu"))
    assert path.name == "plan-bd09.zip"
    shapes = shapes_of(path, tmp_path / "out")
    assert {shape.crs for shape in shapes.values()} == {None}
    assert set(shapes) == {f"{name}_bd09" for name in ("districts", "assignments", "flows", "facilities")}
    assert "BD-09" in (tmp_path / "out" / "readme.txt").read_text(encoding="utf-8-sig")
    facilities, true = shapes["facilities_bd09"], plan_tables(Results(run))["facilities"]
    assert (facilities.geometry.x - true["lon"]).abs().min() > 0.005
    assert list(facilities["lon"]) == pytest.approx(list(facilities.geometry.x), abs=1e-6)


def test_shapefiles_can_be_in_the_zones_of_surveys(run, tmp_path):
    path = export_run(run, tmp_path / "plan.zip", datum=parse_datum("EPSG:4548"))
    facilities = shapes_of(path, tmp_path / "out")["facilities_EPSG4548"]
    back = facilities.to_crs(4326).geometry
    assert facilities.crs.to_epsg() == 4548
    assert back.x.to_numpy() == pytest.approx(plan_tables(Results(run))["facilities"]["lon"].to_numpy(), abs=1e-6)


def test_a_long_name_is_cut_between_letters(tmp_path):
    facilities = shapes_of(export_run(make_run(site_name="回收站" * 50), tmp_path / "a.zip"), tmp_path / "out")[
        "facilities"
    ]
    longest = max(facilities["name"].dropna(), key=len)
    assert longest == ("回收站" * 50)[: 254 // 3]


def test_a_plan_that_opens_nothing_can_be_exported(empty, tmp_path):
    shapes = shapes_of(export_run(empty, tmp_path / "plan.zip"), tmp_path / "out")
    assert len(shapes["flows"]) == len(shapes["assignments"]) == 0
    assert kml_of(empty, tmp_path).find("k:name", KML) is not None


def test_the_same_run_gives_the_same_shapefiles_and_kml(run, tmp_path):
    for name in ("plan.zip", "plan.kml"):
        once = export_run(run, tmp_path / name).read_bytes()
        assert export_run(run, tmp_path / name).read_bytes() == once


def test_a_geopackage_can_be_exported_too(run, tmp_path):
    path = export_run(run, tmp_path / "again.gpkg")
    assert len(gpd.read_file(path, layer="facilities")) == run.instance.n_sites


@pytest.mark.parametrize(
    ("name", "options", "cure"),
    [
        ("plan.txt", {}, "end the name in .xlsx, .gpkg, .kml, .zip"),
        ("plan.kml", {"language": "en"}, "only a workbook has it"),
        ("plan.xlsx", {"datum": parse_datum("gcj02")}, "end the name in .kml or .zip"),
        ("file/plan.kml", {}, "choose another place"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_a_cure(run, tmp_path, name, options, cure):
    (tmp_path / "file").write_text("")
    with pytest.raises((ConfigError, FileError), match=cure):
        export_run(run, tmp_path / name, **options)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_every_column_of_a_plan_has_a_meaning_and_short_names_are_unlike(run):
    for table in plan_tables(Results(run)).values():
        columns = [str(name) for name in table.columns.drop("geometry")]
        assert all(meaning(column).zh != column for column in columns)
        names = short_names(columns)
        assert len(set(names.values())) == len(columns)
    assert list(short_names(["capacity_total_a", "capacity_total_b"]).values()) == ["cap_total", "cap_total2"]
