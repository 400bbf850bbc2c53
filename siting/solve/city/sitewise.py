"""A bound site by site: rows that tie sites to each other priced, what stands and flows at each site decided exactly.

With its ties priced, a site is a problem of its own: nothing, or one option filled with the inflows that gain most, a
fractional knapsack. This bounds better than the linear relaxation, in which sites may open by a share (Lagrangean
relaxation without the integrality property: Geoffrion 1974; for facility location Cornuéjols, Sridharan, Thizy 1991).
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from siting.certificate.decomposition import AT_ONE_SITE
from siting.instance import Bools, Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.facility_rows import most_disposed
from siting.model.linear import MODEL_T, LinearModel
from siting.solve.city.cells import cells_of
from siting.solve.city.sitecosts import Cells, Sites, least_at_sites
from siting.solve.city.tiers import Tier
from siting.vocabulary import Echelon

UNPRICED = ("assign_nearest",)
"""Row families left out, at multipliers of 0: with them a step takes twice as long, and the bound rises later."""
WORK_A_STEP, WORK_AN_ENTRY, WORK_A_COLUMN = 3e-4, 1.5e-8, 7e-8
"""Work of a step by itself, for each entry of a priced row, and for each column: what they take in seconds, about."""
LINKS_TO_OPEN = ("assign_to_open", "direct_to_open", "haul_to_open")


@dataclass(frozen=True)
class Part:
    """A tier with what pricing it needs: `to_pairs` (n_pairs, n_columns), and columns of what is bought or closed."""

    tier: Tier
    sites: Sites
    cells: Cells
    to_pairs: sparse.csr_array
    close: Ints
    """Column that closes each site, −1 for none, (n,)."""
    expand: Ints
    """Column that extends each option, −1 for none, (n_options,)."""
    usable_share: Floats
    """Usable kt of a kt that each option is extended by, (n_options,)."""
    dispose: Ints
    dispose_option: Ints
    dispose_most: Floats


class Sitewise:
    """The Lagrangian of a model with the rows that tie sites priced; `rows` lists them, each row-wise array is (rows,).

    Families that are `UNPRICED` are relaxed without a price.

    `only_up` and `only_down` mark those of them whose price is never negative, never positive. `step_work` is what one
    call of `least` counts, with what its caller makes of the answer.
    """

    def __init__(
        self, instance: Instance, model: LinearModel, columns: Columns, tiers: tuple[tuple[Echelon, Tier], ...]
    ) -> None:
        self.model = model
        tied = np.ones(model.n_rows, dtype=bool)
        tied[model.rows_of(*AT_ONE_SITE, *UNPRICED)] = False
        self.rows = np.flatnonzero(tied)
        self.matrix = sparse.csr_array(model.matrix[self.rows])
        self.transposed = sparse.csr_array(self.matrix.T)
        self.lower, self.upper = model.row_lower[self.rows], model.row_upper[self.rows]
        self.side = np.where(np.isfinite(self.lower), self.lower, np.where(np.isfinite(self.upper), self.upper, 0.0))
        self.only_up, self.only_down = ~np.isfinite(self.upper), ~np.isfinite(self.lower)
        most = _most_of_inflows(model)
        self.parts = [_part(instance, model, columns, tier, most) for _, tier in tiers]
        self.others = _without_site(columns, self.parts)
        self.step_work = WORK_A_STEP + WORK_AN_ENTRY * self.matrix.nnz + WORK_A_COLUMN * model.n_columns

    def usable(self, prices: Floats) -> Floats:
        """Return `prices` (rows,) with those of the wrong sign set to 0."""
        prices = np.where(self.only_up, np.maximum(prices, 0.0), prices)
        return np.where(self.only_down, np.minimum(prices, 0.0), prices)

    def least(self, prices: Floats) -> tuple[float, Floats]:
        """Return the bound at usable `prices` (rows,), and column values (n_columns,) that reach it."""
        model = self.model
        cost = model.cost - self.transposed @ prices
        values = np.zeros(model.n_columns)
        own = cost[self.others]
        values[self.others] = np.where(own > 0, model.column_lower[self.others], model.column_upper[self.others])
        sides = np.where(prices > 0, self.lower, np.where(prices < 0, self.upper, 0.0))
        bound = float(prices @ sides + own @ values[self.others])
        for part in self.parts:
            bound += _least_of(part, cost, values)
        return bound, values

    def by_links(self) -> Sitewise:
        """Return the same without the limits that cells set: a lower bound, found in less time."""
        other = copy(self)
        other.parts = [
            replace(part, cells=part.cells._replace(is_limited=np.zeros_like(part.cells.is_limited)))
            for part in self.parts
        ]
        return other

    def all_rows(self, prices: Floats) -> Floats:
        """Return the multipliers of all rows of the model (n_rows,)."""
        multipliers = np.zeros(self.model.n_rows)
        multipliers[self.rows] = prices
        return multipliers


def _least_of(part: Part, cost: Floats, values: Floats) -> float:
    """Return the minimum cost of a tier's sites at given column costs; writes openings and flows into `values`."""
    tier, sites = part.tier, part.sites
    closing = np.where(part.close >= 0, cost[part.close], 0.0)
    disposing = np.minimum(0.0, cost[part.dispose]) * part.dispose_most
    extending = np.where(part.expand >= 0, cost[part.expand], 0.0) / part.usable_share  # a usable kt
    opening = cost[tier.option] + np.minimum(0.0, closing)[tier.option_site]
    opening += np.bincount(part.dispose_option, disposing, len(opening))
    opening += np.minimum(0.0, extending) * sites.extension_kt
    option, units = np.empty(len(tier.site), dtype=np.int64), np.empty(len(tier.column))
    price = np.maximum(0.0, extending)
    costs = opening, price, part.to_pairs @ cost
    total: float = least_at_sites(sites, part.cells, closing, costs, option, units)
    is_open = option >= 0
    values[tier.option[option[is_open]]] = 1.0
    used = np.flatnonzero(units > 0)
    site = tier.column_site[used]
    pair = tier.first_pair[option[site]] + used - tier.first_column[site]
    flows = np.zeros(len(tier.is_taken))
    flows[pair] = units[used]
    values += tier.pairs @ flows
    _use_bought(part, (is_open, option, units), (closing, extending, disposing), values)
    return total


