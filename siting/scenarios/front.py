"""A Pareto front in run folders, one for each plan, each written when its plan is found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Unpack

import pandas as pd

from siting.errors import FileError
from siting.language import text
from siting.page import Page
from siting.plan import Status
from siting.problem import Problem, Settings, read_run
from siting.render.answers.front import NamedGoal, front_sections
from siting.render.html.report.evaluation import draw_sections
from siting.result import Result
from siting.results.targets import target_label
from siting.runs.provenance import input_digests
from siting.scenarios.task import digest_of
from siting.solve.clock import Watch
from siting.solve.goals import FrontPoint


def front(
    problem: Problem,
    folder: str | Path,
    points: int | None = None,
    *,
    write: Callable[[Result, Path], object] = Result.write,
    watch: Watch | None = None,
    **settings: Unpack[Settings],
) -> tuple[tuple[FrontPoint, Result], ...]:
    """Compute a Pareto front as `Problem.front`; points that lie in the folder from before are not solved again.

    Parameters
    ----------
    problem
        With a section `pareto` in its config.
    folder
        Gets the run folders `NAME-front-1` and so on, one for each level of the second goal that has a plan. One of the
        same config, inputs and level is read, unless its solve was interrupted; any other is solved, and a former run
        is kept beside the new one.
    points, watch, settings
        As of `Problem.front`.
    write
        Writes a result to its run folder.

    Returns
    -------
    Points with their results; `folder` of a result is set where it was read and not solved.

    Raises
    ------
    ConfigError, InfeasibleError, OutOfTimeError, RefusedPlanError
        As of `Problem.front`; points that were found until then stay in the folder.
    FileError
        If a run folder cannot be written.
    """
    inputs = input_digests(problem.loaded)

    def known(point: Problem) -> Result | None:
        try:
            earlier = read_run(Path(folder) / point.config.name)
        except FileError:
            return None
        is_same = digest_of(earlier.record.config, earlier.record.inputs) == digest_of(point.config, inputs)
        return earlier if is_same and earlier.solution.status is not Status.INTERRUPTED else None

    def found(result: Result) -> None:
        write(result, Path(folder) / result.name)

    return problem.front(points, known=known, found=found, watch=watch, **settings)


def named_goals(problem: Problem) -> tuple[NamedGoal, NamedGoal]:
    """Return the two goals of a front with their names for readers."""
    (first, _), (second, _) = problem.prepared.front
    name = partial(target_label, problem.config, problem.instance)
    return NamedGoal(first, name(first)), NamedGoal(second, name(second))


def front_page(problem: Problem, table: pd.DataFrame, result: Result) -> Page:
    """Draw the page of a front, in English and Chinese.

    Parameters
    ----------
    problem
        The problem of the front.
    table
        Its plans, as `siting.results.front.front_table` makes it, with a column `run`.
    result
        One of its plans, which names the city.
    """
    first, second = named_goals(problem)
    title = text("answers.front.page", first=first.name, second=second.name)
    return Page(draw_sections(result.results, title, front_sections(first, second, table)), f"{result.name}-front")
