"""Open points where residents choose for themselves: annealing with the coupling rows priced until they are met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.certificate.decomposition import AT_ONE_SITE
from siting.certificate.lagrangian import reduced_costs
from siting.instance import Bools, Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.linear import MODEL_T, LinearModel
from siting.solve.city.access import CHOICE
from siting.solve.city.openings import Costs, Openings, Town, anneal, see_near, serve
from siting.solve.city.penalty import LEAST, NEVER
from siting.solve.city.placing import UNSERVED_TIMES, Pace
from siting.solve.city.pricing import RowPrices, asked_of
from siting.solve.city.tiers import Tier
from siting.solve.clock import Record
from siting.vocabulary import Echelon

OVERFLOW_TIMES, OVERFLOW_RISE, OVERFLOW_MOST = 4.0, 1.3, 30.0
"""A kt above capacity costs so many times what a kt of capacity does at first, more after each round in which some is
left and less after each in which none is, and so many times the first price at most: where large cells need two points
at once, the first of the two must stay affordable."""
LATE, MANY_OVER, FEW = 0.5, 0.02, 1.0
"""From this share of the rounds on that price rises twice as fast while more than this share of points overflow. Fewer
are few, and so many in the smallest town."""
SPILL_KT = 1e-7
"""Overflow of less is rounding."""
RELIEF_TIMES, REPAIR_TIMES = 1000.0, 30.0
"""At the end, what is left of it costs so many times more, and so do coupling rows that are missed."""
RELIEF_ROUNDS, RELIEF_STEPS = 20, 3000
"""Rounds at the end at most, and steps of each."""
WORK_A_WALK = 1.2e-8
"""Work for each walk that a search goes through: what it takes in seconds, about."""
RINGS = 2
"""Around a point that overflows, sites are decided anew up to this many shared cells away."""
LISTED = 3
"""Points and cells that are named where no plan is found."""
WARM_ROUNDS = 12
"""Rounds without cooling at most, while prices are those of another problem."""
LEAST_STEPS, MOST_STEPS = 2000, 20_000
"""Steps of a round at least, and of machine code at a time: it does not hear Ctrl-C."""


def chooses(instance: Instance, echelon: Echelon) -> bool:
    """Return whether the sites of an echelon are chosen by residents themselves."""
    return instance.assigns_nearest and echelon is Echelon.POINT


@dataclass(frozen=True)
class _Known:
    """A plan of the tier: the option open at each site, (n_sites,), −1 for none, and `units` as those of the search."""

    option: Ints
    units: Floats


class Choosing:
    """A search for open points, `tier`, of a model `decided_at_once`; `values` are what it has found so far.

    `multipliers` (n_rows,) price what flows on from here and, as far as they are known, the coupling rows; `decided`
    (n_columns,) are the values of other tiers.
    """

    def __init__(
        self,
        stage: tuple[Instance, Columns],
        model: LinearModel,
        tier: Tier,
        *,
        decided: Floats,
        multipliers: Floats,
        seed: int,
    ) -> None:
        self.stage, self.model, self.tier = stage, model, tier
        self.random = np.random.default_rng(seed)
        self.near_column = stage[1].numbers("near")
        self.asked = asked_of(model, tier, decided, also=self.near_column)
        unpriced = multipliers.copy()
        apart = model.rows_of(*AT_ONE_SITE, *CHOICE)
        unpriced[np.concatenate([tier.supply_row, self.asked.rows, apart])] = 0.0
        self.cost = reduced_costs(model, unpriced)
        self.pair, self.open = self._priced(self.cost)
        opening = float(np.abs(self.open).mean())
        self.rows = RowPrices(model, self.asked, multipliers, worth=opening * 0.1 * max(10, len(tier.site)))
        must = model.row_lower[tier.supply_row] > 0
        dearest = np.abs(self.pair[tier.is_taken]).max(initial=0.0) + np.abs(self.open).max(initial=0.0)
        self.town, self.near_order = _town(self, np.where(must, UNSERVED_TIMES * dearest, 0.0))
        self.overflow = OVERFLOW_TIMES * float(np.median(np.abs(self.open) / np.maximum(tier.capacity_kt, 1e-9)))
        self.overflow_range = self.overflow, OVERFLOW_MOST * self.overflow
        self.centres = np.arange(len(tier.site))
        n = len(tier.site)
        self.state = Openings(
            np.full(n, -1), np.zeros(len(tier.column)), np.zeros(n), np.zeros(len(self.near_order), dtype=bool),
            np.zeros(len(self.asked.rows)), np.zeros(1, dtype=np.int64),
        )  # fmt: skip
        self.known: _Known | None = None
        self.spilt = np.zeros(n, dtype=bool)
        self._begin_at(np.empty(0, dtype=np.int64))

    def begin_with(self, values: Floats) -> None:
        """Begin with what `values` (n_columns,) open; of a plan, everybody stays where it sends him.

        Who goes where in other values follows from what they open.
        """
        self._begin_at(np.flatnonzero(values[self.tier.option] > 0.5))
        tier, units = self.tier, np.maximum(0.0, values[self.tier.column])
        load_kt = np.asarray(np.bincount(tier.column_site, tier.kt * units, len(tier.site)), float)
        is_plan = self._misfit_kt(self.state.option, load_kt).max(initial=0.0) <= SPILL_KT
        units[self.state.option[tier.column_site] < 0] = 0.0  # rounding at what is closed
        self.known = _Known(self.state.option.copy(), units) if is_plan else None
        if is_plan:
            self.state.units[:] = units
            self._count_again()

    def run(self, pace: Pace, record: Record, *, until: float) -> None:
        """Search for the rounds of `pace`, prices raised where a row is missed and lowered where it is exceeded.

        Where `record` would have spent more than `until` before, it cools in fewer. It does not cool while prices are
        far off.
        """
        begun = record.spent
        steps = max(LEAST_STEPS, int(pace.steps_a_site * len(self.centres)))
        heat = pace.heat * float(np.abs(self.open).mean())
        number, n_warm = 0, 0
        while number < pace.rounds:
            done = min(1.0, max(number / pace.rounds, (record.spent - begun) / max(1e-9, until - begun)))
            hot, cold = (heat * (1 - end) ** 2 for end in (done, min(1.0, done + 1 / pace.rounds)))
            costs = self.costs()
            for taken in range(0, steps, MOST_STEPS):
                if record.left == 0:
                    return
                more = min(MOST_STEPS, steps - taken)
                first, last = (hot + (cold - hot) * step / steps for step in (taken, taken + more))
                anneal(self.town, costs, self.state, first, last, more, self.random, self.centres)
                record.charge(self._work())
            self._count_again()
            is_warm = done < 1.0 and n_warm < WARM_ROUNDS and self.rows.are_far(self.state.reached)
            number, n_warm = (number, n_warm + 1) if is_warm else (number + 1, n_warm)
            self.rows.reprice(self.state.reached)
            self.overflow = float(np.clip(self._rise(done) * self.overflow, *self.overflow_range))
            if done == 1.0:
                break
        self._relieve(record)
        self._restore(record)

    def _rise(self, done: float) -> float:
        """Return the factor by which the price of overflow changes once a share `done` of the rounds is over."""
        n_over, n_open = np.count_nonzero(self.misfit_kt() > SPILL_KT), np.count_nonzero(self.state.option >= 0)
        if not n_over:
            return 1 / OVERFLOW_RISE
        return OVERFLOW_RISE**2 if done >= LATE and n_over > MANY_OVER * n_open else OVERFLOW_RISE

    def _relieve(self, record: Record) -> None:
        """Open, enlarge and close points until nothing overflows and no row is missed, whatever the cost."""
        costs = self.costs()
        penalty = np.minimum(REPAIR_TIMES * costs.penalty, self.rows.dearest)
        costs = costs._replace(overflow=RELIEF_TIMES * self.overflow, penalty=penalty)
        for _ in range(RELIEF_ROUNDS):
            spills = self.misfit_kt() > SPILL_KT
            if record.left == 0 or not (spills.any() or self.rows.missed(self.state.reached) > 0):
                return
            centres = np.flatnonzero(self._sharing(spills)) if spills.any() else self.centres
            anneal(self.town, costs, self.state, 0.0, 0.0, RELIEF_STEPS, self.random, centres)
            record.charge(self._work())
            self._count_again()

    def _restore(self, record: Record) -> None:
        """Take what the plan that it began with has around points that overflow, further out until none does.

        Whoever has the choice of that plan alone goes where that plan sends him.
        """
        tier, state = self.tier, self.state
        is_restored = np.zeros(len(tier.site), dtype=bool)
        while self.known is not None and record.left > 0:
            spills = self.misfit_kt() > SPILL_KT
            wider = is_restored | self._sharing(spills)
            if (wider == is_restored).all():
                return
            is_restored = wider
            state.option[is_restored] = self.known.option[is_restored]
            self._serve_all()
            has_other = np.zeros(len(tier.supply_row), dtype=bool)
            has_other[tier.supply[~is_restored[tier.column_site]]] = True
            as_known = ~has_other[tier.supply]
            state.units[as_known] = self.known.units[as_known]
            self._count_again()
            record.charge(self._work())

    def _work(self) -> float:
        """Return the work done since the last call."""
        touched, self.state.touched[0] = int(self.state.touched[0]), 0
        return WORK_A_WALK * touched

    def distrust(self) -> None:
        """Take the prices of rows that are missed for guesses, and search where they or what overflows count.

        Where only a few points overflow, what shares a cell with them is decided anew, overflow as cheap as at first:
        the cure may need several changes at once. What overflowed the last time too is closed for good.
        """
        spills = self.misfit_kt() > SPILL_KT
        is_short = self.rows.missed(self.state.reached) > 0
        self.centres = self.rows.distrust(self.state.reached, self.tier, self.near_column)
        is_stuck = spills & self.spilt & ~self.tier.must_open
        self.spilt = spills
        if not spills.any():
            return
        self.centres = np.arange(len(self.tier.site))
        if spills.sum() <= max(FEW, MANY_OVER * np.count_nonzero(self.state.option >= 0)):
            self._bar(is_stuck)
            if not is_short:
                for _ in range(RINGS):
                    spills = self._sharing(spills)
                self.centres, self.overflow = np.flatnonzero(spills), self.overflow_range[0]

    def _bar(self, sites: Bools) -> None:
        """Close `sites` (n,) for the rest of the search; who went there goes to what else is open."""
        tier, state = self.tier, self.state
        self.town.is_barred[sites] = True
        cells = np.unique(tier.supply[sites[tier.column_site] & (state.units > 0)])
        state.option[sites] = -1
        state.units[np.isin(tier.supply, cells)] = 0.0
        self._count_again()
        for cell in cells:
            serve(self.town, state, cell)
            see_near(self.town, state, cell)
        self._count_again()

    def _sharing(self, sites: Bools) -> Bools:
        """Return the sites (n,) that share a cell with one of `sites`, and these."""
        tier, cells = self.tier, np.zeros(len(self.tier.supply_row), dtype=bool)
        cells[tier.supply[sites[tier.column_site]]] = True
        shared = sites.copy()
        shared[tier.column_site[cells[tier.supply]]] = True
        return shared

    def values(self) -> Floats:
        """Return the values of all columns (n_columns,): the tier's and those that follow as found, others 0."""
        tier, state = self.tier, self.state
        values = np.zeros(self.model.n_columns)
        values[tier.option[state.option[state.option >= 0]]] = 1.0
        values[self.near_column[self.near_order]] = state.near
        used = np.flatnonzero(state.units > 0)
        site = tier.column_site[used]
        units = np.zeros(len(tier.is_taken))
        units[tier.first_pair[state.option[site]] + used - tier.first_column[site]] = state.units[used]
        brought: Floats = tier.pairs @ units
        return values + brought

    def missed(self) -> float:
        """Return the largest relative violation of rows and overflow of points; 0 where all hold."""
        short = self.rows.missed(self.state.reached)
        served = np.bincount(self.tier.supply, self.state.units, len(self.tier.supply_row))
        left = float(np.mean((self.town.unserved > 0) & (served < 0.5)))
        spilt = self.misfit_kt()
        beyond = float(spilt.sum() / max(1e-9, self.state.load_kt.sum())) if spilt.max(initial=0.0) > SPILL_KT else 0.0
        return max(short, left, beyond)

    def shortage(self) -> str:
        """Return which points overflow most and who goes there, with the cure; nothing where none does."""
        tier, (instance, _) = self.tier, self.stage
        spilt = self.misfit_kt()
        worst = [int(j) for j in np.argsort(-spilt)[:LISTED] if spilt[j] > SPILL_KT]
        if not worst:
            return ""
        named = []
        for j in worst:
            comes = (tier.column_site == j) & (self.state.units > LEAST)
            cells = instance.demand.id[instance.walks.demand[tier.column[comes] - self.stage[1]["assign"].start]]
            cells = ", ".join(cells[:LISTED].tolist())
            named.append(f"{instance.sites.id[tier.site[j]]} by {spilt[j] * MODEL_T:,.1f} t/yr (cells {cells})")
        return (
            f"{np.count_nonzero(spilt > SPILL_KT):,} points take more than they can, or less than they must, from the"
            f" residents who choose them: {'; '.join(named)}; allow larger sizes, raise assignment_tolerance_m, or add"
            " candidates near these cells"
        )

    def misfit_kt(self) -> Floats:
        """Load of each site above the capacity of what is open there, or below its least load, kt, (n,).

        What must be open may be idle, unless it has a least load.
        """
        return self._misfit_kt(self.state.option, self.state.load_kt)

    def _misfit_kt(self, option: Ints, load_kt: Floats) -> Floats:
        tier, is_open = self.tier, option >= 0
        above = load_kt - np.where(is_open, tier.capacity_kt[option], 0.0)
        least_kt = np.where(tier.must_open, tier.least_kt[option], tier.aim_kt[option])
        below = np.where(is_open, least_kt, 0.0) - load_kt
        return np.maximum(0.0, np.maximum(above, below))

    def costs(self) -> Costs:
        """Return the current costs: real ones, and guided ones with multipliers of the coupling rows."""
        guide_pair, guide_open = self._priced(self.rows.guided(self.cost))
        return Costs(self.pair, self.open, guide_pair, guide_open, self.rows.penalty, self.overflow)

    def _priced(self, cost: Floats) -> tuple[Floats, Floats]:
        """Return the cost of each pair, and of opening each option, at a cost of all columns."""
        pair = np.where(self.tier.is_taken, cost @ self.tier.pairs, NEVER)
        return pair, cost[self.tier.option] - self.tier.closing_cost[self.tier.option_site]

    def _begin_at(self, chosen: Ints) -> None:
        """Open the options `chosen` and those that sites must have, and send everybody anew."""
        tier, state = self.tier, self.state
        state.option[:] = np.where(tier.must_open, tier.first_option[:-1], -1)
        kept = chosen[~self.town.is_barred[tier.option_site[chosen]]]
        state.option[tier.option_site[kept]] = kept
        self._serve_all()

    def _serve_all(self) -> None:
        """Send everybody anew to what is open."""
        tier, state = self.tier, self.state
        state.units[:], state.load_kt[:] = 0.0, 0.0
        for cell in range(len(tier.supply_row)):
            serve(self.town, state, cell)
            see_near(self.town, state, cell)
        self._count_again()

    def _count_again(self) -> None:
        """Take loads and rows from the units: what is added and taken off again leaves rounding."""
        tier, state = self.tier, self.state
        state.load_kt[:] = np.bincount(tier.column_site, tier.kt * state.units, len(tier.site))
        state.reached[:] = self.asked.counts @ self.values()


