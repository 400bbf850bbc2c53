"""Which scenarios ask for no more than others, so that a cheaper plan of one of these is a plan of theirs too."""

from __future__ import annotations

from collections.abc import Iterable

from siting.results.sweep.outcome import Outcome

LEAST_GAIN = 1e-5
"""Share of its cost by which a plan must be dearer than another to be looked for again."""


def cheapest_that_asks_more(one: Outcome, others: Iterable[Outcome]) -> Outcome | None:
    """Return the cheapest scenario whose plan is cheaper than that of `one` although it asks for at least as much."""
    limit = one.cost_cny * (1 - LEAST_GAIN)
    found = [other for other in others if other.has_plan and other.cost_cny < limit and asks_for_as_much(other, one)]
    return min(found, key=lambda other: (other.cost_cny, other.name), default=None) if one.has_plan else None


def asks_for_as_much(one: Outcome, other: Outcome) -> bool:
    """Return whether `one` differs from `other` at most in targets, of which it asks for as much or more."""
    changes = ({change.key: change for change in outcome.changes} for outcome in (one, other))
    of_one, of_other = changes
    for key in of_one.keys() | of_other.keys():
        ours = of_one[key].now if key in of_one else of_other[key].was
        theirs = of_other[key].now if key in of_other else of_one[key].was
        if ours == theirs:
            continue
        is_target = key.startswith("targets.") and all(type(value) in (int, float) for value in (ours, theirs))
        more = is_target and (
            (key.endswith(".at_least") and ours > theirs) or (key.endswith(".at_most") and ours < theirs)
        )
        if not more:
            return False
    return True
