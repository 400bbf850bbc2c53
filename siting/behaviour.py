"""Residents who walk to their nearest open point, wherever the plan assigns them, and what comes of it downstream.

near[i]       minimum of distance[w] over walks w of i to usable points                    m
walked[w]     assign[w] where distance[w] <= near[i] + tolerance                           share of the cell
              + what is left of 1, on the shortest walk of i (ties: the first site)
haul[l,m]     (due[s,m] − disposed[s,m]) × planned share of link l in what s sends on      t a year, l from site s
disposed      due × planned share, at most the limit where the rest can be hauled          t a year

Whoever is assigned to a point that is as near as the nearest, within the tolerance, stays there; all others with a
usable point in reach go to the nearest, also those whom the plan assigns to none. A point is usable where it is open
and all that it is brought can go on from it. Each site sends on what it gets in the proportions of the plan; where the
plan sends nothing of a material, over the shortest link to an open site that takes it. Capacities are not enforced:
what exceeds them is a result.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints
from siting.plan import Plan, built_capacity_t, open_option_of_site
from siting.verify.tonnage import sum_by
from siting.vocabulary import Echelon

SAME_WALK_M = 1.0
"""Points whose walks differ by less are equally near, where residents may not choose among several."""
LEAST_T = 1e-6


class WalkTo(enum.StrEnum):
    """Point that residents walk to: the one that the plan assigns, or the nearest that is open."""

    ASSIGNED = "assigned"
    NEAREST = "nearest"


@dataclass(frozen=True)
class Ways:
    """Shares in which the open sites of a plan send their throughput on.

    `takes` (n_sites, n_materials): whether a site is open, accepts a material and can send on all that it becomes.
    `haul` (n_haul, n_materials): share of each link in what its tail hauls on; `disposed` (n_disposals,): share of each
    row in what leaves its site, haul and disposal together.
    """

    open_option: Ints
    takes: Bools
    haul: Floats
    disposed: Floats


def ways_of(instance: Instance, plan: Plan) -> Ways:
    """Return the ways of a plan onward, last echelons first."""
    haul, options, disposals = instance.haul, instance.options, instance.disposals
    opened, becomes = open_option_of_site(instance, plan), instance.passed_on() > 0
    hauled_t = sum_by(haul.tail, plan.haul_t, instance.n_sites)
    at = (options.site[disposals.option], disposals.material)
    leaving_t = hauled_t.copy()
    np.add.at(leaving_t, at, plan.disposed_t)
    shares, takes = _ratio(plan.haul_t, hauled_t[haul.tail]), np.zeros(leaving_t.shape, dtype=bool)
    for echelon in sorted(Echelon, reverse=True):
        link = np.flatnonzero((instance.sites.echelon == echelon)[haul.tail] & (opened[haul.tail] >= 0))
        sends = leaving_t > LEAST_T
        for material in range(instance.n_materials):
            way = _shortest(instance, link[takes[haul.head[link], material]])
            new = way[hauled_t[haul.tail[way], material] <= LEAST_T]
            shares[new, material] = 1.0
            sends[haul.tail[way], material] = True
        here = np.flatnonzero((instance.sites.echelon == echelon) & (opened >= 0))
        stuck = np.einsum("smp,sp->sm", becomes[options.type[opened[here]]], ~sends[here])
        takes[here] = options.accepts[opened[here]] & ~stuck
    return Ways(opened, takes, shares, _ratio(plan.disposed_t, leaving_t[at]))


def _shortest(instance: Instance, link: Ints) -> Ints:
    """Return the shortest of the haul links from each tail; ties: the first."""
    order = link[np.lexsort((instance.haul.distance_m[link], instance.haul.tail[link]))]
    return np.asarray(order[np.unique(instance.haul.tail[order], return_index=True)[1]])


def usable_walks(instance: Instance, ways: Ways) -> Bools:
    """Return the walks to open points that can take all that they are brought, (n_walks,)."""
    walks = instance.walks
    refused = (instance.brought_t() > 0) & ~ways.takes[walks.site]
    return np.asarray((ways.open_option[walks.site] >= 0) & ~refused.any(axis=1))


def near_enough_m(instance: Instance) -> float:
    """Return the tolerance of the instance, m: a point this much farther than the nearest is used as well."""
    return max(SAME_WALK_M, instance.assignment_tolerance_m if instance.assigns_nearest else 0.0)


def goes_past_nearer(instance: Instance, plan: Plan) -> Bools:
    """Return the walks longer than the shortest usable one of their cell and the tolerance, (n_walks,)."""
    return _is_longer(instance, usable_walks(instance, ways_of(instance, plan)), near_enough_m(instance))


def _is_longer(instance: Instance, usable: Bools, tolerance_m: float) -> Bools:
    walks, near_m = instance.walks, np.full(instance.n_demand, np.inf)
    np.minimum.at(near_m, walks.demand[usable], walks.distance_m[usable])
    return np.asarray(walks.distance_m > near_m[walks.demand] + tolerance_m)


def nearest_assignment(instance: Instance, plan: Plan, *, ways: Ways, tolerance_m: float | None = None) -> Floats:
    """Return the share of each cell on each walk where residents walk to the nearest open point, (n_walks,).

    They sum to 1 over the walks of a household with a usable point in reach. `tolerance_m` None: that of the instance.
    """
    walks, usable = instance.walks, usable_walks(instance, ways)
    tolerance_m = near_enough_m(instance) if tolerance_m is None else tolerance_m
    stays = np.where(usable & ~_is_longer(instance, usable, tolerance_m), plan.assign, 0.0)
    row = np.flatnonzero(usable)
    order = row[np.lexsort((walks.site[row], walks.distance_m[row], walks.demand[row]))]
    cell, first = np.unique(walks.demand[order], return_index=True)
    left = 1.0 - sum_by(walks.demand, stays, instance.n_demand)[cell]
    stays[order[first]] += np.where(left > LEAST_T, left, 0.0)
    return np.asarray(stays)


def send_on(instance: Instance, plan: Plan, *, ways: Ways) -> Plan:
    """Return `plan` with the flows between sites that its walks and direct flows cause along `ways`.

    The tonnes are those of `instance`, which may be of another year than the ways.
    """
    haul, disposals, options = instance.haul, instance.disposals, instance.options
    inflow_t = sum_by(instance.walks.site, instance.brought_t() * plan.assign[:, None], instance.n_sites)
    inflow_t += sum_by(instance.direct.head, plan.direct_t, instance.n_sites)
    haul_t, disposed_t = np.zeros(ways.haul.shape), np.zeros(len(disposals.option))
    passed, disposed_at = instance.passed_on(), options.site[disposals.option]
    is_hauled = sum_by(haul.tail, ways.haul, instance.n_sites) > 0
    for echelon in Echelon:
        here = np.flatnonzero((instance.sites.echelon == echelon) & (ways.open_option >= 0))
        due_t = np.zeros_like(inflow_t)
        due_t[here] = np.einsum("sm,smp->sp", inflow_t[here], passed[options.type[ways.open_option[here]]])
        row = np.flatnonzero(instance.sites.echelon[disposed_at] == echelon)
        at = (disposed_at[row], disposals.material[row])
        most_t = np.where(is_hauled[at], disposals.limit_t[row], np.inf)
        disposed_t[row] = np.minimum(due_t[at] * ways.disposed[row], most_t)
        np.subtract.at(due_t, at, disposed_t[row])
        link = np.flatnonzero(instance.sites.echelon[haul.tail] == echelon)
        haul_t[link] = due_t[haul.tail[link]] * ways.haul[link]
        inflow_t += sum_by(haul.head[link], haul_t[link], instance.n_sites)
    return replace(plan, haul_t=haul_t, disposed_t=disposed_t)


def walk_to_nearest(instance: Instance, plan: Plan) -> Plan:
    """Return the plan as it is used where residents walk to the nearest open point; it may exceed capacities."""
    ways = ways_of(instance, plan)
    return send_on(instance, replace(plan, assign=nearest_assignment(instance, plan, ways=ways)), ways=ways)


def held_t(instance: Instance, plan: Plan) -> Floats:
    """Return the maximum load of each site in a year that its peak allows, t, (n_sites,); 0 if closed.

    That is its capacity, with what it is extended by, over its peak factor. The reserve of `max_load_share` counts.
    """
    most_t, opened = np.zeros(instance.n_sites), plan.is_open
    most_t[instance.options.site[opened]] = (built_capacity_t(instance, plan) / instance.options.peak_factor)[opened]
    return most_t


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, 0 where the whole is nothing."""
    return np.asarray(np.divide(part, whole, out=np.zeros(part.shape), where=whole > LEAST_T))
