"""The log of a run: lines with their time, and how long each phase took and how much memory it needed."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from siting.language import Label, spoken, text
from siting.results.record import Stage

Listener = Callable[[str], None]

PHASES = {"inputs", "travel_and_instance", "check", "solve", "verify", "outputs", "front"}
"""Phases with a name in the catalogue of texts."""


def _nobody(_line: str) -> None:
    """Ignore a line."""


class Journal:
    """Lines with their time of day, and the phases so far.

    Parameters
    ----------
    tell
        Called with every line that is noted.
    begin
        Called with the name of every phase that begins.
    """

    def __init__(self, tell: Listener = _nobody, begin: Listener = _nobody) -> None:
        self.tell, self.begin = tell, begin
        self.lines: list[str] = []
        self.phases: list[Stage] = []

    def note(self, line: str) -> None:
        """Add a line and tell it."""
        self.remember(line)
        self.tell(line)

    def remember(self, line: str) -> None:
        """Add a line without telling it to anyone."""
        self.lines.append(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}")

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time the block as the phase `name`; it counts as done only if nothing is raised."""
        self.begin(name)
        started = time.monotonic()
        yield
        done = Stage(name, time.monotonic() - started, peak_memory_mb())
        self.phases.append(done)
        self.remember(f"{name}: {done.seconds:.1f} s, peak memory {memory_text(done.peak_mb)}")
        memory = {"seconds": done.seconds, "memory": memory_text(done.peak_mb)}
        self.tell(spoken("terminal.phases.done", phase=phase_label(name), **memory))

    def fork(self) -> Journal:
        """Return a journal with the same listeners that goes on by itself from the lines and phases so far."""
        fork = Journal(self.tell, self.begin)
        fork.lines, fork.phases = list(self.lines), list(self.phases)
        return fork

    @property
    def text(self) -> str:
        """All lines, as in log.txt."""
        return "\n".join(self.lines) + "\n"


def phase_label(name: str) -> Label:
    """Return the name of a phase of a run for readers."""
    key = name.replace(" ", "_")
    return text(f"terminal.phases.name.{key}") if key in PHASES else Label(name, name)


def peak_memory_mb() -> float:
    """Return the peak memory of this process so far, MB; 0 where the system does not report it (Windows)."""
    if sys.platform == "win32":
        return 0.0
    import resource

    bytes_a_unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * bytes_a_unit / 1e6


def memory_text(megabytes: float) -> str:
    """Return an amount of memory as text.

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
    """Send warnings of libraries to the journal instead of the terminal."""
    root, handler = logging.getLogger(), _ToJournal(journal)
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
