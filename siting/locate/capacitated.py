"""Facility location with capacities: CFLP, single-source CFLP, and the two-stage CFLP.

They are plans of the model as they stand: nodes are cells, sites are points of one size, plants are stations. The plan
that `siting.solve` finds is taken apart and its cost taken again from the caller's own figures.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from siting.errors import DataError, InfeasibleError, OutOfTimeError
from siting.instance import LINK_CLASSES, Bools, Echelon, Floats, Instance, Links
from siting.locate.arcs import Arcs, as_arcs, make_arcs
from siting.locate.asked import SiteRules, by_place, refuse_unreachable, site_rules
from siting.locate.capacity_prices import Capacitated, exchanged, may_open, sift
from siting.locate.instances import MEAN_T, TOTAL_CNY, PointSites, point_instance, with_plants
from siting.locate.located import Located, status_of
from siting.model import build_model
from siting.model.linear import MODEL_CNY
from siting.plan import Solution
from siting.solve.relaxation import relax
from siting.solve.solve import solve

SIFTED_ARCS = 15_000
"""From so many arcs on, prices look first for the sites that matter."""
EXACT_ARCS = 50_000
EXACT_S = 20.0
"""With less time than this left, the whole of a large two-stage problem is not begun."""
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
    name = "SSCFLP" if single_source else "CFLP"
    how = (name, unit, started, gap)
    if len(kept.site) >= SIFTED_ARCS:
        return _sifted(kept, rules, figures, how, started + time_limit_s)
    return _solved(kept, rules, figures, how, time_limit_s)


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
    how = ("TSCFLP", unit, started, gap)
    if len(kept.site) < SIFTED_ARCS:
        return _solved(kept, rules, figures, how, time_limit_s)
    first = _by_sites(kept, rules, figures, how, 0.4 * time_limit_s)
    first = _relaxed(first, kept, rules, figures, how, 0.3 * time_limit_s)
    left_s = time_limit_s - (time.monotonic() - started)
    if first.gap <= gap or left_s < EXACT_S:
        return first
    try:
        whole = _solved(kept, rules, figures, how, left_s)
    except OutOfTimeError:
        return _settled(first, first.bound, how)
    best = min(first, whole, key=lambda one: one.value)
    return _settled(best, max(first.bound, whole.bound), how)


def _solved(
    kept: Arcs, rules: SiteRules, figures: _Figures, how: tuple[str, str, float, float], left_s: float
) -> Located:
    """The plan that the exact engine finds."""
    instance, scale = _instance(kept, rules, figures, is_whole=how[0] == "SSCFLP")
    solution = solve(instance, engine="exact", time_limit_s=max(1.0, left_s), gap=how[3])
    return _located(kept, figures, how, (instance, scale, solution))


def _sifted(
    kept: Arcs, rules: SiteRules, figures: _Figures, how: tuple[str, str, float, float], deadline: float
) -> Located:
    """The same where there are many arcs: prices first, then exchanges, then all that prices leave."""
    problem = Capacitated(kept, rules, figures.demand, figures.opening, figures.capacity)
    now = time.monotonic()
    sifted = sift(problem, deadline=now + 0.3 * (deadline - now))
    left_s = deadline - time.monotonic()
    chosen = exchanged(problem, sifted, deadline=time.monotonic() + 0.5 * left_s)
    best = _solved(*_only(kept, rules, chosen), figures, how, 0.3 * left_s)
    bound = sifted.bound
    left = may_open(problem, sifted, best.value)
    left_s = deadline - time.monotonic()
    if best.value - bound > how[3] * best.value and left.sum() * kept.n_nodes <= EXACT_ARCS and left_s > 1:
        try:
            rest = _solved(*_only(kept, rules, left), figures, how, left_s)
            bound = max(bound, min(rest.bound, best.value))
            best = min(best, rest, key=lambda one: one.value)
        except InfeasibleError:
            bound = best.value
        except OutOfTimeError:
            pass
    return _settled(best, bound, how)


def _settled(best: Located, bound: float, how: tuple[str, str, float, float]) -> Located:
    """The best plan with the best bound."""
    bound = min(bound, best.value)
    status = status_of(best.value, bound, how[3])
    return dataclasses.replace(best, bound=bound, status=status, seconds=time.monotonic() - how[2])


def _by_sites(
    kept: Arcs, rules: SiteRules, figures: _Figures, how: tuple[str, str, float, float], left_s: float
) -> Located:
    """A two-stage plan, sites first: as if each unit came from the cheapest plant, which bounds too."""
    started = time.monotonic()
    upper = figures.upper if figures.upper is not None else kept
    nearest = np.where(np.diff(upper.start) > 0, upper.cost[np.minimum(upper.start[:-1], len(upper.cost) - 1)], 0.0)
    supplied = dataclasses.replace(kept, cost=kept.cost + figures.demand[kept.node] * nearest[kept.site])
    arcs = make_arcs(
        supplied.node,
        supplied.site,
        supplied.cost,
        shape=(kept.n_nodes, kept.n_sites),
        ids=(kept.node_id, kept.site_id),
    )
    problem = Capacitated(arcs, rules, figures.demand, figures.opening, figures.capacity)
    sifted = sift(problem, deadline=started + 0.3 * left_s)
    chosen = exchanged(problem, sifted, deadline=started + 0.5 * left_s)
    plan = _solved(*_only(kept, rules, chosen), figures, how, 0.5 * left_s)
    return _settled(plan, sifted.bound + _least_plants(figures), how)


def _least_plants(figures: _Figures) -> float:
    """What plants that hold all demand cost at least to open, shares of plants allowed."""
    if figures.plant_opening is None or figures.plant_capacity is None:
        return 0.0
    rows = np.flatnonzero(figures.plant_capacity > 0)
    order = rows[np.argsort(figures.plant_opening[rows] / figures.plant_capacity[rows], kind="stable")]
    size = figures.plant_capacity[order]
    share = np.clip((figures.demand.sum() - (np.cumsum(size) - size)) / size, 0.0, 1.0)
    return float(share @ figures.plant_opening[order])


def _relaxed(
    best: Located, kept: Arcs, rules: SiteRules, figures: _Figures, how: tuple[str, str, float, float], left_s: float
) -> Located:
    """The plan with the bound of the model's linear relaxation, where that is better and found in time."""
    instance, scale = _instance(kept, rules, figures, is_whole=False)
    model, _ = build_model(instance)
    relaxation = relax(model, time_limit_s=left_s, method="ipm")
    bound = -np.inf if relaxation is None else relaxation.bound * MODEL_CNY / scale
    return _settled(best, max(best.bound, bound), how)


def _only(kept: Arcs, rules: SiteRules, sites: Bools) -> tuple[Arcs, SiteRules]:
    """Arcs and rules where no other than these sites may open, (n_sites,)."""
    return kept.keep(sites[kept.site]), SiteRules(rules.is_fixed, rules.is_forbidden | ~sites)


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
