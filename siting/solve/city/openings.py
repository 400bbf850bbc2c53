"""Local search over open points where residents choose for themselves, in machine code.

Only what is open is decided: opened, closed, swapped with a site near by, or changed in size; without heat a site drawn
with the size that it has serves its cells anew, in another order. Who goes where follows: each cell to its nearest open
point, what has no room there to the next that is not too much farther, and what has no room at all overflows where the
largest size leaves most. Sizes then follow from loads. Overflow and coupling rows that are missed are paid for by
penalties; a change is kept by the rule of simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983), with only the
cells and open points that it moves counted again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from siting.instance import Bools, Floats, Ints
from siting.machine_code import borrowing, compiled
from siting.solve.city.penalty import LEAST, NEVER, RowChange, add_to_row, below, forget, make, missed_cost, no_change

SWAP, RESIZE, PAIR = 0.5, 0.5, 0.1
"""Chance that a site that opens closes another near it, that a site that closes is replaced; of another size; and that
a site opens together with another near it, as a cell larger than any one point needs."""

Marks = tuple[Ints, Ints, int]
"""The last step that touched each site, and each cell; and the number of this step."""


class Town(NamedTuple):
    """Data that do not change during a search; numbers as in `Tier`, cells as supplies.

    `column_of_cell` lists the walks of cell s by distance from `first_of_cell[s]` on. Options of a site are of one
    `alike` number where they take the same and count for the same accesses. `most_kt` is the largest size of a site.
    Sites that are barred stay closed. The near columns of cell s stand from `first_near[s]` on. Coupling rows as in
    `Shape`.
    """

    must_open: Bools
    is_barred: Bools
    first_option: Ints
    option_site: Ints
    alike: Ints
    capacity_kt: Floats
    least_kt: Floats
    most_kt: Floats
    first_column: Ints
    column_site: Ints
    kt: Floats
    first_pair: Ints
    is_taken: Bools
    cell: Ints
    distance_m: Floats
    tolerance_m: float
    first_of_cell: Ints
    column_of_cell: Ints
    unserved: Floats
    first_near: Ints
    near_within_m: Floats
    near_access: Ints
    near_cost: Floats
    counts: Bools
    first_of_near: Ints
    row_of_near: Ints
    added_by_near: Floats
    first_of_pair: Ints
    row_of_pair: Ints
    added_by_pair: Floats
    first_of_option: Ints
    row_of_option: Ints
    added_by_option: Floats
    row_lower: Floats
    row_upper: Floats


class Costs(NamedTuple):
    """Costs of pairs and options, true (`pair`, `open`) and with the coupling rows priced (`guide_…`).

    `penalty` (n_rows,) is paid for a row that is missed, `overflow` for a kt above capacity or below a least load.
    """

    pair: Floats
    open: Floats
    guide_pair: Floats
    guide_open: Floats
    penalty: Floats
    overflow: float


class Openings(NamedTuple):
    """A plan of the points, changed in place.

    The option open at each site or −1, units of each walk, kt at each site, whether each near column is 1, and what
    each coupling row has reached. `touched` (1,) counts the walks and rows that searches have gone through.
    """

    option: Ints
    units: Floats
    load_kt: Floats
    near: Bools
    reached: Floats
    touched: Ints


class Change(NamedTuple):
    """The sites of a change: one, and another or −1."""

    site: int
    other: int


class Around(NamedTuple):
    """Room to write what a change touches: cells and open sites, and what stood there.

    `kept_units` (n_inflows,) and the other `kept_…` arrays are read only where a change has written them.
    """

    cells: Ints
    sites: Ints
    kept_option: Ints
    kept_load_kt: Floats
    kept_units: Floats
    kept_near: Bools


@borrowing
def _is_choice(town: Town, state: Openings, c: int) -> bool:
    """Return whether a walk leads to an open point that takes what its cell brings."""
    j = town.column_site[c]
    o = state.option[j]
    return o >= 0 and bool(town.is_taken[town.first_pair[o] + c - town.first_column[j]])


@borrowing
def _room(town: Town, state: Openings, c: int) -> float:
    """Return the share of its cell that a walk's open point has room for."""
    j = town.column_site[c]
    return max(0.0, town.capacity_kt[state.option[j]] - state.load_kt[j]) / town.kt[c] if town.kt[c] > 0 else 1.0


