"""A plan to start from: the first incumbent of either engine; of another problem it is carried over and repaired."""

import dataclasses
import re

import numpy as np
import pytest

from siting.certificate import fitted
from siting.model import build_model, plan_of
from siting.model.columns import values_of
from siting.problem import read_config
from siting.solve.city import solve_city
from siting.solve.city.settling import Carried
from siting.solve.clock import Record
from siting.solve.solve import solve
from siting.solve.start import Start, asks_for_less
from siting.synthetic import synthetic_instance
from siting.verify import verify_stages
from siting.vocabulary import Echelon, Measure
from tests.edges import in_other_order, with_targets
from tests.small_city import write_small_city
from tests.tiny import hand_instance, make_target, tiny_instance
from tests.verify.test_verify import hand_plan

HAND = hand_instance()


def progress(instance, **how):
    lines = []
    found = solve(instance, time_limit_s=20, gap=0.0, watch=lines.append, **how)
    return found, lines


@pytest.mark.parametrize("engine", ["exact", "city"])
def test_a_start_is_the_first_incumbent_and_the_optimum_is_still_found(engine):
    best, _ = progress(HAND, engine=engine)
    found, lines = progress(HAND, engine=engine, start=Start(HAND, (hand_plan(),)))
    (started,) = [line for line in lines if line.stage == "start"]
    assert np.isfinite(started.cost_cny)
    assert started.cost_cny >= found.cost_cny - 1e-6
    assert found.cost_cny == pytest.approx(best.cost_cny)


def test_the_cost_of_a_start_is_that_of_its_plan():
    best, _ = progress(HAND, engine="exact")
    _, lines = progress(HAND, engine="exact", start=Start(HAND, best.plans))
    assert next(line.cost_cny for line in lines if line.stage == "start") == pytest.approx(best.cost_cny)


@pytest.mark.parametrize("engine", ["exact", "city"])
def test_a_start_that_breaks_a_target_is_repaired(engine):
    asked = with_targets(HAND, make_target(HAND, Measure.COUNT, 2, echelon=Echelon.POINT))
    best, _ = progress(asked, engine=engine)
    few = hand_plan().is_open & ~(HAND.option_echelon() == Echelon.POINT)
    found, lines = progress(asked, engine=engine, start=Start(HAND, (dataclasses.replace(hand_plan(), is_open=few),)))
    assert any("to be repaired" in line.stage for line in lines)
    assert any(line.stage.startswith("start repaired: ") for line in lines)
    assert found.cost_cny == pytest.approx(best.cost_cny)


@pytest.mark.parametrize("engine", ["exact", "city"])
def test_a_start_of_the_same_sites_in_another_order_is_the_same_plan(engine):
    instance = tiny_instance(3)
    best, _ = progress(instance, engine="exact")
    order = np.random.default_rng(1).permutation(instance.n_sites)
    _, lines = progress(in_other_order(instance, order), engine=engine, start=Start(instance, best.plans))
    assert next(line.cost_cny for line in lines if line.stage == "start") == pytest.approx(best.cost_cny)


TOWN = synthetic_instance(60)
SHORT = {"gap": 0.0, "threads": 1, "time_limit_s": 120}
"""A solve that its work ends, after about as many seconds."""
CHOOSING = dataclasses.replace(TOWN, assigns_nearest=True, assignment_tolerance_m=200.0)


@pytest.mark.parametrize("instance", [TOWN, CHOOSING], ids=["designated", "nearest"])
@pytest.mark.parametrize("engine", ["exact", "city"])
def test_a_start_of_weaker_targets_is_repaired_and_most_of_it_is_kept(engine, instance):
    weaker = [dataclasses.replace(one, value=0.9 * one.value) for one in instance.targets]
    earlier = with_targets(instance, *weaker)
    first = solve(earlier, engine="city", work=2.0, **SHORT)
    lines = []
    start = Start(earlier, first.plans)
    found = solve(instance, engine=engine, work=4.0, start=start, watch=lines.append, **SHORT)
    (repaired,) = [line.stage for line in lines if line.stage.startswith("start repaired: ")]
    kept, dropped, _ = (int(number) for number in re.findall(r"(\d+) (?:facilities kept|dropped|added)", repaired))
    assert kept + dropped == np.count_nonzero(first.plan.is_open)
    assert kept > 0.7 * (kept + dropped)
    assert [fault for one in verify_stages(instance, found.plans) for fault in one.faults] == []


