"""Progress of a run: one live line on a terminal, a plain line every few seconds elsewhere, nothing when quiet."""

from __future__ import annotations

import math
import threading
import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from siting.journal import phase_label
from siting.language import spoken
from siting.language.messages import reader_message
from siting.language.quantities import quantity
from siting.plan import Progress, relative_gap

PLAIN_INTERVAL_S = 5.0


class Screen:
    """Hears stages, lines and progress of the solve, from any thread; shows them while it is entered."""

    def __init__(self, console: Console, *, is_quiet: bool = False, interval_s: float = PLAIN_INTERVAL_S) -> None:
        self.console, self.is_quiet, self.interval_s = console, is_quiet, interval_s
        self.stage, self.since = "", time.monotonic()
        self.latest: Progress | None = None
        self._live: Live | None = None
        self._spinner = Spinner("dots")
        self._ended = threading.Event()

    def begin(self, stage: str) -> None:
        """Show that a phase begins."""
        self.stage, self.since, self.latest = stage, time.monotonic(), None

    def tell(self, line: str) -> None:
        """Print a line that stays."""
        if not self.is_quiet:
            self.console.print(reader_message(line), style="dim")

    def watch(self, progress: Progress) -> None:
        """Show the progress of the solve."""
        self.latest = progress

    def __enter__(self) -> Screen:
        if self.is_quiet:
            return self
        if self.console.is_terminal:
            self._live = Live(self, console=self.console, refresh_per_second=4, transient=True)
            self._live.__enter__()
        else:
            threading.Thread(target=self._print_now_and_then, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._live is not None:
            self._live.__exit__(kind, error, trace)

    def __rich__(self) -> Table:
        """Return the live line: a spinner that turns, and how things stand."""
        grid = Table.grid(padding=(0, 1))
        grid.add_row(self._spinner, self._line())
        return grid

    def _print_now_and_then(self) -> None:
        while not self._ended.wait(self.interval_s):
            self.console.print(self._line())

    def _line(self) -> str:
        seconds = time.monotonic() - self.since
        head = spoken("terminal.progress.line", phase=phase_label(self.stage), seconds=seconds)
        return head if self.latest is None else f"{head} · {solve_line(self.latest)}"


def solve_line(progress: Progress) -> str:
    """Return the state of a solve in one line: step, cost of the best plan, bound and gap.

    >>> solve_line(Progress(3.0, 2e6, 1.9e6, "points"))
    'points · plan 2,000,000 CNY/yr · bound 1,900,000 · gap 5.00 %'
    >>> solve_line(Progress(0.5, float("inf"), float("-inf"), "relaxation"))
    'relaxation · no plan yet · no bound yet'
    >>> solve_line(Progress(3.0, 0.66, 0.9, "points", "share"))
    'points · plan 66 % · bound 90 % · gap 36.36 %'
    """
    cost, bound = progress.cost_cny, progress.bound_cny
    gap = relative_gap(cost, bound)
    has_cost, has_bound = math.isfinite(cost), math.isfinite(bound)
    parts = [
        _step(progress.stage),
        _value("cost", cost, progress.unit) if has_cost else spoken("terminal.progress.no_cost"),
        _value("bound", bound, progress.unit) if has_bound else spoken("terminal.progress.no_bound"),
    ]
    return " · ".join([*parts, spoken("terminal.progress.gap", gap=100 * gap)] if math.isfinite(gap) else parts)


def _value(name: str, value: float, unit: str) -> str:
    """Return a plan's value, `cost`, or a `bound`: money to the CNY, other goals with their unit."""
    if unit == "CNY/yr":
        return spoken(f"terminal.progress.{name}", **{name: value})
    return spoken(f"terminal.progress.{name}_of_goal", value=quantity(value, unit))


def _step(stage: str) -> str:
    """Return a step in the language of the reader; of several years or cases the name of one stands before it."""
    name, colon, step = stage.rpartition(": ")
    said = reader_message(step)
    return f"{name}{colon}{said}" if said != step else reader_message(stage)
