"""Rules on openings, land and catchments."""

from __future__ import annotations

import numpy as np

from siting.instance import Instance
from siting.plan import Plan
from siting.verify.faults import allow, list_broken
from siting.verify.tonnage import Tonnage, sum_by
from siting.vocabulary import DemandKind, Echelon


def check_openings(instance: Instance, plan: Plan, *, tolerance: float) -> list[str]:
    """Check at most one open option a site, one where it must be open, land that suffices, and limits of groups."""
    sites, options = instance.sites, instance.options
    n_open = sum_by(options.site, plan.is_open.astype(float), instance.n_sites)
    missing = (sites.must_open & (n_open == 0)).astype(float)
    site_area_m2 = sites.area_m2[options.site]
    excess_m2 = np.where(plan.is_open, options.area_m2 - site_area_m2, 0.0)
    groups = instance.groups
    in_group = sum_by(groups.group, plan.is_open[groups.option].astype(float), len(groups.most))
    return [
        *list_broken(
            in_group - groups.most,
            0.0,
            lambda g: f"group {g}: {in_group[g]:.0f} of its options are open, at most {groups.most[g]:.0f} may",
        ),
        *list_broken(
            n_open - 1, 0.0, lambda j: f"site {sites.id[j]}: {n_open[j]:.0f} options are open, at most one may"
        ),
        *list_broken(missing, 0.0, lambda j: f"site {sites.id[j]}: nothing is open, yet the site must be open"),
        *list_broken(
            excess_m2,
            allow(site_area_m2, tolerance),
            lambda o: (
                f"site {sites.id[options.site[o]]}: the open option {_option_name(instance, o)} needs an area of "
                f"{options.area_m2[o]:g} m2, the site has {site_area_m2[o]:g} m2"
            ),
        ),
    ]


def check_assignment(instance: Instance, plan: Plan, *, tonnage: Tonnage, tolerance: float) -> list[str]:
    """Check that shares are in [0, 1], sum to at most 1 for each cell and go to open sites only."""
    demand, walks, assign = instance.demand, instance.walks, plan.assign
    total = sum_by(walks.demand, assign, instance.n_demand)
    is_closed = tonnage.open_option[walks.site] < 0

    def walk(w: int) -> str:
        return f"cell {demand.id[walks.demand[w]]} to point {instance.sites.id[walks.site[w]]}: the share {assign[w]:g}"

    return [
        *list_broken(-assign, tolerance, lambda w: f"{walk(w)} is negative"),
        *list_broken(assign - 1, tolerance, lambda w: f"{walk(w)} is more than 1"),
        *list_broken(total - 1, tolerance, lambda i: f"cell {demand.id[i]}: shares sum to {total[i]:g}, more than 1"),
        *list_broken(np.where(is_closed, assign, 0.0), tolerance, lambda w: f"{walk(w)} goes where nothing is open"),
        *_choice_faults(instance, plan, tonnage, tolerance),
    ]


def _choice_faults(instance: Instance, plan: Plan, tonnage: Tonnage, tolerance: float) -> list[str]:
    """Check that required cells are served, and that residents use the nearest open point where asked."""
    demand, walks, assign = instance.demand, instance.walks, plan.assign
    total = sum_by(walks.demand, assign, instance.n_demand)
    must = demand.must_serve & demand.is_household
    faults = list_broken(
        np.where(must, 1 - total, 0.0),
        tolerance,
        lambda i: f"cell {demand.id[i]}: must be served, {total[i]:g} of it is",
    )
    if instance.assigns_whole:
        split = np.minimum(np.abs(assign), np.abs(1 - assign))
        faults += list_broken(split, tolerance, lambda w: f"cell {demand.id[walks.demand[w]]}: is split between points")
    return faults + _nearest_faults(instance, plan, tonnage, tolerance) if instance.assigns_nearest else faults


def _nearest_faults(instance: Instance, plan: Plan, tonnage: Tonnage, tolerance: float) -> list[str]:
    """Check that residents with an open point in reach are served, none farther past one than is tolerated."""
    demand, walks, assign = instance.demand, instance.walks, plan.assign
    opened = tonnage.open_option[walks.site]
    refused = (instance.brought_t() > 0) & ~instance.options.accepts[opened]
    is_choice = (opened >= 0) & ~refused.any(axis=1)
    nearest_m = np.full(instance.n_demand, np.inf)
    np.minimum.at(nearest_m, walks.demand[is_choice], walks.distance_m[is_choice])
    beyond_m = walks.distance_m - nearest_m[walks.demand] - instance.assignment_tolerance_m
    passed_by = np.where(beyond_m > 0, assign, 0.0)
    served = sum_by(walks.demand, assign, instance.n_demand)
    turned_away = np.where(np.isfinite(nearest_m), 1 - served, 0.0)
    return [
        *list_broken(
            passed_by,
            tolerance,
            lambda w: f"cell {demand.id[walks.demand[w]]}: goes {beyond_m[w]:.0f} m too far past an open point",
        ),
        *list_broken(
            turned_away,
            tolerance,
            lambda i: f"cell {demand.id[i]}: has an open point in reach, yet {turned_away[i]:g} of it is turned away",
        ),
    ]


def check_walk_ends(instance: Instance) -> list[str]:
    """Check that walks lead from residential cells to recycling points."""
    demand, sites, walks = instance.demand, instance.sites, instance.walks
    from_other = (demand.kind[walks.demand] != DemandKind.HOUSEHOLD).astype(float)
    to_other = (sites.echelon[walks.site] != Echelon.POINT).astype(float)

    def walk(w: int) -> str:
        return f"walk from {demand.id[walks.demand[w]]} to {sites.id[walks.site[w]]}"

    def end_name(w: int) -> str:
        return Echelon(sites.echelon[walks.site[w]]).name.lower()

    return [
        *list_broken(from_other, 0.0, lambda w: f"{walk(w)}: starts at a generator, not at a residential cell"),
        *list_broken(to_other, 0.0, lambda w: f"{walk(w)}: ends at a {end_name(w)} site, not at a recycling point"),
    ]


def _option_name(instance: Instance, option: int) -> str:
    return f"{instance.facility_types[instance.options.type[option]]} {instance.options.size[option]}"
