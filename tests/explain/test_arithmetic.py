from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from siting.explain import check_arithmetic
from siting.vocabulary import Echelon, Measure
from tests.brute_force import optimum
from tests.edges import with_part, with_targets
from tests.tiny import SORTING, hand_instance, make_target, tiny_instance

HAND = hand_instance()


def findings(instance, *targets):
    return check_arithmetic(with_targets(instance, *targets))


def fatal(instance, *targets):
    return [finding.message for finding in findings(instance, *targets) if finding.is_fatal]


def target(measure, value, **what):
    return make_target(HAND, measure, value, **what)


def test_an_instance_with_a_plan_has_no_finding():
    assert check_arithmetic(HAND) == []


@pytest.mark.parametrize("seed", range(40))
def test_a_fatal_finding_is_never_wrong(seed):
    instance = tiny_instance(seed)
    if any(finding.is_fatal for finding in check_arithmetic(instance)):
        assert optimum(instance) is None


BEYOND = {
    "coverage": (
        target(Measure.COVERAGE, 0.85, within_m=50.0),
        r"city: at most 0\.0 % of residents have a usable candidate point within 50 m; target \S+ asks at least "
        r"85\.0 %; add candidates there or lower the target to 0\.00",
    ),
    "count": (
        target(Measure.COUNT, 4, echelon=Echelon.POINT),
        r"at most 3 candidate sites for recycling points have an option .* at least 4; add candidates or lower .* to 3",
    ),
    "capacity": (
        target(Measure.CAPACITY, 26, echelon=Echelon.SORTING),
        r"at most 25 t/yr is what the candidate sorting centres can hold; .* lower the target to 25",
    ),
    "collected": (
        target(Measure.COLLECTED, 16),
        r"at most 15 t/yr of material is offered within reach .* asks at least 16 t/yr; .* lower the target to 15",
    ),
    "collected of what arises": (
        target(Measure.COLLECTED_SHARE, 0.7),
        r"at most 60\.0 % of material is offered within reach .* asks at least 70\.0 %; .* lower the target to 0\.60",
    ),
    "recycled of what arises": (
        target(Measure.RECYCLED_SHARE, 0.5),
        r"at most 48\.0 % of material is what would be left .* without the residue; .* lower the target to 0\.48",
    ),
    "processed by one district": (
        target(Measure.PROCESSED, 1, district=0),
        r"north: at most 0 t/yr of material is what the sorting centres can take .* larger sizes or lower",
    ),
    "vehicles": (
        target(Measure.VEHICLES, 1),
        r"at most 0 vehicles of facilities are what the candidates can use; .* asks at least 1; .* lower",
    ),
    "count at most": (
        target(Measure.COUNT, 1, is_at_least=False),
        r"at least 2 facilities exist or must be open; .* asks at most 1; let sites close or raise the target to 2",
    ),
    "capacity at most": (
        target(Measure.CAPACITY, 44, is_at_least=False),
        r"at least 45 t/yr is held by sites that exist or must be open; .* raise the target to 45",
    ),
    "processed at most": (
        target(Measure.PROCESSED, 1, is_at_least=False),
        r"at least 2 t/yr is the minimum load of centres that must be open; .* raise the target to 2",
    ),
}


@pytest.mark.parametrize("name", BEYOND)
def test_a_target_beyond_reach_is_named_with_figures_and_cure(name):
    asked, words = BEYOND[name]
    (message,) = fatal(HAND, asked)
    assert re.search(words, message), message
    assert optimum(with_targets(HAND, asked)) is None


@pytest.mark.parametrize("name", BEYOND)
def test_a_soft_target_beyond_reach_is_a_warning(name):
    soft = dataclasses.replace(BEYOND[name][0], penalty_cny=10.0)
    (finding,) = findings(HAND, soft)
    assert not finding.is_fatal
    assert finding.target_id == soft.id
    assert "its penalty is certain" in finding.message


def test_the_total_capacity_of_centres_bounds_what_is_collected():
    small = with_part(HAND, "options", capacity_t=np.array([10.0, 10.0, 10.0, 20.0, 12.0]))
    (message,) = fatal(small, target(Measure.COLLECTED, 14))
    assert re.search(r"at most 12 t/yr of material is what the sorting centres can take", message)


def test_more_facilities_than_their_minimum_loads_can_be_fed_are_refused():
    hungry = with_part(HAND, "options", min_load_t=np.array([4.0, 4.0, 4.0, 1.0, 2.0]))
    (message,) = fatal(hungry, target(Measure.COUNT, 3, echelon=Echelon.POINT))
    assert re.search(r"at most 2 recycling points reach their minimum load with the 10 t/yr .* min_load_share", message)


def test_at_least_and_at_most_of_the_same_contradict_each_other():
    more, fewer = target(Measure.COUNT, 3, echelon=Echelon.POINT), target(Measure.COUNT, 2, is_at_least=False)
    fewer = dataclasses.replace(fewer, id="few", echelon=Echelon.POINT)
    (message,) = fatal(HAND, more, fewer)
    assert re.search(r"recycling points may be at most 2 \(few\), yet other targets ask at least 3 of it", message)
    assert "raise the one or lower the others" in message


def test_districts_that_ask_for_more_than_the_city_allows_contradict_it():
    north = target(Measure.COLLECTED, 4, district=0)
    south = target(Measure.COLLECTED, 9, district=1)
    city = target(Measure.COLLECTED, 12, is_at_least=False)
    assert len(fatal(HAND, north, south, city)) == 1
    assert fatal(HAND, north, city) == []


def test_targets_that_count_the_same_tonnes_do_not_add_up():
    south = target(Measure.COLLECTED, 9, district=1)
    whole = target(Measure.COLLECTED, 10)
    assert fatal(HAND, south, whole, target(Measure.COLLECTED, 12, is_at_least=False)) == []


