"""Solve a problem with capacities by the engine that suits it.

Nodes that may be shared between sites are flows: Lagrangian bound, annealing, and branch and bound. Nodes that go to
one site each, or have no demand, take the planning model; where there are many arcs, the shared solution first selects
the sites that matter.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass

import numpy as np

from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Bools, Floats, Instance, Links
from siting.locate.arcs import Arcs
from siting.locate.arguments import SiteRules, refuse_unreachable
from siting.locate.capacitated.branch_and_bound import Solved, compile_ahead, solve_stages
from siting.locate.capacitated.facilities import FREE, MUST, NEVER, Stages, facilities, no_plants
from siting.locate.capacitated.lagrangian import ruled_out
from siting.locate.capacitated.network_simplex import Flows, flows_of
from siting.locate.point_instance import MEAN_T, TOTAL_CNY, point_instance
from siting.locate.solution import Limits, Located
from siting.solve.solve import solve
from siting.vocabulary import LINK_CLASSES

LEAST_SHARE = 1e-6
SIFTED_ARCS = 15_000
"""Number of arcs from which the shared solution first selects sites for whole nodes."""
EXACT_ARCS = 50_000
"""Maximum number of remaining arcs for which the second phase is started."""
PHASE_SHARE = 0.4
"""Share of the time left for each of the first two phases."""


@dataclass(frozen=True)
class PlantStage:
    """Plants: `arcs` from sites, which are its nodes, to plants at the cost of a unit; figures (n_plants,)."""

    arcs: Arcs
    opening: Floats
    capacity: Floats


@dataclass(frozen=True)
class Capacitated:
    """CFLP, SSCFLP (`is_whole`: a node goes to one site) or, with `plants`, TSCFLP.

    `arcs` lead to allowed sites at the cost of a node's whole demand. `demand` (n_nodes,), `opening` and `capacity`
    (n_sites,).
    """

    name: str
    unit: str
    arcs: Arcs
    rules: SiteRules
    demand: Floats
    opening: Floats
    capacity: Floats
    plants: PlantStage | None = None

    @property
    def is_whole(self) -> bool:
        """Return whether each node must go to one site."""
        return self.name == "SSCFLP"

    def only(self, sites: Bools) -> Capacitated:
        """Return the problem in which no other than these sites, (n_sites,), may open."""
        rules = SiteRules(self.rules.is_fixed, self.rules.is_forbidden | ~sites)
        return dataclasses.replace(self, arcs=self.arcs.keep(sites[self.arcs.site]), rules=rules)


def _require_capacity(problem: Capacitated) -> None:
    """Refuse a problem with a node that can reach no site, or less capacity of all sites or plants than demand."""
    refuse_unreachable(problem.arcs, np.ones(problem.arcs.n_nodes, dtype=bool), "allow a site near it, or leave it out")
    rooms = {"sites": problem.capacity[~problem.rules.is_forbidden].sum()}
    if problem.plants is not None:
        rooms["plants"] = problem.plants.capacity.sum()
    demand = problem.demand.sum()
    for name, room in rooms.items():
        if room < demand * (1 - 1e-12):
            allowed = f"the {name} that are allowed hold {room:g}"
            raise InfeasibleError(f"demand of {demand:g} in all, but {allowed}; allow more")


def _solution(
    problem: Capacitated, flows: Flows, limits: Limits, *, sites: Bools, plants: Bools, bound: float
) -> Located:
    """Return a plan with `sites` (n_sites,) and `plants` (n_plants,) open, its value from the caller's figures."""
    arcs = problem.arcs
    share = flows.share / np.bincount(flows.node, flows.share, minlength=arcs.n_nodes)[flows.node]
    value = float(problem.opening[sites].sum() + (arcs.cost_between(flows.node, flows.site) * share).sum())
    if problem.plants is not None:
        supply = problem.plants.arcs.cost_between(flows.supplied, flows.plant) * flows.amount
        value += float(problem.plants.opening[plants].sum() + supply.sum())
    bound = min(bound, value)
    return Located(
        problem=problem.name,
        chosen=np.flatnonzero(sites),
        node=flows.node,
        site=flows.site,
        share=share,
        value=value,
        bound=bound,
        unit=problem.unit,
        status=limits.status(value, bound),
        seconds=time.monotonic() - limits.started,
        node_id=arcs.node_id,
        site_id=arcs.site_id,
        plants=np.flatnonzero(plants),
        link_site=flows.supplied,
        link_plant=flows.plant,
        link_amount=flows.amount,
    )


