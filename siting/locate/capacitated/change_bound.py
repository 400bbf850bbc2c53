"""What a change of open facilities costs more at least, known from the prices of the flows before it.

With λ[i] the price of a unit at a node, μ[j] at a site and π[p] at a plant, whatever they are, each facility that opens
costs at least its ρ or σ of `knapsack_bound`. At the prices of the best flows so far these add up to what they cost,
and one that closes saves its opening cost less what its full capacity is worth. So most changes that annealing will
refuse are known without new flows.
"""

from __future__ import annotations

import numpy as np

from siting.instance import Floats
from siting.locate.capacitated.facilities import Stages
from siting.locate.capacitated.knapsack_bound import filled
from siting.locate.capacitated.spanning_tree import Tree
from siting.machine_code import compiled


@compiled
def least_change(stages: Stages, was: Tree, now: Tree) -> float:
    """What the facilities that are open `now` cost more at least than those that `was` has the best flows for."""
    sites, plants = stages.sites, stages.plants
    k, m = len(now.plants), len(now.sites)
    price = was.price - was.price[0]
    supplied, least = _supplied(stages, was, now, price), 0.0
    for j in range(m):
        if now.sites[j] and not was.sites[j]:
            arcs = slice(sites.first[j], sites.first[j + 1])
            nodes = sites.head[arcs]
            reduced = sites.unit[arcs] + supplied[j] - price[1 + k + 2 * m + nodes]
            taken = np.empty(len(nodes))
            least += sites.opening[j] + filled(reduced, stages.demand[nodes], sites.capacity[j], taken)
        elif was.sites[j] and not now.sites[j]:
            worth = max(0.0, price[1 + k + m + j] - price[1 + k + j])
            least -= sites.opening[j] - worth * sites.capacity[j]
    for p in range(k):
        if now.plants[p] and not was.plants[p]:
            arcs = slice(plants.first[p], plants.first[p + 1])
            heads = plants.head[arcs]
            reduced = np.where(now.sites[heads], plants.unit[arcs] - supplied[heads], 0.0)
            taken = np.empty(len(heads))
            least += plants.opening[p] + filled(reduced, sites.capacity[heads], plants.capacity[p], taken)
        elif was.plants[p] and not now.plants[p]:
            least -= plants.opening[p] - max(0.0, price[1 + p]) * plants.capacity[p]
    return least


@compiled
def _supplied(stages: Stages, was: Tree, now: Tree, price: Floats) -> Floats:
    """The price of a unit supplied to each site that is open now (n_sites,), from the cheapest plant where it opens."""
    k, plants = len(now.plants), stages.plants
    supplied = np.where(was.sites, price[1 + k : 1 + k + len(now.sites)], np.inf)
    for p in range(k):
        if was.plants[p] and now.plants[p]:
            for a in range(plants.first[p], plants.first[p + 1]):
                if not was.sites[plants.head[a]]:
                    supplied[plants.head[a]] = min(supplied[plants.head[a]], price[1 + p] + plants.unit[a])
    return supplied
