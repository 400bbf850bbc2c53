"""Vertex substitution in machine code: open a site, close one, or both, until no exchange saves.

Each closed site in turn is priced against all open ones at once, from the two nearest open sites of every node that it
is near to, and taken as soon as it saves (Whitaker 1983; Schubert and Rousseeuw 2021, Fast and eager k-medoids
clustering): a round costs no more than looking at every arc once, however many exchanges it takes.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.locate.uncapacitated.lagrangian import Siting
from siting.machine_code import compiled

SAVED = 1e-10
"""An exchange that saves less than this share of the cost saves nothing."""
MOST_KICKED = 3
"""Most exchanges of one kick."""

MOST_SEEN = 20_000_000
"""Arcs between two looks at the clock, about."""


class Near(NamedTuple):
    """Arcs of node i from `first_site[i]` on, by rising cost, and of site j from `first_node[j]` on.

    `far` (n_nodes,) is what a node that no site serves is taken to cost; `may_open` and `may_close` (n_sites,) say
    which sites may be exchanged, `least` and `most` how many may be open.
    """

    first_site: Ints
    site: Ints
    site_cost: Floats
    first_node: Ints
    node: Ints
    node_cost: Floats
    far: Floats
    opening: Floats
    may_open: Bools
    may_close: Bools
    least: int
    most: int


class Queue(NamedTuple):
    """Sites that are to be tried, in a ring: `ends` holds the place of the first, and how many there are."""

    site: Ints
    is_in: Bools
    ends: Ints


class Served(NamedTuple):
    """The nearest and second open sites of each node (−1: none), what they cost, and what each open site saves."""

    first: Ints
    second: Ints
    here: Floats
    there: Floats
    loss: Floats


def near_of(siting: Siting) -> Near:
    """Return the arcs of a problem by node and by site."""
    arcs, rules = siting.arcs, siting.rules
    rank = sparse.csr_array((np.arange(len(arcs.site)), arcs.site, arcs.start), shape=(arcs.n_nodes, arcs.n_sites))
    columns = sparse.csc_array(rank)
    far = 2 * float(arcs.cost.max(initial=0.0)) + 1
    return Near(
        np.asarray(arcs.start, np.int64),
        np.asarray(arcs.site, np.int64),
        np.asarray(arcs.cost, np.float64),
        columns.indptr.astype(np.int64),
        columns.indices.astype(np.int64),
        arcs.cost[columns.data].astype(np.float64),
        np.where(np.isfinite(siting.unserved), siting.unserved, far),
        siting.opening.astype(np.float64),
        ~rules.is_forbidden,
        ~rules.is_fixed,
        int(siting.least),
        int(siting.most),
    )


def substitute(near: Near, is_open: Bools, *, kicks: int, rng: Generator, deadline: float) -> tuple[Bools, float]:
    """Return the best choice reached from `is_open`, (n_sites,), by exchanges and kicks, and its cost.

    A kick exchanges a few sites at random, close to each other, and exchanges follow near what was changed. Sites are
    opened or closed first where fewer than `near.least` or more than `near.most` are open. At the `deadline`, by
    `time.monotonic`, the best so far is returned.
    """
    n, m = len(near.far), len(is_open)
    chosen = (is_open & near.may_open) | ~near.may_close
    served = Served(np.full(n, -1), np.full(n, -1), near.far.copy(), near.far.copy(), np.zeros(m))
    queue = Queue(np.empty(m, np.int64), np.zeros(m, np.bool_), np.zeros(2, np.int64))
    order = rng.permutation(np.flatnonzero(near.may_open & near.may_close))
    more = np.zeros(m)
    _start(near, chosen, served, queue)

    def follow() -> bool:
        is_better = False
        while queue.ends[1] and time.monotonic() < deadline:
            is_better |= _exchange(near, chosen, served, queue, more)
        return is_better

    _push_all(queue, order)
    while follow():
        _push_all(queue, order)
    cost = _cost(near, chosen, served)
    best, now = (cost, chosen.copy()), (cost, chosen.copy(), [part.copy() for part in served])
    for _ in range(kicks if len(order) > 1 else 0):
        if time.monotonic() > deadline:
            break
        _kick(near, chosen, served, queue, rng.random(3 * int(rng.integers(1, MOST_KICKED + 1))))
        follow()
        cost = _cost(near, chosen, served)
        if cost <= now[0]:
            now = cost, chosen.copy(), [part.copy() for part in served]
            best = now[:2] if cost < best[0] else best
            continue
        chosen[:] = now[1]
        for part, kept in zip(served, now[2], strict=True):
            part[:] = kept
    return best[1], best[0]


def _cost(near: Near, is_open: Bools, served: Served) -> float:
    return float(served.here.sum() + near.opening[is_open].sum())


@compiled
def _start(near: Near, is_open: Bools, served: Served, queue: Queue) -> None:
    """Assign nodes to sites, and close or open sites if too many or too few are open."""
    count = len(np.flatnonzero(is_open))
    for i in range(len(near.far)):
        _serve(near, is_open, served, i)
    while count > near.most and _close_least(near, is_open, served, queue, np.inf):
        count -= 1
    if count < near.most:
        _fill(near, is_open, served, queue, near.least - count, near.most - count)


@compiled
def _push_all(queue: Queue, sites: Ints) -> None:
    for j in sites:
        _push(queue, j)


@compiled
def _kick(near: Near, is_open: Bools, served: Served, queue: Queue, chance: Floats) -> None:
    """Close a few open sites and open as many, each two near a node; `chance` is drawn from [0, 1)."""
    for k in range(0, len(chance), 3):
        i = int(chance[k] * len(near.far))
        closed = served.first[i] if chance[k + 1] < 0.5 else served.second[i]
        if closed < 0 or not near.may_close[closed]:
            continue
        first = near.first_site[i]
        reach = first
        while reach < near.first_site[i + 1] and near.site_cost[reach] <= served.there[i]:
            reach += 1
        opened = near.site[first + int(chance[k + 2] * (reach - first))]
        if near.may_open[opened] and not is_open[opened]:
            _open(near, is_open, served, queue, opened)
            _close(near, is_open, served, queue, closed)


@compiled
def _push(queue: Queue, site: int) -> None:
    if not queue.is_in[site]:
        queue.is_in[site] = True
        queue.site[(queue.ends[0] + queue.ends[1]) % len(queue.site)] = site
        queue.ends[1] += 1


@compiled
def _exchange(near: Near, is_open: Bools, served: Served, queue: Queue, more: Floats) -> bool:
    """Try the sites of the queue, until it is empty or many arcs were seen; return whether any exchange saved.

    `more` (n_sites,), zeros, is working memory.
    """
    is_better, cost, seen = False, np.sum(served.here), 0
    chosen = np.flatnonzero(is_open)
    while queue.ends[1] > 0 and seen < MOST_SEEN:
        count = len(chosen)
        opened = queue.site[queue.ends[0]]
        queue.ends[0] = (queue.ends[0] + 1) % len(queue.site)
        queue.ends[1] -= 1
        queue.is_in[opened] = False
        if is_open[opened] or not near.may_open[opened]:
            continue
        seen += near.first_node[opened + 1] - near.first_node[opened]
        gain = _gain(near, served, opened, more)
        closed, saved = -1, -np.inf
        for k in range(count):
            r = chosen[k]
            if near.may_close[r] and near.opening[r] - served.loss[r] + more[r] > saved:
                closed, saved = r, near.opening[r] - served.loss[r] + more[r]
            more[r] = 0.0
        saved += gain
        if count < near.most and gain >= saved:
            closed, saved = -1, gain
        if saved <= SAVED * (1.0 + cost):
            continue
        is_better = True
        _open(near, is_open, served, queue, opened)
        if closed >= 0:
            _close(near, is_open, served, queue, closed)
        else:
            count += 1
        while count > near.least and _close_least(near, is_open, served, queue, -SAVED * (1.0 + cost)):
            count -= 1
        chosen = np.flatnonzero(is_open)
    return is_better


@compiled
def _serve(near: Near, is_open: Bools, served: Served, i: int) -> None:
    """Find the two nearest open sites of a node again."""
    if served.first[i] >= 0:
        served.loss[served.first[i]] -= served.there[i] - served.here[i]
    served.first[i], served.second[i] = -1, -1
    served.here[i], served.there[i] = near.far[i], near.far[i]
    for a in range(near.first_site[i], near.first_site[i + 1]):
        if near.site_cost[a] >= near.far[i]:
            break
        if is_open[near.site[a]]:
            if served.first[i] < 0:
                served.first[i], served.here[i] = near.site[a], near.site_cost[a]
            else:
                served.second[i], served.there[i] = near.site[a], near.site_cost[a]
                break
    if served.first[i] >= 0:
        served.loss[served.first[i]] += served.there[i] - served.here[i]


@compiled
def _gain(near: Near, served: Served, opened: int, more: Floats) -> float:
    """Return the saving of opening a site; in `more` (n_sites,), how much less closing each open one then costs."""
    gain = -float(near.opening[opened])
    for a in range(near.first_node[opened], near.first_node[opened + 1]):
        i, cost = near.node[a], near.node_cost[a]
        if cost >= served.there[i]:
            continue
        if cost < served.here[i]:
            gain += float(served.here[i] - cost)
        if served.first[i] >= 0:
            more[served.first[i]] += served.there[i] - max(cost, served.here[i])
    return gain


@compiled
def _open(near: Near, is_open: Bools, served: Served, queue: Queue, opened: int) -> None:
    is_open[opened] = True
    for a in range(near.first_node[opened], near.first_node[opened + 1]):
        i, cost = near.node[a], near.node_cost[a]
        if cost >= served.there[i]:
            continue
        _notice(near, served, queue, i)
        first = served.first[i]
        if first >= 0:
            served.loss[first] -= served.there[i] - served.here[i]
        if cost < served.here[i]:
            served.second[i], served.there[i] = first, served.here[i]
            served.first[i], served.here[i] = opened, cost
        else:
            served.second[i], served.there[i] = opened, cost
        served.loss[served.first[i]] += served.there[i] - served.here[i]


@compiled
def _close(near: Near, is_open: Bools, served: Served, queue: Queue, closed: int) -> None:
    is_open[closed] = False
    for i in range(len(near.far)):
        if served.first[i] == closed or served.second[i] == closed:
            _serve(near, is_open, served, i)
            _notice(near, served, queue, i)
    served.loss[closed] = 0.0


@compiled
def _notice(near: Near, served: Served, queue: Queue, i: int) -> None:
    """Queue the sites that are nearer to a node than its second-best one."""
    for a in range(near.first_site[i], near.first_site[i + 1]):
        if near.site_cost[a] > served.there[i]:
            break
        _push(queue, near.site[a])


@compiled
def _close_least(near: Near, is_open: Bools, served: Served, queue: Queue, below: float) -> bool:
    """Close the site with the smallest closing cost if that is below `below`; return whether one was closed."""
    closed, least = -1, below
    for r in range(len(is_open)):
        if is_open[r] and near.may_close[r] and served.loss[r] - near.opening[r] < least:
            closed, least = r, served.loss[r] - near.opening[r]
    if closed >= 0:
        _close(near, is_open, served, queue, closed)
    return closed >= 0


@compiled
def _fill(near: Near, is_open: Bools, served: Served, queue: Queue, least: int, most: int) -> None:
    """Open `least` to `most` sites, each the one that then saves most; those beyond `least` only if they save."""
    saved = -near.opening
    for i in range(len(near.far)):
        _save(near, saved, i, served.here[i], 1.0)
    for number in range(most):
        opened = -1
        for j in range(len(saved)):
            if near.may_open[j] and not is_open[j] and (opened < 0 or saved[j] > saved[opened]):
                opened = j
        if opened < 0 or (number >= least and saved[opened] <= 0):
            return
        for a in range(near.first_node[opened], near.first_node[opened + 1]):
            i, cost = near.node[a], near.node_cost[a]
            if cost < served.here[i]:
                _save(near, saved, i, served.here[i], -1.0)
                _save(near, saved, i, cost, 1.0)
        _open(near, is_open, served, queue, opened)


@compiled
def _save(near: Near, saved: Floats, i: int, here: float, sign: float) -> None:
    """Add (sign 1) or take away (−1) what each site would save a node that costs `here`."""
    for a in range(near.first_site[i], near.first_site[i + 1]):
        if near.site_cost[a] >= here:
            break
        saved[near.site[a]] += sign * (here - near.site_cost[a])
