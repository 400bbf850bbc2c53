"""`siting data check`: what it finds in a city folder, how many, which, the cure, and the map of it."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siting.inputs.datums import from_wgs84, parse_datum
from siting.review import Verdict, draw_preview, look_over
from tests.commands import failing, siting
from tests.inputs.test_assemble import assembled
from tests.render.test_page import BROWSER, open_page
from tests.small_city import small_tables, write_small_city


def looked(folder, change=None):
    """Findings of the small city by what was looked at, and the city."""
    tables = small_tables()
    if change:
        change(tables)
    write_small_city(folder, tables=tables)
    city, findings = look_over(folder / "city", reach_m=1000)
    return {finding.what: finding for finding in findings}, city


def move(table, ids, lon, lat):
    shapes = table.geometry.copy()
    shapes.loc[table["id"].isin(ids)] = shapely.Point(lon, lat)
    return table.set_geometry(shapes)


def test_a_city_in_order_is_told_with_its_counts_and_extent(tmp_path):
    found, _ = looked(tmp_path)
    assert [what for what, one in found.items() if one.verdict is not Verdict.OK] == ["cells in reach", "made up"]
    assert found["made up"].count == 7  # the whole town is made up, and says so
    assert found["cells in reach"].which == "cell-10"  # 1,010 m from the nearest
    assert found["demand"].found == "12 cells, 12,000 residents"
    assert "3.3 × 2.4 km" in found["extent"].found or "3.4 × 2.4 km" in found["extent"].found


def test_places_outside_are_a_fault_when_they_are_many_with_ids_and_cure(tmp_path):
    def change(tables):
        tables["candidates"] = move(tables["candidates"], ["P0", "P1"], 117.4, 39.2)

    finding = looked(tmp_path, change)[0]["candidates outside"]
    assert (finding.verdict, finding.count, finding.which) == (Verdict.FAULT, 2, "P0, P1")
    assert "check the datum" in finding.cure


def test_a_place_in_another_district_than_its_table_says_is_told(tmp_path):
    def change(tables):
        tables["candidates"].loc[tables["candidates"]["id"] == "P0", "district"] = "d2"

    finding = looked(tmp_path, change)[0]["candidates district"]
    assert (finding.verdict, finding.which) == (Verdict.WARN, "P0")


def test_candidates_on_one_spot_are_told(tmp_path):
    def change(tables):
        table = tables["candidates"]
        tables["candidates"] = move(table, ["P1"], table.geometry.iloc[0].x, table.geometry.iloc[0].y)

    finding = looked(tmp_path, change)[0]["duplicates"]
    assert (finding.verdict, finding.count, finding.which) == (Verdict.WARN, 1, "P1")


def test_cells_that_reach_no_candidate_and_places_far_from_roads_are_told_by_id(tmp_path):
    def change(tables):
        roads = tables["road_edges"]
        tables["road_edges"] = roads[~roads["u"].isin([0, 1, 7, 8, 14, 15])].reset_index(drop=True)
        far = tables["candidates"]["id"].isin(["P0", "P1"])
        tables["candidates"] = tables["candidates"][~far].reset_index(drop=True)

    found, _ = looked(tmp_path, change)
    assert found["cells in reach"].verdict is Verdict.WARN
    assert "cell-0" in found["cells in reach"].which
    assert "residents" in found["cells in reach"].found


def test_roads_that_lead_in_and_never_out_and_pieces_apart_are_told_with_their_length(tmp_path):
    def change(tables):
        tables["road_edges"]["oneway"] = tables["road_edges"]["v"] == 34
        tables["road_edges"]["walkable"] = ~tables["road_edges"]["v"].isin([33, 34, 27])

    found, _ = looked(tmp_path, change)
    assert "1.0 km (3.4 %) do not lead both in and out" in found["roads, driving"].found
    assert found["roads, walking"].verdict in (Verdict.OK, Verdict.WARN)


def test_an_echelon_without_any_place_is_a_fault_with_exit_code_2(tmp_path):
    tables = small_tables()
    tables["candidates"] = tables["candidates"][tables["candidates"]["echelon"] != "sorting"].reset_index(drop=True)
    write_small_city(tmp_path, tables=tables)
    told = failing(2, "data", "check", tmp_path / "city")
    assert "give candidates" in told  # the rest of the cure stands on further lines of its cell
    assert (tmp_path / "city/preview.html").exists()


def test_a_table_shifted_to_gcj02_is_a_fault_with_evidence_and_cure(tmp_path):
    def change(tables):
        rng = np.random.default_rng(0)
        roads = tables["road_edges"]
        lines = roads.geometry.iloc[rng.integers(0, len(roads), 60)]
        at = [line.interpolate(share, normalized=True) for line, share in zip(lines, rng.random(60), strict=True)]
        lon, lat = from_wgs84(np.array([p.x for p in at]), np.array([p.y for p in at]), parse_datum("gcj02"))
        rows = tables["candidates"].iloc[np.zeros(60, dtype=int)].assign(id=[f"N{n}" for n in range(60)])
        rows = gpd.GeoDataFrame(rows.drop(columns="geometry"), geometry=gpd.points_from_xy(lon, lat), crs=4326)
        tables["candidates"] = pd.concat([tables["candidates"].iloc[10:], rows], ignore_index=True)

    found, _ = looked(tmp_path, change)
    assert found["datum of candidates"].verdict is Verdict.FAULT
    assert "GCJ-02" in found["datum of candidates"].found and "gcj02" in found["datum of candidates"].cure


def test_a_table_without_a_licence_is_told(tmp_path):
    city, _ = assembled(tmp_path)
    _, findings = look_over(city.folder, reach_m=1000)
    finding = next(one for one in findings if one.what == "origins")
    assert finding.verdict is Verdict.WARN and "demand" in finding.which and "candidates" not in finding.which


def test_the_preview_asks_nothing_of_the_network_and_names_cannot_break_it(tmp_path):
    def change(tables):
        tables["candidates"]["name"] = "</script><img src=x>{{ data }}"

    found, city = looked(tmp_path, change)
    page = draw_preview(city, found.values(), frozenset(["P0"]))
    assert "</script><img" not in page and "小城" in page
    assert [url for url in re.findall(r"(?:src|href)=[\"'](http[^\"']+)", page) if "leafletjs" not in url] == []
    assert page.count("{{ ") == page.count("{{ data }}")


PROBE = """<script>
  setTimeout(() => {  // Leaflet draws in the next frame, which a busy machine shows late
    const pen = document.querySelector("canvas").getContext("2d");
    const { data } = pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height);
    document.body.dataset.colours = new Set(new Uint32Array(data.buffer)).size;
    document.body.dataset.layers = document.querySelectorAll(".leaflet-control-layers-overlays label").length;
  }, 1500);
</script>"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
def test_the_preview_is_drawn_in_a_browser_with_the_network_cut(tmp_path):
    found, city = looked(tmp_path)
    dom, consoles = open_page(tmp_path, draw_preview(city, found.values(), frozenset(["P0"])), probe=PROBE)
    assert consoles == []
    assert int(re.search(r'data-colours="(\d+)"', dom)[1]) > 10
    assert 'data-layers="8"' in dom and "西区 West" in dom


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_folder_that_is_none_is_refused(tmp_path, name):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert "no such city folder" in failing(2, "data", "check", tmp_path / name)


def test_the_command_prints_a_table_and_writes_the_map_where_it_is_told(tmp_path):
    write_small_city(tmp_path)
    result = siting("data", "check", tmp_path / "city", "--preview", tmp_path / "map.html")
    assert result.exit_code == 0, result.output
    assert "12 cells, 12,000 residents" in result.output
    assert (tmp_path / "map.html").exists() and not (tmp_path / "city/preview.html").exists()
