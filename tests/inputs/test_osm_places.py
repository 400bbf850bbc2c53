from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from siting.inputs.osm import read_osm_file
from tests.osm_xml import STREET, grid, write_xml

GEOD = Geod(ellps="WGS84")
SQUARE = (1, 3, 9, 7, 1)  # the outline of the 3 × 3 grid
ROAD = (1, [1, 2], STREET)


def tables_of(tmp_path, nodes=(), ways=(), relations=(), *, base=None):
    base = grid() if base is None else base
    return read_osm_file(write_xml(tmp_path / "city.osm", [*base, *nodes], [ROAD, *ways], relations))


def node(tags, number=50):
    return (number, 117.2003, 39.1003, tags)


@pytest.mark.parametrize(
    ("tags", "kind", "osm_class"),
    [
        ({"shop": "supermarket"}, "shop", "supermarket"),
        ({"shop": "convenience", "building": "yes"}, "shop", "convenience"),
        ({"amenity": "marketplace"}, "shop", "marketplace"),
        ({"amenity": "kindergarten"}, "school", "kindergarten"),
        ({"amenity": "university", "office": "educational_institution"}, "school", "university"),
        ({"office": "company"}, "office", "company"),
        ({"office": "government"}, "public", "government"),
        ({"amenity": "library"}, "public", "library"),
        ({"highway": "bus_stop", "public_transport": "platform"}, "transit_stop", "bus_stop"),
        ({"railway": "tram_stop"}, "transit_stop", "tram_stop"),
        ({"amenity": "parking"}, "parking", "parking"),
        ({"amenity": "waste_disposal"}, "sanitation", "waste_disposal"),
        ({"building": "apartments"}, "community", "apartments"),
        ({"landuse": "residential"}, "community", "residential"),
    ],
)
def test_tags_make_kinds(tmp_path, tags, kind, osm_class):
    row = tables_of(tmp_path, [node(tags)]).candidates.iloc[0]
    assert (row["id"], row["echelon"], row["kind"], row["osm_class"]) == ("osm-n50", "point", kind, osm_class)
    assert np.isnan(row["area_m2"])


@pytest.mark.parametrize(
    "tags",
    [{"shop": "vacant"}, {"office": "no"}, {"amenity": "bench"}, {"amenity": "parking", "parking": "underground"}],
)
def test_what_is_not_there_or_not_usable_is_no_candidate(tmp_path, tags):
    assert not len(tables_of(tmp_path, [node(tags)]).candidates)


def test_names_are_those_of_the_place_then_chinese_then_english(tmp_path):
    named = [{"name": "和平里"}, {"name:zh": "五大道", "name:en": "Five Avenues"}, {"name:en": "Plaza"}, {}]
    nodes = [node({"shop": "mall", **tags}, 50 + number) for number, tags in enumerate(named)]
    assert tables_of(tmp_path, nodes).candidates["name"].to_list() == ["和平里", "五大道", "Plaza", None]


def test_land_stands_in_every_echelon_that_it_is_large_enough_for(tmp_path):
    small = [
        (60 + n, 117.21 + x, 39.1 + y, {}) for n, (x, y) in enumerate([(0, 0), (3e-4, 0), (3e-4, 3e-4), (0, 3e-4)])
    ]
    ways = [
        (2, SQUARE, {"landuse": "industrial", "name": "开发区"}),
        (3, [60, 61, 62, 63, 60], {"amenity": "parking"}),
        (4, [60, 61, 62, 63, 60], {"building": "warehouse"}),
    ]
    tables = tables_of(tmp_path, small, ways)
    found = tables.candidates.set_index("id")
    assert set(found.index) == {"osm-w3", "osm-w4-transfer", "osm-w2-transfer", "osm-w2-sorting"}
    outline = shapely.Polygon([grid()[ref - 1][1:3] for ref in SQUARE])
    assert found.loc["osm-w2-sorting", "area_m2"] == pytest.approx(
        abs(GEOD.geometry_area_perimeter(outline)[0]), rel=1e-5
    )
    assert found.loc["osm-w2-sorting", "geometry"].within(outline)
    assert 500 < found.loc["osm-w3", "area_m2"] < 1500, "too small for a station among cars"


