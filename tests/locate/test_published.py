"""Published instances with proven optima; left out where SITING_BENCH names no folder that holds them."""

import os
from pathlib import Path

import pytest

from benchmarks.formats import read_cap, read_pmed, read_points
from siting.locate import cflp, mclp, p_median, uflp
from siting.relog import read_case, solve_case

BENCH = Path(os.environ.get("SITING_BENCH", ""))
pytestmark = pytest.mark.skipif("SITING_BENCH" not in os.environ, reason="SITING_BENCH is not set")


def agrees(located, published):
    assert located.value == pytest.approx(published, rel=1e-6)
    assert located.bound == pytest.approx(published, rel=1e-6)


@pytest.mark.parametrize(("name", "published"), [("pmed1.txt", 5819), ("pmed5.txt", 1355), ("pmed20.txt", 1789)])
def test_p_medians_of_the_or_library(name, published):
    distance, p = read_pmed(BENCH / "pmed" / name)
    agrees(p_median(distance, p=p), published)


@pytest.mark.parametrize(
    ("name", "shared", "free"),
    [
        ("cap41.txt", 1040444.375, 932615.75),
        ("cap84.txt", 1069369.525, 928941.75),
        ("cap94.txt", 946051.325, 928941.75),
    ],
)
def test_facility_location_of_the_or_library(name, shared, free):
    one = read_cap(BENCH / "cap" / name)
    agrees(cflp(one.cost, one.opening, one.demand, one.capacity), shared)
    agrees(uflp(one.cost, one.opening), free)


@pytest.mark.parametrize(("within", "p", "published"), [(800, 3, 11604), (1200, 2, 11555)])
def test_maximal_covering_of_sao_jose_dos_campos(within, p, published):
    distance, weights = read_points(BENCH / "mclp" / "SJC324.txt")
    agrees(mclp(distance, within, p, weights=weights), published)


def test_the_first_sample_of_relog():
    answer = solve_case(read_case(BENCH / "relog" / "v0.5" / "instances_s1.json"))
    assert answer.value == pytest.approx(1_871_178.96, abs=0.01)
