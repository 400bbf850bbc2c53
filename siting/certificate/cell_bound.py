"""Limits on inflow from cells: through however many points a cell could bring it, it brings what it has once.

At a point p that only walks feed, a full assignment of cell i brings k[i,p] kt of what leaves it as material m, and
`serve` holds the assignments a[i,p] of a cell to 1 in all. Split what is hauled from there to one site, h[p], in the
shares of what the cells bring:

    f[i,p] = h[p] k[i,p] a[i,p] / sum over i of k[i,p] a[i,p]    at most k[i,p] a[i,p], by `conserve_material`

So in every plan, for each site and each material that it is sent:

    h[p] = sum over i of f[i,p],  f >= 0,  sum over p of f[i,p] / k[i,p] <= 1    ∀ cell i

Where a kt of h[p] costs c[p], what is worth bringing is the linear relaxation of a multiple-choice knapsack: a group
for each cell and material, in it an item of k[i,p] kt for each point that gains −c[p] k[i,p]. Of a group only its upper
hull from (0, 0) is used, in increments that gain less and less a kt (Sinha, Zoltners 1979, The multiple-choice knapsack
problem).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.model.linear import LinearModel
from siting.model.whole import Part


@dataclass(frozen=True)
class CellItems:
    """Amounts that cells can send to the sites of a stage, arrays (n_items,), by group.

    An item is all that a cell brings to a point, `kt`, sent on by one haul column, `haul`, counted from the first. Of
    the items of a `group` (a site, a cell and a material) at most one in all can come. `is_bound` (n_hauls,) marks the
    haul columns that are made up of items.
    """

    group: Ints
    site: Ints
    haul: Ints
    kt: Floats
    is_bound: Bools


def cell_items(model: LinearModel, part: Part) -> CellItems:
    """Return the items of one stage of `model`: hauls from points to sites whose options are alike.

    Options are alike where what enters costs the same whichever is open; least loads and extensions may differ.
    """
    columns = part.columns
    row = _rows_left(model)[part.column_in_whole[columns["haul"]]]
    head = part.instance.haul.head[columns.haul_link]
    feeds = model.matrix[row].tocoo()
    cell = _cells(model)[feeds.col]
    is_bound = (row >= 0) & ~columns.is_split[head]
    is_bound[feeds.row[(feeds.data > 0) & (cell < 0)]] = False
    is_bound[np.isin(part.instance.haul.tail[columns.haul_link], part.instance.omitted_haul.head)] = False
    is_bound[np.isin(part.instance.haul.tail[columns.haul_link], part.instance.omitted_direct.head)] = False
    is_item = (feeds.data > 0) & is_bound[feeds.row]
    haul, cell, kt = feeds.row[is_item].astype(np.int64), cell[is_item], feeds.data[is_item]
    ends = np.stack([head[haul], cell, columns.haul_material[haul]])
    order = np.lexsort(ends)
    begins = np.any(np.diff(ends[:, order], prepend=-1) != 0, axis=0)
    return CellItems(np.cumsum(begins), ends[0, order], haul[order], kt[order], is_bound)


def _rows_left(model: LinearModel) -> Ints:
    """Return the row of what leaves a site that each column takes from, (n_columns,), −1 for none."""
    rows = model.rows_of("conserve_material")
    entries = model.matrix[rows].tocoo()
    left, takes = np.full(model.n_columns, -1), entries.data < 0
    left[entries.col[takes]] = rows[entries.row[takes]]
    return left


def _cells(model: LinearModel) -> Ints:
    """Return the `serve` row that lets each column be 1 in all with the others in it, (n_columns,), −1 for none."""
    rows = model.rows_of("serve")
    rows = rows[model.row_upper[rows] <= 1]
    entries = model.matrix[rows].tocoo()
    cells, counts = np.full(model.n_columns, -1), entries.data >= 1
    cells[entries.col[counts]] = rows[entries.row[counts]]
    return cells


def increments(items: CellItems, cost: Floats) -> tuple[Ints, Floats, Floats]:
    """Return inflows worth bringing at a `cost` of a kt of each haul (n_hauls,), as (site, cost, kt) of each increment.

    Those of a group cost less than 0 each and more and more a kt, so that the cheapest come in their order.
    """
    gain = -cost[items.haul] * items.kt
    gains = np.flatnonzero(gain > 0)
    order = gains[np.lexsort((gain[gains], items.kt[gains], items.group[gains]))]
    is_best = np.ones(len(order), dtype=bool)
    is_best[:-1] = (np.diff(items.group[order]) != 0) | (np.diff(items.kt[order]) != 0)
    at = order[is_best]
    at = at[upper_hull(items.group[at], items.kt[at], gain[at])]
    return items.site[at], -_steps(items.group[at], gain[at]), _steps(items.group[at], items.kt[at])


def upper_hull(group: Ints, kt: Floats, gain: Floats) -> Ints:
    """Return which points (kt, gain) are corners of the upper hull of their group with (0, 0), as far as it rises.

    Points stand by group and strictly rising kt. All at once that are no higher than the point before, or than the
    line between their neighbours, are taken away, which no corner ever is, until there are none.

    >>> upper_hull(np.array([0, 0, 0, 1, 1]), np.array([1.0, 2.0, 3.0, 1.0, 2.0]), np.array([1.0, 3.0, 4.0, 5.0, 2.0]))
    array([1, 2, 3])
    """
    at = np.arange(len(group))
    while True:
        wide, high = _steps(group[at], kt[at]), _steps(group[at], gain[at])
        has_next = group[at[1:]] == group[at[:-1]]
        is_under = high <= 0
        is_under[:-1] |= has_next & (high[:-1] * wide[1:] <= high[1:] * wide[:-1])
        if not is_under.any():
            return at
        at = at[~is_under]


def _steps(group: Ints, values: Floats) -> Floats:
    """Return each value less the one before it in its group, the first of a group whole."""
    steps = values.copy()
    steps[1:] -= np.where(group[1:] == group[:-1], values[:-1], 0.0)
    return steps
