"""The city engine, step by step.

1. Prices raised until they bound best (`ascent`); beside it, at early prices, a plan echelon by echelon by ruin and
   recreate, and again at better prices. Where that finds none, the whole at once.
2. After each, the last echelons decided whole among what the averaged plan of the prices uses; then the first one
   placed anew.
3. Neighbourhoods freed and decided anew until the gap is small enough or time is up.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np

from siting.instance import Floats, Instance
from siting.model.columns import Columns
from siting.model.linear import LinearModel
from siting.solve.city.ascent import Ascended, ascend_twice, first_prices
from siting.solve.city.echelons import AGAIN, FIRST, make_tiers, place_echelons, place_first_again
from siting.solve.city.improving import Effort, Search
from siting.solve.city.neighbourhoods import USED
from siting.solve.city.restrict import Holder, holds
from siting.solve.city.restricted_mip import decide_last
from siting.solve.city.sitewise import Sitewise
from siting.solve.city.tiers import Tier
from siting.solve.clock import Record, stopping
from siting.solve.exact import Ended
from siting.solve.relaxation import relax
from siting.vocabulary import Echelon

PLACED_BY = 0.8, 0.6
"""Shares of the time limit by which the first plan and the thorough one are placed, if they can be."""
KERNEL_SHARE = 0.1
"""Share of the time limit to decide the last echelons whole among promising options, at most, each of two times."""
REPLACE_SHARE = 0.15
"""Share of it to place the first echelon anew, at most."""
ONCE_SHARE = 0.5
"""Share of the time left that is given to the whole model at once."""
SETTLE_SHARE, LEAST_SETTLE_S = 0.05, 5.0
"""Share of it to settle all flows of a plan together, and the least time for that: 5 s are enough for 30,000 cells."""
SETTLE_S = 60.0
"""Time for it where there is no plan yet, and for programs that are quick in any city."""
RESERVE_S = 2.0
"""Kept to settle the plan."""


def solve_city(
    stage: tuple[Instance, Columns],
    model: LinearModel,
    record: Record,
    *,
    gap: float,
    threads: int,
    seed: int,
    start: Floats | None = None,
) -> Ended:
    """Leave plans and a certified bound for `model` in `record`, until the gap is reached or time is up.

    `start` (n_columns,) is a plan to improve where the prices lead to none that is better.
    """
    instance, columns = stage
    run = _Run(instance, columns, Holder.of(model), make_tiers(instance, model, columns), record, gap, seed)
    with stopping(record), ThreadPoolExecutor(1) as beside:
        soon: tuple[Future[Ascended], ...] = (Future(), Future())
        given = record.best_multipliers
        first = first_prices(model, columns, instance) if given is None else given
        ascending = beside.submit(ascend_twice, Sitewise(instance, model, columns, run.tiers), first, record, soon)
        placed, is_infeasible = start, False
        for early, rounds, until in zip(soon, (FIRST, AGAIN), PLACED_BY, strict=True):
            wait((early, ascending), return_when=FIRST_COMPLETED)
            known = early.result() if early.done() else ascending.result()
            if record.gap > gap:
                placed = None if placed is None else run.decide_last(known, placed)
                placed = run.place(known.multipliers, placed, rounds=rounds, until_s=until * record.time_limit_s)
        ascended = ascending.result()
        if placed is None and record.seconds_left > 0:
            placed, is_infeasible = _whole_at_once(run.holder, record)
        if placed is None:
            return Ended(is_optimal=False, is_infeasible=is_infeasible)
        run.offer(placed, "first plan")
        best = run.place_first_again(ascended, run.decide_last(ascended, placed))
        search = Search(instance, columns, run.holder, seed=seed, effort=Effort(3.0, 5e-3, threads))
        try:
            search.improve(best, record, gap=gap, reserve_s=max(RESERVE_S, run.settling_s))
        finally:
            run.hand_over(placed)
    return Ended(is_optimal=record.gap <= gap, is_infeasible=False)


@dataclass
class _Run:
    """One run of the engine; `is_slow` once all flows together took too long to settle.

    `settling_s` is what settling took the last time that it ended: the finished plan will take as long.
    """

    instance: Instance
    columns: Columns
    holder: Holder
    tiers: tuple[tuple[Echelon, Tier], ...]
    record: Record
    gap: float
    seed: int
    is_slow: bool = False
    settling_s: float = 0.0

    def place(
        self, multipliers: Floats, start: Floats | None, *, rounds: dict[Echelon, int], until_s: float
    ) -> Floats | None:
        """A plan placed at these prices from `start`, if any; `start` where none is found.

        Where echelons after the first fit badly it may be dearer than `start`.
        """
        values = place_echelons(
            (self.instance, self.columns), self.holder.model, self.tiers, multipliers,
            rounds=rounds, until_s=until_s, record=self.record, seed=self.seed, start=start,
        )  # fmt: skip
        found = self.settled(values, "placed")
        return start if found is None else found

    def decide_last(self, ascended: Ascended, placed: Floats) -> Floats:
        """The best plan known after the last echelons of `placed` are decided whole, in time if there is any."""
        limit_s = min(KERNEL_SHARE * self.record.time_limit_s, self.record.seconds_left)
        if self._goes_on():
            decided = decide_last(self.holder, self.tiers, ascended.values, placed, time_limit_s=limit_s)
            self.offer(decided, "last echelons decided")
        return placed if self.record.best_values is None else self.record.best_values

    def place_first_again(self, ascended: Ascended, best: Floats) -> Floats:
        """The best plan known after the first echelon of `best` is placed anew, in time if there is any."""
        limit_s = min(REPLACE_SHARE * self.record.time_limit_s, self.record.seconds_left)
        if self._goes_on():
            stage = self.instance, self.columns
            values = place_first_again(
                stage, self.holder.model, ascended.multipliers, best, seed=self.seed, limit_s=limit_s
            )
            self.settled(values, "first echelon placed again")
        return best if self.record.best_values is None else self.record.best_values

    def settled(self, values: Floats, stage: str) -> Floats | None:
        """`values` with flows between sites settled, and all flows where that ends soon; None where that cannot be."""
        hauled = self.offer(self._settle(values, held=("assign",)), stage)
        if hauled is not None and self.is_slow:
            return hauled
        limit_s = max(LEAST_SETTLE_S, SETTLE_SHARE * self.record.time_limit_s)
        limit_s = SETTLE_S if self.record.best_values is None else limit_s
        whole = self.offer(self._settle(values, time_limit_s=limit_s), f"{stage}, settled")
        self.is_slow = whole is None and hauled is not None
        return hauled if whole is None else whole

    def offer(self, values: Floats | None, stage: str) -> Floats | None:
        """Tell the record of a plan; None where it is none."""
        if values is None or not holds(self.holder, values):
            return None
        self.record.offer_plan(values, float(self.holder.model.cost @ values), stage)
        return values

    def hand_over(self, placed: Floats) -> None:
        """Leave the record's best plan settled exactly; the plan as placed where it cannot be.

        A large city's flows may take too long to settle all together: then those between sites are.
        """
        record, best = self.record, self.record.best_values
        if best is None:
            return
        limit_s = max(RESERVE_S, record.seconds_left)
        settled = None if self.is_slow else self._settle(best, time_limit_s=limit_s)
        if settled is None:
            settled = self._settle(best, held=("assign",))
        with record.lock:
            if record.best_values is best:  # no engine beside this one has found a better plan since
                record.best_values = placed if settled is None or not holds(self.holder, settled) else settled
                record.best_cost = float(self.holder.model.cost @ record.best_values)
                record.note("settled")

    def _settle(self, values: Floats, *, held: tuple[str, ...] = (), time_limit_s: float = SETTLE_S) -> Floats | None:
        """`values` with all flows but those of the families `held` settled; how long that took is remembered."""
        begun_s = self.record.seconds
        settled = _settled(self.holder, values, held=held, time_limit_s=time_limit_s)
        if settled is not None:
            self.settling_s = self.record.seconds - begun_s
        return settled

    def _goes_on(self) -> bool:
        return self.record.gap > self.gap and self.record.seconds_left > RESERVE_S


def _whole_at_once(holder: Holder, record: Record) -> tuple[Floats | None, bool]:
    """A plan by branch and bound on the whole model, where the parts do not fit together; and whether there is none.

    For small models; on a large one it is a last resort that seldom ends in time.
    """
    record.note("parts do not fit together; the whole at once")
    model = holder.model
    root = relax(model, time_limit_s=ONCE_SHARE * record.seconds_left)
    if root is not None:
        record.offer_bound(root.bound, "relaxation", root.multipliers)
    free = np.arange(model.n_columns)
    limit_s = ONCE_SHARE * record.seconds_left
    start = np.zeros(model.n_columns)
    values, answer = holder.resolve(start, free, is_integer=model.is_integer, time_limit_s=limit_s, is_strict=True)
    if values is None:
        return None, answer.is_infeasible
    if not holds(holder, values):  # a row that no column can help, such as a target with nothing to count
        return None, True
    return _settled(holder, values), False


def _settled(
    holder: Holder, values: Floats, *, held: tuple[str, ...] = (), time_limit_s: float = SETTLE_S
) -> Floats | None:
    """`values` with every flow and share decided anew for the sites that are open, but for the families `held`.

    Who has a point is decided by what is open. None where these cannot do it, or not in time.
    """
    model = holder.model
    values = np.where(model.is_integer, np.round(values), values)
    links = model.rows_of("assign_to_open", "direct_to_open", "haul_to_open")
    opened = np.where(model.is_integer, values, 0.0)
    allowed = model.matrix[links] @ opened < -USED
    closed = np.zeros(model.n_columns, dtype=bool)
    entries = model.matrix[links[~allowed]].tocoo()
    closed[entries.col[entries.data > 0]] = True
    start = np.where(closed, 0.0, values)
    free = np.flatnonzero(~closed & ~model.is_integer)
    free = np.setdiff1d(free, model.columns_of("near", *held))
    settled, _ = holder.resolve(start, free, is_integer=None, time_limit_s=time_limit_s, is_strict=True)
    return settled
