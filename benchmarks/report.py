"""End of every benchmark: a table for the reader, and the same rows as JSON with machine and versions."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Row
from siting.cli.terminal import out
from siting.runs.provenance import package_versions

Column = tuple[str, str, str]
"""(key in a row, heading, format of a number)"""


def print_rows(title: str, columns: Sequence[Column], rows: Sequence[Row], console: Console | None = None) -> None:
    """Print the rows; a figure that a row does not have is a dash."""
    table = Table(title=title, title_justify="left")
    for key, heading, _ in columns:
        is_text = any(isinstance(row.get(key), str) for row in rows)
        table.add_column(heading, justify="left" if is_text else "right", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(key), form) for key, _, form in columns))
    (console or out()).print(table)


def _cell(value: Any, form: str) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else format(value, form)


def write_rows(path: Path | None, rows: Sequence[Row]) -> None:
    """Write rows with date, machine and versions; nothing where no path is given."""
    if path is None:
        return
    text = json.dumps({"date": f"{date.today()}", "machine": machine(), "versions": package_versions(), "rows": rows})
    partial = path.with_name(f".{path.name}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def machine() -> dict[str, Any]:
    """Processor, cores that may be used, memory in GB, system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    processor = names[0] if names else platform.processor()
    return {"processor": processor, "cores": cores, "memory_gb": round(memory_gb, 1), "system": platform.platform()}


def median_row(rows: Sequence[Row]) -> Row:
    """The row of the median wall time, with the times of all as `all_wall_s`; a failed row where any failed."""
    failed = [row for row in rows if "wall_s" not in row]
    if failed:
        return failed[0]
    middle = statistics.median_low([row["wall_s"] for row in rows])
    chosen = next(row for row in rows if row["wall_s"] == middle)
    return chosen | {"all_wall_s": [row["wall_s"] for row in rows]}


def common_arguments(description: str, *, time_limit_s: float) -> argparse.ArgumentParser:
    """A parser with what every benchmark takes."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--time-limit", type=float, default=time_limit_s, metavar="S", help="seconds for each solve")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows with machine and versions")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="runs of each; the median is shown")
    return parser
