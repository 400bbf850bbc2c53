"""Limits that several solves share: of time, and of work where it is counted."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TypedDict

from siting.plan import Solution, Status

LEAST_S, LEAST_WORK = 1.0, 0.01
"""Least that a solve is given."""


class Limits(TypedDict):
    """Limits of one solve, as `siting.solve.solve.solve` takes them."""

    time_limit_s: float
    work: float | None


class Purse:
    """Shared limit of a chain of solves, and how much of it is used so far.

    Where work is counted it is divided, and each solve may take all of the time left: a share of it would let the clock
    decide.
    """

    def __init__(self, time_limit_s: float, work: float | None) -> None:
        self.ends_at = time.monotonic() + time_limit_s
        self.work_limit, self.work_done, self.is_repeatable = work, 0.0, work is not None
        self.is_stopped = False

    @property
    def left(self) -> float:
        """Remainder, in seconds or, where it is counted, in units of work."""
        seconds_left = self.ends_at - time.monotonic()
        if self.work_limit is None:
            return seconds_left
        if seconds_left <= 0:
            self.is_repeatable = False
            return 0.0
        return self.work_limit - self.work_done

    def share(self, share: float) -> Limits:
        """Return the limits of the next solve: a share of what is left."""
        seconds_left = self.ends_at - time.monotonic()
        if self.work_limit is None:
            return Limits(time_limit_s=max(LEAST_S, share * seconds_left), work=None)
        work = max(LEAST_WORK, share * (self.work_limit - self.work_done))
        return Limits(time_limit_s=max(LEAST_S, seconds_left), work=work)

    def pay(self, solution: Solution) -> Solution:
        """Count the work of a solve that has ended, and return it; after Ctrl-C nothing is left for others."""
        self.work_done += solution.work
        if solution.status is Status.INTERRUPTED:
            self.stop()
        self.is_repeatable = self.is_repeatable and solution.is_repeatable
        return solution

    def lose(self, limits: Limits) -> None:
        """Count a solve that ended without a plan: it took what it was given."""
        self.work_done += limits["work"] or 0.0

    def stop(self) -> None:
        """Leave nothing for others, as after Ctrl-C."""
        self.ends_at, self.is_stopped = time.monotonic(), True

    def all_of(self, last: Solution) -> Solution:
        """Return the last solution with the work of all solves, repeatable only where each was."""
        return replace(last, work=self.work_done, work_limit=self.work_limit, is_repeatable=self.is_repeatable)
