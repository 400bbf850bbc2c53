from __future__ import annotations

import re

import numpy as np
import pytest

from siting.explain import case, elastic, explain_infeasible
from siting.explain.elastic import least_misses, with_misses
from siting.model import build_model
from siting.vocabulary import Echelon, Measure
from tests.brute_force import optimum
from tests.edges import with_part, with_targets
from tests.tiny import hand_instance, make_target, tiny_instance

HAND = hand_instance()


def target(measure, value, **what):
    return make_target(HAND, measure, value, **what)


def explain(*targets, instance=HAND):
    return explain_infeasible(with_targets(instance, *targets))


@pytest.mark.parametrize("seed", range(25))
def test_there_is_something_to_explain_exactly_where_no_plan_exists(seed):
    instance = tiny_instance(seed)
    assert bool(explain_infeasible(instance)) == (optimum(instance) is None)


def test_a_target_beyond_reach_is_told_with_the_most_that_can_be_reached():
    (sentence,) = explain(target(Measure.COLLECTED, 16))
    assert re.search(r"city: at most 15 t/yr of material collected can be reached even with every other", sentence)
    assert re.search(r"asks 16 t/yr; .* lower the target to 15$", sentence)


def test_targets_that_cannot_hold_together_are_all_named():
    near = target(Measure.COVERAGE, 1.0, within_m=300.0)
    few = target(Measure.COUNT, 1, echelon=Echelon.POINT, is_at_least=False)
    free = target(Measure.COLLECTED, 1)
    first, second, _ = explain(near, few, free)
    assert re.search(r"these 2 targets cannot hold together: coverage\S+ of city, .*; count\S+ of city", first)
    assert "collected" not in first
    assert re.search(r"beside the other targets 50\.0 % of residents .* 100\.0 % on its own; .* it to 0\.50", second)


def test_a_conflict_that_only_whole_facilities_have_is_found():
    most = target(Measure.COVERAGE, 0.75, within_m=300.0)
    few = target(Measure.COUNT, 1.5, echelon=Echelon.POINT, is_at_least=False)
    first, second, _ = explain(most, few, target(Measure.COLLECTED, 1))
    assert re.search(r"these 2 targets cannot hold together: coverage\S+ of city, .*; count\S+ of city", first)
    assert re.search(r"beside the other targets 2\.0 recycling points are needed, .* asks at most 1\.5", second)


@pytest.mark.parametrize("order", [1, -1])
def test_a_conflict_is_listed_and_relaxed_in_the_order_of_the_targets(order):
    most = target(Measure.COVERAGE, 0.75, within_m=300.0)
    few = target(Measure.COUNT, 1.5, echelon=Echelon.POINT, is_at_least=False)
    earlier, later = (most, few)[::order]
    first, second, _ = explain(earlier, later)
    assert re.search(rf"cannot hold together: {earlier.id} of city, .*; {later.id} of city", first)
    assert f"target {later.id} asks" in second


def test_what_has_nothing_to_do_with_targets_names_the_sites():
    hungry = with_part(HAND, "options", min_load_t=np.array([0.0, 0.0, 0.0, 1.0, 24.0]))
    (sentence,) = explain(*HAND.targets, instance=hungry)
    assert re.search(r"no plan exists even with every target dropped: t1, s1 must be open, .* let them close", sentence)


def test_an_at_most_target_is_told_with_the_least_that_is_needed():
    (sentence,) = explain(target(Measure.COUNT, 1, is_at_least=False))
    assert re.search(r"at least 3 facilities are needed even with .* asks 1; .* raise the target to 3", sentence)


def test_misses_are_shares_of_what_is_asked():
    instance = with_targets(HAND, target(Measure.COLLECTED, 20), target(Measure.COVERAGE, 1.0, within_m=500.0))
    model, _ = build_model(instance)
    rows = np.arange(model.n_rows - 2, model.n_rows)
    least = least_misses(model, rows, is_linear=True, time_limit_s=10)
    assert least.missed == pytest.approx([0.25 + 0.0, 0.0])
    assert least.is_proven
    assert (with_misses(model, rows).cost[: model.n_columns] == 0).all()


def test_a_large_model_is_explained_by_its_relaxation(monkeypatch):
    for module in (elastic, case):
        monkeypatch.setattr(module, "LARGE_COLUMNS", 0)
    first, *_ = explain(
        target(Measure.COVERAGE, 1.0, within_m=300.0),
        target(Measure.COUNT, 1, echelon=Echelon.POINT, is_at_least=False),
    )
    assert "these 2 targets cannot hold together: " in first


def test_leaving_out_the_links_keeps_every_other_row():
    model, _ = build_model(HAND)
    short = elastic.without_links(model)
    families = {family.name for family in model.row_families}
    assert {family.name for family in short.row_families} == families - {"direct_to_open", "haul_to_open"}
    for name in {f.name for f in short.row_families}:
        old, new = model.matrix[model.rows_of(name)], short.matrix[short.rows_of(name)]
        assert np.array_equal(old.toarray(), new.toarray())
