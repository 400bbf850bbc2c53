"""The two consoles, and how a command follows its work.

Results go to standard output; progress and errors to standard error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from siting.language import Label, spoken

if TYPE_CHECKING:
    from siting.cli.screen import Screen
    from siting.journal import Journal

WIDTH_IN_FILES = 140
"""Columns of a table that goes to a file or a pipe."""


def out() -> Console:
    """Return the console of results."""
    return _console(to_stderr=False)


def err() -> Console:
    """Return the console of progress and errors."""
    return _console(to_stderr=True)


def say(line: str | Label, /, **values: object) -> None:
    """Print a line of results, however long, in the language of the reader; `values` fill the fields of a key."""
    out().print(spoken(line, **values) if values or isinstance(line, Label) else line, soft_wrap=True)


@contextmanager
def followed(*, is_quiet: bool = False) -> Iterator[Followed]:
    """Show the progress of the work inside on a screen; warnings of libraries go to its journal."""
    from siting.cli.screen import Screen
    from siting.journal import Journal, quiet_libraries

    screen = Screen(err(), is_quiet=is_quiet)
    journal = Journal(screen.tell, screen.begin)
    with screen, quiet_libraries(journal):
        yield Followed(screen, journal)


@contextmanager
def working(on: str) -> Iterator[None]:
    """Show what is being done, for work without progress of its own; warnings of libraries are not shown."""
    from siting.journal import Journal, quiet_libraries

    with err().status(on), quiet_libraries(Journal()):
        yield


@dataclass(frozen=True)
class Followed:
    """The screen and the journal of a command."""

    screen: Screen
    journal: Journal


def _console(*, to_stderr: bool) -> Console:
    """Return a console that prints texts as they are: brackets in a path are no markup."""
    console = Console(stderr=to_stderr, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH_IN_FILES
    return console
