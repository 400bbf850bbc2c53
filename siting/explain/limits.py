"""Limits of a single target by arithmetic alone, with everything open: no plan goes beyond them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from siting.explain.wording import name_counted, name_echelon, write_materials
from siting.instance import Bools, Floats, Instance, Target
from siting.model.columns import counted_options, site_passes_on
from siting.model.target_rows import arising_t
from siting.vocabulary import Echelon, Measure


@dataclass(frozen=True)
class Reach:
    """Capabilities of the candidates, whatever they cost.

    `fits` (n_options,): the land suffices. `has_option` (n_sites,): something fits. `takes` (n_sites, n_materials): a
    tonne of the material that enters can go on to a centre. `is_usable` (n_walks,): the point can pass on all that
    the cell brings. `given_t` (n_demand, n_materials): maximum that each demand node can give, t a year.
    `into_t` (n_sites, n_materials): no more can enter.
    """

    fits: Bools
    has_option: Bools
    takes: Bools
    is_usable: Bools
    given_t: Floats
    into_t: Floats


def trace_reach(instance: Instance) -> Reach:
    """Follow every material from the centres back to the cells, and the tonnes from the cells forth."""
    options, walks = instance.options, instance.walks
    fits = np.asarray(options.area_m2 <= instance.sites.area_m2[options.site])
    has_option = np.zeros(instance.n_sites, dtype=bool)
    has_option[options.site[fits]] = True
    takes, brought_t = _takes(instance, fits), instance.brought_t()
    is_usable: Bools = has_option[walks.site] & (takes[walks.site] | (brought_t == 0)).all(axis=1)
    return Reach(
        fits,
        has_option,
        takes,
        is_usable,
        _given_t(instance, takes, is_usable),
        _into_t(instance, takes, brought_t * is_usable[:, None]),
    )


def _takes(instance: Instance, fits: Bools) -> Bools:
    """Whether some option of each site takes each material and all that it makes of it can go on, or stay there."""
    options, passed = instance.options, instance.passed_on() > 0
    takes = np.zeros((instance.n_sites, instance.n_materials), dtype=bool)
    leads_on = np.zeros_like(takes)
    disposes = np.zeros((instance.n_options, instance.n_materials), dtype=bool)
    disposes[instance.disposals.option, instance.disposals.material] = True
    echelon = instance.option_echelon()
    for one in reversed(Echelon):
        usable = np.flatnonzero(fits & (echelon == one))
        leaves = leads_on[options.site[usable]] | disposes[usable]
        stuck = (passed[options.type[usable]] & ~leaves[:, None, :]).any(axis=2)
        np.logical_or.at(takes, options.site[usable], options.accepts[usable] & ~stuck)
        np.logical_or.at(leads_on, instance.haul.tail, takes[instance.haul.head])
    return takes


def _given_t(instance: Instance, takes: Bools, is_usable: Bools) -> Floats:
    """Return the maximum that each demand node can give, t a year, (n_demand, n_materials).

    A cell gives most to the usable point with the highest participation, a generator all that some centre takes.
    """
    walks, direct = instance.walks, instance.direct
    share = np.zeros((instance.n_demand, 1))
    np.maximum.at(share[:, 0], walks.demand[is_usable], walks.participation[is_usable])
    share_of = np.repeat(share, instance.n_materials, axis=1)
    np.maximum.at(share_of, direct.tail, takes[direct.head].astype(float))
    return np.asarray(instance.demand.tonnes * share_of)


def _into_t(instance: Instance, takes: Bools, brought_t: Floats) -> Floats:
    """Return what can enter each site if it has everything upstream to itself, t a year, (n_sites, n_materials)."""
    direct, haul = instance.direct, instance.haul
    into = np.zeros((instance.n_sites, instance.n_materials))
    np.add.at(into, instance.walks.site, brought_t)
    np.add.at(into, direct.head, instance.demand.tonnes[direct.tail])
    passes_on = site_passes_on(instance)
    for tail in list(Echelon)[:-1]:
        into *= takes
        out = np.einsum("jm,jmp->jp", into, passes_on)
        of_tail = instance.sites.echelon[haul.tail] == tail
        np.add.at(into, haul.head[of_tail], out[haul.tail[of_tail]])
    return into * takes


def max_at_site(instance: Instance, values: Floats, among: Bools) -> Floats:
    """Return the maximum over the options of each site that are `among`, (n_sites,); 0 where there is none."""
    largest = np.zeros(instance.n_sites)
    np.maximum.at(largest, instance.options.site[among], values[among])
    return largest


def min_at_site(instance: Instance, values: Floats, among: Bools) -> Floats:
    """Return the minimum over the options of each site that are `among`, (n_sites,); inf where there is none."""
    smallest = np.full(instance.n_sites, np.inf)
    np.minimum.at(smallest, instance.options.site[among], values[among])
    return smallest


@dataclass(frozen=True)
class Limit:
    """A value, in the unit of the target, beyond which no plan goes; `what` follows it, `cure` says what would help."""

    value: float
    what: str
    cure: str


def limit_of(instance: Instance, reach: Reach, target: Target) -> Limit:
    """Return the tightest limit known: a maximum for an at-least target, a minimum for an at-most one."""
    if target.is_at_least:
        return min(_maxima(instance, reach, target), key=lambda limit: limit.value)
    return max(_minima(instance, reach, target), key=lambda limit: limit.value)


def _maxima(instance: Instance, reach: Reach, target: Target) -> Iterator[Limit]:
    usable = counted_options(instance, target) & reach.fits
    everyone, everything = np.ones(instance.n_demand, dtype=bool), np.ones(instance.n_options, dtype=bool)
    match target.measure:
        case Measure.COUNT:
            yield from _max_count(instance, reach, target, usable)
        case Measure.CAPACITY:
            largest_t = max_at_site(instance, instance.most_capacity_t(), usable)
            places = name_echelon(target.echelon)
            yield Limit(float(largest_t.sum()), f"is what the candidate {places} can hold", "add candidates or sizes")
        case Measure.VEHICLES:
            most = max_at_site(instance, instance.options.vehicles, usable)
            what = f"{name_counted(instance, target)} are what the candidates can use"
            yield Limit(float(most.sum()), what, "add candidates or sizes")
        case Measure.COVERAGE:
            options = instance.options
            may_open = np.zeros(instance.n_sites, dtype=bool)
            may_open[options.site[reach.fits & target.counts_type[options.type]]] = True
            yield _max_near(instance, target, may_open[instance.walks.site])
        case Measure.SERVED:
            yield _max_near(instance, target, reach.is_usable)
        case Measure.COLLECTED:
            yield _max_given(instance, reach, target, target.in_unit_demand)
            yield _max_taken(instance, reach, target, everything)
        case Measure.COLLECTED_SHARE:
            arises_t = arising_t(instance, target)
            yield _of_arising(_max_given(instance, reach, target, target.in_unit_demand), arises_t)
            yield _of_arising(_max_taken(instance, reach, target, everything), arises_t)
        case Measure.RECYCLED_SHARE:
            yield _of_arising(_max_product(instance, reach, target), arising_t(instance, target))
        case Measure.PROCESSED:
            yield _max_given(instance, reach, target, everyone)
            yield _max_taken(instance, reach, target, usable)


def _max_count(instance: Instance, reach: Reach, target: Target, usable: Bools) -> Iterator[Limit]:
    places = name_counted(instance, target)
    least_t = np.sort(min_at_site(instance, instance.options.in_use_from_t, usable))
    least_t = least_t[np.isfinite(least_t)]
    what = f"candidate sites for {places} have an option that fits their land"
    yield Limit(float(len(least_t)), what, "add candidates")
    if target.echelon is None:
        return
    is_fed = np.full(instance.n_demand, target.echelon != Echelon.POINT) | instance.demand.is_household
    supply_t = float(reach.given_t[is_fed].sum())
    n_fed = int(np.searchsorted(np.cumsum(least_t), supply_t * (1 + 1e-9), side="right"))
    what = f"{places} reach their minimum load with the {supply_t:,.0f} t/yr that can come to them"
    yield Limit(float(n_fed), what, "allow smaller sizes, lower min_load_share")


def _max_near(instance: Instance, target: Target, is_usable: Bools) -> Limit:
    """Return the share of residents with a usable walk, of those that `is_usable` (n_walks,) marks, in the distance."""
    walks = instance.walks
    within_m = np.inf if target.within_m is None else target.within_m
    has_point = np.zeros(instance.n_demand, dtype=bool)
    has_point[walks.demand[is_usable & (walks.distance_m <= within_m)]] = True
    residents = np.where(target.in_unit_demand, instance.demand.residents, 0.0)
    share = float(residents @ has_point / residents.sum()) if residents.any() else 1.0
    within = "in reach" if target.within_m is None else f"within {target.within_m:,.0f} m"
    return Limit(share, f"of residents have a usable candidate point {within}", "add candidates there")


def _max_given(instance: Instance, reach: Reach, target: Target, among: Bools) -> Limit:
    given_t = float(reach.given_t[among][:, target.counts_material].sum())
    what = f"of {write_materials(instance, target)} is offered within reach of a point or centre that takes it"
    return Limit(given_t, what, "add candidates, raise participation")


def _max_taken(instance: Instance, reach: Reach, target: Target, counted: Bools) -> Limit:
    """Return what sorting centres can take, and bases too where material comes to one that no centre has sorted."""
    accepts = instance.options.accepts[:, target.counts_material].any(axis=1)
    last = (instance.option_echelon() == Echelon.SORTING) & counted
    if target.measure is not Measure.PROCESSED and _is_sorted_nowhere(instance):
        last |= (instance.option_echelon() == Echelon.BASE) & counted
    taken_t = float(max_at_site(instance, instance.most_load_t(), last & reach.fits & accepts).sum())
    places = "sorting centres" if not last[instance.option_echelon() == Echelon.BASE].any() else "centres and bases"
    what = f"of {write_materials(instance, target)} is what the {places} can take with their largest sizes"
    return Limit(taken_t, what, "add candidate centres or larger sizes")


def _is_sorted_nowhere(instance: Instance) -> bool:
    """Whether some link leads to a base from elsewhere than a sorting centre."""
    echelon = instance.sites.echelon
    past = (echelon[instance.haul.head] == Echelon.BASE) & (echelon[instance.haul.tail] != Echelon.SORTING)
    return bool(past.any() or (echelon[instance.direct.head] == Echelon.BASE).any())


def _max_product(instance: Instance, reach: Reach, target: Target) -> Limit:
    """Return the product of all that can be given; no limit where a facility turns one material into another."""
    given_t = reach.given_t.sum(axis=0)
    conversions = instance.conversions
    if (conversions.material != conversions.product).any() or (conversions.t_per_t > 1).any():
        return Limit(math.inf, "", "")
    if not _is_sorted_nowhere(instance):
        given_t = given_t * (1 - instance.materials.residue_share)
    what = f"of {write_materials(instance, target)} is what would be left of all that is offered, without the residue"
    product_t = float(given_t[target.counts_material].sum())
    return Limit(product_t, what, "add candidates, raise participation, lower residue_share")


def _of_arising(limit: Limit, arises_t: float) -> Limit:
    """Return a limit in tonnes as a share of what arises; no limit where nothing does."""
    return replace(limit, value=limit.value / arises_t if arises_t > 0 else math.inf)


def _minima(instance: Instance, reach: Reach, target: Target) -> Iterator[Limit]:
    counted, options = counted_options(instance, target), instance.options
    must_open = instance.sites.must_open & reach.has_option
    opens_counted = must_open.copy()
    opens_counted[options.site[reach.fits & ~counted]] = False
    cure = "let sites close"
    match target.measure:
        case Measure.COUNT:
            what = f"{name_counted(instance, target)} exist or must be open"
            yield Limit(float(opens_counted.sum()), what, cure)
        case Measure.CAPACITY:
            least_t = min_at_site(instance, options.capacity_t * counted, reach.fits)
            yield Limit(float(least_t[must_open].sum()), "is held by sites that exist or must be open", cure)
        case Measure.INVESTMENT:
            yield from _min_spent(instance, reach, target, options.capex_cny * counted)
        case Measure.VEHICLES:
            yield from _min_spent(instance, reach, target, options.vehicles * counted)
        case Measure.COLLECTED | Measure.PROCESSED if target.counts_material.all():
            is_processed = target.measure is Measure.PROCESSED
            if is_processed or target.in_unit_demand.all():
                takes = (opens_counted if is_processed else must_open) & (instance.sites.echelon == Echelon.SORTING)
                least_t = min_at_site(instance, options.min_load_t, reach.fits)
                yield Limit(float(least_t[takes].sum()), "is the minimum load of centres that must be open", cure)
    yield Limit(0.0, "", cure)


def _min_spent(instance: Instance, reach: Reach, target: Target, spent: Floats) -> Iterator[Limit]:
    """Yield the minimum of the sites that must be open, and that of the cheapest sites of each required count."""
    must_open = instance.sites.must_open & reach.has_option
    at_site = min_at_site(instance, spent, reach.fits)
    what = name_counted(instance, target)
    yield Limit(float(at_site[must_open].sum()), f"of {what} is what sites that must be open take", "let sites close")
    for count in instance.targets:
        if count.measure is Measure.COUNT and count.is_at_least and count.is_hard:
            cheapest = np.sort(min_at_site(instance, spent, reach.fits & counted_options(instance, count)))
            n = math.ceil(count.value - 1e-9)
            if 0 < n <= np.isfinite(cheapest).sum():
                named = f"of {what} is what the cheapest {n:,} {name_counted(instance, count)} take ({count.id})"
                yield Limit(float(cheapest[:n].sum()), named, f"lower {count.id}")
