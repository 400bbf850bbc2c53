"""A plan over online tiles: drawn where the basemap shows the same streets."""

import dataclasses
import json
import re

import numpy as np
import pytest

from siting.errors import ConfigError
from siting.inputs.datums import parse_datum, to_wgs84
from siting.render.html.map.basemap import PER_DEGREE
from siting.render.html.map.data import map_data
from siting.render.html.map.page import draw_map
from siting.render.html.map.tiles import drawn_over
from siting.results.results import Results
from siting.runs.folder import write_run
from tests.commands import failing, siting
from tests.render.test_page import BROWSER, open_page

METRES = np.array([86_500.0, 111_000.0])


def plan_in(page):
    return json.loads(re.search(r'<script type="application/json" id="plan">(.*?)</script>', page, re.DOTALL)[1])


def places(plan, what="facilities"):
    return plan["origin"] + np.column_stack([plan[what]["x"], plan[what]["y"]]) / PER_DEGREE


@pytest.mark.parametrize("what", ["facilities", "cells", "generators"])
def test_over_amap_places_lie_500_to_600_m_off_and_come_back_within_a_metre(run, what):
    true, drawn = places(map_data(Results(run)), what), places(plan_in(draw_map(Results(run), basemap="amap")), what)
    off_m = np.hypot(*((drawn - true) * METRES).T)
    assert ((off_m > 500) & (off_m < 600)).all()
    back = np.column_stack(to_wgs84(*drawn.T, parse_datum("gcj02")))
    assert np.hypot(*((back - true) * METRES).T).max() < 1.5, "1 m, and half of the metre that the page rounds to"


def test_everything_that_is_drawn_moves_together(run):
    true, drawn = map_data(Results(run)), plan_in(draw_map(Results(run), basemap="amap"))
    assert np.abs((np.array(drawn["bounds"]) - true["bounds"]) * METRES[::-1]).min() > 50
    moved = drawn_over(run.geography, "amap")
    for name in ("districts", "demand", "sites", "roads", "water", "places"):
        before, after = getattr(run.geography, name), getattr(moved, name)
        shift = after.geometry.bounds.to_numpy() - before.geometry.bounds.to_numpy()
        assert (np.hypot(*(shift[:, :2] * METRES).T) > 500).all(), name
    has_cell = run.geography.demand["cell"].notna()
    cells = moved.demand["cell"][has_cell]
    assert all(cell.contains(point) for cell, point in zip(cells, moved.demand.geometry[has_cell], strict=True))
    assert moved.demand["cell"][~has_cell].isna().all()


@pytest.mark.parametrize(("basemap", "key"), [("osm", None), ("tianditu", "abc")])
def test_over_osm_and_tianditu_nothing_moves(run, basemap, key):
    plan = plan_in(draw_map(Results(run), basemap=basemap, key=key))
    plan.pop("basemap")
    assert plan == json.loads(json.dumps(map_data(Results(run))))


def test_tiles_are_named_only_where_a_basemap_is_chosen(run):
    hosts = {"osm": "tile.openstreetmap.org", "amap": "is.autonavi.com", "tianditu": "tianditu.gov.cn"}
    for name, host in hosts.items():
        page = draw_map(Results(run), basemap=name, key='a"{z}&b' if name == "tianditu" else None)
        assert [one for one in hosts.values() if one in page] == [host]
        assert not [one for one in hosts.values() if one in draw_map(Results(run))]
    assert all(url.endswith("&tk=a%22%7Bz%7D%26b") for url in plan_in(page)["basemap"]["urls"])


def test_tianditu_without_a_key_says_where_to_get_one(run):
    with pytest.raises(ConfigError, match=r"tianditu: needs a key; get one .*give it with --key"):
        draw_map(Results(run), basemap="tianditu")
    with pytest.raises(ConfigError, match="amap: takes no key"):
        draw_map(Results(run), basemap="amap", key="abc")
    with pytest.raises(ConfigError, match=r"'baidu'.*choose osm, tianditu or amap"):
        draw_map(Results(run), basemap="baidu")


def test_the_command_leaves_the_map_that_asks_nothing(run, tmp_path):
    write_run(tmp_path / "run", run)
    before = (tmp_path / "run/map.html").read_bytes()
    assert siting("map", tmp_path / "run", "--basemap", "amap").exit_code == 0
    assert (tmp_path / "run/map.html").read_bytes() == before
    assert "autonavi" in (tmp_path / "run/map-amap.html").read_text(encoding="utf-8")
    assert "needs a key" in failing(2, "map", tmp_path / "run", "--basemap", "tianditu")
    assert "add --basemap tianditu" in failing(2, "map", tmp_path / "run", "--key", "abc")
    assert not (tmp_path / "run/map-tianditu.html").exists()


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
def test_without_a_network_the_plan_is_drawn_all_the_same(run, tmp_path):
    probe = """<script>addEventListener("DOMContentLoaded", () => {
      document.body.dataset.tiles = [...document.querySelectorAll(".leaflet-tile-pane img")].map((one) => one.src);
    });</script>"""
    dom, _ = open_page(tmp_path, draw_map(Results(run), basemap="amap"), probe=probe)
    assert 'data-ready="15 facilities, 20 cells"' in dom
    assert re.search(r'data-tiles="https://webrd0[1-4]\.is\.autonavi\.com/appmaptile\?[^"]*z=\d+', dom)
    assert "高德地图 AutoNavi" in re.search('<div class="leaflet-control-attribution.*?</div>', dom, re.DOTALL)[0]


def test_layers_without_a_row_move_too(run):
    bare = dataclasses.replace(run.geography, roads=run.geography.roads[:0], water=run.geography.water[:0])
    plan = plan_in(draw_map(Results(dataclasses.replace(run, geography=bare)), basemap="amap"))
    assert plan["roads"] == plan["water"]["areas"] == []