def _use_bought(
    part: Part, found: tuple[Bools, Ints, Floats], cost: tuple[Floats, Floats, Floats], values: Floats
) -> None:
    """Write into `values` what is closed, extended and disposed of."""
    (is_open, option, units), (closing, extending, disposing), tier = found, cost, part.tier
    closes = np.flatnonzero((part.close >= 0) & (~is_open | (closing < 0)))
    values[part.close[closes]] = 1.0
    chosen = option[is_open]
    load = np.bincount(tier.column_site, tier.kt * units, len(tier.site))[is_open]
    most = part.sites.extension_kt[chosen]
    beyond = np.where(extending[chosen] < 0, most, np.clip(load - tier.capacity_kt[chosen], 0.0, most))
    extended = part.expand[chosen] >= 0
    values[part.expand[chosen][extended]] = (beyond / part.usable_share[chosen])[extended]
    stands = np.zeros(len(tier.option), dtype=bool)
    stands[chosen] = True
    disposed = stands[part.dispose_option] & (disposing < 0)
    values[part.dispose[disposed]] = part.dispose_most[disposed]


def _most_of_inflows(model: LinearModel) -> Floats:
    """Return the maximum of each column (n_columns,), by its upper bound and the row that ties it to an open site."""
    rows = model.rows_of(*LINKS_TO_OPEN)
    entries = sparse.csr_array(model.matrix[rows]).tocoo()
    most = np.zeros(len(rows))
    opens = entries.data < 0
    np.maximum.at(most, entries.row[opens], -entries.data[opens])
    by_row = np.full(model.n_columns, np.inf)
    flows = ~opens
    by_row[entries.col[flows]] = most[entries.row[flows]] / entries.data[flows]
    return np.asarray(np.minimum(model.column_upper, by_row))


def _part(instance: Instance, model: LinearModel, columns: Columns, tier: Tier, most: Floats) -> Part:
    local = np.full(instance.n_options, -1)
    local[tier.option] = np.arange(len(tier.option))
    close, expand = np.full(instance.n_sites, -1), np.full(instance.n_options, -1)
    close[columns.close_site] = columns.numbers("close")
    expand[instance.expansions.option] = columns.numbers("expand")
    extension = np.zeros(instance.n_options)
    extension[instance.expansions.option] = instance.expansions.most_t / MODEL_T
    extension *= instance.options.usable_share
    disposal = np.flatnonzero(local[instance.disposals.option] >= 0)
    return Part(
        tier=tier,
        sites=Sites(
            tier.must_open, ~columns.is_split[tier.site], tier.first_option, tier.capacity_kt, extension[tier.option],
            tier.least_kt, tier.first_column, tier.kt, most[tier.column], tier.first_pair, tier.is_taken,
        ),
        cells=cells_of(model, columns, tier, _any_of(tier, extension[tier.option] > 0)),
        to_pairs=sparse.csr_array(tier.pairs.T),
        close=close[tier.site],
        expand=expand[tier.option],
        usable_share=instance.options.usable_share[tier.option],
        dispose=columns.at("dispose", disposal),
        dispose_option=local[instance.disposals.option[disposal]],
        dispose_most=most_disposed(instance)[disposal],
    )  # fmt: skip


def _any_of(tier: Tier, is_marked: Bools) -> Bools:
    """Return the sites with an option that is marked, (n,)."""
    found = np.zeros(len(tier.site), dtype=bool)
    found[tier.option_site[is_marked]] = True
    return found


def _without_site(columns: Columns, parts: list[Part]) -> Ints:
    """Return the columns that stand for nothing at a site that may open."""
    is_other = np.zeros(columns.n, dtype=bool)
    is_other[columns.numbers("shortfall", "close", "in_use", "near", "covered", "apart")] = True
    for part in parts:
        is_other[part.close[part.close >= 0]] = False
    return np.flatnonzero(is_other)
