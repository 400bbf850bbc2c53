"""Generators that nobody has listed: declared tonnes over places of OpenStreetMap, told to be synthetic."""

import pandas as pd
import pytest
import shapely

from siting.errors import ConfigError, DataError
from siting.inputs.assemble import assemble_city
from siting.inputs.city import read_city
from tests.assembly_sources import small_sources, small_spec, write_sources
from tests.osm_xml import STREET, write_xml

PAPER = {"material": "paper", "kind": "commercial", "tonnes": 100.001, "at": ["shop", "office"], "origin": "a yearbook"}
SCRAP = {"material": "scrap_metal", "kind": "industrial", "tonnes": 40.0, "at": ["industrial_land"]}


def outline(first, west, south, side):
    corners = shapely.box(west, south, west + side, south + side).exterior.coords[:4]
    return [(first + number, x, y, {}) for number, (x, y) in enumerate(corners)], [*range(first, first + 4), first]


def extract(path):
    """Three shops, one of them outside of every district, an office, and one piece of industrial land."""
    at = small_sources()["candidates.csv"].iloc[0]
    shops = [(n, at.lon + 0.0001 * n, at.lat, {"shop": "supermarket", "name": f"S{n}"}) for n in (1, 2)]
    office, of_office = outline(10, at.lon, at.lat, 0.0004)
    yard, of_yard = outline(20, at.lon, at.lat, 0.001)
    ways = [(1, of_office, {"building": "office"}), (2, of_yard, {"landuse": "industrial"}), (3, [1, 2], STREET)]
    return write_xml(path, [*shops, (3, 116.0, 38.0, {"shop": "kiosk"}), *office, *yard], ways)


def spread(folder, *asked, use_osm=True, own=None):
    """The city of the small sources with `asked` as `spread_generators`, and `own` as a table of firms."""
    sources, spec = small_sources(), small_spec()
    spec["sources"]["spread_generators"] = list(asked)
    if own is not None:
        sources["firms.csv"] = own
        spec["sources"]["generators"] = {"file": "firms.csv", "datum": "wgs84"}
    path = write_sources(folder / "sources", sources=sources, spec=spec)
    if use_osm:
        extract(folder / "sources/town.osm")
        spec["sources"]["osm"] = {"file": "town.osm", "use": []}
        write_sources(folder / "sources", sources=sources, spec=spec)
    assemble_city(path, folder / "city")
    return read_city(folder / "city")


def test_declared_tonnes_are_spread_over_mapped_places_and_told_to_be_synthetic(tmp_path):
    city = spread(tmp_path, PAPER, SCRAP)
    rows, told = city.generators, city.meta["tables"]["generators"]
    sums = rows.groupby(["material", "kind"])["tonnes"].agg(["size", "sum"])
    assert sums.loc[("paper", "commercial")].tolist() == [3, pytest.approx(100.001, abs=1e-9)]
    assert sums.loc[("scrap_metal", "industrial")].tolist() == [1, 40.0]  # land of two echelons is one place
    assert rows["id"].str.startswith("synthetic-").all() and len(city.candidates) == 15
    assert told["nature"] == "synthetic" and told["method"].startswith("Synthetic: declared tonnes spread")
    assert "100.001 t of paper (commercial) at shop, office; declared by a yearbook" in " ".join(told["flaws"])
    assert "OpenStreetMap" in told["origin"] and "ODbL" in told["licence"]


def test_beside_firms_of_the_bureau_the_table_counts_as_synthetic_and_ids_tell_them_apart(tmp_path):
    at = small_sources()["candidates.csv"].iloc[0]
    firm = {"id": "F1", "kind": "industrial", "material": "paper", "tonnes": 7.0, "lon": at.lon, "lat": at.lat}
    city = spread(tmp_path, PAPER, own=pd.DataFrame([firm]))
    is_made_up = city.generators["id"].str.startswith("synthetic-")
    assert city.generators.loc[~is_made_up, ["id", "tonnes"]].to_numpy().tolist() == [["F1", 7.0]]
    told = city.meta["tables"]["generators"]
    assert told["nature"] == "synthetic" and told["method"].startswith("As in the sources; Synthetic:")


def test_a_kind_without_places_is_told_with_those_that_there_are(tmp_path):
    with pytest.raises(
        DataError, match=r"paper: at: OpenStreetMap has no place of 'shops'.*industrial_land, office, s"
    ):
        spread(tmp_path, PAPER | {"at": ["shops", "office"]})
    with pytest.raises(DataError, match="no place of 'kiosk' in the districts"):
        spread(tmp_path, PAPER | {"at": ["kiosk"]})
    with pytest.raises(DataError, match="cannot offer 40 t; raise it"):
        spread(tmp_path, SCRAP | {"largest_t": 30})
    assert not (tmp_path / "city").exists()


def test_without_openstreetmap_there_is_nothing_to_spread_over(tmp_path):
    with pytest.raises(ConfigError, match="spread_generators: no places to spread tonnes over; give `osm:`"):
        spread(tmp_path, PAPER, use_osm=False)
