"""Limits of a single target by arithmetic alone, with everything open: no plan goes beyond them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from siting.explain.reach import Reach, is_sorted_nowhere, max_at_site, min_at_site
from siting.explain.spending import min_spent
from siting.explain.wording import name_counted, name_echelon, write_materials
from siting.instance import Bools, Floats, Instance, Target
from siting.model.change_rows import changed_anyway
from siting.model.columns import counted_options
from siting.model.target_rows import arising_t
from siting.vocabulary import Echelon, Measure


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
    if target.measure is not Measure.PROCESSED and is_sorted_nowhere(instance):
        last |= (instance.option_echelon() == Echelon.BASE) & counted
    usable = last & reach.fits & accepts
    at_site_t = np.sort(max_at_site(instance, instance.most_load_t(), usable))[::-1]
    places = "sorting centres" if not last[instance.option_echelon() == Echelon.BASE].any() else "centres and bases"
    cap = _cap_on(instance, usable)
    if cap is not None and cap.value < np.count_nonzero(at_site_t):
        number = int(cap.value)
        taken_t = float(at_site_t[:number].sum())
        what = (
            f"of {write_materials(instance, target)} is what at most {number:,} {places} ({cap.id}) can take with their"
            " largest sizes"
        )
        return Limit(taken_t, what, f"raise {cap.id}, add larger sizes")
    what = f"of {write_materials(instance, target)} is what the {places} can take with their largest sizes"
    return Limit(float(at_site_t.sum()), what, "add candidate centres or larger sizes")


def _cap_on(instance: Instance, options: Bools) -> Target | None:
    """Return the tightest hard limit on a number of facilities that covers all these options; None without one."""
    caps = [
        one
        for one in instance.targets
        if one.measure is Measure.COUNT
        and not one.is_at_least
        and one.is_hard
        and not (options & ~counted_options(instance, one)).any()
    ]
    return min(caps, key=lambda one: one.value, default=None)


def _max_product(instance: Instance, reach: Reach, target: Target) -> Limit:
    """Return the product of all that can be given; no limit where a facility turns one material into another."""
    given_t = reach.given_t.sum(axis=0)
    conversions = instance.conversions
    if (conversions.material != conversions.product).any() or (conversions.t_per_t > 1).any():
        return Limit(math.inf, "", "")
    if not is_sorted_nowhere(instance):
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
        case Measure.CHANGES:
            what = "facilities of the earlier plan have no site here, or none for their type and size"
            yield Limit(changed_anyway(instance), what, "take a plan of the same places")
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
    return (Limit(one.value, one.what, one.cure) for one in min_spent(instance, reach, target, spent))
