"""The flows of a plan decided anew for what it opens, as a linear program without the links to what is closed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Floats
from siting.solve.city.neighbourhoods import USED
from siting.solve.city.restrict import Holder
from siting.solve.clock import Record


@dataclass(frozen=True)
class Carried:
    """Column values (n_columns,) of an earlier plan in a model; `is_plan` where they meet all its rows.

    `is_loose` where that plan was asked for more of its points than this model asks for.
    """

    values: Floats
    is_plan: bool
    is_loose: bool = False


def settle_flows(
    holder: Holder, values: Floats, *, record: Record, held: tuple[str, ...] = (), most: float
) -> Floats | None:
    """Return `values` with flows and shares optimised for the open sites, those of the families `held` fixed.

    Who has a point is decided by what is open. None where these cannot do it, or not in time.
    """
    model = holder.model
    values = np.where(model.is_integer, np.round(values), values)
    links = model.rows_of("assign_to_open", "direct_to_open", "haul_to_open")
    opened = np.where(model.is_integer, values, 0.0)
    may_flow = model.matrix[links] @ opened < -USED
    closed = np.zeros(model.n_columns, dtype=bool)
    entries = model.matrix[links[~may_flow]].tocoo()
    closed[entries.col[entries.data > 0]] = True
    start = np.where(closed, 0.0, values)
    free = np.flatnonzero(~closed & ~model.is_integer)
    free = np.setdiff1d(free, model.columns_of("near", *held))
    allowed = record.allow(most)
    settled, answer = holder.resolve(
        start, free, is_integer=None, time_limit_s=allowed.seconds, work=allowed.work, is_strict=True
    )
    record.charge(answer.work, is_timed_out=answer.is_timed_out)
    return settled


def count_changes(before: Floats, after: Floats) -> str:
    """Return how many options, (n_options,) each, two plans open alike, in words."""
    was, now = before > 0.5, after > 0.5
    kept, dropped, added = (int(np.count_nonzero(one)) for one in (was & now, was & ~now, ~was & now))
    return f"{kept:,} facilities kept, {dropped:,} dropped, {added:,} added"
