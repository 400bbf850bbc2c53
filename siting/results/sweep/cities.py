"""A sweep over cities: what each plan makes of its city, and all together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from siting.results.sweep.outcome import Outcome
from siting.results.sweep.sweep import Sweep


@dataclass(frozen=True)
class CitySums:
    """Sums over the cities that have a plan; money in CNY a year, tonnes a year."""

    cities: int
    residents: float
    cost_cny: float
    bound_cny: float
    collected_t: float
    opened: dict[str, float]
    seconds: float


def with_place(sweep: Sweep) -> list[Outcome]:
    """Return the outcomes whose plan tells where its city lies, the most populous first."""
    placed = [one for one in sweep.outcomes if one.has_plan and one.place is not None]
    return sorted(placed, key=lambda one: -one.figures["residents"])


def sums_of(outcomes: Iterable[Outcome]) -> CitySums:
    """Return the sums over outcomes with a plan."""
    plans = list(outcomes)
    opened: dict[str, float] = {}
    for one in plans:
        for key, number in one.figures.items():
            if key.startswith("open_"):
                opened[key] = opened.get(key, 0.0) + number
    names = ("residents", "cost_cny", "bound_cny", "collected_t", "seconds")
    residents, cost, bound, collected, seconds = (sum(one.figures[name] for one in plans) for name in names)
    return CitySums(len(plans), residents, cost, bound, collected, opened, seconds)
