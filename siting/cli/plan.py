"""Commands that plan: `siting check`, `siting run`, `siting pareto`."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siting.cli.terminal import err, followed, out, say

if TYPE_CHECKING:
    from siting.config import Config
    from siting.result import Result

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="The config, a YAML file.", show_default=False)]
TimeLimit = Annotated[float | None, typer.Option(min=0.001, help="Seconds that each solve may take.")]


class Engine(enum.StrEnum):
    """Engines that `--engine` knows."""

    auto = "auto"
    exact = "exact"
    city = "city"


def check(config: ConfigFile) -> None:
    """Check a config and its city without solving: schema, tables, geometry, travel, and what arithmetic rules out."""
    from rich.text import Text

    from siting.config import load_config
    from siting.problem import Problem, refuse_impossible
    from siting.render.terminal.instance import print_instance

    loaded = load_config(config)
    with followed() as work:
        problem = Problem(loaded, journal=work.journal)
        findings = problem.check()
    print_instance(out(), problem.city, problem.prepared)
    for finding in findings:
        if not finding.is_fatal:
            out().print(Text(f"Note: {finding.message}", style="yellow"), soft_wrap=True)
    refuse_impossible(findings)
    out().print(Text("Config and data are valid; no target is infeasible on its own.", style="green"))


def run(  # noqa: PLR0913, PLR0917 — a command line has as many options as it has
    config: ConfigFile,
    engine: Annotated[Engine | None, typer.Option(help="exact: any size of model that the solver can take.")] = None,
    solver: Annotated[str | None, typer.Option(help="Solver of the exact engine; see `siting doctor`.")] = None,
    time_limit: Annotated[float | None, typer.Option(min=0.001, help="Seconds that the solve may take.")] = None,
    gap: Annotated[float | None, typer.Option(min=0, max=1, help="Stop at this proven gap; 0.01 is 1 %.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Processor threads.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Same seed and threads, same plan, where no time limit cuts a search.")
    ] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Run folder to write, instead of runs/NAME.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run, instead of the config's.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the run folder, even one of another config.")
    ] = False,
    open_map: Annotated[bool, typer.Option("--open", help="Open the map in the browser.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Plan: solve a config, verify the plan, write the run folder with its map, print the scorecard."""
    from siting.interrupts import sigterm_as_ctrl_c
    from siting.problem import Problem, read_config
    from siting.runs.caches import cache_folder
    from siting.runs.folder import require_writable

    settings = {
        "engine": None if engine is None else engine.value, "solver": solver, "time_limit_s": time_limit,
        "gap": gap, "threads": threads, "seed": seed,
    }  # fmt: skip
    changes: dict[str, Any] = {"solve": {key: value for key, value in settings.items() if value is not None}}
    loaded = read_config(config).with_config(changes | ({"name": name} if name else {}), origin="command line").loaded
    folder = out_folder or loaded.config.runs / loaded.config.name
    require_writable(folder, loaded.config, overwrite=overwrite)
    with followed(is_quiet=quiet) as work, sigterm_as_ctrl_c():
        problem = Problem(loaded, cache=cache_folder(loaded.config), journal=work.journal)
        result = problem.solve(watch=work.screen.watch)
        write_or_rescue(result, folder, overwrite=overwrite)
    if not quiet:
        _print_result(result, folder)
    if open_map:
        import webbrowser

        webbrowser.open((folder / "map.html").absolute().as_uri())


def pareto(
    config: ConfigFile,
    points: Annotated[int | None, typer.Option(min=2, max=50, help="Plans to find, instead of the config's.")] = None,
    time_limit: TimeLimit = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="CSV to write, instead of runs/NAME-front.csv.")
    ] = None,
) -> None:
    """Compute a Pareto front between the two goals of a config (section pareto)."""
    from siting.files import write_csv
    from siting.problem import Problem, read_config, refuse_impossible
    from siting.render.terminal.front import rich_front
    from siting.results.front import front_table
    from siting.solve.goals import front

    settings = {} if time_limit is None else {"time_limit_s": time_limit}
    loaded = read_config(config).with_config({"solve": settings}, origin="command line").loaded
    wanted = _wanted_front(loaded.config, config)
    with followed() as work:
        problem = Problem(loaded, cache=None, journal=work.journal)
        refuse_impossible(problem.check())
        (first, _), (second, _) = problem.prepared.front
        asked = loaded.config.solve.model_dump() | {"points": points or wanted}
        with work.journal.phase("front"):
            found = front(problem.instance, (first, second), watch=work.screen.watch, **asked)
    table = front_table(first, second, found)
    out().print(rich_front(first, second, table))
    file = out_file or loaded.config.runs / f"{loaded.config.name}-front.csv"
    write_csv(file, table)
    say(f"Front: {file}")


def write_or_rescue(result: Result, folder: Path, *, overwrite: bool = False) -> None:
    """Write the run folder; where that fails elsewhere, or without the part that fails, for a solve is dear.

    Raises
    ------
    FileError
        If `folder` could not be written; the message says where the run was saved.
    Exception
        What kept a part from being written; its note says what was written without it.
    """
    import tempfile

    from siting.errors import FileError
    from siting.interrupts import postponed

    with postponed(_say_on_stderr):
        try:
            result.write(folder, overwrite=overwrite)
        except FileError as error:
            spare = Path(tempfile.mkdtemp(prefix="siting-")) / result.name
            try:
                result.write(spare)
            except FileError:
                raise error from None
            raise FileError(f"{error}\nThe plan is not lost: this run was saved in {spare}") from error
        except Exception as error:
            result.write(folder, parts=[], overwrite=overwrite)
            error.add_note(f"The plan is not lost: it was written to {folder}, without pages and tables")
            raise


def _say_on_stderr(line: str) -> None:
    err().print(line, soft_wrap=True)


def _wanted_front(config: Config, path: Path) -> int:
    from siting.errors import ConfigError

    if config.pareto is None:
        raise ConfigError(f"{path}: has no section `pareto`; add one with two goals (see docs/model.md)")
    return config.pareto.points


def _print_result(result: Result, folder: Path) -> None:
    from siting.render.terminal.report import print_scorecard

    print_scorecard(out(), result.results)
    _print_phases(result)
    files = {"Map": folder / "map.html", "Report": folder / "report.html", "Workbook": folder / "plan.xlsx"}
    for name, path in (files | {"Run folder": folder}).items():
        say(f"{name}: {path}")


def _print_phases(result: Result) -> None:
    """Print wall time and peak memory by phase of the run."""
    from rich.table import Table

    from siting.journal import memory_text

    table = Table(title="Stages", title_justify="left")
    for name in ("stage", "seconds", "peak memory"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    for phase in result.record.stages:
        table.add_row(phase.name, f"{phase.seconds:,.1f}", memory_text(phase.peak_mb))
    table.add_section()
    table.add_row("all", f"{sum(phase.seconds for phase in result.record.stages):,.1f}", "")
    out().print(table)
