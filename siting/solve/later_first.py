"""A first plan by relax-and-fix: stations, centres and bases with the points relaxed, then the points for what opens.

Points are many and alike, later facilities few and dear. With points relaxed the later ones are decided about as soon
as the relaxation is solved, and with these held the points are a small program (Pochet and Wolsey 2006).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.model import LinearModel, Whole
from siting.solve.city.restrict import TOLERANCES, Holder, holds
from siting.solve.clock import Record
from siting.solve.highs import HighsDriver, program_of, run_highs
from siting.vocabulary import Echelon

LATER_SHARE, POINTS_SHARE = 0.2, 0.3
"""Shares of the limit to decide the later facilities, and the points for them, at most."""
LATER_GAP = 1e-3
"""Relative gap at which the later facilities are decided: what the points cost in whole ones is still open."""
LATER_STAGE, POINTS_STAGE = "stations first", "points for the stations"


def plan_later_first(whole: Whole, model: LinearModel, record: Record, *, gap: float, seed: int) -> Floats | None:
    """Return the values (n_columns,) of a plan of `model`, offered to `record`; None where none is found in time.

    `model` is that of `whole`, which may have more rows. With later facilities whole it bounds no less than the
    relaxation: that bound, the solver's word, goes to the record too.
    """
    later = _later(whole, model)
    decided = _decide_later(model, later, record, seed=seed)
    if decided is None:
        return None
    values = np.where(later, np.round(decided), 0.0)
    return _decide_points(model, values, np.flatnonzero(~later), record, gap=gap, seed=seed)


def _later(whole: Whole, model: LinearModel) -> Bools:
    """Mark the integer columns of what is no recycling point, (n_columns,)."""
    is_later = model.is_integer.copy()
    for part in whole.parts:
        is_point = part.instance.option_echelon() == Echelon.POINT
        is_later[part.in_whole("open")[is_point]] = False
    return is_later


def _decide_later(model: LinearModel, later: Bools, record: Record, *, seed: int) -> Floats | None:
    """Return column values (n_columns,) with whole facilities where `later`; None where none are found in time."""
    record.note(LATER_STAGE)
    allowed = record.allow(min(LATER_SHARE * record.limit, record.left))
    answer = run_highs(
        replace(program_of(model, is_linear=False), is_integer=later),
        time_limit_s=allowed.seconds,
        work=allowed.work,
        options={"threads": 1, "random_seed": seed, "mip_rel_gap": LATER_GAP},
    )
    record.charge(answer.work, is_timed_out=answer.is_timed_out)
    if np.isfinite(answer.bound):
        record.offer_bound(answer.bound, LATER_STAGE)
    return answer.values


def _decide_points(
    model: LinearModel, values: Floats, free: Ints, record: Record, *, gap: float, seed: int
) -> Floats | None:
    """Return the best plan found with all columns but the `free` ones at `values` (n_columns,)."""
    holder = Holder.of(model)
    listener = _Listener(holder, values, free, record)
    program = holder.restricted(values, free, model.is_integer, is_strict=True)
    options = TOLERANCES | {"threads": 1, "random_seed": seed, "mip_rel_gap": gap}
    allowed = record.allow(min(POINTS_SHARE * record.limit, record.left))
    driver = HighsDriver(program, options=options, listener=listener)
    answer = driver.run(time_limit_s=allowed.seconds, work=allowed.work)
    record.charge(answer.work, is_timed_out=answer.is_timed_out)
    if answer.values is not None:
        listener.found(answer.values)
    return record.best_values


@dataclass
class _Listener:
    """Offers the plans of a program of the `free` columns to the record, all others at `values`."""

    holder: Holder
    values: Floats
    free: Ints
    record: Record

    def found(self, values: Floats) -> None:
        """Offer a plan of the whole model."""
        plan, model = self.values.copy(), self.holder.model
        plan[self.free] = np.where(model.is_integer[self.free], np.round(values), values)
        if holds(self.holder, plan):
            self.record.offer_plan(plan, float(model.cost @ plan), POINTS_STAGE)

    def proved(self, bound: float) -> None:
        """Pass over a bound: it holds only with the later facilities as they are."""

    def stops(self) -> bool:
        """Say whether time is up."""
        return self.record.is_out_of_time()
