"""Cities whose targets ask that residents have a point and not that anything is collected."""

from __future__ import annotations

import dataclasses

import numpy as np

from siting.instance import OmittedLinks
from siting.model import build_model
from siting.solve.city import covering, engine
from siting.solve.city.covering import asks_for_points_only
from siting.solve.solve import solve
from siting.synthetic import synthetic_instance
from siting.verify import verify
from siting.vocabulary import Measure


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


def test_without_points_the_search_of_all_echelons_goes_on(monkeypatch):
    monkeypatch.setattr(engine, "place_covering", lambda *_, **__: None)
    instance = town(Measure.COVERAGE, Measure.COUNT)
    found = solve(instance, engine="city", work=10.0, time_limit_s=60, gap=0.001, threads=1)
    assert verify(instance, found.plans[0]).faults == ()
