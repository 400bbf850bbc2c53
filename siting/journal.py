"""The log of a run: what happened when, how long each stage took, how much memory the process had used by its end."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from siting.results.record import Stage

Listener = Callable[[str], None]


def _nobody(_line: str) -> None:
    """Listen to nothing."""


class Journal:
    """Lines with their time of day, and the stages so far; `tell` hears every line, `begin` every stage that begins."""

    def __init__(self, tell: Listener = _nobody, begin: Listener = _nobody) -> None:
        self.tell, self.begin = tell, begin
        self.lines: list[str] = []
        self.stages: list[Stage] = []

    def note(self, line: str) -> None:
        """Add a line."""
        self.remember(line)
        self.tell(line)

    def remember(self, line: str) -> None:
        """Add a line that nobody needs to hear."""
        self.lines.append(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}")

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside as the stage `name`; it counts as done only if nothing is raised."""
        self.begin(name)
        started = time.monotonic()
        yield
        done = Stage(name, time.monotonic() - started, peak_memory_mb())
        self.stages.append(done)
        self.note(f"{name}: {done.seconds:.1f} s, peak memory {memory_text(done.peak_mb)}")

    def fork(self) -> Journal:
        """Return a journal with the lines and stages so far and the same listeners, which goes on by itself."""
        fork = Journal(self.tell, self.begin)
        fork.lines, fork.stages = list(self.lines), list(self.stages)
        return fork

    @property
    def text(self) -> str:
        """All lines, as they go into log.txt."""
        return "\n".join(self.lines) + "\n"


def peak_memory_mb() -> float:
    """The most memory that this process has held so far, MB; 0 where the system does not tell (Windows)."""
    if sys.platform == "win32":
        return 0.0
    import resource

    bytes_a_unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * bytes_a_unit / 1e6


def memory_text(megabytes: float) -> str:
    """Memory for a reader.

    >>> memory_text(312.4), memory_text(0.0)
    ('312 MB', 'not known')
    """
    return f"{megabytes:,.0f} MB" if megabytes else "not known"


class _ToJournal(logging.Handler):
    def __init__(self, journal: Journal) -> None:
        super().__init__(logging.WARNING)
        self.journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        self.journal.remember(f"{record.levelname.lower()}: {' '.join(record.getMessage().split())}")


@contextmanager
def quiet_libraries(journal: Journal) -> Iterator[None]:
    """Send what libraries warn of to the journal instead of the terminal."""
    root, handler = logging.getLogger(), _ToJournal(journal)
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
