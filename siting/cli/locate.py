"""`siting locate`: a classic problem from two files of places, its answer as a table, files and a map."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from siting.errors import ConfigError
from siting.files import write_file
from siting.locate.io.report import draw_page, summary, write_tables
from siting.locate.io.request import Asked, Problem, answer
from siting.locate.solution import Located

CHOSEN_SHOWN = 20


def problem_named(name: str) -> Problem:
    """The problem that goes by this name, in any spelling of its dashes.

    Raises
    ------
    ConfigError
        If there is none.
    """
    plain = name.lower().replace("-", "").replace("_", "")
    for one in Problem:
        if one.value.replace("-", "") == plain:
            return one
    raise ConfigError(f"{name}: no such problem; take one of {', '.join(Problem)}")


def locate_and_report(console: Console, asked: Asked, *, out: Path | None, page: Path | None, as_json: bool) -> None:
    """Solve, write what was asked for, print the answer."""
    found = answer(asked)
    if out is not None:
        write_tables(found, out)
    if page is not None:
        write_file(page, draw_page(found))
    if as_json:
        console.print(json.dumps(summary(found.located), ensure_ascii=False, indent=2), soft_wrap=True)
        return
    console.print(_table(found.located))
    for name, path in (("Tables", out), ("Map", page)):
        if path is not None:
            console.print(f"{name}: {path}", soft_wrap=True)


def _table(located: Located) -> Table:
    """Value, bound and gap in the problem's unit; what was chosen; who is served."""
    table = Table(title=located.problem, title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("figure", justify="right")
    chosen = [str(one) for one in located.chosen_id]
    more = f", … ({len(chosen)} in all)" if len(chosen) > CHOSEN_SHOWN else ""
    served = len(set(located.node.tolist()))
    rows = [
        ("status", located.status.value.replace("_", " ")),
        ("value", f"{located.value:,.2f} {located.unit}"),
        ("bound", f"{located.bound:,.2f} {located.unit}"),
        ("gap", f"{100 * located.gap:.3f} %"),
        ("sites chosen", ", ".join(chosen[:CHOSEN_SHOWN]) + more),
        ("nodes served", f"{served:,} of {len(located.node_id):,}"),
        ("seconds", f"{located.seconds:,.1f}"),
    ]
    if located.plants.size:
        rows.insert(5, ("plants chosen (row)", ", ".join(str(row) for row in located.plants)))
    for name, figure in rows:
        table.add_row(name, figure)
    return table
