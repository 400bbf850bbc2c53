"""The result of a solve: tables, figures, pages, and the run folder."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import pandas as pd

from siting.alternatives import alternatives_of
from siting.answer import Answer
from siting.audit import Audit, audit_run, read_summary
from siting.behaviour import WalkTo
from siting.binding import explain_target
from siting.breakeven import break_even
from siting.errors import ConfigError, VerificationError, raise_faults
from siting.evaluate import Draw, Law
from siting.instance import Instance
from siting.journal import Journal
from siting.overview import overview_html, overview_text
from siting.page import Page
from siting.plan import Solution
from siting.prices import Effort, price_run
from siting.render.html.map.page import draw_map
from siting.render.html.report.page import draw_report
from siting.results.publication import publish
from siting.results.record import RunRecord
from siting.results.results import Results
from siting.runs.folder import write_run
from siting.runs.judge import changed_figures, changed_pages, changed_tables
from siting.runs.manifest import changed_files
from siting.runs.modelfile import changed_model
from siting.sites import explain_decisions, explain_site, explain_sites
from siting.straight import price_straight_run
from siting.trial import Trial, try_plan
from siting.versus import explain_versus

if TYPE_CHECKING:
    from siting.problem import Problem


Named = TypeVar("Named", bound=enum.StrEnum)


class Result:
    """A plan with its proven bound, its tables, and how it was made.

    Tables are computed when they are first asked for. Tonnes (`_t`) and money (`_cny`, `_cny_per_year`) are a year,
    shares (`_share`) are in [0, 1], distances are m or km by suffix; geometries are WGS-84 (lon, lat). A missing value
    means: not known, or does not apply. Where a config plans several years or cases, the column `period` has their
    names.

    Parameters
    ----------
    record
        The run.
    problem
        The problem that was solved, or a function that makes it when it is first needed.
    journal
        The log of the solve.
    folder
        The run folder that the result was read from.
    """

    def __init__(
        self,
        record: RunRecord,
        problem: Problem | Callable[[], Problem] | None = None,
        *,
        journal: Journal | None = None,
        folder: Path | None = None,
    ) -> None:
        self.record, self.folder = record, folder
        self._problem, self._journal = problem, journal

    # how the solve ended

    @property
    def name(self) -> str:
        """Name of the config."""
        return self.record.config.name

    @property
    def solution(self) -> Solution:
        """The decisions as arrays in the row order of the instance, with status, bound and certificate."""
        return self.record.solution

    @property
    def status(self) -> str:
        """`optimal`, `gap_reached`, `search_ended` (nothing gained any more), or what ended the solve before.

        That is `work_limit`, `time_limit` or `interrupted`. The gap reached is proven and within the one asked.
        """
        return self.solution.status.value

    @property
    def cost_cny(self) -> float:
        """Cost of the plan, CNY a year, as it was minimised: less income, with penalties of missed soft targets."""
        return self.solution.cost_cny

    @property
    def paid_cny(self) -> float:
        """Net cost of the plan without penalties, which nobody pays, CNY a year."""
        return self.results.paid_cny

    @property
    def bound_cny(self) -> float:
        """Proven lower bound on the cost of every plan of this problem, CNY a year; −inf if not known."""
        return self.solution.bound_cny

    @property
    def gap(self) -> float:
        """(cost − bound) / cost, a share; of the objective, where that is not cost."""
        return self.solution.gap

    @property
    def floor_cny(self) -> float:
        """Part of the cost that every plan pays for its tonnes, CNY a year: a bound too. 0 where none is proven.

        Operation, purchase and disposal by the tonne less income, and capacity at its lowest price a tonne. nan where
        cost is not minimised.
        """
        return self.solution.floor_cny

    @property
    def decidable_gap(self) -> float:
        """(cost − bound) / (cost − floor), a share: the gap of what a plan decides; nan where cost is not minimised."""
        return self.solution.decidable_gap

    @property
    def problem(self) -> Problem:
        """The problem that was solved.

        Raises
        ------
        ConfigError
            If the result is one for the public.
        """
        if self._problem is None:
            raise ConfigError(f"{self.name}: a result for the public has no problem; use the result that it is of")
        if callable(self._problem):
            self._problem = self._problem()
        return self._problem

    # tables

    @cached_property
    def results(self) -> Results:
        """Every table and figure of the outputs."""
        return Results(self.record)

    @property
    def facilities(self) -> gpd.GeoDataFrame:
        """Facilities of any period, open or closed by the plan: see `facilities` in docs/reference/run-folder.md.

        `id`, `echelon`, `type`, `size`, `district`, `capacity_t`, `throughput_t`, `utilisation_share`,
        `residents_served`, `investment_cny` (once), costs a year, `action` (keep, upgrade, close, build) and more.
        """
        return self.results.facilities.drop(columns=["site", "option"])

    @property
    def flows(self) -> gpd.GeoDataFrame:
        """Hauls: `from`, `to`, `link_class`, `material`, `tonnes` (t a year), `distance_km`, `cny` (a year)."""
        return self.results.flows

    @property
    def assignments(self) -> gpd.GeoDataFrame:
        """Population cells by recycling point: `cell`, `point`, `share`, `residents`, `distance_m`, `tonnes`."""
        return self.results.assignments

    @property
    def targets(self) -> pd.DataFrame:
        """Targets: `id`, `unit`, `measure`, `asked`, `reached`, `margin` (in `measured_in`), `holds` and more."""
        return self.results.targets

    @property
    def districts(self) -> gpd.GeoDataFrame:
        """Districts with their outline: `code`, names, residents, tonnes and shares covered."""
        return self.results.districts

    @property
    def costs(self) -> pd.DataFrame:
        """Cost by term: `term`, labels, `cny_per_year` (income is negative), `spent_share` (nan for income)."""
        return self.results.costs

    @property
    def chains(self) -> pd.DataFrame:
        """Chains (households; commerce and industry): residents, tonnes, cost, `cost_cny_per_t`, investment, terms."""
        return self.results.chains

    @property
    def payers(self) -> pd.DataFrame:
        """Payers by the config's `payers`: their part of the cost of each chain, subsidies, and what is paid once."""
        return self.results.payers

    @property
    def key_figures(self) -> pd.DataFrame:
        """Key figures: `key`, labels, `value`, `unit`, and the published range they are compared with."""
        return self.results.key_figures

    @property
    def actions(self) -> pd.DataFrame:
        """Action list (责任清单): the targets of each responsibility unit and what to do with its facilities."""
        return self.results.actions

    # what can be done with it

    def verify(self, *, check: bool = True) -> Audit:
        """Recompute cost, targets and bound from the instance and the plan, without the solver.

        Parameters
        ----------
        check
            Raise if something differs; otherwise the audit lists it in `faults`.

        Raises
        ------
        VerificationError
            If the plan breaks a rule, or a figure differs from what the run claims: all in one list.
        """
        audit = audit_run(self.record, None if self.folder is None else read_summary(self.folder))
        if self.folder is not None:
            audit = replace(audit, faults=(*audit.faults, *self._changes_in(self.folder, is_sound=audit.holds)))
        if check:
            raise_faults(audit.faults, VerificationError)
        return audit

    def _changes_in(self, folder: Path, *, is_sound: bool) -> list[str]:
        """Return the faults of the files of the folder; tables and pages are made anew of a plan that holds."""
        faults = [*changed_files(folder), *changed_model(folder, self.record.whole_instance)]
        if is_sound:
            faults += changed_figures(folder, self.results) + changed_tables(folder, self.results)
            faults += changed_pages(folder, self.results)
        return faults

    def evaluate(
        self,
        samples: int = 100,
        *,
        seed: int = 1,
        cv: float = 0.15,
        law: str = "lognormal",
        behaviour: str = "assigned",
        stage: str | None = None,
        demand: float = 1.0,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Trial:
        """Test the plan in random demand years, or with residents who walk to the nearest point.

        Parameters
        ----------
        samples
            Number of years; 0: only the planned year, for `behaviour="nearest"`.
        seed, cv, law
            Seed, coefficient of variation and distribution (`lognormal` or `normal`) of the factors on the tonnes of
            each district and material. The same seed gives the same years.
        behaviour
            `assigned`: residents go where the plan assigns them; `nearest`: they walk to the nearest open point.
        stage
            Year or case to test; by default the last year, or the most likely case.
        demand
            Mean of the factors: 0.8 tests years with a fifth less than planned.
        progress
            Called with the number of years done.

        Raises
        ------
        ConfigError
            If law, behaviour or stage is not known, or there is nothing to test.
        """
        law_of, walk_to = _named(Law, "law", law), _named(WalkTo, "behaviour", behaviour)
        draw = Draw(samples, seed, cv, law_of, demand)
        return try_plan(self.results, draw, walk_to=walk_to, stage=stage, progress=progress)

    def prices(
        self,
        *ids: str,
        curve: str | None = None,
        points: int = 6,
        steps: Mapping[str, float] | None = None,
        seconds: float | None = None,
        threads: int = 1,
        progress: Callable[[str, int, int], None] = lambda *_: None,
    ) -> Answer:
        """Price the next step of targets: one more point of coverage, one more centre, another 1 % of the tonnes.

        Each price is an estimate from multipliers, the extra cost of a plan found, and a proven interval of the
        difference between the minimum costs of the two problems. Earlier prices are read from the run folder.

        Parameters
        ----------
        *ids
            Ids of targets; all by default.
        curve
            Id of a target: price a range of its values instead, below and above its own.
        points
            Number of values of the curve.
        steps
            Sizes of steps by id, in the unit of the measure (0.02 is two percentage points).
        seconds
            Time limit of each target; by default its share of the run's time limit, 5 to 60 s.
        threads
            Processor threads.
        progress
            Called with the id of each target when it is priced, the number done and the number of all.

        Raises
        ------
        ConfigError
            If there is no such target, what is optimised is no cost, or the run has no certificate.
        """
        effort = Effort(seconds, steps, threads)
        return price_run(
            self.results, ids=ids, curve=curve, points=points, effort=effort, folder=self.folder, progress=progress
        )

    def price_straight(self, *, seconds: float | None = None, threads: int | None = None) -> Answer:
        """Compute what a roll-out costs more in its last year than a network planned for that year alone.

        The answer has both costs and a proven interval of the difference, counts of facilities, and the sites that
        differ. The last year alone has its own demand, prices and targets, and no limit on investment.

        Parameters
        ----------
        seconds
            Time limit of the plan for the last year, s; by default time and work of the run.
        threads
            Processor threads; by default as many as the run had.

        Raises
        ------
        ConfigError
            If the run plans one year, the objective is no cost, or the run has no certificate.
        OutOfTimeError
            If the time limit came before any bound.
        """
        return price_straight_run(self.results, seconds=seconds, threads=threads)

    def explain(
        self,
        site: str | None = None,
        *,
        target: str | None = None,
        decisions: str | Path | Sequence[str | Path] | None = None,
        seconds: float = 20.0,
        threads: int = 1,
    ) -> Answer:
        """Explain the sites of a plan: the certainty of each, or of one of them whom it serves, its cost and value.

        Without arguments each station, centre and base is classified: proven to be in every cheaper plan or in none,
        likely, unlikely or exchangeable. That takes no solve.

        Parameters
        ----------
        site
            Id of a site, open or not: find the best plan without it, or with it, and the difference in cost as an
            estimate, by a plan found, and as a proven interval.
        target
            Id of a target: explain what binds it instead.
        decisions
            Files of decisions saved from the map: price each of them instead.
        seconds
            Time limit of the plan without, or with, the site, or of the next step of the target, s.
        threads
            Processor threads.

        Raises
        ------
        ConfigError
            If there is no such site or target, both are given, what is optimised is no cost, or the run has no
            certificate.
        """
        if sum(one is not None for one in (site, target, decisions)) > 1:
            raise ConfigError("explain: several of a site, a target and decisions; give one of them")
        if decisions is not None:
            paths = [decisions] if isinstance(decisions, str | Path) else decisions
            return explain_decisions(self.results, paths, seconds=seconds, threads=threads)
        if target is not None:
            return explain_target(self.results, target, seconds=seconds, threads=threads)
        if site is None:
            return explain_sites(self.results)
        return explain_site(self.results, site, seconds=seconds, threads=threads)

    def break_even(
        self,
        material: str = "all",
        *,
        seconds: float = 60.0,
        threads: int = 1,
        progress: Callable[[float, float], None] = lambda _least, _most: None,
    ) -> Answer:
        """Compute the minimum subsidy per collected tonne at which the network breaks even, as a proven interval.

        Parameters
        ----------
        material
            Id of a material; by default the subsidy is on all.
        seconds
            Time limit of plans at higher subsidies, s.
        threads
            Processor threads.
        progress
            Called with the interval, CNY/t, whenever it may have become narrower.

        Raises
        ------
        ConfigError
            If there is no such material, a target limits subsidies, the dearest case is minimised, what is optimised is
            no cost, or the run has no certificate.
        """
        return break_even(self.results, material, seconds=seconds, threads=threads, progress=progress)

    def explain_versus(self, other: Result, *, seconds: float = 0.0) -> Answer:
        """Report why another run differs: which changed figure moves which cost with this plan fixed, and which sites.

        Parameters
        ----------
        other
            The other run, of the same city.
        seconds
            Time limit of a new plan with each changed figure alone, which shows the sites it moves, s; 0: none.

        Raises
        ------
        ConfigError
            If the runs are of other cities, or nothing of their configs differs.
        """
        problem = self.problem

        def make(keys: Mapping[str, Any]) -> Instance:
            return problem.with_config(keys, origin="versus").instance

        return explain_versus(self.results, other.results, make, seconds=seconds)

    def alternatives(
        self,
        within: float = 0.01,
        count: int = 5,
        *,
        seconds: float = 60.0,
        threads: int = 1,
        progress: Callable[[int], None] = lambda _: None,
    ) -> tuple[Answer, tuple[Result, ...]]:
        """Find other plans that cost little more, with a fifth of their stations and centres elsewhere.

        Return them side by side, and each as a result of its own, with the bound of this one.

        Parameters
        ----------
        within
            Extra cost allowed, as a share of the cost.
        count
            Number of plans to look for.
        seconds
            Time limit of each, s.
        threads
            Processor threads.
        progress
            Called with the number found.

        Raises
        ------
        ConfigError
            If the tolerance or the number is out of range, the objective is not cost, or the run has no certificate.
        """
        found = alternatives_of(
            self.results, within=within, count=count, seconds=seconds, threads=threads, progress=progress
        )
        return found.answer, tuple(Result(record, self._problem) for record in found.records)

    def write(self, path: str | Path, parts: Collection[str] | None = None, *, overwrite: bool = False) -> None:
        """Write the run folder atomically; an earlier run of the same config is kept beside it, numbered.

        Parameters
        ----------
        path
            The folder, as `runs/heping`.
        parts
            Some of `map`, `report`, `workbook` and `tables`; all by default. Files for `read_run` are always written.
        overwrite
            Whether to replace an existing run, also of another config.

        Raises
        ------
        ConfigError
            If a part is not known.
        FileError
            If the folder cannot be written, is no run folder, or holds the run of another config or files that the
            program did not write.
        """
        folder = Path(path)
        if self._journal is None:
            write_run(folder, self.record, parts, overwrite=overwrite)
            return
        journal = self._journal.fork()
        with contextlib.ExitStack() as writing:
            writing.enter_context(journal.phase("outputs"))

            def last_log() -> str:
                writing.close()
                return journal.text

            write_run(folder, self.record, parts, overwrite=overwrite, last_log=last_log)
        self.record = replace(self.record, stages=tuple(journal.phases), log=journal.text)

    def public(self, approval_number: str | None = None) -> Result:
        """Return the edition for the public (公开版): coarse coordinates, no cells, space for the approval number."""
        return Result(publish(self.record, approval_number), folder=self.folder)

    def map(self, *, basemap: str | None = None, key: str | None = None) -> Page:
        """Draw the interactive map.

        Parameters
        ----------
        basemap
            Online tiles under the plan: `osm`, `tianditu` or `amap`; by default none, and no network is needed.
        key
            Tianditu key; it is visible in the source of the page.
        """
        return Page(draw_map(self.results, basemap=basemap, key=key), f"{self.name}-map")

    def report(self) -> Page:
        """Draw the report: a decision page, then all figures, in English and Chinese."""
        return Page(draw_report(self.results), f"{self.name}-report")

    def __repr__(self) -> str:
        """Describe the plan and how the solve ended, in a few lines."""
        return overview_text(self.results)

    def _repr_html_(self) -> str:
        return overview_html(self.results)


def _named(kind: type[Named], argument: str, value: str) -> Named:
    """Return the member of that value.

    Raises
    ------
    ConfigError
        If there is none.
    """
    try:
        return kind(value)
    except ValueError:
        raise ConfigError(f"{argument} {value!r}: not known; choose from {', '.join(kind)}") from None
