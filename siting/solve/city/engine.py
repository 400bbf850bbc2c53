"""The city engine, step by step.

1. Prices raised until they bound best (`ascent`); beside it, at early prices, a plan echelon by echelon by ruin and
   recreate, and again at better prices. Where that finds none, the whole at once.
2. The last echelons decided whole among what the averaged plan of the prices uses.
3. Neighbourhoods freed and decided anew until the gap is small enough or time is up.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np

from siting.instance import Echelon, Floats, Instance
from siting.model.columns import Columns
from siting.model.linear import LinearModel
from siting.solve.city.ascent import Ascended, ascend_twice
from siting.solve.city.echelons import AGAIN, FIRST, make_tiers, place_echelons
from siting.solve.city.firstprices import first_prices
from siting.solve.city.freeing import USED
from siting.solve.city.improving import Effort, Search
from siting.solve.city.kernel import decide_last
from siting.solve.city.restrict import Holder, holds
from siting.solve.city.sitewise import Sitewise
from siting.solve.city.tiers import Tier
from siting.solve.clock import Record, stopping
from siting.solve.exact import Ended
from siting.solve.relaxation import relax

PLACED_BY = 0.8, 0.6
"""Shares of the time limit by which the first plan and the thorough one are placed, if they can be."""
KERNEL_SHARE = 0.1
"""Share of the time limit to decide the last echelons whole among promising options, at most."""
ONCE_SHARE = 0.5
"""Share of the time left that is given to the whole model at once."""
SETTLE_S = 60.0
SETTLE_SHARE = 0.3
"""The program of all flows at given sites is quick in a city of 10,000 cells; in a larger one it may take longer."""
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
    holder, tiers = Holder.of(model), make_tiers(instance, model, columns)
    with stopping(record), ThreadPoolExecutor(1) as beside:
        soon: tuple[Future[Ascended], ...] = (Future(), Future())
        first = first_prices(model, columns, instance)
        ascending = beside.submit(ascend_twice, Sitewise(instance, model, columns, tiers), first, record, soon)
        placed, is_infeasible = start, False
        placer = _Placer(holder, tiers, columns, record, seed)
        for early, rounds, until in zip(soon, (FIRST, AGAIN), PLACED_BY, strict=True):
            wait((early, ascending), return_when=FIRST_COMPLETED)
            known = early.result() if early.done() else ascending.result()
            if record.gap > gap:
                placed = placer.place(known.multipliers, placed, rounds=rounds, until_s=until * record.time_limit_s)
        averaged = ascending.result().values
        if placed is None:
            placed, is_infeasible = _whole_at_once(holder, record)
        if placed is None:
            return Ended(is_optimal=False, is_infeasible=is_infeasible)
        _offer(holder, record, placed, "first plan")
        if record.gap > gap and record.seconds_left > RESERVE_S:
            limit_s = min(KERNEL_SHARE * record.time_limit_s, record.seconds_left)
            decided = decide_last(holder, tiers, averaged, placed, time_limit_s=limit_s)
            _offer(holder, record, decided, "last echelons decided")
        search = Search(instance, columns, holder, seed=seed, effort=Effort(3.0, 5e-3, threads))
        best = placed if record.best_values is None else record.best_values
        try:
            search.improve(best, record, gap=gap, reserve_s=RESERVE_S)
        finally:
            _hand_over(holder, record, placed, columns)
    return Ended(is_optimal=record.gap <= gap, is_infeasible=False)


def _offer(holder: Holder, record: Record, values: Floats | None, stage: str) -> None:
    """Tell the record of a plan, if it is one."""
    if values is not None and holds(holder, values):
        record.offer_plan(values, float(holder.model.cost @ values), stage)


@dataclass(frozen=True)
class _Placer:
    """What placing a plan echelon by echelon needs."""

    holder: Holder
    tiers: tuple[tuple[Echelon, Tier], ...]
    columns: Columns
    record: Record
    seed: int

    def place(
        self, multipliers: Floats, start: Floats | None, *, rounds: dict[Echelon, int], until_s: float
    ) -> Floats | None:
        """A plan placed at these prices from `start`, if any, with its flows settled if that ends in time.

        `start` where none is found. Where echelons after the first fit badly it may be dearer than `start`.
        """
        record, holder = self.record, self.holder
        values = place_echelons(
            holder.model, self.tiers, multipliers,
            rounds=rounds, until_s=until_s, record=record, seed=self.seed, start=start,
        )  # fmt: skip
        hauled = _settled(holder, values, self.columns.direct)
        _offer(holder, record, hauled, "placed")
        limit_s = SETTLE_SHARE * record.seconds_left
        limit_s = limit_s if record.best_values is not None else max(SETTLE_S, limit_s)
        settled = _settled(holder, values, self.columns.assign, time_limit_s=limit_s)
        _offer(holder, record, settled, "placed and settled")
        found = hauled if settled is None else settled
        return found if found is not None and holds(holder, found) else start


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
    return _settled(holder, values, 0), False


def _hand_over(holder: Holder, record: Record, placed: Floats, columns: Columns) -> None:
    """Leave the record's best plan settled exactly; the plan as placed where it cannot be.

    A large city's flows may take too long to settle all together: then those between sites are.
    """
    if record.best_values is None:
        return
    limit_s = max(RESERVE_S, record.seconds_left)
    settled = _settled(holder, record.best_values, columns.assign, time_limit_s=limit_s)
    if settled is None:
        settled = _settled(holder, record.best_values, columns.direct)
    record.best_values = placed if settled is None or not holds(holder, settled) else settled
    record.best_cost = float(holder.model.cost @ record.best_values)
    record.note("settled")


def _settled(holder: Holder, values: Floats, first: int, *, time_limit_s: float = SETTLE_S) -> Floats | None:
    """`values` with every flow and share from column `first` on decided anew for the sites that are open.

    None where these cannot do it, or not in time.
    """
    model = holder.model
    values = np.where(model.is_integer, np.round(values), values)
    links = model.rows_of("assign_to_open", "direct_to_open", "haul_to_open")
    held = np.where(model.is_integer, values, 0.0)
    allowed = model.matrix[links] @ held < -USED
    closed = np.zeros(model.n_columns, dtype=bool)
    entries = model.matrix[links[~allowed]].tocoo()
    closed[entries.col[entries.data > 0]] = True
    start = np.where(closed, 0.0, values)
    free = np.flatnonzero(~closed & ~model.is_integer)
    settled, _ = holder.resolve(start, free[free >= first], is_integer=None, time_limit_s=time_limit_s, is_strict=True)
    return settled
