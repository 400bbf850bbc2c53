"""Cities whose targets ask that residents have a point and not that anything is collected."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from siting.instance import OmittedLinks
from siting.model import build_model
from siting.solve.city import covering, engine
from siting.solve.city.covering import asks_for_points_only
from siting.solve.solve import solve
from siting.synthetic import synthetic_instance
from siting.verify import verify
from siting.vocabulary import Echelon, Measure


def town(*measures, n_cells=80, assignment="designated"):
    """A made-up town whose targets are those of some measures."""
    instance = synthetic_instance(n_cells, n_materials=1)
    kept = tuple(target for target in instance.targets if target.measure in measures)
    must_serve = np.zeros_like(instance.demand.must_serve)
    demand = dataclasses.replace(instance.demand, must_serve=must_serve)
    return dataclasses.replace(
        instance, targets=kept, demand=demand, assigns_nearest=assignment == "nearest",
        omitted_direct=OmittedLinks.none(), omitted_haul=OmittedLinks.none(),
    )  # fmt: skip


def only_points(instance):
    model, columns = build_model(instance)
    return asks_for_points_only((instance, columns), model)


def test_only_coverage_asks_for_no_material():
    assert only_points(town(Measure.COVERAGE, Measure.COUNT))
    assert not only_points(town(Measure.COUNT))
    assert not only_points(town(Measure.COVERAGE, assignment="nearest"))
    assert not only_points(synthetic_instance(80, n_materials=1))
    instance = town(Measure.COVERAGE)
    share = dataclasses.replace(instance.targets[0], measure=Measure.COLLECTED_SHARE, value=0.3)
    assert not only_points(dataclasses.replace(instance, targets=(*instance.targets, share)))


def test_points_are_placed_for_coverage_without_collecting_from_all(monkeypatch):
    instance, placed = town(Measure.COVERAGE, Measure.COUNT), []
    place = covering.place_covering

    def counted(*args, **how):
        placed.append(place(*args, **how))
        return placed[-1]

    monkeypatch.setattr(engine, "place_covering", counted)
    how = {"time_limit_s": 60, "gap": 0.001, "threads": 1}
    city = solve(instance, engine="city", work=20.0, **how)
    exact = solve(instance, engine="exact", **how)
    assert any(one is not None for one in placed)
    assert verify(instance, city.plans[0]).faults == ()
    assert city.cost_cny <= 1.1 * exact.cost_cny
    assert city.bound_cny <= exact.cost_cny * (1 + 1e-6)


@pytest.mark.parametrize("is_found", [False, True])
def test_without_points_that_fit_the_search_of_all_echelons_goes_on(monkeypatch, is_found):
    instance = town(Measure.COVERAGE, Measure.COUNT)
    nothing = np.zeros(build_model(instance)[0].n_columns) if is_found else None
    monkeypatch.setattr(engine, "place_covering", lambda *_, **__: nothing)
    place, echelons = engine.place_echelons, []

    def counted(stage, model, tiers, *args, **how):
        echelons.append([echelon for echelon, _ in tiers])
        return place(stage, model, tiers, *args, **how)

    monkeypatch.setattr(engine, "place_echelons", counted)
    found = solve(instance, engine="city", work=10.0, time_limit_s=60, gap=0.001, threads=1)
    assert verify(instance, found.plans[0]).faults == ()
    assert echelons
    assert Echelon.POINT in echelons[0]