@borrowing
def serve(town: Town, state: Openings, s: int) -> None:
    """Send a cell that goes nowhere yet to its nearest open points while they have room."""
    limit, rest, widest, most = np.inf, 1.0, -1, -np.inf
    state.touched[0] += town.first_of_cell[s + 1] - town.first_of_cell[s]
    for q in range(town.first_of_cell[s], town.first_of_cell[s + 1]):
        c = town.column_of_cell[q]
        if town.distance_m[c] > limit:
            break
        if not _is_choice(town, state, c):
            continue
        if widest < 0:
            limit = town.distance_m[c] + town.tolerance_m
        j = town.column_site[c]
        amount = min(rest, _room(town, state, c))
        state.units[c] += amount
        state.load_kt[j] += amount * town.kt[c]
        rest -= amount
        if town.most_kt[j] - state.load_kt[j] > most:
            widest, most = c, town.most_kt[j] - state.load_kt[j]
        if rest <= LEAST:
            return
    if widest >= 0:
        state.units[widest] += rest
        state.load_kt[town.column_site[widest]] += rest * town.kt[widest]


@borrowing
def see_near(town: Town, state: Openings, s: int) -> None:
    """Set whether a cell has an open point within the distance of each access that counts it."""
    for n in range(town.first_near[s], town.first_near[s + 1]):
        state.near[n] = False
        state.touched[0] += town.first_of_cell[s + 1] - town.first_of_cell[s]
        for q in range(town.first_of_cell[s], town.first_of_cell[s + 1]):
            c = town.column_of_cell[q]
            if town.distance_m[c] > town.near_within_m[n]:
                break
            o = state.option[town.column_site[c]]
            if o >= 0 and town.counts[town.near_access[n], o]:
                state.near[n] = True
                break


@borrowing
def _count_site(town: Town, costs: Costs, state: Openings, j: int, sign: float, change: RowChange) -> float:
    """Return the cost of a site and its flows; its part in coupling rows, times a sign, is added to `change`."""
    o = state.option[j]
    if o < 0:
        return 0.0
    state.touched[0] += town.first_column[j + 1] - town.first_column[j]
    beyond = max(0.0, state.load_kt[j] - town.capacity_kt[o], town.least_kt[o] - state.load_kt[j])
    cost: float = costs.open[o] + costs.overflow * (beyond if beyond > LEAST else 0.0)
    for q in range(town.first_of_option[o], town.first_of_option[o + 1]):
        add_to_row(change, town.row_of_option[q], sign * town.added_by_option[q])
    for c in range(town.first_column[j], town.first_column[j + 1]):
        units = state.units[c]
        if units > 0:
            p = town.first_pair[o] + c - town.first_column[j]
            cost += costs.pair[p] * units
            for q in range(town.first_of_pair[p], town.first_of_pair[p + 1]):
                add_to_row(change, town.row_of_pair[q], sign * town.added_by_pair[q] * units)
    return cost


@borrowing
def _count_cell(town: Town, state: Openings, s: int, sign: float, change: RowChange) -> float:
    """Return the cost of a cell beyond its walks: access, and the penalty of not being served where it must be."""
    cost = 0.0
    for n in range(town.first_near[s], town.first_near[s + 1]):
        if state.near[n]:
            cost += town.near_cost[n]
            for q in range(town.first_of_near[n], town.first_of_near[n + 1]):
                add_to_row(change, town.row_of_near[q], sign * town.added_by_near[q])
    if town.unserved[s] > 0:
        is_served = False
        for q in range(town.first_of_cell[s], town.first_of_cell[s + 1]):
            if state.units[town.column_of_cell[q]] > 0:
                is_served = True
                break
        cost += 0.0 if is_served else town.unserved[s]
    return cost


@borrowing
def _count(
    town: Town, costs: Costs, state: Openings, cells: Ints, sites: Ints, sign: float, change: RowChange
) -> float:
    """Return the cost of some cells and sites; what they add to coupling rows goes, times a sign, into `change`."""
    cost = 0.0
    for j in sites:
        cost += _count_site(town, costs, state, j, sign, change)
    for s in cells:
        cost += _count_cell(town, state, s, sign, change)
    return cost


