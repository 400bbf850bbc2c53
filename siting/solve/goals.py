"""Several goals in order of importance, the longest walk as a goal, and the Pareto front between two goals."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Bools, Instance, Target
from siting.plan import Plan, Solution, Status, relative_gap
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
    how["multipliers"] = None  # of a model with other rows
    ends_at = time.monotonic() + time_limit_s
    reached: list[Reached] = []
    current = instance
    solution: Solution | None = None
    for number, (goal, give_up) in enumerate(goals):
        held = tuple(held_at(one.goal, one.value, one.give_up) for one in reached)
        # cost needs no objective, and the longest walk is a row by itself
        objective = None if goal.measure in (Measure.COST, Measure.WORST_WALK) else goal
        current = dataclasses.replace(instance, targets=(*instance.targets, *held), objective=objective)
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


def held_at(goal: Target, value: float, give_up: float) -> Target:
    """Return the target that keeps a goal at `value`, less the share that may be given up."""
    slack = (give_up + ROUNDING) * max(abs(value), 1e-3)
    return dataclasses.replace(
        goal, id=f"{goal.id}-held", value=value - slack if goal.is_at_least else value + slack, source="an earlier goal"
    )


def _least_worst_walk(
    instance: Instance, goal: Target, *, time_limit_s: float, **how: Any
) -> tuple[Instance, Solution]:
    """Minimise the longest walk of a plan by halving the distances that occur.

    Each step asks for the cheapest plan with no longer walk; that there is none proves that the bound is the next
    distance (Minieka 1970, The m-center problem, by covering). Where time ends the halving, the bound says so.
    """
    distances = np.unique(np.append(instance.walks.distance_m[_walkers(instance, goal)], 0.0))
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


def _walkers(instance: Instance, goal: Target) -> Bools:
    """Whether residents of the unit take each walk, (n_walks,)."""
    return np.asarray((goal.in_unit_demand & (instance.demand.residents > 0))[instance.walks.demand])


def _longest(instance: Instance, goal: Target, plan: Plan) -> float:
    """Return the longest walk of the unit's residents in a plan, m."""
    used = _walkers(instance, goal) & (plan.assign > USED)
    return float(instance.walks.distance_m[used].max(initial=0.0))


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
    """Compute plans between the best of the first goal and the best of the second (ε-constraint; Haimes et al. 1971).

    The ends are the best of one goal that is best in the other too; between them the second goal is asked for in equal
    steps and the first optimised. `time_limit_s` is for each solve; levels without a plan by then are left out, and so
    are points that another beats in both.
    """
    first, second = goals
    from_first, from_second = (
        solve_goals(instance, [(one, 0.0), (other, 0.0)], time_limit_s=2 * time_limit_s, **how)
        for one, other in ((first, second), (second, first))
    )
    (best_first, at_first), (best_second, at_second) = from_first.reached, from_second.reached
    found = [_point(best_first, at_first.value, from_first.solution)]
    for level in np.linspace(at_first.value, best_second.value, points)[1:-1].tolist():
        held = dataclasses.replace(instance, targets=(*instance.targets, held_at(second, level, 0.0)))
        try:
            outcome = solve_goals(held, [(first, 0.0)], time_limit_s=time_limit_s, **how)
        except OutOfTimeError:
            continue
        found.append(_point(outcome.reached[0], level, outcome.solution))
    found.append(_point(at_second, best_second.value, from_second.solution))
    return _unbeaten(found, first, second)


def _point(first: Reached, second: float, solution: Solution) -> FrontPoint:
    gap = relative_gap(first.value, first.bound)
    return FrontPoint(first.value, second, first.bound, gap, solution.status, solution)


def _unbeaten(points: list[FrontPoint], first: Target, second: Target) -> list[FrontPoint]:
    """Return the points that no other one beats: no worse in both goals, better in one."""
    signs = [1.0 if goal.is_at_least else -1.0 for goal in (first, second)]
    worth = np.array([(point.first, point.second) for point in points]) * signs
    is_beaten = [((worth >= own).all(axis=1) & (worth > own).any(axis=1)).any() for own in worth]
    return [point for point, beaten in zip(points, is_beaten, strict=True) if not beaten]
