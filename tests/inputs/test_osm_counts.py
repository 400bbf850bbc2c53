from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
import shapely

import siting
from siting.inputs.osm import read_osm_file

HELSINKI = Path(siting.__file__).parents[1] / "data" / "helsinki" / "sources" / "helsinki.osm.pbf"
AREAS = ("multipolygon", "boundary")
NOT_THERE = ("no", "vacant", "disused", "abandoned")


@pytest.fixture(scope="module")
def tables():
    return read_osm_file(HELSINKI)


@pytest.fixture(scope="module")
def objects():
    """(letter, id, tags, refs) of everything in the file, by a plain pass over it."""
    found = []
    for thing in osmium.FileProcessor(HELSINKI):
        letter = thing.type_str()
        refs = [node.ref for node in thing.nodes] if letter == "w" else []
        if letter == "r" and thing.tags.get("type") in AREAS:
            refs = [member.ref for member in thing.members if member.type == "w"]
        found.append((letter, thing.id, dict(thing.tags), refs))
    return found


def with_place(objects):
    """Objects that have a place: nodes, ways of which a node is held, areas of which a way is held."""
    nodes = {number for letter, number, _, _ in objects if letter == "n"}
    ways = {number for letter, number, _, _ in objects if letter == "w"}
    for letter, number, tags, refs in objects:
        if letter == "n" or (nodes if letter == "w" else ways) & set(refs):
            yield f"osm-{letter}{number}", tags


def test_every_shop_of_the_file_is_a_candidate_and_nothing_else_is_a_shop(tables, objects):
    shops = {
        one
        for one, tags in with_place(objects)
        if tags.get("shop", "no") not in NOT_THERE or tags.get("amenity") == "marketplace"
    }
    chosen = tables.candidates[tables.candidates["kind"] == "shop"]
    assert set(chosen["id"]) == shops
    assert len(shops) == 515


@pytest.mark.parametrize(
    ("kind", "key", "values", "number"),
    [
        ("parking", "amenity", {"parking"}, 35),
        ("sanitation", "amenity", {"waste_disposal"}, 14),
        ("transit_stop", "highway", {"bus_stop"}, 92),
        ("community", "building", {"apartments"}, 32),
        ("school", "amenity", {"school", "university", "kindergarten", "college"}, 10),
    ],
)
def test_candidates_by_class_are_as_many_as_the_tags_of_the_file(tables, objects, kind, key, values, number):
    tagged = {
        one for one, tags in with_place(objects) if tags.get(key) in values and tags.get("parking") != "underground"
    }
    got = tables.candidates[tables.candidates["id"].isin(tagged)]
    assert len(got) == len(tagged) == number
    assert (got["kind"] == kind).mean() > 0.8  # a block of flats may be a shop or an office first


def test_a_tram_stop_is_a_candidate_or_another_stop_beside_it_is(tables, objects):
    halts = {one for one, tags in with_place(objects) if tags.get("railway") == "tram_stop"}
    stops = tables.stops.to_crs("EPSG:3067")
    lost = halts - set(stops["id"])
    at = gpd.GeoSeries(
        {
            f"osm-n{one.id}": shapely.Point(one.location.lon, one.location.lat)
            for one in osmium.FileProcessor(HELSINKI, osmium.osm.NODE)
        },
        crs="EPSG:4326",
    )
    places = at[sorted(lost)].to_crs("EPSG:3067")
    assert (len(halts), len(lost)) == (40, 14)
    apart_m = [stops.distance(place).min() for place in places]
    assert max(apart_m) < 60, "the point of a platform lies on its line, of some 40 m"
    assert any("32 stops of public transport are mapped twice" in note for note in tables.notes)


def test_the_network_is_as_long_as_the_file_has_of_usable_ways(tables, objects):
    at = {
        thing.id: (thing.location.lon, thing.location.lat) for thing in osmium.FileProcessor(HELSINKI, osmium.osm.NODE)
    }
    kept = set(tables.road_edges["osm_way"])
    whole_m = Counter()
    for letter, number, _tags, refs in objects:
        if letter == "w" and number in kept:
            for one, other in pairwise(refs):
                if one in at and other in at:
                    ends = [osmium.osm.Location(*at[ref]) for ref in (one, other)]
                    whole_m[number] += osmium.geom.haversine_distance(*ends)
    length_m = tables.road_edges.groupby("osm_way")["length_m"].sum()
    assert length_m.sum() == pytest.approx(sum(whole_m.values()), rel=5e-3)
    assert set(whole_m) == kept


def test_a_street_is_lost_only_where_the_file_has_no_two_nodes_of_it_in_a_row(tables, objects):
    held = {number for letter, number, _, _ in objects if letter == "n"}
    kept = set(tables.road_edges["osm_way"])
    lost = Counter(
        tags["highway"]
        for letter, number, tags, refs in objects
        if letter == "w" and "highway" in tags and number not in kept
        if not {tags.get("access"), tags.get("foot")} & {"no", "private"}  # whom estates open to is tested apart
        if any(one in held and other in held for one, other in pairwise(refs))
    )
    assert lost == {"trail": 159, "platform": 53, "construction": 3, "elevator": 2, "crossing": 1}
    assert any("trail 159, platform 55, construction 3, elevator 2, crossing 1" in note for note in tables.notes)


def test_districts_that_the_edge_of_the_file_cuts_are_closed_along_it(tables):
    districts = tables.districts
    assert set(districts["name_en"]) == {
        *("Punavuori", "Kaartinkaupunki", "Kruununhaka", "Kluuvi", "Kamppi", "Kallio"),
    }
    box = tables.road_nodes.union_all().envelope
    metric = districts.to_crs("EPSG:3067")
    assert metric.area.sum() == pytest.approx(metric.union_all().area, rel=1e-6), "they do not overlap"
    assert districts.union_all().intersection(box).area > 0.99 * box.area, "they leave no hole"
    store = tables.candidates.set_index("id").loc["osm-w122595241"]
    kluuvi = districts.loc[districts["name_en"] == "Kluuvi", "geometry"].item()
    assert (store["name"], store["geometry"].within(kluuvi)) == ("Stockmann", True)
    assert any("cut by the edge" in note for note in tables.notes)
