"""`siting sweep`: all scenarios of a config, on one machine or many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siting.cli.changes import Base
from siting.cli.group import resumable
from siting.cli.plan import ConfigFile
from siting.cli.terminal import err, out, say

if TYPE_CHECKING:
    from siting.problem import Problem
    from siting.results.sweep.outcome import Outcome
    from siting.scenarios import Variant


def sweep(  # noqa: PLR0913, PLR0917 — a command line has as many options as it has
    config: ConfigFile,
    grid: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=V1,V2,…", help="Solve a grid of values instead of the config's scenarios; repeatable."
        ),
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Draw N scenarios over the ranges of the parameters.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same sample.")] = 1,
    base: Base = None,
    workers: Annotated[
        int, typer.Option(min=0, help="Number of processes; 0 solves one scenario after the other.")
    ] = 0,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler, tcp://…; needs siting[cluster].")
    ] = None,
    time_limit: Annotated[float | None, typer.Option(min=0.001, help="Seconds that each solve may take.")] = None,
    gap: Annotated[float | None, typer.Option(min=0, max=1, help="Stop each solve at this gap; 0.01 is 1 %.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of each solve; 1 with several workers.")] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Folder to write. Default: runs/NAME-sweep.")
    ] = None,
    pages: Annotated[
        bool, typer.Option("--pages/--no-pages", help="Write map, report, workbook and tables of each run.")
    ] = True,
) -> None:
    """Solve the scenarios of a config and rank them in one table and one page; resumes if interrupted."""
    from siting.errors import ConfigError
    from siting.problem import read_config
    from siting.render.sweep import order_table
    from siting.render.terminal.table import rich_table
    from siting.scenarios import Workforce
    from siting.scenarios import sweep as run_sweep

    if scheduler and workers:
        raise ConfigError("--workers: a scheduler has its own workers; leave one of the two out")
    threads = threads or (1 if workers > 1 or scheduler else None)
    settings = {"time_limit_s": time_limit, "gap": gap, "threads": threads}
    changes = {"solve": {key: value for key, value in settings.items() if value is not None}}
    problem = read_config(config).with_config(changes, origin="command line")
    variants = _variants(problem, grid, sample, seed, base)
    folder = out_folder or problem.config.runs / f"{problem.config.name}-sweep"
    with resumable(folder):
        made = run_sweep(
            problem, variants, folder, workforce=Workforce(workers, scheduler), parts=None if pages else (),
            heard=_Counter(len(variants)),
        )  # fmt: skip
    out().print(rich_table(order_table(made.sweep, is_narrow=True)))
    say(f"Page: {folder / 'sweep.html'}\nTable: {folder / 'sweep.csv'}, sweep.xlsx, sweep.json")
    if made.sweep.is_of_cities:
        say(f"Cities: {folder / 'cities.html'}")


def _variants(
    problem: Problem, grid: list[str] | None, sample: int | None, seed: int, base: Path | None
) -> list[Variant]:
    """Return the scenarios that were asked for.

    Raises
    ------
    ConfigError
        If a grid and a sample are, or one of them changes what is not there.
    """
    from siting import scenarios
    from siting.config.overlay import parse_assignment, split_values
    from siting.errors import ConfigError
    from siting.problem import read_run

    if grid and sample:
        raise ConfigError("--sample: not with a grid; give one of --set and --sample")
    if sample:
        return scenarios.sample(problem, sample, seed=seed)
    result = None if base is None else read_run(base)
    if not grid:
        return scenarios.named_scenarios(problem, base=result)
    axes = {key: split_values(values) for key, values in map(parse_assignment, grid)}
    return scenarios.grid(problem, axes, base=result)


class _Counter:
    """Prints a line for each scenario that ends."""

    def __init__(self, total: int) -> None:
        self.total, self.names = total, set[str]()

    def __call__(self, outcome: Outcome, was_there: bool) -> None:
        again = ", from the plan of another scenario" if outcome.name in self.names else ""
        self.names.add(outcome.name)
        cost = f"{outcome.paid_cny:,.0f} CNY/yr" if outcome.has_plan else str(outcome.ending).replace("_", " ")
        kept = ", kept from before" if was_there else ""
        err().print(
            f"{len(self.names)} of {self.total} · {outcome.name}: {cost}{kept}{again}", style="dim", soft_wrap=True
        )
