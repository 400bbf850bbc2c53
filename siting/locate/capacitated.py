"""Facility location with capacities: CFLP, single-source CFLP, and the two-stage CFLP.

They are plans of the model as they stand: nodes are cells, sites are points of one size, plants are stations. The plan
that `siting.solve` finds is taken apart and its cost taken again from the caller's own figures.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from siting.errors import DataError, InfeasibleError
from siting.instance import LINK_CLASSES, Echelon, Floats, Instance, Links
from siting.locate.arcs import Arcs, as_arcs
from siting.locate.asked import SiteRules, by_place, refuse_unreachable, site_rules
from siting.locate.instances import MEAN_T, TOTAL_CNY, PointSites, point_instance, with_plants
from siting.locate.located import Located, status_of
from siting.plan import Solution
from siting.solve.solve import solve

LEAST_SHARE = 1e-6


@dataclass(frozen=True)
class Plants:
    """The upper stage of a two-stage problem: plants that supply the sites.

    `unit_cost` (n_sites, n_plants) of a unit of demand from plant to site, as in `p_median`; `opening_cost` and
    `capacity` of each plant.
    """

    unit_cost: Any
    opening_cost: Any
    capacity: Any


def cflp(  # noqa: PLR0913 — what a caller may ask
    cost: Any,
    opening_cost: Any,
    demand: Any,
    capacity: Any,
    *,
    single_source: bool = False,
    fixed: Any = None,
    forbidden: Any = None,
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
    unit: str = "cost",
) -> Located:
    """Choose sites with a capacity each so that opening costs and the costs of serving all demand are least.

    Kuehn and Hamburger (1963), A heuristic program for locating warehouses; Sridharan (1995), The capacitated plant
    location problem. With `single_source` each node is served by one site alone (Neebe and Rao 1983).

    Parameters
    ----------
    cost
        Of serving the whole demand of a node from a site, (n_nodes, n_sites), as in `p_median`.
    opening_cost, capacity
        Of each site.
    demand
        Of each node, in the unit of `capacity`; all of it is served.
    single_source
        Whether a node may not be shared between sites.
    fixed, forbidden, time_limit_s, gap, unit
        As in `p_median`.

    Raises
    ------
    DataError
        If a figure cannot be used.
    InfeasibleError
        If a node can reach no site, or the capacities do not suffice.
    OutOfTimeError
        If the time limit came before any plan.

    >>> roomy = cflp([[1.0, 9.0], [9.0, 1.0]], [3.0, 20.0], demand=[5, 5], capacity=[10, 10])
    >>> tight = cflp([[1.0, 9.0], [9.0, 1.0]], [3.0, 20.0], demand=[5, 5], capacity=[8, 10])
    >>> roomy.value, tight.value  # one site: 3 + 1 + 9; two sites: 23 + 1 + 1
    (13.0, 25.0)
    """
    started = time.monotonic()
    arcs = as_arcs(cost)
    rules = site_rules(arcs, fixed, forbidden)
    figures = _Figures(
        demand=by_place(demand, arcs.node_id, "demand"),
        opening=by_place(opening_cost, arcs.site_id, "opening cost"),
        capacity=by_place(capacity, arcs.site_id, "capacity"),
    )
    kept = _checked(arcs, rules, figures)
    instance, scale = _instance(kept, rules, figures, is_whole=single_source)
    solution = solve(instance, engine="exact", time_limit_s=time_limit_s, gap=gap)
    name = "SSCFLP" if single_source else "CFLP"
    return _located(kept, figures, (name, unit, started, gap), (instance, scale, solution))


def tscflp(  # noqa: PLR0913 — what a caller may ask
    cost: Any,
    opening_cost: Any,
    demand: Any,
    capacity: Any,
    plants: Plants,
    *,
    fixed: Any = None,
    forbidden: Any = None,
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
    unit: str = "cost",
) -> Located:
    """Choose plants and sites so that opening both, supplying the sites and serving the nodes cost least.

    Klose (2000), A Lagrangean relax-and-cut approach for the two-stage capacitated facility location problem.

    Parameters
    ----------
    cost, opening_cost, demand, capacity, fixed, forbidden, time_limit_s, gap, unit
        As in `cflp`; the rules are of sites.
    plants
        The upper stage.

    Raises
    ------
    DataError, InfeasibleError, OutOfTimeError
        As in `cflp`.

    >>> upper = Plants(unit_cost=[[1.0], [2.0]], opening_cost=[7.0], capacity=[10])
    >>> found = tscflp([[1.0, 9.0], [9.0, 1.0]], [3.0, 20.0], [5, 5], [10, 10], upper)
    >>> found.value, found.plants.tolist()  # 13 for the site, 7 for the plant, 10 × 1 between them
    (30.0, [0])
    """
    started = time.monotonic()
    arcs, upper = as_arcs(cost), as_arcs(plants.unit_cost)
    if upper.n_nodes != arcs.n_sites:
        raise DataError(f"plants: unit costs for {upper.n_nodes} sites of {arcs.n_sites}; give a row for each")
    rules = site_rules(arcs, fixed, forbidden)
    figures = _Figures(
        demand=by_place(demand, arcs.node_id, "demand"),
        opening=by_place(opening_cost, arcs.site_id, "opening cost"),
        capacity=by_place(capacity, arcs.site_id, "capacity"),
        upper=upper,
        plant_opening=by_place(plants.opening_cost, upper.site_id, "opening cost of plants"),
        plant_capacity=by_place(plants.capacity, upper.site_id, "capacity of plants"),
    )
    kept = _checked(arcs, rules, figures)
    instance, scale = _instance(kept, rules, figures, is_whole=False)
    solution = solve(instance, engine="exact", time_limit_s=time_limit_s, gap=gap)
    return _located(kept, figures, ("TSCFLP", unit, started, gap), (instance, scale, solution))


@dataclass(frozen=True)
class _Figures:
    demand: Floats
    opening: Floats
    capacity: Floats
    upper: Arcs | None = None
    plant_opening: Floats | None = None
    plant_capacity: Floats | None = None

    @property
    def t_per_unit(self) -> float:
        """Tonnes in the instance for a unit of demand."""
        mean = float(self.demand.mean()) if self.demand.size else 0.0
        return MEAN_T / mean if mean > 0 else 1.0


def _checked(arcs: Arcs, rules: SiteRules, figures: _Figures) -> Arcs:
    """Arcs to allowed sites, where they and the capacities can do at all."""
    kept = arcs.keep(~rules.is_forbidden[arcs.site])
    refuse_unreachable(kept, np.ones(arcs.n_nodes, dtype=bool), "allow a site near it, or leave it out")
    rooms = {"sites": figures.capacity[~rules.is_forbidden].sum()}
    if figures.plant_capacity is not None:
        rooms["plants"] = figures.plant_capacity.sum()
    for name, room in rooms.items():
        if room < figures.demand.sum() * (1 - 1e-12):
            raise InfeasibleError(
                f"demand of {figures.demand.sum():g} in all, but the {name} that are allowed hold {room:g}; allow more"
            )
    return kept


def _instance(kept: Arcs, rules: SiteRules, figures: _Figures, *, is_whole: bool) -> tuple[Instance, float]:
    """The instance, and CNY in it for a unit of the caller's cost."""
    t = figures.t_per_unit
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


