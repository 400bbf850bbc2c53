from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import osmnx
import pytest
import requests
import shapely
from geopandas.testing import assert_geodataframe_equal

import siting
from siting.errors import DataError, FileError
from siting.inputs.osm import read_osm_file, read_osm_place
from siting.inputs.osm.online import MOST_REFUSALS, refuse_to_nag, simple_outline
from siting.inputs.osm.tables import LAYERS
from tests.osm_server import Extract, served
from tests.osm_xml import STREET, grid, write_xml

pytestmark = pytest.mark.slow

HELSINKI = Path(siting.__file__).parents[1] / "data" / "helsinki" / "sources" / "helsinki.osm.pbf"


@pytest.fixture(scope="module")
def extract():
    return Extract(HELSINKI)


@pytest.fixture(scope="module")
def both(extract, tmp_path_factory):
    """(tables of the file, tables of the place, pages asked for)."""
    cache = tmp_path_factory.mktemp("cache")
    with served(extract) as (url, asked):
        tables = read_osm_place("Helsinki, Finland", overpass=f"{url}/api", nominatim=url, cache=cache)
    return read_osm_file(HELSINKI), tables, asked


def test_a_place_and_a_file_of_it_give_the_same_tables(both):
    of_file, of_place, _ = both
    for name in LAYERS:
        assert len(getattr(of_place, name)), name
        assert_geodataframe_equal(getattr(of_place, name), getattr(of_file, name))
    assert of_place.notes == of_file.notes
    assert of_place.origin == "Helsinki, Finland (OpenStreetMap, data of 2019-04-21)"


def test_the_servers_are_asked_one_place_and_three_questions_with_a_look_at_their_load(both):
    assert both[2] == ["/api/status", "/search", *["/api/status", "/api/interpreter"] * 3]


def test_the_second_time_the_answers_come_from_the_cache(tmp_path):
    city = write_xml(tmp_path / "city.osm", grid(), [(1, [1, 2, 5], STREET)])
    with served(Extract(city)) as (url, asked):
        first, again = (
            read_osm_place("Heping", overpass=f"{url}/api", nominatim=url, cache=tmp_path / "cache") for _ in range(2)
        )
    assert asked.count("/api/interpreter") == 3
    assert asked[-1] == "/api/status", "of a server that is named, whether it tells its load"
    assert len(asked) == 9
    assert_geodataframe_equal(first.road_edges, again.road_edges)


def test_settings_of_osmnx_and_name_resolution_are_as_before(both):
    assert osmnx.settings.overpass_url == "https://overpass-api.de/api"
    assert osmnx.settings.requests_kwargs == {}
    assert "osmnx" not in socket.getaddrinfo.__module__


@pytest.mark.parametrize(
    ("place", "cure"), [("Atlantis", "knows no such place; write it as"), ("A bench", "without a boundary; name the")]
)
def test_a_place_that_cannot_be_used_says_why(extract, tmp_path, place, cure):
    with served(extract) as (url, _), pytest.raises(DataError, match=cure):
        read_osm_place(place, overpass=f"{url}/api", nominatim=url, cache=tmp_path)


def test_an_answer_cut_short_is_refused_and_not_kept(extract, tmp_path):
    remark = 'runtime error: Query timed out in "query" at line 1 after 180 seconds.'
    with served(extract, remark=remark) as (url, _), pytest.raises(FileError, match=r"half-way.*smaller place"):
        read_osm_place("Helsinki", overpass=f"{url}/api", nominatim=url, cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1, "only what Nominatim said"


def test_a_server_that_is_not_there_says_what_to_do(tmp_path):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(FileError, match=r"ConnectionError.*--pbf"):
            read_osm_place("Helsinki", overpass=url, nominatim=url, cache=tmp_path)


@pytest.mark.parametrize(("overpass", "nominatim"), [("api", "elsewhere"), ("api", "portal"), ("elsewhere", "")])
def test_a_server_of_something_else_says_what_to_do(tmp_path, overpass, nominatim):
    city = write_xml(tmp_path / "city.osm", grid(), [(1, [1, 2, 5], STREET)])
    with served(Extract(city)) as (url, _), pytest.raises(FileError, match="not the answer of an OpenStreetMap server"):
        read_osm_place("Heping", overpass=f"{url}/{overpass}", nominatim=f"{url}/{nominatim}", cache=tmp_path)


def test_a_server_of_ones_own_without_a_status_page_is_asked_at_once(tmp_path):
    city = write_xml(tmp_path / "city.osm", grid(), [(1, [1, 2, 5], STREET)])
    with served(Extract(city)) as (url, asked):
        tables = read_osm_place("Heping", overpass=f"{url}/own", nominatim=url, cache=tmp_path / "cache")
    assert len(tables.road_edges) == 1
    assert asked == ["/own/status", "/search", *["/own/interpreter"] * 3]


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    city = write_xml(tmp_path / "city.osm", grid(), [(1, [1, 2, 5], STREET)])
    with served(Extract(city)) as (url, _), pytest.raises(FileError, match=r"city\.osm/osm.*give another --cache"):
        read_osm_place("Heping", overpass=f"{url}/api", nominatim=url, cache=city / "osm")


def test_retries_end_after_some_refusals(extract):
    with served(extract, statuses=[429] * MOST_REFUSALS) as (url, asked):
        patience = refuse_to_nag()
        for _ in range(MOST_REFUSALS - 1):
            assert requests.get(f"{url}/api/status", timeout=5, **patience).status_code == 429
        with pytest.raises(FileError, match=f"busy, refused {MOST_REFUSALS} times.*try later"):
            requests.get(f"{url}/api/status", timeout=5, **patience)
    assert len(asked) == MOST_REFUSALS


def test_a_ragged_outline_is_asked_for_with_few_corners_and_nothing_of_it_is_lost():
    angles = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    ragged = shapely.Polygon(
        np.column_stack([np.cos(angles), np.sin(angles)]) * (1 + 0.01 * np.sin(900 * angles))[:, None]
    )
    simple = simple_outline(ragged)
    assert shapely.get_num_coordinates(simple) <= 300
    assert simple.contains(ragged)
    assert simple.area < 1.2 * ragged.area
    square = shapely.box(0, 0, 1, 1)
    assert simple_outline(square) is square
