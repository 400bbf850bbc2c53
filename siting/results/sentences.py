"""Sentences that more than one output shows: how the solve ended, what becomes of facilities, what periods mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from siting.instance import Instance, Stages
from siting.language import Label, listed, text
from siting.language.quantities import quantity
from siting.plan import OPTIMAL_GAP, Plan, Solution, Status, relative_gap, site_actions
from siting.results.record import GoalFigure
from siting.verify import Verification

LEAST_PENALTY_CNY = 0.5


def ending_label(status: Status) -> Label:
    """Return a sentence on the end of a solve."""
    return text(f"results.ending.{status}")


def closing_sentence(solution: Solution, goals: Sequence[GoalFigure] = (), *, penalty_cny: float = 0.0) -> Label:
    """Return sentences on the end of a solve: the objective, its proven bound, and the gap in per cent and in CNY.

    A cost that holds penalties of missed targets, `penalty_cny` a year, is told without them too: nobody pays them.
    """
    how = {"ending": ending_label(solution.status), "seconds": solution.seconds}
    if goals:
        is_mean, cost = len(solution.plans) > 1, quantity(solution.cost_cny - penalty_cny, "CNY/yr")
        optimised = text("results.closing.mean" if is_mean else "results.closing.in_order")
        reached = listed(_goal_label(goal) for goal in goals)
        return text("results.closing.goals", **how, how=optimised, goals=reached, cost=cost)
    cost_cny, bound_cny = solution.cost_cny, solution.bound_cny
    proven = _proven(solution) if math.isfinite(bound_cny) else text("results.closing.unproven")
    word = word_sentence(solution)
    if penalty_cny > LEAST_PENALTY_CNY:
        paid = {"paid": cost_cny - penalty_cny, "penalty": penalty_cny}
        return text("results.closing.with_penalty", **how, **paid, cost=cost_cny, proven=proven, word=word)
    return text("results.closing.cost", **how, cost=cost_cny, proven=proven, word=word)


def _proven(solution: Solution) -> Label:
    """Return sentences on both gaps; that of the costs a plan decides comes first if the floor is large."""
    gap = {
        "bound": solution.bound_cny,
        "percent": 100 * solution.gap,
        "above": max(0.0, solution.cost_cny - solution.bound_cny),
    }
    if not solution.floor_cny > 0 or solution.gap <= OPTIMAL_GAP:
        return text("results.closing.proven", **gap)
    rest = {
        "floor": solution.floor_cny,
        "decidable": solution.decidable_cny,
        "rest": 100 * solution.decidable_gap,
    }
    if solution.gap_flatters:
        return text("results.closing.decidable", **gap, **rest)
    return text("results.closing.of_rest", proven=text("results.closing.proven", **gap), **rest)


def word_sentence(solution: Solution) -> Label:
    """Return whose word the bound is: that of stored multipliers, or the solver's; empty where there is no bound."""
    if not math.isfinite(solution.bound):
        return Label("", "")
    if solution.is_proven:
        return text("results.word.proven")
    if not (math.isfinite(solution.proven) and math.isfinite(solution.bound_cny)):
        return text("results.word.solver")
    return text("results.word.both", proven=solution.proven, gap=100 * relative_gap(solution.value, solution.proven))


def _goal_label(goal: GoalFigure) -> Label:
    unit = goal.measure.unit
    return text(
        f"results.closing.{'maximised' if goal.is_maximised else 'minimised'}",
        name=goal.measure.record.label,
        within="" if goal.within_m is None else text("results.closing.within", metres=goal.within_m),
        value=quantity(goal.value, unit),
        bound=quantity(goal.bound, unit),
    )


def action_sentence(instance: Instance, plan: Plan) -> Label:
    """Return a sentence on the existing facilities by action, and on the number of new ones."""
    action = site_actions(instance, plan)
    kept, upgraded, closed, built = (int((action == one).sum()) for one in ("keep", "upgrade", "close", "build"))
    counts = {"kept": kept, "upgraded": upgraded, "closed": closed, "built": built}
    return text("results.facilities_today", today=kept + upgraded + closed, **counts)


def period_sentence(stages: Stages, verifications: Sequence[Verification]) -> Label:
    """Return sentences on the cost of several years or cases together, and on that of each without penalties."""
    names = [str(name) for name in stages.name]
    if stages.is_robust:
        return text(
            "results.periods.dearest",
            number=len(names),
            dearest=names[int(np.argmax([one.cost_cny for one in verifications]))],
        )
    rows = zip(names, [one.paid_cny for one in verifications], stages.weight.tolist(), strict=True)
    costs = listed(_period_label(name, cost_cny, weight) for name, cost_cny, weight in rows)
    return text("results.periods.years" if stages.is_nested else "results.periods.cases", listed=costs)


def _period_label(name: str, cost_cny: float, weight: float) -> Label:
    cost = quantity(cost_cny, "CNY/yr")
    without_unit = Label(cost.en.removesuffix(" a year"), cost.zh)
    return text("results.periods.one", name=name, cost=without_unit, share=quantity(weight, "share"))


def shown_sentence(stages: Stages) -> Label:
    """Return which of several years or cases a single picture shows."""
    return text(f"results.periods.shown_{'year' if stages.is_nested else 'case'}", name=str(stages.name[-1]))
