"""Overflow of each facility in drawn years, and what spare capacity costs.

A facility overflows in a year if its load along the ways of the plan is above what it holds: capacity over peak factor.
Spare capacity at an open facility o is the cheapest of its type: a larger size p at its site, with what either can be
extended by the tonne, or further new facilities n at the median cost of their size over all sites. A year it costs the
difference in annuities, land and fixed operation, and in operation by the tonne at the planned load, visits included:

larger[p]   fixed[p] − fixed[o] + (unit[p] − unit[o]) · planned + rate[p] · peak · max(0, need − holds[p])
further[n]  fixed[n] · ceil(spare / holds[n])
spare[q]    q-quantile of the loads of all years less what it holds, at least 0        need = holds[o] + spare
tonne more  minimum of larger[p] / (holds[p] − holds[o]), rate[o] · peak and fixed[n] / holds[n]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.behaviour import LEAST_T, held_t
from siting.evaluate.evaluate import Evaluation
from siting.instance import Bools, Floats, Instance, Ints
from siting.plan import Plan, by_option, open_option_of_site, site_inflow_t

HELD_SHARES = (0.9, 0.95)
"""Shares of the years for which spare capacity is told."""
FLAGGED_SHARE = 0.1
"""A facility that overflows in more than this share of the years is flagged."""
FULL = 1e-6


@dataclass(frozen=True)
class Overflow:
    """Overflow of each open facility, in the order of the sites; arrays (n_open,) unless said.

    `share` of the years in which it overflows, the mean of these years and the worst, t. `cny_per_t` is what a tonne
    more of yearly capacity costs a year. `spare_t` and `spare_cny` (n_open, len(HELD_SHARES)): what would have held in
    that share of the years, t, and its cost a year, each facility by itself; `is_further` (the same): by further
    facilities. Costs are nan where the type has neither larger sizes there nor new facilities anywhere.
    """

    site: Ints
    holds_t: Floats
    planned_t: Floats
    share: Floats
    mean_t: Floats
    worst_t: Floats
    cny_per_t: Floats
    spare_t: Floats
    spare_cny: Floats
    is_further: Bools


def overflow_of(tried: Evaluation) -> Overflow:
    """Return frequency and size of the overflow of each facility of a plan, and the cost of spare capacity for it."""
    instance, plan = tried.instance, tried.plan
    opened = open_option_of_site(instance, plan)
    site = np.flatnonzero(opened >= 0)
    holds_t, planned_t = held_t(instance, plan)[site], site_inflow_t(instance, plan)[site]
    loads_t = np.array([sample.load_t[site] for sample in tried.samples])
    over_t = _above(loads_t, holds_t)
    years = (over_t > 0).sum(axis=0)
    needed_t = np.quantile(loads_t, HELD_SHARES, axis=0, method="inverted_cdf")
    spare_t = _above(needed_t, holds_t)
    larger, further = (
        _larger_sizes(instance, plan, opened=opened[site], planned_t=planned_t),
        _new_facilities(instance, opened[site]),
    )
    larger_cny = np.array([_cost_of_larger(larger, holds_t + one) for one in spare_t])
    further_cny = np.array([_cost_of_further(further, one) for one in spare_t])
    more_cny = np.fmin(
        _tonne_larger(larger, holds_t), _least(further.facility, further.extra_cny / further.holds_t, len(site))
    )
    return Overflow(
        site=site,
        holds_t=holds_t,
        planned_t=planned_t.sum(axis=1),
        share=years / len(loads_t),
        mean_t=over_t.sum(axis=0) / np.maximum(years, 1),
        worst_t=over_t.max(axis=0),
        cny_per_t=more_cny,
        spare_t=spare_t.T,
        spare_cny=np.fmin(larger_cny, further_cny).T,
        is_further=((spare_t > 0) & ~(larger_cny <= np.nan_to_num(further_cny, nan=np.inf))).T,
    )


def _above(load_t: Floats, holds_t: Floats) -> Floats:
    """Return the load above capacity, t, in the shape of `load_t`; 0 if it is within rounding."""
    return np.where(load_t > holds_t * (1 + FULL) + LEAST_T, load_t - holds_t, 0.0)


@dataclass(frozen=True)
class Sizes:
    """Sizes that open facilities could have, or that new ones beside them could have. Arrays (n_rows,).

    `facility` is the row of the open facility, `extra_cny` what the size costs more a year. It holds `holds_t` and, at
    `cny_per_t`, up to `most_t`, t a year.
    """

    facility: Ints
    extra_cny: Floats
    holds_t: Floats
    most_t: Floats
    cny_per_t: Floats


def _larger_sizes(instance: Instance, plan: Plan, *, opened: Ints, planned_t: Floats) -> Sizes:
    """Return the size of each open facility and the larger ones of its type that fit at its site."""
    options, bought = instance.options, instance.expansions
    fits = options.area_m2 <= instance.sites.area_m2[options.site]
    at_site = np.full(instance.n_sites, -1)
    at_site[options.site[opened]] = np.arange(len(opened))
    facility = at_site[options.site]
    own = opened[facility]
    same = (
        (facility >= 0) & fits & (options.type == options.type[own]) & (options.capacity_t >= options.capacity_t[own])
    )
    option = np.flatnonzero(same | plan.is_open)
    facility, own = facility[option], own[option]
    rate = by_option(instance, bought.investment_cny_per_t + bought.operation_cny_per_t)
    has_t = by_option(instance, plan.expanded_t)
    fixed_cny, unit = _yearly_cny(instance)
    extra_cny = fixed_cny[option] - fixed_cny[own] + ((unit[option] - unit[own]) * planned_t[facility]).sum(axis=1)
    is_own, peak = option == own, options.peak_factor[option]
    stays_cny = np.where(is_own, 0.0, extra_cny - rate[own] * has_t[own])
    base_t = options.capacity_t[option] + np.where(is_own, has_t[option], 0.0)
    most_t = options.capacity_t[option] + by_option(instance, bought.most_t)[option]
    return Sizes(facility, stays_cny, base_t / peak, most_t / peak, rate[option] * peak)


def _yearly_cny(instance: Instance) -> tuple[Floats, Floats]:
    """Return the cost of each option per year, (n_options,), and per tonne, (n_options, n_materials), with emptying."""
    options, visits = instance.options, instance.visits
    by_year, by_t = visits.spread(visits.cny, instance.n_options, instance.n_materials)
    fixed_cny = options.investment_cny + options.land_cny + options.fixed_operation_cny
    return fixed_cny + by_year, options.unit_cny_per_t + by_t


def _new_facilities(instance: Instance, opened: Ints) -> Sizes:
    """Return the sizes of new facilities of the type of each open one, at their median cost over all sites."""
    options, rows = instance.options, []
    fixed_cny, _ = _yearly_cny(instance)
    holds = options.capacity_t / options.peak_factor
    fits = options.area_m2 <= instance.sites.area_m2[options.site]
    is_new = ~options.is_existing & fits & (options.capacity_t > 0)
    for type_ in np.unique(options.type[opened]):
        facility = np.flatnonzero(options.type[opened] == type_)
        for size in np.unique(options.size[is_new & (options.type == type_)]):
            same = is_new & (options.type == type_) & (options.size == size)
            cny, holds_t = float(np.median(fixed_cny[same])), float(np.median(holds[same]))
            rows += [(one, cny, holds_t) for one in facility.tolist()]
    table = np.array(rows).reshape(-1, 3)
    return Sizes(table[:, 0].astype(np.int64), table[:, 1], table[:, 2], table[:, 2], np.zeros(len(table)))


def _cost_of_further(sizes: Sizes, spare_t: Floats) -> Floats:
    """Return the yearly cost of the cheapest new facilities that hold `spare_t` (n_open,); nan where none is known."""
    number = np.ceil(spare_t[sizes.facility] / sizes.holds_t)
    return _least(sizes.facility, sizes.extra_cny * number, len(spare_t))


def _cost_of_larger(sizes: Sizes, need_t: Floats) -> Floats:
    """Return the yearly cost of the cheapest size that holds `need_t` (n_open,), at least 0; nan where none does."""
    need = need_t[sizes.facility]
    enough = sizes.most_t * (1 + FULL) + LEAST_T >= need
    cny = sizes.extra_cny + sizes.cny_per_t * np.maximum(0.0, need - sizes.holds_t)
    return _least(sizes.facility, np.where(enough, np.maximum(cny, 0.0), np.inf), len(need_t))


def _tonne_larger(sizes: Sizes, holds_t: Floats) -> Floats:
    """Return the cost a year of one more tonne of capacity at each open facility, (n_open,); nan if not available."""
    more_t = sizes.holds_t - holds_t[sizes.facility]
    larger, extends = more_t > LEAST_T, sizes.most_t - sizes.holds_t > LEAST_T
    per_t = np.where(larger, np.maximum(sizes.extra_cny, 0.0) / np.where(larger, more_t, 1.0), np.inf)
    extended = np.where(~larger & extends, sizes.cny_per_t, np.inf)
    return _least(sizes.facility, np.minimum(per_t, extended), len(holds_t))


def _least(facility: Ints, values: Floats, n: int) -> Floats:
    """Return the minimum of the values of each facility, nan where there is none."""
    least = np.full(n, np.inf)
    np.minimum.at(least, facility, values)
    return np.where(np.isfinite(least), least, np.nan)
