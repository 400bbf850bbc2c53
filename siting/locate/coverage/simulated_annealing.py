"""Maximal covering by simulated annealing on exchanges of one site for another, in machine code.

An exchange is priced from how many chosen sites cover each node, so that it costs no more than the nodes of two sites;
one that loses is taken with a chance that falls as the search cools (Kirkpatrick, Gelatt and Vecchi 1983).
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.machine_code import compiled

STEPS, MOST_LOOKS = 20, 20_000_000
"""Parts of the cooling at least, between which the clock is looked at; arcs looked at in one, about, at most."""
NEAR_SHARE = 0.9
"""Share of exchanges for a site that shares a node with the one that closes."""
HOT, COLD = 0.05, 0.003
"""Temperatures at the beginning and the end, as shares of what a chosen site covers on average."""


class Cover(NamedTuple):
    """Coverage as adjacency: the sites of node i from `first_site[i]` on, the nodes of site j from `first_node[j]` on.

    `weight` (n_nodes,) > 0. Every node has a site and every site a node.
    """

    first_site: Ints
    site: Ints
    first_node: Ints
    node: Ints
    weight: Floats


class Choice(NamedTuple):
    """Open sites as flags (n_sites,) and as list `chosen`, and how many of them cover each node, (n_nodes,)."""

    is_open: Bools
    chosen: Ints
    times: Ints


def cover_of(covers: sparse.csr_array, weight: Floats) -> Cover:
    """Return the coverage of a matrix (n_nodes, n_sites)."""
    columns = sparse.csc_array(covers)
    first_site, first_node = covers.indptr.astype(np.int64), columns.indptr.astype(np.int64)
    site, node = covers.indices.astype(np.int64), columns.indices.astype(np.int64)
    return Cover(first_site, site, first_node, node, weight.astype(float))


def anneal(cover: Cover, is_open: Bools, *, exchanges: int, seed: int, hot: float = HOT, deadline: float) -> Bools:
    """Return the best choice of so many exchanges from `is_open`, (n_sites,); the number of open sites stays."""
    chosen = np.flatnonzero(is_open)
    if not 0 < len(chosen) < len(is_open):
        return is_open.copy()
    times = np.bincount(_nodes(cover, chosen), minlength=len(cover.weight))
    value = float(cover.weight[times > 0].sum())
    state, best, most = Choice(is_open.copy(), chosen, times), chosen.copy(), value
    rng = np.random.default_rng(seed)
    parts = max(STEPS, exchanges * len(cover.node) // (len(is_open) * MOST_LOOKS))
    begun = time.monotonic()
    for step in np.linspace(0.0, 1.0, parts):
        now = time.monotonic()
        if now > deadline:
            break
        share = max(step, (now - begun) / (deadline - begun))  # cool by time if the time limit comes first
        heat = hot * (COLD / hot) ** share * value / len(chosen)
        value, most = _anneal(cover, state, best, value, most, heat, rng, exchanges // parts)
    found = np.zeros(len(is_open), dtype=bool)
    found[best] = True
    return found


def _nodes(cover: Cover, sites: Ints) -> Ints:
    """Return the nodes of these sites, one after the other."""
    return np.concatenate([cover.node[cover.first_node[j] : cover.first_node[j + 1]] for j in sites])


@compiled
def _anneal(
    cover: Cover, state: Choice, best: Ints, value: float, most: float, heat: float, rng: Generator, exchanges: int
) -> tuple[float, float]:
    """Try exchanges at one temperature, changing `state` and the `best` sites in place; return value and best value."""
    is_open, chosen, times = state
    for _ in range(exchanges):
        place = _below(rng, len(chosen))
        closed = chosen[place]
        opened = _drawn(cover, closed, rng)
        if is_open[opened]:
            continue
        least = heat * np.log(1.0 - rng.random())
        more = _turned(cover, times, closed, -1) + _turned(cover, times, opened, 1)
        if more < least:
            _turned(cover, times, opened, -1)
            _turned(cover, times, closed, 1)
            continue
        chosen[place] = opened
        is_open[closed], is_open[opened] = False, True
        value += more
        if value > most + 1e-9 * (1.0 + most):
            most = value
            best[:] = chosen
    return value, most


@compiled
def _drawn(cover: Cover, closed: int, rng: Generator) -> int:
    """Return a site at random, mostly one that shares a node with the one that closes."""
    if rng.random() < NEAR_SHARE:
        first, last = cover.first_node[closed], cover.first_node[closed + 1]
        node = cover.node[first + _below(rng, last - first)]
        first, last = cover.first_site[node], cover.first_site[node + 1]
        return int(cover.site[first + _below(rng, last - first)])
    return _below(rng, len(cover.first_node) - 1)


@compiled
def _below(rng: Generator, n: int) -> int:
    return int(rng.random() * n)


@compiled
def _turned(cover: Cover, times: Ints, site: int, step: int) -> float:
    """Open (step 1) or close (−1) a site; what is covered more."""
    more = 0.0
    for a in range(cover.first_node[site], cover.first_node[site + 1]):
        i = cover.node[a]
        if min(times[i], times[i] + step) == 0:
            more += step * cover.weight[i]
        times[i] += step
    return more
