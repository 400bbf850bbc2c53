"""Targets for a made-up city, of the kind that Tianjin has, none beyond what a simple plan reaches.

The simple plan is one that anybody could make: everyone to the nearest place with room.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints, Target
from siting.plan import Plan, collected_t, site_inflow_t
from siting.vocabulary import Echelon, Measure

SOURCE = "synthetic: made up by siting.synthetic"
COVERAGE = ((500.0, 0.65, 0.50), (1_000.0, 0.85, 0.80))
"""Within so many metres: share of the city's residents, and of each district's."""
SPARE = 0.95
"""Targets ask for this share of what the simple plan reaches, at most."""
REACHED = 0.9
"""And of the residents that all candidates together could cover: no policy asks for every one of them to open."""
POINTS_SHARE, CENTRES_SHARE, COLLECTED_SHARE = 0.25, 0.31, 0.35


def targets_of(instance: Instance) -> tuple[Target, ...]:
    """Return points, centres, tonnes processed and collected, and coverage of the city and of each district."""
    plan, demand = simple_plan(instance), instance.demand
    opened = np.bincount(instance.option_echelon()[plan.is_open], minlength=len(Echelon))
    candidates = np.bincount(instance.sites.echelon, minlength=len(Echelon))
    is_sorting = instance.sites.echelon == Echelon.SORTING
    processed_t = SPARE * float(site_inflow_t(instance, plan)[is_sorting].sum())
    households_t = float(demand.tonnes[demand.is_household].sum())
    collected = min(COLLECTED_SHARE * households_t, SPARE * float(collected_t(instance, plan).sum()))
    targets = [
        _target(instance, Measure.COUNT, float(min(np.floor(share * candidates[e]), opened[e])), echelon=e)
        for e, share in ((Echelon.POINT, POINTS_SHARE), (Echelon.SORTING, CENTRES_SHARE))
    ]
    targets.append(_target(instance, Measure.PROCESSED, processed_t))
    targets.append(
        dataclasses.replace(_target(instance, Measure.COLLECTED, collected), in_unit_demand=demand.is_household)
    )
    for within_m, of_city, of_district in COVERAGE:
        near = np.where(instance.walks.distance_m <= within_m, plan.assign, 0.0)
        covered = np.bincount(instance.walks.demand, near, minlength=instance.n_demand) * demand.residents
        for district, nominal in [(None, of_city), *((d, of_district) for d in range(len(instance.districts)))]:
            here = np.full(instance.n_demand, True) if district is None else demand.district == district
            reached = float(covered[here].sum() / max(1.0, demand.residents[here].sum()))
            value = min(nominal, REACHED * reached)
            targets.append(_target(instance, Measure.COVERAGE, value, district=district, within_m=within_m))
    return tuple(target for target in targets if target.value > 0)


def _target(
    instance: Instance,
    measure: Measure,
    value: float,
    *,
    district: int | None = None,
    echelon: Echelon | None = None,
    within_m: float | None = None,
) -> Target:
    """Return an at-least target of a district, of the city where it is None."""
    whole = instance.hard_target(measure, value, is_at_least=True)
    name = "city" if district is None else str(instance.districts[district])
    detail = ("" if echelon is None else f"-{echelon.key}") + ("" if within_m is None else f"-{within_m:.0f}m")
    named = dataclasses.replace(
        whole,
        id=f"{name}-{measure}{detail}",
        unit=name,
        echelon=echelon,
        within_m=within_m,
        source=SOURCE,
        responsible="synthetic",
    )
    if district is None:
        return named
    in_demand, in_sites = instance.demand.district == district, instance.sites.district == district
    return dataclasses.replace(named, in_unit_demand=in_demand, in_unit_site=in_sites)


@dataclass(frozen=True)
class Ways:
    """Ways that amounts may take: `tail`, `head`, `metres`, and what a unit weighs, `unit_t`. (n_ways,) each."""

    tail: Ints
    head: Ints
    metres: Floats
    unit_t: Floats


def simple_plan(instance: Instance) -> Plan:
    """Return the plan: cells, points, stations and generators use the nearest place with room, in its largest size.

    Centres that would stay below their minimum load are left closed. Cells offer their materials in one and the same
    mix; types that take only some materials stay closed.
    """
    walks, haul, direct, n_sites = instance.walks, instance.haul, instance.direct, instance.n_sites
    options, tonnes, is_household = instance.options, instance.demand.tonnes, instance.demand.is_household
    takes_all = np.flatnonzero(options.accepts.all(axis=1))
    room = np.zeros(n_sites)
    np.maximum.at(room, options.site[takes_all], options.usable_t[takes_all])
    brought_t = instance.brought_t().sum(axis=1)
    assign = _pour(is_household, room, Ways(walks.demand, walks.site, walks.distance_m, brought_t))
    at_point = _summed(walks.site, assign * brought_t, n_sites)
    moved = _pour(at_point, room, Ways(haul.tail, haul.head, haul.distance_m, np.ones(len(haul.tail))))
    at_station = _summed(haul.head, moved, n_sites) * (instance.sites.echelon == Echelon.TRANSFER)
    onward, given = _to_centres(instance, room, at_station)
    moved *= _share(_summed(haul.tail, onward, n_sites), at_station)[haul.head]
    assign *= _share(_summed(haul.tail, moved, n_sites), at_point)[walks.site]
    hauled = moved + onward
    load_t = _summed(walks.site, assign * brought_t, n_sites)
    load_t += _summed(haul.head, hauled, n_sites) + _summed(direct.head, given, n_sites)
    return Plan(
        is_open=_opened(instance, load_t),
        assign=assign,
        direct_t=given[:, None] * _mix(tonnes)[direct.tail],
        haul_t=hauled[:, None] * _mix(tonnes[is_household].sum(axis=0, keepdims=True)),
    )


def _pour(amount: Floats | Bools, room: Floats, ways: Ways) -> Floats:
    """Return the flow on each way, (n_ways,): from each tail to its nearest head, what has no room to the next."""
    order = np.lexsort((ways.metres, ways.tail))
    rank = np.arange(len(order)) - np.searchsorted(ways.tail[order], ways.tail[order])
    taken = np.zeros(len(order))
    left, free = amount.astype(float), room.astype(float)
    by_rank = order[np.argsort(rank, kind="stable")]
    for way in np.split(by_rank, np.cumsum(np.bincount(rank))[:-1]):
        tail, head, unit_t = ways.tail[way], ways.head[way], ways.unit_t[way]
        asked = left[tail]
        taken[way] = asked * np.minimum(1.0, _share(free, _summed(head, asked * unit_t, len(free))))[head]
        left[tail] -= taken[way]
        free = np.maximum(free - _summed(head, taken[way] * unit_t, len(free)), 0.0)
    return taken


def _to_centres(instance: Instance, room: Floats, at_station: Floats) -> tuple[Floats, Floats]:
    """Return tonnes on each haul link from a station, and on each direct link.

    Centres below the minimum load of their smallest option are closed, one round at a time.
    """
    haul, direct, options, n_sites = instance.haul, instance.direct, instance.options, instance.n_sites
    offered = np.concatenate([at_station, instance.demand.tonnes.sum(axis=1)])
    ways = Ways(
        tail=np.concatenate([haul.tail, n_sites + direct.tail]),
        head=np.concatenate([haul.head, direct.head]),
        metres=np.concatenate([haul.distance_m, direct.distance_m]),
        unit_t=np.ones(len(haul.tail) + len(direct.tail)),
    )
    room = np.where(instance.sites.echelon == Echelon.SORTING, room, 0.0)
    takes_all = np.flatnonzero(options.accepts.all(axis=1))
    least = np.full(n_sites, np.inf)
    np.minimum.at(least, options.site[takes_all], options.min_load_t[takes_all])
    while True:
        taken = _pour(offered, room, ways)
        light = (room > 0) & (_summed(ways.head, taken, n_sites) < least)
        if not light.any():
            return taken[: len(haul.tail)], taken[len(haul.tail) :]
        room = np.where(light, 0.0, room)


def _opened(instance: Instance, load_t: Floats) -> Bools:
    """Return the smallest option with the capacity at each site that is used, (n_options,)."""
    options = instance.options
    load = load_t[options.site]
    order = np.flatnonzero(options.accepts.all(axis=1) & (load > 0) & (options.usable_t >= load * (1 - 1e-12)))
    order = order[np.lexsort((options.capacity_t[order], options.site[order]))]
    _, first = np.unique(options.site[order], return_index=True)
    is_open = np.zeros(instance.n_options, dtype=bool)
    is_open[order[first]] = True
    return is_open


def _share(part: Floats, whole: Floats) -> Floats:
    """Return the share of part in whole; 1 where there is no whole."""
    return np.divide(part, whole, out=np.ones(len(whole)), where=whole > 0)


def _mix(tonnes: Floats) -> Floats:
    """Return the share of each material in each row, 0 in an empty one."""
    total = tonnes.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(tonnes, total, out=np.zeros(tonnes.shape), where=total > 0))


def _summed(row: Ints, amount: Floats, n: int) -> Floats:
    """Return the sum of the amounts of each row, (n,)."""
    return np.bincount(row, amount, minlength=n).astype(np.float64)