def _town(placed: Choosing, unserved: Floats) -> tuple[Town, Ints]:
    """Return what does not change during a search, and the near columns in the order of their cells."""
    tier, asked, (instance, columns) = placed.tier, placed.asked, placed.stage
    walk = tier.column - columns["assign"].start
    cells = instance.walks.demand[walk]
    by_distance = np.lexsort([instance.walks.distance_m[walk], tier.supply])
    demand = np.zeros(len(tier.supply_row), dtype=np.int64)
    demand[tier.supply] = cells
    near = _near(placed, demand)
    by_pair = sparse.csc_array(asked.counts @ tier.pairs)
    by_option = sparse.csc_array(sparse.csc_array(asked.counts)[:, tier.option])
    by_near = sparse.csc_array(sparse.csc_array(asked.counts)[:, placed.near_column[near.order]])
    most_kt = np.zeros(len(tier.site))
    np.maximum.at(most_kt, tier.option_site, tier.capacity_kt)
    distance_m = instance.walks.distance_m[walk]
    room = _Room(distance_m, most_kt, instance.assignment_tolerance_m)
    town = Town(
        tier.must_open, _barred(tier, by_distance, room), tier.first_option, tier.option_site,
        _alike(tier, near.counts), tier.capacity_kt, tier.aim_kt, most_kt, tier.first_column,
        tier.column_site, tier.kt, tier.first_pair, tier.is_taken,
        tier.supply, instance.walks.distance_m[walk], instance.assignment_tolerance_m,
        np.searchsorted(tier.supply[by_distance], np.arange(len(tier.supply_row) + 1)).astype(np.int64), by_distance,
        unserved, near.first, near.within_m, near.access, placed.cost[placed.near_column[near.order]], near.counts,
        *_entries(by_near), *_entries(by_pair), *_entries(by_option), asked.lower, asked.upper,
    )  # fmt: skip
    return town, near.order


