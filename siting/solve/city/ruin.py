"""Ruin and recreate at one tier, in machine code: close some sites of a region, open others greedily, keep what pays.

Schrimpf et al. 2000 for the principle. Decisions are guided by prices; whether a change is kept is decided by what it
costs, with what a coupling row is missed by paid at `penalty`. Each step touches one region of a few dozen sites.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from siting.instance import Bools, Floats, Ints
from siting.machine_code import borrowing, compiled
from siting.solve.city.penalty import LEAST, NEVER, RowChange, add_to_row, below, forget, make, missed_cost, no_change

Spare = tuple[Floats, Floats, Ints]
"""Two rows as wide as the widest site to write units in, and a number for each site."""
Change = tuple[int, float, float, tuple[Ints, int]]
"""Most sites closed, noise, factor on opening costs, and the marks of the region."""
Kept = tuple[Ints, Floats, Floats]
"""Option and kt of each site of a region, and the units of their inflows one after the other."""


class Shape(NamedTuple):
    """Data that do not change during a search; numbers as in `Tier`.

    `column_of_supply` lists the inflow columns of supply s from `first_of_supply[s]` on. Coupling rows: those that pair
    p counts in stand from `first_of_pair[p]` on in `row_of_pair`, with what it adds; likewise options.
    """

    must_open: Bools
    first_option: Ints
    option_site: Ints
    capacity_kt: Floats
    least_kt: Floats
    first_column: Ints
    column_site: Ints
    kt: Floats
    upper: Floats
    first_pair: Ints
    supply: Ints
    first_of_supply: Ints
    column_of_supply: Ints
    unserved: Floats
    first_of_pair: Ints
    row_of_pair: Ints
    added_by_pair: Floats
    first_of_option: Ints
    row_of_option: Ints
    added_by_option: Floats
    row_lower: Floats
    row_upper: Floats


class Prices(NamedTuple):
    """Costs of pairs and options, true (`pair`, `open`) and with the coupling rows priced (`guide_…`).

    `order` ranks the pairs of each option by guide cost a kt; `penalty` (n_rows,) is paid for a row that is missed.
    """

    pair: Floats
    open: Floats
    guide_pair: Floats
    guide_open: Floats
    order: Ints
    penalty: Floats


class State(NamedTuple):
    """A plan of the tier, changed in place.

    The option open at each site or −1, units of each inflow column, what is left of each supply, kt at each site, and
    what each coupling row has reached. `touched` (1,) counts the inflows and rows that searches have gone through.
    """

    option: Ints
    units: Floats
    left: Floats
    load_kt: Floats
    reached: Floats
    touched: Ints


class Moves(NamedTuple):
    """How a search moves.

    Sites in a region, most closed at once, temperature from and to, noise of the greedy choice, and the least and the
    most factor on opening costs as the greedy choice sees them: below 1 it opens more than pays, above 1 less.
    """

    region: int
    most_closed: int
    hot: float
    cold: float
    noise: float
    least_factor: float
    most_factor: float


@compiled
def rank_pairs(shape: Shape, guide_pair: Floats, order: Ints) -> None:
    """Write into `order` the inflows of each option's site by guide cost a kt, cheapest first."""
    for o in range(len(shape.first_pair) - 1):
        base, width = shape.first_pair[o], shape.first_pair[o + 1] - shape.first_pair[o]
        first = shape.first_column[shape.option_site[o]]
        worth = np.empty(width)
        for k in range(width):
            cost = guide_pair[base + k] - shape.unserved[shape.supply[first + k]]
            kt = shape.kt[first + k]
            worth[k] = cost / kt if kt > 0 else (-NEVER if cost < 0 else NEVER)
        order[base : base + width] = np.argsort(worth)


