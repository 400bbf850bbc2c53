"""Sweeps over cities, their page, and the national programme of synthetic towns."""

from __future__ import annotations

import csv
import json
import re
import runpy
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import yaml

import siting
from siting import scenarios
from siting.results.sweep.cities import sums_of, with_place
from siting.scenarios.sweep import read_sweep
from tests.commands import failing
from tests.commands import siting as command
from tests.small_city import small_config, small_tables, write_small_city

ROOT = Path(__file__).parents[2]
NATIONAL = ROOT / "data" / "national"
CONFIGS = ROOT / "configs" / "national"


def build():
    return runpy.run_path(str(NATIONAL / "build.py"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A sweep of two small cities, the second with a tenth more residents."""
    folder = tmp_path_factory.mktemp("cities")
    config = small_config() | {"scenarios": {"second": {"city": "other/city", "title": {"en": "Second", "zh": "第二"}}}}
    tables = small_tables()
    tables["demand"]["residents"] = 1100
    tables["districts"]["residents"] = 6600
    write_small_city(folder / "other", tables=tables)
    about = folder / "other" / "city" / "city.yaml"
    meta = yaml.safe_load(about.read_text(encoding="utf-8")) | {"name_en": "Other", "name_zh": "他城"}
    about.write_text(yaml.safe_dump(meta, allow_unicode=True), encoding="utf-8")
    problem = siting.read_config(write_small_city(folder, config=config))
    return scenarios.sweep(problem, scenarios.named_scenarios(problem), folder / "sweep", parts=())


@pytest.mark.slow
def test_a_scenario_may_be_of_another_city_beside_its_config(made):
    places = {one.name: (one.place.name.en, one.figures["residents"]) for one in made.sweep.outcomes}
    assert places == {"base": ("Small", 12_000.0), "second": ("Other", 13_200.0)}


def test_costs_and_sites_of_different_cities_are_not_compared(made):
    assert made.sweep.is_of_cities
    assert all(made.sweep.difference(one) is None for one in made.sweep.outcomes)
    assert made.sweep.site_counts == {}
    page = (made.folder / "sweep.html").read_text(encoding="utf-8")
    assert "Cheapest:" not in page


def test_sums_are_those_of_the_plans(made):
    sums = sums_of(with_place(made.sweep))
    runs = [siting.read_run(made.folder / one.name) for one in made.sweep.outcomes]
    assert sums.residents == 25_200
    assert sums.cost_cny == pytest.approx(sum(run.cost_cny for run in runs))
    assert sum(sums.opened.values()) == sum(len(run.facilities) for run in runs)
    assert [one.place.name.en for one in with_place(made.sweep)] == ["Other", "Small"]


def test_one_page_has_several_sweeps_in_both_languages(made, tmp_path):
    done = command("cities", made.folder, made.folder, "--out", tmp_path / "page.html")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count('class="map"') == 4  # a map a sweep, in each language
    for words in ("Other", "他城", "2 plans for 0.0 million residents", "虚构", "no plan of a city"):
        assert words in page
    assert "report.html" not in page  # no reports were written
    maps = re.findall(r'<svg class="map".*?</svg>', page, flags=re.DOTALL)
    assert all(re.search("<(path|polygon|polyline|line)", one) is None for one in maps)  # no borders
    pd.testing.assert_frame_equal(read_sweep(made.folder).table(), made.sweep.table(), atol=1e-6)


def test_a_folder_without_a_sweep_is_refused(tmp_path):
    assert "holds no sweep that can be read" in failing(2, "cities", tmp_path)
    (tmp_path / "sweep.json").write_text(json.dumps({"name": "x"}), encoding="utf-8")
    assert "holds no sweep that can be read" in failing(2, "cities", tmp_path)


def test_the_programme_has_sixty_cities_with_targets_by_residents():
    programme = CONFIGS / "programme.yaml"
    assert programme.read_text(encoding="utf-8") == build()["programme"]()
    raw = yaml.safe_load(programme.read_text(encoding="utf-8"))["scenarios"]
    with (NATIONAL / "cities.csv").open(encoding="utf-8", newline="") as file:
        cities = {row["code"]: row for row in csv.DictReader(file)}
    assert len(cities) == 60
    assert {Path(one["city"]).name for one in raw.values()} == {*cities} - {"120100"}
    for one in raw.values():
        share = int(cities[Path(one["city"]).name]["residents"]) / int(cities["120100"]["residents"])
        assert one["targets"]["count-point"]["at_least"] == pytest.approx(3000 * share, abs=0.5)


@pytest.mark.parametrize("code", ["540100", "441900", "130600"])
def test_a_town_has_the_residents_of_the_census_and_says_that_it_is_made_up(tmp_path, code):
    built = build()
    built["main"]([code], tmp_path)
    city = built["read_cities"]().loc[code]
    demand = gpd.read_parquet(tmp_path / code / "demand.parquet")
    districts = gpd.read_parquet(tmp_path / code / "districts.parquet")
    assert demand["residents"].sum() == pytest.approx(city["residents"], rel=0.005)
    assert (demand.groupby("district")["residents"].sum() == districts.set_index("code")["residents"]).all()
    assert districts["area_km2"].sum() == pytest.approx(city["area_km2"], rel=0.01)
    meta = yaml.safe_load((tmp_path / code / "city.yaml").read_text(encoding="utf-8"))
    assert {table["nature"] for table in meta["tables"].values()} == {"synthetic"}


@pytest.mark.slow
def test_a_town_and_an_agglomeration_are_planned(tmp_path):
    build()["main"](["540100", "cdcq"], tmp_path)
    town = siting.read_config(CONFIGS / "programme.yaml").with_scenario("lhasa")
    town = town.with_config({"city": str(tmp_path / "540100"), "solve": {"gap": 0.1, "work": 30}})
    bases = siting.read_config(CONFIGS / "bases.yaml").with_config({"city": str(tmp_path / "cdcq")})
    for problem in (town, bases.with_config({"solve": {"gap": 0.1}})):
        result = problem.solve()
        assert result.verify().holds
        assert result.record.geography.is_made_up
        assert result.targets["holds"].all()
