from __future__ import annotations

import dataclasses
import functools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from siting.errors import VerificationError
from siting.plan import Plan
from siting.verify import district_figures, require_valid, verify
from siting.vocabulary import COST_TERMS, Echelon, Measure
from tests.brute_force import best_plan
from tests.tiny import PAPER_SORTING, POINT, SORTING, hand_instance, make_target, tiny_instance

some = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 30)


@functools.cache
def solved(seed):
    return tiny_instance(seed), best_plan(tiny_instance(seed))


def instance_and_plan(seed):
    instance, best = solved(seed)
    assume(best is not None)
    return instance, best[1]


def hand_plan() -> Plan:
    """p3 serves both cells, 8 t; the generator gives 5 t."""
    return Plan(
        is_open=np.array([False, False, True, True, True]),
        assign=np.array([0.0, 0.0, 1.0, 1.0]),
        direct_t=np.array([[5.0]]),
        haul_t=np.array([[0.0], [0.0], [8.0], [8.0]]),
    )


def reach(instance, plan, *targets):
    verification = verify(dataclasses.replace(instance, targets=targets), plan)
    return [result.reached for result in verification.targets]


def test_each_cost_term_of_the_hand_plan_is_what_a_reader_finds():
    verification = verify(hand_instance(), hand_plan())
    assert verification.faults == ()
    assert verification.cost_terms_cny == pytest.approx(
        {
            "investment": 1000,
            "land": 200,
            "closing": 0,
            "access": 0,
            "collection": 0,
            "avoided_carbon": 0,
            "fixed_operation": 300 + 300 + 2400,
            "unit_operation": 8 * 5 + 8 * 15 + 13 * 40,
            "transport": 8 * (10 * 2 + 10) + 8 * (20 * 1 + 10) + 5 * (10 * 2 + 22),
            "residue_disposal": 13 * 0.2 * 100,
            "product_disposal": 0.0,
            "carbon": 2200 * 0.1,
            "purchase": 13 * 100,
            "sales": -13 * 0.8 * 500,
            "subsidy": -13 * 50,
            "shortfall_penalty": 1 * 50,
        }
    )
    assert tuple(verification.cost_terms_cny) == tuple(COST_TERMS)
    assert verification.cost_cny == pytest.approx(1550)


def test_tonnes_and_emissions_of_the_hand_plan_are_what_a_reader_finds():
    verification = verify(hand_instance(), hand_plan())
    assert verification.emissions_kg_co2e == pytest.approx(
        {"transport": 80 * 1 + 160 * 0.5 + 50 * 1, "operation": 1000 + 8 * 10 + 13 * 70}
    )
    assert verification.collected_household_t == pytest.approx([8])
    assert verification.collected_generator_t == pytest.approx([5])
    assert verification.collected_t == pytest.approx([13])
    assert verification.processed_t == pytest.approx([13])
    assert verification.tonne_km == pytest.approx(
        {"point_to_transfer": 80, "transfer_to_sorting": 160, "generator_to_sorting": 50}
    )
    assert verification.site_inflow_t[:, 0] == pytest.approx([0, 0, 8, 8, 13])


def test_targets_tell_what_is_reached_and_by_how_much():
    coverage, collected = verify(hand_instance(), hand_plan()).targets
    assert (coverage.reached, coverage.margin, coverage.holds) == (1.0, 0.0, True)
    assert (collected.reached, collected.margin, collected.holds) == (8.0, -1.0, False)


def test_each_measure_counts_what_its_target_says():
    instance, plan = hand_instance(), hand_plan()
    target = functools.partial(make_target, instance, value=0.0)
    only_points = np.arange(len(instance.facility_types)) == POINT
    nothing = np.array([False])
    assert reach(
        instance,
        plan,
        target(Measure.COUNT),
        target(Measure.COUNT, echelon=Echelon.POINT),
        target(Measure.COUNT, district=1),
        target(Measure.COUNT, counts_type=only_points),
        target(Measure.CAPACITY),
        target(Measure.CAPACITY, echelon=Echelon.SORTING),
        target(Measure.CAPACITY, district=0),
        target(Measure.COVERAGE),
        target(Measure.COVERAGE, within_m=399.0),
        target(Measure.COVERAGE, within_m=400.0, district=1),
        target(Measure.COVERAGE, counts_type=~only_points),
        target(Measure.COLLECTED),
        target(Measure.COLLECTED, district=1),
        target(Measure.COLLECTED, counts_material=nothing),
        target(Measure.COLLECTED_SHARE),
        target(Measure.COLLECTED_SHARE, district=1),
        target(Measure.COLLECTED_SHARE, counts_material=nothing),
        target(Measure.RECYCLED_SHARE),
        target(Measure.RECYCLED_SHARE, counts_material=nothing),
        target(Measure.PROCESSED),
        target(Measure.PROCESSED, district=0),
        target(Measure.PROCESSED, counts_type=only_points),
        target(Measure.PROCESSED, counts_material=nothing),
    ) == pytest.approx(
        [3, 1, 2, 1, 55, 25, 20, 1, 0, 1, 0, 13, 9, 0, 13 / 25, 9 / 15, 0, 13 * 0.8 / 25, 0, 13, 0, 0, 0]
    )