@borrowing
def _fill(shape: Shape, prices: Prices, left: Floats, at: tuple[int, int, float], units: Floats) -> float:
    """Return the guided cost of opening an option at a closed site with its best inflows, put into `units`."""
    j, o, opening = at
    base, first = shape.first_pair[o], shape.first_column[j]
    width = shape.first_column[j + 1] - first
    load, cost = 0.0, opening
    units[:width] = 0.0
    for t in range(width):
        k = prices.order[base + t]
        c = first + k
        s = shape.supply[c]
        gain = prices.guide_pair[base + k] - shape.unserved[s]
        if gain > LEAST * NEVER:
            break
        limit = shape.capacity_kt[o] if gain < 0 else shape.least_kt[o]
        if load >= limit - LEAST and shape.kt[c] > 0:
            continue
        amount = min(shape.upper[c], left[s])
        if shape.kt[c] > 0:
            amount = min(amount, (limit - load) / shape.kt[c])
        elif gain >= 0:
            continue
        if amount > LEAST:
            units[k] = amount
            load += shape.kt[c] * amount
            cost += gain * amount
    return NEVER if load < shape.least_kt[o] - LEAST and not shape.must_open[j] else cost


@borrowing
def _best(
    shape: Shape, prices: Prices, state: State, at: tuple[int, float], units: Floats, best: Floats
) -> tuple[float, int]:
    """Return the cheapest option at a closed site, its inflows in `best`; opening costs are multiplied by a factor."""
    j, factor = at
    state.touched[0] += shape.first_pair[shape.first_option[j + 1]] - shape.first_pair[shape.first_option[j]]
    least, chosen = NEVER, -1
    for o in range(shape.first_option[j], shape.first_option[j + 1]):
        opening = prices.guide_open[o] + (factor - 1.0) * prices.open[o]
        cost = _fill(shape, prices, state.left, (j, o, opening), units)
        if cost < least:
            least, chosen = cost, o
            for c in range(shape.first_column[j + 1] - shape.first_column[j]):
                best[c] = units[c]
    return least, chosen


@borrowing
def _open(shape: Shape, state: State, j: int, o: int, units: Floats) -> None:
    state.option[j] = o
    state.load_kt[j] = 0.0
    first = shape.first_column[j]
    for c in range(first, shape.first_column[j + 1]):
        state.units[c] = units[c - first]
        state.load_kt[j] += shape.kt[c] * units[c - first]
        state.left[shape.supply[c]] = max(0.0, state.left[shape.supply[c]] - units[c - first])


@borrowing
def _close(shape: Shape, state: State, j: int) -> None:
    state.option[j] = -1
    state.load_kt[j] = 0.0
    for c in range(shape.first_column[j], shape.first_column[j + 1]):
        if state.units[c] > 0:
            state.left[shape.supply[c]] += state.units[c]
            state.units[c] = 0.0


@borrowing
def _count(shape: Shape, prices: Prices, state: State, j: int, sign: float, change: RowChange) -> float:
    """Return the cost of what stands at site j; what it adds to coupling rows goes, times a sign, into `change`."""
    o = state.option[j]
    if o < 0:
        return 0.0
    cost: float = prices.open[o]
    state.touched[0] += shape.first_column[j + 1] - shape.first_column[j]
    for q in range(shape.first_of_option[o], shape.first_of_option[o + 1]):
        add_to_row(change, shape.row_of_option[q], sign * shape.added_by_option[q])
    for c in range(shape.first_column[j], shape.first_column[j + 1]):
        units = state.units[c]
        if units > 0:
            p = shape.first_pair[o] + c - shape.first_column[j]
            cost += (prices.pair[p] - shape.unserved[shape.supply[c]]) * units
            for q in range(shape.first_of_pair[p], shape.first_of_pair[p + 1]):
                add_to_row(change, shape.row_of_pair[q], sign * shape.added_by_pair[q] * units)
    return cost


