"""What geographic systems open: one GeoPackage whose layers have the colours of the map."""

import dataclasses
import json
import re
import sqlite3
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest

from siting.plan import Plan
from siting.render import palette
from siting.render.gis.qml import rgba
from siting.render.html.elements import asset
from siting.render.palette import flow_colour, type_symbols
from siting.runs.folder import write_run
from siting.verify import verify
from siting.vocabulary import LINK_CLASSES
from tests.outputs_city import make_config


def style_of(path, layer):
    """The default style of a layer, as QGIS looks it up."""
    query = (
        "SELECT styleQML FROM layer_styles JOIN gpkg_geometry_columns ON table_name = f_table_name"
        " AND column_name = f_geometry_column WHERE f_table_schema = '' AND useAsDefault = 1 AND f_table_name = ?"
    )
    file = sqlite3.connect(path)
    try:
        return ET.fromstring(file.execute(query, (layer,)).fetchone()[0])
    finally:
        file.close()


def options(layer):
    return {one.get("name"): one.get("value") for one in layer.find("Option")}


def constant(name):
    """A constant of the script that draws the map."""
    text = re.search(rf"const {name} = (.*?);", asset("symbols.js"), re.DOTALL).group(1)
    return json.loads(re.sub(r",(\s*[\]}])", r"\1", re.sub(r"(\w+):", r'"\1":', text)))


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("SYMBOLS", palette.SYMBOLS), ("BASE_RADIUS", palette.RADII), ("WALK_LIMITS_M", palette.WALK_LIMITS_M),
        ("WALK_COLOURS", palette.WALK_COLOURS), ("FLOW_COLOURS", palette.FLOW_COLOURS),
    ],
)  # fmt: skip
def test_the_palette_is_that_of_the_map(name, own):
    assert constant(name) == json.loads(json.dumps(own))


def test_one_file_holds_all_layers_and_the_tables_have_their_rows(folder):
    path = folder / "plan.gpkg"
    layers = set(pyogrio.list_layers(path)[:, 0])
    assert layers == {"districts", "assignments", "flows", "facilities", "about", "layer_styles"}
    for name in ("assignments", "flows", "facilities"):
        table = pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig")
        frame = gpd.read_file(path, layer=name)
        assert len(frame) == len(table)
        assert list(frame.columns.drop("geometry")) == list(table.columns)
        assert frame.crs == "EPSG:4326"
    assert not list(folder.glob("facilities.gpkg"))


def test_districts_have_their_names_and_figures(folder, run):
    districts = gpd.read_file(folder / "plan.gpkg", layer="districts")
    assert list(districts["name_zh"]) == ["和平区", "河东区"]
    assert list(districts["residents"]) == list(run.district_figures["residents"])
    assert (districts.geom_type == "Polygon").all()


def test_the_file_says_its_datum_what_is_synthetic_and_whom_to_credit(folder):
    about = pyogrio.read_dataframe(folder / "plan.gpkg", layer="about", read_geometry=False)
    texts = dict(zip(about["key"], about["value"], strict=True))
    assert texts["datum"].startswith("WGS-84")
    assert "synthetic use" in texts["notes"]
    assert "OpenStreetMap" in texts["attributions"]


@pytest.mark.parametrize("layer", ["districts", "assignments", "flows", "facilities"])
def test_every_layer_has_a_default_style_that_is_well_formed(folder, layer):
    style = style_of(folder / "plan.gpkg", layer)
    renderer = style.find("renderer-v2")
    symbols = {one.get("name") for one in renderer.find("symbols")}
    used = {one.get("symbol") for one in renderer.iter() if one.get("symbol")} or {"0"}
    assert used == symbols


def test_facilities_are_drawn_in_the_shapes_and_colours_of_the_map(folder, run):
    renderer = style_of(folder / "plan.gpkg", "facilities").find("renderer-v2")
    by_value = {one.get("value"): one.get("symbol") for one in renderer.find("categories")}
    looks = {one.get("name"): options(one.find("layer")) for one in renderer.find("symbols")}
    for name, symbol in type_symbols(run.instance).items():
        look = looks[by_value[name]]
        assert look["color"] == rgba(symbol.colour)
        assert look["name"] == {"triangle": "equilateral_triangle"}.get(symbol.shape, symbol.shape)
    assert set(by_value) == {*run.instance.facility_types, "siting: closed"}
    labels = {one.get("value"): one.get("label") for one in renderer.find("categories")}
    assert labels["staffed"] == "有人值守点 Staffed point"


def test_flows_are_coloured_by_their_link_and_wide_by_their_tonnes(folder):
    renderer = style_of(folder / "plan.gpkg", "flows").find("renderer-v2")
    flows = pd.read_csv(folder / "flows.csv", encoding="utf-8-sig")
    assert {one.get("value") for one in renderer.find("categories")} == set(flows["link_class"])
    by_symbol = {one.get("symbol"): one.get("value") for one in renderer.find("categories")}
    for symbol in renderer.find("symbols"):
        layer = symbol.find("layer")
        assert options(layer)["line_color"] == rgba(flow_colour(by_symbol[symbol.get("name")]))
        width = layer.find("data_defined_properties//Option[@name='outlineWidth']/Option[@name='expression']")
        assert f'sqrt("tonnes" / {flows["tonnes"].max():.6g})' in width.get("value")


def test_every_class_of_link_has_a_colour_of_the_map():
    assert {flow_colour(name) for name in LINK_CLASSES} == set(palette.FLOW_COLOURS.values())


def test_walks_are_coloured_by_their_distance_in_classes_without_gaps(folder):
    ranges = list(style_of(folder / "plan.gpkg", "assignments").find("renderer-v2/ranges"))
    ends = [(float(one.get("lower")), float(one.get("upper"))) for one in ranges]
    assert ends[0][0] == 0
    assert [low for low, _ in ends[1:]] == [high for _, high in ends[:-1]]
    assert [high for _, high in ends[:-1]] == list(palette.WALK_LIMITS_M)


def test_a_type_whose_label_is_markup_stays_a_label(run, tmp_path):
    raw = make_config().model_dump()
    raw["facilities"]["point"]["staffed"]["label"] = {"en": '<b a="1">&', "zh": "点"}
    write_run(tmp_path / "a", dataclasses.replace(run, config=type(run.config).model_validate(raw)))
    labels = [one.get("label") for one in style_of(tmp_path / "a" / "plan.gpkg", "facilities").iter("category")]
    assert '点 <b a="1">&' in labels


def test_a_plan_without_stations_and_flows_has_all_its_layers(run, tmp_path):
    nothing = Plan(*(np.zeros_like(getattr(run.solution.plan, one.name)) for one in dataclasses.fields(Plan)))
    solution = dataclasses.replace(run.solution, plans=(nothing,))
    empty = dataclasses.replace(run, solution=solution, verification=verify(run.instance, nothing))
    write_run(tmp_path / "empty", empty)
    assert len(gpd.read_file(tmp_path / "empty" / "plan.gpkg", layer="flows")) == 0
    assert style_of(tmp_path / "empty" / "plan.gpkg", "flows").find("renderer-v2/categories") is not None
