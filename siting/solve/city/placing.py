"""Whole options for one echelon, from prices: ruin and recreate with the coupling rows priced until they are met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.certificate.decomposition import AT_ONE_SITE
from siting.certificate.lagrangian import reduced_costs
from siting.instance import Floats, Ints
from siting.model.linear import LinearModel
from siting.solve.city.ruin import NEVER, Moves, Prices, Shape, State, rank_pairs, search
from siting.solve.city.tiers import Tier, coupling_rows
from siting.solve.clock import Record

UNSERVED_TIMES = 20.0
"""Penalty of material that must be passed on and is not, as a multiple of the dearest way on."""
FIRST_PRICE = 0.005
"""A coupling row without a price begins at this share of what the tier could cost over what the row asks for."""
CLOSE = 0.002
"""A row this near to its side, relatively, keeps its price."""
MARGIN = CLOSE / 4
"""By how much more than a row asks, relatively, is aimed for: what is missed of it still holds."""
ROUNDING = 1e-9
RISE_KNOWN, RISE_UNKNOWN, LEAST_RISE, FALL = 0.06, 0.4, 0.03, 0.02
"""By how much a price rises in a round, at most where it was known and where it was not, and at least; and falls."""
DOUBT = 1.5
"""By how many times they rise at once where rounds have ended and rows are still missed."""
PENALTY_TIMES = 3.0
"""Missing a row costs this many times its price, and more each round that it is missed."""
PENALTY_RISE = 0.15
LEAST_STEPS, MOST_STEPS = 200, 1000
"""Steps of a round at least, and of machine code at a time: it does not hear Ctrl-C."""
NOISE = 0.3
FACTORS = (0.7, 1.15)
"""Noise and factors of `Moves`."""


@dataclass(frozen=True)
class Pace:
    """How long and how to search.

    Rounds, steps a round for each site, the temperature to begin at as a share of the mean cost of opening, sites of a
    region, and the most of them closed at once.
    """

    rounds: int
    steps_a_site: float
    heat: float
    region: int
    most_closed: int


@dataclass(frozen=True)
class Asked:
    """Demand on a tier, given what is decided already.

    `amount` (n_supplies,) is there of each supply, kt or 1; `lower` and `upper` are what remains of the sides of the
    coupling rows `rows`, and `counts` (rows, n_columns) what columns add to them.
    """

    amount: Floats
    rows: Ints
    counts: sparse.csr_array
    lower: Floats
    upper: Floats


def asked_of(model: LinearModel, tier: Tier, decided: Floats) -> Asked:
    """Return the demand left for the tier at `decided` (n_columns,) values of others, sides drawn in by `MARGIN`."""
    rows = coupling_rows(model, tier)
    counts = sparse.csr_array(model.matrix[rows])
    already = counts @ decided
    lower, upper = model.row_lower[rows] - already, model.row_upper[rows] - already
    margin = np.minimum(MARGIN * _size(lower, upper), (upper - lower) / 2)
    supply = sparse.csr_array(model.matrix[tier.supply_row]) @ decided
    offered = np.where(np.isfinite(model.row_upper[tier.supply_row]), model.row_upper[tier.supply_row], 0.0)
    return Asked(
        amount=np.maximum(0.0, np.where(tier.is_passed_on, supply, offered)),
        rows=rows,
        counts=counts,
        lower=lower + margin,
        upper=upper - margin,
    )


def _size(lower: Floats, upper: Floats) -> Floats:
    """Return the scale of shortfalls of rows with these sides."""
    return np.maximum(1e-9, np.maximum(np.abs(_finite(lower)), np.abs(_finite(upper))))


class Placing:
    """A search for whole options at one tier; `values` are what it has found so far.

    `multipliers` (n_rows,) price what flows on from here and, as far as they are known, the coupling rows.
    """

    def __init__(self, model: LinearModel, tier: Tier, asked: Asked, multipliers: Floats, *, seed: int) -> None:
        self.model, self.tier, self.asked = model, tier, asked
        self.random = np.random.default_rng(seed)
        unpriced = multipliers.copy()
        unpriced[np.concatenate([tier.supply_row, asked.rows, model.rows_of(*AT_ONE_SITE)])] = 0.0
        self.cost = reduced_costs(model, unpriced)
        self.pair, self.open = self._priced(self.cost)
        self.open = self.open - tier.closing_cost[tier.option_site]
        must = tier.is_passed_on | (model.row_lower[tier.supply_row] > 0)
        dearest = np.abs(self.pair[tier.is_taken]).max(initial=0.0) + np.abs(self.open).max(initial=0.0)
        self.shape = _shape(tier, asked, np.where(must, UNSERVED_TIMES * dearest, 0.0))
        self.size = size = _size(asked.lower, asked.upper)
        scale = float(np.abs(self.open).mean()) * 0.1 * max(10, len(tier.site)) / size
        self.known = np.abs(multipliers[asked.rows]) > 0
        self.price = np.where(self.known, 1.1 * np.abs(multipliers[asked.rows]), FIRST_PRICE * scale)
        self.dearest = _softest(model, asked.rows)
        self.penalty = np.minimum(PENALTY_TIMES * self.price + np.where(self.known, 0.3 * scale, 0.0), self.dearest)
        n = len(tier.site)
        self.centres = np.arange(n)
        self.state = State(
            np.full(n, -1), np.zeros(len(tier.column)), asked.amount.copy(), np.zeros(n), np.zeros(len(asked.rows))
        )

    def begin_with(self, values: Floats) -> None:
        """Begin with what `values` (n_columns,) open and bring."""
        tier, state, n = self.tier, self.state, len(self.tier.supply_row)
        chosen = np.flatnonzero(values[tier.option] > 0.5)
        state.option[tier.option_site[chosen]] = chosen
        units = np.where(state.option[tier.column_site] >= 0, np.maximum(0.0, values[tier.column]), 0.0)
        drawn = np.bincount(tier.supply, units, n)
        units *= np.minimum(1.0, self.asked.amount / np.maximum(drawn, 1e-12))[tier.supply]
        state.units[:] = units
        np.add.at(state.load_kt, tier.column_site, tier.kt * units)
        state.left[:] = np.maximum(0.0, self.asked.amount - np.bincount(tier.supply, units, n))
        state.reached[:] = self.asked.counts @ self.values()

    def run(self, pace: Pace, record: Record, *, until_s: float) -> None:
        """Search for the rounds of `pace`, prices raised where a row is missed and lowered where it is exceeded.

        Where the clock of `record` would pass `until_s` before, it cools in fewer.
        """
        begun = record.seconds
        steps = max(LEAST_STEPS, int(pace.steps_a_site * len(self.centres)))
        heat = pace.heat * float(np.abs(self.open).mean())
        for number in range(pace.rounds):
            if record.seconds_left == 0:
                return
            done = min(1.0, max(number / pace.rounds, (record.seconds - begun) / max(1e-9, until_s - begun)))
            hot, cold = (heat * (1 - end) ** 2 for end in (done, min(1.0, done + 1 / pace.rounds)))
            prices = self.prices()
            for taken in range(0, steps, MOST_STEPS):
                more = min(MOST_STEPS, steps - taken)
                first, last = (hot + (cold - hot) * step / steps for step in (taken, taken + more))
                moves = Moves(pace.region, pace.most_closed, first, last, NOISE, *FACTORS)
                search(self.shape, prices, self.state, moves, more, self.random, self.centres)
            self._reprice()
            if done == 1.0:
                return

    def distrust(self) -> None:
        """Take the prices of rows that are missed for guesses, which rise faster, and search where these rows count."""
        is_missed = self._short() > MARGIN
        self.known &= ~is_missed
        self.price = np.where(is_missed, np.minimum(DOUBT * self.price, self.dearest), self.price)
        counts = np.asarray(abs(self.asked.counts).T @ is_missed.astype(float)) > 0
        tier = self.tier
        at = np.concatenate([tier.option_site[counts[tier.option]], tier.column_site[counts[tier.column]]])
        self.centres = np.unique(at) if len(at) else np.arange(len(tier.site))

    def values(self) -> Floats:
        """Values of all columns (n_columns,): the tier's as found, others 0."""
        tier, state = self.tier, self.state
        values = np.zeros(self.model.n_columns)
        option = state.option[state.option >= 0]
        values[tier.option[option]] = 1.0
        used = np.flatnonzero(state.units > 0)
        site = tier.column_site[used]
        pair = tier.first_pair[state.option[site]] + used - tier.first_column[site]
        units = np.zeros(len(tier.is_taken))
        units[pair] = state.units[used]
        brought: Floats = tier.pairs @ units
        return values + brought

    def missed(self) -> float:
        """By how much rows and what must be passed on are missed, relatively, at worst; 0 where all hold."""
        left = np.where(self.shape.unserved > 0, self.state.left, 0.0).sum() / max(1e-9, self.asked.amount.sum())
        worst = float(max(self._short().max(initial=0.0) - MARGIN, left))
        return worst if worst > ROUNDING else 0.0

    def _priced(self, cost: Floats) -> tuple[Floats, Floats]:
        """Cost of each pair, and of opening each option, at a cost of all columns."""
        pair = np.where(self.tier.is_taken, cost @ self.tier.pairs, NEVER)
        return pair, cost[self.tier.option]

    def prices(self) -> Prices:
        """Prices as they stand: what things cost, and what they seem to cost with the coupling rows priced."""
        sign = np.where(np.isfinite(self.asked.lower), 1.0, -1.0)
        worth = self.cost - self.asked.counts.T @ (sign * self.price)
        guide_pair, guide_open = self._priced(worth)
        guide_open = guide_open - self.tier.closing_cost[self.tier.option_site]
        order = np.empty(len(guide_pair), dtype=np.int64)
        rank_pairs(self.shape, guide_pair, order)
        return Prices(self.pair, self.open, guide_pair, guide_open, order, self.penalty)

    def _short(self) -> Floats:
        """By how much each coupling row lacks its side, relatively, (rows,); negative where it has more than that."""
        reached, asked = self.state.reached, self.asked
        return np.asarray(np.maximum(asked.lower - reached, reached - asked.upper) / self.size)

    def _reprice(self) -> None:
        short = self._short()
        rise = np.clip(3 * short, LEAST_RISE, np.where(self.known, RISE_KNOWN, RISE_UNKNOWN))
        factor = np.where(short > MARGIN, 1 + rise, np.where(short < -CLOSE, 1 - FALL, 1.0))
        self.price = np.minimum(self.price * factor, self.dearest)
        dearer = np.maximum(self.penalty, PENALTY_TIMES * self.price) * np.where(short > 1e-4, 1 + PENALTY_RISE, 1.0)
        self.penalty = np.minimum(dearer, self.dearest)


