from __future__ import annotations

import bz2
import gzip
import shutil
from pathlib import Path

import osmium
import pytest
from geopandas.testing import assert_geodataframe_equal

import siting
from siting.errors import ConfigError, DataError, FileError
from siting.inputs.osm import read_osm_file
from siting.inputs.osm.tables import LAYERS
from tests.osm_xml import STREET, grid, write_xml

HELSINKI = Path(siting.__file__).parents[1] / "data" / "helsinki" / "sources" / "helsinki.osm.pbf"


@pytest.mark.parametrize("share", [0.05, 0.4, 0.9, 0.999])
def test_a_truncated_pbf_is_refused(tmp_path, share):
    whole = HELSINKI.read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(FileError, match=r"cut\.osm\.pbf: cannot be read.*truncated.*download or copy it again"):
        read_osm_file(path)


def test_a_pbf_cut_between_two_blocks_is_suspected(tmp_path):
    path = tmp_path / "cut.osm.pbf"
    with osmium.SimpleWriter(path) as writer:  # writes nodes, ways and relations into blocks of their own
        for thing in osmium.FileProcessor(HELSINKI):
            writer.add(thing)
    whole, ends = path.read_bytes(), [0]
    while ends[-1] < len(whole):  # a block: length of its head, the head, whose last field is the length of the body
        at = ends[-1]
        head = whole[at + 4 : at + 4 + int.from_bytes(whole[at : at + 4], "big")]
        size = sum((byte & 127) << (7 * place) for place, byte in enumerate(head[head.rindex(b"\x18") + 1 :]))
        ends.append(at + 4 + len(head) + size)
    path.write_bytes(whole[: ends[-2]])
    assert any("compare its size" in note for note in read_osm_file(path).notes)
    path.write_bytes(whole[: ends[2]])
    with pytest.raises(DataError, match=r"no roads.*truncated"):
        read_osm_file(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" + b"0" * 500, b"lon,lat\n1,2\n" * 50, b"<html></html>"])
def test_something_else_called_pbf_is_refused(tmp_path, content):
    path = tmp_path / "roads.pbf"
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"roads\.pbf: cannot be read.*no OpenStreetMap file"):
        read_osm_file(path)


@pytest.mark.parametrize("name", ["page.osm", "page.osm.gz", "page.osm.bz2"])
def test_something_else_called_osm_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"<html><body>404</body></html>")
    with pytest.raises(FileError, match="no OpenStreetMap file"):
        read_osm_file(path)


def test_a_file_of_another_kind_or_none_names_the_formats(tmp_path):
    (tmp_path / "roads.shp").write_bytes(b"x")
    for name in ("roads.shp", "nothing.osm.pbf"):
        with pytest.raises(FileError, match=r"\.osm\.pbf, \.osm, \.osm\.gz or \.osm\.bz2"):
            read_osm_file(tmp_path / name)


def test_packed_and_plain_files_give_the_same_tables(tmp_path):
    plain = write_xml(tmp_path / "city.osm", grid(), [(1, [1, 2, 5], STREET)])
    (tmp_path / "city.osm.gz").write_bytes(gzip.compress(plain.read_bytes()))
    (tmp_path / "city.osm.bz2").write_bytes(bz2.compress(plain.read_bytes()))
    first = read_osm_file(plain)
    for name in ("city.osm.gz", "city.osm.bz2"):
        packed = read_osm_file(tmp_path / name)
        for layer in LAYERS:
            assert_geodataframe_equal(getattr(packed, layer), getattr(first, layer))


def test_a_header_with_a_wrong_box_is_told_and_otherwise_ignored(tmp_path):
    header = osmium.io.Header()
    header.add_box(osmium.osm.Box(13.0, 52.0, 13.5, 52.5))
    path = tmp_path / "moved.osm.pbf"
    with osmium.SimpleWriter(path, header=header) as writer:
        for thing in osmium.FileProcessor(HELSINKI):
            writer.add(thing)
    moved, right = read_osm_file(path), read_osm_file(HELSINKI)
    assert_geodataframe_equal(moved.candidates, right.candidates)
    assert_geodataframe_equal(moved.districts, right.districts)
    assert [note for note in moved.notes if note not in right.notes] == [
        "the header promises 13 … 13.5 E, 52 … 52.5 N, where no node lies; the header was ignored, check that it is the"
        " right file"
    ]


def test_an_empty_extract_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"holds no nodes.*take an extract that covers the city"):
        read_osm_file(write_xml(tmp_path / "empty.osm", []))
    path = tmp_path / "empty.osm.pbf"
    with osmium.SimpleWriter(path):
        pass
    with pytest.raises(DataError, match="holds no nodes"):
        read_osm_file(path)


@pytest.mark.parametrize(("lon", "lat"), [(4331559.0, 518568.0), ("x", "y")])
def test_coordinates_that_are_no_degrees_are_refused(tmp_path, lon, lat):
    path = write_xml(tmp_path / "survey.osm", [*grid(), (50, lon, lat, {})], [(1, [1, 2], STREET)])
    with pytest.raises(DataError, match="coordinates must be WGS-84 degrees"):
        read_osm_file(path)


def test_degrees_beyond_the_earth_are_refused_with_their_nodes(tmp_path):
    nodes = [*grid(), *((50 + n, 200.0 + n, 95.0, {}) for n in range(7))]
    with pytest.raises(DataError, match=r"7 nodes lie outside.*node 50 at 200, 95.* and 2 more; .*convert the coord"):
        read_osm_file(write_xml(tmp_path / "far.osm", nodes, [(1, [1, 2], STREET)]))


def test_objects_given_twice_count_once_and_the_last_counts(tmp_path):
    nodes = [*grid(), (1, 117.2005, 39.1, {}), (60, 117.2, 39.1, {"shop": "bakery"}), (60, 117.2, 39.1, {})]
    ways = [(1, [1, 2], STREET), (1, [1, 2, 5], {"highway": "primary"})]
    tables = read_osm_file(write_xml(tmp_path / "twice.osm", nodes, ways))
    assert tables.road_edges["road_class"].to_list() == ["primary"]
    assert tables.road_edges.geometry.item().coords[0] == (117.2005, 39.1)
    assert not len(tables.candidates)
    assert "2 nodes came more than once with the same id; the last of each was kept" in tables.notes
    assert "1 ways came more than once with the same id; the last of each was kept" in tables.notes


def test_a_history_file_is_refused_with_the_way_to_cut_it(tmp_path):
    path = tmp_path / "past.osh.pbf"
    shutil.copy(HELSINKI, path)
    with pytest.raises(DataError, match="osmium time-filter"):
        read_osm_file(path)


def test_deleted_objects_are_not_there(tmp_path):
    path = write_xml(tmp_path / "city.osm", grid(), [(1, [1, 2], STREET), (2, [2, 3], STREET)])
    path.write_text(path.read_text().replace('<way id="2" version="1">', '<way id="2" version="2" visible="false">'))
    assert read_osm_file(path).road_edges["osm_way"].to_list() == [1]


def test_a_level_that_is_not_there_lists_those_that_are():
    with pytest.raises(ConfigError, match=r"admin level 6: no area of it here; choose from \[10\]"):
        read_osm_file(HELSINKI, admin_level=6)
