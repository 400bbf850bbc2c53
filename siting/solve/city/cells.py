"""Maximum that a station can draw from cells: however many points a cell could use, it sends what it brings once.

A haul from a point is made up of what cells bring there. At an open station all hauls together hold, of each cell and
material, at most what one full assignment of the cell brings: split each haul in the shares of its point's cells, and
the shares of a cell add up to those of its walks, at most 1. A fractional station may thus take but its share of each
cell, where by the rows of single hauls it may take all that a large point could pass on.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from siting.instance import Bools, Ints
from siting.model.columns import Columns
from siting.model.linear import LinearModel
from siting.solve.city.sitecosts import Cells
from siting.solve.city.tiers import Tier


def cells_of(model: LinearModel, columns: Columns, tier: Tier, is_extended: Bools) -> Cells:
    """Return the groups of a tier: hauls that only walks feed, at sites without a least load whose options are alike.

    `is_extended` (n,): capacity may be bought there by the tonne; such sites are not limited.
    """
    from_walks = np.isin(tier.column, columns.numbers("haul")) & tier.is_passed_on[tier.supply]
    hauls = np.flatnonzero(from_walks)  # a cell's own row may have very many columns
    feeds = sparse.csr_array(model.matrix[tier.supply_row[tier.supply[hauls]]])
    row, walk = feeds.nonzero()
    fed, kt = hauls[row], feeds.data
    brings = kt > 0
    cell_of = _cell_of_walks(model)
    from_walks[fed[brings & (cell_of[walk] < 0)]] = False
    least = np.zeros(len(tier.site))
    np.maximum.at(least, tier.option_site, tier.least_kt)
    is_limited = (least == 0) & ~columns.is_split[tier.site] & ~is_extended
    is_limited[tier.column_site[~from_walks]] = False
    kept = brings & is_limited[tier.column_site[fed]]
    fed, cell, kt = fed[kept], cell_of[walk[kept]], kt[kept]
    material = columns.haul_material[np.searchsorted(columns.numbers("haul"), tier.column[fed])]
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
    """Return the serve row of each column (n_columns,) where that row lets it be used once at most, else −1."""
    cell = np.full(model.n_columns, -1)
    rows = model.rows_of("serve")
    rows = rows[model.row_upper[rows] <= 1.0]
    row, column = model.matrix[rows].nonzero()
    cell[column] = rows[row]
    return cell
