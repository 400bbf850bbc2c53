"""The command line. Only what `--help` needs is imported here; each command imports what it uses."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command that the arguments name."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # the code page of a Windows terminal may have no Chinese
            stream.reconfigure(encoding="utf-8", errors="replace")
    from siting.cli.app import app

    app(prog_name="siting")
