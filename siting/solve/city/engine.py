"""The city engine, step by step.

1. Prices raised until they bound best (`ascent`); beside it, at early prices, a plan echelon by echelon by ruin and
   recreate, and again at better prices. Where that finds none, the whole at once.
2. After each, the last echelons decided whole among what the averaged plan of the prices uses; then the first one
   placed anew.
3. Neighbourhoods freed and decided anew until the gap is small enough or the limit is reached.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from siting.instance import Floats, Instance
from siting.model.columns import Columns
from siting.model.linear import LinearModel
from siting.solve.city.ascent import STEPS, Ascended, ascend, ascend_twice, first_prices
from siting.solve.city.covering import asks_for_points_only, place_covering
from siting.solve.city.echelons import (
    AGAIN,
    FIRST,
    LATER,
    REPAIR,
    make_tiers,
    place_echelons,
    place_first_again,
    placing_tiers,
)
from siting.solve.city.improving import Effort, Search
from siting.solve.city.restrict import Holder, holds
from siting.solve.city.restricted_mip import decide_last
from siting.solve.city.settling import Carried, count_changes, settle_flows
from siting.solve.city.sitewise import Sitewise
from siting.solve.city.tiers import Tier
from siting.solve.clock import Record, stopping
from siting.solve.exact import Ended
from siting.solve.relaxation import relax
from siting.vocabulary import Echelon

PLACED_BY = 0.8, 0.6
"""Shares of the limit, of time or of work, by which the first plan and the thorough one are placed, if they can be."""
ANEW_BY = 0.5
"""Share of it by which a plan beside a loose start is placed, if it can be."""
KERNEL_SHARE, KERNEL_LEAST = 0.03, 6.0
"""Share of the limit to decide the last echelons whole among promising options, and the least for that, each time."""
REPLACE_SHARE = 0.15
"""Share of it to place the first echelon anew, at most."""
ONCE_SHARE = 0.5
"""Share of what is left that is given to the whole model at once."""
SETTLE_SHARE, LEAST_SETTLE = 0.05, 5.0
"""Share of the limit to settle all flows of a plan together, and the least for that: 5 do for 30,000 cells."""
SETTLE = 60.0
"""Limit of settling where there is no plan yet, and of programs that are quick in any city."""
RESERVE = 2.0
"""Kept to settle the plan."""


def solve_city(
    stage: tuple[Instance, Columns],
    model: LinearModel,
    record: Record,
    *,
    gap: float,
    threads: int,
    seed: int,
    tight: LinearModel | None = None,
    start: Carried | None = None,
) -> Ended:
    """Leave plans and a certified bound for `model` in `record`, until the gap is reached or the limit.

    `tight` is the model with rows that every plan keeps, to bound with. `start` is a plan to improve where the
    prices lead to none that is better; where it is none, what it opens is kept as far as it can be. With a plan to
    start from and prices known, its points stay while what follows them is placed anew; if it was asked for more, a
    plan is placed beside it first.
    """
    instance, columns = stage
    run = _Run(instance, columns, Holder.of(model), placing_tiers(instance, model, columns), record, gap, seed)
    with stopping(record), ThreadPoolExecutor(1) as beside:
        soon: tuple[Future[Ascended], ...] = (Future(), Future())
        given = record.best_multipliers
        tight = model if tight is None else tight
        first = first_prices(tight, columns, instance) if given is None else given
        sitewise = Sitewise(instance, tight, columns, make_tiers(instance, model, columns))
        placed = start.values if start is not None and start.is_plan else None
        is_infeasible, is_warm = False, placed is not None and given is not None
        if is_warm:
            ascending = beside.submit(ascend, sitewise, first, record, steps=STEPS[1], soon=soon[1])
        else:
            ascending = beside.submit(ascend_twice, sitewise, first, record, soon)
        steps = tuple(zip(soon, (FIRST, AGAIN), PLACED_BY, strict=True))
        if is_warm:
            steps = ((soon[1], LATER, PLACED_BY[1]),)
            if start is not None and start.is_loose:
                anew = run.place(first, None, rounds=FIRST, until=ANEW_BY * record.limit)
                placed = placed if anew is None else anew  # dearer at first, as its last echelons are not decided yet
        for early, rounds, until in steps:
            wait((early, ascending), return_when=FIRST_COMPLETED)
            known = early.result() if early.done() else ascending.result()
            record.wait_for(known.work)
            if start is not None and placed is None:
                placed = run.repair(known.multipliers, start.values, until=until * record.limit)
            if record.gap_to(known.bound) > gap:
                placed = None if placed is None else run.decide_last(known, placed)
                placed = run.place(known.multipliers, placed, rounds=rounds, until=until * record.limit)
        ascended = ascending.result()
        record.wait_for(ascended.work)
        if placed is None and record.left > 0:
            placed, is_infeasible = _whole_at_once(run.holder, record)
        if placed is None:
            return Ended(is_optimal=False, is_infeasible=is_infeasible)
        run.offer(placed, "first plan")
        best = run.place_first_again(ascended, run.decide_last(ascended, placed))
        search = Search(instance, columns, run.holder, seed=seed, effort=Effort(3.0, 5e-3, threads))
        try:
            search.improve(best, record, gap=gap, reserve=max(RESERVE, run.settling))
        finally:
            run.hand_over(placed)
    return Ended(is_optimal=record.gap <= gap, is_infeasible=False)


@dataclass
class _Run:
    """One run of the engine; `is_slow` once all flows together took too long to settle.

    `settling` is what settling took the last time that it ended: the finished plan will take as much.
    """

    instance: Instance
    columns: Columns
    holder: Holder
    tiers: tuple[tuple[Echelon, Tier], ...]
    record: Record
    gap: float
    seed: int
    is_slow: bool = False
    settling: float = 0.0

    @cached_property
    def asks_for_points_only(self) -> bool:
        """Whether points are to be near residents, and nothing need be collected."""
        return asks_for_points_only((self.instance, self.columns), self.holder.model)

    def place(
        self, multipliers: Floats, start: Floats | None, *, rounds: dict[Echelon, int], until: float
    ) -> Floats | None:
        """Return a plan placed at these prices from `start`, if any; `start` where none is found.

        Where echelons after the first fit badly it may be dearer than `start`.
        """
        stage, model = (self.instance, self.columns), self.holder.model
        how: dict[str, Any] = {
            "rounds": rounds,
            "until": until,
            "record": self.record,
            "seed": self.seed,
            "start": start,
        }
        if self.asks_for_points_only:
            values = place_covering(stage, model, self.tiers, multipliers[: model.n_rows], **how)
            found = None if values is None else self.settled(values, "placed")
            if found is not None:
                return found
        found = self.settled(place_echelons(stage, model, self.tiers, multipliers[: model.n_rows], **how), "placed")
        return start if found is None else found

    def repair(self, multipliers: Floats, hint: Floats, *, until: float) -> Floats | None:
        """Return the plan that opens what `hint` does, but for what must change; None where that is not found."""
        model = self.holder.model
        values = place_echelons(
            (self.instance, self.columns), model, self.tiers, multipliers[: model.n_rows],
            rounds=REPAIR, until=until, record=self.record, seed=self.seed, start=hint,
        )  # fmt: skip
        found, opened = self.settled(values, "start"), model.columns_of("open")
        changes = "not repaired" if found is None else f"repaired: {count_changes(hint[opened], found[opened])}"
        self.record.note(f"start {changes}")
        return found

    def decide_last(self, ascended: Ascended, placed: Floats) -> Floats:
        """Return the best plan known after the last echelons of `placed` are decided whole, in time if there is any."""
        limit = min(max(KERNEL_LEAST, KERNEL_SHARE * self.record.limit), self.record.left)
        if self._goes_on(ascended.bound):
            decided = decide_last(self.holder, self.tiers, ascended.values, placed, record=self.record, most=limit)
            self.offer(decided, "last echelons decided")
        return placed if self.record.best_values is None else self.record.best_values

    def place_first_again(self, ascended: Ascended, best: Floats) -> Floats:
        """Return the best plan known after the first echelon of `best` is placed anew, in time if there is any."""
        part = self.record.part(min(REPLACE_SHARE * self.record.limit, self.record.left))
        if self._goes_on(ascended.bound) and not self.asks_for_points_only:
            stage = self.instance, self.columns
            values = place_first_again(
                stage,
                self.holder.model,
                ascended.multipliers[: self.holder.model.n_rows],
                best,
                seed=self.seed,
                clock=part,
            )
            self.record.add(part)
            self.settled(values, "first echelon placed again")
        return best if self.record.best_values is None else self.record.best_values

    def settled(self, values: Floats, stage: str) -> Floats | None:
        """Return `values` with flows between sites settled, and all flows if that is quick; None if impossible."""
        hauled = self.offer(self._settle(values, held=("assign",)), stage)
        if hauled is not None and self.is_slow:
            return hauled
        most = max(LEAST_SETTLE, SETTLE_SHARE * self.record.limit)
        most = SETTLE if self.record.best_values is None else most
        whole = self.offer(self._settle(values, most=most), f"{stage}, settled")
        self.is_slow = whole is None and hauled is not None
        return hauled if whole is None else whole

    def offer(self, values: Floats | None, stage: str) -> Floats | None:
        """Offer column values to the record and return them; None if there are none or they violate a row."""
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
        most = max(RESERVE, record.left)
        settled = None if self.is_slow else self._settle(best, most=most)
        if settled is None:
            settled = self._settle(best, held=("assign",))
        with record.lock:
            if record.best_values is best:  # no engine beside this one has found a better plan since
                record.best_values = placed if settled is None or not holds(self.holder, settled) else settled
                record.best_cost = float(self.holder.model.cost @ record.best_values)
                record.note("settled")

    def _settle(self, values: Floats, *, held: tuple[str, ...] = (), most: float = SETTLE) -> Floats | None:
        """Return `values` with all flows settled but those of the families `held`, and record the work it took."""
        begun = self.record.spent
        settled = settle_flows(self.holder, values, held=held, record=self.record, most=most)
        if settled is not None:
            self.settling = self.record.spent - begun
        return settled

    def _goes_on(self, bound: float) -> bool:
        return self.record.gap_to(bound) > self.gap and self.record.left > RESERVE


def _whole_at_once(holder: Holder, record: Record) -> tuple[Floats | None, bool]:
    """Solve the whole model by branch and bound when the parts do not fit; return the plan and whether none exists.

    For small models; on a large one it is a last resort that seldom ends in time.
    """
    record.note("parts do not fit together; the whole at once")
    model = holder.model
    allowed = record.allow(ONCE_SHARE * record.left)
    root = relax(model, time_limit_s=allowed.seconds, work=allowed.work, charged=record)
    if root is not None:
        record.offer_bound(root.bound, "relaxation", root.multipliers)
    free = np.arange(model.n_columns)
    start = np.zeros(model.n_columns)
    allowed = record.allow(ONCE_SHARE * record.left)
    values, answer = holder.resolve(
        start, free, is_integer=model.is_integer, time_limit_s=allowed.seconds, work=allowed.work, is_strict=True
    )
    record.charge(answer.work, is_timed_out=answer.is_timed_out)
    if values is None:
        return None, answer.is_infeasible
    if not holds(holder, values):  # a row that no column can help, such as a target with nothing to count
        return None, True
    return settle_flows(holder, values, record=record, most=SETTLE), False
