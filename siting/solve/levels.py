"""Goals that are reached by plans at levels of them: the longest walk, and in large models all goals but cost.

The city engine looks for cheap plans. Told to reach a level of another goal it goes much further than where it is told
to optimise that goal; how far any plan could go, the bound says.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from siting.certificate import fitted
from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Bools, Instance, Target
from siting.model import build_whole
from siting.plan import Plan, Solution, Status
from siting.solve.links import solve_for_all_links
from siting.solve.purse import Purse
from siting.solve.solve import engine_for
from siting.solve.start import Start
from siting.vocabulary import Measure

USED = 1e-6
"""A smaller share of a cell is not assigned: rounding of solvers."""
ROUNDING = 1e-6
"""Share by which a later goal may worsen an earlier one beyond the allowance: rounding of solvers."""
TRIES = 4
"""Levels that are asked for in a large model, at most."""
FIRST_LEVEL = 0.98
"""Share of the way from the cheapest plan to the bound at which the first of them lies; the next halve what is left."""
ENOUGH = 0.02
"""Share of that way below which what is left is not halved any more."""
BOUND_SHARE = 0.1
"""Share of the limits for the bound."""


def held_at(goal: Target, value: float, give_up: float) -> Target:
    """Return the target that keeps a goal at `value`, less the share that may be given up."""
    slack = (give_up + ROUNDING) * max(abs(value), 1e-3)
    return dataclasses.replace(
        goal, id=f"{goal.id}-held", value=value - slack if goal.is_at_least else value + slack, source="an earlier goal"
    )


def takes_levels(instance: Instance, goal: Target, engine: str) -> bool:
    """Return whether a goal is asked for at levels, as no engine that proves is to solve `instance`."""
    if goal.measure in (Measure.COST, Measure.WORST_WALK):
        return False
    return engine_for(build_whole(instance), engine) == "city"


def best_by_levels(
    instance: Instance, goal: Target, purse: Purse, *, start: Start | None = None, **how: Any
) -> tuple[Instance, Solution]:
    """Return the plan at the highest level of a goal that is found, and its bound on the goal.

    The cheapest plan comes first, then the bound on the goal alone. Each level asks for the cheapest plan that reaches
    it, from the plan of the one before; where none is found, the next level lies half way back. Ctrl-C ends the
    levels, and what was found stays.

    Raises
    ------
    InfeasibleError, OutOfTimeError, SolverError
        As `siting.solve.solve.solve`, if there is no plan even without a level.
    """
    if start is None:
        cheapest, solution = solve_for_all_links(instance, **purse.share(1 / (1 + TRIES)), **how)
        start = Start(cheapest, purse.pay(solution).plans)
    asked = dataclasses.replace(instance, objective=goal)
    how = how | {"multipliers": None}  # those given are of a model with other rows
    _, first = solve_for_all_links(asked.with_links_of(start.instance), start=start, **purse.share(BOUND_SHARE), **how)
    purse.pay(first)
    reached, missed, way = first.value, first.bound, abs(first.bound - first.value)
    level = reached + FIRST_LEVEL * (missed - reached)
    for left in range(TRIES, 0, -1):
        if purse.left <= 0 or not math.isfinite(way) or abs(missed - reached) <= ENOUGH * way:
            break
        held = dataclasses.replace(instance, targets=(*instance.targets, held_at(goal, level, 0.0)))
        limits = purse.share((1 - BOUND_SHARE) / left)
        try:
            known, solution = solve_for_all_links(held.with_links_of(start.instance), start=start, **limits, **how)
            start, reached = Start(known, purse.pay(solution).plans), level
        except (InfeasibleError, OutOfTimeError):
            purse.lose(limits)
            missed = level
        except KeyboardInterrupt:
            purse.stop()
        level = (reached + missed) / 2
    asked = asked.with_links_of(start.instance)
    if first.certificate is not None:
        how["multipliers"] = fitted(first.certificate, build_whole(asked).model)
    known, solution = solve_for_all_links(asked, start=start, **purse.share(1.0), **how)
    solution = purse.all_of(purse.pay(solution))
    return known, dataclasses.replace(solution, status=Status.INTERRUPTED) if purse.is_stopped else solution


def least_worst_walk(instance: Instance, goal: Target, purse: Purse, **how: Any) -> tuple[Instance, Solution]:
    """Minimise the longest walk of a plan by halving the distances that occur.

    Each step asks for the cheapest plan with no longer walk; that there is none proves that the bound is the next
    distance (Minieka 1970, The m-center problem, by covering). Where a limit ends the halving, the bound says so.
    """
    distances = np.unique(np.append(instance.walks.distance_m[_walkers(instance, goal)], 0.0))
    low, high = 0, len(distances) - 1  # the least value that may be possible, the greatest that matters
    steps = max(1, math.ceil(math.log2(len(distances) + 1)))
    best: tuple[Instance, Solution] | None = None
    while low <= high:
        middle = (low + high) // 2 if best is not None else high
        asked = dataclasses.replace(instance, targets=(*instance.targets, held_at(goal, distances[middle], 0.0)))
        try:
            best = solve_for_all_links(asked, **purse.share(1 / max(1, steps)), **how)
            purse.pay(best[1])
            high = int(np.searchsorted(distances, _longest(best[0], goal, best[1].plan))) - 1
        except InfeasibleError:
            if best is None:
                raise
            low = middle + 1
        steps -= 1
        if purse.left <= 0:
            break
    assert best is not None
    asked, solution = best[0], purse.all_of(best[1])
    value = _longest(asked, goal, solution.plan)
    bound = float(distances[min(low, len(distances) - 1)])
    status = Status.OPTIMAL if bound >= value else Status.TIME_LIMIT
    return asked, dataclasses.replace(
        solution,
        value=value,
        bound=min(bound, value),
        bound_cny=-math.inf,
        proven=-math.inf,
        status=Status.INTERRUPTED if purse.is_stopped else status,
    )


def _walkers(instance: Instance, goal: Target) -> Bools:
    """Return whether residents of the unit take each walk, (n_walks,)."""
    return np.asarray((goal.in_unit_demand & (instance.demand.residents > 0))[instance.walks.demand])


def _longest(instance: Instance, goal: Target, plan: Plan) -> float:
    """Return the longest walk of the unit's residents in a plan, m."""
    used = _walkers(instance, goal) & (plan.assign > USED)
    return float(instance.walks.distance_m[used].max(initial=0.0))
