"""Outlines of districts: mended ones keep their areas, ground of two is given to one, borders go to the named."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import GeometryCollection, LineString, Point, Polygon, box

from siting.errors import DataError
from siting.inputs.assemble.districts import located, make_districts, without_overlaps
from siting.inputs.assemble.parts import Part
from siting.inputs.assemble.spec import Provenance
from siting.inputs.datums import outline_suspicions, parse_datum
from siting.inputs.datums.shifts import shifted
from siting.inputs.population.cells import district_of
from siting.inputs.tables import read_source

TOLD = Provenance(origin="test", licence="none", date="today", nature="real", method="drawn", flaws=())


def part(frame):
    return Part(frame, TOLD, "test")


def layer(*shapes):
    facts = {
        "code": [f"d{k}" for k in range(len(shapes))],
        "name_zh": None,
        "name_en": [f"D{k}" for k in range(len(shapes))],
    }
    return gpd.GeoDataFrame(facts, geometry=list(shapes), crs="EPSG:4326")


def test_an_outline_with_a_spike_or_a_collapsed_hole_keeps_its_area(tmp_path):
    spike = Polygon([(24.9, 60.1), (25.0, 60.1), (25.0, 60.2), (25.1, 60.3), (25.0, 60.2), (24.9, 60.2)])
    hole = Polygon(
        [(25.0, 60.1), (25.1, 60.1), (25.1, 60.2), (25.0, 60.2)], [[(25.02, 60.12), (25.04, 60.14), (25.02, 60.12)]]
    )
    mixed = GeometryCollection([box(25.2, 60.1, 25.3, 60.2), LineString([(25.2, 60.1), (25.4, 60.4)]), Point(26, 61)])
    layer(spike, hole, mixed).to_file(tmp_path / "d.gpkg")
    frame = read_source(tmp_path / "d.gpkg", "districts")
    assert shapely.area(frame.geometry.to_numpy()).round(6).tolist() == [0.01, 0.01, 0.01]
    assert set(frame.geom_type) <= {"Polygon", "MultiPolygon"}


def test_a_line_is_still_no_district(tmp_path):
    layer(LineString([(24.9, 60.1), (25.0, 60.2)])).to_file(tmp_path / "d.gpkg")
    with pytest.raises(DataError, match="a LineString; districts needs areas"):
        read_source(tmp_path / "d.gpkg", "districts")


def test_ground_of_two_districts_counts_to_the_first_for_cells_and_candidates_alike():
    drawn = part(layer(box(24.90, 60.1, 24.92, 60.12), box(24.91, 60.1, 24.93, 60.12)))
    kept, notes = without_overlaps(drawn)
    assert len(notes) == 1 and "D0 and D1 overlap by 1.2" in notes[0] and "counts to D0" in notes[0]
    assert kept.frame.geometry.iloc[0].intersection(kept.frame.geometry.iloc[1]).area == pytest.approx(0, abs=1e-12)
    districts = make_districts(kept, {}, "EPSG:32635")
    lon, lat = [24.905, 24.915, 24.925], [60.11] * 3
    places = gpd.GeoDataFrame({"id": list("abc")}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")
    assert located(part(places), districts, [])["district"].tolist() == ["d0", "d0", "d1"]
    assert district_of(np.array(lon), np.array(lat), districts).tolist() == [0, 0, 1]


def test_slivers_of_a_border_drawn_twice_are_not_told():
    drawn = part(layer(box(24.90, 60.1, 24.92, 60.12), box(24.9199999, 60.1, 24.94, 60.12)))
    assert without_overlaps(drawn)[1] == ()


def test_a_district_inside_another_is_refused():
    drawn = part(layer(box(24.90, 60.1, 24.92, 60.12), box(24.905, 60.105, 24.91, 60.11)))
    with pytest.raises(DataError, match="D1 lies in other districts"):
        without_overlaps(drawn)


def test_on_a_border_the_named_district_counts():
    districts = make_districts(
        part(layer(box(24.90, 60.1, 24.92, 60.12), box(24.92, 60.1, 24.94, 60.12))), {}, "EPSG:32635"
    )
    at = gpd.points_from_xy([24.92] * 3, [60.11] * 3)
    places = gpd.GeoDataFrame({"id": list("abc"), "district": ["d1", "D0", None]}, geometry=at, crs="EPSG:4326")
    assert located(part(places), districts, [])["district"].tolist() == ["d1", "d0", "d0"]


def test_outlines_of_a_web_map_are_doubted_by_the_roads():
    steps = np.arange(40)
    roads = np.column_stack([part.ravel() for part in np.meshgrid(117.19 + steps / 2000, 39.1 + steps / 2500)])
    true = box(117.1899, 39.0999, 117.2097, 39.1158)
    corners = np.array(true.exterior.coords[:-1])
    moved = Polygon(list(zip(*shifted(corners[:, 0], corners[:, 1], "gcj02"), strict=True)))
    assert outline_suspicions(layer(true), roads) == []
    (told,) = outline_suspicions(layer(moved), roads)
    assert "the outlines look like GCJ-02" in told and "declare `datum: gcj02` for the districts" in told
    assert outline_suspicions(layer(true), roads, declared=parse_datum("gcj02")) == []