def solve_planning_model(problem: Capacitated, limits: Limits) -> Located:
    """Return the plan of the exact engine.

    Raises
    ------
    InfeasibleError
        If there is no plan.
    OutOfTimeError
        If the deadline came before any plan.
    """
    instance, scale = _instance(problem)
    n_sites = problem.arcs.n_sites
    solution = solve(instance, engine="exact", time_limit_s=max(1.0, limits.left_s), gap=limits.gap)
    plan, haul = solution.plan, instance.haul
    arc = np.flatnonzero(plan.assign > LEAST_SHARE)
    link = np.flatnonzero(plan.haul_t[:, 0] > LEAST_SHARE * MEAN_T)
    found = Flows(
        problem.arcs.node[arc],
        problem.arcs.site[arc],
        plan.assign[arc],
        haul.tail[link],
        haul.head[link] - n_sites,
        plan.haul_t[link, 0] / _t_per_unit(problem),
    )
    is_open = np.zeros(instance.n_sites, dtype=bool)
    is_open[instance.options.site[plan.is_open]] = True
    sites, plants = is_open[:n_sites], is_open[n_sites:]
    return _solution(problem, found, limits, sites=sites, plants=plants, bound=solution.bound / scale)


def _t_per_unit(problem: Capacitated) -> float:
    """Return tonnes in the instance for a unit of demand."""
    mean = float(problem.demand.mean()) if problem.demand.size else 0.0
    return MEAN_T / mean if mean > 0 else 1.0


def _instance(problem: Capacitated) -> tuple[Instance, float]:
    """Return the instance, and CNY in it for a unit of the caller's cost."""
    arcs, opening, capacity, t = problem.arcs, problem.opening, problem.capacity, _t_per_unit(problem)
    served = float(arcs.cost[arcs.start[:-1]].sum())
    scale = TOTAL_CNY / max(served + float(opening.mean()), 1e-12)
    haul, upper = Links.none(), problem.plants
    if upper is not None:
        allowed = upper.arcs.keep(~problem.rules.is_forbidden[upper.arcs.node])
        link_class = np.full(len(allowed.site), LINK_CLASSES.index("point_to_transfer"))
        metres = allowed.cost * scale / t * 1000  # one CNY per tonne and kilometre
        haul = Links(allowed.node, arcs.n_sites + allowed.site, metres, link_class, np.zeros_like(link_class))
        opening, capacity = np.append(opening, upper.opening), np.append(capacity, upper.capacity)
    instance = point_instance(
        arcs,
        problem.rules,
        opening_cny=opening * scale,
        capacity_t=capacity * t,
        cost_cny=arcs.cost * scale,
        tonnes=problem.demand * t,
        haul=haul,
    )
    return dataclasses.replace(instance, assigns_whole=problem.is_whole), scale


def solve_capacitated(problem: Capacitated, limits: Limits) -> Located:
    """Return the best plan and its bound.

    Raises
    ------
    InfeasibleError
        If there is no plan.
    OutOfTimeError
        If the time limit came before any plan.
    """
    _require_capacity(problem)
    if not (problem.demand > 0).all() or (problem.is_whole and len(problem.arcs.site) < SIFTED_ARCS):
        return solve_planning_model(problem, limits)
    begun = time.monotonic()
    compile_ahead()  # once per machine, 10 to 20 s, not counted
    waited_s = time.monotonic() - begun
    limits = Limits(limits.started + waited_s, limits.deadline + waited_s, limits.gap)
    return _solve_whole(problem, limits) if problem.is_whole else _solve_shared(problem, limits)


def _solve_shared(problem: Capacitated, limits: Limits) -> Located:
    solved = _solve_stages(_stages(problem), limits)
    found = flows_of(solved.plan.tree)
    found = found._replace(share=found.share / problem.demand[found.node])
    sites = problem.rules.is_fixed.copy()
    sites[found.site] = True
    if problem.plants is None:
        found = found._replace(supplied=found.supplied[:0], plant=found.plant[:0], amount=found.amount[:0])
    plants = np.zeros(0 if problem.plants is None else len(problem.plants.opening), dtype=bool)
    plants[found.plant] = True
    return _solution(problem, found, limits, sites=sites, plants=plants, bound=solved.bound)


def _solve_whole(problem: Capacitated, limits: Limits) -> Located:
    """Solve a large single-source problem: with the sites of the shared solution, then all that may be open."""
    stages = _stages(problem)
    solved = _solve_stages(stages, _first_phase(limits))
    try:
        best = solve_planning_model(problem.only(solved.plan.tree.sites), _first_phase(limits))
    except (InfeasibleError, OutOfTimeError):  # single-source nodes may need other sites
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