@pytest.mark.parametrize("assigns_nearest", [False, True], ids=["designated", "nearest"])
def test_the_city_engine_repairs_most_starts_by_a_search_of_its_own(assigns_nearest):
    is_repaired = []
    for seed in range(1, 5):
        instance = dataclasses.replace(
            synthetic_instance(60, seed=seed), assigns_nearest=assigns_nearest, assignment_tolerance_m=200.0
        )
        weaker = [dataclasses.replace(one, value=0.9 * one.value) for one in instance.targets]
        first = solve(with_targets(instance, *weaker), engine="city", work=1.0, **SHORT)
        model, columns = build_model(instance)
        record = Record(120.0, work_limit=2.0)
        carried = Carried(values_of(instance, columns, first.plan), is_plan=False)
        solve_city((instance, columns), model, record, gap=0.0, threads=1, seed=1, start=carried)
        is_repaired.append(any(line.stage.startswith("start repaired: ") for line in record.history))
        plan = plan_of(instance, columns, record.best_values)
        assert [fault for one in verify_stages(instance, (plan,)) for fault in one.faults] == []
    assert sum(is_repaired) > len(is_repaired) / 2


def test_with_a_plan_and_prices_its_points_stay_while_what_follows_is_placed_once():
    instance = dataclasses.replace(synthetic_instance(60), assigns_nearest=True, assignment_tolerance_m=200.0)
    first = solve(instance, engine="city", work=2.0, **SHORT)
    begun = {"start": Start(instance, first.plans), "multipliers": first.certificate.multipliers}
    for known, n_placed in (({"start": begun["start"]}, 2), (begun, 1)):
        lines = []
        again = solve(instance, engine="city", work=2.0, watch=lines.append, **known, **SHORT)
        assert sum(line.stage == "transfer placed" for line in lines) == n_placed
        assert again.cost_cny <= first.cost_cny + 1e-6
        assert again.bound_cny <= again.cost_cny
    assert again.bound_cny >= (1 - 1e-3) * first.bound_cny  # without the prices of covers, which are found anew


def test_points_of_a_plan_that_was_asked_for_more_are_placed_anew_beside_it():
    instance = dataclasses.replace(synthetic_instance(60), assigns_nearest=True, assignment_tolerance_m=200.0)
    covered = make_target(instance, Measure.COVERAGE, 0.8, within_m=800.0)
    strict = with_targets(instance, *instance.targets, covered)
    first = solve(strict, engine="city", work=2.0, **SHORT)
    begun = {"start": Start(strict, first.plans), "multipliers": first.certificate.multipliers}
    for level, n_placed in ((0.8, 1), (0.799, 1), (0.4, 2)):
        lines = []
        asked = with_targets(instance, *instance.targets, dataclasses.replace(covered, value=level))
        again = solve(asked, engine="city", work=4.0, watch=lines.append, **begun, **SHORT)
        assert sum(line.stage == "transfer placed" for line in lines) == n_placed
        assert again.cost_cny <= first.cost_cny + 1e-6


@pytest.mark.parametrize(
    ("measure", "what", "values", "is_loose"),
    [
        (Measure.COVERAGE, {"within_m": 800.0}, (0.5, 0.4), True),
        (Measure.COVERAGE, {"within_m": 800.0}, (0.5, 0.6), False),
        (Measure.COVERAGE, {"within_m": 800.0}, (0.5, None), True),
        (Measure.WALK, {"is_at_least": False}, (500.0, 600.0), True),
        (Measure.WALK, {"is_at_least": False}, (500.0, 400.0), False),
        (Measure.COUNT, {"echelon": Echelon.POINT}, (2, 1), True),
        (Measure.COUNT, {"echelon": Echelon.SORTING}, (2, 1), False),
        (Measure.PROCESSED, {}, (500.0, 400.0), False),
    ],
)
def test_a_start_is_loose_where_a_target_of_points_asks_for_less(measure, what, values, is_loose):
    before, now = (
        with_targets(HAND, *([] if value is None else [make_target(HAND, measure, value, **what)])) for value in values
    )
    assert asks_for_less(before, now) == is_loose


def test_prices_of_a_like_model_are_fitted_family_by_family():
    instance = synthetic_instance(60)
    found = solve(instance, engine="city", work=1.0, **SHORT)
    kept = np.arange(len(instance.haul.tail)) % 3 > 0
    hauls = {name: value[kept] for name, value in vars(instance.haul).items()}
    fewer = dataclasses.replace(instance, haul=dataclasses.replace(instance.haul, **hauls))
    model, whole = build_model(fewer)[0], build_model(instance)[0]
    assert model.n_rows < whole.n_rows

    y = fitted(found.certificate, model)

    for name in ("serve", "conserve_material", "within_capacity"):
        assert (y[model.rows_of(name)] == found.certificate.multipliers[whole.rows_of(name)]).all()
    assert y[model.rows_of("conserve_material")].any()
    assert not y[model.rows_of("haul_to_open")].any()
    assert (fitted(found.certificate, whole) == found.certificate.multipliers).all()


def test_what_a_changed_config_still_allows_is_kept(tmp_path):
    base = read_config(write_small_city(tmp_path)).solve()
    gone = base.facilities["id"].iloc[0]
    changed = base.problem.with_sites(must_close=gone).solve(start=base)
    n = len(base.facilities)
    assert (
        f"start {base.name}: of {n} facilities {n - 1} carried over, 0 in another size, 1 dropped" in changed.record.log
    )
    assert gone not in set(changed.facilities["id"])
