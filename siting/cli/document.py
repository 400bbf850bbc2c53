"""Reference of the commands: `python -m siting.cli.document > docs/reference/cli.md`."""

from __future__ import annotations

import enum
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from siting.cli.app import app

OPENING = """# Commands

Generated from the program (do not edit here): `python -m siting.cli.document > docs/reference/cli.md`.
`siting COMMAND --help` prints the same.

Exit codes: 0 done, 2 bad input, 3 no plan can meet the targets, 4 out of time without a plan, 5 the
plan that was found breaks a rule.
"""
WORDS = {str: "TEXT", int: "INTEGER", float: "NUMBER", Path: "PATH"}
LEFT_OUT = {"--help", "--install-completion", "--show-completion"}


def commands_markdown() -> str:
    """Return the page: one section for each command, in the order of work."""
    return OPENING + "".join(_lines(typer.main.get_command(app), "siting"))


def _lines(command: Any, path: str) -> Iterator[str]:
    below = getattr(command, "commands", None)
    if below is None or path == "siting":
        yield from _section(command, path)
    for name, one in (below or {}).items():
        yield from _lines(one, f"{path} {name}")


def _section(command: Any, path: str) -> Iterator[str]:
    """Yield the heading of a command, its help, and a table of its arguments and options."""
    params = [one for one in command.params if not LEFT_OUT & set(one.opts)]
    arguments = [_argument(one) for one in params if _is_argument(one)]
    yield f"\n## {path}\n\n" if path != "siting" else "\n## Options of every command\n\n"
    if path != "siting":
        yield f"```\n{' '.join([path, *arguments, '[OPTIONS]'])}\n```\n\n{_flat(command.help)}\n"
    options = [one for one in params if not _is_argument(one)]
    types = typing.get_type_hints(command.callback) if options else {}
    if options:
        yield "\n| option | value | meaning |\n|---|---|---|\n"
    for one in options:
        opts = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
        yield f"| {opts} | {_value(one, types[one.name])} | {_flat(one.help)}{_default(one)} |\n"


def _argument(param: Any) -> str:
    name = str(param.metavar or param.name).upper().strip("{}[]")
    name = name if param.nargs == 1 else f"{name} …"
    return name if param.required else f"[{name}]"


def _is_argument(param: Any) -> bool:
    return not str(param.opts[0]).startswith("-")


def _value(param: Any, annotation: Any) -> str:
    """Return the values that an option takes: its choices, its metavar or its type; nothing for a switch."""
    kinds = [kind for kind in (*typing.get_args(annotation), annotation) if isinstance(kind, type)]
    kind = next((one for one in kinds if one is not type(None)), str)
    if issubclass(kind, enum.Enum):
        return ", ".join(f"`{one.value}`" for one in kind)
    if kind is bool:
        return ""
    return str(param.metavar or WORDS.get(kind, kind.__name__)).replace("|", "\\|")


def _default(param: Any) -> str:
    if param.required:
        return " Required."
    value = param.default
    return f" Default: `{value}`." if param.show_default and isinstance(value, str | int | float) and value else ""


def _flat(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


if __name__ == "__main__":
    print(commands_markdown(), end="")
