"""Whole options for one echelon, from prices: ruin and recreate with the coupling rows priced until they are met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.certificate.decomposition import AT_ONE_SITE
from siting.certificate.lagrangian import reduced_costs
from siting.instance import Floats
from siting.model.linear import LinearModel
from siting.solve.city.penalty import NEVER
from siting.solve.city.pricing import ROUNDING, Asked, RowPrices
from siting.solve.city.ruin import Moves, Prices, Shape, State, rank_pairs, search
from siting.solve.city.tiers import Tier
from siting.solve.clock import Record

UNSERVED_TIMES = 20.0
"""Penalty of material that must be passed on and is not, as a multiple of the dearest way on."""
LEAST_STEPS, MOST_STEPS = 200, 1000
"""Steps of a round at least, and of machine code at a time: it does not hear Ctrl-C."""
WORK_AN_INFLOW = 5e-9
"""Work for each inflow of an option that a search goes through: what it takes in seconds, about."""
NOISE = 0.3
FACTORS = (0.7, 1.15)
"""Noise and factors of `Moves`."""


@dataclass(frozen=True)
class Pace:
    """How long and how to search.

    Rounds, steps a round for each site, the temperature to begin at as a share of the mean cost of opening; and where
    regions are closed, the sites of a region, and the most of them closed at once.
    """

    rounds: int
    steps_a_site: float
    heat: float
    region: int = 0
    most_closed: int = 0


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
        n = len(tier.site)
        worth = float(np.abs(self.open).mean()) * 0.1 * max(10, n)
        self.rows = RowPrices(model, asked, multipliers, worth=worth)
        self.centres = np.arange(n)
        self.state = State(
            np.full(n, -1), np.zeros(len(tier.column)), asked.amount.copy(), np.zeros(n), np.zeros(len(asked.rows)),
            np.zeros(1, dtype=np.int64),
        )  # fmt: skip

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

    def run(self, pace: Pace, record: Record, *, until: float) -> None:
        """Search for the rounds of `pace`, prices raised where a row is missed and lowered where it is exceeded.

        Where `record` would have spent more than `until` before, it cools in fewer.
        """
        begun = record.spent
        steps = max(LEAST_STEPS, int(pace.steps_a_site * len(self.centres)))
        heat = pace.heat * float(np.abs(self.open).mean())
        for number in range(pace.rounds):
            if record.left == 0:
                return
            done = min(1.0, max(number / pace.rounds, (record.spent - begun) / max(1e-9, until - begun)))
            hot, cold = (heat * (1 - end) ** 2 for end in (done, min(1.0, done + 1 / pace.rounds)))
            prices = self.prices()
            for taken in range(0, steps, MOST_STEPS):
                more = min(MOST_STEPS, steps - taken)
                first, last = (hot + (cold - hot) * step / steps for step in (taken, taken + more))
                moves = Moves(pace.region, pace.most_closed, first, last, NOISE, *FACTORS)
                search(self.shape, prices, self.state, moves, more, self.random, self.centres)
                record.charge(self._work())
            self.rows.reprice(self.state.reached)
            if done == 1.0:
                return

    def _work(self) -> float:
        """Return the work done since the last call."""
        touched, self.state.touched[0] = int(self.state.touched[0]), 0
        return WORK_AN_INFLOW * touched

    def distrust(self) -> None:
        """Take the prices of rows that are missed for guesses, which rise faster, and search where these rows count."""
        self.centres = self.rows.distrust(self.state.reached, self.tier)

    def values(self) -> Floats:
        """Return the values of all columns (n_columns,): the tier's as found, others 0."""
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
        """Return the largest relative violation of rows, material to pass on included; 0 where all hold."""
        left = np.where(self.shape.unserved > 0, self.state.left, 0.0).sum() / max(1e-9, self.asked.amount.sum())
        return max(self.rows.missed(self.state.reached), float(left) if left > ROUNDING else 0.0)

    def shortage(self) -> str:
        """Return nothing: what is not served is told by the targets."""
        return ""

    def _priced(self, cost: Floats) -> tuple[Floats, Floats]:
        """Return the cost of each pair, and of opening each option, at a cost of all columns."""
        pair = np.where(self.tier.is_taken, cost @ self.tier.pairs, NEVER)
        return pair, cost[self.tier.option]

    def prices(self) -> Prices:
        """Return the current prices: real ones, and guided ones with multipliers of the coupling rows."""
        guide_pair, guide_open = self._priced(self.rows.guided(self.cost))
        guide_open = guide_open - self.tier.closing_cost[self.tier.option_site]
        order = np.empty(len(guide_pair), dtype=np.int64)
        rank_pairs(self.shape, guide_pair, order)
        return Prices(self.pair, self.open, guide_pair, guide_open, order, self.rows.penalty)


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
