"""Minimum cost of each site at given prices, in machine code: nothing, or one option with what gains most there.

A site that single inflows bind is a fractional knapsack; one that its cells bind too is the linear relaxation of a
multiple-choice knapsack, a group for each cell and material (Sinha, Zoltners 1979).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.machine_code import compiled
from siting.solve.city.penalty import LEAST, NEVER

FEW = 24
"""Up to so many inflows are sorted by insertion."""


class Sites(NamedTuple):
    """The sites of a tier, numbers as in `Tier`: what an option takes, and what of each inflow it could take.

    `is_alike` (n,): what a kt costs does not depend on the option. `capacity_kt` and
    `extension_kt`, which may be bought, are what a plan may use of them, (n_options,).
    """

    must_open: Bools
    is_alike: Bools
    first_option: Ints
    capacity_kt: Floats
    extension_kt: Floats
    least_kt: Floats
    first_column: Ints
    kt: Floats
    most: Floats
    first_pair: Ints
    is_taken: Bools


class Cells(NamedTuple):
    """For each site of a tier, groups of what cells can send it, and the items of each group: at most one in all.

    Groups of site j are `first_group[j]` to `first_group[j + 1]`, items of group g `first_item[g]` to
    `first_item[g + 1]`, by rising `kt`: what the cell brings whole through the point of inflow `inflow`, counted from
    the site's first. `is_limited` (n,) says which sites are bound by their groups.
    """

    is_limited: Bools
    first_group: Ints
    first_item: Ints
    inflow: Ints
    kt: Floats


@compiled
def _in_order(worth: Floats, below: float, order: Ints) -> int:
    """Write into `order` the indices of values below `below`, in ascending order; return their number."""
    k = 0
    for t in range(len(worth)):
        if worth[t] < below:
            order[k] = t
            k += 1
    if k > FEW:
        order[:k] = order[:k][np.argsort(worth[order[:k]])]
        return k
    for i in range(1, k):
        t = order[i]
        h = i - 1
        while h >= 0 and worth[order[h]] > worth[t]:
            order[h + 1] = order[h]
            h -= 1
        order[h + 1] = t
    return k


@compiled
def _rank(sites: Sites, pair: Floats, at: tuple[int, int, float], worth: Floats, order: Ints) -> tuple[int, float]:
    """Rank the inflows of a site by what a kt costs at option o; how many, and the least that all could cost."""
    j, o, below = at
    first, base = sites.first_column[j], sites.first_pair[o]
    least = 0.0
    for t in range(len(worth)):
        worth[t] = NEVER
        if sites.is_taken[base + t]:
            least += min(0.0, pair[base + t] * sites.most[first + t])
            kt = sites.kt[first + t]
            if kt > 0:
                worth[t] = pair[base + t] / kt
    return _in_order(worth, below, order), least


@compiled
def _filled(
    sites: Sites, at: tuple[int, int, float, float], pair: Floats, ranked: tuple[int, Floats, Ints], units: Floats
) -> float:
    """Return the minimum cost of option o at site j, inflows put into `units`; NEVER if below its minimum load."""
    j, o, opening, extension = at
    many, worth, order = ranked
    first, base = sites.first_column[j], sites.first_pair[o]
    capacity, load = sites.capacity_kt[o], 0.0
    cost: float = opening
    for t in range(len(units)):
        units[t] = 0.0
        if sites.kt[first + t] <= 0 and sites.is_taken[base + t] and pair[base + t] < 0:
            units[t] = sites.most[first + t]
            cost += pair[base + t] * units[t]
    for i in range(many):
        t = order[i]
        limit = sites.least_kt[o]
        if worth[t] < 0:
            limit = capacity + (sites.extension_kt[o] if worth[t] < -extension else 0.0)
        if load >= limit:
            if worth[t] >= 0:
                break
            continue
        kt = sites.kt[first + t]
        units[t] = min(sites.most[first + t], (limit - load) / kt)
        load += kt * units[t]
        cost += worth[t] * kt * units[t]
    if load < sites.least_kt[o] - LEAST:
        return NEVER
    cost += extension * max(0.0, load - capacity)
    return cost


@compiled
def _best_by_links(
    sites: Sites, j: int, cost: tuple[Floats, Floats, Floats], spare: tuple[Floats, Ints, Floats], best: Floats
) -> tuple[float, int]:
    """Return the cheapest option at site j and its cost, inflows in `best`; NEVER and −1 if none is possible."""
    (opening, extension, pair), (worth, order, tried) = cost, spare
    first, last = sites.first_option[j], sites.first_option[j + 1]
    below = NEVER if np.any(sites.least_kt[first:last] > 0) else 0.0
    least, chosen, many, gain = NEVER, -1, -1, 0.0
    for o in range(first, last):
        if many < 0 or not sites.is_alike[j]:
            many, gain = _rank(sites, pair, (j, o, below), worth, order)
        if opening[o] + gain >= least:
            continue
        cost_here = _filled(sites, (j, o, opening[o], extension[o]), pair, (many, worth, order), tried)
        if cost_here < least:
            least, chosen = cost_here, o
            best[:] = tried
    return least, chosen


@compiled
def _climb(cells: Cells, group: int, pair: Floats, hull: tuple[Ints, Floats]) -> int:
    """Put the worthwhile items of a group, cheapest first, and their gains into `hull`; return their number.

    The upper hull of gain over kt, as in the linear relaxation of the multiple-choice knapsack.
    """
    item, gain = hull
    k = 0
    for q in range(cells.first_item[group], cells.first_item[group + 1]):
        more = -pair[cells.inflow[q]] * cells.kt[q]
        if more <= (gain[k - 1] if k else 0.0):
            continue
        while k:
            kt, before = cells.kt[item[k - 1]], (gain[k - 2] if k > 1 else 0.0)
            kt_before = cells.kt[item[k - 2]] if k > 1 else 0.0
            if (gain[k - 1] - before) * (cells.kt[q] - kt) > (more - gain[k - 1]) * (kt - kt_before):
                break
            k -= 1
        item[k], gain[k] = q, more
        k += 1
    return k


@compiled
def _fill_from_cells(
    cells: Cells, j: int, pair: Floats, options: tuple[Floats, Floats], best: Floats
) -> tuple[float, int]:
    """Return the least cost of limited site j over its options, and the best one, with its inflows in `best`.

    `pair` is the cost of each inflow, `options` capacity and opening cost of each option.
    """
    capacity_kt, opening = options
    first, last = cells.first_group[j], cells.first_group[j + 1]
    many = cells.first_item[last] - cells.first_item[first]
    slope, size = np.empty(many), np.empty(many)
    here, before = np.empty(many, np.int64), np.empty(many, np.int64)
    item, gain = np.empty(many, np.int64), np.empty(many)
    k = 0
    for g in range(first, last):
        n = _climb(cells, g, pair, (item, gain))
        for h in range(n):
            below, kt_below = (gain[h - 1], cells.kt[item[h - 1]]) if h else (0.0, 0.0)
            size[k] = cells.kt[item[h]] - kt_below
            slope[k] = (gain[h] - below) / size[k]
            here[k], before[k] = item[h], item[h - 1] if h else -1
            k += 1
    order = np.argsort(-slope[:k])
    least, chosen = NEVER, -1
    for o in range(len(opening)):
        cost, load = opening[o], 0.0
        for t in order:
            if load >= capacity_kt[o]:
                break
            share = min(1.0, (capacity_kt[o] - load) / size[t])
            load += share * size[t]
            cost -= share * size[t] * slope[t]
        if cost < least:
            least, chosen = cost, o
    best[:] = 0.0
    load = 0.0
    for t in order:
        if chosen < 0 or load >= capacity_kt[chosen]:
            break
        share = min(1.0, (capacity_kt[chosen] - load) / size[t])
        load += share * size[t]
        best[cells.inflow[here[t]]] += share * cells.kt[here[t]]
        if before[t] >= 0:
            best[cells.inflow[before[t]]] -= share * cells.kt[before[t]]
    return least, chosen


@compiled
def _best_by_cells(
    sites: Sites, cells: Cells, j: int, cost: tuple[Floats, Floats, Floats], best: Floats
) -> tuple[float, int]:
    """Return the same for a site that its cells limit."""
    opening, _, pair = cost
    first, last = sites.first_option[j], sites.first_option[j + 1]
    own = pair[sites.first_pair[first] : sites.first_pair[first] + len(best)]
    least, o = _fill_from_cells(cells, j, own, (sites.capacity_kt[first:last], opening[first:last]), best)
    return least, first + o


@compiled
def least_at_sites(
    sites: Sites,
    cells: Cells,
    closed: Floats,
    cost: tuple[Floats, Floats, Floats],
    option: Ints,
    units: Floats,
) -> float:
    """Return the minimum cost of all sites, each alone; fills `option` (n,), −1 for nothing, and `units`.

    `closed` (n,) is what it costs to open nothing, `cost` that of opening an option, of a kt more than its capacity,
    both (n_options,), and of pairs (n_pairs,).
    """
    widest = max(1, np.max(np.diff(sites.first_column)))
    worth, tried, order = np.empty(widest), np.empty(widest), np.empty(widest, np.int64)
    total = 0.0
    for j in range(len(closed)):
        first, last = sites.first_column[j], sites.first_column[j + 1]
        if cells.is_limited[j]:
            least, chosen = _best_by_cells(sites, cells, j, cost, units[first:last])
        else:
            spare = worth[: last - first], order, tried[: last - first]
            least, chosen = _best_by_links(sites, j, cost, spare, units[first:last])
        if closed[j] <= least and not sites.must_open[j]:
            least, chosen = closed[j], -1
        if chosen < 0:
            units[first:last] = 0.0
        option[j] = chosen
        total += least
    return total
