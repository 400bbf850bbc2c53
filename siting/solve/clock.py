"""The engines' own clocks, of time and of work, and the line of sight to whoever watches a solve.

Work is counted, not timed: steps of searches and iterations of solvers, each by the size of what it goes through. A
unit is about a second of one core. What ends by work is the same on any machine of a kind, however busy it is.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from siting.instance import Floats
from siting.model.linear import MODEL_CNY
from siting.plan import Cover, Leaf, Progress, Status, relative_gap

Watch = Callable[[Progress], None]


@dataclass(frozen=True)
class Allowance:
    """Limits of one search: seconds by the clock, and units of work, infinite where work is not counted."""

    seconds: float
    work: float = math.inf


@dataclass
class Record:
    """State of a solve: the best values, the best proven bound, and when each was found.

    Where there is a `work_limit`, whatever decides how long to search reads `spent`, `left` and `limit`, which are in
    units of work then and in seconds elsewhere; time is a ceiling, and `is_timed_out` once it decided anything.
    `is_exhausted` where the search for plans ended because nothing gained any more.

    Costs are in the model's unit inside; in `history` and to the watcher they are times `scale`, in CNY or in the unit
    of what is optimised. `best_multipliers` are of the rows of the model and then of the `covers` added to it; `leaves`
    hold all plans between them where there are any. `solver_bound` is what the solver says without multipliers.
    `shortage` says what the last search for a plan found short, if anything. Where there is a `prover`, no bound
    counts but what it finds that multipliers prove: the model omits links, and solvers know of none of these.
    """

    time_limit_s: float
    watch: Watch | None = None
    scale: float = MODEL_CNY
    unit: str = "CNY/yr"
    started: float = field(default_factory=time.monotonic)
    best_values: Floats | None = None
    best_cost: float = math.inf
    best_bound: float = -math.inf
    best_multipliers: Floats | None = None
    solver_bound: float = -math.inf
    covers: tuple[Cover, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    history: list[Progress] = field(default_factory=list)
    has_root: bool = False
    work_limit: float = math.inf
    work: float = 0.0
    is_stopped: bool = False
    is_timed_out: bool = False
    is_exhausted: bool = False
    shortage: str = ""
    prover: Callable[[Floats], float] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def seconds(self) -> float:
        """Seconds since the solve began."""
        return time.monotonic() - self.started

    @property
    def seconds_left(self) -> float:
        """Seconds until the time limit, at least 0; 0 once stopped."""
        return 0.0 if self.is_stopped else max(0.0, self.time_limit_s - self.seconds)

    @property
    def counts_work(self) -> bool:
        """Return whether work ends the solve."""
        return math.isfinite(self.work_limit)

    @property
    def limit(self) -> float:
        """The work limit, or the time limit where there is none."""
        return self.work_limit if self.counts_work else self.time_limit_s

    @property
    def spent(self) -> float:
        """Work done since the solve began, or seconds where work is not counted."""
        return self.work if self.counts_work else self.seconds

    @property
    def left(self) -> float:
        """Remainder of the limit, at least 0; 0 once stopped or at the end of the time."""
        if not self.counts_work:
            return self.seconds_left
        work_left = max(0.0, self.work_limit - self.work)
        return 0.0 if work_left > 0 and self.is_out_of_time() else work_left

    def is_out_of_time(self) -> bool:
        """Return whether time is up or the solve was stopped; where work is counted, note that the clock decided."""
        is_out = self.seconds_left == 0
        self.is_timed_out = self.is_timed_out or (is_out and self.counts_work)
        return is_out

    def allow(self, most: float) -> Allowance:
        """Return what a search may take that is given so much: seconds, or work with all that is left of the time."""
        if self.counts_work:
            return Allowance(self.seconds_left, most)
        return Allowance(most)

    def charge(self, work: float, *, is_timed_out: bool = False) -> None:
        """Count work that was done here, and whether the clock ended it."""
        self.work += work
        self.is_timed_out = self.is_timed_out or (is_timed_out and self.counts_work)

    def wait_for(self, work: float) -> None:
        """Continue at the work of a concurrent part that was waited for."""
        self.work = max(self.work, work)

    @property
    def gap(self) -> float:
        """(cost − bound) / cost, inf while either is unknown."""
        return self.gap_to(self.best_bound)

    def gap_to(self, bound: float) -> float:
        """Return (cost − bound) / cost at a bound, inf while either is unknown."""
        return relative_gap(self.best_cost, min(bound, self.best_cost))

    def note(self, stage: str) -> None:
        """Record the progress of the solve and report it to the watcher."""
        line = Progress(self.seconds, self.best_cost * self.scale, self.best_bound * self.scale, stage, self.unit)
        self.history.append(line)
        if self.watch is not None:
            self.watch(line)

    def part(self, limit: float) -> Record:
        """Return a record for a part of a solve, in seconds or units of work; pass it to `add` when it has ended."""
        allowed = self.allow(limit)
        return Record(allowed.seconds, None, self.scale, self.unit, work_limit=allowed.work)

    def add(self, part: Record) -> None:
        """Count the work of a part that has ended."""
        self.charge(part.work, is_timed_out=part.is_timed_out)

    def of_stage(self, name: str, limit: float) -> Record:
        """Return the record of a part that is one stage; the watcher is given its name and this record's clock."""
        watch, own = self.watch, self.part(limit)
        if watch is not None:
            own.watch = lambda told: watch(replace(told, seconds=self.seconds, stage=f"{name}: {told.stage}"))
        return own

    def offer_plan(self, values: Floats, cost: float, stage: str) -> bool:
        """Keep column values (n_columns,) if they cost less than the best so far."""
        with self.lock:
            if cost >= self.best_cost:
                return False
            self.best_values, self.best_cost = values, cost
            self.note(stage)
            return True

    def offer_leaves(self, bound: float, leaves: tuple[Leaf, ...], stage: str) -> None:
        """Keep leaves that hold all plans between them, with the least of their bounds."""
        with self.lock:
            self.leaves = leaves
            self.best_bound = max(self.best_bound, bound)
            self.note(stage)

    def offer_bound(self, bound: float, stage: str, multipliers: Floats | None = None) -> bool:
        """Keep a proven bound if it is the highest so far, with the multipliers that prove it if there are any."""
        if self.prover is not None:
            if multipliers is None:
                return False
            bound = self.prover(multipliers)
        with self.lock:
            if bound <= self.best_bound:
                return False
            self.best_bound = bound
            if multipliers is None:
                self.solver_bound = bound
            else:
                self.best_multipliers = multipliers
            self.note(stage)
            return True

    def ending(self, gap: float, asked: float, *, is_interrupted: bool) -> Status:
        """Return how the solve ended, from the proven gap and the requested gap."""
        if is_interrupted:
            limit = Status.INTERRUPTED
        elif self.is_exhausted:
            limit = Status.SEARCH_ENDED
        else:
            limit = Status.WORK_LIMIT if self.counts_work and not self.is_timed_out else Status.TIME_LIMIT
        return Status.of_gap(gap, asked, otherwise=limit)


@contextmanager
def stopping(record: Record, *, unless: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Stop what runs beside the body when the body ends by an exception, such as Ctrl-C, `unless` by one of these."""
    is_whole = False
    try:
        yield
        is_whole = True
    except unless:
        is_whole = True
        raise
    finally:
        record.is_stopped = record.is_stopped or not is_whole
