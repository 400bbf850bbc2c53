"""Sites that are decided anew for a step of a target: those that can bring it, and those beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints, Target
from siting.model.columns import counted_options
from siting.plan import Plan
from siting.pricing.replan import open_sites
from siting.pricing.solved import Solved
from siting.vocabulary import Echelon, Measure

LEAST = 1e-9
"""Residents, tonnes or money that count as nothing."""


def sites_near(solved: Solved, target: Target, most: Sequence[int]) -> list[Ints]:
    """Return sites to decide anew for a step of `target`: for each number of `most` so many closed and open ones.

    First come closed sites by what the bound rises by when they open, a unit of what they would bring; and of open
    sites those that serve the same cells, then those that the bound misses least.
    """
    instance, closed = solved.instance, closed_candidates(solved, target)
    rise_closed = solved.terms.dearer_closed.max(axis=0)
    is_open = open_sites(solved.whole, solved.values)
    opened = np.flatnonzero(_counts(instance, target) & is_open & np.isfinite(rise_closed))
    steps: list[Ints] = []
    for number in most:
        shared = _shared_cells(instance, closed[:number])
        ranked = opened[np.lexsort((rise_closed[opened], -shared[opened]))]
        steps.append(np.concatenate([closed[:number], ranked[:number]]))
    return [one for number, one in enumerate(steps) if not number or len(one) > len(steps[number - 1])]


def closed_candidates(solved: Solved, target: Target) -> Ints:
    """Return closed sites that count towards `target`, those first that raise the bound least for what they bring."""
    instance, rise = solved.instance, solved.terms.dearer_opened.max(axis=0)
    gain = residents_gained(instance, target, solved.whole.plans_of(solved.values)[-1])
    is_closed = _counts(instance, target) & ~open_sites(solved.whole, solved.values)
    closed = np.flatnonzero(is_closed & np.isfinite(rise))
    return closed[np.lexsort((rise[closed] / np.maximum(gain[closed], LEAST), gain[closed] <= LEAST))]


def _counts(instance: Instance, target: Target) -> Bools:
    """Return whether the facility at each site counts towards a target or supplies one that does, (n_sites,)."""
    counts = np.zeros(instance.n_sites, dtype=bool)
    kind = target.measure.record.counted
    if kind == "options":
        counts[instance.options.site[counted_options(instance, target)]] = True
        return counts
    walks, direct = instance.walks, instance.direct
    counts[walks.site[target.in_unit_demand[walks.demand]]] = True
    if kind in ("tonnes", "totals"):
        counts[direct.head[target.in_unit_demand[direct.tail]]] = True
        counts |= instance.sites.echelon >= Echelon.TRANSFER
    return counts


def residents_gained(instance: Instance, target: Target, plan: Plan) -> Floats:
    """Return the residents not counted yet whom each site could serve within the target's distance, (n_sites,)."""
    walks, is_near = instance.walks, _are_near(instance, target)
    left = residents_left(instance, target, plan)
    return np.bincount(walks.site, left[walks.demand] * is_near, minlength=instance.n_sites).astype(float)


def residents_left(instance: Instance, target: Target, plan: Plan) -> Floats:
    """Return the residents of the target's unit whom it does not count, (n_demand,).

    Coverage counts who has an open point within its distance, all else who is assigned to one.
    """
    walks, is_near = instance.walks, _are_near(instance, target)
    counted = plan.assign
    if target.measure is Measure.COVERAGE:
        is_open = np.bincount(instance.options.site[plan.is_open], minlength=instance.n_sites) > 0
        counted = is_open[walks.site].astype(float)
    served = np.bincount(walks.demand, counted * is_near, minlength=instance.n_demand)
    return np.asarray(instance.demand.residents * target.in_unit_demand * np.clip(1.0 - served, 0.0, 1.0))


def _are_near(instance: Instance, target: Target) -> Bools:
    """Return whether each walk is within the target's distance, (n_walks,)."""
    return np.asarray(instance.walks.distance_m <= (np.inf if target.within_m is None else target.within_m))


def _shared_cells(instance: Instance, sites: Ints) -> Ints:
    """Return the number of cells that can walk to each site and to one of `sites`, (n_sites,)."""
    walks, is_chosen = instance.walks, np.zeros(instance.n_sites, dtype=bool)
    is_chosen[sites] = True
    cells = np.zeros(instance.n_demand, dtype=bool)
    cells[walks.demand[is_chosen[walks.site]]] = True
    return np.bincount(walks.site, cells[walks.demand], minlength=instance.n_sites).astype(np.int64)
