"""Prices of the rows that tie sites to each other: raised while a search misses them, lowered where it has more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.model.linear import LinearModel
from siting.solve.city.tiers import Tier, coupling_rows

FIRST_PRICE = 0.005
"""A coupling row without a price begins at this share of what the tier could cost over what the row asks for."""
CLOSE = 0.002
"""A row this near to its side, relatively, keeps its price."""
MARGIN = CLOSE / 4
"""By how much more than a row asks, relatively, is aimed for: what is missed of it still holds."""
ROUNDING = 1e-9
RISE_KNOWN, RISE_UNKNOWN, LEAST_RISE, FALL = 0.06, 0.4, 0.03, 0.02
"""By how much a price rises in a round, at most where it was known and where it was not, and at least; and falls."""
FAR, RISE_FAR = 0.05, 1.0
"""A known price rises by so much at most where its row is missed by more, relatively: it is of another problem."""
DOUBT = 1.5
"""By how many times they rise at once where rounds have ended and rows are still missed."""
PENALTY_TIMES = 3.0
"""Missing a row costs this many times its price, and more each round that it is missed."""
PENALTY_RISE = 0.15
NO_COLUMNS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Asked:
    """Demand on an echelon, given the decisions of earlier ones.

    `amount` (n_supplies,) is there of each supply, kt or 1; `lower` and `upper` are what remains of the sides of the
    coupling rows `rows`, and `counts` (rows, n_columns) what columns add to them. By `margin` (rows,), relatively, a
    side may be missed.
    """

    amount: Floats
    rows: Ints
    counts: sparse.csr_array
    lower: Floats
    upper: Floats
    margin: Floats


def asked_of(model: LinearModel, tier: Tier, decided: Floats, *, also: Ints = NO_COLUMNS) -> Asked:
    """Return the demand left for the tier at `decided` (n_columns,) values of others, sides drawn in by `MARGIN`.

    Rows that count whole facilities keep their sides: drawn in, a place for one facility would have room for none.
    `also` are columns that follow from the tier's: the rows that count them are coupling rows too.
    """
    rows = coupling_rows(model, tier, also=also)
    counts = sparse.csr_array(model.matrix[rows])
    already = counts @ decided
    lower, upper = model.row_lower[rows] - already, model.row_upper[rows] - already
    share = np.where(_is_whole(model, counts), 0.0, MARGIN)
    margin = np.minimum(share * _size(lower, upper), (upper - lower) / 2)
    supply = sparse.csr_array(model.matrix[tier.supply_row]) @ decided
    offered = np.where(np.isfinite(model.row_upper[tier.supply_row]), model.row_upper[tier.supply_row], 0.0)
    return Asked(
        amount=np.maximum(0.0, np.where(tier.is_passed_on, supply, offered)),
        rows=rows,
        counts=counts,
        lower=lower + margin,
        upper=upper - margin,
        margin=share,
    )


def _is_whole(model: LinearModel, counts: sparse.csr_array) -> Bools:
    """Whether each row counts whole facilities, by whole numbers, and nothing else, (rows,)."""
    entries = counts.tocoo()
    is_other = ~model.is_integer[entries.col] | (entries.data % 1 != 0)
    return np.asarray(np.bincount(entries.row, is_other, counts.shape[0]) == 0)


class RowPrices:
    """Price and penalty of each coupling row of `asked`, (rows,) each.

    `multipliers` (n_rows,) are first prices where they are not 0; `worth` is what a tier of sites could cost. What is
    missed of a soft target costs its own penalty.
    """

    def __init__(self, model: LinearModel, asked: Asked, multipliers: Floats, *, worth: float) -> None:
        self.asked = asked
        self.size = _size(asked.lower, asked.upper)
        scale = worth / self.size
        self.known = np.abs(multipliers[asked.rows]) > 0
        self.price = np.where(self.known, 1.1 * np.abs(multipliers[asked.rows]), FIRST_PRICE * scale)
        self.dearest = _softest(model, asked.rows)
        self.is_soft = np.isfinite(self.dearest)
        guessed = PENALTY_TIMES * self.price + np.where(self.known, 0.3 * scale, 0.0)
        self.penalty = np.where(self.is_soft, self.dearest, guessed)

    def guided(self, cost: Floats) -> Floats:
        """Return what columns seem to cost with the rows priced, (n_columns,)."""
        sign = np.where(np.isfinite(self.asked.lower), 1.0, -1.0)
        return np.asarray(cost - self.asked.counts.T @ (sign * self.price))

    def short(self, reached: Floats) -> Floats:
        """Return by how much each row lacks its side, relatively, (rows,); negative where it has more than that."""
        return np.asarray(np.maximum(self.asked.lower - reached, reached - self.asked.upper) / self.size)

    def violated(self, reached: Floats) -> Floats:
        """Return `short`, but at most 0 for soft targets: what is missed of these is paid for."""
        short = self.short(reached)
        return np.where(self.is_soft, np.minimum(short, 0.0), short)

    def missed(self, reached: Floats) -> float:
        """Return by how much the worst row is missed, relatively, beyond its margin; 0 where all hold."""
        worst = float((self.violated(reached) - self.asked.margin).max(initial=0.0))
        return worst if worst > ROUNDING else 0.0

    def are_far(self, reached: Floats) -> bool:
        """Return whether a row with a known price is missed by so much that the price is of another problem."""
        return bool((self.violated(reached) > FAR).any())

    def reprice(self, reached: Floats) -> None:
        """Raise the prices of rows that are missed and lower those of rows that are exceeded."""
        short = self.short(reached)
        most_known = np.where(short > FAR, RISE_FAR, RISE_KNOWN)
        rise = np.clip(3 * short, LEAST_RISE, np.where(self.known, most_known, RISE_UNKNOWN))
        factor = np.where(short > self.asked.margin + ROUNDING, 1 + rise, np.where(short < -CLOSE, 1 - FALL, 1.0))
        self.price = np.minimum(self.price * factor, self.dearest)
        dearer = np.maximum(self.penalty, PENALTY_TIMES * self.price) * np.where(short > 1e-4, 1 + PENALTY_RISE, 1.0)
        self.penalty = np.where(self.is_soft, self.dearest, dearer)

    def distrust(self, reached: Floats, tier: Tier, also: Ints = NO_COLUMNS) -> Ints:
        """Take the prices of rows that are missed for guesses, which rise faster; return the sites that count there."""
        is_missed = self.violated(reached) > self.asked.margin + ROUNDING
        self.known &= ~is_missed
        self.price = np.where(is_missed, np.minimum(DOUBT * self.price, self.dearest), self.price)
        counts = np.asarray(abs(self.asked.counts).T @ is_missed.astype(float)) > 0
        at = np.concatenate([tier.option_site[counts[tier.option]], tier.column_site[counts[tier.column]]])
        return np.unique(at) if len(at) and not counts[also].any() else np.arange(len(tier.site))


def _size(lower: Floats, upper: Floats) -> Floats:
    """Return the scale of shortfalls of rows with these sides."""
    return np.maximum(1e-9, np.maximum(np.abs(_finite(lower)), np.abs(_finite(upper))))


def _softest(model: LinearModel, rows: Ints) -> Floats:
    """Return the cost of missing each row by one unit where the target is soft, else inf, (rows,)."""
    dearest = np.full(len(rows), np.inf)
    soft = model.columns_of("shortfall")
    entries = sparse.csc_array(model.matrix[rows])[:, soft].tocoo()
    np.minimum.at(dearest, entries.row, model.cost[soft][entries.col] / np.abs(entries.data))
    return dearest


def _finite(sides: Floats) -> Floats:
    return np.where(np.isfinite(sides), sides, 0.0)