@borrowing
def _fit(town: Town, costs: Costs, state: Openings, j: int) -> None:
    """Give an open site the size that suits its load best, as guided, among those that take the same."""
    now, first = state.option[j], town.first_column[j]
    best, least = now, NEVER
    for o in range(town.first_option[j], town.first_option[j + 1]):
        if town.alike[o] != town.alike[now]:
            continue
        state.touched[0] += town.first_column[j + 1] - first
        beyond = max(0.0, state.load_kt[j] - town.capacity_kt[o], town.least_kt[o] - state.load_kt[j])
        cost = costs.guide_open[o] + costs.overflow * beyond
        for c in range(first, town.first_column[j + 1]):
            if state.units[c] > 0:
                cost += costs.guide_pair[town.first_pair[o] + c - first] * state.units[c]
        if cost < least:
            best, least = o, cost
    state.option[j] = best


@borrowing
def _choice_beside(town: Town, state: Openings, s: int, change: Change) -> int:
    """Return the shortest walk of a cell to an open point that takes what it brings, but for a change; −1: none."""
    first = town.first_of_cell[s]
    for q in range(first, town.first_of_cell[s + 1]):
        c = town.column_of_cell[q]
        j = town.column_site[c]
        if j not in (change.site, change.other) and _is_choice(town, state, c):
            state.touched[0] += q + 1 - first
            return int(c)
    state.touched[0] += town.first_of_cell[s + 1] - first
    return -1


@borrowing
def _is_moved(town: Town, state: Openings, c: int, beside: int) -> bool:
    """Return whether a change at the end of walk c may move its cell, or change its access.

    `beside` is the cell's shortest walk to a point that stays open: nobody walks farther than the tolerance past it.
    """
    if beside < 0 or town.distance_m[c] <= town.distance_m[beside] + town.tolerance_m:
        return True
    s, o = town.cell[c], state.option[town.column_site[beside]]
    for n in range(town.first_near[s], town.first_near[s + 1]):
        if town.distance_m[c] <= town.near_within_m[n] and not town.counts[town.near_access[n], o]:
            return True
    return False


@borrowing
def _gather(town: Town, state: Openings, change: Change, marks: Marks, around: Around) -> tuple[int, int]:
    """Write into `around` the cells that a change may move, and the open sites that they use or may use after it.

    Returns how many cells and sites.
    """
    site_mark, cell_mark, step = marks
    n_cells = n_sites = 0
    for j in change:
        if j >= 0 and site_mark[j] != step:
            site_mark[j] = step
            around.sites[n_sites] = j
            n_sites += 1
    for j in change:
        if j < 0:
            continue
        for end in range(town.first_column[j], town.first_column[j + 1]):
            s = town.cell[end]
            if cell_mark[s] == step:
                continue
            beside = _choice_beside(town, state, s, change)
            if not _is_moved(town, state, end, beside):
                continue
            cell_mark[s] = step
            around.cells[n_cells] = s
            n_cells += 1
            limit = np.inf if beside < 0 else town.distance_m[beside] + town.tolerance_m
            for q in range(town.first_of_cell[s], town.first_of_cell[s + 1]):
                c = town.column_of_cell[q]
                if town.distance_m[c] > limit:
                    break
                state.touched[0] += 1
                i = town.column_site[c]
                if site_mark[i] != step and state.option[i] >= 0:
                    site_mark[i] = step
                    around.sites[n_sites] = i
                    n_sites += 1
    return n_cells, n_sites


@borrowing
def _keep(town: Town, state: Openings, cells: Ints, sites: Ints, around: Around) -> None:
    """Note what stands around a change."""
    for j in sites:
        around.kept_option[j], around.kept_load_kt[j] = state.option[j], state.load_kt[j]
        state.touched[0] += town.first_column[j + 1] - town.first_column[j]
        for c in range(town.first_column[j], town.first_column[j + 1]):
            around.kept_units[c] = state.units[c]
    for s in cells:
        for n in range(town.first_near[s], town.first_near[s + 1]):
            around.kept_near[n] = state.near[n]


@borrowing
def _restore(town: Town, state: Openings, cells: Ints, sites: Ints, around: Around) -> None:
    """Put back what was noted."""
    for j in sites:
        state.option[j], state.load_kt[j] = around.kept_option[j], around.kept_load_kt[j]
        for c in range(town.first_column[j], town.first_column[j + 1]):
            state.units[c] = around.kept_units[c]
    for s in cells:
        for n in range(town.first_near[s], town.first_near[s + 1]):
            state.near[n] = around.kept_near[n]


