"""Better plans of facility location with capacities: facilities opened, closed and exchanged by simulated annealing.

Every change is judged by what its best flows cost in truth, which the network simplex finds in a fraction of a
millisecond from the flows before, where the prices of those do not refuse it (Kirkpatrick, Gelatt, Vecchi 1983 for the
principle).
"""

from __future__ import annotations

import copy
import time
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from siting.instance import Bools, Floats
from siting.locate.capacitated.facilities import FREE, Facilities, Stages
from siting.locate.capacitated.lagrangian import filled
from siting.locate.capacitated.network_simplex import Tree, copy_tree, new_tree, ship
from siting.machine_code import compiled

HOT, COLD = 0.1, 0.005
"""Temperature at first and at last, in middling opening costs of a site."""
TRIES = 50
"""Changes drawn until one leaves enough capacity open."""
SLICE = 5
"""Changes between looks at the clock: on a busy machine one of a thousand nodes takes 20 ms."""
REFUSED = 0.1
"""Share of a step that a change refused by the multipliers counts for."""


class Plan(NamedTuple):
    """Flows with what they cost; inf where the open facilities cannot do."""

    cost: float
    tree: Tree


class Trees(NamedTuple):
    """The tree that is changed, the last one accepted, and the best one."""

    tried: Tree
    accepted: Tree
    best: Tree


def shipped(stages: Stages, sites: Bools, plants: Bools) -> Plan:
    """Return the best plan with these sites (n_sites,) and plants (n_plants,) open."""
    tree = new_tree(stages, sites, plants)
    return Plan(ship(stages, tree), tree)


def annealed(stages: Stages, plan: Plan, *, steps: int, random: Generator, deadline: float) -> Plan:
    """Return the best plan after so many changes among the facilities that the rules leave free, or when time is up.

    It cools by steps, or by the time where that will be up before.
    """
    opening = stages.sites.opening[stages.sites.rule == FREE]
    middle = float(np.median(opening)) if opening.size else 0.0
    trees = Trees(*(copy.deepcopy(plan.tree) for _ in range(3)))
    cost = best_cost = plan.cost
    begun = now = time.monotonic()
    done = 0.0
    while done < steps and now < deadline:
        share = max(done / steps, (now - begun) / (deadline - begun))
        heat = HOT * (COLD / HOT) ** share * middle + 1e-12 + 1e-9 * plan.cost
        cost, best_cost, n_tried = _anneal(stages, trees, cost, best_cost, heat, random)
        done += n_tried + REFUSED * (SLICE - n_tried)
        now = time.monotonic()
    return Plan(best_cost, trees.best) if best_cost < plan.cost else plan


@compiled
def least_change(stages: Stages, was: Tree, now: Tree) -> float:
    """Return a lower bound on the extra cost of the facilities open `now` over those that `was` has the best flows of.

    With λ[i] the dual price of a unit at a node, μ[j] at a site and π[p] at a plant, each facility that opens costs at
    least its ρ or σ of the Lagrangian bound, and one that closes saves its opening cost less the worth of its capacity.
    """
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
    """Return the dual price of a unit at each site open now, (n_sites,), from the cheapest plant where it opens."""
    k, plants = len(now.plants), stages.plants
    supplied = np.where(was.sites, price[1 + k : 1 + k + len(now.sites)], np.inf)
    for p in range(k):
        if was.plants[p] and now.plants[p]:
            for a in range(plants.first[p], plants.first[p + 1]):
                if not was.sites[plants.head[a]]:
                    supplied[plants.head[a]] = min(supplied[plants.head[a]], price[1 + p] + plants.unit[a])
    return supplied


@compiled
def _drawn(facilities: Facilities, opens: Bools, wanted: bool, random: Generator) -> int:
    """Return a free facility that is open, or closed, as wanted; −1 where there is none."""
    n, chosen = 0, -1
    for f in range(len(opens)):
        if facilities.rule[f] == FREE and opens[f] == wanted:
            n += 1
            if random.random() * n < 1.0:
                chosen = f
    return chosen


@compiled
def _change(stages: Stages, tree: Tree, random: Generator) -> bool:
    """Open and close up to two facilities of a stage each, so that enough capacity stays open; False where in vain."""
    of_sites = not stages.has_plants or random.random() < 0.75
    facilities = stages.sites if of_sites else stages.plants
    opens = tree.sites if of_sites else tree.plants
    least = np.sum(stages.demand) * (1 - 1e-12)
    draw = random.random()
    n_closed = 2 if draw < 0.15 else (1 if draw < 0.85 else 0)
    n_opened = 2 if draw < 0.1 or draw > 0.97 else (0 if 0.7 < draw < 0.85 else 1)
    before = opens.copy()
    for _ in range(TRIES):
        opens[:] = before
        for t in range(n_closed + n_opened):
            f = _drawn(facilities, before, t < n_closed, random)
            if f >= 0:
                opens[f] = t >= n_closed
        if np.sum(facilities.capacity[opens]) >= least and np.any(opens != before):
            return True
    opens[:] = before
    return False


@compiled
def _anneal(
    stages: Stages, trees: Trees, cost: float, least: float, heat: float, random: Generator
) -> tuple[float, float, int]:
    """Try a few changes; return the cost of the accepted and the best tree, and how many the duals did not refuse."""
    tree, kept, best = trees
    n_tried = 0
    for _ in range(SLICE):
        most = -heat * np.log(1.0 - random.random())
        if not _change(stages, tree, random):
            n_tried += 1
        elif least_change(stages, kept, tree) <= most:
            n_tried += 1
            tried = ship(stages, tree)
            if tried <= cost + most:
                cost = tried
                copy_tree(tree, kept)
                if cost < least:
                    least = cost
                    copy_tree(tree, best)
            else:
                copy_tree(kept, tree)
        else:
            tree.sites[:], tree.plants[:] = kept.sites, kept.plants
    return cost, least, n_tried