def test_served_is_the_share_of_the_units_residents_and_not_of_the_city():
    instance, plan = hand_instance(), hand_plan()
    residents = np.array([3000.0, 1000.0, 0.0])
    instance = dataclasses.replace(instance, demand=dataclasses.replace(instance.demand, residents=residents))
    plan = dataclasses.replace(plan, assign=np.array([0.0, 0.0, 0.5, 1.0]))
    target = functools.partial(make_target, instance, Measure.SERVED, 0.0)
    assert reach(instance, plan, target(), target(district=0), target(district=1)) == pytest.approx([0.625, 0.5, 1.0])


def test_coverage_counts_who_has_an_open_point_whoever_is_assigned_there():
    instance, plan = hand_instance(), hand_plan()
    residents = np.array([3000.0, 1000.0, 0.0])
    instance = dataclasses.replace(instance, demand=dataclasses.replace(instance.demand, residents=residents))
    plan = dataclasses.replace(plan, assign=np.zeros(4))
    is_open = np.zeros(instance.n_sites, dtype=bool)
    is_open[instance.options.site[plan.is_open]] = True
    near = {int(node) for node, site in zip(instance.walks.demand, instance.walks.site, strict=True) if is_open[site]}
    target = functools.partial(make_target, instance, Measure.COVERAGE, 0.0)
    share = sum(residents[node] for node in near) / 4000
    assert share > 0
    assert reach(instance, plan, target(), target(within_m=1.0)) == pytest.approx([share, 0.0])
    assert reach(instance, plan, make_target(instance, Measure.SERVED, 0.0)) == pytest.approx([0.0])


def test_processed_tonnes_count_by_the_type_that_is_open():
    instance, plan = hand_instance(), hand_plan()
    of_type = [np.arange(len(instance.facility_types)) == kind for kind in (SORTING, PAPER_SORTING)]
    targets = [make_target(instance, Measure.PROCESSED, 0.0, counts_type=counts) for counts in of_type]
    assert reach(instance, plan, *targets) == pytest.approx([13, 0])


def test_a_unit_without_residents_reaches_the_coverage_it_is_asked():
    instance = hand_instance()
    nobody = np.zeros(instance.n_demand, dtype=bool)
    assert reach(
        instance, hand_plan(), make_target(instance, Measure.COVERAGE, 0.7, in_unit_demand=nobody)
    ) == pytest.approx([0.7])


def test_what_an_at_most_target_misses_is_what_exceeds_it():
    instance = hand_instance()
    target = make_target(instance, Measure.COLLECTED, 10.0, penalty_cny=7.0, is_at_least=False)
    verification = verify(dataclasses.replace(instance, targets=(target,)), hand_plan())
    assert verification.targets[0].margin == pytest.approx(-3)
    assert verification.cost_terms_cny["shortfall_penalty"] == pytest.approx(21)


def test_a_soft_target_that_is_exceeded_earns_nothing():
    instance = hand_instance()
    target = make_target(instance, Measure.COLLECTED, 10.0, penalty_cny=7.0)
    verification = verify(dataclasses.replace(instance, targets=(target,)), hand_plan())
    assert verification.cost_terms_cny["shortfall_penalty"] == 0


def test_a_missed_soft_target_is_no_fault():
    verification = verify(hand_instance(), hand_plan())
    assert not verification.targets[1].holds
    assert verification.faults == ()


def test_a_valid_plan_with_the_right_cost_passes():
    require_valid(verify(hand_instance(), hand_plan()), claimed_cost_cny=1550.0 + 1e-5)


@pytest.mark.parametrize("claimed_cny", [1549.0, 1551.0, float("nan")])
def test_a_cost_that_differs_is_refused_with_both_figures_and_each_term(claimed_cny):
    with pytest.raises(
        VerificationError, match=rf"{claimed_cny:.2f}.* 1550.00 CNY/yr \(investment 1000.00,.*penalty 50"
    ):
        require_valid(verify(hand_instance(), hand_plan()), claimed_cost_cny=claimed_cny)


