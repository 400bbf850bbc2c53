"""Milestones of a roll-out: the interval holds what brute force says that the last year costs more than alone."""

import copy
import json

import pytest

from siting.errors import ConfigError
from siting.pricing.straight import SAME_CNY, last_year_alone, price_straight
from siting.problem import read_config, read_run
from siting.solve.solve import solve
from siting.verify import verify
from siting.vocabulary import Measure
from tests.brute_force import optimum
from tests.commands import failing, siting
from tests.parts import with_parts
from tests.small_city import small_config, write_small_city
from tests.tiny import hand_instance, tiny_instance


@pytest.mark.slow
@pytest.mark.parametrize("gap", [0.0, 0.3])
@pytest.mark.parametrize("seed", [2, 3, 4, 5, 6])
def test_the_interval_holds_the_difference_to_the_best_network_for_the_last_year(seed, gap):
    instance = with_parts(tiny_instance(seed, n_cells=3, n_points=3), seed, "years")
    plans = solve(instance, engine="exact", gap=0.0, time_limit_s=60).plans
    last = last_year_alone(instance)
    truth = verify(last, plans[-1]).cost_cny - optimum(last)
    found = price_straight(instance, plans, engine="exact", gap=gap, time_limit_s=60)
    assert found.gap.least_cny - 0.1 <= truth <= found.gap.most_cny + 0.1
    assert truth >= -0.1
    if gap == 0:
        assert found.gap.most_cny - found.gap.least_cny < 0.1
        assert (found.values is not None) == (truth > SAME_CNY)


def test_a_limit_on_investment_of_the_last_year_does_not_bind_it_alone():
    instance = with_parts(tiny_instance(2, n_cells=3, n_points=3), 2, "years")
    assert Measure.INVESTMENT in [one.measure for one in instance.targets]
    assert Measure.INVESTMENT not in [one.measure for one in last_year_alone(instance).targets]


def test_one_year_has_no_milestones():
    with pytest.raises(ConfigError, match="plans one year"):
        last_year_alone(hand_instance())


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """Ten points in 2027 already, as its target asks; in 2030 four would do."""
    config = copy.deepcopy(small_config()) | {"year": 2030, "horizon": {"years": [2027, 2030], "closing_years": 5}}
    config["targets"] += [{"unit": "city", "measure": "count", "echelon": "point", "at_least": 10, "year": 2027}]
    folder = tmp_path_factory.mktemp("straight")
    read_config(write_small_city(folder, config=config)).solve().write(folder / "out", parts=[])
    return folder / "out"


@pytest.mark.slow
def test_the_command_tells_what_a_milestone_costs_later(run_folder):
    done = siting("prices", run_folder, "--straight", "--time-limit", 20)
    assert done.exit_code == 0, done.output
    told = json.loads((run_folder / "straight.json").read_text(encoding="utf-8"))
    (points,) = (one for one in told["facilities"] if one["echelon"] == "point")
    assert points["steps"] == 10 > points["straight"]
    assert 0 < told["least_cny_per_year"] <= told["most_cny_per_year"]
    saved = told["steps_cny_per_year"] - told["straight_cny_per_year"]
    assert told["least_cny_per_year"] == pytest.approx(saved)
    assert {one["change"] for one in told["changes"]} >= {"closed_now"}
    assert "built for 2027 first costs" in done.output
    assert "一步建成" in (run_folder / "straight.html").read_text(encoding="utf-8")
    assert read_run(run_folder).verify().holds
    assert "leave out --target" in failing(2, "prices", run_folder, "--straight", "--target", "count-point")
