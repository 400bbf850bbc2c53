"""The result of a solve: tables, figures, pages, and the run folder."""

from __future__ import annotations

import contextlib
import enum
import html
import math
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import geopandas as gpd
import pandas as pd

from siting.audit import Audit, audit_run, read_summary
from siting.behaviour import WalkTo
from siting.errors import ConfigError, VerificationError, raise_faults
from siting.evaluate import Draw, Law
from siting.journal import Journal
from siting.language.quantities import quantity
from siting.page import Page
from siting.plan import Solution
from siting.render.html.map.page import draw_map
from siting.render.html.report.page import draw_report
from siting.results.chains import ChainTotals
from siting.results.publication import publish
from siting.results.record import RunRecord
from siting.results.results import Results
from siting.results.targets import standing
from siting.runs.folder import changed_tables, write_run
from siting.runs.manifest import changed_files
from siting.trial import Trial, try_plan
from siting.vocabulary import Echelon

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
        """`optimal`, `gap_reached` (proven within the gap asked), `time_limit` or `interrupted`."""
        return self.solution.status.value

    @property
    def cost_cny(self) -> float:
        """Net cost of the plan, CNY a year: income is deducted."""
        return self.solution.cost_cny

    @property
    def bound_cny(self) -> float:
        """Proven lower bound on the cost of every plan of this problem, CNY a year; −inf if not known."""
        return self.solution.bound_cny

    @property
    def gap(self) -> float:
        """(cost − bound) / cost, a share; of the objective, where that is not cost."""
        return self.solution.gap

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
        """Facilities of any period, open or closed by the plan: see `facilities` in docs/run-folder.md.

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
            # tables are made of a plan that holds
            changed = changed_tables(self.folder, self.results) if audit.holds else []
            audit = replace(audit, faults=(*audit.faults, *changed_files(self.folder), *changed))
        if check:
            raise_faults(audit.faults, VerificationError)
        return audit

    def evaluate(
        self,
        samples: int = 100,
        *,
        seed: int = 1,
        cv: float = 0.15,
        law: str = "lognormal",
        behaviour: str = "assigned",
        stage: str | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Trial:
        """Try the plan in years of demand drawn at random, and if residents walk to the nearest point.

        Parameters
        ----------
        samples
            Number of years; 0: the planned year alone, for `behaviour="nearest"`.
        seed, cv, law
            Of the factors on the tonnes of each district and material: `lognormal` or `normal`, with mean 1 and this
            coefficient of variation. The same seed gives the same years.
        behaviour
            `assigned`: residents go where the plan assigns them; `nearest`: they walk to the nearest open point.
        stage
            Year or case to try; by default the last year, or the likeliest case.
        progress
            Called with the number of years done.

        Raises
        ------
        ConfigError
            If law, behaviour or stage is not known, or there is nothing to try.
        """
        law_of, walk_to = _named(Law, "law", law), _named(WalkTo, "behaviour", behaviour)
        draw = Draw(samples, seed, cv, law_of)
        return try_plan(self.results, draw, walk_to=walk_to, stage=stage, progress=progress)

    def write(self, path: str | Path, parts: Collection[str] | None = None, *, overwrite: bool = False) -> None:
        """Write the run folder, whole or not at all; a former run of the same config is kept beside it, numbered.

        Parameters
        ----------
        path
            The folder, as `runs/heping`.
        parts
            Of `map`, `report`, `workbook` and `tables`; all by default. What `read_run` needs is always written.
        overwrite
            Whether the run replaces the one that stands there, be it of another config.

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
        with journal.phase("outputs"):
            write_run(folder, self.record, parts, overwrite=overwrite)
        self.record = replace(self.record, stages=tuple(journal.phases), log=journal.text)
        with contextlib.suppress(OSError), (folder / "log.txt").open("a", encoding="utf-8") as log:
            log.write(journal.lines[-1] + "\n")  # how long writing took; the run is whole without it

    def public(self, approval_number: str | None = None) -> Result:
        """Return the result for the public (公开版): coarse places, no cells, room for the map approval number."""
        return Result(publish(self.record, approval_number), folder=self.folder)

    def map(self, *, basemap: str | None = None, key: str | None = None) -> Page:
        """Draw the interactive map.

        Parameters
        ----------
        basemap
            Online tiles under the plan: `osm`, `tianditu` or `amap`; by default none, and no network is needed.
        key
            Key to Tianditu; it can be read in the page.
        """
        return Page(draw_map(self.results, basemap=basemap, key=key), f"{self.name}-map")

    def report(self) -> Page:
        """Write the report: one page to decide by, then all figures, in English and Chinese."""
        return Page(draw_report(self.results), f"{self.name}-report")

    def __repr__(self) -> str:
        """How the solve ended, in a few lines."""
        overview = self._overview()
        width = max(10, *map(len, overview))
        lines = (f"  {label:<{width}} {value}" for label, value in overview.items())
        return "\n".join((f"<Result {self.name}>", *lines))

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align:left">{html.escape(label)}</th>'
            f'<td style="text-align:left">{html.escape(value)}</td></tr>'
            for label, value in self._overview().items()
        )
        caption = html.escape(self.record.config.title.en)
        return f'<table><caption style="text-align:left"><b>{caption}</b></caption><tbody>{rows}</tbody></table>'

    def _overview(self) -> dict[str, str]:
        solution, outcomes, chains = self.solution, self.record.verification.targets, self.results.last.chain_totals
        gap = f"{100 * self.gap:.2f} %" if math.isfinite(self.gap) else "not known"
        bound = f"{self.bound_cny:,.0f} CNY/yr" if math.isfinite(self.bound_cny) else "not known"
        return {
            **{one.chain.label.en: _per_unit(one) for one in chains},
            "status": f"{self.status.replace('_', ' ')}, {solution.engine} engine, {solution.seconds:,.1f} s",
            "cost" if len(chains) == 1 else "cost of both": f"{self.cost_cny:,.0f} CNY/yr",
            "bound": bound,
            "gap": gap,
            "open": self._open_counts(),
            "targets": standing(outcomes).en,
        }

    def _open_counts(self) -> str:
        instance, plan = self.record.instance, self.solution.plan
        echelon = instance.option_echelon()[plan.is_open]
        counts = {one: int((echelon == one).sum()) for one in Echelon}
        parts = (f"{n:,} {(one.singular if n == 1 else one.label).en}" for one, n in counts.items() if n)
        return ", ".join(parts) or "nothing"


def _per_unit(one: ChainTotals) -> str:
    """Return the cost of a chain by tonne, by resident where it has residents, and a year."""
    amounts = ((one.cost_cny_per_t, "CNY/t"), (one.cost_cny_per_resident, "CNY per resident"), (one.cost_cny, "CNY/yr"))
    return ", ".join(quantity(value, unit).en for value, unit in amounts if math.isfinite(value))


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
