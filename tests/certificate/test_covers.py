"""Rows of whole facilities: no plan breaks them, the certificate proves them, and each part of it is checked."""

from __future__ import annotations

import dataclasses
from itertools import product

import numpy as np
import pytest

from siting.certificate import certificate_faults, certified_bound
from siting.certificate.covers import (
    UNLIMITED,
    capacity_kt,
    cover_faults,
    cover_row,
    least_units,
    needed_kt,
    phi_table,
    with_covers,
)
from siting.certificate.leaves import hold_all
from siting.model import build_whole
from siting.plan import Leaf
from siting.solve import covers as finding
from siting.solve.clock import Record
from siting.solve.covers import find_covers, passed_on
from siting.solve.highs import Program, run_highs
from siting.solve.relaxation import relax
from siting.solve.solve import solve
from siting.synthetic import synthetic_instance
from tests.multipliers import assert_below, optimum
from tests.parts import PARTS, with_parts
from tests.tiny import hand_instance, tiny_instance

MIXTURES = (
    ("rebuilding", "capacity by the tonne", "disposal", "reserve"),
    ("processing base", "capacity by the tonne", "disposal", "everyone served"),
    ("dismantling", "booked pick-up", "spacing", "light material"),
    ("nearest point", "budgets", "walk costs"),
    ("rebuilding", "capacity by the tonne", "disposal", "years"),
    ("processing base", "rebuilding", "capacity by the tonne", "disposal", "cases"),
    ("processing base", "rebuilding", "capacity by the tonne", "disposal", "worst case"),
)


def found_in(whole):
    return find_covers(whole, Record(1e6), most=60.0)


def tightened_by(whole, covers):
    return dataclasses.replace(
        whole, model=with_covers(whole.model, covers, [least_units(whole.model, cover) for cover in covers])
    )


def of_some_instance(*names, seeds=range(4)):
    """Models with what is found of covers in them."""
    for seed in seeds:
        whole = build_whole(with_parts(tiny_instance(seed), seed, *names))
        yield whole, found_in(whole)


@pytest.mark.parametrize("seed", range(20))
def test_phi_never_falls_and_a_sum_costs_no_more_than_its_parts(seed):
    rng = np.random.default_rng(seed)
    size, price = rng.integers(1, 12, 4), rng.uniform(0, 5, 4)
    phi = phi_table(size, price, 60)
    assert (np.diff(phi) >= 0).all()
    sums = phi[:31, None] + phi[None, :30]
    whole = phi[np.add.outer(np.arange(31), np.arange(30))]
    assert (whole <= sums + 1e-12).all()


@pytest.mark.parametrize("need", [1, 7, 23])
def test_phi_is_the_least_that_facilities_of_these_sizes_cost(need):
    size, price = np.array([3, 5, 10]), np.array([4.0, 5.5, 9.0])
    by_hand = min(
        float(price @ counts) for counts in product(range(9), repeat=3) if int(size @ np.array(counts)) >= need
    )
    assert phi_table(size, price, need)[need] == pytest.approx(by_hand)


@pytest.mark.parametrize("names", [(), *((name,) for name in PARTS), *MIXTURES], ids=" + ".join)
def test_no_plan_is_lost_and_the_bound_rises_no_higher_than_the_best_plan(names):
    for whole, covers in of_some_instance(*names):
        cost = optimum(whole)
        if cost is None:
            continue
        tight = tightened_by(whole, covers)
        assert optimum(tight) == pytest.approx(cost, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    "names", [(), ("rebuilding",), ("capacity by the tonne",), ("processing base",)], ids=" + ".join
)
def test_some_plan_has_no_more_than_a_row_asks_and_none_has_less(names):
    """The least of the left side over all plans, by branch and bound."""
    least, asked = [], []
    for whole, covers in of_some_instance(*names, seeds=range(8)):
        model = whole.model
        for cover in covers:
            row, side = cover_row(cover, least_units(model, cover))
            program = Program(
                row, model.column_lower, model.column_upper, model.matrix, model.row_lower, model.row_upper,
                model.is_integer,
            )  # fmt: skip
            answer = run_highs(program, time_limit_s=30, options={"mip_rel_gap": 0.0})
            if not answer.is_infeasible:
                least.append(answer.cost)
                asked.append(side)
    assert len(least) >= 4
    assert (np.array(least) >= np.array(asked) - 1e-6).all()
    assert np.isclose(least, asked).any()


def test_covers_raise_the_relaxation_where_a_share_of_a_facility_would_do():
    whole = build_whole(synthetic_instance(60, n_materials=2))
    before, after = (relax(one.model, time_limit_s=60) for one in (whole, tightened_by(whole, found_in(whole))))
    assert after.bound > before.bound * 1.01


@pytest.mark.parametrize("names", [(), ("disposal",), ("dismantling",), ("processing base", "capacity by the tonne")])
def test_few_rows_prove_no_more_than_all_of_them(names, monkeypatch):
    n_proven = 0
    for whole, covers in of_some_instance(*names):
        monkeypatch.setattr(finding, "ALL_ROWS_COLUMNS", 0)
        quick = {(one.stage, one.echelon, one.materials.tobytes()): one for one in found_in(whole)}
        monkeypatch.undo()
        for cover in covers:
            other = quick.get((cover.stage, cover.echelon, cover.materials.tobytes()))
            if other is not None:
                n_proven += 1
                assert_below(needed_kt(whole.model, other), needed_kt(whole.model, cover))
    assert n_proven > 0


