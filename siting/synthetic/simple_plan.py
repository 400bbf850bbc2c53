"""A plan that anybody could make: everyone to the nearest place with room. What it reaches, targets may ask for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints
from siting.plan import Plan
from siting.vocabulary import Echelon


@dataclass(frozen=True)
class Ways:
    """Ways that amounts may take: `tail`, `head`, `metres`, and what a unit weighs, `unit_t`. (n_ways,) each."""

    tail: Ints
    head: Ints
    metres: Floats
    unit_t: Floats


def simple_plan(instance: Instance) -> Plan:
    """The plan: cells, points, stations and generators use the nearest place with room, in the largest size there.

    Centres that would stay below their least load are left closed. Cells offer their materials in one and the same
    mix; types that take only some materials stay closed.
    """
    walks, haul, direct, n_sites = instance.walks, instance.haul, instance.direct, instance.n_sites
    echelon, room = instance.sites.echelon, _room(instance)
    brought_t = instance.brought_t().sum(axis=1)
    cells = np.where(instance.demand.is_household, 1.0, 0.0)
    assign = _pour(cells, room, Ways(walks.demand, walks.site, walks.distance_m, brought_t))
    at_point = _summed(walks.site, assign * brought_t, n_sites)
    moved = _pour(at_point, room, Ways(haul.tail, haul.head, haul.distance_m, np.ones(len(haul.tail))))
    at_station = np.where(echelon == Echelon.TRANSFER, _summed(haul.head, moved, n_sites), 0.0)
    onward, given = _to_centres(instance, room, at_station)
    moved *= _share(_summed(haul.tail, onward, n_sites), at_station)[haul.head]
    assign *= _share(_summed(haul.tail, moved, n_sites), at_point)[walks.site]
    hauled = moved + onward
    load_t = _summed(walks.site, assign * brought_t, n_sites)
    load_t += _summed(haul.head, hauled, n_sites) + _summed(direct.head, given, n_sites)
    mix = _mix(instance.demand.tonnes)
    household = _mix(instance.demand.tonnes[instance.demand.is_household].sum(axis=0, keepdims=True))
    return Plan(
        is_open=_opened(instance, load_t),
        assign=assign,
        direct_t=given[:, None] * mix[direct.tail],
        haul_t=hauled[:, None] * household,
    )


def _room(instance: Instance) -> Floats:
    """The largest capacity at each site among the options that take everything, t a year, (n_sites,)."""
    room = np.zeros(instance.n_sites)
    takes_all = instance.options.accepts.all(axis=1)
    np.maximum.at(room, instance.options.site[takes_all], instance.options.capacity_t[takes_all])
    return room


def _pour(amount: Floats, room: Floats, ways: Ways) -> Floats:
    """Flow on each way, (n_ways,): of each tail's amount first to its nearest head, what has no room to the next."""
    order = np.lexsort((ways.metres, ways.tail))
    rank = np.arange(len(order)) - np.searchsorted(ways.tail[order], ways.tail[order])
    taken = np.zeros(len(order))
    left, free = amount.astype(float), room.astype(float)
    by_rank = order[np.argsort(rank, kind="stable")]
    for way in np.split(by_rank, np.cumsum(np.bincount(rank))[:-1]):
        asked = left[ways.tail[way]]
        asked_t = _summed(ways.head[way], asked * ways.unit_t[way], len(free))
        taken[way] = asked * np.minimum(1.0, _share(free, asked_t))[ways.head[way]]
        left[ways.tail[way]] -= taken[way]
        free = np.maximum(free - _summed(ways.head[way], taken[way] * ways.unit_t[way], len(free)), 0.0)
    return taken


def _to_centres(instance: Instance, room: Floats, at_station: Floats) -> tuple[Floats, Floats]:
    """Tonnes on each haul link from a station, and on each direct link; light centres are closed one round a time."""
    haul, direct, n_sites = instance.haul, instance.direct, instance.n_sites
    offered = np.concatenate([at_station, instance.demand.tonnes.sum(axis=1)])
    ways = Ways(
        tail=np.concatenate([haul.tail, n_sites + direct.tail]),
        head=np.concatenate([haul.head, direct.head]),
        metres=np.concatenate([haul.distance_m, direct.distance_m]),
        unit_t=np.ones(len(haul.tail) + len(direct.tail)),
    )
    room = np.where(instance.sites.echelon == Echelon.SORTING, room, 0.0)
    least = _least_load(instance)
    while True:
        taken = _pour(offered, room, ways)
        light = (room > 0) & (_summed(ways.head, taken, n_sites) < least)
        if not light.any():
            return taken[: len(haul.tail)], taken[len(haul.tail) :]
        room = np.where(light, 0.0, room)


def _least_load(instance: Instance) -> Floats:
    """The smallest least load at each site among the options that take everything, t a year, (n_sites,)."""
    least = np.full(instance.n_sites, np.inf)
    takes_all = instance.options.accepts.all(axis=1)
    np.minimum.at(least, instance.options.site[takes_all], instance.options.min_load_t[takes_all])
    return least


def _opened(instance: Instance, load_t: Floats) -> Bools:
    """The smallest option with the capacity, at each site that is used, (n_options,)."""
    options = instance.options
    fits = options.accepts.all(axis=1) & (load_t[options.site] > 0)
    fits &= options.capacity_t >= load_t[options.site] * (1 - 1e-12)
    order = np.flatnonzero(fits)
    order = order[np.lexsort((options.capacity_t[order], options.site[order]))]
    _, first = np.unique(options.site[order], return_index=True)
    is_open = np.zeros(instance.n_options, dtype=bool)
    is_open[order[first]] = True
    return is_open


def _share(part: Floats, whole: Floats) -> Floats:
    """Share of part in whole; 1 where there is no whole."""
    return np.divide(part, whole, out=np.ones(len(whole)), where=whole > 0)


def _mix(tonnes: Floats) -> Floats:
    """The share of each material in each row, 0 in an empty one."""
    total = tonnes.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(tonnes, total, out=np.zeros(tonnes.shape), where=total > 0))


def _summed(row: Ints, amount: Floats, n: int) -> Floats:
    """The sum of the amounts of each row, (n,)."""
    return np.bincount(row, amount, minlength=n).astype(np.float64)
