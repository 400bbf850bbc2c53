"""Commands that plan: `siting check`, `siting run`, `siting pareto`."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siting.cli.changes import Assignments, Base, Scenario, changed
from siting.cli.group import resumable
from siting.cli.terminal import err, followed, out, say
from siting.language import spoken
from siting.language.messages import reader_message

if TYPE_CHECKING:
    from siting.cli.terminal import Followed
    from siting.config import Config
    from siting.problem import Problem
    from siting.result import Result

ConfigFile = Annotated[
    Path, typer.Argument(metavar="CONFIG", help="The config: YAML, or a workbook.", show_default=False)
]
TimeLimit = Annotated[float | None, typer.Option(min=0.001, help="Seconds that each solve may take.")]


class Engine(enum.StrEnum):
    """Engines that `--engine` knows."""

    auto = "auto"
    exact = "exact"
    city = "city"


def check(config: ConfigFile) -> None:
    """Check a config and its city without solving: schema, tables, geometry, travel, and targets that cannot be met."""
    from rich.text import Text

    from siting.problem import Problem, read_config
    from siting.render.terminal.instance import print_instance
    from siting.solve_run import refuse_impossible

    loaded = read_config(config).loaded
    with followed() as work:
        problem = Problem(loaded, journal=work.journal)
        findings = problem.check()
    print_instance(out(), problem.city, problem.prepared)
    for finding in findings:
        if not finding.is_fatal:
            out().print(
                Text(spoken("terminal.note", message=reader_message(finding.message)), style="yellow"), soft_wrap=True
            )
    refuse_impossible(findings)
    out().print(Text(spoken("terminal.valid"), style="green"))


def run(  # noqa: PLR0913, PLR0917 — a command line has as many options as it has
    config: ConfigFile,
    scenario: Scenario = None,
    assignments: Assignments = None,
    base: Base = None,
    with_files: Annotated[
        list[Path] | None,
        typer.Option("--with", metavar="FILE", help="Decisions that reviewers saved from the map; repeatable."),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Sites to keep open: a table, GeoPackage, workbook, or a run folder."),
    ] = None,
    near: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Run folder to re-plan; goes with --at-most-changes.")
    ] = None,
    at_most_changes: Annotated[
        int | None, typer.Option(min=0, help="Facilities that may open, close or change in size against --near.")
    ] = None,
    engine: Annotated[
        Engine | None, typer.Option(help="city: for large models; exact: branch and bound; auto chooses.")
    ] = None,
    solver: Annotated[str | None, typer.Option(help="Solver of the exact engine; see `siting doctor`.")] = None,
    time_limit: Annotated[float | None, typer.Option(min=0.001, help="Seconds that the solve may take.")] = None,
    work: Annotated[
        float | None, typer.Option(min=0.001, help="Stop after this much counted work, about 1 per second; repeatable.")
    ] = None,
    gap: Annotated[float | None, typer.Option(min=0, max=1, help="Stop at this proven gap; 0.01 is 1 %.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Processor threads.")] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="The same seed, threads and --work give the same plan, unless time ends first."),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            help="Run folder to start from, also of another config; the feasible part of its plan is kept.",
        ),
    ] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Run folder to write. Default: runs/NAME.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run. Default: the config's.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an existing run folder, even of another config.")
    ] = False,
    open_map: Annotated[bool, typer.Option("--open", help="Open the map in the browser.")] = False,
    details: Annotated[bool, typer.Option("--details", help="Print every table: costs, key figures, phases.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Solve a config, verify the plan, write the run folder with its map, and print the scorecard.

    A plan that verification refuses is kept in NAME.refused beside it, and the command fails.
    """
    from siting.interrupts import sigterm_as_ctrl_c
    from siting.problem import Problem, read_config, read_run
    from siting.runs.caches import cache_folder
    from siting.runs.folder import require_writable

    settings = {
        "engine": None if engine is None else engine.value, "solver": solver, "time_limit_s": time_limit,
        "work": work, "gap": gap, "threads": threads, "seed": seed,
    }  # fmt: skip
    changes: dict[str, Any] = {"solve": {key: value for key, value in settings.items() if value is not None}}
    asked = changed(read_config(config), scenario, assignments, base)
    asked = asked.with_decisions(*with_files) if with_files else asked
    asked = asked.with_kept(keep) if keep else asked
    begun = None if start is None else read_run(start)
    if near is not None or at_most_changes is not None:
        earlier, asked = _near(asked, near, at_most_changes)
        begun = begun or earlier
    loaded = asked.with_config(changes | ({"name": name} if name else {}), origin="command line").loaded
    folder = out_folder or loaded.config.runs / loaded.config.name
    require_writable(folder, loaded.config, overwrite=overwrite)
    with followed(is_quiet=quiet) as shown, sigterm_as_ctrl_c():
        problem = Problem(loaded, cache=cache_folder(loaded.config), journal=shown.journal)
        result = _solved(problem, config, shown, begun, folder)
        write_or_rescue(result, folder, overwrite=overwrite)
    if not quiet:
        _print_result(result, folder, has_details=details)
    if open_map:
        import webbrowser

        webbrowser.open((folder / "map.html").absolute().as_uri())