@borrowing
def _assign(town: Town, costs: Costs, state: Openings, cells: Ints, sites: Ints, first: int, around: Around) -> None:
    """Send the cells anew from number `first` on; give each site whose load changes the size that suits it."""
    for s in cells:
        for q in range(town.first_of_cell[s], town.first_of_cell[s + 1]):
            c = town.column_of_cell[q]
            if state.units[c] > 0:
                state.load_kt[town.column_site[c]] -= state.units[c] * town.kt[c]
                state.units[c] = 0.0
    for j in sites:
        if state.option[j] < 0:
            state.load_kt[j] = 0.0
    for t in range(len(cells)):
        serve(town, state, cells[(first + t) % len(cells)])
    for j in sites:
        changed = abs(state.load_kt[j] - around.kept_load_kt[j]) > LEAST or around.kept_option[j] < 0
        if state.option[j] >= 0 and changed:
            _fit(town, costs, state, j)
    for s in cells:
        see_near(town, state, s)


@borrowing
def _other(town: Town, state: Openings, j: int, is_open: bool, random: Generator) -> int:
    """Return a site near `j`, open or closed as asked, drawn over a common cell; −1 where a few draws find none."""
    width = town.first_column[j + 1] - town.first_column[j]
    if width == 0:
        return -1
    for _ in range(4):
        s = town.cell[town.first_column[j] + below(width, random)]
        n = town.first_of_cell[s + 1] - town.first_of_cell[s]
        i = town.column_site[town.column_of_cell[town.first_of_cell[s] + below(n, random)]]
        if i != j and (state.option[i] >= 0) == is_open and not (town.must_open[i] if is_open else town.is_barred[i]):
            return int(i)
    return -1


@borrowing
def _size(town: Town, j: int, random: Generator) -> int:
    """Return an option of site j, drawn at random."""
    first = town.first_option[j]
    return int(first + below(town.first_option[j + 1] - first, random))


@borrowing
def _draw(town: Town, state: Openings, j: int, random: Generator) -> tuple[int, int, int]:
    """Return a move: the new option of site j (−1: none), another site or −1, and the new option of that one."""
    n = town.first_option[j + 1] - town.first_option[j]
    drawn = _size(town, j, random)
    if state.option[j] < 0:
        kind = random.random()
        if kind < SWAP or kind >= SWAP + PAIR:
            return drawn, (_other(town, state, j, True, random) if kind < SWAP else -1), -1
        other = _other(town, state, j, False, random)
        return drawn, other, (_size(town, other, random) if other >= 0 else -1)
    if town.must_open[j] or (n > 1 and random.random() < RESIZE):
        return drawn, -1, -1
    other = _other(town, state, j, False, random) if random.random() < SWAP else -1
    if other < 0:
        return -1, -1, -1
    return -1, other, _size(town, other, random)


@compiled
def anneal(
    town: Town, costs: Costs, state: Openings, hot: float, cold: float, steps: int, random: Generator, centres: Ints
) -> float:
    """Change `state` in place by some steps, each at one of `centres`; the cost that it gained or lost.

    The temperature falls from `hot` to `cold`. Penalties are included.
    """
    n, n_cells = len(town.must_open), len(town.unserved)
    site_mark, cell_mark = np.zeros(n, np.int64), np.zeros(n_cells, np.int64)
    around = Around(
        np.empty(n_cells, np.int64), np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n),
        np.empty(len(state.units)), np.empty(len(state.near), np.bool_),
    )  # fmt: skip
    change = no_change(len(town.row_lower))
    total = 0.0
    for step in range(1, steps + 1):
        j = centres[below(len(centres), random)]
        if state.option[j] < 0 and town.is_barred[j]:
            continue
        option, other, option_of_other = _draw(town, state, j, random)
        warm = hot + (cold - hot) * step / steps
        if option == state.option[j] and other < 0 and warm > 0:
            continue
        some, many = _gather(town, state, Change(j, other), (site_mark, cell_mark, step), around)
        cells, sites = around.cells[:some], around.sites[:many]
        _keep(town, state, cells, sites, around)
        state.touched[0] += forget(change)
        cost = -_count(town, costs, state, cells, sites, -1.0, change)
        state.option[j] = option
        if other >= 0:
            state.option[other] = option_of_other
        _assign(town, costs, state, cells, sites, below(max(1, some), random), around)
        cost += _count(town, costs, state, cells, sites, 1.0, change)
        cost += missed_cost(town.row_lower, town.row_upper, costs.penalty, state.reached, change)
        if cost < 0 or (warm > 0 and random.random() < np.exp(-cost / warm)):
            total += cost
            make(change, state.reached)
        else:
            _restore(town, state, cells, sites, around)
    return total