def test_prices_of_what_is_passed_on_leave_no_haul_that_gains():
    whole = build_whole(with_parts(tiny_instance(1), 1, "processing base", "disposal"))
    model = dataclasses.replace(whole.model, cost=np.ones(whole.model.n_columns))
    y = passed_on(model, model.rows_of("conserve_material", "split_load"))
    hauls = model.columns_of("haul", "load", "dispose")
    reduced = model.cost - model.matrix.T @ y
    known = np.asarray(abs(model.matrix[:, hauls]).T @ (y != 0)).reshape(-1) > 0
    assert known.any()
    assert (reduced[hauls] >= -1e-9).all()


def test_existing_facilities_can_be_set_aside():
    covers = [cover for _, found in of_some_instance("rebuilding", seeds=range(12)) for cover in found]
    whole = build_whole(with_parts(tiny_instance(0), 0, "rebuilding"))
    assert covers
    for cover in found_in(whole):
        capacity = capacity_kt(whole.model, cover)
        aside = capacity[(cover.units == 0) & (capacity > 0)].sum()
        with_all = needed_kt(whole.model, dataclasses.replace(cover, units=np.maximum(cover.units, capacity > 0)))
        assert needed_kt(whole.model, cover) == pytest.approx(with_all - aside)


def a_cover():
    for whole, covers in of_some_instance(seeds=range(12)):
        if covers:
            return whole, covers[0]
    raise AssertionError("no instance has a cover")


def forged(cover, model):
    """Ways to claim more than a cover proves."""
    units, rows = cover.units.copy(), cover.capacity_row.copy()
    units[np.flatnonzero(units)[0]] = -1
    rows[model.rows_of("serve")] = True
    share = cover.units.copy()
    share[model.columns_of("assign")[0]] = 1
    return {
        "rounds a capacity down": {"unit_kt": cover.unit_kt / 2},
        "counts what is not 0 or 1": {"units": units},
        "adds up rows that are no capacity rows": {"capacity_row": rows},
        "has sizes below 1 or prices below 0": {"price": -cover.price},
        "has numbers that are not finite": {"multipliers": cover.multipliers * np.nan},
        "counts what is not 0 or 1 ": {"units": share},
        "has sizes below 1 or prices below 0 ": {"size": np.zeros_like(cover.size)},
    }


def test_a_forged_cover_is_refused_for_what_is_wrong_with_it():
    whole, cover = a_cover()
    assert cover_faults(whole.model, cover) == []
    for fault, changes in forged(cover, whole.model).items():
        assert fault.strip() in cover_faults(whole.model, dataclasses.replace(cover, **changes))


def test_multipliers_that_prove_less_prove_fewer_units():
    whole, cover = a_cover()
    nothing = dataclasses.replace(cover, multipliers=np.zeros_like(cover.multipliers))
    assert least_units(whole.model, cover) >= 1
    assert least_units(whole.model, nothing) == 0
    assert cover_row(cover, 0)[1] == 0.0


@pytest.mark.parametrize("engine", ["exact", "city"])
@pytest.mark.parametrize("names", [(), ("rebuilding",), MIXTURES[4], MIXTURES[5]], ids=" + ".join)
def test_a_solution_says_what_its_certificate_proves(engine, names):
    instance = with_parts(tiny_instance(2), 2, *names)
    if engine == "city" and instance.stages is not None:
        instance = with_parts(tiny_instance(2), 2, *(name for name in names if name != "capacity by the tonne"))
    solution = solve(instance, engine=engine, time_limit_s=20, gap=0.0)
    whole = build_whole(instance)
    assert certificate_faults(instance, whole, solution) == []
    proven = certified_bound(whole, solution.certificate) * 1e4
    assert solution.proven == pytest.approx(min(proven, solution.cost_cny))
    assert solution.bound_cny >= solution.proven - 1e-6 * abs(solution.cost_cny)
    assert solution.is_proven == (solution.bound_cny <= solution.proven + 1e-6 * abs(solution.cost_cny))


def leaf(at_least, at_most):
    n = len(at_least)
    return Leaf(
        np.array(at_least), np.array([UNLIMITED if one is None else one for one in at_most]),
        np.zeros(n), np.zeros(n), np.zeros(0),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("leaves", "holds"),
    [
        ([((2,), (None,))], True),
        ([((3,), (None,))], False),
        ([((2,), (4,)), ((5,), (None,))], True),
        ([((2,), (4,)), ((6,), (None,))], False),
        ([((2,), (4,))], False),
        ([((2,), (3,)), ((4,), (4,)), ((5,), (None,))], True),
        ([((0,), (9,)), ((4,), (None,))], False),
    ],
)
def test_leaves_along_one_cover_must_hold_every_number_of_units(leaves, holds):
    assert hold_all([leaf(*one) for one in leaves], np.array([2])) is holds


def test_leaves_over_two_covers_must_hold_every_pair():
    parts = [leaf((1, 1), (3, None)), leaf((4, 1), (None, 2)), leaf((4, 3), (None, None))]
    assert hold_all(parts, np.array([1, 1]))
    for number in range(3):
        assert not hold_all(parts[:number] + parts[number + 1 :], np.array([1, 1]))
    assert not hold_all([parts[0], parts[1], leaf((4, 4), (None, None))], np.array([1, 1]))


def test_the_hand_instance_has_a_cover_of_its_station():
    whole = build_whole(hand_instance())
    assert all(cover_faults(whole.model, cover) == [] for cover in found_in(whole))
