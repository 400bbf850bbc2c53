"""Several goals in order of importance, the longest walk as a goal, and the front between two goals."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Floats, Instance, Target
from siting.plan import Plan, Solution, Status
from siting.solve.solve import solve
from siting.vocabulary import Measure

USED = 1e-6
"""A smaller share of a cell is not assigned: rounding of solvers."""
ROUNDING = 1e-6
"""Share by which a later goal may worsen an earlier one beyond the allowance: rounding of solvers."""


@dataclass(frozen=True)
class Reached:
    """How far one goal could go: its best `value` and proven `bound`, in the unit of its measure."""

    goal: Target
    value: float
    bound: float
    give_up: float


@dataclass(frozen=True)
class Outcome:
    """The last solution, the instance it solves (earlier goals are targets of it), and what each goal reached."""

    instance: Instance
    solution: Solution
    reached: tuple[Reached, ...]


def solve_goals(
    instance: Instance, goals: Sequence[tuple[Target, float]], *, time_limit_s: float, **how: Any
) -> Outcome:
    """Optimise one goal after the other; each is held at its best value, less what it may give up, from then on.

    `goals` are (goal, share that later goals may give up); none stands for least cost. The time limit is for all.

    Raises
    ------
    InfeasibleError, OutOfTimeError, SolverError
        As `siting.solve.solve.solve`.
    """
    if not goals:
        return Outcome(instance, solve(instance, time_limit_s=time_limit_s, **how), ())
    ends_at = time.monotonic() + time_limit_s
    reached: list[Reached] = []
    current = instance
    solution: Solution | None = None
    for number, (goal, give_up) in enumerate(goals):
        held = tuple(held_at(one.goal, one.value, one.give_up) for one in reached)
        current = dataclasses.replace(instance, targets=(*instance.targets, *held), objective=objective_of(goal))
        seconds = max(1.0, (ends_at - time.monotonic()) / (len(goals) - number))
        if goal.measure is Measure.WORST_WALK:
            current, solution = _least_worst_walk(current, goal, time_limit_s=seconds, **how)
        else:
            solution = solve(current, time_limit_s=seconds, **how)
        if how.get("start") is not None:
            how["start"] = solution.plans
        reached.append(Reached(goal, solution.value, solution.bound, give_up))
    assert solution is not None
    return Outcome(current, solution, tuple(reached))


def objective_of(goal: Target) -> Target | None:
    """The objective of an instance that optimises `goal`: none for cost, nor for the longest walk, a row by itself."""
    return None if goal.measure in (Measure.COST, Measure.WORST_WALK) else goal


def held_at(goal: Target, value: float, give_up: float) -> Target:
    """The target that keeps a goal at `value`, less the share that may be given up."""
    slack = (give_up + ROUNDING) * max(abs(value), 1e-3)
    return dataclasses.replace(
        goal, id=f"{goal.id}-held", value=value - slack if goal.is_at_least else value + slack, source="an earlier goal"
    )


def _least_worst_walk(
    instance: Instance, goal: Target, *, time_limit_s: float, **how: Any
) -> tuple[Instance, Solution]:
    """The least longest walk that any plan has, by halving the distances that occur.

    Each step asks for the cheapest plan with no longer walk; that there is none proves that the bound is the next
    distance (Minieka 1970, The m-center problem, by covering). Where time ends the halving, the bound says so.
    """
    distances = _distances(instance, goal)
    ends_at = time.monotonic() + time_limit_s
    low, high = 0, len(distances) - 1  # the least value that may be possible, the greatest that matters
    steps = max(1, math.ceil(math.log2(len(distances) + 1)))
    best: tuple[Instance, Solution] | None = None
    while low <= high:
        middle = (low + high) // 2 if best is not None else high
        seconds = max(1.0, (ends_at - time.monotonic()) / max(1, steps))
        asked = dataclasses.replace(instance, targets=(*instance.targets, held_at(goal, distances[middle], 0.0)))
        try:
            best = asked, solve(asked, time_limit_s=seconds, **how)
            high = int(np.searchsorted(distances, _longest(asked, goal, best[1].plan))) - 1
        except InfeasibleError:
            if best is None:
                raise
            low = middle + 1
        steps -= 1
        if time.monotonic() > ends_at:
            break
    assert best is not None
    asked, solution = best
    value = _longest(asked, goal, solution.plan)
    bound = float(distances[min(low, len(distances) - 1)])
    is_proven = bound >= value
    return asked, dataclasses.replace(
        solution,
        value=value,
        bound=min(bound, value),
        bound_cny=-math.inf,
        certificate=None,
        status=Status.OPTIMAL if is_proven else Status.TIME_LIMIT,
    )


def _longest(instance: Instance, goal: Target, plan: Plan) -> float:
    """The longest walk of the unit's residents in a plan, m."""
    walks = instance.walks
    counted = goal.in_unit_demand & (instance.demand.residents > 0)
    used = counted[walks.demand] & (plan.assign > USED)
    return float(walks.distance_m[used].max(initial=0.0))


