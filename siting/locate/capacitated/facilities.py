"""Plants that supply sites that serve nodes, as arrays for compiled code; facility location with one stage included.

    least Σ_j opening[j] y[j] + Σ_p opening[p] z[p] + Σ_jk unit[j,k] x[j,k] + Σ_pj unit[p,j] s[p,j]
    Σ_j x[j,k] = demand[k]            serve_demand       ∀ node k
    Σ_p s[p,j] = Σ_k x[j,k]           conserve_material  ∀ site j
    Σ_k x[j,k] <= capacity[j] y[j]    within_capacity    ∀ site j
    Σ_j s[p,j] <= capacity[p] z[p]    within_capacity    ∀ plant p
    x[j,k] <= demand[k] y[j], y and z 0 or 1

With one stage there is one plant, open, that costs nothing and holds all demand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import Arcs, as_arcs

MOST_UNITS, MOST_ENTRIES = 8_000, 4_000_000
"""Capacities are counted in whole units, so many of which hold all demand at most; fewer where facilities are many."""
FREE, MUST, NEVER = 0, 1, -1
"""States of a facility in the tree."""


class Facilities(NamedTuple):
    """Facilities of a stage and the arcs from each to what it supplies.

    `opening` and `capacity` (n,), `rule` (n,) one of FREE, MUST, NEVER. `size` (n,) and `need` are capacities and all
    demand in whole units, rounded so that what suffices in truth suffices in units. The arcs of facility f are
    `first[f]` to `first[f + 1]`, to place `head` at `unit` cost, both (n_arcs,).
    """

    opening: Floats
    capacity: Floats
    rule: Ints
    size: Ints
    need: int
    first: Ints
    head: Ints
    unit: Floats


class Stages(NamedTuple):
    """Nodes with `demand` (n_nodes,) > 0, the sites that serve them and the plants that supply those.

    `has_plants` is False where there is one stage only.
    """

    demand: Floats
    sites: Facilities
    plants: Facilities
    has_plants: bool


def facilities(arcs: Arcs, opening: Floats, capacity: Floats, rule: Ints, total: float) -> Facilities:
    """Return the facilities that supply the nodes of `arcs` at its costs a unit, `total` in all."""
    order = np.argsort(arcs.site, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(arcs.site, minlength=arcs.n_sites))])
    opening, capacity = np.array(opening), np.array(capacity)  # compiled code distinguishes writable arrays
    size, need = in_units(capacity, total)
    return Facilities(opening, capacity, rule, size, need, first, arcs.node[order], arcs.cost[order])


def no_plants(n_sites: int, total: float) -> Facilities:
    """Return the one plant of a problem with one stage."""
    return facilities(as_arcs(np.zeros((n_sites, 1))), np.zeros(1), np.array([total]), np.array([MUST]), total)


def in_units(capacity: Floats, total: float) -> tuple[Ints, int]:
    """Return the capacities and all demand in units as large as keep them exact, or else rounded up.

    >>> in_units(np.array([4.0, 6.0]), 9.0), in_units(np.array([0.5]), 0.7)
    ((array([2, 3]), 5), (array([3572]), 5000))
    """
    most = min(MOST_UNITS, max(100, MOST_ENTRIES // max(1, len(capacity))))
    whole = capacity.astype(np.int64)
    unit = float(np.gcd.reduce(whole)) if (whole == capacity).all() and whole.any() else 0.0
    if unit == 0 or total / unit > most:
        unit = max(total, 1e-12) / (0.625 * most)
        return np.floor(capacity / unit * (1 + 1e-12)).astype(np.int64) + 1, int(np.ceil(total / unit * (1 - 1e-12)))
    return np.rint(capacity / unit).astype(np.int64), int(np.ceil(total / unit * (1 - 1e-12)))


def with_rules(stages: Stages, sites: Ints, plants: Ints) -> Stages:
    """Return the same problem with other rules (n_sites,), (n_plants,)."""
    return stages._replace(sites=stages.sites._replace(rule=sites), plants=stages.plants._replace(rule=plants))


def suffices(stages: Stages, sites: Bools, plants: Bools) -> bool:
    """Return whether open sites (n_sites,) and plants (n_plants,) can hold all demand."""
    least = stages.demand.sum() * (1 - 1e-12)
    return bool(stages.sites.capacity[sites].sum() >= least and stages.plants.capacity[plants].sum() >= least)


def topped_up(facilities: Facilities, opens: Bools, total: float) -> Bools:
    """Return `opens` (n,) plus the cheapest others, by opening cost per capacity, until they hold all demand.

    What suffices in rounded units may lack a little.
    """
    opens = opens.copy()
    others = np.flatnonzero(~opens & (facilities.rule != NEVER) & (facilities.capacity > 0))
    for f in others[np.argsort(facilities.opening[others] / facilities.capacity[others], kind="stable")]:
        if facilities.capacity[opens].sum() >= total * (1 - 1e-12):
            break
        opens[f] = True
    return opens
