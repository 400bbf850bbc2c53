"""What is shown to the public: coarse places in every output, nothing of cells, an approval number."""

import io
import json
import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely

from siting.errors import ConfigError
from siting.render.exports import export_run
from siting.render.html.map.data import map_data
from siting.render.html.map.page import draw_map
from siting.render.html.report.page import draw_report
from siting.render.xlsx.plan import plan_workbook
from siting.results.keyfigures import key_figures
from siting.results.publication import GRID_DEG, publish
from siting.results.results import Results
from siting.results.tables import plan_tables
from tests.outputs_city import make_config

APPROVAL = "津S(2026)001"


@pytest.fixture(scope="module")
def public(run):
    return publish(run, APPROVAL)


def assert_on_grid(lonlat):
    """Every place is the middle of a cell of the grid."""
    cells = np.asarray(lonlat, dtype=float) / GRID_DEG - 0.5
    assert len(cells)
    assert np.abs(cells - cells.round()).max() < 1e-3


def assert_no_place_of(run, text):
    """No coordinate of the run, to a hundred metres, stands in a text."""
    lonlat = np.vstack(
        [shapely.get_coordinates(frame.geometry) for frame in (run.geography.sites, run.geography.demand)]
    )
    on_grid = np.abs(lonlat / GRID_DEG - 0.5 - (lonlat / GRID_DEG - 0.5).round()) < 0.15
    found = {f"{value:.3f}" for value in lonlat[~on_grid]} & set(re.findall(r"\d+\.\d{3}", text))
    assert not found


def test_places_stand_in_the_middle_of_their_cell_of_the_grid(run, public):
    exact, coarse = run.geography.sites.geometry, public.geography.sites.geometry
    assert_on_grid(shapely.get_coordinates(coarse))
    assert (np.floor(exact.x / GRID_DEG) == np.floor(coarse.x / GRID_DEG)).all()
    assert 0 < exact.to_crs(32650).distance(coarse.to_crs(32650)).max() < 720
    assert_on_grid(shapely.get_coordinates(public.geography.demand.geometry))


def test_the_figures_stay_those_of_the_plan(run):
    config = make_config(layout={"spacing": [{"types": ["station"], "least_m": 100}]})
    as_it_is = replace(run, config=config)
    figures = {one.key: one.value for one in key_figures(as_it_is)}
    assert "spacing_0_m" in figures
    assert {one.key: one.value for one in key_figures(publish(as_it_is))} == figures
    told = [(row.action, row.note, row.work and row.work.id) for row in Results(as_it_is).action_rows]
    assert [(row.action, row.note, row.work and row.work.id) for row in Results(publish(as_it_is)).action_rows] == told


def test_the_map_shows_coarse_places_no_demand_and_the_approval_number(run, public):
    data = map_data(Results(public))
    for table in ("cells", "generators", "assignments", "directs"):
        assert not any(data[table][key] for key in data[table] if not isinstance(data[table][key], dict)), table
    lonlat = np.column_stack([data["facilities"]["x"], data["facilities"]["y"]]) / 1e5 + data["origin"]
    assert_on_grid(lonlat)
    assert data["about"]["approval"]["zh"] == f"公开版（点位已概略化）　审图号：{APPROVAL}"
    assert len(data["facilities"]["x"]) == len(map_data(Results(run))["facilities"]["x"])
    page = draw_map(Results(public))
    assert "公开版" in page
    assert_no_place_of(run, page)


def test_without_a_number_there_is_room_for_one(run):
    assert map_data(Results(publish(run)))["about"]["approval"]["zh"].endswith("审图号：____")
    assert "approval" not in map_data(Results(run))["about"]


def test_tiles_with_borders_of_their_own_are_refused(public):
    with pytest.raises(ConfigError, match="leave it out for the public"):
        draw_map(Results(public), basemap="osm")


def test_the_workbook_shows_coarse_places_no_demand_and_the_approval_number(run, public):
    book = openpyxl.load_workbook(io.BytesIO(plan_workbook(Results(public))))
    for name, lon in (("设施 Facilities", 11), ("责任清单 Action list", 5)):
        rows = [row for row in book[name].iter_rows(values_only=True) if isinstance(row[lon], float)]
        assert_on_grid([row[lon : lon + 2] for row in rows])
    links = {row[0] for row in book["物流 Flows"].iter_rows(values_only=True)}
    assert "产生源 → 分拣中心" not in links
    assert "回收点 → 中转站" in links
    above = [row[0] for row in book["概况 Overview"].iter_rows(max_row=12, values_only=True)]
    assert f"审图号：{APPROVAL}" in above
    texts = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    assert_no_place_of(run, texts)
    assert not any(demand in texts.split() for demand in run.instance.demand.id)


@pytest.mark.parametrize("name", ["plan.gpkg", "plan.zip"])
def test_layers_are_coarse_without_assignments_and_say_so(public, tmp_path, name):
    path = export_run(public, tmp_path / name)
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "out")
            assert not any("assignments" in one for one in archive.namelist())
        layers = {one.stem: gpd.read_file(one) for one in (tmp_path / "out").glob("*.shp")}
        about = (tmp_path / "out" / "readme.txt").read_text(encoding="utf-8-sig")
    else:
        layers = {one: gpd.read_file(path, layer=one) for one in ("districts", "flows", "facilities")}
        about = " ".join(gpd.read_file(path, layer="about")["value"])
    for layer in ("flows", "facilities"):
        assert_on_grid(shapely.get_coordinates(layers[layer].geometry))
    assert set(layers["flows"]["link_class"]) == {"point_to_transfer", "transfer_to_sorting"}
    assert "公开版" in about
    assert f"审图号：{APPROVAL}" in about


def test_a_kml_is_coarse_and_says_so(public, tmp_path):
    root = ET.parse(export_run(public, tmp_path / "plan.kml")).getroot()
    space = {"k": "http://www.opengis.net/kml/2.2"}
    for kind in ("Point", "LineString"):
        texts = [one.text.split() for one in root.iterfind(f".//k:{kind}/k:coordinates", space)]
        assert_on_grid([place.split(",") for text in texts for place in text])
    assert f"审图号：{APPROVAL}" in root.find("k:Document/k:description", space).text


def test_a_run_as_it_is_keeps_its_places_and_its_demand(run):
    tables = plan_tables(Results(run))
    assert "assignments" in tables
    assert "generator_to_sorting" in set(tables["flows"]["link_class"])
    with pytest.raises(AssertionError):
        assert_on_grid(tables["facilities"][["lon", "lat"]])


def test_the_report_says_that_places_are_coarse_and_has_the_approval_number(run, public):
    page = draw_report(Results(public))
    assert f"公开版（点位已概略化）　审图号：{APPROVAL}" in page
    assert f"Public edition, places are coarse. Map approval number: {APPROVAL}" in page
    assert "公开版" not in draw_report(Results(run))
    assert_no_place_of(run, page)


def test_publishing_twice_is_publishing_once(run, public):
    again = publish(public, APPROVAL)
    assert json.dumps(map_data(Results(again))) == json.dumps(map_data(Results(public)))
    assert again.geography.notes == public.geography.notes
