"""Budgets that stand in the way of a plan: what the other targets need, and what the budget buys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from siting.explain.elastic import LARGE_COLUMNS, answer_of, without_rows
from siting.explain.wording import name_counted, value_to_set, write_value
from siting.instance import Instance, Ints, Target
from siting.model.linear import LinearModel
from siting.model.target_rows import row_units
from siting.vocabulary import Measure

BOUGHT = (Measure.COVERAGE, Measure.SERVED, Measure.COLLECTED, Measure.PROCESSED, Measure.CAPACITY, Measure.COUNT)
"""Measures of which a budget is said to buy so much, those that matter most to residents first."""
MOST_BOUGHT = 3
TOLERANCE = 1e-6


@dataclass(frozen=True)
class _Extreme:
    """The least or most that a row reaches: by a plan (nan: none was found) and, proven, by any."""

    by_plan: float
    by_any: float

    @property
    def is_exact(self) -> bool:
        """Return whether the plan reaches the bound."""
        return abs(self.by_plan - self.by_any) <= TOLERANCE * max(1.0, abs(self.by_any))


@dataclass(frozen=True)
class Budgeted:
    """The model of an instance, its hard targets with their rows, and the seconds that a solve may take."""

    instance: Instance
    model: LinearModel
    targets: Sequence[Target]
    rows: Ints
    seconds: Callable[[], float]

    def extreme(self, number: int, dropped: Sequence[int]) -> _Extreme | None:
        """Return how far target `number` goes with the others kept but for those dropped; None: not known in time.

        A large model is relaxed: then nothing is known of a plan.
        """
        target, row = self.targets[number], int(self.rows[number])
        kept = without_rows(self.model, self.rows[[number, *dropped]])
        terms = self.model.matrix[[row]].toarray().ravel()
        sign = -1.0 if target.is_at_least else 1.0
        is_linear = self.model.n_columns > LARGE_COLUMNS
        found = answer_of(replace(kept, cost=sign * terms), is_linear=is_linear, time_limit_s=self.seconds())
        if not np.isfinite(found.bound) and not found.is_optimal:
            return None
        unit = sign / row_units(self.instance, target)
        bound = found.cost if found.is_optimal else found.bound
        by_plan = np.nan if is_linear or found.values is None else found.cost
        return _Extreme(by_plan * unit, bound * unit)


def is_budget(target: Target) -> bool:
    """Return whether a target is an upper limit on money."""
    return not target.is_at_least and target.measure.unit.startswith("CNY")


def budget_answers(case: Budgeted, in_conflict: Sequence[int]) -> Iterator[str]:
    """Yield, of each budget among the targets in conflict, what the others need and what the budget buys."""
    bought = [n for n in in_conflict if case.targets[n].is_at_least and case.targets[n].measure in BOUGHT]
    bought.sort(key=lambda n: BOUGHT.index(case.targets[n].measure))
    for number in in_conflict:
        if is_budget(case.targets[number]):
            yield from _answers(case, number, bought)


def _answers(case: Budgeted, number: int, bought: Sequence[int]) -> Iterator[str]:
    budget, instance = case.targets[number], case.instance
    counted, asked = name_counted(instance, budget), write_value(budget, budget.asked)
    needed = case.extreme(number, ())
    if needed is not None:
        amount = needed.by_plan if needed.is_exact else needed.by_any
        at_least = "" if needed.is_exact else "at least "
        yield (
            f"{budget.unit}: the other targets need {at_least}{write_value(budget, amount)} of {counted}; target"
            f" {budget.id} allows {asked}: raise it to {value_to_set(budget, amount)}, or lower what it has to pay for"
        )
    for one in bought[:MOST_BOUGHT]:
        target, found = case.targets[one], case.extreme(one, [other for other in bought if other != one])
        if found is not None:
            yield f"{target.unit}: {asked} of {counted} ({budget.id}) {_buys(instance, target, found)}"


def _buys(instance: Instance, target: Target, found: _Extreme) -> str:
    """Return what a budget buys of the target, where it has that to pay for and nothing else of the conflict."""
    counted = name_counted(instance, target)
    of = counted if target.measure.record.is_number else f"of {counted}"
    has_plan = not np.isnan(found.by_plan)
    value = max(0.0, found.by_plan if has_plan else found.by_any)  # no -0.0
    if found.is_exact and value <= TOLERANCE * target.asked:
        return (
            f"buys nothing of target {target.id}, {write_value(target, target.asked)}: the facilities that the first"
            " of it needs cost more; raise the budget"
        )
    proof = "" if found.is_exact or not has_plan else f" (no plan has more than {write_value(target, found.by_any)})"
    verb = "buys" if has_plan else "buys at most"
    return (
        f"{verb} {write_value(target, value)} {of}{proof}; target {target.id} asks {write_value(target, target.asked)}:"
        f" lower it to {value_to_set(target, value)}"
    )
