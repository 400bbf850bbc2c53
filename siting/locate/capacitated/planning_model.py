"""Facility location with capacities on the planning model, by its exact engine: where flows cannot solve it.

Nodes are cells, sites are points of one size, plants are transfer stations; a node may have to go to one site.
"""

from __future__ import annotations

import numpy as np

from siting.instance import Instance, Links
from siting.locate.arcs import Arcs
from siting.locate.arguments import SiteRules
from siting.locate.capacitated.problem import Capacitated, Flows, solution_of
from siting.locate.point_instance import MEAN_T, TOTAL_CNY, PointSites, point_instance, with_plants
from siting.locate.solution import Limits, Located
from siting.solve.solve import solve
from siting.vocabulary import LINK_CLASSES, Echelon

LEAST_SHARE = 1e-6


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
    flows = Flows(
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
    return solution_of(problem, flows, limits, sites=sites, plants=plants, bound=solution.bound / scale)


def _t_per_unit(problem: Capacitated) -> float:
    """Return tonnes in the instance for a unit of demand."""
    mean = float(problem.demand.mean()) if problem.demand.size else 0.0
    return MEAN_T / mean if mean > 0 else 1.0


def _instance(problem: Capacitated) -> tuple[Instance, float]:
    """Return the instance, and CNY in it for a unit of the caller's cost."""
    arcs, rules, t = problem.arcs, problem.rules, _t_per_unit(problem)
    served = float(arcs.cost[arcs.start[:-1]].sum())
    scale = TOTAL_CNY / max(served + float(problem.opening.mean()), 1e-12)
    sites = PointSites(problem.opening * scale, problem.capacity * t, rules.is_fixed, ~rules.is_forbidden)
    tonnes = problem.demand * t
    instance = point_instance(arcs, sites, cost_cny=arcs.cost * scale, tonnes=tonnes, assigns_whole=problem.is_whole)
    if problem.plants is None:
        return instance, scale
    upper = problem.plants
    none = np.zeros(upper.arcs.n_sites, dtype=bool)
    plants = PointSites(upper.opening * scale, upper.capacity * t, none, ~none, echelon=Echelon.TRANSFER)
    return with_plants(instance, plants, _links(upper.arcs, rules, arcs.n_sites, scale / t)), scale


def _links(upper: Arcs, rules: SiteRules, n_sites: int, cny_per_t: float) -> Links:
    """Return haul links from sites to plants; a kilometre costs one CNY a tonne."""
    allowed = upper.keep(~rules.is_forbidden[upper.node])
    link_class = np.full(len(allowed.site), LINK_CLASSES.index("point_to_transfer"))
    nothing = np.zeros_like(link_class)
    return Links(allowed.node, n_sites + allowed.site, allowed.cost * cny_per_t * 1000, link_class, nothing)
