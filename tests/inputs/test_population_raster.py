from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely

from siting.errors import DataError, FileError
from siting.inputs.population.cells import HexCells, SquareCells
from siting.inputs.population.raster import read_raster_cells

UTM = "EPSG:32650"
SQUARES = SquareCells(500.0, UTM)
WEST, SOUTH = 517_000.0, 4_328_000.0


def from_origin(west, north, step):
    return rasterio.Affine(step, 0.0, west, 0.0, -step, north)


def write_raster(path, values, *, crs=UTM, transform=None, nodata=None, **extra):
    values = np.asarray(values, dtype=np.float32)
    bands = values if values.ndim == 3 else values[None]
    transform = transform or from_origin(WEST, SOUTH + 3000, 100)
    shape = {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2]}
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", crs=crs, transform=transform, nodata=nodata, **shape, **extra
    ) as file:
        file.write(bands)
    return path


def districts(**columns):
    shapes = [shapely.box(0, 0, 2300, 3000), shapely.box(2300, 0, 5000, 3000)]
    moved = [shapely.transform(shape, lambda c: c + np.array([WEST, SOUTH])) for shape in shapes]
    return gpd.GeoDataFrame({"code": ["d1", "d2"], **columns}, geometry=moved, crs=UTM).to_crs(4326)


def people(seed=0):
    """Thirty rows of fifty pixels of 100 m: exactly the two districts."""
    return np.random.default_rng(seed).gamma(0.5, 40.0, (30, 50)) + 0.01


@pytest.mark.parametrize("cells", [SQUARES, HexCells(8)], ids=["squares", "hexagons"])
def test_a_raster_of_some_ages_is_scaled_to_each_census_total_exactly(tmp_path, cells):
    path = write_raster(tmp_path / "adults.tif", people())
    demand = read_raster_cells(path, districts(residents=[40_001, 70_003]), cells=cells)
    assert demand.groupby("district")["residents"].sum().to_dict() == {"d1": 40_001, "d2": 70_003}
    assert "scaled by" in " ".join(demand.attrs["notes"])


def test_residents_of_a_cell_are_in_proportion_to_its_pixels(tmp_path):
    values = people()
    path = write_raster(tmp_path / "a.tif", values)
    census = pd.DataFrame({"code": ["d2", "d1"], "residents": [5_000_000, 10_000_000]})
    demand = read_raster_cells(path, districts(), cells=SQUARES, census=census)
    corner = demand.set_index(["cell_x_m", "cell_y_m", "district"])["residents"]
    expected = values[25:30, :5].sum() / values[:, :23].sum() * 10_000_000
    assert corner[WEST, SOUTH, "d1"] == pytest.approx(expected, abs=1.01)


def test_without_a_census_the_raster_counts_for_itself(tmp_path):
    values = people()
    demand = read_raster_cells(write_raster(tmp_path / "a.tif", values), districts(), cells=SQUARES)
    sums = demand.groupby("district")["residents"].sum()
    assert sums["d1"] == round(float(values[:, :23].sum())) and sums["d2"] == round(float(values[:, 23:].sum()))


def test_pixels_without_data_not_a_number_negative_or_absurd_count_as_nobody_and_are_told(tmp_path):
    values = people()
    clean = values.copy()
    for k, bad in enumerate([-200.0, np.nan, np.inf, 3e38, -5.0, -200.0]):
        values[k, 10], clean[k, 10] = bad, 0.0
    demand = read_raster_cells(
        write_raster(tmp_path / "a.tif", values, nodata=-200.0), districts(residents=[1000, 2000]), cells=SQUARES
    )
    other = read_raster_cells(write_raster(tmp_path / "b.tif", clean), districts(residents=[1000, 2000]), cells=SQUARES)
    assert demand["residents"].tolist() == other["residents"].tolist()
    notes = " ".join(demand.attrs["notes"])
    assert "2 of 1,500 pixels have no data" in notes
    assert "3 pixels hold no possible number of people" in notes
    assert "1 pixels are negative" in notes


