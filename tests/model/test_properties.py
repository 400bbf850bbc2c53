from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from siting.model import build_model, plan_of, values_of
from siting.model.linear import MODEL_CNY, MODEL_T
from siting.solve.highs import Program, run_highs
from siting.verify import verify
from siting.vocabulary import Echelon, Measure
from tests.brute_force import best_plan, optimum
from tests.edges import in_other_order, with_part, with_targets
from tests.tiny import hand_instance, make_target, tiny_instance

SEEDS = [0, *range(2, 12)]  # tiny instance 1 has no plan


def least_cost(instance, *, is_integer=True):
    """CNY a year of the cheapest plan; None where there is none."""
    model, _ = build_model(instance)
    parts = (model.cost, model.column_lower, model.column_upper, model.matrix, model.row_lower, model.row_upper)
    program = Program(*parts, model.is_integer if is_integer else None)
    answer = run_highs(program, time_limit_s=60, options={"mip_rel_gap": 0.0, "mip_abs_gap": 0.0})
    return answer.cost * MODEL_CNY if answer.is_optimal else None


def at_most(cost, other):
    return cost <= other + 1e-6 * max(1.0, abs(other))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cost_never_rises_as_a_target_is_relaxed(seed):
    instance = tiny_instance(seed)
    cost = least_cost(instance)
    for number, target in enumerate(instance.targets):
        relaxed = dataclasses.replace(target, value=target.value * (0.8 if target.is_at_least else 1.25))
        targets = [*instance.targets[:number], relaxed, *instance.targets[number + 1 :]]
        assert at_most(least_cost(with_targets(instance, *targets)), cost)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_relaxation_costs_no_more_than_a_plan(seed):
    instance = tiny_instance(seed)
    assert at_most(least_cost(instance, is_integer=False), least_cost(instance))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_the_sites_does_not_matter(seed):
    instance = tiny_instance(seed)
    order = np.random.default_rng(seed).permutation(instance.n_sites)
    assert least_cost(in_other_order(instance, order)) == pytest.approx(least_cost(instance), rel=1e-6)


