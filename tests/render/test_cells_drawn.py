from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siting.config import load_config
from siting.errors import DataError
from siting.geography.geopackage import load_geography, save_geography
from siting.inputs.city import read_city
from siting.inputs.population.cells import HexCells, SquareCells
from siting.inputs.population.people import spread_census
from siting.prepare import prepare
from siting.render.html.map.basemap import outlines
from tests.small_city import CRS_METRIC, small_tables, write_small_city


def tables_with(cells):
    """The small city with its people spread anew over `cells`."""
    tables = small_tables()
    people = tables["demand"]
    weights = gpd.GeoDataFrame({"weight": people["residents"]}, geometry=people.geometry)
    tables["demand"] = spread_census(None, tables["districts"], weights, cells=cells)
    return tables


def prepared(folder, tables):
    loaded = load_config(write_small_city(folder, tables=tables))
    return prepare(loaded.config, read_city(loaded.config.city), None)


def test_hexagons_are_planned_and_drawn_as_hexagons(tmp_path):
    tables = tables_with(HexCells(9, CRS_METRIC))
    ready = prepared(tmp_path, tables)
    assert ready.instance.residents == 12_000
    drawn = ready.geography.demand["cell"].iloc[: len(tables["demand"])]
    assert all(shapely.equals(a, b) for a, b in zip(drawn, tables["demand"]["cell"], strict=True))
    rings = [rings[0] for rings in outlines(drawn, np.array([117.0, 39.0]))]
    whole = (~tables["demand"]["id"].str.contains("-")).to_numpy()
    assert {len(ring) for ring, is_whole in zip(rings, whole, strict=True) if is_whole} == {12}


def test_the_shapes_of_cells_survive_the_run_folder(tmp_path):
    geography = prepared(tmp_path, tables_with(HexCells(9, CRS_METRIC))).geography
    save_geography(tmp_path / "geography.gpkg", geography)
    back = load_geography(tmp_path / "geography.gpkg").demand["cell"]
    given = geography.demand["cell"]
    assert all((a is None and b is None) or shapely.equals_exact(a, b, 1e-9) for a, b in zip(given, back, strict=True))


def test_squares_cut_by_a_border_are_drawn_cut_and_others_whole(tmp_path):
    tables = tables_with(SquareCells(700.0, CRS_METRIC))
    cells = prepared(tmp_path, tables).geography.demand.iloc[: len(tables["demand"])]
    area = gpd.GeoSeries(list(cells["cell"]), crs=4326).to_crs(CRS_METRIC).area.to_numpy()
    is_cut = tables["demand"]["cell"].notna().to_numpy()
    assert is_cut.any() and not is_cut.all()
    assert area[~is_cut] == pytest.approx(700**2, rel=1e-6)
    assert (area[is_cut] < 699.8**2).all()


def written_as(suffix, demand, folder):
    (folder / "demand.parquet").unlink()
    if suffix == ".csv":
        table = demand.assign(lon=demand.geometry.x, lat=demand.geometry.y, cell=demand["cell"].to_wkt())
        table.drop(columns="geometry").to_csv(folder / "demand.csv", index=False)
    elif suffix == ".gpkg":
        demand.assign(cell=demand["cell"].to_wkt()).to_file(folder / "demand.gpkg")
    else:
        demand.assign(cell=demand["cell"].to_wkb()).to_parquet(folder / "demand.parquet")


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".gpkg"])
def test_shapes_of_cells_may_be_wkb_or_wkt_in_any_kind_of_table(suffix, tmp_path):
    tables = tables_with(SquareCells(700.0, CRS_METRIC))
    loaded = load_config(write_small_city(tmp_path, tables=tables))
    written_as(suffix, tables["demand"], loaded.config.city)
    drawn = prepare(loaded.config, read_city(loaded.config.city), None).geography.demand["cell"]
    other = prepared(tmp_path / "other", tables).geography.demand["cell"]
    pairs = [(a, b) for a, b in zip(drawn, other, strict=True) if b is not None]
    assert all(shapely.equals_exact(a, b, 2e-6) for a, b in pairs)


@pytest.mark.parametrize(
    "bad", ["POLYGON ((", "POINT (117 39)", "POLYGON ((5e5 4e6, 6e5 4e6, 6e5 5e6, 5e5 4e6))", 7, b"\x00"]
)
def test_a_cell_that_is_no_polygon_in_degrees_is_refused_with_its_row(bad, tmp_path):
    tables = small_tables()
    tables["demand"]["cell"] = None
    tables["demand"]["cell"] = tables["demand"]["cell"].astype(object)
    tables["demand"].at[3, "cell"] = bad
    city = load_config(write_small_city(tmp_path, tables=tables)).config.city
    with pytest.raises(DataError, match=r"demand\.cell: 1 are no polygon in WGS-84.*row 3"):
        read_city(city)


def test_a_factor_of_generation_multiplies_what_residents_make(tmp_path):
    tables = small_tables()
    tables["demand"]["generation_factor"] = [0.5] * 6 + [1.5] * 6
    tonnes = prepared(tmp_path, tables).instance.demand.tonnes[:12, 0]
    assert tonnes.tolist() == pytest.approx([36.5] * 6 + [109.5] * 6)
    tables["demand"].loc[2, "generation_factor"] = -1.0
    with pytest.raises(DataError, match=r"generation_factor: must be a number 0 or more; row 2"):
        prepared(tmp_path / "bad", tables)
