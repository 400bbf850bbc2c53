"""A planning problem: a config, the city that it names, and the instance made of both when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from siting.answer import Answer
from siting.baseline import Baseline
from siting.config import Config, Loaded, load_config
from siting.config.decisions import read_decisions
from siting.config.load import ConfigSource
from siting.config.overlay import nested, overlaid
from siting.config.schema import SiteChoices
from siting.errors import ConfigError, RefusedPlanError, did_you_mean, raise_faults, unknown
from siting.explain import Finding, check_arithmetic
from siting.files import recover_folder
from siting.inputs.city import City, read_city
from siting.inputs.placed import read_placed
from siting.instance import Instance, Target
from siting.interrupts import was_put_off
from siting.journal import Journal
from siting.model import build_whole
from siting.model.pulp_model import export_model
from siting.plan import Status
from siting.prepare import Prepared, lost_places, prepare
from siting.result import Result
from siting.results.near import near_section
from siting.runs.caches import default_cache
from siting.runs.folder import read_run as read_record
from siting.runs.provenance import input_digests
from siting.scored import score_facilities
from siting.sensitivity import PLANNED_S, doubted_parameters, sensitivity_of
from siting.solve.clock import Watch
from siting.solve.goals import FrontPoint, Outcome, front
from siting.solve.solve import engine_for
from siting.solve_run import outcome_of, record_of, refuse_impossible, solve_run
from siting.starter.book import is_book, load_book
from siting.vocabulary import Measure

LOST_LISTED = 100
WITHOUT_INSTANCE = ("name", "title", "solve", "runs")
"""Keys of a config that the instance does not depend on."""


class Settings(TypedDict, total=False):
    """Keys of `solve:` in a config."""

    engine: Literal["auto", "exact", "city"]
    solver: str
    time_limit_s: float
    work: float | None
    gap: float
    threads: int
    seed: int


def read_config(source: ConfigSource) -> Problem:
    """Read a config and return the problem that it describes; its city is read when it is first needed.

    Parameters
    ----------
    source
        A YAML file, a workbook (docs/howto/excel.md), a mapping of the same keys (paths relative to the working
        directory), or a `Config`.

    Raises
    ------
    FileError
        If a file cannot be read.
    ConfigError
        If the config has unknown or missing keys or values out of range: all faults in one list.
    """
    return Problem(load_book(source) if is_book(source) else load_config(source))


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
        return Problem(replace(load_config(path / "config.yaml"), figures=record.figures, changes=record.changes))

    return Result(record, problem, folder=path)


class Problem:
    """A config with its city and instance, both made on demand. Immutable: the methods `with_…` return another problem.

    Parameters
    ----------
    loaded
        The config and where its figures come from; see `read_config`.
    cache
        Folder that keeps travel distances. By default SITING_CACHE, else `.cache` in the folder of the runs where
        that exists, else the user's cache folder.
    journal
        Records phases and notes; by default they go nowhere.
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
        """Return the name, city and number of targets."""
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
        asked = {"at_most": at_most} if at_least is None else {"at_least": at_least}
        return self.with_values({"targets": {id: asked}}, origin=f"target {id}")

    def with_scenario(self, name: str, *, base: Result | None = None) -> Problem:
        """Return the problem of a scenario of the config, named after both.

        Parameters
        ----------
        name
            Name of the scenario in the section `scenarios`.
        base
            Result that signed values of targets (`+20`) are added to; the facilities that stand today by default.

        Raises
        ------
        ConfigError
            If there is no such scenario, or it changes an unknown key: the message has the nearest name.
        """
        scenarios = self.loaded.source.scenarios
        if name not in scenarios:
            cure = did_you_mean(name, scenarios, f"there are {', '.join(scenarios) or 'none'}")
            raise ConfigError(f"scenario {name}: unknown; {cure}")
        keys = {"name": f"{self.config.name}-{name}", **scenarios[name]}
        own, title = keys.get("title", name), self.config.title
        en, zh = (own.get(one, name) if isinstance(own, Mapping) else own for one in ("en", "zh"))
        keys["title"] = {"en": f"{title.en}: {en}", "zh": f"{title.zh}：{zh}"}
        return self.with_values(keys, base=base, origin=f"scenario {name}")

    def with_values(self, values: Mapping[str, Any], *, base: Result | None = None, origin: str = "changes") -> Problem:
        """Return the problem with other values, which its results list; see docs/reference/scenarios.md.

        Parameters
        ----------
        values
            Values by key: sections as in a scenario, or addresses in one line: `{"count-sorting.at_most": 20}` (a key
            of a target), `{"wage.attendant": "low"}` (a parameter), `{"money.carbon_cny_per_t": 150}`.
        base
            Result that signed values of targets (`+20`) are added to; the facilities that stand today by default.
        origin
            Where the values come from, as messages name it.

        Raises
        ------
        ConfigError
            If a key is not known, with the nearest one, or a value cannot be used: all faults in one list.
        """
        run = None if base is None else base.record
        reference = Baseline(self.config, self._districts, lambda: self.instance, run).reference
        keys = nested(values, self.loaded, origin, reference)
        return self.with_loaded(overlaid(self.loaded, keys, origin, reference))

    def _districts(self) -> list[tuple[str, str, str]]:
        """Return code, English name and Chinese name of each district."""
        names = self.city.districts[["code", "name_en", "name_zh"]]
        return [(str(code), str(en), str(zh)) for code, en, zh in names.itertuples(index=False)]

    def with_sites(self, *, must_open: str | Sequence[str] = (), must_close: str | Sequence[str] = ()) -> Problem:
        """Return the problem with more sites fixed open or closed, in addition to those of the config.

        Parameters
        ----------
        must_open
            Ids of candidate sites where a facility opens in every plan.
        must_close
            Ids of sites that stay closed; an existing facility is closed at its closing cost.

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

    def with_decisions(self, *paths: str | Path) -> Problem:
        """Return the problem with decisions of reviewers, as saved from the map, in addition to those of the config.

        Raises
        ------
        FileError
            If a file cannot be read.
        ConfigError
            If a file is no list of decisions, reviewers contradict each other or the config: all in one list.
        """
        taken = read_decisions(paths)
        known, sites = set(self.city.candidates["id"]), self.config.sites
        faults = unknown("decisions", "candidate", [site for one in taken for site in one.holds], known)
        for one in taken:
            against = [site for site, is_open in one.holds.items() if site in _held(sites, is_open=not is_open)]
            faults += [f"decision {one}: the config holds {site} the other way; settle it" for site in against]
        raise_faults(faults, ConfigError)
        decisions = [one.model_dump(exclude_none=True) for one in (*sites.decisions, *taken)]
        return self.with_config({"sites": {"decisions": decisions}}, origin="decisions")

    def with_kept(self, path: str | Path) -> Problem:
        """Return the problem in which the sites of a file stay open: those of a run, or of any table with a column id.

        Raises
        ------
        FileError, DataError
            If the file cannot be read, or has no column of ids.
        ConfigError
            If a site is no candidate, or the config holds it closed: all in one list.
        """
        ids = [one.id for one in read_placed(path)]
        known = set(self.city.candidates["id"])
        against = [one for one in ids if one in self.config.sites.must_close]
        closed = [f"{path}: site {one} is in sites.must_close; keep it in one" for one in against]
        raise_faults([*unknown(str(path), "candidate", ids, known), *closed], ConfigError)
        return self.with_sites(must_open=ids)

    def with_near(self, result: Result, *, at_most_changes: float) -> Problem:
        """Return the problem whose plans differ from that of a result at no more than so many facilities.

        A change is a facility that opens, closes, or becomes one of another type or size. Facilities of the result
        that this problem does not have are changes too. Of several years each counts against its own. The limit is
        the target `changes`, of which `siting prices` tells what one change more or less is worth.

        Parameters
        ----------
        result
            The plan to stay near, which is a good `start` of the solve too.
        at_most_changes
            Number of facilities.

        Raises
        ------
        ConfigError
            If the number is negative, or the config has a target of another kind with the id `changes`.
        """
        rows = self.loaded.source.raw.get("targets", ())
        kept = [row for row, one in zip(rows, self.config.targets, strict=True) if one.measure is not Measure.CHANGES]
        limit = {"id": "changes", "unit": "city", "measure": "changes", "at_most": at_most_changes}
        return self.with_config({"near": near_section(result.record), "targets": [*kept, limit]}, origin="near")

    def with_config(self, changes: Mapping[str, Any], *, origin: str = "changes") -> Problem:
        """Return the problem with other keys of its config: mappings are merged, other values replaced, None removes.

        Raises
        ------
        ConfigError
            If the config does not allow a key or value; the message begins with `origin`.
        """
        return self.with_loaded(self.loaded.with_keys(changes, origin))

    def with_loaded(self, loaded: Loaded) -> Problem:
        """Return the problem of another config; city and instance are reused where they are the same."""
        problem = Problem(loaded, cache=self.cache, journal=self._journal.fork())
        made, config = self.__dict__, loaded.config
        if "city" in made and config.city == self.config.city:
            problem.__dict__["city"] = made["city"]
        if "prepared" in made and _makes_same_instance(config, self.config):
            problem.__dict__["prepared"] = made["prepared"]
        return problem

    def check(self) -> tuple[Finding, ...]:
        """Return reasons against any plan that need no solve, fatal ones first; without any one may still not exist."""
        return tuple(check_arithmetic(self.instance))

    def export(self, path: str | Path) -> None:
        """Write the model as `.lp` or `.mps`.

        Raises
        ------
        FileError
            If the suffix is another one, or the file cannot be written.
        """
        export_model(build_whole(self.instance).model, Path(path))

    def sensitivity(
        self,
        result: Result,
        *,
        seconds: float | None = None,
        most: int = 10,
        progress: Callable[[str, int, int], None] = lambda _key, _done, _n: None,
    ) -> Answer:
        """Report how far assumed figures move the cost of a plan, and which sites open or close with them.

        Parameters
        ----------
        result
            A result of this problem, whose plan is fixed.
        seconds
            Time limit of a new plan at each end of the first figures, s; 0: no new plans. None: 5 where the exact
            engine solves the problem, 0 where the city engine does.
        most
            Number of figures with new plans.
        progress
            Called with the key of each figure tried, the number done and the number of all.

        Raises
        ------
        ConfigError
            If no figure of the config is assumed or recalled with a range, or the result is of another config.
        """

        def make(values: Mapping[str, Any]) -> Instance:
            parameters = {f"parameters.{key}": value for key, value in values.items()}
            return (self.with_values(parameters, origin="sensitivity") if parameters else self).instance

        if result.record.instance.sites.id.tolist() != self.instance.sites.id.tolist():
            raise ConfigError(f"{result.name}: its run is of other sites than {self.config.name}; run the config again")
        if seconds is None:
            is_small = engine_for(build_whole(self.instance), self.config.solve.engine) == "exact"
            seconds = PLANNED_S if is_small else 0.0
        figures = doubted_parameters(self.loaded)
        return sensitivity_of(result.results, figures, make, seconds=seconds, most=most, progress=progress)

    def score(self, path: str | Path, *, seconds: float = 120.0) -> Answer:
        """Score the facilities of a file: their cost with optimal flows and the targets they miss. No other site opens.

        Parameters
        ----------
        path
            CSV, Excel or GeoPackage with a column `id` of candidates, and `type` and `size` where it matters; the
            workbook or the folder of a run.
        seconds
            Time limit of the flows, s.

        Raises
        ------
        FileError, DataError
            If the file cannot be read or has no column of ids.
        ConfigError
            If an id, type or size is not known: all in one list.
        InfeasibleError
            If the facilities cannot do what must be done, even with all targets missed.
        """
        return score_facilities(self.loaded, self.prepared, path, seconds=seconds)

    def solve(self, *, start: Result | None = None, watch: Watch | None = None, **settings: Unpack[Settings]) -> Result:
        """Solve, verify the plan independently of the solver, and return the result. Nothing is written.

        Parameters
        ----------
        start
            A result to start from, also of another config: the feasible part of its plan is kept, the rest is
            repaired, and the log has the numbers of facilities kept, dropped and added.
            Its multipliers prove a first bound where the model has the same number of rows.
        watch
            Called with the progress of the solve, from another thread.
        **settings
            Override the keys of `solve:` in the config: `time_limit_s` (s), `work` (counted, about 1 per
            second; repeatable unless time ends the solve), `gap` (a share, 0.01 is 1 %),
            `engine` (`auto`, `exact` or `city`), `solver`, `threads` and `seed`.

        Raises
        ------
        InfeasibleError
            If no plan meets the targets; the message lists which and how far each can be reached.
        OutOfTimeError
            If the time limit came before any plan.
        RefusedPlanError
            If the plan that was found does not hold; its `result` has the plan.
        ConfigError, DataError, FileError, SolverError
            If the config, the city or the solver cannot be used.
        """
        # refuse wrong settings before the work begins
        problem = self.with_config({"solve": settings}, origin="solve")
        prepared, journal = self.prepared, self._journal.fork()
        whole, begun = self.with_config({"solve": settings}, origin="solve"), None if start is None else start.record
        try:
            record = solve_run(prepared, problem.loaded, journal, watch=watch, start=begun)
        except RefusedPlanError as error:
            raise RefusedPlanError(str(error), Result(error.result, whole, journal=journal)) from None
        return Result(record, whole, journal=journal)

    def front(
        self,
        points: int | None = None,
        *,
        known: Callable[[Problem], Result | None] = lambda _: None,
        found: Callable[[Result], object] = lambda _: None,
        watch: Watch | None = None,
        **settings: Unpack[Settings],
    ) -> tuple[tuple[FrontPoint, Result], ...]:
        """Compute a Pareto front between the two goals of the section `pareto`: each plan with its result.

        Parameters
        ----------
        points
            How many plans, instead of the config's.
        known
            Called for each point with its problem, of the name `NAME-front-1` and so on; returns its result from
            before, or None. One of another level or of other goals is not used.
        found
            Called with the result of each point as soon as it is solved and verified; what it raises ends the front.
            Ctrl-C ends it too, once the best plan of the point so far has been kept.
        watch
            Called with the progress of each solve, from another thread.
        **settings
            Keys of `solve:` in the config; limits are for each solve.

        Raises
        ------
        ConfigError
            If the config has no such section.
        InfeasibleError, OutOfTimeError, RefusedPlanError
            As of `solve`.
        """
        problem = self.with_config({"solve": settings}, origin="solve")
        config = problem.config
        if config.pareto is None:
            raise ConfigError("pareto: the config has no such section; add one with two goals (see docs/model.md)")
        inputs, prepared, journal = input_digests(problem.loaded), problem.prepared, problem._journal.fork()
        refuse_impossible(problem.check())
        results: dict[int, Result] = {}

        def point(number: int, held: Instance, goals: tuple[Target, ...], solve: Callable[[], Outcome]) -> Outcome:
            named = problem.with_config({"name": f"{config.name}-front-{number}"}, origin="front")
            earlier = known(named)
            outcome = None if earlier is None else outcome_of(earlier.record, held, goals)
            if earlier is not None and outcome is not None:
                results[number] = earlier
                return outcome
            own, _ = journal.fork(), was_put_off()
            with own.phase("front"):
                outcome = solve()
            results[number] = Result(record_of(prepared, named.loaded, outcome, inputs, own), named, journal=own)
            found(results[number])
            if was_put_off() or outcome.solution.status is Status.INTERRUPTED:
                raise KeyboardInterrupt  # the plan of this point is kept, and the front ends here
            return outcome

        (first, _), (second, _) = prepared.front
        asked = config.solve.model_dump() | {"points": points or config.pareto.points}
        made = front(prepared.instance, (first, second), watch=watch, point_solver=point, **asked)
        return tuple((one, results[one.number]) for one in made)


def _makes_same_instance(config: Config, other: Config) -> bool:
    """Return whether two configs differ in nothing that the instance depends on."""
    return all(
        getattr(config, name) == getattr(other, name) for name in Config.model_fields if name not in WITHOUT_INSTANCE
    )


def _held(sites: SiteChoices, *, is_open: bool) -> tuple[str, ...]:
    """Return the sites that a config holds open, or closed."""
    return sites.must_open if is_open else sites.must_close
