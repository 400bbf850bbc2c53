"""End of a command: one message and an exit code for our own errors, the way to a traceback for others."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.text import Text
from typer.core import TyperGroup

from siting.cli.terminal import err
from siting.errors import SitingError
from siting.interrupts import sigterm_as_ctrl_c
from siting.language import spoken
from siting.language.messages import reader_message

EXIT_FAULT = 1
EXIT_INTERRUPTED = 130


class SafeGroup(TyperGroup):
    """The commands, with no traceback unless `--debug` stands anywhere on the line."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take `--debug` wherever it stands."""
        if "--debug" in args:
            args = ["--debug", *(arg for arg in args if arg != "--debug")]
        return list(super().parse_args(ctx, args))

    def invoke(self, ctx: Any) -> Any:
        """Run the command and turn what it raises into a message and an exit code."""
        try:
            return super().invoke(ctx)
        except SitingError as error:
            if ctx.params.get("debug"):
                raise
            raise typer.Exit(_say(reader_message(str(error)), error.exit_code)) from None
        except KeyboardInterrupt as stop:
            raise typer.Exit(_say(str(stop) or spoken("terminal.interrupted"), EXIT_INTERRUPTED)) from None
        except BrokenPipeError:  # the reader closed the pipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(EXIT_FAULT) from None
        except MemoryError:
            if ctx.params.get("debug"):
                raise
            raise typer.Exit(_say(spoken("terminal.out_of_memory"), EXIT_FAULT)) from None
        except Exception as error:
            if ctx.params.get("debug") or _is_clicks(error):
                raise
            notes = "".join(f"\n{note}" for note in getattr(error, "__notes__", ()))
            text = f"{type(error).__name__}: {error}{notes}\n{spoken('terminal.unexpected')}"
            raise typer.Exit(_say(text, EXIT_FAULT)) from None


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """Take SIGTERM for Ctrl-C, and say of either that what was done by then is kept in `folder`."""
    try:
        with sigterm_as_ctrl_c():
            yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(spoken("terminal.resumable", folder=folder)) from None


def _is_clicks(error: Exception) -> bool:
    """Return whether the error is the way in which typer ends a command."""
    return type(error).__module__.split(".")[0] in ("click", "typer")


def _say(text: str, code: int) -> int:
    sys.stdout.flush()
    err().print(Text.assemble((spoken("terminal.error"), "bold red"), text), soft_wrap=True)
    return code
