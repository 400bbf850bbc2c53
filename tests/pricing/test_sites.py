"""Values of sites: each term, proof and interval against the problem with the site held, solved to optimality."""

import dataclasses
import math

import numpy as np
import pytest

import siting.pricing.sites as sites_module
from siting.certificate import Certainty, rises
from siting.errors import ConfigError
from siting.instance import Stages
from siting.model.linear import MODEL_CNY
from siting.pricing import Known, Solved, certainties, difference, price_site
from siting.pricing.sites import hold_site, open_at_last
from siting.problem import read_config, read_run
from siting.solve.highs import program_of, run_highs
from siting.solve.solve import solve
from tests.commands import failing, siting
from tests.parts import LIKE_HEPING, with_parts
from tests.small_city import write_small_city
from tests.tiny import hand_instance, tiny_instance

TOLERANCE_CNY = 0.1
HAND = hand_instance()


def least(model):
    """The least cost of a model, CNY a year; inf where there is no plan."""
    answer = run_highs(program_of(model, is_linear=False), time_limit_s=60, options={"mip_rel_gap": 0.0})
    assert answer.is_optimal or answer.is_infeasible
    return math.inf if answer.is_infeasible else answer.cost * MODEL_CNY


def solved_of(instance, gap=0.0):
    return Solved.of(instance, solve(instance, engine="exact", gap=gap, time_limit_s=60))


def years_of(instance):
    """Two years, the second with half as much again."""
    factor = np.array([1.0, 1.5])[:, None, None] * np.ones((2, instance.n_demand, 1))
    residents = np.ones((2, instance.n_demand))
    stages = Stages(
        name=np.array(["2030", "2035"]), year=np.array([2030, 2035]), weight=np.array([0.4, 0.6]),
        tonnes_factor=factor, residents_factor=residents, is_nested=True,
    )  # fmt: skip
    return dataclasses.replace(instance, stages=stages)


def cases_of(instance):
    """The same as cases of demand that share what is open."""
    years = years_of(instance)
    return dataclasses.replace(years, stages=dataclasses.replace(years.stages, is_nested=False))


CASES = {
    **{f"tiny {seed}": tiny_instance(seed, has_targets=seed % 2 == 0) for seed in range(6)},
    "hand": HAND,
    "years": years_of(tiny_instance(1, has_targets=False)),
    "cases": cases_of(tiny_instance(1, has_targets=False)),
    **{f"like Heping {seed}": with_parts(tiny_instance(seed), seed, *LIKE_HEPING) for seed in (3, 4)},
}


@pytest.mark.parametrize("name", CASES)
def test_each_site_closed_or_open_costs_no_less_than_its_term_says(name):
    solved = solved_of(CASES[name])
    bound_cny = solved.terms.bound * MODEL_CNY
    closed, opened = (MODEL_CNY * one for one in rises(solved.whole, solved.terms))
    for site in range(solved.instance.n_sites):
        for rise, is_open in ((closed[site], False), (opened[site], True)):
            assert bound_cny + rise <= least(hold_site(solved, site, is_open=is_open)) + TOLERANCE_CNY


@pytest.mark.parametrize("name", CASES)
def test_what_is_proven_holds_in_every_cheaper_plan(name):
    solved = solved_of(CASES[name], gap=0.2)
    sure = certainties(solved)
    for site, certainty in enumerate(sure.certainty):
        if certainty in (Certainty.MUST, Certainty.IN_EVERY):
            assert least(hold_site(solved, site, is_open=False)) > solved.known.cost_cny
        if certainty in (Certainty.CANNOT, Certainty.IN_NONE):
            assert least(hold_site(solved, site, is_open=True)) > solved.known.cost_cny


def test_some_site_is_proven_by_its_term_alone():
    proven = [certainties(solved_of(CASES[name])).certainty for name in ("hand", "tiny 1", "tiny 3")]
    assert {Certainty.IN_EVERY, Certainty.IN_NONE} & {str(one) for one in np.concatenate(proven)}


