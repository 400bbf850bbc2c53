"""A region of processing bases alone: its tables follow from the census, and it is planned, verified and drawn."""

import runpy
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import siting
from siting.inputs.city import read_city
from siting.region import read_region
from siting.verify.tonnage import sum_by

ROOT = Path(__file__).parents[2]
FOLDER, CONFIG = ROOT / "data" / "region-jjj", ROOT / "configs" / "region-jjj.yaml"
NATIONAL_RESIDENTS, NATIONAL_PAPER_T = 1_411_780_000, 65_850_000


@pytest.fixture(scope="module")
def city():
    return read_city(FOLDER / "city")


@pytest.fixture(scope="module")
def result():
    """A plan within a tenth of the bound: this is about what is planned, not how well."""
    changed = {"extends": str(CONFIG), "name": "region", "solve": {"engine": "city", "gap": 0.1}}
    return siting.read_config(changed).solve(time_limit_s=200)


def test_the_tables_are_those_that_the_script_makes(tmp_path):
    runpy.run_path(str(FOLDER / "build.py"))["build"](tmp_path / "city")
    for path in (FOLDER / "city").glob("*.parquet"):
        assert_frame_equal(gpd.read_parquet(path), gpd.read_parquet(tmp_path / "city" / path.name), obj=path.stem)


def test_residents_are_the_census_of_ten_cities(city):
    of_city = city.districts.set_index("name_en")["residents"]
    assert (of_city["Beijing"], of_city["Tianjin"]) == (21_893_095, 13_866_009)
    assert of_city.drop(["Beijing", "Tianjin"]).sum() == 51_880_280 + 1_991_926
    paper_t = city.generators.loc[city.generators["material"] == "paper", "tonnes"].sum()
    assert paper_t == pytest.approx(NATIONAL_PAPER_T * of_city.sum() / NATIONAL_RESIDENTS, rel=1e-6)


@pytest.mark.slow
def test_bases_are_planned_and_every_tonne_of_a_material_goes_to_one_that_takes_it(result, city):
    assert result.cost_cny >= result.bound_cny > 0
    facilities, flows = result.facilities, result.flows
    assert set(facilities["echelon"]) == {"base"}
    tonnes = flows.groupby("material")["tonnes"].sum()
    offered = city.generators.groupby("material")["tonnes"].sum()
    assert ((tonnes / offered) >= 0.9 - 1e-6).all()
    assert tonnes.sum() == pytest.approx(facilities["throughput_t"].sum())


@pytest.mark.slow
def test_no_page_speaks_of_recycling_points(result):
    assert not result.results.has_points
    assert "Residents with a point within" not in result.report().text


def test_an_array_of_no_rows_is_summed_as_floats():
    summed = sum_by(np.array([], dtype=int), np.zeros((0, 2)), 3)
    assert summed.dtype == np.float64 and pd.DataFrame(summed).eq(0).all(axis=None)


def test_the_region_of_bases_and_cities_can_be_read():
    region = read_region(FOLDER / "region.yaml")
    assert region.bases == CONFIG
    assert {code: one.config.name for code, one in region.cities.items()} == {
        "beijing": "beijing.yaml",
        "tianjin": "tianjin-2027.yaml",
    }
    materials = set(siting.read_config(CONFIG).config.materials)
    for one in region.cities.values():
        assert one.config.is_file()
        assert all(set(shares) <= materials and sum(shares.values()) <= 1 + 1e-9 for shares in one.delivers.values())
