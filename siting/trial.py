"""A plan tried where residents or demand turn out otherwise: verdict, tables, page and files."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from siting.behaviour import WalkTo
from siting.errors import ConfigError
from siting.evaluate import Draw, Evaluation, evaluate, stage_to_try
from siting.evaluate.report import evaluation_summary, facility_risks, sample_table, spare_by_echelon, verdict
from siting.files import write_csv, write_file, write_json
from siting.language import Label, listed, text
from siting.page import Page
from siting.render.evaluation import chain_spread_table, missed_table, risk_table, spare_table, spread_table
from siting.render.html.report.evaluation import Face, draw_evaluation
from siting.render.xlsx.plan import default_language
from siting.render.xlsx.write import workbook_bytes
from siting.results.behaviour import behaviour_summary
from siting.results.behaviour import verdict as behaviour_verdict
from siting.results.results import Results
from siting.runs.manifest import note_file


class Trial:
    """A plan in drawn years of demand, and if residents walk to the nearest open point.

    Parameters
    ----------
    results
        The results of the year or case that is tried.
    tried
        The plan in the drawn years; none may have been drawn.
    """

    def __init__(self, results: Results, tried: Evaluation) -> None:
        self.results, self.tried = results, tried

    @property
    def verdict(self) -> str:
        """The conclusion, in a few sentences."""
        return self._verdict.en

    @cached_property
    def years(self) -> pd.DataFrame:
        """One row for each drawn year; columns as in evaluation.csv."""
        return sample_table(self.tried)

    @cached_property
    def facilities(self) -> pd.DataFrame:
        """One row for each open facility, those that overflow most often first; as in evaluation-facilities.csv.

        Without drawn years: `load_if_nearest_t`, `held_t` and `overload_t` of each.
        """
        return facility_risks(self.tried) if self._has_years else self.results.behaviour.loads.drop(columns="site")

    @cached_property
    def spare(self) -> pd.DataFrame:
        """Cost of spare capacity, one row for each echelon; empty without drawn years."""
        return spare_by_echelon(self.facilities) if self._has_years else pd.DataFrame()

    @property
    def summary(self) -> dict[str, Any]:
        """Content of evaluation.json."""
        draw = self.tried.draw
        how: dict[str, Any] = {
            "run": self.results.name,
            "stage": self.results.period,
            "behaviour": self.tried.walk_to.value,
        }
        how |= {"samples": draw.samples, "seed": draw.seed, "cv": draw.cv, "law": draw.law.value, "demand": draw.mean}
        walked = {"if_nearest": behaviour_summary(self.results.behaviour)} if self._is_walked else {}
        return evaluation_summary(self.tried, how | walked) if self._has_years else how | walked

    @property
    def title(self) -> Label:
        """Title of the page and of the table on the terminal."""
        if not self._has_years:
            return text("behaviour.title")
        stage = text("evaluate.of_stage", stage=self.results.period) if self.results.period else ""
        return text("evaluate.title", years=len(self.tried.samples), stage=stage)

    @property
    def drawn(self) -> Label:
        """Sentence on how the random demand years were drawn."""
        draw = self.tried.draw
        law, walk_to = text(f"evaluate.law.{draw.law}"), text(f"evaluate.walk_to.{self.tried.walk_to}")
        figures = {"mean": f"{draw.mean:g}", "cv": f"{draw.cv:g}", "seed": draw.seed}
        return text("evaluate.drawn", law=law, walk_to=walk_to, **figures)

    def page(self) -> Page:
        """Draw the page, in English and Chinese."""
        risks = self.facilities if self._has_years else None
        page = draw_evaluation(self.results, self.tried, risks=risks, face=Face(self.title, self.drawn))
        return Page(page, f"{self.results.name}-evaluation")

    def write(self, folder: str | Path) -> list[Path]:
        """Write evaluation.html and .json and, of drawn years, .csv, -facilities.csv and .xlsx; return their paths.

        Raises
        ------
        FileError
            If a file cannot be written.
        """
        folder = Path(folder)
        write_file(folder / "evaluation.html", self.page().text)
        write_json(folder / "evaluation.json", self.summary)
        written = [folder / "evaluation.html", folder / "evaluation.json"]
        if self._has_years:
            tables = {"evaluation.csv": self.years, "evaluation-facilities.csv": self.facilities.round(4)}
            for name, table in tables.items():
                write_csv(folder / name, table)
            write_file(folder / "evaluation.xlsx", self._workbook())
            written += [folder / name for name in (*tables, "evaluation.xlsx")]
        for path in written:
            note_file(path)
        return written

    def _workbook(self) -> bytes:
        names, by_chain = self.results.facility_labels, chain_spread_table(self.tried)
        tables = (
            spread_table(self.tried),
            *([by_chain] if by_chain.rows else []),
            spare_table(self.spare),
            risk_table(self.facilities, names, is_whole=True),
            missed_table(self.tried),
        )
        return workbook_bytes(tables, default_language(self.results.run))

    @property
    def _has_years(self) -> bool:
        return bool(self.tried.samples)

    @property
    def _is_walked(self) -> bool:
        return self.tried.walk_to is WalkTo.NEAREST

    @property
    def _verdict(self) -> Label:
        walked = behaviour_verdict(self.results.run.instance, self.results.behaviour)
        parts = [walked] if self._is_walked else []
        return listed([*parts, *([verdict(self.tried, self.facilities)] if self._has_years else [])], " ", "")

    def __repr__(self) -> str:
        """Return the name and the verdict."""
        return f"<Trial {self.results.name}: {self.verdict}>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.verdict)}</p>{self.facilities.head(12).to_html(index=False, border=0)}"


def try_plan(
    results: Results,
    draw: Draw,
    *,
    walk_to: WalkTo = WalkTo.ASSIGNED,
    stage: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Trial:
    """Try the plan of a run in drawn years; `stage` None: the last year, or the likeliest case.

    Raises
    ------
    ConfigError
        If the run has no stage of that name, or there is nothing to try: no years and residents as assigned.
    """
    if draw.samples == 0 and walk_to is WalkTo.ASSIGNED:
        raise ConfigError("samples 0: nothing is drawn; give 1 or more, or let residents walk to the nearest point")
    record = results.run
    whole, plans = record.whole_instance, record.solution.plans
    try:
        number = stage_to_try(whole, stage)
    except KeyError:
        names = None if whole.stages is None else ", ".join(whole.stages.name)
        known = "it has one only; leave the stage out" if names is None else f"there are {names}"
        raise ConfigError(f"stage {stage}: the run has no such year or case; {known}") from None
    before = plans[number - 1] if number and whole.stages is not None and whole.stages.is_nested else None
    tried = evaluate(whole.at_stage(number), plans[number], draw, walk_to=walk_to, before=before, progress=progress)
    return Trial(list(results.by_period.values())[number], tried)