def _softest(model: LinearModel, rows: Ints) -> Floats:
    """Return the cost of missing each row by one unit where the target is soft, else inf, (rows,)."""
    dearest = np.full(len(rows), np.inf)
    soft = model.columns_of("shortfall")
    entries = sparse.csc_array(model.matrix[rows])[:, soft].tocoo()
    np.minimum.at(dearest, entries.row, model.cost[soft][entries.col] / np.abs(entries.data))
    return dearest


def _finite(sides: Floats) -> Floats:
    return np.where(np.isfinite(sides), sides, 0.0)


def _shape(tier: Tier, asked: Asked, unserved: Floats) -> Shape:
    of_supply = np.argsort(tier.supply, kind="stable")
    first_of_supply = np.searchsorted(tier.supply[of_supply], np.arange(len(tier.supply_row) + 1))
    by_pair = sparse.csc_array(asked.counts @ tier.pairs)
    by_option = sparse.csc_array(sparse.csc_array(asked.counts)[:, tier.option])
    return Shape(
        tier.must_open, tier.first_option, tier.option_site, tier.capacity_kt, tier.aim_kt, tier.first_column,
        tier.column_site, tier.kt, tier.upper, tier.first_pair, tier.supply, first_of_supply.astype(np.int64),
        of_supply.astype(np.int64), unserved, by_pair.indptr.astype(np.int64), by_pair.indices.astype(np.int64),
        by_pair.data, by_option.indptr.astype(np.int64), by_option.indices.astype(np.int64), by_option.data,
        asked.lower, asked.upper,
    )  # fmt: skip