def test_all_faults_are_refused_in_one_list():
    plan = dataclasses.replace(hand_plan(), direct_t=np.array([[6.0]]), assign=np.array([0.0, 0.0, 1.0, 0.9]))
    with pytest.raises(VerificationError, match=r"faults:") as raised:
        require_valid(verify(hand_instance(), plan), claimed_cost_cny=0.0)
    for words in ("generator g1: gives 6", "site p3", "target served-city-hard", "claims a cost of 0.00"):
        assert words in str(raised.value)


def scale_tonnes(instance, plan, k):
    in_tonnes = (Measure.COLLECTED, Measure.PROCESSED, Measure.CAPACITY)
    targets = tuple(
        dataclasses.replace(target, value=target.value * k) if target.measure in in_tonnes else target
        for target in instance.targets
    )
    options = dataclasses.replace(
        instance.options, capacity_t=instance.options.capacity_t * k, min_load_t=instance.options.min_load_t * k
    )
    demand = dataclasses.replace(instance.demand, tonnes=instance.demand.tonnes * k)
    return (
        dataclasses.replace(instance, demand=demand, options=options, targets=targets),
        dataclasses.replace(plan, direct_t=plan.direct_t * k, haul_t=plan.haul_t * k),
    )


@pytest.mark.slow
@some
@given(seeds, st.floats(0.5, 1000))
def test_scaling_what_is_offered_and_taken_scales_tonnes_and_what_is_paid_by_the_tonne(seed, k):
    instance, plan = instance_and_plan(seed)
    before, after = verify(instance, plan), verify(*scale_tonnes(instance, plan, k))
    assert after.faults == ()
    for name in ("collected_t", "collected_household_t", "collected_generator_t", "processed_t"):
        assert getattr(after, name) == pytest.approx(k * getattr(before, name))
    by_tonne = ("unit_operation", "transport", "residue_disposal", "purchase", "sales", "subsidy")
    for term, before_cny in before.cost_terms_cny.items():
        if term not in ("carbon", "shortfall_penalty"):
            assert after.cost_terms_cny[term] == pytest.approx(before_cny * (k if term in by_tonne else 1))


def permute(instance, plan, rng):
    """The same problem and plan with the rows of every table in another order."""
    n_rows = (
        instance.n_demand,
        instance.n_sites,
        instance.n_options,
        *map(len, (plan.assign, plan.direct_t, plan.haul_t)),
    )
    demand, site, option, walk, direct, haul = (rng.permutation(n) for n in n_rows)
    new_demand, new_site = np.argsort(demand), np.argsort(site)

    def take(part, order, **renumbered):
        rows = {f.name: getattr(part, f.name)[order] for f in dataclasses.fields(part)}
        return type(part)(**rows | {name: number[rows[name]] for name, number in renumbered.items()})

    targets = tuple(
        dataclasses.replace(t, in_unit_demand=t.in_unit_demand[demand], in_unit_site=t.in_unit_site[site])
        for t in instance.targets
    )
    permuted = dataclasses.replace(
        instance,
        demand=take(instance.demand, demand),
        sites=take(instance.sites, site),
        options=take(instance.options, option, site=new_site),
        walks=take(instance.walks, walk, demand=new_demand, site=new_site),
        direct=take(instance.direct, direct, tail=new_demand, head=new_site),
        haul=take(instance.haul, haul, tail=new_site, head=new_site),
        targets=targets,
    )
    return permuted, Plan(plan.is_open[option], plan.assign[walk], plan.direct_t[direct], plan.haul_t[haul]), site


@some
@given(seeds, st.integers(0, 1000))
def test_the_order_of_rows_changes_no_figure(seed, order_seed):
    instance, plan = instance_and_plan(seed)
    permuted_instance, permuted_plan, site = permute(instance, plan, np.random.default_rng(order_seed))
    before, after = verify(instance, plan), verify(permuted_instance, permuted_plan)
    assert after.faults == ()
    assert after.cost_terms_cny == pytest.approx(before.cost_terms_cny)
    assert after.tonne_km == pytest.approx(before.tonne_km)
    assert after.site_inflow_t == pytest.approx(before.site_inflow_t[site])
    assert [t.reached for t in after.targets] == pytest.approx([t.reached for t in before.targets])
    figures, permuted_figures = district_figures(instance, plan), district_figures(permuted_instance, permuted_plan)
    for name, figure in figures.items():
        assert permuted_figures[name] == pytest.approx(figure, nan_ok=True)


def test_verification_loads_no_solver():
    script = (
        "import sys, siting.verify; print({'pulp', 'highspy', 'scipy', 'siting.model', 'pandas'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
