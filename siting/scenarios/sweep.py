"""Run the scenarios of a config, each from the plan of the config without changes, and write what came out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from siting.errors import FileError
from siting.files import write_csv, write_file, write_json
from siting.language import Label
from siting.page import Page
from siting.problem import Problem
from siting.render.html.report.cities import draw_cities
from siting.render.html.report.sweep import draw_sweep
from siting.render.sweep import sweep_workbook
from siting.results.sweep.outcome import Outcome
from siting.results.sweep.sweep import BASE, Sweep
from siting.runs.caches import cache_folder
from siting.runs.provenance import input_digests
from siting.scenarios.order import cheapest_that_serves
from siting.scenarios.task import OUTCOMES, Task, digest_of, read_outcome, run_task
from siting.scenarios.variants import Variant
from siting.scenarios.workers import run_here, run_on_cluster

MARKER = "sweep.json"


@dataclass(frozen=True)
class Workforce:
    """Workers that solve the scenarios: processes of this machine, or the workers of a Dask scheduler.

    With no workers the scenarios are solved one after the other in this process.
    """

    workers: int = 0
    scheduler: str | None = None

    def run(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Run tasks and yield each outcome as it completes."""
        if not tasks:
            return iter(())
        if self.scheduler is not None:
            return run_on_cluster(tasks, scheduler=self.scheduler)
        return run_here(tasks, workers=self.workers) if self.workers else map(run_task, tasks)


ALONE = Workforce()


def sweep(
    problem: Problem,
    variants: Sequence[Variant],
    folder: str | Path,
    *,
    workforce: Workforce = ALONE,
    parts: Iterable[str] | None = None,
    heard: Callable[[Outcome, bool], object] = lambda *_: None,
) -> SweepFolder:
    """Solve all scenarios and write their run folders and a summary of them.

    What an earlier sweep of the same problems left in the folder is kept, so that one that was interrupted goes on. At
    last a scenario is solved again where another has a plan that costs less and reaches all of its targets, from that.

    Parameters
    ----------
    problem
        The config without changes.
    variants
        The scenarios; see `named_scenarios`, `grid` and `sample`.
    folder
        Folder of the sweep: a run folder for each scenario, `sweep.csv`, `.json`, `.xlsx` and `.html`.
    workforce
        Who solves them.
    parts
        Parts of each run folder, as `Result.write` has them; all by default.
    heard
        Called with each outcome, and whether it was there already; once more with a cheaper one.
    """
    place = Path(folder)
    _require_sweep_folder(place)
    inputs, cache = input_digests(problem.loaded), cache_folder(problem.config)
    tasks = [
        Task(
            one, digest_of(one.loaded.config, inputs), problem.loaded, place, cache,
            parts=None if parts is None else tuple(parts),
        )
        for one in variants
    ]  # fmt: skip
    found = {task.variant.name: outcome for task in tasks if (outcome := read_outcome(task)) is not None}
    for outcome in found.values():
        heard(outcome, True)
    city = Label(str(problem.city.meta["name_en"]), str(problem.city.meta["name_zh"]))
    try:
        for outcome in _new_outcomes(tasks, found, workforce):
            found[outcome.name] = outcome
            heard(outcome, False)
        for outcome in workforce.run(_dearer_than_what_serves(tasks, found)):
            if outcome.cost_cny < found[outcome.name].cost_cny:
                found[outcome.name] = outcome
                heard(outcome, False)
    finally:
        outcomes = tuple(found[task.variant.name] for task in tasks if task.variant.name in found)
        made = SweepFolder(place, Sweep(problem.config.name, problem.config.title, city, outcomes))
        if outcomes:
            made.write()
    return made


def _new_outcomes(tasks: Sequence[Task], found: dict[str, Outcome], workforce: Workforce) -> Iterator[Outcome]:
    """Solve the base first where others are of its city, for its plan is where they start."""
    has_others = any(_is_same_city(task) for task in tasks if task.variant.name != BASE)
    if has_others:
        yield from workforce.run([task for task in tasks if task.variant.name == BASE and BASE not in found])
    base = found.get(BASE)
    start = next((task.run_folder for task in tasks if task.variant.name == BASE), None)
    start = start if base is not None and base.has_plan else None
    left = (task for task in tasks if task.variant.name not in found and not (has_others and task.variant.name == BASE))
    rest = [replace(task, start=start if has_others and _is_same_city(task) else None) for task in left]
    yield from workforce.run(rest)


def _dearer_than_what_serves(tasks: Sequence[Task], found: Mapping[str, Outcome]) -> list[Task]:
    """Return the scenarios for which another has a cheaper plan, each to start from that."""
    again = []
    for task in tasks:
        one = found.get(task.variant.name)
        cheaper = None if one is None else cheapest_that_serves(one, found.values())
        if one is not None and cheaper is not None:
            again.append(replace(task, start=task.folder / cheaper.name, known_cny=one.cost_cny))
    return again


def _is_same_city(task: Task) -> bool:
    """Return whether a scenario has the city of the base, so that it can start from the plan of the base."""
    return task.variant.loaded.config.city == task.base.config.city


def _require_sweep_folder(folder: Path) -> None:
    """Refuse a folder with files of others.

    Raises
    ------
    FileError
        If it is there, not empty, and no sweep was written to it.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / OUTCOMES).is_dir():
        raise FileError(f"{folder}: holds files and no sweep; choose another folder with --out")


def read_sweep(folder: Path) -> Sweep:
    """Read the sweep of a folder that `siting sweep` wrote.

    Raises
    ------
    FileError
        If it holds none that can be read.
    """
    try:
        return Sweep.from_summary(json.loads((folder / MARKER).read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError) as error:
        cure = "give the folder of a sweep; one of an earlier version goes on with `siting sweep` and is written anew"
        raise FileError(f"{folder}: holds no sweep that can be read ({error}); {cure}") from error


def has_reports(folder: Path, sweep: Sweep) -> bool:
    """Return whether the report of each plan of a sweep lies in its folder."""
    return all((folder / one.name / "report.html").is_file() for one in sweep.outcomes if one.has_plan)


@dataclass(frozen=True)
class SweepFolder:
    """A sweep and its folder."""

    folder: Path
    sweep: Sweep

    def page(self) -> Page:
        """Draw the page that orders the scenarios; it links to the report of each run."""
        with_links = has_reports(self.folder, self.sweep)
        return Page(draw_sweep(self.sweep, with_links=with_links), f"{self.sweep.name}-sweep")

    def write(self) -> None:
        """Write table, JSON, workbook and page.

        Raises
        ------
        FileError
            If one cannot be written.
        """
        write_csv(self.folder / "sweep.csv", self.sweep.table())
        write_json(self.folder / MARKER, self.sweep.summary())
        write_file(self.folder / "sweep.xlsx", sweep_workbook(self.sweep))
        write_file(self.folder / "sweep.html", self.page().text)
        if self.sweep.is_of_cities:
            write_file(
                self.folder / "cities.html",
                draw_cities([(self.sweep, "" if has_reports(self.folder, self.sweep) else None)]),
            )
