"""Sentences that more than one output shows: how the solve ended, what becomes of facilities, what periods mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from siting.instance import Instance, Stages
from siting.language import Label, listed, text
from siting.language.quantities import quantity
from siting.plan import Plan, Solution, Status, site_actions
from siting.results.record import GoalFigure


def ending_label(status: Status) -> Label:
    """Return how a solve ended."""
    return text(f"results.ending.{status}")


def closing_sentence(solution: Solution, goals: Sequence[GoalFigure] = ()) -> Label:
    """Return how the solve ended: what was optimised, what is proven about it, and the gap in per cent and in CNY."""
    how = {"ending": ending_label(solution.status), "seconds": solution.seconds}
    if goals:
        is_mean, cost = len(solution.plans) > 1, quantity(solution.cost_cny, "CNY/yr")
        optimised = text("results.closing.mean" if is_mean else "results.closing.in_order")
        reached = listed(_goal_label(goal) for goal in goals)
        return text("results.closing.goals", **how, how=optimised, goals=reached, cost=cost)
    cost_cny, bound_cny = solution.cost_cny, solution.bound_cny
    proven = text("results.closing.unproven")
    if math.isfinite(bound_cny):
        above_cny, percent = max(0.0, cost_cny - bound_cny), 100 * solution.gap
        proven = text("results.closing.proven", bound=bound_cny, percent=percent, above=above_cny)
    return text("results.closing.cost", **how, cost=cost_cny, proven=proven)


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
    """Return what becomes of the facilities that stand today, and how many come."""
    action = site_actions(instance, plan)
    kept, upgraded, closed, built = (int((action == one).sum()) for one in ("keep", "upgrade", "close", "build"))
    counts = {"kept": kept, "upgraded": upgraded, "closed": closed, "built": built}
    return text("results.facilities_today", today=kept + upgraded + closed, **counts)


def period_sentence(stages: Stages, costs_cny: Sequence[float]) -> Label:
    """Return what the cost of several years or cases means; `costs_cny` are those of each."""
    names = [str(name) for name in stages.name]
    if stages.is_robust:
        return text("results.periods.dearest", number=len(names), dearest=names[int(np.argmax(costs_cny))])
    rows = zip(names, costs_cny, stages.weight.tolist(), strict=True)
    costs = listed(_period_label(name, cost_cny, weight) for name, cost_cny, weight in rows)
    return text("results.periods.years" if stages.is_nested else "results.periods.cases", listed=costs)


def _period_label(name: str, cost_cny: float, weight: float) -> Label:
    cost = quantity(cost_cny, "CNY/yr")
    without_unit = Label(cost.en.removesuffix(" a year"), cost.zh)
    return text("results.periods.one", name=name, cost=without_unit, share=quantity(weight, "share"))


def shown_sentence(stages: Stages) -> Label:
    """Return which of several years or cases a single picture shows."""
    return text(f"results.periods.shown_{'year' if stages.is_nested else 'case'}", name=str(stages.name[-1]))