@pytest.mark.parametrize("name", ["hand", "tiny 1", "tiny 3", "years", "like Heping 3", "like Heping 4"])
def test_every_interval_holds_the_difference_of_the_optima(name):
    solved = solved_of(CASES[name], gap=0.2)
    optimum = least(solved.whole.model)
    for site in range(solved.instance.n_sites):
        priced = price_site(solved, site, seconds=1.0)
        held = least(hold_site(solved, site, is_open=not priced.is_open))
        base = Known(min(solved.known.cost_cny, priced.known.cost_cny), solved.known.bound_cny)
        found = difference(base, priced.known, is_harder=True)
        if math.isinf(held):
            assert math.isinf(found.most_cny)
        else:
            assert found.least_cny - TOLERANCE_CNY <= held - optimum <= found.most_cny + TOLERANCE_CNY
        if priced.values is not None:
            assert open_at_last(dataclasses.replace(solved, values=priced.values))[site] != priced.is_open


def test_the_hand_instance_without_its_point_takes_the_other_two():
    solved = solved_of(HAND)
    site = HAND.sites.id.tolist().index("p3")
    priced = price_site(solved, site, seconds=2.0)
    found = difference(solved.known, priced.known, is_harder=True)
    # p3 costs 1,550, p1 and p2 1,600: see `hand_instance`
    assert (found.plan_cny, found.least_cny, found.most_cny) == pytest.approx((50.0, 50.0, 50.0), abs=TOLERANCE_CNY)


def test_where_no_site_near_by_can_take_over_all_are_searched(monkeypatch):
    """In a large model, which branch and bound leaves alone: a base of a region shares no link with another."""
    monkeypatch.setattr(sites_module, "replan_in_steps", lambda *_, **__: None)
    monkeypatch.setattr(sites_module, "EXACT_COLUMNS", 0)
    solved = solved_of(HAND)
    priced = price_site(solved, HAND.sites.id.tolist().index("p3"), seconds=2.0)
    assert difference(solved.known, priced.known, is_harder=True).plan_cny == pytest.approx(50.0, abs=TOLERANCE_CNY)


def test_a_site_that_must_stay_is_in_every_plan():
    solved = solved_of(HAND)
    station = HAND.sites.id.tolist().index("t1")
    assert certainties(solved).certainty[station] == Certainty.MUST
    assert price_site(solved, station, seconds=1.0).known.has_no_plan


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sites")
    read_config(write_small_city(folder)).solve().write(folder / "out", parts=[])
    return folder / "out"


def test_all_sites_and_one_of_each_kind_are_explained_and_written(run_folder):
    result = read_run(run_folder)
    every = result.explain()
    assert set(every.table["certainty"]) <= {str(one) for one in Certainty}
    instance = result.record.instance
    assert len(every.table) == (instance.sites.echelon > 0).sum()
    opened = result.facilities.loc[result.facilities["action"] != "close", "id"].tolist()
    others = [one for one in instance.sites.id if one not in opened]
    for id_ in (opened[0], opened[-1], others[0]):
        answer = result.explain(id_, seconds=2.0)
        assert answer.summary["is_open"] == (id_ in opened)
        least_cny, most_cny = (answer.summary[f"{end}_cny_per_year"] for end in ("least", "most"))
        assert least_cny is None or most_cny is None or 0 <= least_cny <= most_cny + TOLERANCE_CNY
        assert "位置" in answer.page().text
    assert {path.name for path in every.write(run_folder)} == {"sites.html", "sites.json", "sites.csv"}
    assert read_run(run_folder).verify().holds


def test_the_command_explains_a_site(run_folder):
    id_ = read_run(run_folder).facilities["id"].iloc[0]
    done = siting("explain", run_folder, "--site", id_, "--time-limit", 1)
    assert done.exit_code == 0, done.output
    assert (run_folder / f"site-{id_}.json").is_file()
    assert "did you mean" in failing(2, "explain", run_folder, "--site", id_[:-1])


def test_a_run_without_certificate_is_refused():
    with pytest.raises(ConfigError, match="certificate: missing"):
        solution = solve(HAND, engine="exact", gap=0.0, time_limit_s=60)
        Solved.of(HAND, dataclasses.replace(solution, certificate=None))
