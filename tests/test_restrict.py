"""Small programs inside a large one: tightened rows lose no whole plan, and what is decided holds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from siting.model import build_model
from siting.solve.city.echelons import make_tiers
from siting.solve.city.kernel import decide_last
from siting.solve.city.restrict import Holder, holds
from siting.solve.highs import run_highs
from tests.tiny import tiny_instance, tiny_instances


def any_plan(instance):
    """(model, columns, values) of some plan, not the best; None where there is none."""
    model, columns = build_model(instance)
    whole = Holder.of(model)
    free = np.arange(model.n_columns)
    values, _ = whole.resolve(np.zeros(model.n_columns), free, is_integer=model.is_integer, time_limit_s=20, gap=1e9)
    return None if values is None or not holds(whole, values) else (model, columns, values)


@settings(max_examples=25, deadline=None)
@given(instance=tiny_instances())
def test_tightened_rows_cut_fractions_and_no_plan(instance):
    found = any_plan(instance)
    if found is None:
        return
    model, columns, values = found
    chosen = np.flatnonzero(instance.option_echelon() >= 1)
    free = np.concatenate([columns.open + chosen, np.arange(columns.direct, columns.n)])
    holder = Holder.of(model)

    tight = holder.restricted(values, free, model.is_integer)
    loose = holder.restricted(values, free, None)

    whole = run_highs(tight, time_limit_s=20, options={"mip_rel_gap": 0.0})
    as_before = run_highs(
        replace(loose, is_integer=tight.is_integer),
        time_limit_s=20,
        options={"mip_rel_gap": 0.0},
    )
    assert whole.cost == pytest.approx(as_before.cost, rel=1e-6, abs=1e-6)


def test_rows_are_tightened_somewhere():
    changed = 0
    for seed in range(10):
        found = any_plan(tiny_instance(seed))
        if found is None:
            continue
        model, columns, values = found
        free = np.arange(columns.direct, columns.n)
        with_open = np.concatenate([np.arange(columns.open, columns.assign), free])
        holder = Holder.of(model)
        tight = holder.restricted(values, with_open, model.is_integer).matrix
        loose = holder.restricted(values, with_open, None).matrix
        assert (np.abs(tight.data) <= np.abs(loose.data) + 1e-12).all()
        changed += int((tight.data != loose.data).any())
    assert changed > 0


@settings(max_examples=25, deadline=None)
@given(instance=tiny_instances())
def test_deciding_the_last_echelons_is_never_dearer_and_holds(instance):
    found = any_plan(instance)
    if found is None:
        return
    model, columns, values = found
    holder, tiers = Holder.of(model), make_tiers(instance, model, columns)

    decided = decide_last(holder, tiers, np.ones(model.n_columns), values, time_limit_s=10)

    assert model.cost @ decided <= model.cost @ values + 1e-9
    assert holds(holder, decided)
