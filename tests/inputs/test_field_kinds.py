"""Kinds of faults that were once met in the field, each on small inputs of its own: nothing goes by in silence."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from siting.errors import DataError
from siting.files import csv_bytes
from siting.inputs.city import read_city
from tests.commands import failing, siting
from tests.prepare.test_targets import prepared
from tests.small_city import small_config, small_tables, write_small_city


@pytest.fixture
def folder(tmp_path):
    """The city folder of the small city."""
    return write_small_city(tmp_path).parent / "city"


def as_csv(folder, stem, encoding="utf-8", **columns):
    """Write a table of the folder as CSV instead, with other columns."""
    path = folder / f"{stem}.parquet"
    frame = gpd.read_parquet(path)
    at = frame.geometry.get_coordinates()
    table = pd.DataFrame(frame.drop(columns="geometry")).assign(lon=at["x"], lat=at["y"], **columns)
    (folder / f"{stem}.csv").write_bytes(table.to_csv(index=False).encode(encoding))
    return path


def test_two_formats_of_one_table_are_refused(folder):
    as_csv(folder, "candidates")
    with pytest.raises(DataError, match=r"candidates.parquet and candidates.csv are the same table"):
        read_city(folder)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_of_a_city_folder_is_read_as_any_other_table(folder, encoding):
    n = len(gpd.read_parquet(folder / "candidates.parquet"))
    names = ["大沽南路"] * n
    as_csv(folder, "candidates", encoding, id=[f"{k:04d}" for k in range(n)], name=names).unlink()
    sites = read_city(folder).candidates
    assert sites["id"].tolist() == [f"{k:04d}" for k in range(n)]
    assert sites["name"].tolist() == names
    assert sites["area_m2"].dtype.kind in "if"


def test_the_layer_of_a_geopackage_that_is_called_like_the_table_is_read(folder):
    path = folder / "candidates.parquet"
    frame = gpd.read_parquet(path)
    path.unlink()
    frame.iloc[:1].to_file(folder / "candidates.gpkg", layer="draft")
    frame.to_file(folder / "candidates.gpkg", layer="candidates")
    assert len(read_city(folder).candidates) == len(frame)
    frame.to_file(folder / "demand.gpkg", layer="one")
    frame.to_file(folder / "demand.gpkg", layer="two")
    (folder / "demand.parquet").unlink()
    with pytest.raises(DataError, match=r"several layers, \['one', 'two'\], none called demand"):
        read_city(folder)


def test_zones_of_a_rule_name_their_layer_where_there_are_several(tmp_path):
    zone = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)], crs="EPSG:4326")
    for layer in ("draft", "approved"):
        zone.to_file(tmp_path / "zones.gpkg", layer=layer)
    config = small_config() | {"layout": {"exclusion": [{"file": str(tmp_path / "zones.gpkg")}]}}
    assert "several layers; name one with `layer:`, of draft" in failing(
        2, "check", write_small_city(tmp_path, config=config)
    )
    config["layout"]["exclusion"][0]["layer"] = "approved"
    assert siting("check", write_small_city(tmp_path / "again", config=config)).exit_code == 0


def test_a_district_without_residents_holds_what_is_asked_of_each(tmp_path):
    tables = small_tables()
    district = tables["districts"]["code"].iloc[0]
    stays = tables["demand"]["district"] != district
    tables["demand"] = tables["demand"][stays].reset_index(drop=True)
    tables["districts"].loc[tables["districts"]["code"] == district, "residents"] = 0
    asked = {"unit": "each_district", "measure": "coverage", "within_m": 900, "at_least": 0.1, "source": "a plan"}
    made = prepared(tmp_path, [asked], tables).instance.targets
    assert len(made) == len(tables["districts"]) - 1


def test_homes_far_from_every_street_are_told(tmp_path, folder):
    cells = gpd.read_parquet(folder / "demand.parquet").geometry.get_coordinates()
    rows = [f"near,{cells['x'].iloc[0]},{cells['y'].iloc[0]}", f"far,{cells['x'].iloc[0]},{cells['y'].iloc[0] + 0.2}"]
    (tmp_path / "homes.csv").write_text("\n".join(["id,lon,lat", *rows]), encoding="utf-8")
    (tmp_path / "sites.csv").write_text("\n".join(["id,lon,lat", rows[0]]), encoding="utf-8")
    files = ["--demand", tmp_path / "homes.csv", "--sites", tmp_path / "sites.csv", "--network", folder]
    assert "in China and without a datum" in failing(2, "locate", "p-median", "--p", 1, *files)
    told = siting("locate", "p-median", "--p", 1, *files, "--datum", "wgs84").output
    assert "1 of 2 nodes are over 500 m from a street" in " ".join(told.split())


def test_one_file_that_declares_its_datum_asks_the_others_for_theirs(tmp_path):
    (tmp_path / "homes.csv").write_text("id,lon,lat\na,117.2,39.1\n", encoding="utf-8")
    gpd.GeoDataFrame({"id": ["s"]}, geometry=gpd.points_from_xy([117.2], [39.1]), crs="EPSG:4490").to_file(
        tmp_path / "sites.gpkg"
    )
    files = ["--demand", tmp_path / "homes.csv", "--sites", tmp_path / "sites.gpkg"]
    assert "homes.csv: in China and without a datum" in failing(2, "locate", "p-median", "--p", 1, *files)


def test_texts_that_a_spreadsheet_would_run_are_quoted():
    table = pd.DataFrame({"name": ["=HYPERLINK(1)", "+1 555", "-5", "@x", "A=1", None], "t": [-1.0, 2, 3, 4, 5, 6]})
    lines = csv_bytes(table).decode("utf-8-sig").splitlines()
    assert lines[1:] == ["'=HYPERLINK(1),-1.0", "+1 555,2.0", "-5,3.0", "'@x,4.0", "A=1,5.0", ",6.0"]


def test_nothing_usable_is_said_in_words(tmp_path):
    tables = small_tables()
    tables["candidates"]["role"] = "forbidden"
    told = failing(3, "check", write_small_city(tmp_path, tables=tables))
    assert "no site to take them is left in reach" in told and "StopIteration" not in told
