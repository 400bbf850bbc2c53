"""A planning problem: a config, the city that it names, and the instance made of both when it is first needed."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from siting.config import Config, Loaded, load_config
from siting.config.closed import validated
from siting.config.load import ConfigSource, merged
from siting.config.targets import EACH_DISTRICT, target_lines, unit_id, unit_slug
from siting.errors import ConfigError, InfeasibleError
from siting.explain import Finding, check_arithmetic, explain_infeasible
from siting.files import recover_folder
from siting.inputs.city import City, read_city
from siting.instance import Instance
from siting.interrupts import postponed
from siting.journal import Journal
from siting.language.quantities import quantity
from siting.model import build_whole
from siting.model.pulp_model import export_model
from siting.passes import solve_passes
from siting.plan import Plan, farthest_shares
from siting.prepare import Prepared, lost_places, prepare
from siting.result import Result
from siting.results.record import GoalFigure, Rollout, RunRecord
from siting.runs.caches import default_cache
from siting.runs.folder import read_run as read_record
from siting.runs.provenance import input_digests, package_versions
from siting.solve.clock import Watch
from siting.solve.goals import Outcome, Reached
from siting.verify import district_figures, require_valid_stages, verify_stages

EXPLAIN_SECONDS = 120.0
LOST_LISTED = 100
FARTHEST_SHARE = 0.01
"""Warn when more than this share of tonnes goes to the farthest candidate considered."""
WITHOUT_INSTANCE = ("solve", "runs")
"""Keys of a config that the instance does not depend on."""


class Settings(TypedDict, total=False):
    """Keys of `solve:` in a config."""

    engine: Literal["auto", "exact", "city"]
    solver: str
    time_limit_s: float
    gap: float
    threads: int
    seed: int


def read_config(source: ConfigSource) -> Problem:
    """Read a config and return the problem that it describes; its city is read when it is first needed.

    Parameters
    ----------
    source
        A YAML file, a mapping of the same keys (paths relative to the working directory), or a `Config`.

    Raises
    ------
    FileError
        If a file cannot be read.
    ConfigError
        If the config has unknown or missing keys or values out of range: all faults in one list.
    """
    return Problem(load_config(source))


def read_run(folder: str | Path) -> Result:
    """Read a run folder that `siting run` or `Result.write` wrote.

    Raises
    ------
    FileError
        If it is no run folder, was written by another version, or a file of it is missing or damaged.
    """
    path = Path(folder)
    if not path.exists():
        recover_folder(path)
    record = read_record(path)

    def problem() -> Problem:
        return Problem(replace(load_config(path / "config.yaml"), figures=record.figures))

    return Result(record, problem, folder=path)


class Problem:
    """A config with its city and instance, both made on demand. A problem does not change: `with_…` return another.

    Parameters
    ----------
    loaded
        The config and where its figures come from; see `read_config`.
    cache
        Folder that keeps travel distances. By default SITING_CACHE, else `.cache` in the folder of the runs where
        that exists, else the user's cache folder.
    journal
        Hears how work goes; by default nobody does.
    """

    def __init__(self, loaded: Loaded, *, cache: Path | None = None, journal: Journal | None = None) -> None:
        self.loaded = loaded
        self.cache = cache or default_cache(loaded.config)
        self._journal = journal or Journal()

    @property
    def config(self) -> Config:
        """The config, with every figure filled in."""
        return self.loaded.config

    @cached_property
    def city(self) -> City:
        """The tables of the city folder, checked.

        Raises
        ------
        FileError, DataError
            If a table is missing or holds something that cannot be used.
        """
        with self._journal.phase("inputs"):
            return read_city(self.config.city)

    @cached_property
    def prepared(self) -> Prepared:
        """The instance with its geography and goals.

        Raises
        ------
        ConfigError, DataError
            If the config and the city do not fit each other: all faults in one list.
        """
        city, journal = self.city, self._journal
        with journal.phase("travel and instance"):
            prepared = prepare(self.config, city, self.cache)
            for line in lost_places(city, prepared.instance, prepared.snapping, most_listed=LOST_LISTED):
                journal.remember(f"travel: {line}")
            for line in prepared.notes:
                journal.note(line)
        return prepared

    @property
    def instance(self) -> Instance:
        """The arrays that the model is built from."""
        return self.prepared.instance

    def __repr__(self) -> str:
        """Name, city and number of targets."""
        config = self.config
        return f"<Problem {config.name}: {config.title.en}, {config.year}, {len(config.targets)} lines of targets>"

    def with_target(self, id: str, *, at_least: float | None = None, at_most: float | None = None) -> Problem:
        """Return the problem with another value of one target.

        Parameters
        ----------
        id
            Id of the target, as in the tables of a result: `coverage-300`, `count-point`; or of a line for each
            district, which then changes in all that have no value of their own.
        at_least, at_most
            Value in the unit of the measure (0.9 is 90 %); one of them.

        Raises
        ------
        ConfigError
            If there is no such target, not one of the two is given, or the measure does not take it.
        """
        if (at_least is None) == (at_most is None):
            raise ConfigError(f"target {id}: give one of at_least and at_most")
        lines = target_lines(self.config.targets)
        changes: dict[str, dict[str, Any]]
        if id in lines:
            changes = {id: {"at_least": at_least, "at_most": at_most}}
        else:
            line_id, district = self._line_and_district(id)
            line = lines[line_id]
            if (line.at_least is None) != (at_least is None):
                side = "at_most" if line.at_least is None else "at_least"
                raise ConfigError(f"target {id}: is one of {line_id}; give {side}, as it does")
            others = {name: asked for name, asked in line.overrides.items() if name not in district}
            changes = {line_id: {"overrides": others | {district[0]: at_most if at_least is None else at_least}}}
        changed = [line.model_dump() | {"id": name} | changes.get(name, {}) for name, line in lines.items()]
        return self.with_config({"targets": changed}, origin=f"target {id}")

    def _line_and_district(self, id: str) -> tuple[str, tuple[str, ...]]:
        """Return the line of a target that is one of several districts, and code and names of its district.

        Raises
        ------
        ConfigError
            If there is no such target.
        """
        lines = [name for name, line in target_lines(self.config.targets).items() if line.unit == EACH_DISTRICT]
        for code, *names in self.city.districts[["code", "name_en", "name_zh"]].itertuples(index=False):
            for line_id, name in itertools.product(lines, names):
                if unit_id(line_id, unit_slug(name, code)) == id:
                    return line_id, (code, *names)
        known = list(target_lines(self.config.targets))
        near = difflib.get_close_matches(id, known, n=1, cutoff=0.5)
        cure = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known) or 'none'}"
        raise ConfigError(f"target {id}: unknown; {cure}")

    def with_sites(self, *, must_open: str | Sequence[str] = (), must_close: str | Sequence[str] = ()) -> Problem:
        """Return the problem with sites that are decided beside those of the config.

        Parameters
        ----------
        must_open
            Ids of candidate sites where a facility opens in every plan.
        must_close
            Ids of sites that never open; what stands there is closed at its closing cost.

        Raises
        ------
        ConfigError
            If a site is in both.
        """
        must_open, must_close = ((ids,) if isinstance(ids, str) else ids for ids in (must_open, must_close))
        both = sorted(set(must_open) & set(must_close))
        if both:
            raise ConfigError(f"sites: {both[0]!r} is in must_open and must_close; keep it in one")
        sites = self.config.sites
        opened = [one for one in dict.fromkeys((*sites.must_open, *must_open)) if one not in set(must_close)]
        closed = [one for one in dict.fromkeys((*sites.must_close, *must_close)) if one not in set(must_open)]
        return self.with_config({"sites": {"must_open": opened, "must_close": closed}}, origin="sites")

    def with_config(self, changes: Mapping[str, Any], *, origin: str = "changes") -> Problem:
        """Return the problem with other keys of its config: mappings are merged, other values replaced, None removes.

        Raises
        ------
        ConfigError
            If the config does not allow a key or value; the message begins with `origin`.
        """
        raw = merged(self.config.model_dump(exclude_none=True), changes)
        config = validated(Config, raw, origin, {})
        problem = Problem(replace(self.loaded, config=config), cache=self.cache, journal=self._journal.fork())
        made = self.__dict__
        if "city" in made and config.city == self.config.city:
            problem.__dict__["city"] = made["city"]
        if "prepared" in made and set(changes) <= set(WITHOUT_INSTANCE):
            problem.__dict__["prepared"] = made["prepared"]
        return problem

    def check(self) -> tuple[Finding, ...]:
        """Return what arithmetic says against a plan, fatal findings first; none does not mean that a plan exists."""
        return tuple(check_arithmetic(self.instance))

    def export(self, path: str | Path) -> None:
        """Write the model that is solved as `.lp` or `.mps`.

        Raises
        ------
        FileError
            If the suffix is another one, or the file cannot be written.
        """
        export_model(build_whole(self.instance).model, Path(path))

    def solve(self, *, start: Result | None = None, watch: Watch | None = None, **settings: Unpack[Settings]) -> Result:
        """Solve, verify the plan independently of the solver, and return the result. Nothing is written.

        Parameters
        ----------
        start
            A result whose plan is the first incumbent; ignored where it is no plan of this problem.
        watch
            Called with the progress of the solve, from another thread.
        **settings
            Keys of `solve:` in the config, which they replace: `time_limit_s` (s), `gap` (a share, 0.01 is 1 %),
            `engine` (`auto`, `exact` or `city`), `solver`, `threads` and `seed`.

        Raises
        ------
        InfeasibleError
            If no plan meets the targets; the message lists which and how far each can be reached.
        OutOfTimeError
            If the time limit came before any plan.
        ConfigError, DataError, FileError, SolverError
            If the config, the city or the solver cannot be used.
        """
        self.with_config({"solve": settings}, origin="solve")  # a wrong setting is refused before the work begins
        prepared = self.prepared
        problem = self.with_config({"solve": settings}, origin="solve")
        config, journal = problem.config, problem._journal.fork()
        inputs = input_digests(problem.loaded)
        with journal.phase("check"):
            findings = problem.check()
            for finding in findings:
                journal.note(f"check: {finding.message}")
            refuse_impossible(findings)
        with journal.phase("solve"):
            outcome = _solve(prepared, config, journal, watch, start)
        instance, solution = outcome.instance, outcome.solution
        with journal.phase("verify"), postponed(journal.note):
            verifications = verify_stages(instance, solution.plans)
            require_valid_stages(instance, verifications, claimed_cost_cny=solution.cost_cny)
            figures = [district_figures(instance.at_stage(n), plan) for n, plan in enumerate(solution.plans)]
            for line in _farthest_notes(instance, solution.plan, config):
                journal.note(f"check: {line}")
        record = RunRecord(
            config=config,
            figures=problem.loaded.figures,
            instance=instance.at_stage(instance.n_stages - 1),
            geography=prepared.geography,
            solution=solution,
            verification=verifications[-1],
            district_figures=figures[-1],
            versions=package_versions(),
            inputs=inputs,
            stages=tuple(journal.phases),
            log=journal.text,
            goals=tuple(_goal_figure(one) for one in outcome.reached),
            rollout=None if instance.stages is None else Rollout(instance, verifications, tuple(figures)),
            checks=prepared.checks,
        )
        return Result(record, problem, journal=journal)


def refuse_impossible(findings: Sequence[Finding]) -> None:
    """Stop where the arithmetic of an instance leaves no room for a plan.

    Raises
    ------
    InfeasibleError
        With every such finding.
    """
    fatal = [finding.message for finding in findings if finding.is_fatal]
    if fatal:
        raise InfeasibleError(_listed("no plan can meet the targets", fatal))


def _solve(prepared: Prepared, config: Config, journal: Journal, watch: Watch | None, start: Result | None) -> Outcome:
    """Solve; where no plan exists, say which targets cannot hold and how far each can be reached."""
    instance, settings = prepared.instance, config.solve.model_dump()
    plans = None if start is None else start.solution.plans
    try:
        outcome = solve_passes(
            instance, prepared.tours, prepared.goals, note=journal.note, **settings, watch=watch, start=plans
        )
    except InfeasibleError as error:
        journal.note("no plan meets all targets; finding out how far each can be reached")
        reasons = explain_infeasible(instance, time_limit_s=min(EXPLAIN_SECONDS, config.solve.time_limit_s))
        raise InfeasibleError(_listed("no plan can meet the targets together", reasons)) from error
    for line in outcome.solution.history:
        journal.remember(
            f"solve {line.seconds:8.1f} s  cost {line.cost_cny:.0f}  bound {line.bound_cny:.0f}  {line.stage}"
        )
    for one in outcome.reached:
        name = f"goal {one.goal.measure} of {one.goal.unit}"
        reached, bound = (quantity(value, one.goal.measure.unit).en for value in (one.value, one.bound))
        journal.note(f"{name}: reached {reached}, no plan beats {bound}")
    return outcome


def _farthest_notes(instance: Instance, plan: Plan, config: Config) -> Iterator[str]:
    """Yield a note for each class of links of which many tonnes go to the farthest candidate considered.

    The bound holds for the candidates considered, so it says nothing about plans with more of them.
    """
    for name, share in farthest_shares(instance, plan).items():
        if share > FARTHEST_SHARE:
            key = config.travel.nearest_key(name)
            yield (
                f"{share:.1%} of the tonnes {name.replace('_', ' ')} go to the farthest of the"
                f" {getattr(config.travel, key)} considered; a plan may be cheaper with more (travel.{key})"
            )


def _goal_figure(one: Reached) -> GoalFigure:
    goal = one.goal
    return GoalFigure(goal.measure, goal.unit, goal.within_m, goal.is_at_least, one.value, one.bound, one.give_up)


def _listed(head: str, lines: Sequence[str]) -> str:
    return "\n".join([head + (":" if lines else ""), *(f"  - {line}" for line in lines)])