def _distances(instance: Instance, goal: Target) -> Floats:
    """The distances that residents of the unit could walk, ascending, 0 first."""
    walks = instance.walks
    counted = goal.in_unit_demand & (instance.demand.residents > 0)
    return np.unique(np.append(walks.distance_m[counted[walks.demand]], 0.0))


@dataclass(frozen=True)
class FrontPoint:
    """One plan of a front: what it reaches of both goals, the bound on the first, and how its solve ended."""

    first: float
    second: float
    first_bound: float
    gap: float
    status: Status
    solution: Solution


def front(
    instance: Instance, goals: tuple[Target, Target], *, points: int, time_limit_s: float, **how: Any
) -> list[FrontPoint]:
    """Plans between the best of the first goal and the best of the second (ε-constraint; Haimes et al. 1971).

    The ends are the best of one goal that is best in the other too; between them the second goal is asked for in equal
    steps and the first optimised. `time_limit_s` is for each solve; levels without a plan by then are left out, and so
    are points that another beats in both.
    """
    first, second = goals
    ends = [
        solve_goals(instance, [(one, 0.0), (other, 0.0)], time_limit_s=2 * time_limit_s, **how)
        for one, other in ((first, second), (second, first))
    ]
    best_first, at_first = ends[0].reached[0], ends[0].reached[1].value
    best_second, at_second = ends[1].reached[0], ends[1].reached[1]
    ended = ends[0].solution
    found = [FrontPoint(best_first.value, at_first, best_first.bound, _gap(best_first), ended.status, ended)]
    for level in np.linspace(at_first, best_second.value, points)[1:-1]:
        held = dataclasses.replace(instance, targets=(*instance.targets, held_at(second, float(level), 0.0)))
        try:
            solution = solve_goals(held, [(first, 0.0)], time_limit_s=time_limit_s, **how).solution
        except OutOfTimeError:
            continue
        found.append(FrontPoint(solution.value, float(level), solution.bound, solution.gap, solution.status, solution))
    last = ends[1].solution
    found.append(FrontPoint(at_second.value, best_second.value, at_second.bound, _gap(at_second), last.status, last))
    return _unbeaten(found, first, second)


def _gap(one: Reached) -> float:
    return abs(one.value - one.bound) / max(abs(one.value), 1e-9)


def _unbeaten(points: list[FrontPoint], first: Target, second: Target) -> list[FrontPoint]:
    def worth(point: FrontPoint) -> tuple[float, float]:
        return (
            point.first if first.is_at_least else -point.first,
            point.second if second.is_at_least else -point.second,
        )

    def beats(one: FrontPoint, other: FrontPoint) -> bool:
        (a, b), (c, d) = worth(one), worth(other)
        return a >= c and b >= d and (a > c or b > d)

    return [point for point in points if not any(beats(other, point) for other in points)]
