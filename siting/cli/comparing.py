"""`siting compare`: runs side by side on the terminal, and as a page, a workbook and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from siting.cli.compared import print_comparison
from siting.cli.consoles import err
from siting.errors import ConfigError
from siting.files import write_file
from siting.render.html.compare.page import draw_comparison
from siting.render.xlsx.comparison import comparison_workbook
from siting.render.xlsx.plan import default_language
from siting.results.comparison import compare_runs
from siting.results.comparison.written import comparison_summary
from siting.results.results import Results
from siting.runs.folder import read_run
from siting.vocabulary import ECHELONS


@dataclass(frozen=True)
class Files:
    """Where a comparison is written. None: not; but the page then stands where `page_beside` says."""

    html: Path | None = None
    json: Path | None = None
    xlsx: Path | None = None


def compare_and_report(console: Console, folders: Sequence[Path], files: Files, moved_within_m: float | None) -> None:
    """Compare run folders, print what differs, write the page and the files that are asked for.

    Raises
    ------
    ConfigError
        If there are fewer than two runs.
    FileError
        If a folder is no run folder, or a file cannot be written.
    """
    if len(folders) < 2:
        raise ConfigError("compare: one run only; give two run folders or more")
    with err().status("reading the runs"):
        records = [read_run(folder) for folder in folders]
        within = None if moved_within_m is None else dict.fromkeys(ECHELONS, moved_within_m)
        comparison = compare_runs(records, names=[folder.resolve().name for folder in folders], moved_within_m=within)
    print_comparison(console, comparison)
    page = files.html or page_beside(folders)
    write_file(page, draw_comparison(comparison, list(map(Results, records))))
    console.print(f"Page: {page}", soft_wrap=True)
    if files.json is not None:
        text = json.dumps(comparison_summary(comparison), ensure_ascii=False, indent=1, allow_nan=False)
        write_file(files.json, text + "\n")
        console.print(f"For programs: {files.json}", soft_wrap=True)
    if files.xlsx is not None:
        write_file(files.xlsx, comparison_workbook(comparison, default_language(records[0])))
        console.print(f"Workbook: {files.xlsx}", soft_wrap=True)


def page_beside(folders: Sequence[Path]) -> Path:
    """Where the page goes unless told otherwise: beside the folder of the first run, named by the runs.

    >>> page_beside([Path("/runs/a"), Path("/runs/b")]).as_posix()
    '/runs/compare-a-b.html'
    >>> page_beside([Path("/runs/a"), Path("/runs/b"), Path("/runs/c")]).name
    'compare-a-and-2-more.html'
    """
    first, *others = (folder.resolve() for folder in folders)
    rest = others[0].name if len(others) == 1 else f"and-{len(others)}-more"
    return first.parent / f"compare-{first.name}-{rest}.html"
