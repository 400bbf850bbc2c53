"""The cost of the next step of a target: one more per cent of coverage, one more centre, another 10,000 t."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Floats, Target
from siting.model.linear import MODEL_CNY
from siting.model.target_rows import row_units, rows_of_targets
from siting.pricing.difference import Known
from siting.pricing.near import sites_near
from siting.pricing.replan import is_verified, mend, replan, replan_in_steps
from siting.pricing.solved import Solved
from siting.solve.solve import EXACT_COLUMNS, solve
from siting.solve.start import Start

SHARE_STEP = 0.01
"""A step of a share: one percentage point."""
AMOUNT_STEP = 0.01
"""A step of an amount, about, as a share of its value; it is rounded to 1, 2 or 5 and zeros."""
MOST_SITES = 5, 25, 120
"""So many sites that are open, and as many that are not, are decided anew for a step, one number after the other."""
KEEP_S = 10.0
"""To decide what follows from a plan that is kept as it is."""
LOCAL_SHARE = 0.5
"""Of the time for a step, what deciding the sites near it may take; a solve of the whole has the rest."""


@dataclass(frozen=True)
class PricedTarget:
    """Result of the problem in which one target requires `value` instead of its own value.

    `estimate_cny` is the cost of the change by the multiplier of the target, CNY a year; nan if more than the
    right-hand side of its row changes. `most_cny` is an upper limit from elsewhere: the penalty of missing a soft
    target. `values` (n_columns,) are the best plan found, in the columns of the problem; None if it is not kept.
    `start_cny` is the cost of the plan from which it started, CNY a year.
    """

    target: Target
    value: float
    known: Known
    estimate_cny: float
    most_cny: float
    is_harder: bool
    start_cny: float
    values: Floats | None = None

    @property
    def plan_cny(self) -> float:
        """Cost of the plan found minus that of the plan it started from; at least 0 for a harder target."""
        more = self.known.cost_cny - self.start_cny
        return max(0.0, more) if self.is_harder else more


def default_step(target: Target) -> float:
    """Return the step of a target in its unit, above 0.

    A percentage point of a share, 1 of facilities or vehicles, else a round number near 1 % of the value.
    """
    record = target.measure.record
    if record.is_share:
        return SHARE_STEP
    if record.is_number:
        return 1.0
    return _round(AMOUNT_STEP * abs(target.value)) if target.value else 1.0


def _round(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return float(min((1.0, 2.0, 5.0, 10.0), key=lambda digit: abs(math.log(digit * power / value))) * power)


def next_value(target: Target, step: float | None = None, *, steps: int = 1) -> float | None:
    """Return what a target asks for `steps` steps on, to the side on which it is harder; None where there is no such.

    Examples
    --------
    A coverage of 100 % has no next step.
    """
    record, size = target.measure.record, default_step(target) if step is None else step
    value = target.value + steps * (size if target.is_at_least else -size)
    asked = replace(target, value=value).asked
    if record.is_share and not -1e-9 <= asked <= 1 + 1e-9:
        return None
    if not record.may_be_negative and value < 0:
        return None
    return round(value, 12)


def price_target(
    solved: Solved, target: Target, value: float, *, seconds: float, threads: int = 1, seed: int = 1
) -> PricedTarget:
    """Return what is known of the problem in which `target` asks for `value`, within `seconds` or so.

    The bound is that of the plan's own multipliers on the changed rows, and of a solve of the whole where the model is
    small. The plan comes from the former one: what counts towards the target is decided anew.
    """
    is_harder = value > target.value if target.is_at_least else value < target.value
    changed = solved.with_target(replace(target, value=value))
    kept = replan(changed.whole, changed.values, np.empty(0, dtype=np.int64), time_limit_s=KEEP_S)
    known, best = Known(_verified_cost(changed, kept), changed.bound_cny), kept
    if not (is_harder and math.isfinite(known.cost_cny)):
        found = _replanned(changed, target, seconds=seconds, seed=seed)
        if (cost_cny := _verified_cost(changed, found)) < known.cost_cny:
            known, best = Known(cost_cny, known.bound_cny), found
        if solved.whole.model.n_columns <= EXACT_COLUMNS:
            limits: dict[str, Any] = {"time_limit_s": (1 - LOCAL_SHARE) * seconds, "threads": threads, "seed": seed}
            known = known.and_also(_solved_whole(changed, best, limits))
    estimate_cny, most_cny = _estimate(solved, target, value), _penalty(target, value)
    return PricedTarget(target, value, known, estimate_cny, most_cny, is_harder, solved.known.cost_cny, best)


def _replanned(changed: Solved, target: Target, *, seconds: float, seed: int) -> Floats | None:
    """Return the best plan found (n_columns,) that differs from the former one as the step asks; None if there is none.

    In a city whose residents choose, what opens anywhere moves them: sites near the step cannot be decided apart.
    """
    whole = changed.whole
    is_city = whole.model.n_columns > EXACT_COLUMNS
    if is_city and changed.instance.assigns_nearest and len(whole.parts) == 1:
        return mend(whole, changed.values, changed.multipliers, time_limit_s=seconds, seed=seed)
    steps = sites_near(changed, target, MOST_SITES)
    return replan_in_steps(whole, changed.values, steps, time_limit_s=LOCAL_SHARE * seconds)


def _penalty(target: Target, value: float) -> float:
    """Return the most that a change can cost: what it costs to miss it; inf for a hard target."""
    if target.penalty_cny is None:
        return math.inf
    return max(0.0, target.penalty_cny * (value - target.value) * (1 if target.is_at_least else -1))


def _estimate(solved: Solved, target: Target, value: float) -> float:
    """Return what the multiplier of the target's row says that the change costs, CNY a year, summed over the stages."""
    if target.measure.record.is_ratio:
        return math.nan
    total = 0.0
    for part in solved.whole.parts:
        rows = rows_of_targets(part.instance, replace(solved.whole.model, row_families=part.rows))
        for row, one in zip(rows, part.instance.targets, strict=True):
            if (one.id, one.year) == (target.id, target.year):
                total += float(solved.multipliers[row]) * row_units(part.instance, target)
    return total * (value - target.value) * MODEL_CNY


def _verified_cost(changed: Solved, values: Floats | None) -> float:
    """Return the cost of column values, CNY a year; inf where there are none, or they are no plan."""
    if values is None:
        return math.inf
    cost_cny = changed.cost_of(values)
    return cost_cny if is_verified(changed.instance, changed.whole, values, cost_cny) else math.inf


def _solved_whole(changed: Solved, start: Floats | None, limits: dict[str, Any]) -> Known:
    """Return what a solve of the whole finds out about the changed problem."""
    begun = None if start is None else Start(changed.instance, changed.whole.plans_of(start))
    try:
        found = solve(changed.instance, engine="exact", gap=0.0, start=begun, multipliers=changed.multipliers, **limits)
    except InfeasibleError:
        return Known(math.inf, math.inf)
    except OutOfTimeError:
        return Known(math.inf, -math.inf)
    return Known(found.cost_cny, found.bound_cny)