def test_a_raster_in_blocks_gives_the_same_as_one_in_any_other_layout(tmp_path, monkeypatch):
    values = people()
    wide = write_raster(tmp_path / "strips.tif", values)
    tiled = write_raster(tmp_path / "tiles.tif", values, tiled=True, blockxsize=16, blockysize=16, compress="deflate")
    one = read_raster_cells(wide, districts(residents=[1000, 2000]), cells=SQUARES)
    monkeypatch.setattr("siting.inputs.population.raster.SIDE", 7)
    many = read_raster_cells(tiled, districts(residents=[1000, 2000]), cells=SQUARES)
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.drop(columns=["geometry", "cell"])), pd.DataFrame(many.drop(columns=["geometry", "cell"]))
    )
    assert one.geometry.to_crs(UTM).distance(many.geometry.to_crs(UTM)).max() < 0.01


def test_a_raster_larger_than_memory_would_like_is_read_only_over_the_districts(tmp_path):
    path = tmp_path / "world.tif"
    shape = {"count": 1, "height": 20_000, "width": 40_000}
    step = 360 / 40_000
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", crs="EPSG:4326", tiled=True, compress="deflate", sparse_ok=True,
        transform=from_origin(-180, 90, step), **shape,
    ) as file:  # fmt: skip
        column, row = int((117.2 + 180) / step), int((90 - 39.115) / step)
        window = rasterio.windows.Window(column - 30, row - 30, 60, 60)
        file.write(np.full((60, 60), 5.0, dtype=np.float32), 1, window=window)
    demand = read_raster_cells(path, districts(residents=[1000, 2000]), cells=SQUARES)
    assert demand["residents"].sum() == 3000
    assert not any("no data" in note for note in demand.attrs["notes"])


@pytest.mark.parametrize("crs", ["EPSG:4326", "ESRI:54009", "EPSG:3857", "EPSG:4548"])
def test_a_raster_in_any_crs_lands_on_the_same_places(tmp_path, crs):
    to_crs = pyproj.Transformer.from_crs(UTM, crs, always_xy=True)
    west, south, east, north = to_crs.transform_bounds(WEST - 500, SOUTH - 500, WEST + 5500, SOUTH + 3500)
    step = (east - west) / 90
    rows = int(np.ceil((north - south) / step))
    x, y = np.meshgrid(west + (np.arange(90) + 0.5) * step, north - (np.arange(rows) + 0.5) * step)
    east_m, north_m = to_crs.transform(x, y, direction="INVERSE")
    hump = np.exp(-((east_m - WEST - 1600) ** 2 + (north_m - SOUTH - 1100) ** 2) / 2 / 400**2)
    path = write_raster(tmp_path / "a.tif", hump, crs=crs, transform=from_origin(west, north, step))
    demand = read_raster_cells(path, districts(residents=[10_000, 0]), cells=SQUARES)
    at = demand.geometry.to_crs(UTM)
    assert np.average(at.x, weights=demand["residents"]) - WEST == pytest.approx(1600, abs=60)
    assert np.average(at.y, weights=demand["residents"]) - SOUTH == pytest.approx(1100, abs=60)


def test_pixels_wider_than_cells_are_shared_among_them(tmp_path):
    path = write_raster(tmp_path / "a.tif", np.full((3, 5), 900.0), transform=from_origin(WEST, SOUTH + 3000, 1000))
    demand = read_raster_cells(path, districts(residents=[230_000, 270_000]), cells=SquareCells(250.0, UTM))
    whole = demand[~demand["id"].str.contains("-d")]
    assert len(whole) >= 200
    assert whole["residents"].max() <= 1.1 * whole["residents"].min()


def test_what_the_raster_does_not_cover_is_told_with_how_much(tmp_path):
    path = write_raster(tmp_path / "a.tif", people()[:, :40])
    demand = read_raster_cells(path, districts(residents=[1000, 2000]), cells=SQUARES)
    (note,) = [note for note in demand.attrs["notes"] if "covers" in note]
    assert note.startswith("district d2: the raster covers 63.") and "nobody is placed in the rest" in note


def test_people_of_the_raster_outside_of_every_district_are_told(tmp_path):
    path = write_raster(
        tmp_path / "a.tif", np.full((40, 60), 2.0), transform=from_origin(WEST - 500, SOUTH + 3500, 100)
    )
    notes = read_raster_cells(path, districts(residents=[1000, 2000]), cells=SQUARES).attrs["notes"]
    assert any("live in no district and are left out" in note for note in notes)


