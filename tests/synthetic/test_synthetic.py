"""Made-up cities: the same for the same seed, of the size that is asked, with targets that a plan can meet."""

import dataclasses

import numpy as np
import pytest

from siting.errors import DataError
from siting.solve.solve import solve
from siting.synthetic import synthetic_instance
from siting.synthetic.targets import simple_plan
from siting.verify import verify
from siting.vocabulary import DemandKind, Echelon, Measure

TINY = {"n_points": 14, "n_stations": 2, "n_centres": 2}


def arrays(part, name=""):
    """(name, array) of all that an instance holds, targets too."""
    if isinstance(part, np.ndarray):
        yield name, part
    elif dataclasses.is_dataclass(part):
        for field in dataclasses.fields(part):
            yield from arrays(getattr(part, field.name), f"{name}.{field.name}")
    elif isinstance(part, tuple):
        for number, one in enumerate(part):
            yield from arrays(one, f"{name}[{number}]")
    else:
        yield name, np.array(part)


def test_the_same_seed_gives_the_same_city_and_another_seed_another():
    first, second, other = (dict(arrays(synthetic_instance(300, seed=seed))) for seed in (7, 7, 8))

    assert all(np.array_equal(first[name], second[name]) for name in first.keys() | second.keys())
    assert not np.array_equal(first[".demand.residents"], other[".demand.residents"])


def test_a_city_has_the_size_that_is_asked():
    city = synthetic_instance(400, n_points=150, n_stations=30, n_centres=6, n_materials=6)

    assert (city.n_demand, city.n_materials) == (400, 6)
    assert np.bincount(city.sites.echelon).tolist() == [150, 30, 6]
    assert synthetic_instance(1000).n_sites == 1350 + 50 + 10


def test_nothing_can_be_taken_for_a_survey():
    city = synthetic_instance(200)

    assert all("synthetic" in text for text in (city.name, *city.districts, *(one.source for one in city.targets)))


def test_walks_are_short_and_hauls_go_to_the_next_echelon():
    city = synthetic_instance(500)

    assert city.walks.distance_m.max() <= 1000
    assert (city.sites.echelon[city.walks.site] == Echelon.POINT).all()
    assert (city.sites.echelon[city.haul.head] == city.sites.echelon[city.haul.tail] + 1).all()
    assert (city.demand.kind[city.direct.tail] == DemandKind.GENERATOR).all()


@pytest.mark.parametrize("n_materials", [1, 2, 3, 6])
@pytest.mark.parametrize("n_demand", [30, 1000])
def test_a_plan_that_anybody_could_make_meets_every_target(n_demand, n_materials):
    city = synthetic_instance(n_demand, n_materials=n_materials, seed=n_demand)
    found = verify(city, simple_plan(city))

    assert found.faults == ()
    assert {target.measure for target in city.targets} == {
        Measure.COUNT,
        Measure.PROCESSED,
        Measure.COLLECTED,
        Measure.COVERAGE,
    }


@pytest.mark.parametrize("seed", range(3))
def test_both_engines_agree_on_small_cities(seed):
    city = synthetic_instance(40, **TINY, seed=seed)
    exact = solve(city, engine="exact", time_limit_s=20, gap=1e-6)
    other = solve(city, engine="city", time_limit_s=2, gap=1e-4)

    slack = 1e-6 * exact.value
    assert verify(city, exact.plan).faults == () == verify(city, other.plan).faults
    assert exact.gap <= 1e-6
    assert other.bound <= exact.value + slack
    assert other.value >= exact.value - slack


def test_numbers_that_are_too_small_are_refused_together():
    with pytest.raises(DataError, match=r"n_demand: 5; give at least 30(.|\n)*n_centres: 0; give at least 1"):
        synthetic_instance(5, n_centres=0)
