"""Figures by chain: parts sum to the whole, and material is followed through shared facilities."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.chains import chain_shares, chain_totals, chains_of
from siting.instance import Links
from siting.plan import Plan, open_option_of_site, paid_once_cny, plan_shapes, site_inflow_t
from siting.solve.solve import solve
from siting.verify import verify
from siting.verify.tonnage import trace_tonnage
from siting.vocabulary import COST_TERMS, Chain, DemandKind, Echelon, Measure
from tests.parts import PARTS, STAGED, with_parts
from tests.tiny import G2S, hand_instance, make_target, tiny_instance

HOUSEHOLDS, GENERATORS = Chain.HOUSEHOLDS, Chain.GENERATORS
MIXING = ("processing base", "booked pick-up", "capacity by the tonne", "disposal", "light material", "rebuilding")


def any_plan(instance, rng) -> Plan:
    """A plan that need not hold: some sites open, any shares and flows."""
    drawn = {name: rng.random(shape) for name, shape in plan_shapes(instance).items()}
    is_open = np.zeros(instance.n_options, dtype=bool)
    for site in np.flatnonzero(rng.random(instance.n_sites) < 0.8):
        options = np.flatnonzero(instance.options.site == site)
        is_open[options[:1] if len(options) else options] = True
    flows = {
        name: 20 * values * (rng.random(values.shape) < 0.7) for name, values in drawn.items() if name[-2:] == "_t"
    }
    return Plan(**{**drawn, **flows, "is_open": is_open})


def all_totals(instance, plan):
    shares, targets = chain_shares(instance, plan), verify(instance, plan).targets
    return chain_totals(instance, plan, shares=shares, targets=targets)


def totals_of(instance, plan):
    return {one.chain: one for one in all_totals(instance, plan)}


def hand_plan():
    """p3, the station and the centre are open; p3 brings 8 t, the generator gives 5 t."""
    return Plan(
        is_open=np.array([False, False, True, True, True]),
        assign=np.array([0.0, 0.0, 1.0, 1.0]),
        direct_t=np.array([[5.0]]),
        haul_t=np.array([[0.0], [0.0], [8.0], [8.0]]),
    )


@given(st.integers(0, 10_000), st.sets(st.sampled_from([name for name in PARTS if name not in STAGED]), max_size=4))
@settings(max_examples=60, deadline=None)
def test_the_parts_of_all_chains_sum_to_the_whole_of_any_plan(seed, parts):
    parts -= {"dismantling"} if "processing base" in parts else set()
    instance = with_parts(tiny_instance(seed, n_generators=2), seed, *sorted(parts, key=list(PARTS).index))
    plan = any_plan(instance, np.random.default_rng(seed))
    found, verified = all_totals(instance, plan), verify(instance, plan)
    scale = sum(map(abs, verified.cost_terms_cny.values()))
    assert [one.chain for one in found] == [HOUSEHOLDS, GENERATORS]
    for term in COST_TERMS:
        by_chain = sum(one.cost_terms_cny[term] for one in found)
        assert by_chain == pytest.approx(verified.cost_terms_cny[term], rel=1e-9, abs=1e-9 * scale), term
    for source, kg in verified.emissions_kg_co2e.items():
        assert sum(one.emissions_kg_co2e[source] for one in found) == pytest.approx(kg, rel=1e-9)
    assert sum(one.investment_cny for one in found) == pytest.approx(paid_once_cny(instance, plan).sum(), rel=1e-9)
    assert found[0].collected_t == pytest.approx(verified.collected_household_t.sum(), rel=1e-9)
    assert found[1].collected_t == pytest.approx(verified.collected_generator_t.sum(), rel=1e-9)
    assert sum(one.offered_t for one in found) == pytest.approx(instance.demand.tonnes.sum(), rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("parts", [("dismantling", "booked pick-up"), MIXING], ids=["conversions", "bases"])
def test_the_part_of_each_chain_keeps_its_own_material(parts, seed):
    """What enters a site for a chain, by the conversions of its type, is what leaves it for that chain."""
    instance = with_parts(tiny_instance(seed, n_generators=2, has_targets=False), seed, *parts)
    collect = make_target(instance, Measure.COLLECTED, 0.5 * instance.demand.tonnes.sum(), penalty_cny=5000.0)
    instance = dataclasses.replace(instance, targets=(collect,))
    plan = solve(instance, engine="exact", time_limit_s=30, gap=0.01).plan
    shares = chain_shares(instance, plan)
    disposed_at = instance.options.site[instance.disposals.option], instance.disposals.material
    for row in range(2):
        part = dataclasses.replace(
            plan,
            assign=plan.assign * shares.demand[row][instance.walks.demand],
            direct_t=plan.direct_t * shares.demand[row][instance.direct.tail, None],
            haul_t=plan.haul_t * shares.leaving[row][instance.haul.tail],
            disposed_t=plan.disposed_t * shares.leaving[row][disposed_at],
        )
        tonnage = trace_tonnage(instance, part)
        assert part.direct_t.sum() + part.assign.sum() > 0
        assert tonnage.outflow_t == pytest.approx(tonnage.due_t, abs=1e-5)
        entering_t = tonnage.inflow_t.sum(axis=1)
        assert shares.site[row] * site_inflow_t(instance, plan).sum(axis=1) == pytest.approx(entering_t, abs=1e-6)


def test_the_hand_instance_by_chain():
    """The centre takes 8 t of households and 5 t of the generator: 2,400 CNY and 1,000 kWh are split 8 : 5."""
    found = totals_of(hand_instance(), hand_plan())
    households, generators = found[HOUSEHOLDS].cost_terms_cny, found[GENERATORS].cost_terms_cny
    assert households["investment"] == 1000 and generators["investment"] == 0
    assert households["fixed_operation"] == pytest.approx(300 + 300 + 2400 * 8 / 13)
    assert generators["fixed_operation"] == pytest.approx(2400 * 5 / 13)
    assert (households["unit_operation"], generators["unit_operation"]) == pytest.approx((8 * 60, 5 * 40))
    assert (households["transport"], generators["transport"]) == pytest.approx((8 * 60, 5 * 42))
    assert (households["residue_disposal"], generators["residue_disposal"]) == pytest.approx((8 * 20, 5 * 20))
    assert (households["carbon"], generators["carbon"]) == pytest.approx((80 + 100 * 8 / 13, 40 + 100 * 5 / 13))
    assert (households["sales"], generators["sales"]) == pytest.approx((-8 * 400, -5 * 400))
    assert (households["shortfall_penalty"], generators["shortfall_penalty"]) == (50, 0)
    assert found[HOUSEHOLDS].cost_cny + found[GENERATORS].cost_cny == pytest.approx(1550)
    assert (found[HOUSEHOLDS].collected_t, found[GENERATORS].collected_t) == (8, 5)
    assert found[HOUSEHOLDS].cost_cny_per_t == pytest.approx((found[HOUSEHOLDS].cost_cny - 50) / 8)
    assert found[HOUSEHOLDS].cost_cny_per_resident == pytest.approx((found[HOUSEHOLDS].cost_cny - 50) / 2000)
    assert np.isnan(found[GENERATORS].cost_cny_per_resident)
    assert (found[HOUSEHOLDS].investment_cny, found[GENERATORS].investment_cny) == (10_000, 0)


def test_facilities_of_one_chain_and_shared_ones_are_counted_apart():
    found = totals_of(hand_instance(), hand_plan())
    assert found[HOUSEHOLDS].whole == {**dict.fromkeys(Echelon, 0), Echelon.POINT: 1, Echelon.TRANSFER: 1}
    assert found[GENERATORS].whole == dict.fromkeys(Echelon, 0)
    for one in found.values():
        assert one.shared == {**dict.fromkeys(Echelon, 0), Echelon.SORTING: 1}


def test_an_instance_of_one_chain_has_only_that_one_and_it_bears_everything():
    instance = hand_instance()
    instance.demand.tonnes[2] = 0.0
    plan = dataclasses.replace(hand_plan(), direct_t=np.zeros((1, 1)))
    (found,) = all_totals(instance, plan)
    assert chains_of(instance) == (HOUSEHOLDS,) and found.chain is HOUSEHOLDS
    assert found.cost_cny == pytest.approx(verify(instance, plan).cost_cny)
    assert not any(found.shared.values())


def test_door_pick_up_is_the_households():
    instance = hand_instance()
    instance.demand.kind[2] = DemandKind.BOOKED
    assert chains_of(instance) == (HOUSEHOLDS,)


def test_an_idle_facility_is_split_as_its_echelon_and_an_idle_point_is_the_households():
    """A second point stands open and takes nothing; a second centre, closed, costs 130 CNY to close."""
    instance, plan = hand_instance(), hand_plan()
    plan.is_open[0] = True
    idle = totals_of(instance, plan)
    assert idle[HOUSEHOLDS].cost_terms_cny["investment"] == 1700
    assert idle[GENERATORS].cost_terms_cny["investment"] == 0
    instance.sites.echelon[1] = Echelon.SORTING
    instance.sites.closing_cny[1] = 130.0
    closed = totals_of(instance, plan)
    assert closed[HOUSEHOLDS].cost_terms_cny["closing"] == pytest.approx(80)
    assert closed[GENERATORS].cost_terms_cny["closing"] == pytest.approx(50)


def test_a_circle_of_hauls_is_followed_until_shares_settle():
    """t1 takes 8 t of households and 4 t back from t2; t2 takes 12 t of t1 and 5 t of the generator: h2 = 8 / 13."""
    instance = hand_instance()
    instance.sites.echelon[1] = Echelon.TRANSFER  # p2 becomes t2
    instance.options.type[1] = instance.options.type[3]
    rows = {"distance_m": np.full(5, 1000.0), "link_class": np.full(5, 1), "rate": np.full(5, 1)}
    haul = Links(tail=np.array([2, 3, 1, 1, 3]), head=np.array([3, 1, 3, 4, 4]), **rows)
    direct = Links(np.array([2]), np.array([1]), np.array([1000.0]), np.array([G2S]), np.array([G2S]))
    instance = dataclasses.replace(instance, haul=haul, direct=direct)
    plan = Plan(
        is_open=np.array([False, True, True, True, True]),
        assign=np.array([0.0, 0.0, 1.0, 1.0]),
        direct_t=np.array([[5.0]]),
        haul_t=np.array([[8.0], [12.0], [4.0], [13.0], [0.0]]),
    )
    shares = chain_shares(instance, plan)
    assert shares.site[0][[1, 3, 4]] == pytest.approx([8 / 13, 34 / 39, 8 / 13])


def test_a_plan_that_collects_nothing_is_split_by_what_is_offered():
    instance, plan = hand_instance(), hand_plan()
    nothing = Plan(plan.is_open, np.zeros(4), np.zeros((1, 1)), np.zeros((4, 1)))
    found = totals_of(instance, nothing)
    assert found[GENERATORS].cost_terms_cny["fixed_operation"] == pytest.approx((300 + 2400) * 5 / 25)
    assert np.isnan(found[GENERATORS].cost_cny_per_t)
    assert (open_option_of_site(instance, nothing)[2:] >= 0).all()
