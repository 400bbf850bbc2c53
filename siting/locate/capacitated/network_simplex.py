"""The least cost of shipping from open plants through open sites to nodes: a network simplex that starts where it was.

Opening or closing a facility changes what its own arc costs, nothing else, so that the last tree of flows stays
feasible and a few dozen pivots lead to the next optimum. The tree is strongly feasible, so that pivots that move
nothing do not go round in circles (Cunningham 1976); Kiraly and Kovacs (2012), Efficient implementations of
minimum-cost flow algorithms, for the rest.

Places are the root, plants, sites where material comes in, sites where it goes out, and nodes, in this order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.capacitated.facilities import Stages
from siting.machine_code import compiled

CLOSED, OUTSIDE = 1e4, 4e4
"""Costs of a unit through a closed facility, and from nowhere, as multiples of the highest unit cost."""
SPECK = 1e-9
"""A flow below this share of a middling demand is none."""
LEAST = 1e-9
"""An arc enters where it saves more than this share of the dearest unit cost."""
MOST_LOOKS = 200
"""Looks at a facility's arcs, times the number of places, before the flows are given up."""


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
    """Return the flows from nowhere to every node, with these sites (n_sites,) and plants (n_plants,) open."""
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
def copy_tree(tree: Tree, into: Tree) -> None:
    """Write the flows of one tree into another."""
    into.parent[:], into.down[:], into.flow[:], into.unit[:] = tree.parent, tree.down, tree.flow, tree.unit
    into.depth[:], into.child[:], into.after[:], into.before[:] = tree.depth, tree.child, tree.after, tree.before
    into.price[:], into.is_full[:] = tree.price, tree.is_full
    into.plants[:], into.sites[:] = tree.plants, tree.sites


class Flows(NamedTuple):
    """Flows of a plan: `site` serves `share` (or units) of `node`, and `plant` supplies `supplied` with `amount`."""

    node: Ints
    site: Ints
    share: Floats
    supplied: Ints
    plant: Ints
    amount: Floats


def flows_of(tree: Tree) -> Flows:
    """Return the flows of a tree, in units of demand."""
    k, m = len(tree.plants), len(tree.sites)
    place = np.flatnonzero(tree.flow > 0)
    tail = np.where(tree.down[place], tree.parent[place], place)
    head = np.where(tree.down[place], place, tree.parent[place])
    served, supplied = tail > k + m, (tail > 0) & (tail <= k)
    units = tree.flow[place]
    return Flows(
        head[served] - (1 + k + 2 * m), tail[served] - (1 + k + m), units[served],
        head[supplied] - (1 + k), tail[supplied] - 1, units[supplied],
    )  # fmt: skip


@compiled
def _own(tree: Tree, tail: int, head: int) -> int:
    """Return the facility whose own arc this is, plants first; −1 where it is another arc."""
    k, m = len(tree.plants), len(tree.sites)
    if tail == 0:
        return head - 1 if head <= k else -1
    return tail - 1 if k < tail <= k + m else -1


@compiled
def _cost(tree: Tree, tail: int, head: int, unit: float) -> float:
    """Return the cost of a unit over an arc, its own cost being `unit` where it is no facility's."""
    f, k = _own(tree, tail, head), len(tree.plants)
    if f < 0:
        return unit
    is_open = tree.plants[f] if f < k else tree.sites[f - k]
    return 0.0 if is_open else CLOSED * tree.dearest


@compiled
def _room(stages: Stages, tree: Tree, tail: int, head: int) -> float:
    """Return the most that may flow over an arc."""
    f, k = _own(tree, tail, head), len(tree.plants)
    if f < 0:
        return np.inf
    room: float = stages.plants.capacity[f] if f < k else stages.sites.capacity[f - k]
    return room


@compiled
def _hang(tree: Tree, place: int, parent: int) -> None:
    """Attach a place, with its subtree, to another parent."""
    if tree.before[place] >= 0:
        tree.after[tree.before[place]] = tree.after[place]
    else:
        tree.child[tree.parent[place]] = tree.after[place]
    if tree.after[place] >= 0:
        tree.before[tree.after[place]] = tree.before[place]
    tree.parent[place], tree.before[place], tree.after[place] = parent, -1, tree.child[parent]
    if tree.child[parent] >= 0:
        tree.before[tree.child[parent]] = place
    tree.child[parent] = place


@compiled
def _reprice(tree: Tree, top: int) -> None:
    """Update depths and prices of a place and its subtree."""
    n = 1
    tree.spare[0] = top
    while n > 0:
        n -= 1
        place = tree.spare[n]
        parent = tree.parent[place]
        if parent >= 0:
            tree.depth[place] = tree.depth[parent] + 1
            if tree.down[place]:
                tree.price[place] = tree.price[parent] + _cost(tree, parent, place, tree.unit[place])
            else:
                tree.price[place] = tree.price[parent] - _cost(tree, place, parent, tree.unit[place])
        below = tree.child[place]
        while below >= 0:
            tree.spare[n] = below
            n += 1
            below = tree.after[below]


@compiled
def _join(tree: Tree, one: int, other: int) -> int:
    """Return the lowest common ancestor of two nodes of the tree."""
    while one != other:
        if tree.depth[one] >= tree.depth[other]:
            one = tree.parent[one]
        else:
            other = tree.parent[other]
    return one


