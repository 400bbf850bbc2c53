"""What a station can draw from cells: however many points a cell could use, it sends what it brings once.

A haul from a point is made up of what cells bring there. At an open station all hauls together hold, of each cell and
material, at most what one full assignment of the cell brings: split each haul in the shares of its point's cells, and
the shares of a cell add up to those of its walks, at most 1. A fractional station may thus take but its share of each
cell, where by the rows of single hauls it may take all that a large point could pass on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.model.columns import Columns
from siting.model.linear import LinearModel
from siting.solve.city.ruin import NEVER, compiled
from siting.solve.city.tiers import Tier


class Cells(NamedTuple):
    """For each site of a tier, groups of what cells can send it, and the items of each group: at most one in all.

    Groups of site j are `first_group[j]` to `first_group[j + 1]`, items of group g `first_item[g]` to
    `first_item[g + 1]`, by rising `kt`: what the cell brings whole through the point of inflow `inflow`, counted from
    the site's first. `is_limited` (n,) says which sites are bound by their groups.
    """

    is_limited: Bools
    first_group: Ints
    first_item: Ints
    inflow: Ints
    kt: Floats


def cells_of(model: LinearModel, columns: Columns, tier: Tier, is_extended: Bools) -> Cells:
    """The groups of a tier: hauls that only walks feed, at sites without a least load whose options are alike.

    `is_extended` (n,): capacity may be bought there by the tonne; such sites are not limited.
    """
    row = tier.supply_row[tier.supply]
    feeds = sparse.csr_array(model.matrix[row])
    fed, walk = feeds.nonzero()
    kt = feeds.data
    brings = kt > 0
    cell_of = _cell_of_walks(model)
    from_walks = np.ones(len(row), dtype=bool)
    from_walks[fed[brings & (cell_of[walk] < 0)]] = False
    from_walks &= (tier.column >= columns.haul) & (tier.column < columns.load) & tier.is_passed_on[tier.supply]
    least = np.zeros(len(tier.site))
    np.maximum.at(least, tier.option_site, tier.least_kt)
    is_limited = (least == 0) & ~columns.is_split[tier.site] & ~is_extended
    is_limited[tier.column_site[~from_walks]] = False
    kept = brings & is_limited[tier.column_site[fed]]
    fed, cell, kt = fed[kept], cell_of[walk[kept]], kt[kept]
    material = np.append(columns.haul_material, 0)[tier.column[fed] - columns.haul]
    site = tier.column_site[fed]
    order = np.lexsort([kt, material, cell, site])
    site, cell, material = site[order], cell[order], material[order]
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = (np.diff(site) != 0) | (np.diff(cell) != 0) | (np.diff(material) != 0)
    first_item = np.append(np.flatnonzero(begins), len(order)).astype(np.int64)
    first_group = np.searchsorted(site[first_item[:-1]], np.arange(len(tier.site) + 1)).astype(np.int64)
    inflow = (fed - tier.first_column[tier.column_site[fed]])[order].astype(np.int64)
    return Cells(is_limited, first_group, first_item, inflow, kt[order])


def _cell_of_walks(model: LinearModel) -> Ints:
    """The serve row of each column (n_columns,) where that row lets it be used once at most, else −1."""
    cell = np.full(model.n_columns, -1)
    rows = model.rows_of("serve")
    rows = rows[model.row_upper[rows] <= 1.0]
    row, column = model.matrix[rows].nonzero()
    cell[column] = rows[row]
    return cell


@compiled
def climb(cells: Cells, group: int, pair: Floats, hull: tuple[Ints, Floats]) -> int:
    """Items of a group worth using as it fills, least first, with what each gains whole, into `hull`; how many.

    The upper hull of gain over kt, as in the linear relaxation of the multiple-choice knapsack.
    """
    item, gain = hull
    k = 0
    for q in range(cells.first_item[group], cells.first_item[group + 1]):
        more = -pair[cells.inflow[q]] * cells.kt[q]
        if more <= (gain[k - 1] if k else 0.0):
            continue
        while k:
            kt, before = cells.kt[item[k - 1]], (gain[k - 2] if k > 1 else 0.0)
            kt_before = cells.kt[item[k - 2]] if k > 1 else 0.0
            if (gain[k - 1] - before) * (cells.kt[q] - kt) > (more - gain[k - 1]) * (kt - kt_before):
                break
            k -= 1
        item[k], gain[k] = q, more
        k += 1
    return k


@compiled
def fill_from_cells(
    cells: Cells, j: int, pair: Floats, options: tuple[Floats, Floats], best: Floats
) -> tuple[float, int]:
    """Least cost of limited site j over its options, and the best one, with its inflows in `best`.

    `pair` is the cost of each inflow, `options` capacity and opening cost of each option.
    """
    capacity_kt, opening = options
    first, last = cells.first_group[j], cells.first_group[j + 1]
    many = cells.first_item[last] - cells.first_item[first]
    slope, size = np.empty(many), np.empty(many)
    here, before = np.empty(many, np.int64), np.empty(many, np.int64)
    item, gain = np.empty(many, np.int64), np.empty(many)
    k = 0
    for g in range(first, last):
        n = climb(cells, g, pair, (item, gain))
        for h in range(n):
            below, kt_below = (gain[h - 1], cells.kt[item[h - 1]]) if h else (0.0, 0.0)
            size[k] = cells.kt[item[h]] - kt_below
            slope[k] = (gain[h] - below) / size[k]
            here[k], before[k] = item[h], item[h - 1] if h else -1
            k += 1
    order = np.argsort(-slope[:k])
    least, chosen = NEVER, -1
    for o in range(len(opening)):
        cost, load = opening[o], 0.0
        for t in order:
            if load >= capacity_kt[o]:
                break
            share = min(1.0, (capacity_kt[o] - load) / size[t])
            load += share * size[t]
            cost -= share * size[t] * slope[t]
        if cost < least:
            least, chosen = cost, o
    best[:] = 0.0
    load = 0.0
    for t in order:
        if chosen < 0 or load >= capacity_kt[chosen]:
            break
        share = min(1.0, (capacity_kt[chosen] - load) / size[t])
        load += share * size[t]
        best[cells.inflow[here[t]]] += share * cells.kt[here[t]]
        if before[t] >= 0:
            best[cells.inflow[before[t]]] -= share * cells.kt[before[t]]
    return least, chosen
