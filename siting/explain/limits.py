"""Limits of a single target by arithmetic alone: the maximum that can be reached, the minimum that is certain."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from siting.explain.reach import Reach, least_at_site, most_at_site
from siting.explain.wording import name_counted, name_echelon, write_materials
from siting.instance import Bools, Instance, Target
from siting.model.target_rows import counted_options
from siting.vocabulary import Echelon, Measure

PLAIN = (Measure.COUNT, Measure.CAPACITY, Measure.COVERAGE, Measure.COLLECTED, Measure.PROCESSED)
"""Measures whose limits follow from arithmetic, on both sides."""

BUDGETS = (Measure.INVESTMENT, Measure.VEHICLES)
"""Measures with a minimum by arithmetic: that of the sites that must be open, or that counts require."""


@dataclass(frozen=True)
class Limit:
    """A value, in the unit of the target, beyond which no plan goes; `what` follows it, `cure` says what would help."""

    value: float
    what: str
    cure: str


def most_reached(instance: Instance, reach: Reach, target: Target) -> Limit:
    """Return the most that any plan can reach of a target, by the tightest of the reasons known."""
    return min(_most(instance, reach, target), key=lambda limit: limit.value)


def _most(instance: Instance, reach: Reach, target: Target) -> Iterator[Limit]:
    match target.measure:
        case Measure.COUNT:
            yield from _most_count(instance, reach, target)
        case Measure.CAPACITY:
            largest_t = most_at_site(instance, counted_options(instance, target) & reach.fits)
            places = name_echelon(target.echelon)
            yield Limit(float(largest_t.sum()), f"is what the candidate {places} can hold", "add candidates or sizes")
        case Measure.COVERAGE:
            yield _most_coverage(instance, reach, target)
        case Measure.COLLECTED:
            yield _most_given(instance, reach, target, target.in_unit_demand)
            yield _most_taken(instance, reach, target, np.ones(instance.n_options, dtype=bool))
        case Measure.PROCESSED:
            yield _most_given(instance, reach, target, np.ones(instance.n_demand, dtype=bool))
            yield _most_taken(instance, reach, target, counted_options(instance, target))


def _most_count(instance: Instance, reach: Reach, target: Target) -> Iterator[Limit]:
    counted = counted_options(instance, target) & reach.fits
    places = name_counted(instance, target)
    least_t = np.sort(least_at_site(instance, instance.options.min_load_t, counted))
    least_t = least_t[np.isfinite(least_t)]
    yield Limit(
        float(len(least_t)), f"candidate sites for {places} have an option that fits their land", "add candidates"
    )
    if target.echelon is None:
        return
    is_fed = np.full(instance.n_demand, target.echelon != Echelon.POINT) | instance.demand.is_household
    supply_t = float(reach.given_t[is_fed].sum())
    n_fed = int(np.searchsorted(np.cumsum(least_t), supply_t * (1 + 1e-9), side="right"))
    what = f"{places} reach their minimum load with the {supply_t:,.0f} t/yr that can come to them"
    yield Limit(float(n_fed), what, "allow smaller sizes, lower min_load_share")


def _most_coverage(instance: Instance, reach: Reach, target: Target) -> Limit:
    walks, residents = instance.walks, instance.demand.residents
    within_m = np.inf if target.within_m is None else target.within_m
    near = reach.is_usable & (walks.distance_m <= within_m)
    has_point = np.zeros(instance.n_demand, dtype=bool)
    has_point[walks.demand[near]] = True
    total = residents[target.in_unit_demand].sum()
    share = residents[target.in_unit_demand & has_point].sum() / total if total else 1.0
    within = "in reach" if target.within_m is None else f"within {target.within_m:,.0f} m"
    return Limit(float(share), f"of residents have a usable candidate point {within}", "add candidates there")


def _most_given(instance: Instance, reach: Reach, target: Target, among: Bools) -> Limit:
    given_t = reach.given_t[among][:, target.counts_material].sum()
    what = f"of {write_materials(instance, target)} is offered within reach of a point or centre that takes it"
    return Limit(float(given_t), what, "add candidates, raise participation")


def _most_taken(instance: Instance, reach: Reach, target: Target, counted: Bools) -> Limit:
    counted = counted & reach.fits & (instance.option_echelon() == Echelon.SORTING)
    counted &= instance.options.accepts[:, target.counts_material].any(axis=1)
    taken_t = most_at_site(instance, counted).sum()
    what = f"of {write_materials(instance, target)} is what the sorting centres can take with their largest sizes"
    return Limit(float(taken_t), what, "add candidate centres or larger sizes")


def least_reached(instance: Instance, reach: Reach, target: Target) -> Limit:
    """Return the least that every plan reaches of a target, because sites must be open."""
    counted = counted_options(instance, target)
    always = instance.sites.must_open & reach.has_option
    escapes = np.zeros(instance.n_sites, dtype=bool)
    escapes[instance.options.site[reach.fits & ~counted]] = True
    cure = "let sites close"
    if target.measure in BUDGETS:
        return max(_least_spent(instance, reach, target), key=lambda limit: limit.value)
    if target.measure is Measure.COUNT:
        n_open = np.count_nonzero(always & ~escapes)
        return Limit(float(n_open), f"{name_counted(instance, target)} exist or must be open", cure)
    if target.measure is Measure.CAPACITY:
        least_t = least_at_site(instance, instance.options.capacity_t * counted, reach.fits)
        return Limit(float(least_t[always].sum()), "is held by sites that exist or must be open", cure)
    if target.measure is Measure.COVERAGE or not target.counts_material.all():
        return Limit(0.0, "", cure)
    is_counted = always & (instance.sites.echelon == Echelon.SORTING)
    if target.measure is Measure.PROCESSED:
        is_counted &= ~escapes
    elif not target.in_unit_demand.all():
        return Limit(0.0, "", cure)
    least_t = least_at_site(instance, instance.options.min_load_t, reach.fits)
    return Limit(float(least_t[is_counted].sum()), "is the minimum load of centres that must be open", cure)


def _least_spent(instance: Instance, reach: Reach, target: Target) -> Iterator[Limit]:
    """Yield the minimum of the sites that must be open, and that of the cheapest sites of each required count."""
    figure = instance.options.capex_cny if target.measure is Measure.INVESTMENT else instance.options.vehicles
    spent = figure * counted_options(instance, target)
    always = instance.sites.must_open & reach.has_option
    least = least_at_site(instance, spent, reach.fits)
    what = name_counted(instance, target)
    yield Limit(float(least[always].sum()), f"of {what} is what sites that must be open take", "let sites close")
    for count in instance.targets:
        if count.measure is Measure.COUNT and count.is_at_least and count.is_hard:
            at_site = np.sort(least_at_site(instance, spent, reach.fits & counted_options(instance, count)))
            n = math.ceil(count.value - 1e-9)
            if 0 < n <= np.isfinite(at_site).sum():
                cheapest = f"of {what} is what the cheapest {n:,} {name_counted(instance, count)} take ({count.id})"
                yield Limit(float(at_site[:n].sum()), cheapest, f"lower {count.id}")
