"""Differences between the least costs of two problems, of which only plans and bounds are known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """Facts about the least cost of a problem, CNY a year: a plan costs `cost_cny`, none less than `bound_cny`.

    `cost_cny` is inf where no plan is known; both are where it is proven that there is none.
    """

    cost_cny: float
    bound_cny: float

    def and_also(self, other: Known) -> Known:
        """Return both facts about one problem together."""
        return Known(min(self.cost_cny, other.cost_cny), max(self.bound_cny, other.bound_cny))

    @property
    def has_no_plan(self) -> bool:
        """Return whether it is proven that there is no plan."""
        return math.isinf(self.bound_cny) and self.bound_cny > 0


@dataclass(frozen=True)
class Difference:
    """By how much the least cost of one problem is above that of another, CNY a year.

    It lies in [`least_cny`, `most_cny`], which is proven: `most_cny` is inf where no plan is known, both are where
    there is none. `plan_cny` is what the plan found costs more than the plan it is made from. `estimate_cny` is by
    multipliers; nan where they say nothing.
    """

    estimate_cny: float
    plan_cny: float
    least_cny: float
    most_cny: float


def difference(
    base: Known, changed: Known, *, is_harder: bool, estimate_cny: float = math.nan, most_cny: float = math.inf
) -> Difference:
    """Return the interval of the minimum cost of `changed` minus that of `base`.

    Parameters
    ----------
    base, changed
        What is known of either problem.
    is_harder
        Whether every plan of `changed` is one of `base` at no higher cost; otherwise the reverse holds.
    estimate_cny
        Estimate by multipliers.
    most_cny
        A limit that is proven otherwise.

    Examples
    --------
    >>> difference(Known(100.0, 98.0), Known(105.0, 101.0), is_harder=True)
    Difference(estimate_cny=nan, plan_cny=5.0, least_cny=1.0, most_cny=7.0)
    """
    if changed.has_no_plan:
        return Difference(math.nan, math.inf, math.inf, math.inf)
    least, most = changed.bound_cny - base.cost_cny, changed.cost_cny - base.bound_cny
    least, most = (max(0.0, least), most) if is_harder else (least, min(0.0, most))
    return Difference(estimate_cny, changed.cost_cny - base.cost_cny, least, min(most, most_cny))


def best_known(base: Known, harder: Iterable[Known]) -> Known:
    """Return what is known of a problem with what harder ones tell: a plan of these is one of its own."""
    return Known(min([base.cost_cny, *(one.cost_cny for one in harder)]), base.bound_cny)