def _located(
    kept: Arcs, figures: _Figures, how: tuple[str, str, float, float], found: tuple[Instance, float, Solution]
) -> Located:
    """The plan in the caller's terms, its value from the caller's figures."""
    problem, unit, started, gap = how
    instance, scale, solution = found
    plan, bound = solution.plan, solution.bound / scale
    opened = instance.options.site[plan.is_open]
    chosen, plants = opened[opened < kept.n_sites], opened[opened >= kept.n_sites] - kept.n_sites
    used = np.flatnonzero(plan.assign > LEAST_SHARE)
    node, site = kept.node[used], kept.site[used]
    share = plan.assign[used] / np.bincount(node, plan.assign[used], minlength=kept.n_nodes)[node]
    value = float(figures.opening[chosen].sum() + (kept.cost[used] * share).sum())
    link, amount = np.empty(0, dtype=np.int64), np.empty(0)
    if figures.plant_opening is not None:
        link = np.flatnonzero(plan.haul_t[:, 0] > LEAST_SHARE * MEAN_T)
        amount = plan.haul_t[link, 0] / figures.t_per_unit
        unit_cost = instance.haul.distance_m[link] / 1000 * figures.t_per_unit / scale
        value += float(figures.plant_opening[plants].sum() + (unit_cost * amount).sum())
    return Located(
        problem=problem,
        chosen=np.sort(chosen),
        node=node,
        site=site,
        share=share,
        value=value,
        bound=min(bound, value),
        unit=unit,
        status=status_of(value, min(bound, value), gap),
        seconds=time.monotonic() - started,
        node_id=kept.node_id,
        site_id=kept.site_id,
        plants=np.sort(plants),
        link_site=instance.haul.tail[link] if link.size else link,
        link_plant=instance.haul.head[link] - kept.n_sites if link.size else link,
        link_amount=amount,
    )
