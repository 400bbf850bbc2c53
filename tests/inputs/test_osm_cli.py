from __future__ import annotations

from pathlib import Path

import pytest

import siting as package
from siting.inputs.osm import read_osm_folder
from tests.commands import failing, siting
from tests.osm_server import Extract, served
from tests.osm_xml import STREET, grid, write_xml

HELSINKI = Path(package.__file__).parents[1] / "data" / "helsinki" / "sources" / "helsinki.osm.pbf"


@pytest.fixture
def city(tmp_path):
    nodes = [*grid(), (60, 117.2, 39.1, {"amenity": "recycling", "recycling:paper": "yes"})]
    return write_xml(tmp_path / "city.osm", nodes, [(1, [1, 2, 5], STREET), (2, [1, 2], {"highway": "proposed"})])


def test_a_pbf_becomes_a_folder_with_counts_and_what_was_dropped(tmp_path):
    result = siting("data", "osm", "--pbf", HELSINKI, "--out", tmp_path / "osm")
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    for part in ("candidates: point, shop", "515", "existing: recycling point", "trail 159", "admin_level 10"):
        assert part in text
    assert len(read_osm_folder(tmp_path / "osm").districts) == 6


def test_an_xml_file_is_read_too(tmp_path, city):
    result = siting("data", "osm", "--xml", city, "--out", tmp_path / "osm")
    assert result.exit_code == 0, result.output
    assert read_osm_folder(tmp_path / "osm").facilities["materials"].to_list() == ["paper"]


def test_a_place_is_asked_of_the_servers_named(tmp_path, city):
    with served(Extract(city)) as (url, asked):
        result = siting(
            *("data", "osm", "--place", "Heping, Tianjin", "--out", tmp_path / "osm", "--cache", tmp_path / "cache"),
            *("--overpass", f"{url}/api", "--nominatim", url),
        )
    assert result.exit_code == 0, result.output
    assert {"/search", "/api/interpreter"} <= set(asked)
    assert len(read_osm_folder(tmp_path / "osm").road_edges) == 1


@pytest.mark.parametrize(
    ("options", "cure"),
    [
        ([], "no source: give one of --place"),
        (["--pbf", "a.pbf", "--xml", "b.osm"], "--pbf and --xml: give one of"),
        (["--pbf", "a.pbf", "--overpass", "http://127.0.0.1"], "--overpass: a file is read without a network"),
        (["--pbf", "nothing.osm.pbf"], "no such file"),
    ],
)
def test_one_source_and_no_other(tmp_path, options, cure):
    assert cure in failing(2, "data", "osm", *options, "--out", tmp_path / "osm")
    assert not (tmp_path / "osm").exists()


def test_a_level_that_is_not_there_writes_nothing(tmp_path):
    text = failing(2, "data", "osm", "--pbf", HELSINKI, "--admin-level", "6", "--out", tmp_path / "osm")
    assert "choose from [10]" in text
    assert not (tmp_path / "osm").exists()
