"""The bound that decides each site whole: below every plan for any multipliers, and the least of each site's rows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import sparse

from siting.certificate import decomposition
from siting.certificate.decomposition import AT_ONE_SITE, site_bound
from siting.certificate.lagrangian import lagrangian_bound, reduced_costs, usable_multipliers
from siting.certificate.omitted import proven_bound
from siting.model import build_whole
from siting.solve.highs import Program, run_highs
from siting.solve.relaxation import relax
from siting.vocabulary import Measure
from tests.multipliers import TOLERANCE, assert_below, climbed, no_items, optimum, some_multipliers
from tests.parts import PARTS, with_parts
from tests.tiny import hand_instance, tiny_instance

MIXTURES = (
    ("rebuilding", "capacity by the tonne", "disposal", "reserve"),
    ("processing base", "capacity by the tonne", "disposal", "everyone served"),
    ("dismantling", "booked pick-up", "spacing", "light material"),
    ("nearest point", "budgets", "walk costs"),
    ("fairness", "one point a cell", "rebuilding"),
    ("rebuilding", "capacity by the tonne", "disposal", "years"),
    ("processing base", "rebuilding", "capacity by the tonne", "disposal", "cases"),
    ("processing base", "rebuilding", "capacity by the tonne", "disposal", "worst case"),
)


@pytest.fixture
def rows_of_sites_alone(monkeypatch):
    """Least loads are met to the last gram, and hauls are held to no more than their own rows ask."""
    monkeypatch.setattr(decomposition, "SLACK_KT", 1e-9)
    monkeypatch.setattr(decomposition, "cell_items", no_items)


def kept_rows(model):
    """Rows that bind one site only, and those that say that what has no way on cannot enter."""
    conserve = model.rows_of("conserve_material")
    has_exit = (model.matrix[conserve].min(axis=1).toarray() < 0).reshape(-1)
    return np.sort(np.concatenate([model.rows_of(*AT_ONE_SITE), conserve[~has_exit]]))


def least_of_the_lagrangian(model, multipliers):
    """The site bound as branch and bound finds it, for all sites together."""
    y = usable_multipliers(model, multipliers)
    y[model.rows_of(*AT_ONE_SITE)] = 0.0
    rows = kept_rows(model)
    is_open = np.zeros(model.n_columns, dtype=bool)
    for family in model.column_families:
        is_open[family.start : family.stop] = family.name == "open"
    program = Program(
        reduced_costs(model, y),
        model.column_lower,
        model.column_upper,
        sparse.csr_array(model.matrix[rows]),
        model.row_lower[rows],
        model.row_upper[rows],
        is_open,
    )
    options = {"mip_rel_gap": 0.0, "mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9}
    answer = run_highs(program, time_limit_s=30, options=options)
    side = np.where(y > 0, model.row_lower, np.where(y < 0, model.row_upper, 0.0))
    return float(y @ side) + answer.cost


def with_other_costs(whole, seed):
    """The model with costs of either sign added to all columns, closing and extending too."""
    cost = whole.model.cost
    drawn = np.random.default_rng(seed).normal(0, np.abs(cost).mean(), len(cost))
    return dataclasses.replace(whole, model=dataclasses.replace(whole.model, cost=cost + drawn))


@pytest.mark.parametrize("seed", range(12))
def test_any_multipliers_give_a_bound_that_no_plan_beats(seed):
    whole = build_whole(tiny_instance(seed))
    cost = optimum(whole)
    if cost is None:
        return
    for multipliers in some_multipliers(whole, seed):
        assert_below(site_bound(whole, multipliers), cost)


@pytest.mark.parametrize("names", [(name,) for name in PARTS] + list(MIXTURES), ids=" + ".join)
def test_no_plan_beats_it_with_any_part_of_the_model(names):
    for seed in range(3):
        whole = build_whole(with_parts(tiny_instance(seed), seed, *names))
        cost = optimum(whole)
        if cost is None:
            continue
        tried = some_multipliers(whole, seed)
        for multipliers in tried:
            assert_below(site_bound(whole, multipliers), cost)
        assert_below(climbed(whole, tried[4], seed, n_steps=20), cost)


@pytest.mark.parametrize("names", [(), *MIXTURES[:3], MIXTURES[5]], ids=" + ".join)
@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_least_that_the_rows_of_each_site_allow(seed, names, rows_of_sites_alone):
    whole = build_whole(with_parts(tiny_instance(seed), seed, *names))
    for multipliers in some_multipliers(whole, seed):
        least = least_of_the_lagrangian(whole.model, multipliers)
        assert site_bound(whole, multipliers) == pytest.approx(least, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("names", [(), MIXTURES[0], MIXTURES[5]], ids=" + ".join)
@pytest.mark.parametrize("seed", range(4))
def test_it_is_that_least_whatever_may_earn(seed, names, rows_of_sites_alone):
    instance = with_parts(tiny_instance(seed), seed, *names)
    tonnes = instance.demand.tonnes.copy()
    tonnes[1] = 0.0  # people who walk to a point and bring nothing
    instance = dataclasses.replace(instance, demand=dataclasses.replace(instance.demand, tonnes=tonnes))
    whole = with_other_costs(build_whole(instance), seed)
    for multipliers in some_multipliers(whole, seed):
        least = least_of_the_lagrangian(whole.model, multipliers)
        assert site_bound(whole, multipliers) == pytest.approx(least, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("names", [(), *MIXTURES, ("cases",), ("worst case",), ("years",)], ids=" + ".join)
def test_it_is_no_lower_than_the_bound_with_all_rows_relaxed(names):
    """Up to the kilogram that a least load may lack; also where the cost of what cases share is split among them."""
    for seed in range(3):
        whole = build_whole(with_parts(tiny_instance(seed), seed, *names))
        for multipliers in some_multipliers(whole, seed):
            relaxed = lagrangian_bound(whole.model, multipliers)
            assert site_bound(whole, multipliers) >= relaxed - TOLERANCE * (1 + abs(relaxed))


def counting_service(instance):
    """The instance with coverage targets on who is assigned, whose relaxation says least of what opens."""
    served = [
        dataclasses.replace(one, measure=Measure.SERVED) if one.measure is Measure.COVERAGE else one
        for one in instance.targets
    ]
    return dataclasses.replace(instance, targets=tuple(served))


@pytest.mark.parametrize("names", [(), ("cases",), ("worst case",), ("years",)], ids=" + ".join)
def test_the_multipliers_of_the_relaxation_prove_more(names):
    gains = []
    for seed in range(6):
        whole = build_whole(counting_service(with_parts(tiny_instance(seed), seed, *names)))
        root = relax(whole.model, time_limit_s=30)
        if root is not None:
            gains.append(site_bound(whole, root.multipliers) / root.bound - 1)

    assert max(gains) > 1e-4


@pytest.mark.parametrize("seed", range(4))
def test_cases_by_themselves_are_bounded_no_better_than_together(seed):
    """Each case with its weight of the cost of the sites: the multipliers side by side prove the mean of the bounds."""
    whole = build_whole(with_parts(tiny_instance(seed), seed, "rebuilding", "cases"))
    multipliers, mean = np.zeros(whole.model.n_rows), 0.0
    for part, weight in zip(whole.parts, whole.stages.weight, strict=True):
        alone = build_whole(part.instance)
        root = relax(alone.model, time_limit_s=30)
        if root is None:
            return
        mean += weight * site_bound(alone, root.multipliers)
        multipliers[part.rows.members()] = weight * root.multipliers

    assert site_bound(whole, multipliers) >= mean - TOLERANCE * abs(mean)


def test_the_larger_of_the_two_bounds_is_told():
    whole = build_whole(tiny_instance(3))
    for multipliers in some_multipliers(whole, 3):
        both = (lagrangian_bound(whole.model, multipliers), site_bound(whole, multipliers))
        assert proven_bound(whole, multipliers) == max(both)


def one_point():
    """The first point of the hand instance alone, for cell A: nothing else is there, and nothing leaves it.

    Open it costs 700 + 100 + 200 CNY; A brings up to 5 t, each earning 50 − 100 − 5 = −55 CNY: purchase and operation
    less subsidy.
    """
    whole = hand_instance()
    return dataclasses.replace(
        whole,
        sites=_rows(whole.sites, 5, 1),
        options=_rows(whole.options, 5, 1),
        walks=_rows(whole.walks, 4, 1),
        direct=_rows(whole.direct, 1, 0),
        haul=_rows(whole.haul, 4, 0),
        targets=(),
    )


def _rows(part, n, kept):
    """The first rows of a table of `n` rows."""
    fields = {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return dataclasses.replace(part, **{name: values[:kept] for name, values in fields.items() if len(values) == n})


@pytest.mark.parametrize(
    ("price_cny", "least_t", "capacity_t", "bound_cny"),
    [
        (0.0, 0.0, 10.0, 0.0),  # nothing is open
        (1000.0, 0.0, 10.0, 1000.0),  # serving A gains 1000 − 275 = 725, less than the 1000 of the point
        (2000.0, 0.0, 10.0, 1275.0),  # 2000 − (2000 − 275 − 1000)
        (2000.0, 0.0, 2.0, 2000.0),  # 2 of 5 t: 0.4 × 1725 = 690 does not pay for the point
        (3000.0, 0.0, 2.0, 2910.0),  # 0.4 × 2725 = 1090, less 1000
        (2000.0, 6.0, 10.0, 2000.0),  # 6 t never come
    ],
)
def test_one_point_is_bounded_as_it_is_in_the_head(price_cny, least_t, capacity_t, bound_cny):
    """A must be served, at `price_cny`: what it pays is the price, less what serving it at the price gains."""
    instance = one_point()
    must = np.array([True, False, False])
    instance = dataclasses.replace(
        instance,
        demand=dataclasses.replace(instance.demand, must_serve=must),
        options=dataclasses.replace(
            instance.options, min_load_t=np.array([least_t]), capacity_t=np.array([capacity_t])
        ),
    )
    whole = build_whole(instance)
    multipliers = np.zeros(whole.model.n_rows)
    multipliers[whole.model.rows_of("serve")] = price_cny / 1e4

    assert site_bound(whole, multipliers) * 1e4 == pytest.approx(bound_cny, abs=1)