def test_the_land_that_bears_a_hole_is_measured_without_it(tmp_path):
    hole = [
        (60 + n, 117.2008 + x, 39.1008 + y, {}) for n, (x, y) in enumerate([(0, 0), (4e-4, 0), (4e-4, 4e-4), (0, 4e-4)])
    ]
    ways = [(2, [1, 2, 3, 6, 9], {}), (3, [9, 8, 7, 4, 1], {}), (4, [60, 61, 62, 63, 60], {})]
    tables = tables_of(tmp_path, hole, ways, [(5, [2, 3, 4], {"type": "multipolygon", "landuse": "industrial"})])
    land = tables.landuse.iloc[0]
    assert (land["id"], land["osm_class"], len(land.geometry.interiors)) == ("osm-r5", "industrial", 1)
    assert land["area_m2"] == pytest.approx(abs(GEOD.geometry_area_perimeter(land.geometry)[0]), rel=1e-5)
    assert all(at.within(land.geometry) for at in tables.candidates.geometry)


def test_an_area_whose_hole_touches_its_rim_between_two_ends_is_measured_right(tmp_path):
    # the rim passes through 2, where the hole 2-5-6 … begins; neither way ends there
    ways = [(2, [1, 2, 3, 9, 7, 1], {}), (3, [5, 2, 6, 5], {})]
    tables = tables_of(tmp_path, [], ways, [(5, [2, 3], {"type": "multipolygon", "landuse": "industrial"})])
    square, hole = (shapely.Polygon([grid()[ref - 1][1:3] for ref in refs]) for refs in (SQUARE, (5, 2, 6)))
    assert tables.landuse.geometry.item().area == pytest.approx(square.area - hole.area)


def test_existing_facilities_have_their_echelon_and_materials(tmp_path):
    tags = [
        {"amenity": "recycling", "recycling:glass_bottles": "yes", "recycling:cans": "yes", "recycling:paper": "no"},
        {"amenity": "recycling", "recycling_type": "centre", "recycling:cork": "yes"},
        {"amenity": "waste_transfer_station"},
        {"industrial": "scrap_yard"},
        {"landuse": "landfill"},
        {"plant:source": "waste", "power": "plant"},
    ]
    tables = tables_of(tmp_path, [node(one, 50 + number) for number, one in enumerate(tags)])
    rows = tables.facilities
    assert rows["kind"].to_list() == [
        *("recycling_point", "recycling_centre", "transfer_station", "scrap_yard", "landfill", "incinerator"),
    ]
    assert rows["echelon"].to_list() == ["point", "transfer", "transfer", "sorting", None, None]
    assert rows["materials"].to_list() == ["glass,metal", "cork", None, None, None, None]
    assert set(rows["role"]) == {"existing"}
    assert not len(tables.candidates)


def test_floor_area_is_footprint_by_storeys_tagged_or_usual(tmp_path):
    ways = [
        (2, SQUARE, {"building": "apartments", "building:levels": "18"}),
        (3, SQUARE, {"building": "apartments", "building:levels": "many"}),
        (4, SQUARE, {"building": "yes"}),
        (5, SQUARE, {"building": "roof"}),
    ]
    buildings = tables_of(tmp_path, [], ways).buildings
    outline = shapely.Polygon([grid()[ref - 1][1:3] for ref in SQUARE])
    footprint = abs(GEOD.geometry_area_perimeter(outline)[0])
    assert buildings["floor_area_m2"].to_list() == pytest.approx(
        [18 * footprint, 6 * footprint, 3 * footprint], rel=1e-5
    )
    assert buildings["use"].to_list() == ["home", "home", "unknown"]


def test_waters_and_protected_areas_exclude_and_lines_of_water_do_not(tmp_path):
    ways = [
        (2, SQUARE, {"natural": "water", "name": "水上公园"}),
        (3, SQUARE, {"leisure": "nature_reserve"}),
        (4, SQUARE, {"boundary": "protected_area"}),
        (5, [1, 5, 9], {"waterway": "river", "name": "海河"}),
        (6, SQUARE, {"waterway": "stream"}),
    ]
    tables = tables_of(tmp_path, [], ways)
    assert tables.exclusion["kind"].to_list() == ["water", "nature_reserve", "protected_area"]
    assert set(tables.exclusion.geom_type) == {"Polygon"}
    assert tables.water["kind"].to_list() == ["water", "river", "stream"]
    assert tables.water["name"].to_list() == ["水上公园", "海河", None]


def test_an_area_with_a_missing_corner_is_closed_over_it_and_told(tmp_path):
    tables = tables_of(tmp_path, [], [(2, [1, 3, 77, 9, 7, 1], {"landuse": "residential"})])
    assert tables.candidates["area_m2"].notna().all()
    assert "1 areas were cut by the edge of the source; their part inside was kept" in tables.notes