@compiled
def _blocked(stages: Stages, tree: Tree, ends: tuple[int, int, int], most: float) -> tuple[float, int, bool]:
    """Return the flow that the cycle of an entering arc admits, and the blocking node.

    −1 where the arc itself does; True where the place lies on the way of the first end.
    """
    first, second, join = ends
    out, is_first = -1, False
    place = first
    while place != join:
        room = tree.flow[place]
        if tree.down[place]:
            room = _room(stages, tree, tree.parent[place], place) - tree.flow[place]
        if room < most - tree.speck:
            most, out, is_first = room, place, True
        place = tree.parent[place]
    place = second
    while place != join:
        room = tree.flow[place]
        if not tree.down[place]:
            room = _room(stages, tree, place, tree.parent[place]) - tree.flow[place]
        if room <= most + tree.speck:
            most, out, is_first = min(room, most), place, False
        place = tree.parent[place]
    return (most if most > tree.speck else 0.0), out, is_first


@compiled
def _send(tree: Tree, end: int, join: int, amount: float) -> None:
    """Let so much more flow from the join down to a place."""
    while end != join:
        flow = tree.flow[end] + (amount if tree.down[end] else -amount)
        tree.flow[end] = flow if flow > tree.speck else 0.0
        end = tree.parent[end]


@compiled
def _pivot(stages: Stages, tree: Tree, arc: tuple[int, int, float], is_filled: bool) -> None:
    """Let an arc (tail, head, unit cost) enter, emptied where it is filled."""
    tail, head, unit = arc
    first, second = (head, tail) if is_filled else (tail, head)
    own, room = _own(tree, tail, head), _room(stages, tree, tail, head)
    join = _join(tree, first, second)
    amount, out, is_first = _blocked(stages, tree, (first, second, join), room)
    _send(tree, first, join, amount)
    _send(tree, second, join, -amount)
    if out < 0:
        tree.is_full[own] = not tree.is_full[own]
        return
    if own >= 0:
        tree.is_full[own] = False
    up = tree.parent[out]
    left = _own(tree, up, out) if tree.down[out] else _own(tree, out, up)
    if left >= 0:
        room_left = _room(stages, tree, up, out) if tree.down[out] else _room(stages, tree, out, up)
        tree.is_full[left] = tree.flow[out] > 0.5 * room_left
    place, parent = (first, second) if is_first else (second, first)
    top, flow, down = place, room - amount if is_filled else amount, parent == tail
    while True:
        old = tree.parent[place], tree.flow[place], tree.down[place], tree.unit[place]
        _hang(tree, place, parent)
        tree.flow[place], tree.down[place], tree.unit[place] = flow, down, unit
        if place == out:
            break
        parent, flow, down, unit = place, old[1], not old[2], old[3]
        place = old[0]
    _reprice(tree, top)


@compiled
def _best_arc(stages: Stages, tree: Tree, f: int) -> tuple[float, int, int, float, bool]:
    """Return the arc of facility f, plants first, with the most negative reduced cost, and how it enters."""
    k, m = len(tree.plants), len(tree.sites)
    is_plant = f < k
    is_open = tree.plants[f] if is_plant else tree.sites[f - k]
    tail, head, here = (0, 1 + f, 1 + f) if is_plant else (1 + f, 1 + f + m, 1 + f + m)
    saved = tree.price[head] - tree.price[tail] - _cost(tree, tail, head, 0.0)
    best, found = 0.0, (tail, head, 0.0, False)
    if tree.is_full[f]:
        if saved < 0:
            best, found = -saved, (tail, head, 0.0, True)
    elif is_open and saved > 0:
        is_down = tree.parent[head] == tail and tree.down[head]
        if not is_down and (tree.parent[tail] != head or tree.down[tail]):  # the arc is not in the basis tree
            best = saved
    if is_open:
        facilities = stages.plants if is_plant else stages.sites
        own, base = (f, 1 + k) if is_plant else (f - k, 1 + k + 2 * m)
        for a in range(facilities.first[own], facilities.first[own + 1]):
            to = facilities.head[a]
            saved = tree.price[base + to] - tree.price[here] - facilities.unit[a]
            if saved > best and (not is_plant or tree.sites[to]):
                best, found = saved, (here, base + to, facilities.unit[a], False)
    return best, found[0], found[1], found[2], found[3]


@compiled
def ship(stages: Stages, tree: Tree) -> float:
    """Make the flows best for the facilities that are open now; what opening and shipping cost, inf where they lack.

    Not a number where the best flows were not found in so many looks as are allowed.
    """
    _reprice(tree, 0)
    n, f, since = len(tree.is_full), 0, 0
    for _ in range(MOST_LOOKS * len(tree.parent)):
        if since >= n:
            break
        best, tail, head, unit, is_filled = _best_arc(stages, tree, f)
        since += 1
        if best > LEAST * tree.dearest:
            _pivot(stages, tree, (tail, head, unit), is_filled)
            since = 0
        f = (f + 1) % n
    if since < n:
        return np.nan
    return _total(stages, tree)


@compiled
def _total(stages: Stages, tree: Tree) -> float:
    """Return the cost of opening and shipping; inf where something flows through a closed facility or from nowhere."""
    k = len(tree.plants)
    least = LEAST * np.sum(stages.demand)
    cost = np.sum(stages.plants.opening[tree.plants]) + np.sum(stages.sites.opening[tree.sites])
    for f in range(len(tree.is_full)):
        if tree.is_full[f] and not (tree.plants[f] if f < k else tree.sites[f - k]):
            return np.inf
    for place in range(1, len(tree.parent)):
        if tree.flow[place] > 0:
            tail, head = tree.parent[place], place
            if not tree.down[place]:
                tail, head = head, tail
            unit = _cost(tree, tail, head, tree.unit[place])
            if unit >= CLOSED * tree.dearest:
                if tree.flow[place] > least:
                    return np.inf
            else:
                cost += unit * tree.flow[place]
    return cost
