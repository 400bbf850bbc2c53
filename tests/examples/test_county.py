"""The made-up county of the examples: drawn by its script, and said to be made up."""

import runpy
from pathlib import Path

import geopandas.testing
import pytest

from siting.inputs.city import REQUIRED, read_city
from siting.problem import read_config
from siting.render.html.map.page import draw_map
from siting.render.html.report.trust import origin_section
from siting.results.results import Results
from tests.small_city import write_small_city

COUNTY = Path(__file__).parents[2] / "data" / "county"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county") / "city"
    runpy.run_path(str(COUNTY / "draw.py"))["draw"](folder)
    return read_city(folder)


def test_the_script_draws_the_tables_that_are_shipped(drawn):
    shipped = read_city(COUNTY / "city")
    for stem in REQUIRED:
        geopandas.testing.assert_geodataframe_equal(
            getattr(shipped, stem), getattr(drawn, stem), check_less_precise=True
        )
    assert shipped.meta == drawn.meta


def test_every_table_is_said_to_be_made_up(drawn):
    assert {about["nature"] for about in drawn.meta["tables"].values()} == {"synthetic"}
    assert drawn.generators["id"].str.startswith("synthetic-").all()


def test_a_plan_of_a_made_up_place_says_so_and_names_no_place_real(tmp_path):
    record = read_config(write_small_city(tmp_path)).solve().record
    results = Results(record)
    assert set(results.facilities["nature"]) == {"made up"}
    assert '"is_made_up":true' in draw_map(results).replace(" ", "")
    assert "made up" in origin_section(results).pieces[0].text.en
