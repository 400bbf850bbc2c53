import contextlib
import dataclasses
import json
import re
import sqlite3

import numpy as np
import pandas as pd
import pytest

from siting.render.html.map.basemap import PER_DEGREE, path_steps
from siting.render.html.map.data import map_data
from siting.render.html.map.page import draw_map
from siting.results.results import Results
from siting.runs.folder import read_run, write_run
from tests.outputs_city import SOUTH, WEST, make_run


@pytest.fixture(scope="module")
def run():
    return make_run(site_name='<script>alert("x")</script> & "河"')


@pytest.fixture(scope="module")
def page(run):
    return draw_map(Results(run))


def plan_in(page):
    return json.loads(re.search(r'<script type="application/json" id="plan">(.*?)</script>', page, re.DOTALL)[1])


def test_nothing_is_asked_of_the_network(page):
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"<(?:link|img|iframe|script)[^>]*(?:src|href)\s*=", page)
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", markup)
    assert not re.findall(r"url\(|@import|sourceMappingURL", markup.replace("url(#default#VML)", ""))
    for host in ("cdn", "jquery", "bootstrap", "tile.openstreetmap", "fetch(", "XMLHttpRequest"):
        assert host not in page


def test_the_only_addresses_are_links_for_the_reader(page):
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", page))
    allowed = (
        "leafletjs.com",
        "www.openstreetmap.org/copyright",
        "www.w3.org",
        "bugs.chromium.org",
        "bugzilla.mozilla.org",
    )
    assert {one for one in addresses if not re.sub("https?://", "", one).startswith(allowed)} == set()


def test_a_name_cannot_end_the_script(page, run):
    assert "<script>alert" not in page
    assert plan_in(page)["facilities"]["name"][1] == '<script>alert("x")</script> & "河"'


def test_the_page_has_every_open_facility_cell_and_assignment(page, run):
    plan = plan_in(page)
    assert len(plan["facilities"]["x"]) == run.solution.plan.is_open.sum()
    assert len(plan["cells"]["x"]) == 20
    assert len(plan["assignments"]["cell"]) == (run.solution.plan.assign > 0).sum()
    assert plan["cells"]["walk_m"][14] == -1, "the cell that nobody serves is marked"
    assert len(plan["targets"]) == 6
    assert [target["district"] for target in plan["targets"]] == [-1, -1, -1, 0, 1, 1]


def test_places_are_kept_to_a_metre(run):
    data = map_data(Results(run))
    lon = data["origin"][0] + np.array(data["cells"]["x"]) / PER_DEGREE
    lat = data["origin"][1] + np.array(data["cells"]["y"]) / PER_DEGREE
    assert abs(lon - run.geography.demand.geometry.x[:20]).max() < 1e-5
    assert abs(lat - run.geography.demand.geometry.y[:20]).max() < 1e-5
    assert (lon[0], lat[0]) == pytest.approx((WEST, SOUTH), abs=1e-5)


def test_a_path_is_its_steps():
    path = np.array([[117.0, 39.0], [117.001, 39.0], [117.001, 39.002], [117.001, 39.002]])
    steps = np.array(path_steps(path, np.array([116.99, 38.99]))).reshape(-1, 2)
    assert steps.tolist() == [[1000, 1000], [100, 0], [0, 200]]


def test_both_languages_the_gap_and_the_credit_are_there(page):
    plan = plan_in(page)
    assert plan["about"]["title"] == {"en": "A small city", "zh": "小城市"}
    assert "1.00 %" in plan["about"]["closing"]["en"]
    assert "1.00 %" in plan["about"]["closing"]["zh"]
    assert plan["about"]["uses_osm"]
    words = json.loads(re.search(r'id="words">(.*?)</script>', page, re.DOTALL)[1])
    assert all({"en", "zh"} == set(word) and word["en"] and word["zh"] for word in words.values())


def test_every_word_that_the_scripts_say_is_in_both_languages(page):
    words = json.loads(re.search(r'id="words">(.*?)</script>', page, re.DOTALL)[1])
    said = set(re.findall(r'say\("(\w+)"', page)) | set(re.findall(r'data-(?:word|label)="(\w+)"', page))
    assert said - set(words) == set()


def test_the_page_is_the_same_each_time_and_from_the_folder(run, page, tmp_path):
    assert draw_map(Results(run)) == page
    write_run(tmp_path / "run", run)
    assert draw_map(Results(read_run(tmp_path / "run"))) == page
    assert (tmp_path / "run" / "map.html").read_text(encoding="utf-8") == page


def test_the_whole_city_fits_in_few_megabytes():
    page = draw_map(Results(make_run(n_cells=3000, n_points=1000, n_stations=60, n_centres=20, n_generators=300)))
    assert len(page.encode()) < 1_500_000


def test_a_city_without_roads_water_generators_or_targets_is_drawn():
    run = make_run(n_generators=0)
    geography = dataclasses.replace(run.geography, roads=run.geography.roads[:0], water=run.geography.water[:0])
    bare = dataclasses.replace(run.verification, targets=())
    plan = plan_in(draw_map(Results(dataclasses.replace(run, geography=geography, verification=bare))))
    assert plan["roads"] == plan["targets"] == plan["generators"]["x"] == plan["directs"]["from"] == []
    assert plan["water"]["areas"] == plan["water"]["name"] == []


def test_the_map_opens_on_the_districts_that_are_planned(run):
    districts = run.geography.districts
    far = districts.iloc[[0]].assign(code="120119", name_en="Jizhou", geometry=districts.geometry.iloc[0].buffer(2))
    wide = dataclasses.replace(run.geography, districts=type(districts)(pd.concat([districts, far], ignore_index=True)))
    instance = dataclasses.replace(run.instance, districts=np.array(["120101", "120102", "120119"]))
    figures = {name: np.append(values, 0.0) for name, values in run.district_figures.items()}
    plan = map_data(Results(dataclasses.replace(run, geography=wide, instance=instance, district_figures=figures)))
    assert plan["bounds"] == map_data(Results(run))["bounds"]
    assert plan["districts"]["en"] == ["Heping", "Hedong", "Jizhou"]


def test_names_of_streets_and_towns_are_written_and_older_run_folders_have_none(run, tmp_path):
    assert map_data(Results(run))["places"]["name"] == ["劝业场街道"]
    bare = dataclasses.replace(run, geography=dataclasses.replace(run.geography, places=run.geography.places[:0]))
    write_run(tmp_path / "run", bare)
    with contextlib.closing(sqlite3.connect(tmp_path / "run/geography.gpkg")) as tables, tables:
        tables.execute("drop table places")
        tables.execute("delete from gpkg_contents where table_name = 'places'")
        tables.execute("delete from gpkg_geometry_columns where table_name = 'places'")
    assert plan_in(draw_map(Results(read_run(tmp_path / "run"))))["places"] == {"x": [], "y": [], "name": []}
