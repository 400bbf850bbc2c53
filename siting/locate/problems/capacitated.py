"""Facility location with capacities: CFLP, single-source CFLP, and the two-stage CFLP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from siting.errors import DataError, InfeasibleError, raise_faults
from siting.instance import Floats
from siting.locate.arcs import SHOWN, as_arcs
from siting.locate.arguments import SiteRules, by_place, site_rules
from siting.locate.capacitated.solver import Capacitated, PlantStage, solve_capacitated
from siting.locate.solution import Limits, Located


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
    limits = Limits.start(time_limit_s, gap)
    arcs = as_arcs(cost)
    needs, holds = by_place(demand, arcs.node_id, "demand"), by_place(capacity, arcs.site_id, "capacity")
    rules = _with_room(site_rules(arcs, fixed, forbidden), holds)
    problem = Capacitated(
        name="SSCFLP" if single_source else "CFLP",
        unit=unit,
        arcs=arcs.keep(~rules.is_forbidden[arcs.site] & (holds[arcs.site] > 0)),
        rules=rules,
        demand=needs,
        opening=by_place(opening_cost, arcs.site_id, "opening cost"),
        capacity=holds,
    )
    if single_source:
        _refuse_too_large(problem)
    return solve_capacitated(problem, limits)


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
    limits = Limits.start(time_limit_s, gap)
    arcs, upper = as_arcs(cost), as_arcs(plants.unit_cost)
    if upper.n_nodes != arcs.n_sites:
        raise DataError(f"plants: unit costs for {upper.n_nodes} sites of {arcs.n_sites}; give a row for each")
    holds = by_place(capacity, arcs.site_id, "capacity")
    rules = _with_room(site_rules(arcs, fixed, forbidden), holds)
    problem = Capacitated(
        name="TSCFLP",
        unit=unit,
        arcs=arcs.keep(~rules.is_forbidden[arcs.site] & (holds[arcs.site] > 0)),
        rules=rules,
        demand=by_place(demand, arcs.node_id, "demand"),
        opening=by_place(opening_cost, arcs.site_id, "opening cost"),
        capacity=holds,
        plants=PlantStage(
            upper,
            opening=by_place(plants.opening_cost, upper.site_id, "opening cost of plants"),
            capacity=by_place(plants.capacity, upper.site_id, "capacity of plants"),
        ),
    )
    return solve_capacitated(problem, limits)


def _with_room(rules: SiteRules, capacity: Floats) -> SiteRules:
    """Return the rules with sites that hold nothing forbidden, unless they are fixed: to open one serves nobody."""
    return SiteRules(rules.is_fixed, rules.is_forbidden | ((capacity <= 0) & ~rules.is_fixed))


def _refuse_too_large(problem: Capacitated) -> None:
    """Raise an error that lists the nodes whose demand exceeds the capacity of every site in reach.

    Raises
    ------
    InfeasibleError
        If there is one: no site alone can serve it.
    """
    arcs = problem.arcs
    most = np.zeros(arcs.n_nodes)
    np.maximum.at(most, arcs.node, problem.capacity[arcs.site])
    lost = np.flatnonzero((problem.demand > most * (1 + 1e-9)) & (np.diff(arcs.start) > 0))
    raise_faults(
        [
            f"node {arcs.node_id[i]}: needs {problem.demand[i]:,.6g}, and no site that it reaches holds more than"
            f" {most[i]:,.6g}; enlarge one, split the node, or let sites share nodes (without single source)"
            for i in lost[:SHOWN]
        ],
        InfeasibleError,
    )
