"""The last echelons decided whole at once, among the few options that the averaged plan of the prices uses.

What the relaxation hardly opens, a good plan seldom does: kernel search (Angelelli, Mansini, Speranza 2010).
"""

from __future__ import annotations

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.model.linear import LinearModel
from siting.solve.city.restrict import Holder, holds
from siting.solve.city.tiers import Tier
from siting.solve.clock import Record
from siting.vocabulary import Echelon

PROMISING = 0.01
"""An option open by a smaller share on average stays out."""
GAP = 1e-3


def promising(model: LinearModel, averaged: Floats, values: Floats) -> Bools:
    """Return the columns (n_columns,) that are integer and used on average or in the plan `values`."""
    return np.asarray(model.is_integer & ((averaged > PROMISING) | (values > 0.5)))


def decide_last(
    holder: Holder,
    tiers: tuple[tuple[Echelon, Tier], ...],
    averaged: Floats,
    values: Floats,
    *,
    record: Record,
    most: float,
) -> Floats:
    """Return the plan `values` (n_columns,), or a cheaper one with other options at the last echelons.

    `most` is what the clock of `record` may spend on it.
    """
    model = holder.model
    used = promising(model, averaged, values)
    free = [_free(tier, used, values) for echelon, tier in tiers if echelon >= Echelon.SORTING]
    if not free:
        return values
    columns = np.unique(np.concatenate(free))
    allowed = record.allow(most)
    found, answer = holder.resolve(
        values,
        columns,
        is_integer=model.is_integer,
        time_limit_s=allowed.seconds,
        work=allowed.work,
        gap=GAP,
        has_start=True,
    )
    record.charge(answer.work, is_timed_out=answer.is_timed_out)
    if found is None or model.cost @ found >= model.cost @ values or not holds(holder, found):
        return values
    return found


def _free(tier: Tier, used: Bools, values: Floats) -> Ints:
    """Return the columns of a tier's options in use, of their loads, and of inflows from open sites."""
    chosen = np.flatnonzero(used[tier.option])
    at = np.zeros(len(tier.site), dtype=bool)
    at[tier.option_site[chosen]] = True
    given = np.bincount(tier.supply, values[tier.column], len(tier.supply_row)) > 0
    inflow = at[tier.column_site] & (given[tier.supply] | ~tier.is_passed_on[tier.supply])
    pairs = np.zeros(len(tier.is_taken), dtype=bool)
    for option in chosen:
        pairs[tier.first_pair[option] : tier.first_pair[option + 1]] = True
    loads = np.setdiff1d(tier.pairs[:, np.flatnonzero(pairs)].nonzero()[0], tier.column)
    return np.concatenate([tier.option[chosen], tier.column[inflow], loads])
