"""Small programs inside a large one: tightened rows lose no whole plan, and what is decided holds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from siting.model import build_model
from siting.model.columns import FOLLOWING
from siting.solve.city.echelons import make_tiers
from siting.solve.city.restrict import Holder, holds
from siting.solve.city.restricted_mip import decide_last
from siting.solve.clock import Record
from siting.solve.highs import run_highs
from tests.tiny import tiny_instance, tiny_instances


def any_plan(instance):
    """(model, columns, values) of some plan, not the best; None where there is none."""
    model, columns = build_model(instance)
    whole = Holder.of(model)
    free = np.arange(model.n_columns)
    values, _ = whole.resolve(np.zeros(model.n_columns), free, is_integer=model.is_integer, time_limit_s=20, gap=1e9)
    return None if values is None or not holds(whole, values) else (model, columns, values)


def flows_freed(instance):
    """All after the points of some plan, with rows tightened and as they are; None where there is no plan."""
    found = any_plan(instance)
    if found is None:
        return None
    model, columns, values = found
    later = np.flatnonzero(instance.option_echelon() >= 1)
    free = np.concatenate(
        [columns.at("open", later), columns.numbers("direct", "haul", "load", "close", "expand", "dispose", *FOLLOWING)]
    )
    holder = Holder.of(model)
    tight, loose = (holder.restricted(values, free, whole) for whole in (model.is_integer, None))
    return tight, replace(loose, is_integer=tight.is_integer)


@settings(max_examples=25, deadline=None)
@given(instance=tiny_instances())
def test_tightened_rows_cut_fractions_and_no_plan(instance):
    programs = flows_freed(instance)
    if programs is None:
        return

    costs = [run_highs(program, time_limit_s=20, options={"mip_rel_gap": 0.0}).cost for program in programs]

    assert costs[0] == pytest.approx(costs[1], rel=1e-6, abs=1e-6)


def test_rows_are_tightened_somewhere():
    changed = 0
    for seed in range(10):
        programs = flows_freed(tiny_instance(seed))
        if programs is None:
            continue
        tight, loose = (program.matrix.data for program in programs)
        assert (np.abs(tight) <= np.abs(loose) + 1e-12).all()
        changed += int((tight != loose).any())
    assert changed > 0


@settings(max_examples=25, deadline=None)
@given(instance=tiny_instances())
def test_deciding_the_last_echelons_is_never_dearer_and_holds(instance):
    found = any_plan(instance)
    if found is None:
        return
    model, columns, values = found
    holder, tiers = Holder.of(model), make_tiers(instance, model, columns)

    decided = decide_last(holder, tiers, np.ones(model.n_columns), values, record=Record(60.0), most=10.0)

    assert model.cost @ decided <= model.cost @ values + 1e-9
    assert holds(holder, decided)
