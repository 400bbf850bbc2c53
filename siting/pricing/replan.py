"""Repair of a plan for a changed problem: the neighbourhood of the change is optimised again."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from siting.errors import VerificationError
from siting.instance import Bools, Floats, Instance, Ints
from siting.model import LinearModel, Whole
from siting.solve.city.echelons import REPAIR, place_echelons, placing_tiers, repair_first
from siting.solve.city.improving import Effort, Search
from siting.solve.city.neighbourhoods import free_columns
from siting.solve.city.restrict import Holder, holds
from siting.solve.city.settling import settle_flows
from siting.solve.clock import Record
from siting.verify import require_valid_stages, verify_stages

GAP = 1e-3
"""Of what the free choices cost, what may be lost to end sooner."""
POLISH_S, NEIGHBOURHOOD_S = 10.0, 3.0
"""To decide neighbourhoods of a mended plan anew, and one of them."""
SETTLE_SHARE = 0.5
"""Of the time limit, what settling the flows may take beside the choice."""


def replan_in_steps(
    whole: Whole, values: Floats, steps: Sequence[Ints], *, time_limit_s: float, model: LinearModel | None = None
) -> Floats | None:
    """Return the best plan that `replan` finds as it decides the sites of each of the `steps` anew, few first.

    Each starts from the best one so far, and has an equal part of the time that is left.
    """
    ends_at, best = time.monotonic() + time_limit_s, None
    for number, sites in enumerate(steps):
        seconds = (ends_at - time.monotonic()) / (len(steps) - number)
        if seconds <= 0:
            break
        start = values if best is None else best
        found = replan(whole, start, sites, time_limit_s=seconds, model=model, has_start=best is not None)
        if found is not None and (best is None or whole.model.cost @ found < whole.model.cost @ best):
            best = found
    return best


def replan(
    whole: Whole,
    values: Floats,
    sites: Ints,
    *,
    time_limit_s: float,
    model: LinearModel | None = None,
    has_start: bool = False,
) -> Floats | None:
    """Return column values (n_columns,) with `sites` and their flows optimised again, or None if that is infeasible.

    `values` are of a plan that may break rows of `whole`, as its targets have changed, unless `has_start`; None where
    deciding these sites alone mends nothing, or not in time. `model` is that of `whole` with other rows after its own,
    or other bounds.
    """
    holder = Holder.of(whole.model if model is None else model)
    free, model = free_in_all(whole, values, sites), holder.model
    found, _ = holder.resolve(
        values, free, is_integer=model.is_integer, time_limit_s=time_limit_s, gap=GAP, has_start=has_start
    )
    if found is None:
        return None
    continuous = free[~model.is_integer[free]]
    limit_s = SETTLE_SHARE * time_limit_s
    settled, _ = holder.resolve(found, continuous, is_integer=None, time_limit_s=limit_s, is_strict=True)
    return settled if settled is not None and holds(holder, settled) else None


def mend(whole: Whole, values: Floats, multipliers: Floats, *, time_limit_s: float, seed: int = 1) -> Floats | None:
    """Return column values (n_columns,) of a plan that opens what `values` do but for what rows that are missed need.

    A search over the whole of one year: of points alone, and of all facilities where the later ones are short then.
    `multipliers` (n_rows of the model or more,) price what flows on. None where no plan is found so.
    """
    (part,), model, record = whole.parts, whole.model, Record(time_limit_s)
    stage, holder = (part.instance, part.columns), Holder.of(model)
    tiers, multipliers = placing_tiers(stage[0], model, stage[1]), multipliers[: model.n_rows]
    until = (1 - SETTLE_SHARE) * time_limit_s
    placed = repair_first(stage, model, tiers, multipliers, values, until=until, record=record, seed=seed)
    found = _settled(holder, placed, record)
    polish_s = POLISH_S
    if found is None:
        polish_s = time_limit_s  # whole facilities were opened at once: more can be gained
        placed = place_echelons(
            stage, model, tiers, multipliers, rounds=REPAIR, until=until, record=record, seed=seed, start=placed
        )
        found = _settled(holder, placed, record)
    if found is None:
        return None
    search = Search(*stage, holder, seed=seed, effort=Effort(NEIGHBOURHOOD_S, GAP, 1))
    improved = search.improve(found, record.part(min(polish_s, record.left)), gap=0.0, reserve=0.0)
    settled = _settled(holder, improved, record)
    return found if settled is None or model.cost @ settled > model.cost @ found else settled


def _settled(holder: Holder, placed: Floats, record: Record) -> Floats | None:
    """Return `placed` (n_columns,) with its flows decided, None where they cannot be."""
    settled = settle_flows(holder, placed, record=record, most=SETTLE_SHARE * record.limit)
    return settled if settled is not None and holds(holder, settled) else None


def free_in_all(whole: Whole, values: Floats, sites: Ints) -> Ints:
    """Return the columns to free so that the facilities at `sites` can change in every period."""
    free = [whole.model.columns_of("worst")]
    for part in whole.parts:
        own = free_columns(part.instance, part.columns, values[part.column_in_whole], sites)
        free.append(part.column_in_whole[own])
    return np.unique(np.concatenate(free))


def is_verified(instance: Instance, whole: Whole, values: Floats, cost_cny: float) -> bool:
    """Return whether independent code finds column values to be a plan of `instance` at the claimed cost."""
    plans = whole.plans_of(values)
    try:
        require_valid_stages(instance, verify_stages(instance, plans), claimed_cost_cny=cost_cny)
    except VerificationError:
        return False
    return True


def open_sites(whole: Whole, values: Floats) -> Bools:
    """Return whether something is open at each site in any stage, (n_sites,)."""
    instance = whole.parts[0].instance
    is_open = np.zeros(instance.n_sites, dtype=bool)
    for part in whole.parts:
        is_open[part.instance.options.site[values[part.in_whole("open")] > 0.5]] = True
    return is_open
