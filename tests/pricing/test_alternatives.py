"""Other plans that cost little more: each differs enough from every other, costs what is allowed, and holds."""

import dataclasses
import itertools
import json

import pytest

from siting.errors import ConfigError
from siting.model.linear import MODEL_CNY
from siting.pricing import Solved
from siting.pricing.alternatives import differing, differs, find_alternatives, large_sites, least_elsewhere
from siting.problem import read_config, read_run
from siting.solve.highs import program_of, run_highs
from siting.solve.solve import solve
from siting.verify import verify_stages
from tests.commands import failing, siting
from tests.small_city import small_config, small_tables, write_small_city
from tests.tiny import hand_instance, tiny_instance


def solved_of(instance):
    return Solved.of(instance, solve(instance, engine="exact", gap=0.0, time_limit_s=60))


def with_choice(seed):
    """An instance in which no station must stay, so that others can take its place."""
    instance = tiny_instance(seed, n_transfers=4, n_centres=4, has_targets=False)
    hard = instance.hard_target("collected_t", 0.3 * instance.demand.tonnes.sum(), is_at_least=True)
    sites = dataclasses.replace(instance.sites, must_open=instance.sites.must_open & False)
    collected = next(one for one in tiny_instance(seed).targets if one.measure.value == "collected_t")
    wanted = dataclasses.replace(
        collected, value=hard.value, penalty_cny=None, in_unit_demand=hard.in_unit_demand,
        in_unit_site=hard.in_unit_site, counts_material=hard.counts_material, counts_type=hard.counts_type,
    )  # fmt: skip
    return dataclasses.replace(instance, sites=sites, targets=(wanted,))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_plan_differs_from_every_other_and_costs_no_more_than_is_allowed(seed):
    instance = with_choice(seed)
    solved = solved_of(instance)
    found = find_alternatives(solved, within=0.5, count=3, seconds=3.0)
    assert found
    for values in found:
        cost_cny = solved.cost_of(values)
        (verified,) = verify_stages(instance, solved.whole.plans_of(values))
        assert verified.faults == ()
        assert verified.cost_cny == pytest.approx(cost_cny, abs=0.1)
        assert cost_cny <= solved.known.cost_cny + 0.5 * abs(solved.known.cost_cny) + 0.01
    for one, other in itertools.combinations([solved.values, *found], 2):
        assert differs(solved, one, other)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_is_found_below_the_least_cost_of_a_plan_that_differs(seed):
    solved = solved_of(with_choice(seed))
    least = run_highs(program_of(differing(solved, [solved.values]), is_linear=False), time_limit_s=60)
    assert least.is_optimal
    needed = (least.cost * MODEL_CNY - solved.known.cost_cny) / abs(solved.known.cost_cny)
    assert needed >= -1e-9
    assert len(find_alternatives(solved, within=needed + 1e-3, count=1, seconds=5.0)) == 1
    if needed > 1e-3:
        assert find_alternatives(solved, within=needed - 1e-3, count=1, seconds=5.0) == []


def test_where_everything_must_stay_there_is_none():
    solved = solved_of(hand_instance())
    assert large_sites(solved, solved.values).sum() == 2
    assert least_elsewhere(2) == 1
    assert find_alternatives(solved, within=10.0, count=2, seconds=1.0) == []


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alternatives")
    read_config(write_small_city(folder, tables=small_tables(), config=small_config())).solve().write(
        folder / "out", parts=["tables"]
    )
    return folder / "out"


@pytest.mark.slow
def test_alternatives_are_runs_of_their_own_with_a_bound_that_is_verified(run_folder):
    done = siting("alternatives", run_folder, "--within", "50%", "--count", 2, "--time-limit", 3)
    assert done.exit_code == 0, done.output
    told = json.loads((run_folder / "alternatives.json").read_text(encoding="utf-8"))
    assert told["within"] == 0.5
    base = read_run(run_folder)
    for row in told["plans"][1:]:
        one = read_run(run_folder.parent / f"out-alternative-{row['plan']}")
        assert one.verify().holds
        assert one.cost_cny == pytest.approx(row["cost_cny_per_year"])
        assert one.bound_cny <= base.cost_cny + 1
    page = (run_folder / "alternatives.html").read_text(encoding="utf-8")
    assert "结论" in page


@pytest.mark.slow
def test_a_tolerance_that_is_none_is_refused(run_folder):
    assert "write 1% or 0.01" in failing(2, "alternatives", run_folder, "--within", "little")
    with pytest.raises(ConfigError, match="give a share"):
        read_run(run_folder).alternatives(-0.1)
