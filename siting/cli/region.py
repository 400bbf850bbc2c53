"""`siting region`: cities and the processing bases of their region, planned together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siting.cli.terminal import err, say
from siting.language.messages import reader_message


def region(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="The config of a region, a YAML file.", show_default=False)
    ],
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0: one city after the other.")] = 0,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler, tcp://…; needs siting[cluster].")
    ] = None,
    time_limit: Annotated[float | None, typer.Option(min=0.001, help="Seconds that a city's solve may take.")] = None,
    work: Annotated[float | None, typer.Option(min=0.001, help="Counted work of a city's solve.")] = None,
    gap: Annotated[float | None, typer.Option(min=0, max=1, help="Stop a city's solve at this gap.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of each; 1 with several workers.")] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Folder to write, instead of runs/NAME.")
    ] = None,
) -> None:
    """Plan cities at the prices of their region's bases, and the bases at the cities' output, until neither changes."""
    from siting.errors import ConfigError
    from siting.interrupts import sigterm_as_ctrl_c
    from siting.region import Planner, read_region, write_region
    from siting.scenarios import Workforce

    if scheduler and workers:
        raise ConfigError("--workers: a scheduler has its own workers; leave one of the two out")
    threads = threads or (1 if workers > 1 or scheduler else None)
    settings = {"time_limit_s": time_limit, "work": work, "gap": gap, "threads": threads}
    read = read_region(config)
    folder = out_folder or read.runs / read.name
    with sigterm_as_ctrl_c():
        planner = Planner(
            read, folder, Workforce(workers, scheduler), settings,
            heard=lambda line: err().print(reader_message(line), style="dim", soft_wrap=True),
        )  # fmt: skip
        plan = planner.plan()
    write_region(plan, folder)
    if not plan.is_settled:
        say("terminal.region.unsettled", rounds=len(plan.rounds), share=f"{read.change:.1%}")
    say(
        "terminal.region.done", cost=f"{plan.cost_cny:,.0f}", bound=f"{plan.bound_cny:,.0f}", gap=f"{plan.gap:.2%}",
        folder=folder,
    )  # fmt: skip
