"""Flows from plants through sites to nodes, as a tree: what the network simplex begins from and changes in place.

Places are the root, plants, sites where material comes in, sites where it goes out, and nodes, in this order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.capacitated.facilities import Stages
from siting.machine_code import compiled

CLOSED, OUTSIDE = 1e4, 4e4
"""What a unit costs through a closed facility, and from nowhere, in the dearest unit costs."""
SPECK = 1e-9
"""A flow below this share of a middling demand is none."""


class Tree(NamedTuple):
    """Flows: what goes over the arc between each place and its parent; changed in place.

    `down` says that the arc leads from the parent; `unit` is its cost unless it is a facility's own; `price` is what a
    unit costs at a place. `is_full` (n_plants + n_sites,): the facility's own arc is filled and not in the tree.
    """

    parent: Ints
    down: Bools
    flow: Floats
    unit: Floats
    depth: Ints
    child: Ints
    after: Ints
    before: Ints
    price: Floats
    is_full: Bools
    plants: Bools
    sites: Bools
    spare: Ints
    dearest: float
    speck: float


def new_tree(stages: Stages, sites: Bools, plants: Bools) -> Tree:
    """Flows from nowhere to every node, with these sites (n_sites,) and plants (n_plants,) open."""
    k, m = len(plants), len(sites)
    n = 1 + k + 2 * m + len(stages.demand)
    dearest = max(1e-12, float(stages.sites.unit.max(initial=0.0) + stages.plants.unit.max(initial=0.0)))
    parent, flow, unit = np.zeros(n, dtype=np.int64), np.zeros(n), np.full(n, OUTSIDE * dearest)
    none, down = np.full(n, -1), np.arange(n) > k + 2 * m
    parent[0] = -1
    flow[1 + k + 2 * m :] = stages.demand
    child, after, before = none.copy(), none.copy(), none.copy()
    child[0], after[1:-1], before[2:] = 1, np.arange(2, n), np.arange(1, n - 1)
    return Tree(
        parent, down, flow, unit, np.minimum(np.arange(n), 1), child, after, before, np.zeros(n),
        np.zeros(k + m, dtype=bool), plants.copy(), sites.copy(), np.zeros(n, dtype=np.int64), dearest,
        SPECK * float(stages.demand.mean()),
    )  # fmt: skip


@compiled
def twin(tree: Tree) -> Tree:
    """A tree of its own with the same flows."""
    return Tree(
        tree.parent.copy(), tree.down.copy(), tree.flow.copy(), tree.unit.copy(), tree.depth.copy(), tree.child.copy(),
        tree.after.copy(), tree.before.copy(), tree.price.copy(), tree.is_full.copy(), tree.plants.copy(),
        tree.sites.copy(), tree.spare.copy(), tree.dearest, tree.speck,
    )  # fmt: skip


@compiled
def copy_tree(tree: Tree, into: Tree) -> None:
    """Write the flows of one tree into another."""
    into.parent[:], into.down[:], into.flow[:], into.unit[:] = tree.parent, tree.down, tree.flow, tree.unit
    into.depth[:], into.child[:], into.after[:], into.before[:] = tree.depth, tree.child, tree.after, tree.before
    into.price[:], into.is_full[:] = tree.price, tree.is_full
    into.plants[:], into.sites[:] = tree.plants, tree.sites


def flows(tree: Tree) -> tuple[Ints, Ints, Floats, Ints, Ints, Floats]:
    """What flows: node, site and units of each arc between them, then site, plant and units."""
    k, m = len(tree.plants), len(tree.sites)
    place = np.flatnonzero(tree.flow > 0)
    tail = np.where(tree.down[place], tree.parent[place], place)
    head = np.where(tree.down[place], place, tree.parent[place])
    served, supplied = tail > k + m, (tail > 0) & (tail <= k)
    units = tree.flow[place]
    return (
        head[served] - (1 + k + 2 * m), tail[served] - (1 + k + m), units[served],
        head[supplied] - (1 + k), tail[supplied] - 1, units[supplied],
    )  # fmt: skip