def test_types_that_differ_do_not_contradict_each_other():
    sorting = np.arange(5) == SORTING
    more = target(Measure.COUNT, 1, counts_type=sorting)
    assert fatal(HAND, more, target(Measure.COUNT, 2, echelon=Echelon.POINT, is_at_least=False)) == []


def test_cells_that_cannot_walk_anywhere_are_counted_with_their_residents():
    walks = {f.name: getattr(HAND.walks, f.name)[[1, 3]] for f in dataclasses.fields(HAND.walks)}
    (finding,) = findings(with_part(HAND, "walks", **walks))
    assert not finding.is_fatal
    assert re.search(
        r"1 cells with 1,000 residents \(50\.0 %\) have no candidate point .*\(A\); .* raise travel\.walk_cutoff_m",
        finding.message,
    )


def test_places_without_a_link_are_named():
    links = {f.name: getattr(HAND.haul, f.name)[[0, 3]] for f in dataclasses.fields(HAND.haul)}
    none = {f.name: getattr(HAND.direct, f.name)[:0] for f in dataclasses.fields(HAND.direct)}
    messages = [f.message for f in findings(with_part(with_part(HAND, "haul", **links), "direct", **none))]
    assert any(re.search(r"2 candidate points have no transfer station .*\(p2, p3\)", m) for m in messages)
    assert any(re.search(r"1 generators with 5 t/yr have no sorting centre .*haul_cutoff_km", m) for m in messages)


def test_a_material_that_no_station_takes_is_named():
    accepts = HAND.options.accepts.copy()
    accepts[3] = False
    free = with_part(with_part(HAND, "options", accepts=accepts), "sites", must_open=np.zeros(5, dtype=bool))
    covered = target(Measure.SERVED, 0.5, within_m=500.0)
    messages = [f.message for f in findings(free, covered)]
    assert any(re.search(r"paper: 20 t/yr .* no transfer site takes it .* `accepts`", m) for m in messages)
    assert len(fatal(free, covered)) == 1, "and what needs it is fatal"


def test_a_site_that_must_be_open_and_cannot_is_fatal():
    crowded = with_part(HAND, "sites", area_m2=np.array([20.0, 20.0, 20.0, 399.0, 2000.0]))
    assert any(re.search(r"site t1: must be open, but no type .* fits its 399 m2; enlarge", m) for m in fatal(crowded))


def test_a_site_that_must_be_open_and_starves_is_fatal():
    hungry = with_part(HAND, "options", min_load_t=np.array([0.0, 0.0, 0.0, 1.0, 24.0]))
    (message,) = fatal(hungry)
    assert re.search(r"site s1: must be open and take at least 24 t/yr, but at most 23 t/yr can reach it", message)


def test_what_no_station_passes_on_does_not_reach_a_centre():
    accepts = HAND.options.accepts.copy()
    accepts[3] = False
    hungry = with_part(HAND, "options", accepts=accepts, min_load_t=np.array([0.0, 0.0, 0.0, 0.0, 6.0]))
    (message,) = fatal(hungry)
    assert re.search(r"site s1: .* at most 5 t/yr can reach it", message)


def test_few_centres_cannot_take_what_a_target_asks():
    instance = tiny_instance(3, n_centres=3)
    capacity_t = np.where(instance.option_echelon() == Echelon.SORTING, 40.0, 1e6)
    instance = with_part(instance, "options", capacity_t=capacity_t, max_load_share=np.ones_like(capacity_t))
    instance = with_part(instance, "demand", tonnes=100 * instance.demand.tonnes)
    most = make_target(instance, Measure.COUNT, 1, echelon=Echelon.SORTING, is_at_least=False)
    asked = make_target(instance, Measure.COLLECTED, 60.0)
    told = [message for message in fatal(instance, most, asked) if "(" + most.id + ")" in message]
    assert len(told) == 1 and "at most 1 sorting centres" in told[0] and f"raise {most.id}, add larger sizes" in told[0]
    assert optimum(with_targets(instance, most, asked)) is None


def test_a_budget_below_what_several_targets_force_is_found():
    counts = [target(Measure.COUNT, 2, echelon=Echelon.POINT), target(Measure.COUNT, 1, echelon=Echelon.SORTING)]
    budget = target(Measure.INVESTMENT, 13_000.0, is_at_least=False)
    (told,) = fatal(HAND, *counts, budget)
    assert "14,000" in told and "the cheapest 2 recycling points take" in told
    centres = np.where(HAND.option_echelon() == Echelon.SORTING, 50_000.0, HAND.options.capex_cny)
    dear = with_part(HAND, "options", capex_cny=centres)
    sites = with_part(dear, "sites", must_open=np.zeros(dear.n_sites, dtype=bool))
    (told,) = fatal(sites, *counts, target(Measure.INVESTMENT, 60_000.0, is_at_least=False))
    assert "64,000" in told and "the cheapest 2 recycling points take" in told and "sorting centres take" in told
    assert optimum(with_targets(sites, *counts, target(Measure.INVESTMENT, 60_000.0, is_at_least=False))) is None


def test_tonnes_force_the_investment_of_centres():
    centres = np.where(HAND.option_echelon() == Echelon.SORTING, 50_000.0, HAND.options.capex_cny)
    dear = with_part(HAND, "options", capex_cny=centres)
    dear = with_part(dear, "sites", must_open=np.zeros(dear.n_sites, dtype=bool))
    asked, budget = target(Measure.PROCESSED, 12.0), target(Measure.INVESTMENT, 20_000.0, is_at_least=False)
    (told,) = fatal(dear, asked, budget)
    assert "24,000" in told and "sorting centres for 12 t/yr take at the least" in told  # 12 of 25 t for 50,000
