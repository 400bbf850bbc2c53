"""The embedded city of Beijing: the census by district, what its source list replaces, and a config on Tianjin's."""

import os
from pathlib import Path

import geopandas as gpd
import pytest
from pandas.testing import assert_frame_equal

from siting.config import load_config
from siting.inputs.assemble import assemble_city
from siting.inputs.assemble.spec import read_assembly
from siting.inputs.city import read_city

ROOT = Path(__file__).parents[2]
FOLDER, CONFIG = ROOT / "data" / "beijing", ROOT / "configs" / "beijing.yaml"
SOURCES = Path(os.environ.get("SITING_BEIJING_SOURCES", "no such folder"))
# 2020 census by district, written here a second time on purpose
RESIDENTS = {
    **{"110101": 708_829, "110102": 1_106_214, "110105": 3_452_460, "110106": 2_019_764, "110107": 567_851},
    **{"110108": 3_133_469, "110109": 392_606, "110111": 1_312_778, "110112": 1_840_295, "110113": 1_324_044},
    **{"110114": 2_269_487, "110115": 1_993_591, "110116": 441_040, "110117": 457_313, "110118": 527_683},
    "110119": 345_671,
}
HILLS = {"110116", "110118", "110119"}


@pytest.fixture(scope="module")
def city():
    return read_city(FOLDER)


@pytest.fixture(scope="module")
def loaded():
    return load_config(CONFIG)


def test_residents_of_every_district_are_the_census(city):
    assert sum(RESIDENTS.values()) == 21_893_095 == city.meta["population"]
    assert city.demand.groupby("district")["residents"].sum().to_dict() == RESIDENTS


def test_named_paths_of_the_hills_hold_no_residents():
    weights = read_assembly(FOLDER / "city-source.yaml").sources.population.density.class_weights["road"]
    assert "path" not in weights and not weights["footway"] and weights["tertiary"] == 1.0


def test_there_are_candidates_for_the_local_standard_in_every_district(city):
    households = city.demand.groupby("district")["households"].sum()
    points = city.candidates[city.candidates["echelon"] == "point"]["district"].value_counts()
    assert (points.sub(households / 500) > 0).all()


def test_every_table_says_where_it_comes_from_and_synthetic_ones_say_so(city):
    tables = city.meta["tables"]
    assert {path.stem for path in FOLDER.glob("*.parquet")} == set(tables)
    assert tables["generators"]["nature"] == tables["candidates"]["nature"] == "synthetic"
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5e6


def test_the_figures_of_beijing_replace_those_of_the_common_table(loaded):
    wages = {figure.parameter.value for figure in loaded.figures if figure.parameter.key == "wage.attendant"}
    assert wages == {86_000}
    assert [path.name for path in loaded.files] == [
        *("beijing.yaml", "tianjin-2027.yaml", "parameters.csv", "parameters.csv"),
    ]
    assert loaded.config.money.grid_kg_co2e_per_kwh == 0.558
    assert (
        loaded.config.money.discount_rate == load_config(ROOT / "configs/tianjin-2027.yaml").config.money.discount_rate
    )


def test_no_place_of_tianjin_is_left_in_the_config(loaded, city):
    kinds = {kind for echelon in (loaded.config.facilities.sorting, loaded.config.facilities.transfer)
             for facility in echelon.values() for kind in facility.kinds}  # fmt: skip
    assert not kinds & {"ziya_zone", "dongjiang_port"}
    assert "etown" in set(city.candidates["kind"])
    assert not any("tianjin" in (target.source or "") for target in loaded.config.targets)


@pytest.mark.skipif(not SOURCES.is_dir(), reason="the raw sources are not here; set SITING_BEIJING_SOURCES")
def test_the_folder_is_the_one_that_its_source_list_makes(tmp_path):
    assemble_city(FOLDER / "city-source.yaml", tmp_path / "city", source=SOURCES)
    for path in FOLDER.glob("*.parquet"):
        assert_frame_equal(gpd.read_parquet(path), gpd.read_parquet(tmp_path / "city" / path.name), obj=path.stem)
