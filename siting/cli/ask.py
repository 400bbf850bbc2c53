"""Commands that ask a plan: `siting prices`, `explain`, `alternatives`, `breakeven`, `sensitivity`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siting.cli.plan import ConfigFile, write_or_rescue
from siting.cli.terminal import err, followed, out, say

if TYPE_CHECKING:
    from siting.answer import Answer
    from siting.result import Result

Source = Annotated[
    Path,
    typer.Argument(
        metavar="RUN|CONFIG", help="A run folder; a config (YAML or a workbook) is planned first.", show_default=False
    ),
]
Seconds = Annotated[float | None, typer.Option("--time-limit", min=1, help="Seconds for each target or value.")]
Threads = Annotated[int, typer.Option(min=1, help="Processor threads.")]


EXPLAIN_S = 20.0
"""Seconds for a plan that an explanation needs."""


def prices(
    source: Source,
    target: Annotated[
        list[str] | None, typer.Option("--target", metavar="ID", help="Price this target only; may be repeated.")
    ] = None,
    curve: Annotated[
        str | None, typer.Option(metavar="ID", help="Price a range of values of one target, below and above its own.")
    ] = None,
    points: Annotated[int, typer.Option(min=1, max=40, help="Number of values of the curve.")] = 6,
    step: Annotated[
        list[str] | None,
        typer.Option(metavar="ID=SIZE", help="Size of a target's step in its unit (0.02 is two percentage points)."),
    ] = None,
    straight: Annotated[
        bool, typer.Option("--straight", help="Price the milestones instead: plan the last year of a roll-out alone.")
    ] = False,
    time_limit: Seconds = None,
    threads: Threads = 1,
) -> None:
    """Price the next step of each target: an estimate, a plan, and a proven interval of its cost."""
    from rich.progress import MofNCompleteColumn, Progress

    from siting.cli.terminal import working
    from siting.errors import ConfigError

    sizes = _sizes(step or [])
    if straight and (target or curve or sizes):
        raise ConfigError("--straight prices no target; leave out --target, --curve and --step")
    result, folder = planned(source)
    if straight:
        with working("planning the last year alone"):
            answer = result.price_straight(seconds=time_limit, threads=threads)
        tell(answer, folder)
        return
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=err(), transient=True) as bar:
        task = bar.add_task("targets", total=None)
        answer = result.prices(
            *(target or ()), curve=curve, points=points, steps=sizes, seconds=time_limit, threads=threads,
            progress=lambda name, done, n: bar.update(task, completed=done, total=n, description=f"priced {name}"),
        )  # fmt: skip
    tell(answer, folder)


def explain(
    source: Source,
    site: Annotated[
        str | None, typer.Option(metavar="ID", help="Explain a site, open or not: whom it serves, its cost, its value.")
    ] = None,
    target: Annotated[str | None, typer.Option(metavar="ID", help="Explain what binds a target.")] = None,
    with_files: Annotated[
        list[Path] | None,
        typer.Option("--with", metavar="FILE", help="Price the decisions saved from the map; repeatable."),
    ] = None,
    versus: Annotated[
        Path | None, typer.Option(metavar="RUN2", help="Explain the difference to another run, by changed figure.")
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(min=1, help="Seconds for each plan. Default: 20, none with --versus."),
    ] = None,
    threads: Threads = 1,
) -> None:
    """Explain a plan: sites proven to be in every cheaper plan, the value of one site, or what binds a target."""
    from siting.cli.terminal import working
    from siting.problem import read_run

    result, run = planned(source)
    with working("explaining"):
        if versus is not None:
            answer = result.explain_versus(read_run(versus), seconds=time_limit or 0.0)
        else:
            answer = result.explain(
                site, target=target, decisions=with_files or None, seconds=time_limit or EXPLAIN_S, threads=threads
            )
    tell(answer, run)


def sensitivity(
    config: ConfigFile,
    run: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Run of the config; without it the config is solved first.")
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Seconds for a new plan at each end of a range, and between; 0: the plan stays fixed. Default: 5, of a"
            " large city 0.",
        ),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Number of figures with new plans.")] = 10,
) -> None:
    """Report how far assumed figures move the cost of a plan, and which stations and centres change with them."""
    from rich.progress import MofNCompleteColumn, Progress

    from siting.problem import read_config

    result, folder = planned(config if run is None else run)
    problem = read_config(config)
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=err(), transient=True) as bar:
        task = bar.add_task("figures", total=None)
        answer = problem.sensitivity(
            result, seconds=time_limit, most=most,
            progress=lambda key, done, n: bar.update(task, completed=done, total=n, description=key),
        )  # fmt: skip
    tell(answer, folder)


def breakeven(
    source: Source,
    subsidy: Annotated[str, typer.Option(metavar="MATERIAL", help="Subsidised material, or all.")] = "all",
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds for plans at higher subsidies.")] = 60.0,
    threads: Threads = 1,
) -> None:
    """Find the minimum subsidy per tonne at which the network breaks even."""
    result, folder = planned(source)
    with err().status("looking for a subsidy") as status:
        answer = result.break_even(
            subsidy, seconds=time_limit, threads=threads,
            progress=lambda least, most: status.update(f"subsidy between {least:,.0f} and {most:,.0f} CNY/t more"),
        )  # fmt: skip
    tell(answer, folder)


def alternatives(
    source: Source,
    within: Annotated[str, typer.Option(metavar="SHARE", help="Extra cost allowed: 1% or 0.01.")] = "1%",
    count: Annotated[int, typer.Option(min=1, max=50, help="Number of plans to look for.")] = 5,
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds for each plan.")] = 60.0,
    threads: Threads = 1,
) -> None:
    """Find other plans that cost little more and have a fifth of the stations and centres elsewhere."""
    from siting.cli.terminal import working

    result, run = planned(source)
    with working("looking for other plans"):
        answer, found = result.alternatives(_share(within), count, seconds=time_limit, threads=threads)
        for number, one in enumerate(found, 1):
            one.write(run.resolve().parent / f"{run.resolve().name}-alternative-{number}", overwrite=True)
    tell(answer, run)
    for number in range(1, len(found) + 1):
        say("terminal.files.folder", file=run.parent / f"{run.name}-alternative-{number}")


def _share(given: str) -> float:
    """Return a share that is written as one, or in per cent.

    Raises
    ------
    ConfigError
        If it is neither.
    """
    from siting.errors import ConfigError

    try:
        return float(given.removesuffix("%")) / (100 if given.endswith("%") else 1)
    except ValueError:
        raise ConfigError(f"--within {given}: is no share; write 1% or 0.01") from None


def _sizes(given: list[str]) -> dict[str, float]:
    """Return the sizes of steps by target.

    Raises
    ------
    ConfigError
        If one is no positive number of a target.
    """
    from siting.errors import ConfigError

    sizes = {}
    for one in given:
        name, _, size = one.partition("=")
        try:
            sizes[name] = float(size)
        except ValueError:
            sizes[name] = 0.0
        if not sizes[name] > 0:
            raise ConfigError(f"--step {one}: is no size of a step; write ID=SIZE with a number above 0")
    return sizes


def planned(source: Path) -> tuple[Result, Path]:
    """Read a run, or plan a config as `siting run` does; return it with its folder."""
    from siting.problem import Problem, read_config, read_run
    from siting.runs.caches import cache_folder
    from siting.runs.folder import require_writable

    if source.is_dir():
        return read_run(source), source
    loaded = read_config(source).loaded
    folder = loaded.config.runs / loaded.config.name
    require_writable(folder, loaded.config)
    with followed() as work:
        problem = Problem(loaded, cache=cache_folder(loaded.config), journal=work.journal)
        result = problem.solve(watch=work.screen.watch)
        write_or_rescue(result, folder)
    say("terminal.files.folder", file=folder)
    return read_run(folder), folder


def tell(answer: Answer, folder: Path) -> None:
    """Print an answer and write its files."""
    from siting.render.terminal.answer import print_answer

    print_answer(out(), answer.sections)
    for path in answer.write(folder):
        say("terminal.files.written", file=path)
