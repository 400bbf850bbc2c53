"""The engines' own clock and the line of sight to whoever watches a solve."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from siting.instance import Floats
from siting.model.linear import MODEL_CNY
from siting.plan import Progress, relative_gap

Watch = Callable[[Progress], None]


@dataclass
class Record:
    """State of a solve: the best values, the best proven bound, and when each was found.

    Costs are in the model's unit inside; in `history` and to the watcher they are times `scale`, in CNY or in the unit
    of what is optimised. `shortage` says what the last search for a plan found short, if anything.
    """

    time_limit_s: float
    watch: Watch | None = None
    scale: float = MODEL_CNY
    started: float = field(default_factory=time.monotonic)
    best_values: Floats | None = None
    best_cost: float = math.inf
    best_bound: float = -math.inf
    best_multipliers: Floats | None = None
    solver_bound: float = -math.inf
    history: list[Progress] = field(default_factory=list)
    is_stopped: bool = False
    shortage: str = ""
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
    def gap(self) -> float:
        """(cost − bound) / cost, inf while either is unknown."""
        return relative_gap(self.best_cost, min(self.best_bound, self.best_cost))

    def note(self, stage: str) -> None:
        """Tell the watcher, and remember, where the solve stands."""
        line = Progress(self.seconds, self.best_cost * self.scale, self.best_bound * self.scale, stage)
        self.history.append(line)
        if self.watch is not None:
            self.watch(line)

    def of_stage(self, name: str, time_limit_s: float) -> Record:
        """A record of its own for one stage; the watcher is told of it by the stage's name and this record's clock."""
        watch = self.watch
        if watch is None:
            return Record(time_limit_s, None, self.scale)
        return Record(
            time_limit_s,
            lambda told: watch(replace(told, seconds=self.seconds, stage=f"{name}: {told.stage}")),
            self.scale,
        )

    def offer_plan(self, values: Floats, cost: float, stage: str) -> bool:
        """Keep column values (n_columns,) if they cost less than the best so far."""
        with self.lock:
            if cost >= self.best_cost:
                return False
            self.best_values, self.best_cost = values, cost
            self.note(stage)
            return True

    def offer_bound(self, bound: float, stage: str, multipliers: Floats | None = None) -> bool:
        """Keep a proven bound if it is the highest so far, with the multipliers that prove it if there are any."""
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

    def prove(self, prover: Callable[[Floats], float]) -> None:
        """Put the bound that the multipliers prove by `prover` in the place of what was claimed for them."""
        with self.lock:
            if self.best_multipliers is not None:
                self.best_bound = max(self.solver_bound, prover(self.best_multipliers))


@contextmanager
def stopping(record: Record) -> Iterator[None]:
    """Stop what runs beside the body when the body ends by an exception, such as Ctrl-C."""
    is_whole = False
    try:
        yield
        is_whole = True
    finally:
        record.is_stopped = record.is_stopped or not is_whole
