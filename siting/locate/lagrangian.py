"""Bounds for p-median and facility location by relaxing who is served, and what the bounds rule out.

With a price λ[i] for serving node i (Cornuéjols, Fisher and Nemhauser 1977; Beasley 1993):

    L(λ) = Σ_i λ[i] + least over y of Σ_j ρ[j] y[j],   ρ[j] = opening[j] + Σ_i min(0, cost[i,j] − λ[i])

is no more than the cost of any choice. Prices are kept at or below `beyond[i]` and what node i costs unserved, so that
pairs which are not listed add nothing: the bound holds for the whole problem, however few arcs are listed. Prices climb
by subgradient steps (Held, Wolfe and Crowder 1974).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Floats
from siting.locate.choice import Siting, most_cost

FIRST_STEP = 2.0
LAST_STEP = 1e-3
PATIENCE = 20
CEILING = 1.001
"""A bound so many times above what every choice costs says that there is none."""


@dataclass(frozen=True)
class Priced:
    """L and what it came from: `prices` (n_nodes,), `worth` ρ and `is_open` (n_sites,)."""

    bound: float
    prices: Floats
    worth: Floats
    is_open: Bools


def price(siting: Siting, prices: Floats) -> Priced:
    """L at these prices, (n_nodes,)."""
    arcs = siting.arcs
    reduced = arcs.cost - np.repeat(prices, np.diff(arcs.start))
    worth = siting.opening + np.bincount(arcs.site, np.minimum(reduced, 0.0), minlength=arcs.n_sites)
    is_open = cheapest(siting, worth)
    return Priced(float(prices.sum() + worth[is_open].sum()), prices, worth, is_open)


def cheapest(siting: Siting, worth: Floats) -> Bools:
    """The choice of sites whose worth is least, within the numbers asked."""
    rules = siting.rules
    is_open = rules.is_fixed.copy()
    order = np.flatnonzero(rules.is_free)
    order = order[np.argsort(worth[order], kind="stable")]
    fixed = int(is_open.sum())
    n_gain = int((worth[order] < 0).sum())
    is_open[order[: max(siting.least - fixed, min(siting.most - fixed, n_gain))]] = True
    return is_open


def dearest(siting: Siting) -> Floats:
    """The highest price of each node that is of use: what it costs beyond its arcs, or more than any choice costs."""
    return np.minimum(np.minimum(siting.arcs.beyond, siting.unserved), 1.01 * most_cost(siting) + 1e-6)


def climb(siting: Siting, best_cost: Callable[[Priced], float], *, rounds: int, until: Callable[[float, float], bool],
          deadline: float, start: Floats | None = None) -> Priced:  # fmt: skip
    """The best L found; `best_cost` hears of each better one and returns the cost of the best choice known.

    `until(bound, cost)` says when it is enough; `deadline` is by `time.monotonic`.
    """
    arcs = siting.arcs
    degree = np.diff(arcs.start)
    least_cost = np.where(degree > 0, arcs.cost[np.minimum(arcs.start[:-1], max(len(arcs.cost) - 1, 0))], 0.0)
    cap = dearest(siting)
    prices = np.minimum(least_cost if start is None else start, cap)
    best = now = price(siting, prices)
    cost, step, stale = best_cost(best), FIRST_STEP, 0
    direction, ceiling = np.zeros(arcs.n_nodes), most_cost(siting) * CEILING + 1e-6
    for _ in range(rounds):
        if until(best.bound, cost) or best.bound > ceiling or step < LAST_STEP or time.monotonic() > deadline:
            break
        served = now.is_open[arcs.site] & (arcs.cost < np.repeat(now.prices, degree))
        slope = 1.0 - np.add.reduceat(np.append(served, 0.0), np.minimum(arcs.start[:-1], len(served))) * (degree > 0)
        direction = slope + 0.3 * direction  # of the last step, against zigzag (Camerini, Fratta and Maffioli 1975)
        norm = float(direction @ direction)
        if norm == 0:
            break
        target = cost if np.isfinite(cost) else best.bound + abs(best.bound) + 1
        move = step * max(1.02 * target - now.bound, 1e-9) / norm
        now = price(siting, np.clip(now.prices + move * direction, 0.0, cap))
        if now.bound > best.bound:
            stale = 0 if now.bound > best.bound + 1e-5 * abs(best.bound) else stale + 1
            best = now
            cost = best_cost(best)
        else:
            stale += 1
        if stale >= PATIENCE:
            step, stale, now = step / 2, 0, best
            direction[:] = 0
    return best


@dataclass(frozen=True)
class Reduced:
    """What may still be part of a choice that costs less than the best known."""

    may_open: Bools
    must_open: Bools
    may_serve: Bools


def rule_out(siting: Siting, priced: Priced, cost: float) -> Reduced:
    """Sites (n_sites,) and arcs (n_arcs,) that no choice below `cost` can use, and sites that all of them open."""
    arcs = siting.arcs
    spare = cost - priced.bound
    more, less = _exchange_costs(siting, priced)
    may_open = siting.rules.is_fixed | (~siting.rules.is_forbidden & (priced.is_open | (more <= spare)))
    must_open = siting.rules.is_fixed | (priced.is_open & (less > spare))
    above = np.maximum(arcs.cost - np.repeat(priced.prices, np.diff(arcs.start)), 0.0)
    opening = np.where(priced.is_open, 0.0, more)
    may_serve = may_open[arcs.site] & (above + opening[arcs.site] <= spare)
    return Reduced(may_open, must_open, may_serve)


def _exchange_costs(siting: Siting, priced: Priced) -> tuple[Floats, Floats]:
    """By how much L rises if a closed site must open, or an open one must close, (n_sites,) each."""
    worth, is_open, free = priced.worth, priced.is_open, siting.rules.is_free
    n_open = int(is_open.sum())
    dearest = worth[is_open & free].max(initial=-np.inf)
    cheapest = worth[~is_open & free].min(initial=np.inf)
    makes_room = n_open < siting.most
    room = 0.0 if makes_room else -np.inf
    more = worth - max(room, dearest)  # in place of the dearest open one, or beside it
    less = min(0.0 if n_open > siting.least else np.inf, cheapest) - worth
    return np.maximum(more, 0.0), np.maximum(less, 0.0)
