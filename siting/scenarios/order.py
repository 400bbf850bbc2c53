"""Scenarios whose plan is also a plan of others: it reaches all that they ask for, and nothing else differs."""

from __future__ import annotations

from collections.abc import Iterable

from siting.results.sweep.outcome import Outcome

LEAST_GAIN = 1e-5
"""Share of its cost by which a plan must be dearer than another to be looked for again."""


def cheapest_that_serves(one: Outcome, others: Iterable[Outcome]) -> Outcome | None:
    """Return the cheapest other scenario whose plan costs less than that of `one` and reaches all of its targets."""
    limit = one.cost_cny * (1 - LEAST_GAIN)
    found = [other for other in others if other.has_plan and other.cost_cny < limit and serves(other, one)]
    return min(found, key=lambda other: (other.cost_cny, other.name), default=None) if one.has_plan else None


def serves(known: Outcome, asked: Outcome) -> bool:
    """Return whether the plan of one scenario is one of another: they differ in values of targets that it reaches."""
    reached = {target.key: target.reached for target in known.targets}
    return _without_values(known) == _without_values(asked) and all(
        target.key in reached and target.is_reached_by(reached[target.key]) for target in asked.targets
    )


def _without_values(one: Outcome) -> dict[str, str]:
    """Return the changes of a scenario by key, but those of the values that targets ask for."""
    return {change.key: repr(change.now) for change in one.changes if not _is_value(change.key)}


def _is_value(key: str) -> bool:
    return key.startswith("targets.") and key.endswith((".at_least", ".at_most"))
