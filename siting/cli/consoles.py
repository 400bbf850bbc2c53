"""The two consoles: results on standard output; progress and errors on standard error."""

from __future__ import annotations

from rich.console import Console

WIDTH_IN_FILES = 140
"""Columns of a table that goes to a file or a pipe."""


def out() -> Console:
    """The console of results."""
    return _console(to_stderr=False)


def err() -> Console:
    """The console of progress and errors."""
    return _console(to_stderr=True)


def _console(*, to_stderr: bool) -> Console:
    """A console that prints texts as they are: brackets in a path are no markup."""
    console = Console(stderr=to_stderr, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH_IN_FILES
    return console