@dataclass(frozen=True)
class _Near:
    """The near columns in the order of their cells: the first of each cell, distance and access of each column.

    `counts` (n_accesses, n_options) marks the options of the tier that count for each access.
    """

    order: Ints
    first: Ints
    within_m: Floats
    access: Ints
    counts: Bools


def _near(placed: Choosing, demand: Ints) -> _Near:
    """Return the near columns of the cells `demand` (n_supplies,)."""
    instance, columns = placed.stage
    cell = np.full(instance.n_demand, len(demand))
    cell[demand] = np.arange(len(demand))
    of_column = cell[columns.near_node]
    lengths = [len(access.node) for access in columns.accesses]
    access = np.repeat(np.arange(len(lengths)), lengths).astype(np.int64)
    order = np.argsort(of_column, kind="stable")
    order = order[of_column[order] < len(demand)]
    types = instance.options.type[placed.tier.option]
    counts = np.array([one.counts_type[types] for one in columns.accesses], dtype=bool).reshape(-1, len(types))
    within_m = np.array([one.within_m for one in columns.accesses], dtype=float)[access]
    first = np.searchsorted(of_column[order], np.arange(len(demand) + 1)).astype(np.int64)
    return _Near(order, first, within_m[order], access[order], counts)


@dataclass(frozen=True)
class _Room:
    """Distance of each walk of the tier, the largest size of each site, (n,), and the tolerance of residents."""

    distance_m: Floats
    most_kt: Floats
    tolerance_m: float


