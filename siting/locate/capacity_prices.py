"""A bound for facility location with capacities by pricing who is served, a first choice, and the sites both rule out.

With a price λ[i] for serving node i, each site is a knapsack of its own (Nauss 1978; Beasley 1988):

    ρ[j] = opening[j] + least of Σ_i (cost[i,j] − λ[i]) x[i] over 0 <= x <= 1, Σ_i demand[i] x[i] <= capacity[j]
    L(λ) = Σ_i λ[i] + least of Σ_j ρ[j] y[j] over 0 <= y <= 1, Σ_j capacity[j] y[j] >= Σ_i demand[i]

is no more than the cost of any plan, whole or shared. A site whose use alone lifts L above a known plan is left out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import Arcs
from siting.locate.asked import SiteRules
from siting.solve.highs import Program, run_highs

ROUNDS = 400
PATIENCE = 15
TRIES = 20
PROMISING = 15


@dataclass(frozen=True)
class Capacitated:
    """Nodes with `demand` (n_nodes,), sites with `opening` and `capacity` (n_sites,)."""

    arcs: Arcs
    rules: SiteRules
    demand: Floats
    opening: Floats
    capacity: Floats


@dataclass(frozen=True)
class Sifted:
    """The `bound`, the `prices` and `worth` ρ behind it, and the best choice tried with nodes shared between sites."""

    bound: float
    prices: Floats
    worth: Floats
    is_open: Bools


def sift(problem: Capacitated, *, deadline: float) -> Sifted:
    """Prices by subgradient steps until `deadline` (by `time.monotonic`), choices tried along the way."""
    arcs = problem.arcs
    order = np.lexsort((arcs.site,))
    by_site = (arcs.node[order], arcs.site[order], arcs.cost[order])
    prices = arcs.cost[arcs.start[:-1]].copy()
    best_bound, best_prices, best_worth = -np.inf, prices, problem.opening
    cost, is_open = np.inf, problem.rules.is_fixed
    step, stale = 1.5, 0
    tried: set[bytes] = set()
    for number in range(ROUNDS):
        if time.monotonic() > deadline or step < 1e-3:
            break
        worth, taken = _worth(problem, by_site, prices)
        used, value = _sites(problem, worth)
        bound = float(prices.sum() + value)
        if bound > best_bound:
            stale = 0 if bound > best_bound + 1e-5 * abs(best_bound) else stale + 1
            best_bound, best_prices, best_worth = bound, prices, worth
        else:
            stale += 1
        if number % (ROUNDS // TRIES) == ROUNDS // TRIES - 1 or number == 0:
            chosen = _enough(problem, used > 0)
            if chosen.tobytes() not in tried:
                tried.add(chosen.tobytes())
                tried_cost = transport_cost(problem, chosen, deadline=deadline)
                if tried_cost < cost:
                    cost, is_open = tried_cost, chosen
        served = np.bincount(by_site[0], taken * used[by_site[1]], minlength=arcs.n_nodes)
        slope = 1.0 - served
        norm = float(slope @ slope)
        if norm < 1e-12:
            break
        if stale >= PATIENCE:
            step, stale, prices = step / 2, 0, best_prices
        target = cost if np.isfinite(cost) else best_bound * 1.1 + 1
        prices = np.maximum(prices + step * max(1.01 * target - bound, 1e-9) / norm * slope, 0.0)
    return Sifted(best_bound, best_prices, best_worth, is_open)


def _worth(problem: Capacitated, by_site: tuple[Ints, Ints, Floats], prices: Floats) -> tuple[Floats, Floats]:
    """ρ of each site, (n_sites,), and the share that its knapsack takes of each arc, in the order of `by_site`."""
    node, site, cost = by_site
    n_sites = problem.arcs.n_sites
    reduced = cost - prices[node]
    demand = problem.demand[node]
    gains = np.flatnonzero(reduced < 0)
    with_ratio = reduced[gains] / np.maximum(demand[gains], 1e-12)
    gains = gains[np.lexsort((with_ratio, site[gains]))]
    own, size = site[gains], demand[gains]
    before = np.cumsum(size) - size
    first = np.searchsorted(own, np.arange(n_sites))
    start = before[np.minimum(first, max(len(before) - 1, 0))] if len(before) else np.zeros(n_sites)
    room = problem.capacity[own] - (before - start[own])
    share = np.clip(room / np.maximum(size, 1e-12), 0.0, 1.0)
    taken = np.zeros(len(cost))
    taken[gains] = share
    return problem.opening + np.bincount(own, reduced[gains] * share, minlength=n_sites), taken


def _sites(problem: Capacitated, worth: Floats, forced: int = -1) -> tuple[Floats, float]:
    """The fractions of sites, (n_sites,), whose worth is least where their capacity suffices, and that worth."""
    use = np.where((worth < 0) & ~problem.rules.is_forbidden, 1.0, 0.0)
    use[problem.rules.is_fixed] = 1.0
    if forced >= 0:
        use[forced] = 1.0
    missing = float(problem.demand.sum() - use @ problem.capacity)
    if missing > 0:
        size = float(problem.capacity.max())
        if (problem.capacity == size).all():  # then whole sites are needed
            missing = np.ceil(missing / size - 1e-9) * size
        spare = np.flatnonzero((use == 0) & ~problem.rules.is_forbidden & (problem.capacity > 0))
        spare = spare[np.argsort(worth[spare] / problem.capacity[spare], kind="stable")]
        before = np.cumsum(problem.capacity[spare]) - problem.capacity[spare]
        use[spare] = np.clip((missing - before) / problem.capacity[spare], 0.0, 1.0)
    return use, float(use @ worth)


def may_open(problem: Capacitated, sifted: Sifted, cost: float) -> Bools:
    """Sites that a plan below `cost` may use, (n_sites,)."""
    may = ~problem.rules.is_forbidden
    for site in np.flatnonzero(may & ~problem.rules.is_fixed):
        lifted = sifted.prices.sum() + _sites(problem, sifted.worth, int(site))[1]
        may[site] = lifted <= cost * (1 + 1e-9)
    return may


def exchanged(problem: Capacitated, sifted: Sifted, *, deadline: float) -> Bools:
    """The best choice after opening, closing or exchanging sites while that saves, promising ones first."""
    is_open = sifted.is_open
    cost = transport_cost(problem, is_open, deadline=deadline)
    is_better = True
    while is_better:
        is_better = False
        for tried in _neighbours(problem, sifted.worth, is_open):
            if time.monotonic() > deadline:
                return is_open
            tried_cost = transport_cost(problem, tried, deadline=deadline)
            if tried_cost < cost * (1 - 1e-9):
                is_open, cost, is_better = tried, tried_cost, True
                break
    return is_open


def _neighbours(problem: Capacitated, worth: Floats, is_open: Bools) -> Iterator[Bools]:
    """Choices that differ by a site or two and have the capacity for all."""
    closed = np.flatnonzero(~is_open & ~problem.rules.is_forbidden)
    closed = closed[np.argsort(worth[closed], kind="stable")][:PROMISING]
    opened = np.flatnonzero(is_open & ~problem.rules.is_fixed)
    opened = opened[np.argsort(-worth[opened], kind="stable")]
    moves = [(int(j), -1) for j in opened] + [(-1, int(k)) for k in closed]
    moves += [(int(j), int(k)) for k in closed for j in opened]
    for out, into in moves:
        tried = is_open.copy()
        if out >= 0:
            tried[out] = False
        if into >= 0:
            tried[into] = True
        if problem.capacity[tried].sum() >= problem.demand.sum():
            yield tried


def _enough(problem: Capacitated, chosen: Bools) -> Bools:
    """`chosen` and the largest other sites until their capacity suffices."""
    is_open = chosen & ~problem.rules.is_forbidden
    for site in np.argsort(-problem.capacity, kind="stable"):
        if problem.capacity[is_open].sum() >= problem.demand.sum():
            break
        is_open[site] |= not problem.rules.is_forbidden[site]
    return is_open


def transport_cost(problem: Capacitated, is_open: Bools, *, deadline: float) -> float:
    """The cost of the sites that are open and of serving all from them; inf where that cannot be, or time is up."""
    arcs = problem.arcs.keep(is_open[problem.arcs.site])
    node, column = arcs.node, np.arange(len(arcs.site))
    rows = arcs.n_nodes + arcs.n_sites
    entries = np.concatenate([np.ones(len(column)), problem.demand[node] / max(problem.demand.mean(), 1e-12)])
    ends = (np.concatenate([node, arcs.n_nodes + arcs.site]), np.concatenate([column, column]))
    matrix = sparse.csr_array((entries, ends), shape=(rows, len(column)))
    room = problem.capacity / max(problem.demand.mean(), 1e-12)
    lower = np.concatenate([np.ones(arcs.n_nodes), np.full(arcs.n_sites, -np.inf)])
    upper = np.concatenate([np.ones(arcs.n_nodes), room])
    scale = 1.0 / max(float(arcs.cost.mean()) if arcs.cost.size else 1.0, 1e-12)
    ones = np.ones(len(column))
    program = Program(arcs.cost * scale, 0 * ones, ones, matrix, lower, upper)
    answer = run_highs(program, time_limit_s=max(0.5, deadline - time.monotonic()))
    if not answer.is_optimal:
        return np.inf
    return float(problem.opening[is_open].sum() + answer.cost / scale)
