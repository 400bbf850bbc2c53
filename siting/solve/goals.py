"""Several goals in order of importance, and the Pareto front between two goals."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from siting.certificate import fitted
from siting.errors import OutOfTimeError
from siting.instance import Floats, Instance, Target
from siting.model import build_whole
from siting.model.target_rows import objective_scale
from siting.plan import Solution, Status, relative_gap
from siting.solve.levels import TRIES, best_by_levels, held_at, least_worst_walk, takes_levels
from siting.solve.links import solve_for_all_links
from siting.solve.purse import Purse
from siting.solve.start import Start
from siting.vocabulary import Measure


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
    instance: Instance,
    goals: Sequence[tuple[Target, float]],
    *,
    time_limit_s: float,
    work: float | None = None,
    **how: Any,
) -> Outcome:
    """Optimise one goal after the other; each is held at its best value, less what it may give up, from then on.

    `goals` are (goal, share that later goals may give up); none stands for least cost. The limits of time and
    work are for all.

    Raises
    ------
    InfeasibleError, OutOfTimeError, SolverError
        As `siting.solve.solve.solve`.
    """
    if not goals:
        return Outcome(*solve_for_all_links(instance, time_limit_s=time_limit_s, work=work, **how), ())
    purse, weights = Purse(time_limit_s, work), _solves(instance, goals, how)
    reached: list[Reached] = []
    current = instance
    solution: Solution | None = None
    is_interrupted = False
    for number, (goal, give_up) in enumerate(goals):
        held = tuple(held_at(one.goal, one.value, one.give_up) for one in reached)
        # cost needs no objective, and the longest walk is a row by itself
        objective = None if goal.measure in (Measure.COST, Measure.WORST_WALK) else goal
        current = dataclasses.replace(instance, targets=(*instance.targets, *held), objective=objective)
        limits = purse.share(weights[number] / sum(weights[number:]))
        if goal.measure is Measure.WORST_WALK:
            current, solution = least_worst_walk(current, goal, Purse(**limits), **how)
        elif weights[number] > 1:
            without = dataclasses.replace(current, objective=None)
            current, solution = best_by_levels(without, goal, Purse(**limits), **how)
        else:
            current, solution = solve_for_all_links(current, **limits, **how)
        instance = instance.with_links_of(current)
        purse.pay(solution)
        how["start"] = Start(current, solution.plans)  # a plan of the next problem too
        how["multipliers"] = None  # they are of a model with other rows
        reached.append(Reached(goal, solution.value, solution.bound, give_up))
        is_interrupted = is_interrupted or solution.status is Status.INTERRUPTED
    assert solution is not None
    if is_interrupted:
        solution = dataclasses.replace(solution, status=Status.INTERRUPTED)
    return Outcome(current, purse.all_of(solution), tuple(reached))


def _solves(instance: Instance, goals: Sequence[tuple[Target, float]], how: Mapping[str, Any]) -> list[int]:
    """Return how many solves each goal takes: several where it is asked for at levels.

    A cost that is held at its least leaves no room for levels.
    """
    is_held = [goal.measure is Measure.COST and give_up == 0 for goal, give_up in goals]
    engine = str(how.get("engine", "auto"))
    return [
        1 + TRIES if not any(is_held[:number]) and takes_levels(instance, goal, engine) else 1
        for number, (goal, _) in enumerate(goals)
    ]


@dataclass(frozen=True)
class FrontPoint:
    """One plan of a front: what it reaches of both goals, the bound on the first, how its solve ended, its outcome.

    `number` counts the levels of the second goal, also those without a plan, from 1: the best of the first goal. Of the
    best of the second goal, `second_bound` is the bound on that; of others it is NaN.
    """

    number: int
    first: float
    second: float
    first_bound: float
    second_bound: float
    gap: float
    status: Status
    solution: Solution
    outcome: Outcome


class PointSolver(Protocol):
    """Solves a point of a front, or knows its outcome from before."""

    def __call__(
        self, number: int, held: Instance, goals: tuple[Target, ...], solve: Callable[[], Outcome], /
    ) -> Outcome:
        """Return the outcome of point `number`: of `goals`, one after the other, on `held`, as `solve` computes it."""


def _solve_anew(_number: int, _held: Instance, _goals: tuple[Target, ...], solve: Callable[[], Outcome]) -> Outcome:
    return solve()


def front(
    instance: Instance,
    goals: tuple[Target, Target],
    *,
    points: int,
    time_limit_s: float,
    work: float | None = None,
    point_solver: PointSolver = _solve_anew,
    **how: Any,
) -> list[FrontPoint]:
    """Compute plans between the best of the first goal and the best of the second (ε-constraint; Haimes et al. 1971).

    The ends are the best of one goal that is best in the other too, the second found from the plan of the first;
    between them the second goal is asked for in equal steps and the first optimised, from the strictest level on, so
    that the plan of a level is a start for the next. A bound on the first goal holds for stricter levels too.
    `time_limit_s` and `work` are for each solve; levels without a plan by then are left out, and so are points that
    another beats in both. `point_solver` is called for each point in turn; what it raises ends the front.
    """
    first, second = goals

    def outcome_of(
        number: int, held: Instance, asked: tuple[Target, ...], before: Outcome | None = None, **begun: Any
    ) -> Outcome:
        if before is not None:
            held = held.with_links_of(before.instance)  # its plan may use links that were added
            begun["start"] = Start(before.instance, before.solution.plans, "front")
        asked_goals = [(goal, 0.0) for goal in asked]
        n = sum(_solves(held, asked_goals, how))
        limits = {"time_limit_s": n * time_limit_s, "work": None if work is None else n * work}
        return point_solver(number, held, asked, lambda: solve_goals(held, asked_goals, **how | begun | limits))

    from_first = outcome_of(1, instance, (first, second))
    from_second = outcome_of(points, instance, (second, first), from_first)
    (best_first, at_first), (best_second, at_second) = from_first.reached, from_second.reached
    found = [_point(1, best_first, at_first.value, from_first)]
    before, inner = from_second, list[FrontPoint]()
    levels = np.linspace(at_first.value, best_second.value, points).tolist()
    for number in range(points - 1, 1, -1):
        level = levels[number - 1]
        held = dataclasses.replace(instance, targets=(*instance.targets, held_at(second, level, 0.0)))
        try:
            before = outcome_of(number, held, (first,), before, multipliers=_prices_of(before, held))
        except OutOfTimeError:
            continue
        inner.append(_point(number, before.reached[0], _reached(before, second, level), before))
    found += reversed(inner)
    found.append(_point(points, at_second, best_second.value, from_second, best_second.bound))
    return _unbeaten(_with_bounds_of_looser(found, first), first, second)


def _prices_of(before: Outcome, held: Instance) -> Floats | None:
    """Return the multipliers of a level for the solve of the next, `held`: the side of one row is other."""
    certificate = before.solution.certificate
    if certificate is None:
        return None
    return fitted(certificate, build_whole(held.with_links_of(before.instance)).model)


def _point(number: int, first: Reached, second: float, outcome: Outcome, second_bound: float = math.nan) -> FrontPoint:
    gap = relative_gap(first.value, first.bound)
    status, solution = outcome.solution.status, outcome.solution
    return FrontPoint(number, first.value, second, first.bound, second_bound, gap, status, solution, outcome)


def _reached(outcome: Outcome, goal: Target, level: float) -> float:
    """Return what a plan reaches of a goal of which it was asked for `level`: of fairness and the longest walk that."""
    if goal.measure is Measure.WORST_WALK or goal.measure.record.counted == "districts":
        return level
    asked = dataclasses.replace(outcome.instance, objective=goal)
    whole = build_whole(asked)
    value = float(whole.model.cost @ whole.values_of(outcome.solution.plans)) * objective_scale(asked)
    return max(level, value) if goal.is_at_least else min(level, value)


def _with_bounds_of_looser(points: list[FrontPoint], first: Target) -> list[FrontPoint]:
    """Return the points, of ever stricter levels, with the best bound of their own and of looser levels."""
    tighter = min if first.is_at_least else max
    bounds = list(itertools.accumulate((point.first_bound for point in points), tighter))
    return [
        dataclasses.replace(point, first_bound=bound, gap=relative_gap(point.first, bound))
        for point, bound in zip(points, bounds, strict=True)
    ]


def _unbeaten(points: list[FrontPoint], first: Target, second: Target) -> list[FrontPoint]:
    """Return the points that no other one beats: no worse in both goals, better in one; of equal ones the first."""
    signs = [1.0 if goal.is_at_least else -1.0 for goal in (first, second)]
    worth = np.array([(point.first, point.second) for point in points]) * signs
    is_beaten = [
        ((worth >= own).all(axis=1) & (worth > own).any(axis=1)).any() or (worth[:number] == own).all(axis=1).any()
        for number, own in enumerate(worth)
    ]
    return [point for point, beaten in zip(points, is_beaten, strict=True) if not beaten]
