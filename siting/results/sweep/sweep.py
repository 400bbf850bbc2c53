"""The outcomes of a sweep: in order of cost, against the first, with the sites of all plans and what a budget buys."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from siting.language import Label
from siting.results.sweep.outcome import Outcome

BASE = "base"
"""Name of the config without changes among its scenarios."""


@dataclass(frozen=True)
class Interval:
    """Difference between the minimum costs of a scenario and of the base, CNY a year.

    `found` is the difference between the two plans; that between the two minima is proven to lie in [`low`, `high`].
    """

    found: float
    low: float
    high: float


@dataclass(frozen=True)
class Rung:
    """One rung of the ladder of budgets: the highest coverage among plans up to a net cost, CNY a year."""

    cost_cny: float
    covered_share: float
    name: str


@dataclass(frozen=True)
class Sweep:
    """Outcomes of the scenarios of a config, in the order in which they were asked for.

    `title`, `city` and `name` are those of the config.
    """

    name: str
    title: Label
    city: Label
    outcomes: tuple[Outcome, ...]

    @property
    def base(self) -> Outcome | None:
        """The config without changes; None where it is not among the scenarios or has no plan."""
        return next((one for one in self.outcomes if one.name == BASE and one.has_plan), None)

    @cached_property
    def is_of_cities(self) -> bool:
        """Return whether the scenarios are of several cities, so that costs and sites cannot be compared."""
        return len({one.place.name for one in self.outcomes if one.place is not None}) > 1

    @cached_property
    def by_cost(self) -> tuple[Outcome, ...]:
        """The cheapest first; those without a plan last."""
        return tuple(sorted(self.outcomes, key=lambda one: (one.cost_cny, one.name)))

    def difference(self, one: Outcome) -> Interval | None:
        """Return the difference in cost of a scenario from the base; None if one of them has no plan."""
        base = self.base
        if base is None or not one.has_plan or one is base or self.is_of_cities:
            return None
        return Interval(one.cost_cny - base.cost_cny, one.bound_cny - base.cost_cny, one.cost_cny - base.bound_cny)

    @cached_property
    def ladder(self) -> tuple[Rung, ...]:
        """Highest coverage for each budget, among plans that differ in their targets alone; empty where one is left."""
        same = sorted(
            (one for one in self.outcomes if one.has_plan and one.changes_targets_only),
            key=lambda one: (one.paid_cny, one.name),
        )
        rungs: list[Rung] = []
        for one in same:
            share = one.figures["covered_share"]
            if not rungs or share > rungs[-1].covered_share:
                rungs.append(Rung(one.paid_cny, share, one.name))
        return tuple(rungs) if len(same) > 1 else ()

    @cached_property
    def site_counts(self) -> dict[str, dict[str, int]]:
        """By echelon and site, the number of plans in which it is open; none of several cities."""
        counts: dict[str, dict[str, int]] = {}
        for one in () if self.is_of_cities else self.outcomes:
            for echelon, ids in one.sites.items():
                for id in ids:
                    of_echelon = counts.setdefault(echelon, {})
                    of_echelon[id] = of_echelon.get(id, 0) + 1
        return counts

    @property
    def n_plans(self) -> int:
        """Number of scenarios with a plan."""
        return sum(one.has_plan for one in self.outcomes)

    @classmethod
    def from_summary(cls, raw: Mapping[str, Any]) -> Sweep:
        """Return the sweep of what `summary` wrote, the cheapest scenario first."""
        outcomes = tuple(Outcome.from_dict(one) for one in raw["scenarios"])
        return cls(raw["name"], Label(**raw["title"]), Label(**raw["city"]), outcomes)

    def table(self) -> pd.DataFrame:
        """Return one row for each scenario, the cheapest first.

        Columns: `scenario`, titles, `ending`, `status`, `changes`, the figures of a plan, and the difference of its
        cost from that of the base (`difference_cny`) with the interval that is proven for the difference of the minima
        (`difference_low_cny`, `difference_high_cny`).
        """
        return pd.DataFrame([dict(self._row(one)) for one in self.by_cost])

    def _row(self, one: Outcome) -> Iterator[tuple[str, Any]]:
        yield from {"scenario": one.name, "title_en": one.title.en, "title_zh": one.title.zh}.items()
        yield from {"ending": str(one.ending), "status": one.status, "message": one.message}.items()
        yield "changes", "; ".join(f"{change.key}: {change.was} → {change.now}" for change in one.changes)
        yield from one.figures.items()
        difference = self.difference(one)
        if difference is not None:
            yield "difference_cny", difference.found
            yield "difference_low_cny", difference.low
            yield "difference_high_cny", difference.high

    def summary(self) -> dict[str, Any]:
        """Return the sweep as JSON has it."""
        base = self.base
        return {
            "name": self.name,
            "title": self.title.as_dict(),
            "city": self.city.as_dict(),
            "base": None if base is None else base.name,
            "scenarios": [one.as_dict() | {"difference_cny": _finite(self.difference(one))} for one in self.by_cost],
            "ladder": [vars(rung) for rung in self.ladder],
            "open_in_all_plans": {
                echelon: sorted(id for id, n in ids.items() if n == self.n_plans)
                for echelon, ids in self.site_counts.items()
            },
        }


def _finite(one: Interval | None) -> dict[str, float | None] | None:
    if one is None:
        return None
    return {name: value if math.isfinite(value) else None for name, value in vars(one).items()}
