"""Choices of sites and what they cost: nearest open site, and the greedy choice.

For the least of Σ opening + Σ cost to the nearest open site, or of leaving a node unserved, with at least `least` and
at most `most` sites open: the p-median (opening 0), uncapacitated facility location (no limits on the number), and
maximal covering (serving costs nothing, leaving a node unserved costs its weight).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import Arcs, nearest_open
from siting.locate.arguments import SiteRules


@dataclass(frozen=True)
class Siting:
    """Which sites to open so that costs to the nearest open one are least, and how many.

    `opening` (n_sites,); `unserved` (n_nodes,) is what a node costs that no site serves, inf where one must.
    """

    arcs: Arcs
    rules: SiteRules
    opening: Floats
    least: int
    most: int
    unserved: Floats


def cost_of(siting: Siting, is_open: Bools) -> float:
    """Opening of the open sites and what the nodes cost; inf where one must be served and has no open site."""
    nodes = np.minimum(nearest_open(siting.arcs, is_open)[1], siting.unserved)
    return float(siting.opening[is_open].sum() + nodes.sum())


def most_cost(siting: Siting) -> float:
    """What no choice that serves everybody costs more than; a bound above it says that there is no such choice."""
    arcs = siting.arcs
    last = arcs.cost[np.maximum(arcs.start[1:] - 1, 0)] if arcs.cost.size else np.zeros(arcs.n_nodes)
    last = np.where(np.diff(arcs.start) > 0, last, 0.0)
    worst = np.where(np.isfinite(arcs.beyond), np.inf, last)
    worst = np.where(np.isfinite(siting.unserved), siting.unserved, worst)
    return float(siting.opening.sum() + worst.sum())


def greedy(siting: Siting, is_open: Bools) -> Bools:
    """`is_open` and the sites that save most, one after the other, while they save or the number asks for them."""
    arcs, chosen = siting.arcs, is_open | siting.rules.is_fixed
    by_site = sparse.csc_array((np.arange(len(arcs.site)), (arcs.node, arcs.site)), shape=(arcs.n_nodes, arcs.n_sites))
    now = np.minimum(nearest_open(arcs, chosen)[1], unserved_cost(siting))
    saved = np.bincount(arcs.site, np.maximum(now[arcs.node] - arcs.cost, 0.0), minlength=arcs.n_sites) - siting.opening
    while chosen.sum() < siting.most:
        saved[chosen | siting.rules.is_forbidden] = -np.inf
        best = int(saved.argmax())
        if saved[best] <= 0 and chosen.sum() >= siting.least:
            break
        chosen[best] = True
        own = by_site.data[by_site.indptr[best] : by_site.indptr[best + 1]]
        nodes = by_site.indices[by_site.indptr[best] : by_site.indptr[best + 1]].astype(np.int64)
        nearer = arcs.cost[own] < now[nodes]
        nodes, cost = nodes[nearer], arcs.cost[own[nearer]]
        arc, count = _arcs_of(arcs, nodes)
        lost = np.maximum(np.repeat(now[nodes], count) - arcs.cost[arc], 0.0)
        lost -= np.maximum(np.repeat(cost, count) - arcs.cost[arc], 0.0)
        saved -= np.bincount(arcs.site[arc], lost, minlength=arcs.n_sites)
        now[nodes] = cost
    return chosen


def _arcs_of(arcs: Arcs, nodes: Ints) -> tuple[Ints, Ints]:
    """The arcs of these nodes, and how many each has."""
    first, count = arcs.start[nodes], arcs.start[nodes + 1] - arcs.start[nodes]
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(first, count) + within, count


def unserved_cost(siting: Siting) -> Floats:
    """What a node without an open site is taken to cost in a search, (n_nodes,)."""
    worst = float(siting.arcs.cost.max(initial=0.0))
    return np.where(np.isfinite(siting.unserved), siting.unserved, 2 * worst + 1)
