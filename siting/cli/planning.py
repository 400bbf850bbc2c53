"""`siting run` and `siting check`: the stages with progress before the reader's eyes, then the report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.text import Text

from siting.cli.consoles import err, out
from siting.cli.screen import Screen
from siting.cli.tables import print_instance, stage_table
from siting.config import Config, Loaded, load_config
from siting.errors import ConfigError
from siting.explain import check_arithmetic
from siting.instance import Instance
from siting.journal import Journal, quiet_libraries
from siting.render.terminal.report import print_scorecard
from siting.run import get_ready, refuse_impossible, run
from siting.runs.folder import read_run


def changed(loaded: Loaded, solve: dict[str, Any], name: str | None) -> Loaded:
    """`loaded` with keys of `solve:` and the name given on the command line.

    Raises
    ------
    ConfigError
        If the name cannot be a folder's name.
    """
    raw = loaded.config.model_dump()
    raw["solve"] |= solve
    raw["name"] = name or raw["name"]
    try:
        return replace(loaded, config=Config.model_validate(raw))
    except ValidationError as error:
        reasons = "; ".join(f"{'.'.join(str(p) for p in item['loc'])}: {item['msg']}" for item in error.errors())
        raise ConfigError(f"command line: {reasons}") from error


def plan_and_report(loaded: Loaded, folder: Path, *, is_quiet: bool) -> None:
    """Run a config into `folder`, with progress, and print how it ended."""
    screen = Screen(err(), is_quiet=is_quiet)
    journal = Journal(screen.tell, screen.begin)
    with screen, quiet_libraries(journal):
        record = run(loaded, folder, journal=journal, watch=screen.watch)
    if is_quiet:
        return
    console = out()
    print_scorecard(console, record)
    console.print(stage_table(record.stages))
    files = {"Map": folder / "map.html", "Report": folder / "report.html", "Workbook": folder / "plan.xlsx"}
    for name, path in (files | {"Run folder": folder}).items():
        console.print(f"{name}: {path}", soft_wrap=True)


def check_and_report(loaded: Loaded) -> None:
    """Print what a config plans with, and what speaks against a plan.

    Raises
    ------
    InfeasibleError
        If the arithmetic leaves no room for a plan.
    """
    screen = Screen(err())
    journal = Journal(screen.tell, screen.begin)
    with screen, quiet_libraries(journal):
        ready = get_ready(loaded, journal)
        findings = check_arithmetic(ready.prepared.instance)
    console = out()
    print_instance(console, ready)
    for finding in findings:
        if not finding.is_fatal:
            console.print(Text(f"Note: {finding.message}", style="yellow"), soft_wrap=True)
    refuse_impossible(findings)
    console.print(
        Text("Config, tables, geometry and travel are usable; arithmetic rules no target out.", style="green")
    )


def instance_of(source: Path) -> Instance:
    """The instance of a config or of a run folder."""
    if source.is_dir():
        return read_run(source).whole_instance
    screen = Screen(err())
    journal = Journal(screen.tell, screen.begin)
    with screen, quiet_libraries(journal):
        return get_ready(load_config(source), journal).prepared.instance