def _barred(tier: Tier, by_distance: Ints, room: _Room) -> Bools:
    """Return the sites that no plan opens, (n,): with one a cell goes where even the largest sizes have no room for it.

    The nearest site that a cell may have is barred while those up to the tolerance beyond it cannot take the cell.
    """
    barred = np.zeros(len(tier.site), dtype=bool)
    cells = np.split(by_distance, np.flatnonzero(np.diff(tier.supply[by_distance])) + 1) if len(by_distance) else []
    waiting = list(range(len(cells)))
    while waiting:
        before = barred.copy()
        for cell in waiting:
            _bar_nearest(tier, cells[cell], room, barred)
        again = (barred & ~before)[tier.column_site]
        waiting = [number for number, walks in enumerate(cells) if again[walks].any()]
    return barred


def _bar_nearest(tier: Tier, walks: Ints, room: _Room, barred: Bools) -> None:
    """Close sites, nearest first, until those left within the tolerance can take the cell of `walks`."""
    while True:
        left = walks[~barred[tier.column_site[walks]]]
        if len(left) == 0:
            return
        site = tier.column_site[left[0]]
        pairs = (
            tier.first_pair[tier.first_option[site] : tier.first_option[site + 1]] + left[0] - tier.first_column[site]
        )
        if tier.must_open[site] or not tier.is_taken[pairs].all():
            return
        chosen = left[room.distance_m[left] <= room.distance_m[left[0]] + room.tolerance_m]
        needed = tier.kt[chosen]
        shares = np.where(needed > 0, room.most_kt[tier.column_site[chosen]] / np.maximum(needed, LEAST), 1.0)
        if shares.sum() >= 1.0 - LEAST:
            return
        barred[site] = True


def _alike(tier: Tier, counts: Bools) -> Ints:
    """Number the options, (n_options,): at one site those with the same acceptance and counts are equal."""
    kinds: dict[bytes, int] = {}
    numbers = np.empty(len(tier.option), dtype=np.int64)
    for option in range(len(tier.option)):
        taken = tier.is_taken[tier.first_pair[option] : tier.first_pair[option + 1]]
        numbers[option] = kinds.setdefault(taken.tobytes() + counts[:, option].tobytes(), len(kinds))
    return numbers


def _entries(matrix: sparse.csc_array) -> tuple[Ints, Ints, Floats]:
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data
