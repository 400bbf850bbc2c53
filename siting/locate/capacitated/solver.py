"""Solve a problem with capacities by the engine that suits it.

Nodes that may be shared between sites are flows: Lagrangian bound, annealing, and branch and bound. Nodes that go to
one site each, or have no demand, take the planning model; where there are many arcs, the shared solution first selects
the sites that matter.
"""

from __future__ import annotations

import dataclasses
import time

import numpy as np

from siting.errors import InfeasibleError, OutOfTimeError
from siting.locate.capacitated.branch_and_bound import Solved, compile_ahead, solve_stages
from siting.locate.capacitated.facilities import FREE, MUST, NEVER, Stages, facilities, no_plants
from siting.locate.capacitated.multipliers import ruled_out
from siting.locate.capacitated.planning_model import solve_planning_model
from siting.locate.capacitated.problem import Capacitated, Flows, require_capacity, solution_of
from siting.locate.capacitated.spanning_tree import flows
from siting.locate.solution import Limits, Located

SIFTED_ARCS = 15_000
"""Number of arcs from which the shared solution first selects sites for whole nodes."""
EXACT_ARCS = 50_000
"""Maximum number of remaining arcs for which the second phase is started."""
PHASE_SHARE = 0.4
"""Share of the time left for each of the first two phases."""


def solve_capacitated(problem: Capacitated, limits: Limits) -> Located:
    """Return the best plan and its bound.

    Raises
    ------
    InfeasibleError
        If there is no plan.
    OutOfTimeError
        If the time limit came before any plan.
    """
    require_capacity(problem)
    if not (problem.demand > 0).all() or (problem.is_whole and len(problem.arcs.site) < SIFTED_ARCS):
        return solve_planning_model(problem, limits)
    begun = time.monotonic()
    compile_ahead()  # once on a machine, 10 to 20 s, which do not count
    waited_s = time.monotonic() - begun
    limits = Limits(limits.started + waited_s, limits.deadline + waited_s, limits.gap)
    return _solve_whole(problem, limits) if problem.is_whole else _solve_shared(problem, limits)


def _solve_shared(problem: Capacitated, limits: Limits) -> Located:
    """Solve a problem whose nodes may be shared between sites."""
    solved = _solve_stages(_stages(problem), limits)
    found = Flows(*flows(solved.plan.tree))
    found = found._replace(share=found.share / problem.demand[found.node])
    sites = problem.rules.is_fixed.copy()
    sites[found.site] = True
    if problem.plants is None:
        found = found._replace(supplied=found.supplied[:0], plant=found.plant[:0], amount=found.amount[:0])
    plants = np.zeros(0 if problem.plants is None else len(problem.plants.opening), dtype=bool)
    plants[found.plant] = True
    return solution_of(problem, found, limits, sites=sites, plants=plants, bound=solved.bound)


def _solve_whole(problem: Capacitated, limits: Limits) -> Located:
    """Solve a large single-source problem: with the sites of the shared solution, then all that may be open."""
    stages = _stages(problem)
    solved = _solve_stages(stages, _first_phase(limits))
    try:
        best = solve_planning_model(problem.only(solved.plan.tree.sites), _first_phase(limits))
    except (InfeasibleError, OutOfTimeError):  # whole nodes may need other sites
        best = solve_planning_model(problem, limits)
        return _with_bound(best, max(best.bound, solved.bound), limits)
    bound = solved.bound
    left = ruled_out(stages, solved.prices, best.value * (1 + 1e-9))[0] != NEVER
    if best.value - bound > limits.gap * best.value and left.sum() * problem.arcs.n_nodes <= EXACT_ARCS:
        try:
            rest = solve_planning_model(problem.only(left), limits)
            bound = max(bound, min(rest.bound, best.value))
            best = min(best, rest, key=lambda one: one.value)
        except InfeasibleError:
            bound = best.value
        except OutOfTimeError:
            pass
    return _with_bound(best, bound, limits)


def _first_phase(limits: Limits) -> Limits:
    return dataclasses.replace(limits, deadline=time.monotonic() + PHASE_SHARE * limits.left_s)


def _with_bound(best: Located, bound: float, limits: Limits) -> Located:
    bound = min(bound, best.value)
    seconds = time.monotonic() - limits.started
    return dataclasses.replace(best, bound=bound, status=limits.status(best.value, bound), seconds=seconds)


def _solve_stages(stages: Stages, limits: Limits) -> Solved:
    solved = solve_stages(stages, gap=limits.gap, deadline=limits.deadline)
    if np.isnan(solved.plan.cost):
        raise OutOfTimeError("no plan within the time limit; allow more time")
    if not np.isfinite(solved.plan.cost):
        raise InfeasibleError("the sites in reach of some nodes cannot hold their demand; allow more")
    return solved


def _stages(problem: Capacitated) -> Stages:
    """Return the problem as arrays for compiled code."""
    demand, arcs, rules = np.array(problem.demand), problem.arcs, problem.rules
    total = float(demand.sum())
    by_unit = dataclasses.replace(arcs, cost=arcs.cost / demand[arcs.node])
    rule = np.where(rules.is_fixed, MUST, np.where(rules.is_forbidden, NEVER, FREE))
    sites = facilities(by_unit, problem.opening, problem.capacity, rule, total)
    if problem.plants is None:
        return Stages(demand, sites, no_plants(arcs.n_sites, total), False)
    upper = problem.plants
    plants = facilities(upper.arcs, upper.opening, upper.capacity, np.full(len(upper.opening), FREE), total)
    return Stages(demand, sites, plants, True)