def test_a_district_scaled_unlike_the_others_is_told(tmp_path):
    path = write_raster(tmp_path / "a.tif", people())
    notes = read_raster_cells(path, districts(residents=[1_000, 900_000]), cells=SQUARES).attrs["notes"]
    assert any(note.startswith("district d1: scaled by") and "check its census" in note for note in notes)


def test_a_district_beyond_the_raster_is_an_error_with_the_cure(tmp_path):
    path = write_raster(tmp_path / "a.tif", people()[:, :20])
    with pytest.raises(DataError, match=r"district d2 has 2,000 residents and the raster nobody there \(0% of it"):
        read_raster_cells(path, districts(residents=[1000, 2000]), cells=SQUARES)
    assert read_raster_cells(path, districts(residents=[1000, 0]), cells=SQUARES)["residents"].sum() == 1000


def test_a_raster_without_a_crs_is_refused_until_one_is_declared(tmp_path):
    path = write_raster(tmp_path / "a.tif", people(), crs=None)
    with pytest.raises(DataError, match="no CRS; say which"):
        read_raster_cells(path, districts(residents=[1000, 2000]), cells=SQUARES)
    demand = read_raster_cells(path, districts(residents=[1000, 2000]), cells=SQUARES, crs=UTM)
    assert demand["residents"].sum() == 3000


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_that_lies_nowhere_is_refused(tmp_path):
    path = write_raster(tmp_path / "a.tif", people(), transform=rasterio.Affine.identity())
    with pytest.raises(DataError, match="does not say where it lies"):
        read_raster_cells(path, districts(residents=[1000, 2000]), cells=SQUARES)


def test_another_band_can_be_chosen_and_one_that_is_not_there_is_refused(tmp_path):
    path = write_raster(tmp_path / "a.tif", np.stack([np.zeros((30, 50)), people()]))
    demand = read_raster_cells(path, districts(residents=[1000, 2000]), cells=SQUARES, band=2)
    assert demand["residents"].sum() == 3000
    with pytest.raises(DataError, match="no band 3; choose 1 to 2"):
        read_raster_cells(path, districts(residents=[1000, 2000]), cells=SQUARES, band=3)


def test_a_file_that_is_no_raster_cut_short_or_missing_is_refused(tmp_path):
    (tmp_path / "text.tif").write_text("no raster")
    whole = write_raster(tmp_path / "whole.tif", np.random.default_rng(0).random((300, 300)) + 1)
    (tmp_path / "cut.tif").write_bytes(whole.read_bytes()[:10_000])
    for name in ("text.tif", "cut.tif", "missing.tif"):
        with pytest.raises(FileError, match="cannot be read as a raster"):
            read_raster_cells(tmp_path / name, districts(residents=[1000, 2000]), cells=SQUARES)


@pytest.mark.parametrize(("kind", "mark"), [("uint8", 255), ("uint16", 65535), ("int32", 2147483647)])
def test_the_largest_value_of_a_type_is_a_mark_for_no_data(tmp_path, kind, mark):
    values = np.minimum(people(), 200).round().astype(kind)
    values[3, 3] = mark
    shape = {"count": 1, "height": 30, "width": 50}
    at = from_origin(WEST, SOUTH + 3000, 100)
    with rasterio.open(tmp_path / "a.tif", "w", driver="GTiff", dtype=kind, crs=UTM, transform=at, **shape) as file:
        file.write(values[None])
    demand = read_raster_cells(tmp_path / "a.tif", districts(residents=[40_000, 70_000]), cells=SQUARES)
    assert f"1 pixels hold {mark}, the largest value" in " ".join(demand.attrs["notes"])
    values[3, 3] = 0
    with rasterio.open(tmp_path / "b.tif", "w", driver="GTiff", dtype=kind, crs=UTM, transform=at, **shape) as file:
        file.write(values[None])
    same = read_raster_cells(tmp_path / "b.tif", districts(residents=[40_000, 70_000]), cells=SQUARES)
    assert demand["residents"].tolist() == same["residents"].tolist()


def test_a_density_that_no_city_has_is_nobody(tmp_path):
    values = people()
    values[3, 3] = 50_000.0  # on a hectare
    demand = read_raster_cells(
        write_raster(tmp_path / "a.tif", values), districts(residents=[40_000, 70_000]), cells=SQUARES
    )
    assert "1 pixels hold no possible number of people" in " ".join(demand.attrs["notes"])
