"""Facility location with capacities as plans of the model as it stands, by the exact engine: where flows cannot do it.

Nodes are cells, sites are points of one size, plants are stations; a node may be asked to go to one site alone.
"""

from __future__ import annotations

import time

import numpy as np

from siting.instance import Instance, Links
from siting.locate.arcs import Arcs
from siting.locate.arguments import SiteRules
from siting.locate.capacitated.figures import Figures, How, Used, located
from siting.locate.point_instance import MEAN_T, TOTAL_CNY, PointSites, point_instance, with_plants
from siting.locate.solution import Located
from siting.solve.solve import solve
from siting.vocabulary import LINK_CLASSES, Echelon

LEAST_SHARE = 1e-6


def solved_as_model(kept: Arcs, rules: SiteRules, figures: Figures, how: How) -> Located:
    """The plan that the exact engine finds, each node whole where the problem is single-source.

    Raises
    ------
    InfeasibleError
        If there is no plan.
    OutOfTimeError
        If the deadline came before any plan.
    """
    instance, scale = _instance(kept, rules, figures, is_whole=how.problem == "SSCFLP")
    solution = solve(instance, engine="exact", time_limit_s=max(1.0, how.deadline - time.monotonic()), gap=how.gap)
    plan, t = solution.plan, _t_per_unit(figures)
    arcs = np.flatnonzero(plan.assign > LEAST_SHARE)
    none = np.empty(0, dtype=np.int64)
    used = Used(kept.node[arcs], kept.site[arcs], plan.assign[arcs], none, none, np.empty(0))
    if figures.upper is not None:
        link = np.flatnonzero(plan.haul_t[:, 0] > LEAST_SHARE * MEAN_T)
        haul = instance.haul
        used = used._replace(
            supplied=haul.tail[link], plant=haul.head[link] - kept.n_sites, amount=plan.haul_t[link, 0] / t
        )
    is_open = np.zeros(instance.n_sites, dtype=bool)
    is_open[instance.options.site[plan.is_open]] = True
    opened = is_open[: kept.n_sites], is_open[kept.n_sites :]
    return located(kept, figures, how, used=used, opened=opened, bound=solution.bound / scale)


def _t_per_unit(figures: Figures) -> float:
    """Tonnes in the instance for a unit of demand."""
    mean = float(figures.demand.mean()) if figures.demand.size else 0.0
    return MEAN_T / mean if mean > 0 else 1.0


def _instance(kept: Arcs, rules: SiteRules, figures: Figures, *, is_whole: bool) -> tuple[Instance, float]:
    """The instance, and CNY in it for a unit of the caller's cost."""
    t = _t_per_unit(figures)
    served = float(kept.cost[kept.start[:-1]].sum())
    scale = TOTAL_CNY / max(served + float(figures.opening.mean()), 1e-12)
    sites = PointSites(figures.opening * scale, figures.capacity * t, rules.is_fixed, ~rules.is_forbidden)
    instance = point_instance(
        kept, sites, cost_cny=kept.cost * scale, tonnes=figures.demand * t, assigns_whole=is_whole
    )
    if figures.upper is None or figures.plant_opening is None or figures.plant_capacity is None:
        return instance, scale
    none = np.zeros(figures.upper.n_sites, dtype=bool)
    plants = PointSites(
        figures.plant_opening * scale, figures.plant_capacity * t, none, ~none, echelon=Echelon.TRANSFER
    )
    return with_plants(instance, plants, _links(figures.upper, rules, kept.n_sites, scale / t)), scale


def _links(upper: Arcs, rules: SiteRules, n_sites: int, cny_per_t: float) -> Links:
    """Haul from sites to plants; a kilometre costs one CNY a tonne."""
    allowed = upper.keep(~rules.is_forbidden[upper.node])
    link_class = np.full(len(allowed.site), LINK_CLASSES.index("point_to_transfer"))
    nothing = np.zeros_like(link_class)
    return Links(allowed.node, n_sites + allowed.site, allowed.cost * cny_per_t * 1000, link_class, nothing)