@pytest.mark.parametrize("k", [0.01, 1000.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_more_of_everything_at_as_many_facilities_costs_more_by_the_tonne_only(seed, k):
    """Tonnes, capacities and money a facility times k: the same plan costs k times as much."""
    instance = tiny_instance(seed, has_targets=False)
    cost = least_cost(instance)
    options = instance.options
    money = ("investment_cny", "land_cny", "fixed_operation_cny", "fixed_kwh", "capacity_t", "min_load_t")
    scaled = with_part(instance, "options", **{name: getattr(options, name) * k for name in money})
    scaled = with_part(scaled, "demand", tonnes=instance.demand.tonnes * k)
    assert least_cost(scaled) == pytest.approx(k * cost, rel=1e-5)


@pytest.mark.parametrize("seed", [0, 2, 3, 5])
def test_a_plan_keeps_its_values_on_the_way_through_the_columns(seed):
    instance = tiny_instance(seed, has_targets=False)
    model, columns = build_model(instance)
    cost, plan = best_plan(instance)
    values = values_of(instance, columns, plan)
    again = plan_of(instance, columns, values)
    assert np.array_equal(again.is_open, plan.is_open)
    assert again.haul_t == pytest.approx(plan.haul_t, abs=1e-9)
    assert again.direct_t == pytest.approx(plan.direct_t, abs=1e-9)
    assert model.cost @ values * MODEL_CNY == pytest.approx(cost, rel=1e-6)
    row = model.matrix @ values
    assert (row >= model.row_lower - 1e-7).all()
    assert (row <= model.row_upper + 1e-7).all()


def test_every_column_has_finite_bounds_that_the_best_plans_stay_within():
    for seed in SEEDS:
        instance = tiny_instance(seed)
        model, columns = build_model(instance)
        assert np.isfinite(model.column_upper).all()
        _, plan = best_plan(instance)
        assert (values_of(instance, columns, plan) <= model.column_upper + 1e-9).all()


def alike(instance):
    """The instance with the options of each site alike but for size, so that no site is split, centres of one type."""
    _, first = np.unique(instance.options.site, return_index=True)
    of_first = {name: getattr(instance.options, name)[first] for name in ("unit_cny_per_t", "unit_kwh_per_t")}
    return with_part(instance, "options", **{name: values[instance.options.site] for name, values in of_first.items()})


@pytest.mark.parametrize("seed", range(6))
def test_sites_whose_options_are_alike_need_no_loads(seed):
    instance = alike(tiny_instance(seed, has_targets=False))
    only_glass = np.arange(instance.n_materials) == 1
    most_t = instance.demand.tonnes[:, 1].sum()
    targets = [
        make_target(instance, Measure.PROCESSED, most_t * 0.3, counts_material=only_glass),
        make_target(instance, Measure.PROCESSED, most_t * 0.9, counts_material=only_glass, penalty_cny=40.0),
    ]
    instance = with_targets(instance, *targets)
    _, columns = build_model(instance)
    assert not columns.is_split.any()
    best = optimum(instance)
    assert least_cost(instance) == (None if best is None else pytest.approx(best, rel=1e-6))


def test_material_is_let_in_only_by_options_that_accept_it():
    for seed in SEEDS:
        instance = tiny_instance(seed)
        model, columns = build_model(instance)
        rows = model.matrix[model.rows_of("haul_to_open")].tocoo()
        is_open = np.isin(rows.col, columns.numbers("open"))
        link, option = rows.row[is_open], rows.col[is_open]
        assert instance.options.accepts[option, columns.haul_material[link]].all()
        assert (instance.options.site[option] == instance.haul.head[columns.haul_link[link]]).all()


def test_one_cell_one_point_one_station_one_centre():
    instance = tiny_instance(4, n_cells=1, n_points=1, n_transfers=1, n_centres=1, n_generators=0, n_materials=1)
    assert least_cost(instance) == pytest.approx(optimum(instance), rel=1e-6, abs=1e-6)


def test_equal_distances_leave_the_choice_to_the_fixed_costs():
    instance = hand_instance()
    walks = {"distance_m": np.full(4, 400.0), "participation": np.full(4, 0.4)}
    even = with_part(instance, "walks", **walks)
    assert least_cost(even) == pytest.approx(1550)


def test_a_cell_that_nothing_reaches_stays_unserved_and_cannot_be_covered():
    instance = hand_instance()
    walks = {f.name: getattr(instance.walks, f.name)[[0, 2]] for f in dataclasses.fields(instance.walks)}
    cut = with_part(instance, "walks", **walks)
    assert least_cost(cut) is None
    half = with_targets(cut, dataclasses.replace(cut.targets[0], value=0.5))
    assert least_cost(half) == pytest.approx(optimum(half))


def test_without_demand_only_what_must_be_open_is_paid_for():
    instance = hand_instance()
    empty = with_part(instance, "demand", tonnes=np.zeros((3, 1)))
    empty = with_part(empty, "options", min_load_t=np.zeros(5))
    assert least_cost(with_targets(empty)) == pytest.approx(2800)


def test_a_capacity_that_is_exactly_enough_is_enough_and_a_kilogram_less_is_not():
    instance = hand_instance()
    exact = np.array([10.0, 10.0, 8.0, 8.0, 13.0])
    both = make_target(instance, Measure.COVERAGE, 1.0, within_m=500.0)
    few = make_target(instance, Measure.COUNT, 1, echelon=Echelon.POINT, is_at_least=False)
    full = make_target(instance, Measure.PROCESSED, 13.0)
    instance = with_targets(with_part(instance, "options", capacity_t=exact), both, few, full)
    assert least_cost(instance) == pytest.approx(1500)
    for option in (2, 3, 4):
        short = exact.copy()
        short[option] -= 0.001
        assert least_cost(with_part(instance, "options", capacity_t=short)) is None


def test_a_site_too_small_for_its_option_holds_nothing():
    instance = hand_instance()
    area = instance.sites.area_m2.copy()
    area[2] = 19.9
    assert least_cost(with_part(instance, "sites", area_m2=area)) == pytest.approx(1600)


def test_the_value_of_a_soft_target_is_paid_for_in_its_own_unit():
    instance = hand_instance()
    cost, plan = best_plan(instance)
    assert verify(instance, plan).cost_terms_cny["shortfall_penalty"] == pytest.approx(50)
    model, columns = build_model(instance)
    assert model.cost[columns["shortfall"]][0] * MODEL_CNY == pytest.approx(50)
    assert model.matrix[model.rows_of("reach_collected")].toarray()[0, columns["shortfall"]] == pytest.approx(
        1 / MODEL_T
    )
    assert least_cost(instance) == pytest.approx(cost)