def _near(problem: Problem, run: Path | None, at_most_changes: int | None) -> tuple[Result, Problem]:
    """Return an earlier run, and the problem of few changes against it, named so that it does not replace that run.

    Raises
    ------
    ConfigError
        If one of the two options is missing.
    """
    from siting.errors import ConfigError
    from siting.problem import read_run

    if run is None or at_most_changes is None:
        raise ConfigError("--near RUN and --at-most-changes NUMBER go together; give both")
    earlier = read_run(run)
    changed = problem.with_near(earlier, at_most_changes=at_most_changes)
    return earlier, changed.with_config({"name": f"{problem.config.name}-near"}, origin="--near")


def _solved(problem: Problem, config: Path, work: Followed, start: Result | None, folder: Path) -> Result:
    """Solve; where no plan exists, name the command that finds changes which give one.

    A plan that verification refuses is written beside `folder`, for a solve is dear.

    Raises
    ------
    InfeasibleError
        With the reasons.
    RefusedPlanError
        With the rules that are broken, and where the plan is kept.
    """
    from siting.errors import InfeasibleError, RefusedPlanError

    try:
        return problem.solve(start=start, watch=work.screen.watch)
    except InfeasibleError as error:
        raise InfeasibleError(f"{error}\n{spoken('repair.cure', config=config)}") from error
    except RefusedPlanError as error:
        kept = folder.with_name(f"{folder.name}.refused")
        write_or_rescue(error.result, kept)
        raise RefusedPlanError(f"{spoken('terminal.refused_kept', folder=kept)}\n{error}", error.result) from error


def pareto(
    config: ConfigFile,
    points: Annotated[int | None, typer.Option(min=2, max=50, help="Number of plans. Default: the config's.")] = None,
    time_limit: TimeLimit = None,
    out_file: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="CSV to write, with a page beside it. Default: runs/NAME-front.csv."
        ),
    ] = None,
) -> None:
    """Compute a Pareto front between the two goals of a config (section pareto), a run folder for each plan.

    Each run folder is written as soon as its plan is found; the same command resumes if interrupted.
    """
    from siting.files import write_csv, write_file
    from siting.problem import Problem, read_config
    from siting.render.terminal.front import rich_front
    from siting.results.front import front_table
    from siting.runs.folder import require_writable
    from siting.scenarios import front, front_page, named_goals

    settings = {} if time_limit is None else {"time_limit_s": time_limit}
    loaded = read_config(config).with_config({"solve": settings}, origin="command line").loaded
    wanted = _wanted_front(loaded.config, config)
    names = [f"{loaded.config.name}-front-{number}" for number in range(1, (points or wanted) + 1)]
    runs = loaded.config.runs
    for name in names:
        require_writable(runs / name, loaded.config.model_copy(update={"name": name}))
    with resumable(runs), followed() as work:
        problem = Problem(loaded, cache=None, journal=work.journal)
        found = front(problem, runs, points, write=write_or_rescue, watch=work.screen.watch)
        (first, _), (second, _) = problem.prepared.front
    table = front_table(first, second, [point for point, _ in found], [result.paid_cny for _, result in found])
    table["run"] = [result.name for _, result in found]
    out().print(rich_front(*named_goals(problem), table, list(table["run"])))
    file = out_file or runs / f"{loaded.config.name}-front.csv"
    write_csv(file, table)
    page = file.with_suffix(".html")
    write_file(page, front_page(problem, table, found[0][1]).text)
    say("terminal.files.front", file=file)
    say("terminal.files.front_page", file=page)
    say("terminal.files.front_runs", folder=runs)
    if n_read := sum(result.folder is not None for _, result in found):
        say("terminal.files.front_read", n=n_read, all=len(found))


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


def _print_result(result: Result, folder: Path, *, has_details: bool) -> None:
    from siting.render.terminal.report import print_scorecard

    print_scorecard(out(), result.results, has_details=has_details)
    if has_details:
        _print_phases(result)
    else:
        times = {one.name: one.seconds for one in result.record.stages}
        say("terminal.phases.took", whole=sum(times.values()), solve=times.get("solve", 0.0))
    say("terminal.files.map", file=folder / "map.html")
    say("terminal.files.report", file=folder / "report.html")
    say("terminal.files.workbook", file=folder / "plan.xlsx")
    say("terminal.files.folder", file=folder)


def _print_phases(result: Result) -> None:
    """Print wall time and peak memory by phase of the run."""
    from siting.journal import memory_text, phase_label
    from siting.language import text
    from siting.render.table import Table, Total, columns
    from siting.render.terminal.table import rich_table

    phases = result.record.stages
    rows = [(phase_label(one.name), one.seconds, memory_text(one.peak_mb)) for one in phases]
    total = Total((text("terminal.phases.all"), sum(one.seconds for one in phases), ""))
    heads = columns("terminal.phases", phase="text", seconds="tenth", memory="any")
    out().print(rich_table(Table(text("terminal.phases.title"), heads, (*rows, total))))
