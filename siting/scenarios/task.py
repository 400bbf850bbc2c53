"""One scenario, solved and written whole: the work of a worker, in this process, another one, or on another machine."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siting.config import Config, Loaded
from siting.errors import InfeasibleError, OutOfTimeError, RefusedPlanError
from siting.files import write_json
from siting.interrupts import was_put_off
from siting.plan import Status
from siting.problem import Problem, read_run
from siting.result import Result
from siting.results.sweep.outcome import Ending, Outcome, open_sites, place_of, plan_figures, reached_of
from siting.scenarios.variants import Variant

OUTCOMES = "outcomes"
"""Folder with one file for each scenario that ended."""
START_SHARE = 0.3
"""Share of the work for a scenario of a city, as it begins with the plan and the prices of the base."""
UNHASHED: Any = {"runs": True, "name": True, "title": True, "solve": {"threads"}}
"""Keys of the config that make no other problem."""


@dataclass(frozen=True)
class Task:
    """A scenario to solve.

    Attributes
    ----------
    variant, digest
        The scenario, and the digest of its config and inputs.
    base
        The config that it is a change of; a worker keeps its city and instance.
    folder
        Of the sweep.
    cache
        Folder that keeps travel distances.
    start
        Run folder of the plan that the solve starts from; None: from scratch.
    parts
        Parts of the run folder to write beside those that a run is read from; None: all.
    known_cny
        Cost of the plan in the run folder, CNY a year: only a cheaper one replaces it. None: there is none.
    """

    variant: Variant
    digest: str
    base: Loaded
    folder: Path
    cache: Path
    start: Path | None = None
    parts: tuple[str, ...] | None = None
    known_cny: float | None = None

    @property
    def run_folder(self) -> Path:
        """Folder of the run."""
        return self.folder / self.variant.name

    @property
    def outcome_file(self) -> Path:
        """File of the outcome, which is written last."""
        return self.folder / OUTCOMES / f"{self.variant.name}.json"


class Bench(threading.local):
    """Objects that a thread reuses for the next scenario: the base problem, its city, and the plan to start from."""

    loaded: Loaded | None = None
    problem: Problem | None = None
    start: tuple[Path, Result] | None = None

    def problem_of(self, task: Task) -> Problem:
        """Return the problem of a task, with what it shares with the base."""
        if self.problem is None or self.loaded != task.base:
            self.loaded, self.problem, self.start = task.base, Problem(task.base, cache=task.cache), None
        _ = self.problem.city
        return self.problem.with_loaded(task.variant.loaded)

    def start_of(self, task: Task) -> Result | None:
        """Return the plan to start from."""
        if task.start is None:
            return None
        if self.start is None or self.start[0] != task.start:
            self.start = task.start, read_run(task.start)
        return self.start[1]


BENCH = Bench()


def digest_of(config: Config, inputs: Mapping[str, str]) -> str:
    """Return the digest of a problem: of its config without names, and of the files that it is read from."""
    content = json.dumps([config.model_dump(mode="json", exclude=UNHASHED), dict(inputs)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def run_task(task: Task) -> Outcome:
    """Solve a scenario, write its run folder and then its outcome, and return the outcome.

    Raises
    ------
    KeyboardInterrupt
        If the solve was interrupted: its best plan is in the run folder, and the next sweep solves it again. Or if the
        interrupt came later: the outcome is written first.
    """
    was_put_off()
    try:
        outcome = _solved(task)
    except InfeasibleError as error:
        outcome = without_plan(task, Ending.INFEASIBLE, str(error))
    except OutOfTimeError as error:
        outcome = without_plan(task, Ending.OUT_OF_TIME, str(error))
    except Exception as error:
        outcome = without_plan(task, Ending.FAILED, f"{type(error).__name__}: {error}")
    if task.known_cny is None or outcome.cost_cny < task.known_cny:
        write_json(task.outcome_file, outcome.as_dict())
    if was_put_off():
        raise KeyboardInterrupt
    return outcome


def without_plan(task: Task, ending: Ending, message: str) -> Outcome:
    """Return the outcome of a scenario that has no plan."""
    variant = task.variant
    return Outcome(variant.name, variant.title, task.digest, ending, message, variant.loaded.changes)


def _solved(task: Task) -> Outcome:
    problem = BENCH.problem_of(task)
    try:
        result = _result(problem, BENCH.start_of(task))
    except RefusedPlanError as error:
        kept = task.run_folder.with_name(f"{task.run_folder.name}.refused")
        error.result.write(kept, parts=task.parts, overwrite=True)
        raise
    known, is_whole = task.known_cny, result.status != Status.INTERRUPTED
    if known is None or (is_whole and result.cost_cny < known):
        result.write(task.run_folder, parts=task.parts, overwrite=True)
    if result.status == Status.INTERRUPTED:
        raise KeyboardInterrupt
    variant, results = task.variant, result.results
    return Outcome(
        variant.name, variant.title, task.digest, Ending.PLAN, "", variant.loaded.changes, result.status,
        plan_figures(results), reached_of(results), open_sites(results), place_of(results),
    )  # fmt: skip


def _result(problem: Problem, start: Result | None) -> Result:
    """Solve a scenario; a city that begins with the plan of the base has a share of the work, and all if that fails."""
    work = problem.config.solve.work
    if start is not None and work is not None and start.record.solution.engine == "city":
        with suppress(OutOfTimeError):
            return problem.solve(start=start, work=START_SHARE * work)
    return problem.solve(start=start)


def read_outcome(task: Task) -> Outcome | None:
    """Return the outcome that an earlier sweep left of the same problem; None where it is to be solved (again)."""
    try:
        raw: dict[str, Any] = json.loads(task.outcome_file.read_text(encoding="utf-8"))
        outcome = Outcome.from_dict(raw)
    except (OSError, ValueError, LookupError, TypeError):
        return None
    is_same = outcome.digest == task.digest and outcome.ending.is_final
    is_written = not outcome.has_plan or (task.run_folder / "plan.json").is_file()
    return outcome if is_same and is_written else None
