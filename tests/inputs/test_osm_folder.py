from __future__ import annotations

from pathlib import Path

import pytest
from geopandas.testing import assert_geodataframe_equal

import siting
from siting.errors import FileError
from siting.inputs.osm import read_osm_file, read_osm_folder, write_osm
from siting.inputs.osm.tables import LAYERS

HELSINKI = Path(siting.__file__).parents[1] / "data" / "helsinki" / "sources" / "helsinki.osm.pbf"


@pytest.fixture(scope="module")
def tables():
    return read_osm_file(HELSINKI)


def test_a_folder_holds_every_table_as_it_was(tables, tmp_path):
    write_osm(tables, tmp_path / "osm")
    again = read_osm_folder(tmp_path / "osm")
    for name in LAYERS:
        assert_geodataframe_equal(getattr(tables, name), getattr(again, name), check_dtype=False)
    assert (again.notes, again.origin) == (tables.notes, tables.origin)
    assert "OpenStreetMap contributors" in (tmp_path / "osm" / "osm.yaml").read_text(encoding="utf-8")


def test_two_readings_of_a_file_give_the_same_bytes(tables, tmp_path):
    write_osm(tables, tmp_path / "one")
    write_osm(read_osm_file(HELSINKI), tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_folder_of_something_else_is_not_replaced(tables, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileError, match="move them away"):
        write_osm(tables, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_without_its_tables_says_how_to_make_it(tables, tmp_path):
    with pytest.raises(FileError, match="siting data osm"):
        read_osm_folder(tmp_path)
    write_osm(tables, tmp_path / "osm")
    (tmp_path / "osm" / "stops.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(FileError, match=r"stops\.parquet.*make the folder again"):
        read_osm_folder(tmp_path / "osm")