@borrowing
def _region(shape: Shape, seed: int, marks: tuple[Ints, Ints, int], region: Ints, touched: Ints) -> int:
    """Return the sites near `seed`, breadth first over common supplies, into `region`; how many."""
    site_mark, supply_mark, mark = marks
    n, head = 1, 0
    region[0] = seed
    site_mark[seed] = mark
    while head < n < len(region):
        j = region[head]
        head += 1
        for c in range(shape.first_column[j], shape.first_column[j + 1]):
            s = shape.supply[c]
            if supply_mark[s] == mark:
                continue
            supply_mark[s] = mark
            touched[0] += shape.first_of_supply[s + 1] - shape.first_of_supply[s]
            for q in range(shape.first_of_supply[s], shape.first_of_supply[s + 1]):
                i = shape.column_site[shape.column_of_supply[q]]
                if site_mark[i] != mark and n < len(region):
                    site_mark[i] = mark
                    region[n] = i
                    n += 1
    return n


@compiled
def _recreate(
    shape: Shape, prices: Prices, state: State, region: Ints, how: tuple[float, float], spare: Spare, random: Generator
) -> None:
    """Open sites of the region greedily while that seems to pay; noise lets equal steps differ."""
    noise, factor = how
    units, best, slot = spare
    gain = np.full(len(region), np.nan)
    for h in range(len(region)):
        slot[region[h]] = h
    while True:
        chosen = -1
        for h in range(len(region)):
            j = region[h]
            if state.option[j] >= 0:
                continue
            if np.isnan(gain[h]):
                cost, _ = _best(shape, prices, state, (j, factor), units, best)
                gain[h] = cost * (1.0 - noise * random.random())
                if shape.must_open[j] and cost < NEVER:
                    gain[h] = cost - NEVER
            if gain[h] < -LEAST and (chosen < 0 or gain[h] < gain[chosen]):
                chosen = h
        if chosen < 0:
            return
        j = region[chosen]
        _, o = _best(shape, prices, state, (j, factor), units, best)
        _open(shape, state, j, o, best)
        _forget(shape, state, j, region, (slot, gain))


@borrowing
def _forget(shape: Shape, state: State, j: int, region: Ints, known: tuple[Ints, Floats]) -> None:
    """Strike out the gain of every site of the region that could draw on what open site j draws on."""
    slot, gain = known
    for c in range(shape.first_column[j], shape.first_column[j + 1]):
        if state.units[c] > 0:
            s = shape.supply[c]
            state.touched[0] += shape.first_of_supply[s + 1] - shape.first_of_supply[s]
            for q in range(shape.first_of_supply[s], shape.first_of_supply[s + 1]):
                i = shape.column_site[shape.column_of_supply[q]]
                h = slot[i]
                if h < len(region) and region[h] == i:
                    gain[h] = np.nan


@borrowing
def _take_over(shape: Shape, prices: Prices, state: State, j: int, marks: tuple[Ints, int]) -> None:
    """Let open site j take, as far as it has room, what others of the region serve at a higher guide cost."""
    site_mark, mark = marks
    o, first = state.option[j], shape.first_column[j]
    base = shape.first_pair[o]
    for t in range(shape.first_column[j + 1] - first):
        k = prices.order[base + t]
        c = first + k
        here = prices.guide_pair[base + k]
        s = shape.supply[c]
        state.touched[0] += shape.first_of_supply[s + 1] - shape.first_of_supply[s]
        for q in range(shape.first_of_supply[s], shape.first_of_supply[s + 1]):
            d = shape.column_of_supply[q]
            i = shape.column_site[d]
            if i == j or site_mark[i] != mark or state.units[d] <= LEAST:
                continue
            there = prices.guide_pair[shape.first_pair[state.option[i]] + d - shape.first_column[i]]
            amount = min(shape.upper[c] - state.units[c], state.units[d])
            if shape.kt[c] > 0:
                amount = min(amount, (shape.capacity_kt[o] - state.load_kt[j]) / shape.kt[c])
            if there <= here + LEAST or amount <= LEAST:
                continue
            state.units[c] += amount
            state.units[d] -= amount
            state.load_kt[j] += amount * shape.kt[c]
            state.load_kt[i] -= amount * shape.kt[d]