def test_an_area_that_crosses_itself_is_made_valid(tmp_path):
    tables = tables_of(tmp_path, [], [(2, [1, 9, 3, 7, 1], {"landuse": "forest"})])
    assert tables.landuse.geometry.is_valid.all()
    assert tables.landuse["area_m2"].item() > 0


def quarters(base=None):
    """Two whole districts, west and east, of the grid, of level 6, in one of level 5."""
    ways = [(10, [2, 5, 8], {}), (11, [8, 7, 4, 1, 2], {}), (12, [2, 3, 6, 9, 8], {}), (20, [1, 5, 6, 3], STREET)]
    admin = {"type": "boundary", "boundary": "administrative"}
    relations = [
        (30, [10, 11], {**admin, "admin_level": "6", "name": "和平区", "name:en": "Heping", "population": "352000"}),
        (31, [10, 12], {**admin, "admin_level": "6", "name": "河东区"}),
        (32, [11, 12], {**admin, "admin_level": "5", "name": "天津"}),
        (33, [11, 12], {**admin, "admin_level": "2", "name": "中国"}),
    ]
    return ways, relations


def test_districts_are_the_deepest_level_that_holds_the_roads(tmp_path):
    districts = tables_of(tmp_path, [], *quarters()).districts
    assert districts["code"].to_list() == ["osm-r30", "osm-r31"]
    assert districts["name_zh"].to_list() == ["和平区", "河东区"]
    assert districts["name_en"].to_list() == ["Heping", "河东区"]
    assert districts["residents"].to_list() == pytest.approx([352000, np.nan], nan_ok=True)


def test_a_level_that_leaves_much_of_the_roads_out_gives_way_to_one_that_holds_them(tmp_path):
    # two blocks of level 8 hold the south-west only
    ways, relations = quarters()
    ways += [(13, [1, 2, 5, 4, 1], {}), (14, [4, 5, 8, 7, 4], {}), (21, [3, 6, 9, 8], STREET), (22, [6, 5], STREET)]
    admin = {**relations[0][2], "admin_level": "8"}
    relations += [(34, [13], {**admin, "name": "街道甲"}), (35, [14], {**admin, "name": "街道乙"})]
    assert set(tables_of(tmp_path, [], ways, relations).districts["admin_level"]) == {6}


def test_the_deepest_of_levels_that_hold_the_roads_is_taken(tmp_path):
    ways, relations = quarters()
    relations += [(40 + n, one[1], {**one[2], "admin_level": "8"}) for n, one in enumerate(relations[:2])]
    assert tables_of(tmp_path, [], ways, relations).districts["code"].to_list() == ["osm-r40", "osm-r41"]


def test_a_district_that_the_edge_cuts_has_no_head_count(tmp_path):
    # the outer lines are not in the file; those that are divide its box into a western half and two eastern quarters
    ways = [(10, [2, 5], {}), (11, [5, 8], {}), (13, [5, 6], {})]
    ways += [(20, [1, 4, 7], STREET), (21, [8, 9], STREET), (22, [3, 6], STREET)]
    admin = {"type": "boundary", "boundary": "administrative", "admin_level": "6", "population": "9"}
    relations = [(30, [10, 11, 91], admin), (31, [10, 13, 92], admin), (32, [11, 13, 93], admin)]
    districts = tables_of(tmp_path, [], ways, relations).districts
    assert districts["code"].to_list() == ["osm-r30", "osm-r31", "osm-r32"]
    assert districts["residents"].isna().all()
    areas = districts.set_index("code").to_crs("EPSG:32650").area
    assert areas["osm-r30"] == pytest.approx(2 * areas["osm-r31"], rel=1e-3)
    assert areas["osm-r31"] == pytest.approx(areas["osm-r32"], rel=1e-3)


def test_another_level_may_be_asked_for(tmp_path):
    ways, relations = quarters()
    path = write_xml(tmp_path / "city.osm", grid(), [ROAD, *ways], relations)
    assert read_osm_file(path, admin_level=5).districts["name_zh"].to_list() == ["天津"]


def test_a_district_that_may_lie_on_either_side_of_its_line_is_left_out(tmp_path):
    ways, relations = quarters()
    only_west = [(30, [10, 11], relations[0][2])]
    tables = tables_of(tmp_path, [], [ways[0], ways[3]], only_west)
    assert not len(tables.districts)
    assert any(note.startswith("no districts") for note in tables.notes)
    assert "1 administrative boundaries left out: the source holds too little of them: 和平区" in tables.notes
