"""`siting cities`: sweeps over cities on one page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from siting.cli.terminal import say


def cities(
    folders: Annotated[list[Path], typer.Argument(metavar="SWEEP…", help="Folders of sweeps over cities.")],
    out_file: Annotated[Path, typer.Option("--out", metavar="FILE", help="Page to write.")] = Path("cities.html"),
) -> None:
    """Put sweeps over cities on one page: a row for each city, sums, and a map of bubbles without borders."""
    from siting.files import write_file
    from siting.render.html.report.cities import draw_cities
    from siting.scenarios.sweep import has_reports, read_sweep

    beside, sweeps = out_file.absolute().parent, []
    for folder in folders:
        sweep = read_sweep(folder)
        links = f"{Path(os.path.relpath(folder, beside)).as_posix()}/" if has_reports(folder, sweep) else None
        sweeps.append((sweep, links))
    write_file(out_file, draw_cities(sweeps))
    say(f"Page: {out_file}")
