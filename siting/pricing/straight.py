"""The last year of a roll-out planned alone: what the milestones before it cost there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from siting.errors import ConfigError, OutOfTimeError
from siting.instance import Floats, Instance
from siting.plan import Plan, Solution
from siting.pricing.difference import Difference, Known, difference
from siting.pricing.solved import Solved
from siting.solve.solve import solve
from siting.solve.start import Start
from siting.verify import require_valid, verify
from siting.vocabulary import Measure

SAME_CNY = 1.0
"""Plans that differ by less cost the same, CNY a year."""


@dataclass(frozen=True)
class Straight:
    """The last year alone, with the plan of the roll-out in it, and the best plan found.

    `values` (n_columns of `solved.whole`,) is that plan; None where none is cheaper. `gap` is by how much the plan of
    the roll-out costs more in that year than the cheapest of the year alone, CNY a year.
    """

    solved: Solved
    values: Floats | None
    known: Known
    gap: Difference


def last_year_alone(instance: Instance) -> Instance:
    """Return the last year of a roll-out as a problem of its own, without limits on investment.

    A limit on investment concerns what opens in a year, and alone all opens in the last. Without it each plan of the
    roll-out is, in its last year, a plan of this problem.

    Raises
    ------
    ConfigError
        If there is one year only.
    """
    if instance.stages is None or not instance.stages.is_nested:
        raise ConfigError("straight: the run plans one year; ask one that plans several (`horizon.years`)")
    last = instance.at_stage(instance.n_stages - 1)
    return replace(last, targets=tuple(one for one in last.targets if one.measure is not Measure.INVESTMENT))


def price_straight(instance: Instance, plans: tuple[Plan, ...], **settings: Any) -> Straight:
    """Return by how much the last of `plans`, one for each year, costs more than a network for that year alone.

    `settings` are those of `solve`.

    Raises
    ------
    ConfigError
        If there is one year only, or the objective is no cost.
    """
    last = last_year_alone(instance)
    own = verify(last, plans[-1])
    require_valid(own, claimed_cost_cny=own.cost_cny)
    found = _solved(last, plans[-1], settings)
    solved = Solved.of(last, replace(found, plans=plans[-1:], cost_cny=own.cost_cny))
    is_cheaper = found.cost_cny < own.cost_cny - SAME_CNY
    known = Known(min(found.cost_cny, own.cost_cny), found.bound_cny)
    gap = difference(known, Known(own.cost_cny, own.cost_cny), is_harder=True)
    values = solved.whole.values_of(found.plans) if is_cheaper else None
    return Straight(solved, values, known, gap)


def _solved(last: Instance, plan: Plan, settings: dict[str, Any]) -> Solution:
    """Return what a solve that starts from `plan` finds."""
    try:
        return solve(last, start=Start(last, (plan,)), **settings)
    except OutOfTimeError as error:
        raise OutOfTimeError("straight: no bound of the last year in time; raise --time-limit") from error
