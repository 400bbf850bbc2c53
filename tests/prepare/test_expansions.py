"""Capacity by the tonne, disposal at facilities, prices by year: from config to plan, at their edges, and verified."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from siting.config import load_config
from siting.errors import ConfigError, DataError, InfeasibleError
from siting.evaluate.recourse import solve_recourse
from siting.instance import Disposals, Expansions, Instance
from siting.plan import Solution, built_capacity_t, paid_once_cny
from siting.prepare.existing import annuity
from siting.runs.arrays import load_arrays, save_arrays
from siting.solve.solve import solve
from siting.verify import reach, verify, verify_stages
from siting.vocabulary import Measure
from tests.parts import with_parts
from tests.prepare.test_flows import planned, prepared, with_base
from tests.small_city import small_config, write_small_city
from tests.tiny import hand_instance, make_target, tiny_instance

BY_THE_TONNE = {"most_t": 500, "capex_cny_per_t": 300, "opex_cny_per_t": 20}


def config_with(echelon, *, expansion=None, disposal=None, config=None):
    config = config or small_config()
    kind = next(iter(config["facilities"][echelon].values()))
    if expansion is not None:
        next(iter(kind["sizes"].values()))["expansion"] = expansion
    if disposal is not None:
        kind["disposal"] = disposal
    return config


def small_station(most_t, *, cny_per_t=100.0):
    """The hand instance with a station of 4 t that can be extended at 100 CNY a tonne a year, and all to be served."""
    instance = hand_instance()
    instance.options.capacity_t[3] = 4.0
    figures = (np.array([most_t]), np.array([900.0]), np.array([0.9 * cny_per_t]), np.array([0.1 * cny_per_t]))
    return dataclasses.replace(instance, expansions=Expansions(np.array([3]), *figures))


def solved(instance):
    return solve(instance, engine="exact", time_limit_s=30, gap=0.0)


def test_only_what_is_needed_is_bought():
    """p3 brings 8 t: 4 t are bought for 400 CNY beside the 1,550 of the hand instance."""
    solution = solved(small_station(10.0))
    assert solution.plan.expanded_t == pytest.approx([4.0])
    assert solution.cost_cny == pytest.approx(1550 + 400)


def test_exactly_enough_to_buy_is_enough_and_a_little_less_is_not():
    assert solved(small_station(4.0)).plan.expanded_t == pytest.approx([4.0])
    with pytest.raises(InfeasibleError):
        solved(small_station(3.99))


def test_a_dearer_tonne_never_makes_a_plan_cheaper():
    costs = [solved(small_station(10.0, cny_per_t=price)).cost_cny for price in (0.0, 50.0, 100.0, 300.0)]
    assert costs == sorted(costs)
    assert costs[0] == pytest.approx(1550)


def test_what_is_bought_counts_as_capacity_and_as_investment():
    instance = small_station(10.0)
    plan = solved(instance).plan
    station = make_target(instance, Measure.CAPACITY, 0, counts_type=np.arange(5) == 2)
    assert reach(instance, plan, station) == pytest.approx(8.0)
    invested = make_target(instance, Measure.INVESTMENT, 0, is_at_least=False)
    assert reach(instance, plan, invested) == pytest.approx(10_000 + 4 * 900)
    assert paid_once_cny(instance, plan).sum() == pytest.approx(10_000 + 4 * 900)
    assert paid_once_cny(instance, plan, plan).sum() == 0


def test_disposal_is_taken_where_it_is_cheaper_than_the_way_on():
    """A tonne that leaves the station saves 400 − 20 − 30 − 40 − 9: at an income above 301 CNY it is disposed of."""
    for income, taken in ((290.0, 0.0), (310.0, 3.0)):
        disposals = Disposals(np.array([3]), np.array([0]), np.array([-income]), np.array([3.0]))
        plan = solved(dataclasses.replace(hand_instance(), disposals=disposals)).plan
        assert plan.disposed_t == pytest.approx([taken])


FALSE = {
    "more than there is to buy": (lambda p: {"expanded_t": p.expanded_t + 20}, "by at most 10 it may"),
    "less than nothing bought": (lambda p: {"expanded_t": p.expanded_t * 0 - 1}, "less than nothing"),
    "more than may be disposed of": (lambda p: {"disposed_t": p.disposed_t + 9}, "at most 3 may"),
    "disposed of and hauled on": (lambda p: {"disposed_t": p.disposed_t + 1}, "it must conserve them"),
    "less than nothing disposed of": (lambda p: {"disposed_t": p.disposed_t - 1}, "less than nothing"),
    "not enough bought": (lambda p: {"expanded_t": p.expanded_t * 0}, "above the capacity of 4 t/yr"),
    "an array too long": (lambda p: {"expanded_t": np.zeros(2)}, r"plan\.expanded_t: the shape is \(2,\)"),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_plan_is_found_out(name):
    change, told = FALSE[name]
    disposals = Disposals(np.array([3]), np.array([0]), np.array([10.0]), np.array([3.0]))
    instance = dataclasses.replace(small_station(10.0), disposals=disposals)
    plan = solved(instance).plan
    faults = verify(instance, dataclasses.replace(plan, **change(plan))).faults
    assert any(re.search(told, fault) for fault in faults), faults


def test_years_that_give_up_what_was_bought_are_found_out():
    instance = with_parts(tiny_instance(1, n_points=2, n_transfers=1), 1, "capacity by the tonne", "years")
    plans = solved(instance).plans
    fewer = dataclasses.replace(plans[1], expanded_t=plans[1].expanded_t * 0)
    faults = verify_stages(instance, (plans[0], fewer))[1].faults
    assert any("what is bought must stay" in fault for fault in faults)


def test_prices_of_stages_that_do_not_fit_are_told():
    instance = with_parts(tiny_instance(1), 1, "years")
    one = instance.stages.prices[0]
    with pytest.raises(DataError, match="1 where 2 are expected"):
        dataclasses.replace(instance, stages=dataclasses.replace(instance.stages, prices=(one,)))
    other = dataclasses.replace(one, options=dataclasses.replace(one.options, accepts=~one.options.accepts))
    with pytest.raises(DataError, match=r"stage 1: options\.accepts is not that of the instance"):
        dataclasses.replace(instance, stages=dataclasses.replace(instance.stages, prices=(one, other)))
    with pytest.raises(DataError, match="an option stands there twice"):
        dataclasses.replace(instance, expansions=Expansions(np.zeros(2, dtype=int), *np.ones((4, 2))))


def test_an_instance_with_all_of_it_comes_back_from_its_file(tmp_path):
    instance = with_parts(tiny_instance(3), 3, "capacity by the tonne", "disposal", "years")
    solution = solved(instance)
    save_arrays(tmp_path / "instance.npz", instance)
    save_arrays(tmp_path / "plan.npz", solution)
    again, found = load_arrays(tmp_path / "instance.npz", Instance), load_arrays(tmp_path / "plan.npz", Solution)
    assert [one.cost_cny for one in verify_stages(again, found.plans)] == [
        one.cost_cny for one in verify_stages(instance, solution.plans)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_a_drawn_year_has_the_capacity_that_was_bought(seed):
    names = ("capacity by the tonne", "disposal")
    instance = with_parts(tiny_instance(seed, has_targets=False), seed, *names)
    plan = solved(instance).plan
    factors = np.ones_like(instance.demand.tonnes)
    same = solve_recourse(instance, plan, factors)
    assert same.turned_away_t.sum() == pytest.approx(0, abs=1e-3)
    assert same.plan.expanded_t == pytest.approx(plan.expanded_t)
    assert verify(instance, same.plan).faults == ()
    assert solve_recourse(instance, plan, factors * 3).turned_away_t.sum() > 0 or not plan.is_open.any()


def test_the_config_becomes_rows_for_each_option_of_the_type(tmp_path):
    config = config_with("sorting", expansion=BY_THE_TONNE, config=with_base())
    config = config_with("transfer", disposal={"paper": {"cny_per_t": -5, "limit_t": 40}}, config=config)
    config["money"]["discount_rate"] = 0.08
    instance = prepared(tmp_path, config).instance
    of_sorting = np.flatnonzero(instance.option_echelon() == 2)
    assert np.isin(instance.expansions.option, of_sorting).all()
    assert set(instance.expansions.most_t) == {500.0}
    kind = next(iter(config["facilities"]["sorting"].values()))
    a_year = annuity(300.0, 0.08, kind["life_years"])
    assert instance.expansions.investment_cny_per_t == pytest.approx(a_year)
    assert set(instance.option_echelon()[instance.disposals.option]) == {1}
    solution, _ = planned(instance)
    assert (built_capacity_t(instance, solution.plan) >= instance.options.capacity_t).all()


@pytest.mark.parametrize(
    ("echelon", "what", "told"),
    [
        ("point", {"expansion": BY_THE_TONNE}, "points are built whole; give more sizes"),
        ("point", {"disposal": {"paper": {"cny_per_t": 5, "limit_t": 4}}}, "only a station or a sorting centre"),
        ("sorting", {"disposal": {"paper": {"cny_per_t": 5, "limit_t": 4}}}, "its product is sold at the centre"),
        ("sorting", {"disposal": {"papre": {"cny_per_t": 5, "limit_t": 4}}}, "no material 'papre'; there are"),
        ("sorting", {"expansion": {"most_t": 5}}, "capex_cny_per_t"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_cure(tmp_path, echelon, what, told):
    with pytest.raises(ConfigError, match=told):
        load_config(write_small_city(tmp_path, config=config_with(echelon, **what)))
