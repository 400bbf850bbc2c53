"""The search for open points where residents choose: what it keeps of its state is what its plan says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from siting.instance import Groups
from siting.model import build_model, plan_of
from siting.model.columns import near_values
from siting.model.nearest_rows import chosen_walks
from siting.solve.city import choosing
from siting.solve.city.access import decided_at_once
from siting.solve.city.ascent import first_prices
from siting.solve.city.choosing import OVERFLOW_RISE, SPILL_KT, Choosing
from siting.solve.city.echelons import _without, make_tiers
from siting.solve.city.openings import anneal
from siting.solve.city.placing import Pace
from siting.solve.city.pricing import FAR, MARGIN, RISE_KNOWN, RowPrices, asked_of
from siting.solve.clock import Record
from siting.vocabulary import Echelon, Measure
from tests.parts import with_parts
from tests.tiny import make_target, tiny_instance

seeds = st.integers(0, 10_000)


def town(seed, *parts):
    """A tiny instance with two coverage targets, one of which counts one type alone, in which residents choose."""
    instance = with_parts(tiny_instance(seed, n_cells=4, n_points=6), seed, "near points", *parts)
    covered = make_target(instance, Measure.COVERAGE, 0.5, within_m=800.0)
    of_points = instance.options.type[instance.option_echelon() == Echelon.POINT]
    last = np.arange(len(covered.counts_type)) == of_points.max()
    of_last = make_target(instance, Measure.COVERAGE, 0.3, within_m=1200.0)
    of_last = replace(of_last, id="coverage-of-one-type", counts_type=last)
    return replace(instance, targets=(*instance.targets, covered, of_last))


def searched(instance, *, rounds=3):
    """(columns, search) after some rounds."""
    model, columns = build_model(instance)
    echelon, tier = make_tiers(instance, model, columns)[0]
    assert echelon is Echelon.POINT
    search = Choosing(
        (instance, columns), decided_at_once(instance, columns, model), tier, decided=np.zeros(model.n_columns),
        multipliers=first_prices(model, columns, instance), seed=1,
    )  # fmt: skip
    search.run(Pace(rounds, 20.0, 0.5), Record(60.0), until=60.0)
    return columns, search


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_what_is_kept_of_the_state_is_what_the_values_say(seed):
    instance = town(seed)
    columns, search = searched(instance)
    values, state, tier = search.values(), search.state, search.tier

    plan = plan_of(instance, columns, values)
    assert values[columns["near"]] == pytest.approx(near_values(instance, columns, plan.is_open))
    assert state.reached == pytest.approx(search.asked.counts @ values, abs=1e-6)
    loads = np.bincount(tier.column_site, tier.kt * state.units, len(tier.site))
    assert state.load_kt == pytest.approx(loads, abs=1e-9)
    assert (state.option[tier.must_open] >= 0).all()


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_everybody_goes_where_residents_choose_to(seed):
    instance = town(seed)
    columns, search = searched(instance)

    plan = plan_of(instance, columns, search.values())
    chosen = chosen_walks(instance, plan.is_open)
    assert not plan.assign[~chosen].any()
    served = np.bincount(instance.walks.demand, plan.assign, instance.n_demand)
    has_choice = np.bincount(instance.walks.demand, chosen, instance.n_demand) > 0
    assert served == pytest.approx(has_choice.astype(float), abs=1e-9)


def spent(search):
    """What the points cost as they stand, with overflow and what is missed at their penalties."""
    tier, state, asked = search.tier, search.state, search.asked
    used = np.flatnonzero(state.units > 0)
    site = tier.column_site[used]
    walked = search.pair[tier.first_pair[state.option[site]] + used - tier.first_column[site]] @ state.units[used]
    reached = asked.counts @ search.values()
    missed = np.maximum(0, asked.lower - reached) + np.maximum(0, reached - asked.upper)
    served = np.bincount(tier.supply, state.units, len(tier.supply_row)) > 0
    opened = search.open[state.option[state.option >= 0]].sum() + search.town.unserved[~served].sum()
    return opened + walked + search.rows.penalty @ missed + search.overflow * search.misfit_kt().sum()


@settings(max_examples=25, deadline=None)
@given(seed=seeds, parts=st.sampled_from([(), ("rebuilding",), ("everyone served",), ("fairness",)]))
def test_a_cold_search_gains_what_it_says_and_never_loses(seed, parts):
    _, search = searched(town(seed, *parts), rounds=1)
    before = spent(search)

    gained = anneal(search.town, search.costs(), search.state, 0.0, 0.0, 60, search.random, search.centres)

    assert gained <= 0
    assert spent(search) - before == pytest.approx(gained, rel=1e-6, abs=1e-6 * max(1.0, abs(before)))


@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_beginning_with_what_was_found_opens_the_same(seed):
    instance = town(seed)
    columns, search = searched(instance)
    opened = search.values()[columns["open"]]

    search.begin_with(search.values())

    assert (search.values()[columns["open"]] == opened).all()


def test_beginning_with_a_plan_everybody_stays_where_it_sends_him():
    n_kept = 0
    for seed in range(12):
        instance = town(seed)
        columns, search = searched(instance)
        plan, assign = search.values(), columns.numbers("assign")
        walks = np.flatnonzero(chosen_walks(instance, plan_of(instance, columns, plan).is_open))
        of_cell = np.bincount(instance.walks.demand[walks], minlength=instance.n_demand)
        plan[assign] = 0.0  # shared out evenly, not nearest first as the search itself would
        plan[assign[walks]] = 1.0 / of_cell[instance.walks.demand[walks]]

        search.begin_with(plan)

        assert search.state.reached == pytest.approx(search.asked.counts @ search.values(), abs=1e-6)
        if search.known is not None and (of_cell > 1).any():
            n_kept += 1
            assert search.values()[assign] == pytest.approx(plan[assign])
    assert n_kept >= 3


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.filter_too_much])
@given(seed=seeds)
def test_what_overflows_gets_the_neighbours_back_that_a_known_plan_has(seed):
    instance = town(seed)
    _, search = searched(instance)
    assume(search.missed() == 0)
    known = search.values()
    search.begin_with(known)
    assert search.known is not None
    tight_kt = np.bincount(search.tier.column_site, search.tier.kt * known[search.tier.column], len(search.tier.site))
    for option in search.state.option[search.state.option >= 0]:  # each point is full
        search.tier.capacity_kt[option] = tight_kt[search.tier.option_site[option]] + 1e-9
    gone = np.flatnonzero((search.state.option >= 0) & ~search.tier.must_open)[::2]
    search.state.option[gone] = -1
    search._serve_all()
    assume(search.misfit_kt().max(initial=0.0) > SPILL_KT)

    search._restore(Record(60.0))

    assert search.misfit_kt().max(initial=0.0) <= SPILL_KT
    back = search.state.option[gone] >= 0
    assert back.any()
    assert (search.state.option[gone[back]] == search.known.option[gone[back]]).all()


def test_without_a_known_plan_nothing_is_put_back():
    _, search = searched(town(3))
    assert search.known is None
    before = search.state.option.copy()

    search._restore(Record(60.0))

    assert (search.state.option == before).all()


def test_a_point_that_overflows_to_the_last_is_closed_for_good_and_who_went_there_goes_elsewhere():
    _, search = searched(town(3))
    tier, state = search.tier, search.state
    closed = np.flatnonzero(state.option < 0)
    state.option[closed] = tier.first_option[closed]  # all are open, so that one point alone overflows
    search._serve_all()
    used = np.bincount(tier.column_site, state.units > 0, len(tier.site)) * ~tier.must_open
    stuck = int(np.argmax(used))
    assert used[stuck] > 0
    tier.capacity_kt[tier.option_site == stuck] = 1e-9
    search._serve_all()
    assert search.misfit_kt()[stuck] > SPILL_KT
    cells = np.unique(tier.supply[(tier.column_site == stuck) & (state.units > 0)])
    has_other = np.isin(cells, tier.supply[(tier.column_site != stuck)])

    search._bar(np.arange(len(tier.site)) == stuck)

    assert state.option[stuck] == -1 and search.town.is_barred[stuck]
    served = np.bincount(tier.supply, state.units, len(tier.supply_row))[cells]
    assert served[has_other] == pytest.approx(1.0)
    search.run(Pace(2, 20.0, 0.5), Record(60.0), until=60.0)
    assert state.option[stuck] == -1


def test_few_points_that_overflow_are_all_that_is_searched_on_and_closed_the_second_time():
    _, search = searched(town(3))
    tier = search.tier
    search.rows.asked.lower[:], search.rows.asked.upper[:] = -np.inf, np.inf
    before = search.overflow = search.overflow_range[1]
    stuck = np.zeros(len(tier.site), dtype=bool)
    stuck[np.flatnonzero((search.state.load_kt > 0) & ~tier.must_open)[0]] = True
    for most, is_local in ((-1.0, False), (1.0, True)):
        search.state.load_kt[stuck] = 1e3
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(choosing, "FEW", most)
            search.spilt[:] = False
            search.distrust()
        near = search._sharing(search._sharing(stuck))
        expected = near if is_local else np.ones_like(near)
        assert search.centres.tolist() == np.flatnonzero(expected).tolist()
        assert (search.overflow < before) == is_local
        assert not search.town.is_barred[stuck].any()

    search.state.load_kt[stuck] = 1e3
    search.distrust()

    assert search.town.is_barred[stuck].all()
    assert (search.state.option[stuck] == -1).all()


def test_what_no_point_has_room_for_is_named_with_the_cure():
    instance = town(0)
    tight = replace(instance.options, capacity_t=np.where(instance.option_echelon() == Echelon.POINT, 0.1, 1e6))
    must_open = instance.sites.echelon == Echelon.POINT
    tight_town = replace(instance, options=tight, sites=replace(instance.sites, must_open=must_open))

    _, search = searched(tight_town)

    assert search._rise(0.2) == OVERFLOW_RISE
    assert search._rise(0.9) == OVERFLOW_RISE**2
    j = int(np.argmax(search.misfit_kt()))
    words = search.shortage()
    assert instance.sites.id[search.tier.site[j]] in words
    assert "raise assignment_tolerance_m" in words
    assert search.missed() > 0


def test_a_point_that_nobody_can_walk_to_is_left_again():
    instance = town(0)
    point = int(np.flatnonzero(instance.sites.echelon == Echelon.POINT)[0])
    kept = instance.walks.site != point
    walks = replace(instance.walks, **{name: value[kept] for name, value in vars(instance.walks).items()})
    least_t = np.where(instance.options.site == point, 0.5, instance.options.min_load_t)
    lonely = replace(instance, walks=walks, options=replace(instance.options, min_load_t=least_t))
    columns, search = searched(lonely, rounds=1)
    opened = np.zeros(columns.n)
    opened[columns.at("open", np.flatnonzero(instance.options.site == point)[:1])] = 1.0
    search.begin_with(opened)
    assert search.misfit_kt().any()

    search.run(Pace(1, 20.0, 0.0), Record(60.0), until=60.0)

    assert not search.values()[columns["open"]][instance.options.site == point].any()


def test_what_could_never_take_its_nearest_cell_is_barred_and_stays_closed():
    instance = town(0)
    small = np.where(instance.option_echelon() == Echelon.POINT, 1e-3, instance.options.capacity_t)
    _, search = searched(replace(instance, options=replace(instance.options, capacity_t=small)))

    assert search.town.is_barred.any()
    assert not (search.town.is_barred & search.tier.must_open).any()
    assert not (search.state.option[search.town.is_barred] >= 0).any()


def test_rows_that_count_facilities_keep_their_sides_and_others_are_drawn_in():
    instance = town(3)
    points = np.flatnonzero(instance.option_echelon() == Echelon.POINT)[:2]
    instance = replace(
        instance,
        groups=Groups(points, np.zeros(2, dtype=np.int64), np.ones(1)),
        targets=(*instance.targets, make_target(instance, Measure.COUNT, 2.0, echelon=Echelon.POINT)),
    )
    model, columns = build_model(instance)
    asked = asked_of(
        model, make_tiers(instance, model, columns)[0][1], np.zeros(model.n_columns), also=columns.numbers("near")
    )
    of_row = dict(zip(asked.rows.tolist(), zip(asked.lower.tolist(), asked.upper.tolist(), strict=True), strict=True))
    assert [of_row[row] for row in model.rows_of("within_group")] == [(-np.inf, 1.0)]
    assert of_row[model.rows_of("reach_count")[-1]] == (2.0, np.inf)
    covered = model.rows_of("reach_coverage")[-1]
    assert model.row_lower[covered] < of_row[covered][0] < 1.01 * model.row_lower[covered]


def test_who_has_a_point_is_not_counted_twice_where_points_are_placed_again():
    instance = town(3)
    columns, search = searched(instance)
    model, plan = search.model, search.values()
    plan[columns["haul"]] = 1.0
    others = _without(columns, search.tier, plan)
    assert plan[columns["near"]].any()
    assert not others[columns["near"]].any() and not others[search.tier.option].any()
    assert (others[columns["haul"]] == 1.0).all()
    left = asked_of(model, search.tier, others, also=columns.numbers("near"))
    coverage = np.isin(left.rows, model.rows_of("reach_coverage"))
    assert coverage.any()
    assert (left.lower[coverage] == search.asked.lower[coverage]).all()


def test_one_facility_too_few_is_missed_and_less_than_the_margin_of_a_share_is_not():
    instance = town(3)
    counted = make_target(instance, Measure.COUNT, 5000.0, echelon=Echelon.POINT)
    model, columns = build_model(replace(instance, targets=(*instance.targets, counted)))
    tier = make_tiers(instance, model, columns)[0][1]
    asked = asked_of(model, tier, np.zeros(model.n_columns), also=columns.numbers("near"))
    prices = RowPrices(model, asked, np.zeros(model.n_rows), worth=1.0)
    count = asked.rows.tolist().index(model.rows_of("reach_count")[-1])
    share = asked.rows.tolist().index(model.rows_of("reach_coverage")[-1])
    exact = np.where(np.isfinite(asked.lower), asked.lower, asked.upper)
    assert prices.missed(exact) == 0

    short = exact.copy()
    short[share] *= 1 - 0.9 * MARGIN
    assert prices.missed(short) == 0
    short[share] = exact[share] * (1 - 3 * MARGIN)
    assert prices.missed(short) > 0

    one_less = exact.copy()
    one_less[count] -= 1.0
    assert prices.missed(one_less) == pytest.approx(1 / 5000)
    price = prices.price.copy()
    prices.reprice(one_less)
    assert prices.price[count] > price[count]


def test_a_known_price_doubles_while_its_row_is_far_from_met():
    """Prices of another problem, which asked for less coverage, would else be found after the search has cooled."""
    instance = town(3)
    model, columns = build_model(instance)
    tier = make_tiers(instance, model, columns)[0][1]
    asked = asked_of(model, tier, np.zeros(model.n_columns), also=columns.numbers("near"))
    share = asked.rows.tolist().index(model.rows_of("reach_coverage")[-1])
    known = np.zeros(model.n_rows)
    known[asked.rows[share]] = 1.0
    for short, most in ((0.5, 2.0), (FAR / 2, 1 + RISE_KNOWN)):
        prices = RowPrices(model, asked, known, worth=1.0)
        reached = np.where(np.isfinite(asked.lower), asked.lower, asked.upper)
        reached[share] -= short * prices.size[share]
        before = prices.price[share]
        assert prices.are_far(reached) == (short > FAR)
        prices.reprice(reached)
        assert prices.price[share] == pytest.approx(most * before)


def test_points_do_not_cool_while_prices_are_far_off(monkeypatch):
    rounds = []
    reprice = RowPrices.reprice
    monkeypatch.setattr(RowPrices, "reprice", lambda self, reached: (rounds.append(1), reprice(self, reached)))
    for are_far, expected in ((False, 3), (True, 3 + choosing.WARM_ROUNDS)):
        monkeypatch.setattr(RowPrices, "are_far", lambda _self, _reached, far=are_far: far)
        rounds.clear()
        searched(town(3), rounds=3)
        assert len(rounds) == expected


def test_what_is_missed_of_a_soft_target_costs_its_penalty_and_is_no_reason_to_search_on():
    instance = town(0)
    asked = make_target(instance, Measure.COVERAGE, 1.0, within_m=300.0)
    for penalty_cny in (1.0, None):
        target = replace(asked, penalty_cny=penalty_cny)
        _, search = searched(replace(instance, targets=(target,)), rounds=12)
        short = search.rows.short(search.state.reached)
        assert short.max() > 0.01
        assert (search.missed() == 0) == (penalty_cny is not None)