@compiled
def _change(
    shape: Shape, prices: Prices, state: State, region: Ints, how: Change, spare: Spare, random: Generator
) -> None:
    """Close some sites of the region, open others, and shift what they serve."""
    most_closed, noise, factor, marks = how
    units, best, _ = spare
    left_to_close = 1 + below(most_closed, random)
    for j in region:
        if left_to_close > 0 and state.option[j] >= 0:
            _close(shape, state, j)
            left_to_close -= 1
    _recreate(shape, prices, state, region, (noise, factor), spare, random)
    for j in region:
        if state.option[j] >= 0:
            _take_over(shape, prices, state, j, marks)
    for j in region:
        if state.option[j] >= 0:
            _close(shape, state, j)
            cost, o = _best(shape, prices, state, (j, factor), units, best)
            if o >= 0 and (cost < -LEAST or shape.must_open[j]):
                _open(shape, state, j, o, best)


@borrowing
def _keep(shape: Shape, state: State, region: Ints, kept: Kept) -> None:
    """Note what stands in the region."""
    option, load_kt, units = kept
    w = 0
    for h in range(len(region)):
        j = region[h]
        option[h], load_kt[h] = state.option[j], state.load_kt[j]
        state.touched[0] += shape.first_column[j + 1] - shape.first_column[j]
        for c in range(shape.first_column[j], shape.first_column[j + 1]):
            units[w] = state.units[c]
            w += 1


@borrowing
def _restore(shape: Shape, state: State, region: Ints, kept: Kept) -> None:
    """Put back what was noted of the region."""
    option, load_kt, units = kept
    for j in region:
        _close(shape, state, j)
    w = 0
    for h in range(len(region)):
        j = region[h]
        state.option[j], state.load_kt[j] = option[h], load_kt[h]
        for c in range(shape.first_column[j], shape.first_column[j + 1]):
            state.units[c] = units[w]
            state.left[shape.supply[c]] -= units[w]
            w += 1


@compiled
def search(
    shape: Shape, prices: Prices, state: State, moves: Moves, steps: int, random: Generator, centres: Ints
) -> float:
    """Change `state` in place for some steps, each around one of `centres`; the cost that it gained or lost.

    Penalties are included.
    """
    n = len(shape.must_open)
    widest = np.max(np.diff(shape.first_column))
    spare = np.zeros(widest), np.zeros(widest), np.zeros(n, np.int64)
    site_mark, supply_mark = np.zeros(n, np.int64), np.zeros(len(shape.unserved), np.int64)
    places = np.empty(min(moves.region, n), np.int64)
    kept = np.empty(len(places), np.int64), np.empty(len(places)), np.empty(widest * len(places))
    change = no_change(len(shape.row_lower))
    total = 0.0
    for step in range(1, steps + 1):
        heat = moves.hot + (moves.cold - moves.hot) * step / steps
        marks = site_mark, supply_mark, step
        size = _region(shape, centres[below(len(centres), random)], marks, places, state.touched)
        region = places[:size]
        _keep(shape, state, region, kept)
        state.touched[0] += forget(change)
        cost = 0.0
        for j in region:
            cost -= _count(shape, prices, state, j, -1.0, change)
        factor = moves.least_factor + (moves.most_factor - moves.least_factor) * random.random()
        how = moves.most_closed, moves.noise, factor, (site_mark, step)
        _change(shape, prices, state, region, how, spare, random)
        for j in region:
            cost += _count(shape, prices, state, j, 1.0, change)
        cost += missed_cost(shape.row_lower, shape.row_upper, prices.penalty, state.reached, change)
        if cost < 0 or (heat > 0 and random.random() < np.exp(-cost / heat)):
            total += cost
            make(change, state.reached)
        else:
            _restore(shape, state, region, kept)
    return total
