"""Facility location with capacities: CFLP, single-source CFLP, and the two-stage CFLP.

Where nodes may be shared between sites, prices, annealing and branch and bound solve them as flows. Where each node
goes to one site they are plans of the model as it stands: nodes are cells, sites are points of one size, and prices
only look first for the sites that matter. The cost of every plan is taken again from the caller's own figures.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from siting.errors import DataError, InfeasibleError, OutOfTimeError
from siting.locate.arcs import Arcs, as_arcs
from siting.locate.arguments import SiteRules, by_place, refuse_unreachable, site_rules
from siting.locate.capacitated.branch_and_bound import Solved, compile_ahead, solve_stages
from siting.locate.capacitated.facilities import FREE, MUST, NEVER, Stages, facilities, no_plants
from siting.locate.capacitated.figures import Figures, How, Used, located, only
from siting.locate.capacitated.multipliers import ruled_out
from siting.locate.capacitated.planning_model import solved_as_model
from siting.locate.capacitated.spanning_tree import flows
from siting.locate.solution import Located, status_of

SIFTED_ARCS = 15_000
"""From so many arcs on, prices look first for the sites that matter to whole nodes."""
EXACT_ARCS = 50_000
"""With more arcs than this left, the rest is not begun."""


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
        As in `p_median`. The time limit is for solving: machine code that a new machine compiles once is not counted.

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
    figures = Figures(
        demand=by_place(demand, arcs.node_id, "demand"),
        opening=by_place(opening_cost, arcs.site_id, "opening cost"),
        capacity=by_place(capacity, arcs.site_id, "capacity"),
    )
    kept = _checked(arcs, rules, figures)
    name = "SSCFLP" if single_source else "CFLP"
    return _best(kept, rules, figures, How(name, unit, started, gap, started + time_limit_s))


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
    figures = Figures(
        demand=by_place(demand, arcs.node_id, "demand"),
        opening=by_place(opening_cost, arcs.site_id, "opening cost"),
        capacity=by_place(capacity, arcs.site_id, "capacity"),
        upper=upper,
        plant_opening=by_place(plants.opening_cost, upper.site_id, "opening cost of plants"),
        plant_capacity=by_place(plants.capacity, upper.site_id, "capacity of plants"),
    )
    kept = _checked(arcs, rules, figures)
    return _best(kept, rules, figures, How("TSCFLP", unit, started, gap, started + time_limit_s))


def _checked(arcs: Arcs, rules: SiteRules, figures: Figures) -> Arcs:
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


def _best(kept: Arcs, rules: SiteRules, figures: Figures, how: How) -> Located:
    """The plan of the way that suits: flows need demand at every node, and share nodes between sites."""
    if not (figures.demand > 0).all():
        return solved_as_model(kept, rules, figures, how)
    if how.problem == "SSCFLP":
        is_small = len(kept.site) < SIFTED_ARCS
        return solved_as_model(kept, rules, figures, how) if is_small else _sifted(kept, rules, figures, _ready(how))
    return _shared_plan(kept, rules, figures, _ready(how))


def _ready(how: How) -> How:
    """Machine code is made ready while the clock stands still: it is compiled once on a machine, in 10 to 20 s."""
    begun = time.monotonic()
    compile_ahead()
    waited_s = time.monotonic() - begun
    return how._replace(started=how.started + waited_s, deadline=how.deadline + waited_s)


def _shared_plan(kept: Arcs, rules: SiteRules, figures: Figures, how: How) -> Located:
    """The best plan with nodes shared between sites."""
    solved = _shared(_stages(kept, rules, figures), how)
    used = Used(*flows(solved.plan.tree))
    used = used._replace(share=used.share / figures.demand[used.node])
    sites = rules.is_fixed.copy()
    sites[used.site] = True
    plants = np.zeros(0 if figures.upper is None else figures.upper.n_sites, dtype=bool)
    if figures.upper is None:
        used = used._replace(supplied=used.supplied[:0], plant=used.plant[:0], amount=used.amount[:0])
    plants[used.plant] = True
    return located(kept, figures, how, used=used, opened=(sites, plants), bound=solved.bound)


def _sifted(kept: Arcs, rules: SiteRules, figures: Figures, how: How) -> Located:
    """Whole nodes where there are many arcs: the sites of the best plan that shares them, then all that may be open."""
    now = time.monotonic()
    stages = _stages(kept, rules, figures)
    solved = _shared(stages, how._replace(deadline=now + 0.4 * (how.deadline - now)))
    now = time.monotonic()
    soon = how._replace(deadline=now + 0.4 * (how.deadline - now))
    try:
        best = solved_as_model(*only(kept, rules, solved.plan.tree.sites), figures, soon)
    except (InfeasibleError, OutOfTimeError):  # whole nodes may need other sites
        best = solved_as_model(kept, rules, figures, how)
        return _settled(best, max(best.bound, solved.bound), how)
    bound = solved.bound
    left = ruled_out(stages, solved.prices, best.value * (1 + 1e-9))[0] != NEVER
    if best.value - bound > how.gap * best.value and left.sum() * kept.n_nodes <= EXACT_ARCS:
        try:
            rest = solved_as_model(*only(kept, rules, left), figures, how)
            bound = max(bound, min(rest.bound, best.value))
            best = min(best, rest, key=lambda one: one.value)
        except InfeasibleError:
            bound = best.value
        except OutOfTimeError:
            pass
    return _settled(best, bound, how)


def _settled(best: Located, bound: float, how: How) -> Located:
    """The best plan with the best bound."""
    bound = min(bound, best.value)
    status = status_of(best.value, bound, how.gap)
    return dataclasses.replace(best, bound=bound, status=status, seconds=time.monotonic() - how.started)


def _shared(stages: Stages, how: How) -> Solved:
    """Its flows.

    Raises
    ------
    InfeasibleError, OutOfTimeError
        If there is no plan, or none was found in time.
    """
    solved = solve_stages(stages, gap=how.gap, deadline=how.deadline)
    if np.isnan(solved.plan.cost):
        raise OutOfTimeError("no plan within the time limit; allow more time")
    if not np.isfinite(solved.plan.cost):
        raise InfeasibleError("the sites in reach of some nodes cannot hold their demand; allow more")
    return solved


def _stages(kept: Arcs, rules: SiteRules, figures: Figures) -> Stages:
    """The problem as arrays for compiled code."""
    demand = np.array(figures.demand)
    total = float(demand.sum())
    by_unit = dataclasses.replace(kept, cost=kept.cost / demand[kept.node])
    rule = np.where(rules.is_fixed, MUST, np.where(rules.is_forbidden, NEVER, FREE))
    sites = facilities(by_unit, figures.opening, figures.capacity, rule, total)
    if figures.upper is None or figures.plant_opening is None or figures.plant_capacity is None:
        return Stages(demand, sites, no_plants(kept.n_sites, total), False)
    free = np.full(figures.upper.n_sites, FREE)
    plants = facilities(figures.upper, figures.plant_opening, figures.plant_capacity, free, total)
    return Stages(demand, sites, plants, True)
